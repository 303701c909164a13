"""Paxos: agents choose one value for ever, whoever leads, as long as a majority can work.

Promise  At most one value is ever chosen, and nobody decides another: however late messages are,
         whoever crashes, however many would lead.  A value is chosen at the point of no return: as
         soon as a majority of the acceptors has accepted it in one ballot, though nobody may know.
         That a value is chosen is not promised (FLP): leaders that usurp each other again and again
         starve for ever.  It happens once a leader is left alone for long enough.
Model    Asynchronous.  Messages are lost, delayed, reordered and duplicated, but never corrupted
         or forged.  Nodes crash, and come back with what they wrote to disk.  Nobody lies.  For a
         decision, a majority of the acceptors and one leader have to be up.
Why      Any two majorities share an acceptor.  A new leader waits for the promises of a majority;
         so if an older ballot has succeeded, one of them tells the value, and the leader goes on
         with it; and if it has not, the promises keep it from succeeding behind the leader's back.
Roles    p1.. lead; a1.. accept, and learn, unless there are learners l1.. of their own.  Whoever
         is asked to `Propose` appoints itself leader.  `Retry` repeats what got no answer, raises
         a ballot that was refused, and tells a decision again to those that may have missed it.
Cost     5N messages, 5 delays, and 2 disk writes at each acceptor, for one leader, N acceptors and
         no failure; 5(n-1) messages if n processes play all the roles.
Source   Lamport, "The Part-Time Parliament" (1998) and "Paxos Made Simple" (2001), from which P2b
         and P2c are; the lecture A:362-567, whose agents are the acceptors.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Literal

from playground.protocol import Ask, Map, Message, Model, Nodes, Pid, Role, Timer
from playground.protocol import Clash, System, Verdict, always, between, eventually
from playground.protocol import consensus, ever, majority, pids, ranked, sent, showpiece, stable
from playground.protocol import upon
from playground.protocol.consensus import Decided, Propose, Value, decisions, proposals
from playground.protocol.model import Assumption

Round = Annotated[int, ranked]
Number = tuple[Round, Pid]  # a ballot; ordered, and no two leaders share one
Proposal = tuple[Number, Value]

NONE: Number = (0, "none")  # below all ballots


# fmt: off
class Prepare(Message,        label="1a"):  n: Number
class Promise(Message,        label="1b"):  n: Number; accepted: Proposal | None
class PrepareRefused(Message, label="1bN"): n: Number; seen: Number
class Accept(Message,         label="2a"):  n: Number; value: Value
class Accepted(Message,       label="2b"):  n: Number; value: Value
class AcceptRefused(Message,  label="2bN"): n: Number; seen: Number
class Decide(Message,         label="3"):   value: Value
class Retry(Timer):                         pass
# fmt: on


class Learner(Role):
    """Hears what was chosen."""

    acceptors: tuple[Pid, ...]
    learners: tuple[Pid, ...]
    learned: Value | None = None

    @upon(Decide)
    def learn(self, src: Pid, value: Value) -> None:
        """The decision; whoever forgets it in a crash may be told again."""
        if self.learned is None:
            self.learned = value
            self.output(Decided(value))


class Proposer(Learner):
    """A would-be leader."""

    round: Round = stable(0)  # the highest that it used or heard of
    value: Value = ""  # what it wants; from phase 2 on, what it has to command
    n: Number = NONE
    phase: Literal["idle", "prepare", "accept", "done"] = "idle"
    promises: Map[Pid, Proposal | None] = Map()
    accepts: frozenset[Pid] = frozenset()

    @upon(Propose)
    def propose(self, value: Value) -> None:
        """Whoever wants a value, or finds that consensus has stalled, appoints itself leader."""
        self.value = value
        self.lead()

    def lead(self) -> None:
        """Phase 1a: log a new ballot, and ask the acceptors to have you as its leader."""
        self.round += 1
        self.n = (self.round, self.pid)
        self.phase = "prepare"
        self.promises = Map()
        self.accepts = frozenset()
        self.send(Prepare(self.n), to=self.acceptors)
        self.set_timer(Retry())

    @upon(Promise)
    def command(self, src: Pid, n: Number, accepted: Proposal | None) -> None:
        """Phase 2a: a majority will have you as leader of this round; command a suitable value."""
        if n != self.n or self.phase != "prepare":
            return
        self.promises |= {src: accepted}
        if len(self.promises) >= majority(self.acceptors):
            self.phase = "accept"
            self.value = self.suitable_value()
            self.send(Accept(n, self.value), to=self.acceptors)

    def suitable_value(self) -> Value:
        """The most recent value that any of them accepted; if there is none, your own."""
        _, value = max(filter(None, self.promises.values()), default=(self.n, self.value))
        return value

    @upon(Accepted)
    def succeed(self, src: Pid, n: Number, value: Value) -> None:
        """Phase 3: a majority obeyed, so the round has succeeded: tell everyone, and yourself."""
        if n != self.n or self.phase != "accept":
            return
        self.accepts |= {src}
        if len(self.accepts) >= majority(self.acceptors):
            self.phase = "done"
            self.send(Decide(self.value), to={self.pid, *self.learners})

    @upon(PrepareRefused)
    @upon(AcceptRefused)
    def give_up(self, src: Pid, n: Number, seen: Number) -> None:
        """Usurped by a higher ballot: give up this one, and bid higher when it is time."""
        if n == self.n and self.phase != "done":
            self.round = max(self.round, seen[0])
            self.phase = "idle"

    @upon(Retry)
    def retry(self) -> None:
        """Too little was heard for too long: say it again; if the ballot was refused, bid higher;
        once you know what was chosen, tell everyone again."""
        if self.learned is not None:
            self.send(Decide(self.learned), to=self.learners)
        elif self.phase == "idle":
            self.lead()
        elif self.phase == "prepare":
            self.send(Prepare(self.n), to=self.acceptors)
        else:
            self.send(Accept(self.n, self.value), to=self.acceptors)
        self.set_timer(Retry())


class Acceptor(Learner):
    """An agent, whose disk holds the memory of all."""

    promised: Number = stable(NONE)
    accepted: Proposal | None = stable(None)

    @upon(Prepare)
    def promise(self, src: Pid, n: Number) -> None:
        """Phase 1b: promise to accept nothing below n, and tell what you accepted last; or refuse,
        if you have seen a higher ballot."""
        if n >= self.promised:
            self.promised = n
            self.send(Promise(n, self.accepted), to=src)
        else:
            self.send(PrepareRefused(n, self.promised), to=src)

    @upon(Accept)
    def accept(self, src: Pid, n: Number, value: Value) -> None:
        """Phase 2b: accept, in place of what you accepted before, unless the ballot is old."""
        if n >= self.promised:
            self.promised = n
            self.accepted = (n, value)
            self.send(Accepted(n, value), to=src)
        else:
            self.send(AcceptRefused(n, self.promised), to=src)


class Process(Proposer, Acceptor):
    """All roles in one node; what it sends to itself costs nothing."""


def setup(
    proposers: int = 2, acceptors: int = 3, learners: int = 0, colocated: bool = False, n: int = 0
) -> Nodes:
    """Leaders p1.., acceptors a1.., learners l1.. (with none, the acceptors learn); or, colocated,
    n processes p1.. in all the roles, by default as many as there would be acceptors."""
    if min(proposers, acceptors) < 1 or min(learners, n) < 0:
        raise ValueError("Paxos needs at least one proposer and one acceptor")
    if colocated or n:
        p = pids("p", n or acceptors)
        return [Process(pid, p, p) for pid in p]
    p, a, l = pids("p", proposers), pids("a", acceptors), pids("l", learners)
    return [
        *(Proposer(pid, a, l or a) for pid in p),
        *(Acceptor(pid, a, l or a) for pid in a),
        *(Learner(pid, a, l) for pid in l),
    ]


def model(nodes: Nodes) -> Model:
    """A minority of the acceptors may be down at once; any number, as far as safety goes."""
    acceptors = [node for node in nodes if isinstance(node, Acceptor)]
    minority = len(acceptors) - majority(acceptors)
    return Model(links=("lossy", "duplicating", "reordering"), crashes=minority)


def workload(nodes: Nodes) -> list[Ask]:
    return [("p1", Propose("A"))]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say in the first ballot of a leader: that a vote is for its own value, as
    a command of the leader or as a vote for it; and that this is decided."""
    strange, found = "Z", list[tuple[Pid, Pid, Message]]()
    for leader in (node.pid for node in nodes if isinstance(node, Proposer)):
        n = (1, leader)
        for a in (node.pid for node in nodes if isinstance(node, Acceptor)):
            found += [(a, leader, Promise(n, ((0, leader), strange)))]
            found += [(leader, a, Accept(n, strange)), (a, leader, Accepted(n, strange))]
        found += [(leader, l.pid, Decide(strange)) for l in nodes if isinstance(l, Learner)]
    return [(src, dst, message) for src, dst, message in found if src != dst]


