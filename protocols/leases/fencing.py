"""Fencing: who has lost the lease without knowing it is kept away from what the lease protects.

Promise  The storage accepts writes in the order of the grants: once it has accepted one of a newer
         epoch, none of an older one changes it any more.  So nobody overwrites what a later owner
         wrote, however long it slept, and however long its writes were on their way.
Model    Links lose, delay, reorder and duplicate; nodes crash, and may pause for any time.  Clocks
         drift as in the lease service, but nothing here depends on them.
Why      A client looks at its lease, and then it writes.  Between the look and the deed there is a
         gap, in the node or on the wire, and no lease is long enough for it: the lease may be over,
         and another client at work.  Only the storage can tell, as it sees who else has written.
Roles    g grants, c1, c2, .. write, s stores.  `Store` gets the lease if need be, looks at it, and
         writes; `Act` is the gap in between.  With policy "token" every write carries the epoch of
         its grant, and s refuses those below the highest that it has seen; who is refused gets a
         new lease, and is restored.  With "kill" g has s cut off the last holder before it grants
         to another; who is cut off is dead for good, and finds out when it writes.
Cost     4 messages, 4 delays, 2 disk writes in a row for a first write; 2 messages, 2 delays and 1
         disk write for another one under the same lease.  A kill costs 2 messages more.
Source   The lecture A:258-259; Gray and Cheriton, "Leases" (1989); Burrows, "The Chubby Lock
         Service" (2006), for the epochs, which it calls sequencers.
"""

from fractions import Fraction
from typing import Annotated, Literal

from playground.protocol import Ask, Clash, Deadline, Decision, Input, Instant, Map, Message, Model
from playground.protocol import Moment, Nodes, Output, Pid, Role, System, Timer, Verdict
from playground.protocol import between, eventually, pids, ranked, stable, upon
from playground.protocol.model import TRUST, Link

Epoch = Annotated[int, ranked]  # numbers the grants: the token that fences
Nonce = tuple[int, Annotated[int, ranked]]  # numbers the messages of a client, over all its lives
Value = str


# fmt: off
class LeaseReq(Message,   label="LEASE_REQ"):   nonce: Nonce
class LeaseGrant(Message, label="LEASE_GRANT"): nonce: Nonce; epoch: Epoch
class Deny(Message,       label="DENY"):        nonce: Nonce
class Write(Message,      label="WRITE"):       epoch: Epoch; nonce: Nonce; value: Value
class Written(Message,    label="WRITTEN"):     nonce: Nonce
class Refused(Message,    label="REFUSED"):     epoch: Epoch
class Kill(Message,       label="KILL"):        who: Pid
class Killed(Message,     label="KILLED"):      who: Pid
class Dead(Message,       label="DEAD"):        pass
class Act(Timer):                               pass
class Retry(Timer):                             pass
# fmt: on


class Store(Input):
    value: Value


class Stored(Decision):
    value: Value


class Fenced(Output):
    """It is not the owner any more, and finds out only now."""


