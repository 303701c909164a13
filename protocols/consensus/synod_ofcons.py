"""Synod: consensus that a process reaches if it proposes alone for long enough.

Promise  Obstruction-free consensus: whoever proposes is told a decision, or "abort".
         C1: only a proposed value is decided.
         C2: no two processes decide differently, here also counting those that crash.
         C3: every propose returns, and who proposes alone often enough decides.
Price    Processes that propose at the same time may abort each other for ever, which is why FLP
         does not forbid any of this.  To end it is the task of an oracle, Omega.
How      A ballot has two phases.  READ asks a majority not to take part in older ballots any more,
         and GATHER tells what it has accepted so far.  IMPOSE then asks to accept the estimate of
         the highest ballot among them, or the own value if there is none.  When a majority has
         accepted the IMPOSE of one ballot, its value is chosen, though nobody may know it yet.
Forms    "literal" is the code of the lecture.  It needs links that neither lose nor duplicate, and
         processes that never come back.  "hardened" needs neither: a ballot has a phase, answers
         that do not belong to it are ignored, and what others may rely on is on disk.
Cost     (n-1)(n+5) messages; 4 delays until the proposer knows, one more until all do.  With
         skip_first_read (n-1)(n+3) messages, and 2 delays.
Model    Asynchronous, a majority must stay up for C3.  Safety needs no bound on crashes.
Source   The lecture's pseudo-code, B:209-365.  Its phases are those of Lamport's Paxos (1998).
"""

from collections import Counter
from typing import Annotated, Literal as OneOf

from playground.protocol import Ask, Clash, Map, Message, Model, Nodes, Output, Pid, Role
from playground.protocol import System, Verdict, always, between, breaks, eventually, ever
from playground.protocol import at_most_one, majority, pids, ranked, sent, showpiece, stable, upon
from playground.protocol import consensus
from playground.protocol.consensus import Decided, Propose, Value

Ballot = Annotated[int, ranked]
Phase = OneOf["idle", "reading", "imposing"]


# fmt: off
class Read(Message, label="READ"):     ballot: Ballot
class Gather(Message, label="GATHER"): ballot: Ballot; est_ballot: Ballot; est: Value | None
class Impose(Message, label="IMPOSE"): ballot: Ballot; value: Value
class Ack(Message, label="ACK"):       ballot: Ballot
class Abort(Message, label="ABORT"):   ballot: Ballot; seen: Ballot | None
class Decide(Message, label="DECIDE"): value: Value
class Aborted(Output):                 ballot: Ballot
# fmt: on


