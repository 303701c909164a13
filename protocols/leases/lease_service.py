"""Leases: a lock that opens by itself when its holder is silent for too long.

Promise  At most one node owns the lease at any time, without anybody knowing what time it is, and
         whatever becomes of the messages.  A lease that is not renewed is free again after its
         term, also if its holder is dead or cut off.
Model    Links lose, delay, reorder and duplicate.  Nodes crash and come back with what they wrote
         to disk.  Each node has a clock of its own; their times need not agree, but they go at a
         rate of 1, give or take `rho`, and nobody sets them.
Why      The holder counts its term from when it *asked*, the grantor from when it granted, which is
         later.  And the holder counts a shorter one: term * (1-rho)/(1+rho), so that by the slowest
         clock it is over before the full term is over by the fastest.  No bound on delays is
         needed: a grant that comes too late is worth nothing.
Roles    g grants; h1, h2, .. would hold.  `Acquire` asks for the lease, or for more of it, `GiveUp`
         returns it.  With `renew` the holder asks for more at half time, again and again.  Whoever
         is refused asks again every `retry`.  Who owns the lease must be asked of the clock each
         time: between the look at it and the deed there may always be a pause (see fencing).
Cost     2 messages, 2 delays for each grant and each renewal; a grant is 1 disk write, of g.
Source   Gray and Cheriton, "Leases" (1989); the lecture A:259-260, A:430-435.
"""

from fractions import Fraction
from typing import Annotated

from playground.protocol import Ask, Clash, Deadline, Decision, Input, Instant, Message, Model
from playground.protocol import Moment, Nodes, Output, Pid, Role, System, Timer, Verdict
from playground.protocol import always, between, eventually, outputs, pids, ranked, stable, upon
from playground.protocol.model import TRUST, Assumption, Link

Epoch = Annotated[int, ranked]  # numbers the grants; what the holder does can be told by it
Nonce = tuple[int, Annotated[int, ranked]]  # numbers the questions of a node, over all its lives


# fmt: off
class LeaseReq(Message,   label="LEASE_REQ"):   nonce: Nonce; term: Instant
class LeaseGrant(Message, label="LEASE_GRANT"): nonce: Nonce; epoch: Epoch; term: Instant
class Renew(Message,      label="RENEW"):       epoch: Epoch; nonce: Nonce
class Release(Message,    label="RELEASE"):     epoch: Epoch
class Deny(Message,       label="DENY"):        nonce: Nonce
class Retry(Timer):                             pass
class RenewNow(Timer):                          pass
class Expire(Timer):                            pass
# fmt: on


class Acquire(Input):
    """Get the lease, or more of it, please."""


class GiveUp(Input):
    """The lease is needed no more."""


class Acquired(Decision):
    epoch: Epoch


class Lost(Output):
    epoch: Epoch


class Holder(Role):
    """Would own the lease."""

    grantor: Pid
    term: Instant
    rho: Fraction
    retry: Instant
    renew: bool
    incarnation: int = stable(0)
    count: Annotated[int, ranked] = 0
    wanted: bool = False
    asked: Nonce | None = None  # what it waits for an answer to
    t0: Moment | None = None  # when it asked that
    epoch: Epoch = 0
    expiry: Deadline | None = None

    def recover(self) -> None:
        """You own nothing any more; and no answer to a question of your last life is for you."""
        self.incarnation += 1

    def owns(self) -> bool:
        """May it act as the owner now?"""
        return self.expiry is not None and self.local_time() < self.expiry

    @upon(Acquire)
    def acquire(self) -> None:
        """From now on it wants the lease."""
        self.wanted = True
        self.ask()

    def ask(self) -> None:
        """Look at the clock, and ask for the lease, or as its owner for more of it."""
        self.count += 1
        self.asked = (self.incarnation, self.count)
        self.t0 = self.local_time()
        if self.owns():
            self.send(Renew(self.epoch, self.asked), to=self.grantor)
        else:
            self.send(LeaseReq(self.asked, self.term), to=self.grantor)
        self.set_timer(Retry(), after=self.retry)

    @upon(LeaseGrant)
    def own(self, src: Pid, nonce: Nonce, epoch: Epoch, term: Instant) -> None:
        """The lease is yours, counted from when you asked: the grantor counts from later on."""
        if nonce != self.asked or self.t0 is None:
            return
        expiry = self.expires(self.t0, term)
        self.asked = self.t0 = None
        if expiry > self.local_time():
            self.have(epoch, expiry)

    def expires(self, t0: Instant, term: Instant) -> Instant:
        """When the term is over for sure, though this clock be slow and the grantor's fast."""
        return t0 + term * (1 - self.rho) / (1 + self.rho)

    def have(self, epoch: Epoch, expiry: Instant) -> None:
        left = expiry - self.local_time()
        if epoch != self.epoch:
            self.output(Acquired(epoch))
        self.epoch, self.expiry, self.wanted = epoch, expiry, self.renew
        self.set_timer(Expire(), after=left)
        self.cancel_timer(Retry())
        if self.renew:
            self.set_timer(RenewNow(), after=left / 2)

    @upon(Deny)
    def wait(self, src: Pid, nonce: Nonce) -> None:
        """Another one has it; ask again when it is time."""
        if nonce == self.asked:
            self.asked = self.t0 = None

    @upon(Retry)
    @upon(RenewNow)
    def ask_again(self) -> None:
        """Whoever wants the lease, or more of it, asks until it is granted."""
        if self.wanted:
            self.ask()

    @upon(Expire)
    def lose(self) -> None:
        """The term is over.  Nobody needs this timer: the clock has said so already."""
        self.output(Lost(self.epoch))
        self.epoch, self.expiry = 0, None
        if self.wanted:
            self.ask()

    @upon(GiveUp)
    def release(self) -> None:
        """Stop being the owner, and only then say so."""
        self.wanted, self.asked, self.t0 = False, None, None
        if self.expiry is not None:
            epoch, self.epoch, self.expiry = self.epoch, 0, None
            self.cancel_timer(Expire())
            self.output(Lost(epoch))
            self.send(Release(epoch), to=self.grantor)