class Client(Role):
    """Writes what it is asked to, while it owns the lease."""

    grantor: Pid
    storage: Pid
    term: Instant
    rho: Fraction
    retry: Instant
    incarnation: int = stable(0)
    dead: bool = stable(False)
    count: Annotated[int, ranked] = 0
    todo: Value | None = None
    asked: Nonce | None = None
    t0: Moment | None = None
    epoch: Epoch = 0
    expiry: Deadline | None = None

    def recover(self) -> None:
        """It owns nothing any more, and what it had to do is forgotten."""
        self.incarnation += 1

    def nonce(self) -> Nonce:
        self.count += 1
        return self.incarnation, self.count

    @upon(Store)
    def store(self, value: Value) -> None:
        """Something has to be written; who is dead does nothing."""
        if not self.dead:
            self.todo = value
            self.look()

    @upon(Retry)
    def look(self) -> None:
        """Look at the lease: while it lasts go ahead and write; else ask for it."""
        if self.todo is None:
            return
        if self.expiry is not None and self.local_time() < self.expiry:
            self.set_timer(Act())
        else:
            self.asked, self.t0 = self.nonce(), self.local_time()
            self.send(LeaseReq(self.asked), to=self.grantor)
        self.set_timer(Retry(), after=self.retry)

    @upon(LeaseGrant)
    def own(self, src: Pid, nonce: Nonce, epoch: Epoch) -> None:
        """The lease is yours, counted from when you asked."""
        if nonce != self.asked or self.t0 is None:
            return
        self.expiry = self.t0 + self.term * (1 - self.rho) / (1 + self.rho)
        self.epoch, self.asked, self.t0 = epoch, None, None
        self.look()

    @upon(Act)
    def write(self) -> None:
        """The deed, some time after the look; who knows how long that was."""
        if self.todo is not None:
            self.send(Write(self.epoch, self.nonce(), self.todo), to=self.storage)

    @upon(Written)
    def finish(self, src: Pid, nonce: Nonce) -> None:
        """It is on the disk of the storage, if that is the answer to your last write."""
        if self.todo is not None and nonce == (self.incarnation, self.count):
            self.output(Stored(self.todo))
            self.todo = None
            self.cancel_timer(Retry())

    @upon(Refused)
    def step_back(self, src: Pid, epoch: Epoch) -> None:
        """Another one has written since: start anew, as one that owns nothing."""
        if epoch > self.epoch:
            self.expiry = None
            self.output(Fenced())

    @upon(Dead)
    def die(self, src: Pid) -> None:
        """You have been taken for dead, and others went on without you: so be dead."""
        if not self.dead:
            self.dead, self.todo, self.asked, self.expiry = True, None, None, None
            self.output(Fenced())


class Grantor(Role):
    """Lends the lease to one client at a time."""

    term: Instant
    storage: Pid
    epoch: Epoch = stable(0)
    holder: Pid | None = stable(None)
    granted: Nonce | None = None
    expiry: Deadline | None = None

    def recover(self) -> None:
        """It has forgotten until when the lease is lent: wait as long as any lease can last."""
        self.expiry = self.local_time() + self.term

    @upon(LeaseReq)
    def grant(self, src: Pid, nonce: Nonce) -> None:
        """A new grant, with a new epoch; but not as long as another one may believe to own it."""
        if src == self.holder and self.granted is not None and nonce <= self.granted:
            return
        lent = self.expiry is not None and self.local_time() < self.expiry
        if lent and src != self.holder:
            self.send(Deny(nonce), to=src)
        else:
            self.lend(src, nonce)

    def lend(self, src: Pid, nonce: Nonce) -> None:
        self.epoch += 1
        self.holder = src
        self.granted = nonce
        self.expiry = self.local_time() + self.term
        self.send(LeaseGrant(nonce, self.epoch), to=src)


class Killer(Grantor):
    """Has the last holder cut off before it lends to another one."""

    killed: frozenset[Pid] = stable(frozenset())

    @upon(LeaseReq)
    def grant(self, src: Pid, nonce: Nonce) -> None:
        """Nothing for the dead."""
        if src in self.killed:
            self.send(Dead(), to=src)
        else:
            super().grant(src, nonce)

    def lend(self, src: Pid, nonce: Nonce) -> None:
        """First make sure that the last one can do no harm; till then this one has to wait."""
        if self.holder in (None, src) or self.holder in self.killed:
            super().lend(src, nonce)
        elif self.holder is not None:
            self.send(Kill(self.holder), to=self.storage)
            self.send(Deny(nonce), to=src)

    @upon(Killed)
    def bury(self, src: Pid, who: Pid) -> None:
        """It can't write any more, so it does not matter what it believes."""
        self.killed |= {who}


