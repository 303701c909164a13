"""FloodSet: in rounds, F+1 of them are enough to agree although F processes crash, and F are not.

Promise  Nobody decides differently from anybody else, not even from those that decide and then
         crash; only what somebody proposed is decided; and after F+1 rounds all that are up have
         decided.  No asynchronous protocol can promise as much (FLP).
Model    Lock-step rounds.  What is sent in a round arrives before the next `tick`, so who is not
         heard has crashed: silence is information.  At most F processes crash, for good.  One that
         crashes in a round may still reach some of the others in it: any of them.  Nobody lies.
Why      There are more rounds than crashes, so in some round nobody crashes.  In that round all
         tell each other all they know, so afterwards all know the same, and that remains so, as
         nobody has anything new to tell.  With F rounds there may be a chain: in each of them
         the only one that knows a value tells it to just one other, and crashes.
Rounds   The first tick begins round 1; who has nothing to propose by then only listens.
Cost     (F+1)n(n-1) messages, F+1 delays.  With `opt`, at most n(n-1) for each proposed value.
Source   Lynch, "Distributed Algorithms" (1996), chapter 6; the lecture's synchronous model
         (A:68-76), and "like fail-stop consensus, the algorithm requires F+1 rounds" (A:683).
"""

from playground.protocol import Ask, Message, Model, Nodes, Pid, Role, Tick
from playground.protocol import consensus, pids, upon
from playground.protocol.consensus import Decided, Propose, Value
from playground.protocol.model import LOCK_STEP


# fmt: off
class Vals(Message, label="VALS"): r: int; W: frozenset[Value]
# fmt: on


class Process(Role):
    processes: tuple[Pid, ...]
    f: int
    W: frozenset[Value] = frozenset()  # the proposals that it knows
    r: int = 0  # the round that goes on; 0 before the first
    decision: Value | None = None

    @upon(Propose)
    def propose(self, value: Value) -> None:
        """Before the first round, a process knows its own proposal only."""
        if not self.r and not self.W:
            self.W = frozenset({value})

    @upon(Tick)
    def tick(self) -> None:
        """In each round tell all others what you know; after the last, decide the least of it."""
        if self.r > self.rounds():
            return
        self.r += 1
        if self.r <= self.rounds():
            self.tell()
        elif self.W:
            self.decision = min(self.W)
            self.output(Decided(self.decision))

    def rounds(self) -> int:
        """One more than there are crashes, so that one of them is clean."""
        return self.f + 1

    def tell(self) -> None:
        self.send(Vals(self.r, self.W), to=self.others())

    def others(self) -> list[Pid]:
        return [p for p in self.processes if p != self.pid]

    @upon(Vals)
    def learn(self, src: Pid, r: int, W: frozenset[Value]) -> None:
        """What comes in its round is taken in; what comes late is not, since others may never get
        it."""
        if r == self.r:
            self.W |= W


class Thrifty(Process):
    """Tells only what it has not told yet, and else keeps silent."""

    told: frozenset[Value] = frozenset()

    def tell(self) -> None:
        news = self.W - self.told
        self.told = self.W
        if news:
            self.send(Vals(self.r, news), to=self.others())


def setup(n: int = 3, f: int = 1, opt: bool = False) -> Nodes:
    """n processes p1.., of which f may crash; with opt, each tells a value only once."""
    if not 0 <= f < n:
        raise ValueError(f"of n = {n} processes, f must be from 0 to {max(n - 1, 0)}")
    p = pids("p", n)
    process = Thrifty if opt else Process
    return [process(pid, p, f) for pid in p]


def model(nodes: Nodes) -> Model:
    """Rounds, reliable links, and f crashes for good."""
    [f] = {node.f for node in nodes if isinstance(node, Process)}
    return Model(timing="rounds", crashes=f, recovery=False)


def workload(nodes: Nodes) -> list[Ask]:
    """p1 wants A, all others B."""
    first, *others = nodes
    return [(first.pid, Propose("A")), *((node.pid, Propose("B")) for node in others)]


agreement = consensus.agreement.known_as("uniform agreement", needs=LOCK_STEP)
plain_agreement = consensus.plain_agreement.known_as(needs=LOCK_STEP)
validity = consensus.validity
irrevocable = consensus.irrevocable.known_as(needs=LOCK_STEP)
decided = consensus.termination(Process)