votes = ever(Acceptor, "accepted")
commands = sent(Accept)

# All that some properties need: no forgery can break them.
HONEST_DISKS: set[Assumption] = {"stable memory", "byzantine bound"}


def successes(system: System) -> list[Proposal]:
    """What a majority accepted in one ballot, now or ever: past the point of no return."""
    accepted = [proposal for _, proposal in system.seen(votes)]
    quorum = majority(system.all(Acceptor))
    return sorted(p for p in set(accepted) if accepted.count(p) >= quorum)


def settled(system: System) -> dict[Value, str]:
    """Each value that was ever chosen or decided, and how that came about first."""
    values: dict[Value, str] = {}
    for n, value in successes(system):
        values.setdefault(value, f"{ballot(n)} chose {value}")
    for pid, decision in sorted(system.seen(decisions), key=repr):
        values.setdefault(decision.value, f"{pid} decided {decision.value}")
    return values


def ballot(n: Number) -> str:
    return f"ballot {n[0]} of {n[1]}"


@showpiece(("p1", Propose("A")), ("p2", Propose("B")))
def duel(system: System) -> Verdict:
    """Two leaders at once: a majority has promised to follow each, and one of them in vain."""
    return sum(proposer.phase == "accept" for proposer in system.up(Proposer)) > 1