class Grantor(Role):
    """Owns the lease by right, and lends it to one node at a time."""

    term: Instant  # the longest that it grants
    epoch: Epoch = stable(0)
    holder: Pid | None = stable(None)
    granted: Nonce | None = None  # the last question of the holder that was answered
    expiry: Deadline | None = None

    def recover(self) -> None:
        """It has forgotten until when the lease is lent: wait as long as any lease can last."""
        self.expiry = self.local_time() + self.term

    def free(self) -> bool:
        """May another one have it?"""
        return self.expiry is None or self.local_time() >= self.expiry

    @upon(LeaseReq)
    def grant(self, src: Pid, nonce: Nonce, term: Instant) -> None:
        """A new grant, with a new epoch; but not as long as another one may believe to own it."""
        if src == self.holder and self.granted is not None and nonce <= self.granted:
            return
        if src != self.holder and not self.free():
            self.send(Deny(nonce), to=src)
            return
        self.epoch += 1
        self.holder = src
        self.lend(src, nonce, min(term, self.term))

    @upon(Renew)
    def extend(self, src: Pid, epoch: Epoch, nonce: Nonce) -> None:
        """The holder may have more, as long as nobody else has had it since."""
        if (src, epoch) == (self.holder, self.epoch):
            self.lend(src, nonce, self.term)
        else:
            self.send(Deny(nonce), to=src)

    def lend(self, src: Pid, nonce: Nonce, term: Instant) -> None:
        self.granted = nonce
        self.expiry = self.local_time() + term
        self.send(LeaseGrant(nonce, self.epoch, term), to=src)

    @upon(Release)
    def take_back(self, src: Pid, epoch: Epoch) -> None:
        """It is free at once; but an old release says nothing about a newer grant."""
        if (src, epoch) == (self.holder, self.epoch):
            self.holder = None
            self.granted = self.expiry = None


def setup(
    holders: int = 2,
    term: Instant = Instant(10),
    rho: Fraction = Fraction(0),
    retry: Instant = Instant(4),
    renew: bool = False,
) -> Nodes:
    """The grantor g and the holders h1.."""
    if holders < 1 or min(term, retry) <= 0 or not 0 <= rho < 1:
        raise ValueError("a lease needs a holder, a term, and clocks that go on")
    h = pids("h", holders)
    return [Grantor("g", term), *(Holder(pid, "g", term, rho, retry, renew) for pid in h)]


def model(nodes: Nodes) -> Model:
    """Anything may happen to messages; clocks drift by at most what the holders reckon with."""
    rho = next(node.rho for node in nodes if isinstance(node, Holder))
    links: tuple[Link, ...] = ("lossy", "duplicating", "reordering")
    return Model(timing="timed", links=links, crashes=len(nodes), drift=rho)


def workload(nodes: Nodes) -> list[Ask]:
    return [("h1", Acquire())]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say: that g grants what was asked first, or that a holder gives back what
    it got first."""
    found: list[tuple[Pid, Pid, Message]] = []
    for holder in nodes:
        if isinstance(holder, Holder):
            grant = LeaseGrant((0, 1), 99, holder.term)
            found += [(holder.grantor, holder.pid, grant), (holder.pid, holder.grantor, Release(1))]
    return found


acquisitions = outputs(Acquired)

CLOCKS: set[Assumption] = {*TRUST, "drift"}


@always("LS.S1", needs=CLOCKS)
def one_owner(system: System) -> Verdict:
    """At most one node believes to own the lease, at any real time."""
    owners = [
        holder.pid
        for holder in system.all(Holder)
        if holder.expiry is not None and system.local_time(holder.pid) < holder.expiry
    ]
    return len(owners) <= 1 or Clash(f"{' and '.join(owners)} own the lease")


@between("LS.S2", sees=[acquisitions], needs=CLOCKS)
def epochs_grow(before: System, after: System) -> Verdict:
    """Who becomes the owner has a higher epoch than all others who were it before."""
    old = before.seen(acquisitions)
    for pid, (epoch,) in sorted(after.seen(acquisitions) - old, key=repr):
        for other, (earlier,) in sorted(old, key=repr):
            if other != pid and earlier >= epoch:
                return Clash(f"{pid} gets epoch {epoch}, {other} had epoch {earlier} before")
    return True


@eventually("LS.L1", sees=[acquisitions], lasting=False)
def served(system: System) -> Verdict:
    """Whoever wants the lease has had it."""
    had = {pid for pid, _ in system.seen(acquisitions)}
    return all(holder.pid in had for holder in system.up(Holder) if holder.wanted)