class Storage(Role):
    """Keeps the value, and does not trust its clients to know what they own."""

    epoch: Epoch = stable(0)  # the highest that has written
    writer: Pid | None = stable(None)
    value: Value = stable("")
    last: Map[Pid, Nonce] = stable(Map())  # the last write of each

    @upon(Write)
    def accept(self, src: Pid, epoch: Epoch, nonce: Nonce, value: Value) -> None:
        """Write it down, unless it is a copy of an old write; who is fenced may not write."""
        if not self.fences(src, epoch):
            if nonce > self.last.get(src, (0, 0)):
                self.epoch, self.writer, self.value = epoch, src, value
                self.last |= {src: nonce}
            self.send(Written(nonce), to=src)

    def fences(self, src: Pid, epoch: Epoch) -> bool:
        """Refuse what is of an older epoch than the last write."""
        if epoch < self.epoch:
            self.send(Refused(self.epoch), to=src)
        return epoch < self.epoch


class Gate(Storage):
    """Keeps the dead out; the living may write."""

    killed: frozenset[Pid] = stable(frozenset())

    @upon(Kill)
    def cut_off(self, src: Pid, who: Pid) -> None:
        """From now on nothing of it comes through, not even what is on its way already."""
        self.killed |= {who}
        self.send(Killed(who), to=src)

    def fences(self, src: Pid, epoch: Epoch) -> bool:
        """Refuse what is of a client that was cut off."""
        if src in self.killed:
            self.send(Dead(), to=src)
        return src in self.killed


def setup(
    clients: int = 2,
    term: Instant = Instant(10),
    rho: Fraction = Fraction(0),
    retry: Instant = Instant(4),
    policy: Literal["token", "kill"] = "token",
) -> Nodes:
    """The grantor g, the clients c1.., and the storage s."""
    if clients < 1 or min(term, retry) <= 0 or not 0 <= rho < 1:
        raise ValueError("a lease needs a client, a term, and clocks that go on")
    c = [Client(pid, "g", "s", term, rho, retry) for pid in pids("c", clients)]
    if policy == "kill":
        return [Killer("g", term, "s"), *c, Gate("s")]
    return [Grantor("g", term, "s"), *c, Storage("s")]


def model(nodes: Nodes) -> Model:
    """Anything may happen to messages; clocks drift by at most what the clients reckon with."""
    rho = next(node.rho for node in nodes if isinstance(node, Client))
    links: tuple[Link, ...] = ("lossy", "duplicating", "reordering")
    return Model(timing="timed", links=links, crashes=len(nodes), drift=rho)


def workload(nodes: Nodes) -> list[Ask]:
    return [("c1", Store("A"))]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say: that g grants what was asked first, in the first epoch; and a write
    in it."""
    found: list[tuple[Pid, Pid, Message]] = []
    for client in nodes:
        if isinstance(client, Client):
            found += [(client.grantor, client.pid, LeaseGrant((0, 1), 1))]
            found += [(client.pid, client.storage, Write(1, (0, 9), "Z"))]
    return found


@between("FN.S1", needs=TRUST)
def epochs_in_order(before: System, after: System) -> Verdict:
    """The epochs of the writes that the storage accepts never fall."""
    for old, new in zip(before.all(Storage), after.all(Storage), strict=True):
        if new.epoch < old.epoch:
            return Clash(f"{new.value} of epoch {new.epoch} replaces {old.value} of {old.epoch}")
    return True


@between("FN.S2", needs=TRUST)
def one_writer(before: System, after: System) -> Verdict:
    """All writes of one epoch that the storage accepts are of the same client."""
    for old, new in zip(before.all(Storage), after.all(Storage), strict=True):
        if new.epoch == old.epoch and new.writer != old.writer:
            return Clash(f"{old.writer} and {new.writer} both write in epoch {new.epoch}")
    return True


@eventually("FN.L1", lasting=False)
def stored(system: System) -> Verdict:
    """Nobody who is up has anything left to write."""
    return all(client.todo is None for client in system.up(Client))