class Process(Role):
    """Everybody proposes and accepts."""

    i: int
    all: tuple[Pid, ...]
    skip_first_read: bool
    idempotent_read: bool
    jump: bool
    ballot: Ballot = stable(0)
    read_ballot: Ballot = stable(0)
    impose_ballot: Ballot = stable(0)
    estimate: Value | None = stable(None)
    decided: Value | None = stable(None)
    phase: Phase = "idle"
    proposal: Value | None = None
    states: Map[Pid, tuple[Value | None, Ballot]] = Map()
    acks: frozenset[Pid] = frozenset()

    def start(self) -> None:
        """The own ballots are i, i+n, i+2n, ...; every propose takes the next one."""
        self.ballot = self.i - len(self.all)

    def recover(self) -> None:
        if self.ballot == 0:  # forgotten, or not used yet
            self.start()

    @upon(Propose)
    def propose(self, value: Value) -> None:
        """A new ballot.  An older one that is still under way is given up."""
        if self.decided is not None:
            self.output(Decided(self.decided))
            return
        self.ballot += len(self.all)
        self.proposal, self.states, self.acks = value, Map(), frozenset()
        if self.may_skip():
            self.impose()
        else:
            self.phase = "reading"
            self.send(Read(self.ballot), to=self.all)

    def may_skip(self) -> bool:
        """Nothing can have been accepted before ballot 1, so p1 has nothing to read there."""
        return self.skip_first_read and self.ballot == 1

    @upon(Read)
    def read(self, src: Pid, ballot: Ballot) -> None:
        """Promise to accept nothing of an older ballot, and tell what was accepted so far."""
        again = self.idempotent_read and self.newest() == ballot
        if self.newest() >= ballot and not again:
            self.send(self.refusal(ballot), to=src)
        else:
            self.read_ballot = ballot
            self.send(Gather(ballot, self.impose_ballot, self.estimate), to=src)

    def newest(self) -> Ballot:
        return max(self.read_ballot, self.impose_ballot)

    def refusal(self, ballot: Ballot) -> Abort:
        return Abort(ballot, self.newest() if self.jump else None)

    @upon(Abort)
    def abort(self, src: Pid, ballot: Ballot, seen: Ballot | None) -> None:
        """Somebody has seen a newer ballot: give up.  With `jump` the next one will be newer."""
        if ballot != self.ballot or self.phase == "idle":
            return
        self.phase = "idle"
        if seen is not None and seen > ballot:
            self.ballot = seen - (seen - self.i) % len(self.all)
        self.output(Aborted(ballot))

    @upon(Gather)
    def gather(self, src: Pid, ballot: Ballot, est_ballot: Ballot, est: Value | None) -> None:
        """Who has answered counts, also if it has accepted nothing so far."""
        if ballot != self.ballot or self.phase != "reading":
            return
        self.states |= {src: (est, est_ballot)}
        if len(self.states) >= majority(self.all):
            self.impose()

    def impose(self) -> None:
        """The estimate of the highest ballot may be chosen already, so it goes first."""
        est, est_ballot = max(self.states.values(), key=lambda s: s[1], default=(None, 0))
        value = est if est_ballot > 0 else self.proposal
        if value is not None:
            self.phase, self.proposal, self.states = "imposing", value, Map()
            self.send(Impose(self.ballot, value), to=self.all)

    @upon(Impose)
    def accept(self, src: Pid, ballot: Ballot, value: Value) -> None:
        """Unless a newer ballot was promised or accepted."""
        if self.newest() > ballot:
            self.send(self.refusal(ballot), to=src)
        else:
            self.impose_ballot, self.estimate = ballot, value
            self.send(Ack(ballot), to=src)

    @upon(Ack)
    def ack(self, src: Pid, ballot: Ballot) -> None:
        """The value is chosen when a majority has accepted it; now the proposer knows."""
        if ballot != self.ballot or self.phase != "imposing" or self.proposal is None:
            return
        self.acks |= {src}
        if len(self.acks) >= majority(self.all):
            self.send(Decide(self.proposal), to=self.all)

    @upon(Decide)
    def decide(self, src: Pid, value: Value) -> None:
        """Reliable broadcast: relayed once, so that all decide even if the first one crashes."""
        if self.decided is not None:
            return
        self.decided, self.phase = value, "idle"
        self.send(Decide(value), to=self.all)
        self.output(Decided(value))


@breaks("OF.S2", "OF.S3")
class Literal(Process):
    """The lecture's code, B:276-345.  A ballot has no phase, so answers count whenever they come:
    a GATHER that comes twice makes it impose twice.  Nothing is on disk.  (Only DECIDE is as in
    the hardened form: to the letter it would be relayed for ever.)"""

    ballot: Ballot = 0
    read_ballot: Ballot = 0
    impose_ballot: Ballot = 0
    estimate: Value | None = None
    decided: Value | None = None

    @upon(Abort)
    def abort(self, src: Pid, ballot: Ballot, seen: Ballot | None) -> None:
        """B:310: `return abort`, also when the ballot is over."""
        if ballot == self.ballot:
            self.phase = "idle"
            self.output(Aborted(ballot))

    @upon(Gather)
    def gather(self, src: Pid, ballot: Ballot, est_ballot: Ballot, est: Value | None) -> None:
        """B:319: impose as often as a majority of answers has come together."""
        if ballot == self.ballot:
            self.states |= {src: (est, est_ballot)}
            if len(self.states) >= majority(self.all):
                self.impose()

    @upon(Ack)
    def ack(self, src: Pid, ballot: Ballot) -> None:
        """B:337: nobody asks which of the values that were imposed is acknowledged."""
        if ballot == self.ballot and self.proposal is not None:
            self.acks |= {src}
            if len(self.acks) == majority(self.all):
                self.send(Decide(self.proposal), to=self.all)


def setup(
    n: int = 3,
    mode: OneOf["hardened", "literal"] = "hardened",
    skip_first_read: bool = False,
    idempotent_read: bool = False,
    jump: bool = False,
) -> Nodes:
    """Processes p1 to pn, by the hardened or the literal code.  With skip_first_read p1 begins
    with IMPOSE in ballot 1 (B:364).  With idempotent_read a READ that comes twice is answered
    twice, instead of aborting its own ballot; with jump ABORT tells the highest ballot seen, so
    that the next propose goes beyond it: these two are not in the lecture."""
    if n < 1:
        raise ValueError("at least one process is needed")
    if mode == "literal" and (idempotent_read or jump):
        raise ValueError("the lecture's code knows neither idempotent_read nor jump")
    kind = Literal if mode == "literal" else Process
    p = pids("p", n)
    options = (skip_first_read, idempotent_read, jump)
    return [kind(pid, i, p, *options) for i, pid in enumerate(p, start=1)]