@showpiece(("p1", Propose("A")), ("p2", Propose("B")))
def split_votes(system: System) -> Verdict:
    """Acceptors have accepted different values; whoever leads next has to choose the right one."""
    return len({a.accepted[1] for a in system.up(Acceptor) if a.accepted}) > 1


@showpiece(("p1", Propose("A")), sees=[votes, decisions], crashes=1)
def chosen_unknown(system: System) -> Verdict:
    """A value is chosen, nobody knows it, and who led it there has crashed."""
    down = len(system.up(Proposer)) < len(system.all(Proposer))
    return down and bool(successes(system)) and not system.seen(decisions)


@always("PX.S1", sees=[votes, decisions])
def agreement(system: System) -> Verdict:
    """At most one value is ever chosen, and nobody decides another."""
    values = settled(system)
    return len(values) <= 1 or Clash(", ".join(values.values()))


@always("PX.S6", sees=[votes, decisions, proposals])
def validity(system: System) -> Verdict:
    """Only a value that somebody proposed is chosen or decided."""
    proposed = {asked.value for _, asked in system.seen(proposals)}
    strange = [how for value, how in settled(system).items() if value not in proposed]
    return not strange or Clash(f"{strange[0]}, which nobody proposed")


@always("PX.S5", sees=[votes, decisions])
def only_chosen(system: System) -> Verdict:
    """Only a value that is chosen is decided, also by those that crash right after."""
    values = {value for _, value in successes(system)}
    rash = sorted((pid, d.value) for pid, d in system.seen(decisions) if d.value not in values)
    return not rash or Clash("{} decided {}, which is not chosen".format(*rash[0]))


irrevocable = consensus.irrevocable


@always("PX.S2", sees=[commands], needs=HONEST_DISKS)
def one_value_per_ballot(system: System) -> Verdict:
    """All commands (2a) of one ballot carry the same value."""
    values: dict[Number, Value] = {}
    for _, (n, value) in sorted(system.seen(commands), key=repr):
        if values.setdefault(n, value) != value:
            return Clash(f"{ballot(n)} commands {values[n]} and {value}")
    return True


@between("PX.S3", needs=HONEST_DISKS)
def promises_kept(before: System, after: System) -> Verdict:
    """The promise of an acceptor never sinks, and what it accepts is not below it."""
    for old, new in zip(before.all(Acceptor), after.all(Acceptor), strict=True):
        if new.promised < old.promised:
            return Clash(f"{new.pid} forgot its promise to {ballot(old.promised)}")
        n, _ = new.accepted or (new.promised, None)
        if new.accepted != old.accepted and not old.promised <= n <= new.promised:
            return Clash(f"{new.pid} obeys {ballot(n)} but has promised {ballot(new.promised)}")
    return True


@always("PX.S4", "P2c", sees=[commands, votes])
def safe_to_command(system: System) -> Verdict:
    """Whatever is commanded in ballot n, some majority has promised n and allows that value."""
    acceptors = system.all(Acceptor)
    for _, (n, value) in sorted(system.seen(commands), key=repr):
        promised = [a.pid for a in acceptors if a.promised >= n]
        quorums = combinations(promised, majority(acceptors))
        if not any(allows(system, quorum, n, value) for quorum in quorums):
            return Clash(f"{ballot(n)} commands {value}, and no majority allows that")
    return True


def allows(system: System, quorum: Sequence[Pid], n: Number, value: Value) -> bool:
    """Either none of the quorum ever accepted anything below ballot n, or `value` is what was
    accepted in the highest ballot below n in which any of them did."""
    below = [vote for pid, vote in system.seen(votes) if pid in quorum and vote[0] < n]
    return not below or max(below)[1] == value


@always("PX.S7", "P2b", sees=[commands, votes])
def dynamic_uniformity(system: System) -> Verdict:
    """Once a value is chosen, every higher ballot commands it: whoever acts on the choice and
    crashes is never contradicted."""
    for chosen_in, value in successes(system):
        for _, (n, other) in sorted(system.seen(commands), key=repr):
            if n > chosen_in and other != value:
                return Clash(f"{ballot(chosen_in)} chose {value}, {ballot(n)} commands {other}")
    return True


@eventually(sees=[votes])
def chosen(system: System) -> Verdict:
    """A round has succeeded, even if nobody knows it yet."""
    return bool(successes(system))


@eventually(sees=[decisions], lasting=False)
def decided(system: System) -> Verdict:
    """Every learner that is up has decided."""
    up = {node.pid for node in system.up(Learner) if node.pid in node.learners}
    return bool(up) and up <= {pid for pid, _ in system.seen(decisions)}