def model(nodes: Nodes) -> Model:
    """B:17-18 for the lecture's form; the other one takes what a real network does to it."""
    crashes = (len(nodes) - 1) // 2
    if any(isinstance(node, Literal) for node in nodes):
        return Model(links=(), crashes=crashes, recovery=False)
    return Model(links=("lossy", "duplicating", "reordering"), crashes=crashes)


def workload(nodes: Nodes) -> list[Ask]:
    return [("p1", Propose("v1"))]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say in everybody's first ballot: that somebody has accepted its value;
    that it is to be accepted; and that it is decided."""
    strange, found = "z", list[tuple[Pid, Pid, Message]]()
    for p in nodes:
        for q in nodes:
            if isinstance(p, Process) and p is not q:
                found += [(p.pid, q.pid, Impose(p.i, strange)), (p.pid, q.pid, Decide(strange))]
                found += [(q.pid, p.pid, Gather(p.i, p.i, strange))]
    return found


imposed = sent(Impose)
accepted = ever(Process, "impose_ballot", "estimate")

validity = consensus.validity.known_as("OF.S1", "C1")
agreement = consensus.agreement.known_as("OF.S2")
irrevocable = consensus.irrevocable
decided = consensus.termination(Process)


@always("C2", sees=[consensus.decisions])
def correct_agreement(system: System) -> Verdict:
    """No two processes that are up have decided differently: the lecture's wording, which leaves
    out those that decide and crash."""
    up = {process.pid for process in system.up(Process)}
    decisions = system.seen(consensus.decisions)
    return at_most_one("decided", ((p, d.value) for p, d in decisions if p in up))


@always("OF.S3", sees=[imposed])
def one_value_per_ballot(system: System) -> Verdict:
    """All IMPOSE of one ballot carry one value."""
    values: dict[Ballot, Value] = {}
    for pid, m in sorted(system.seen(imposed), key=repr):
        if values.setdefault(m.ballot, m.value) != m.value:
            return Clash(f"{pid} imposed {values[m.ballot]} and {m.value} in ballot {m.ballot}")
    return True


@between("OF.S4")
def ballots_never_fall(before: System, after: System) -> Verdict:
    """readballot and imposeballot never decrease, also across a crash and a recovery."""
    old = {process.pid: process for process in before.all(Process)}
    for new in after.up(Process):
        for field in ("read_ballot", "impose_ballot"):
            was, now = getattr(old[new.pid], field), getattr(new, field)
            if now < was:
                return Clash(f"{new.pid}.{field} fell from {was} to {now}")
    return True


@always("OF.S5", sees=[imposed, accepted])
def chosen_stays(system: System) -> Verdict:
    """When a majority has accepted one ballot's value, all later ballots impose that value."""
    said = {(m.ballot, m.value) for _, m in system.seen(imposed)}
    said |= {vote for _, vote in system.seen(accepted)}  # what was forged counts, too
    for ballot, value in _chosen(system):
        for later, other in sorted(said):
            if later > ballot and other != value:
                return Clash(f"{value} was chosen in ballot {ballot}, {other} goes on in {later}")
    return True


@showpiece(("p1", Propose("v1")), ("p2", Propose("v2")))
def duel(system: System) -> Verdict:
    """Two processes impose at once: each has read a majority, and one of them in vain."""
    return sum(process.phase == "imposing" for process in system.up(Process)) > 1


@showpiece(("p1", Propose("v1")), ("p2", Propose("v2")))
def split_votes(system: System) -> Verdict:
    """Processes have accepted different values; who reads next has to take the right one."""
    return len({p.estimate for p in system.up(Process) if p.estimate is not None}) > 1


@eventually(sees=[accepted])
def chosen(system: System) -> Verdict:
    """The point of no return: a majority has accepted the value of one ballot (B:351)."""
    return bool(_chosen(system))


@eventually("C3", lasting=False)
def returns(system: System) -> Verdict:
    """Every propose has returned: at each process that is up no ballot is under way."""
    return all(process.phase == "idle" for process in system.up(Process))


def _chosen(system: System) -> list[tuple[Ballot, Value]]:
    """The ballots, with their values, that a majority has accepted."""
    needed = majority(system.all(Process)[0].all)
    votes = Counter(vote for _, vote in system.seen(accepted))
    return sorted(vote for vote, count in votes.items() if count >= needed)
