"""Early stopping: rounds are saved when few processes crash, and uniformity costs one of them.

FloodSet always takes F+1 rounds.  But who hears in a round from all that it heard from in the round
before knows that nobody has just crashed on it, so it knows all that anybody up can know.

Promise  Rule "nonuniform": all that never crash decide the same.  Rule "uniform": nobody decides
         differently, not even who decides and then crashes.  With either, only what somebody
         proposed is decided, and after F+1 rounds at the latest.
Rounds   If f processes really crash, min(f+1, F+1) rounds with rule "nonuniform", min(f+2, F+1)
         with "uniform".  Both are as few as can be, so "uniform consensus is harder".
Model    Lock-step rounds, as for FloodSet: at most F processes crash, for good, and one that
         crashes in a round may still reach any of the others in it.  Nobody lies.
Why      Say p hears in round r from the same as in round r-1.  Then all that is known to anybody
         who is up at the end of round r-1 has come to p; what p knows is all that there is.  The
         others need not know yet that there is no more.  As p goes on telling, they will learn what
         p knows: unless it crashes first, and that is the gap.  Waiting one more round closes it,
         since by then p has told them all.
Cost     (F+1)n(n-1) messages, as who has decided still tells what it knows; without a crash 1 delay
         to the last decision with rule "nonuniform", 2 with "uniform".
Source   Dolev, Reischuk and Strong (1990); Charron-Bost and Schiper, "Uniform consensus is harder
         than consensus" (2004); lecture A:148-149.
"""

from typing import Literal

from playground.protocol import Ask, Message, Model, Nodes, Pid, Role, Tick
from playground.protocol import consensus, pids, upon
from playground.protocol.consensus import Decided, Propose, Value
from playground.protocol.model import LOCK_STEP

Rule = Literal["uniform", "nonuniform"]


# fmt: off
class Vals(Message, label="VALS"): r: int; W: frozenset[Value]
# fmt: on


class Process(Role):
    processes: tuple[Pid, ...]
    f: int
    rule: Rule
    W: frozenset[Value] = frozenset()  # the proposals that it knows
    r: int = 0  # the round that goes on; 0 before the first
    heard: frozenset[Pid] = frozenset()  # from whom in this round, itself included
    before: frozenset[Pid] = frozenset()  # from whom in the round before
    quiet: bool = False  # it has heard from the same as in the round before
    decision: Value | None = None

    def start(self) -> None:
        """In round 0 everybody was there."""
        self.heard = frozenset(self.processes)

    @upon(Propose)
    def propose(self, value: Value) -> None:
        """Before the first round, a process knows its own proposal only."""
        if not self.r and not self.W:
            self.W = frozenset({value})

    @upon(Tick)
    def tick(self) -> None:
        """Decide, if you know enough; and tell the others in any case, for they may not."""
        if self.r > self.f + 1:
            return
        if self.r and self.decision is None:
            self.decide()
        self.r += 1
        self.before, self.heard = self.heard, frozenset({self.pid})
        if self.r <= self.f + 1:
            self.tell()

    def tell(self) -> None:
        self.send(Vals(self.r, self.W), to=[p for p in self.processes if p != self.pid])

    def decide(self) -> None:
        """At the end of the first round in which nobody fell silent, or with rule "uniform" of the
        one after it; at the latest, of round F+1."""
        knows, self.quiet = self.quiet, self.knows_all()
        if self.rule == "nonuniform":
            knows = self.quiet
        if self.W and (knows or self.r == self.f + 1):
            self.decision = min(self.W)
            self.output(Decided(self.decision))

    def knows_all(self) -> bool:
        return self.heard == self.before

    @upon(Vals)
    def learn(self, src: Pid, r: int, W: frozenset[Value]) -> None:
        """What comes late is not taken in, and its sender not heard."""
        if r == self.r:
            self.W |= W
            self.heard |= {src}


def setup(n: int = 3, f: int = 2, rule: Rule = "uniform") -> Nodes:
    """n processes p1.., of which f may crash."""
    if not 0 <= f < n:
        raise ValueError(f"of n = {n} processes, f must be from 0 to {max(n - 1, 0)}")
    p = pids("p", n)
    return [Process(pid, p, f, rule) for pid in p]


def model(nodes: Nodes) -> Model:
    """Rounds, reliable links, and f crashes for good.  The rule "nonuniform" gives up uniform
    agreement."""
    [(f, rule)] = {(node.f, node.rule) for node in nodes if isinstance(node, Process)}
    gives_up = ("agreement",) if rule == "nonuniform" else ()
    return Model(timing="rounds", crashes=f, recovery=False, gives_up=gives_up)


def workload(nodes: Nodes) -> list[Ask]:
    """p1 wants A, all others B."""
    first, *others = nodes
    return [(first.pid, Propose("A")), *((node.pid, Propose("B")) for node in others)]


agreement = consensus.agreement.known_as("uniform agreement", needs=LOCK_STEP)
plain_agreement = consensus.plain_agreement.known_as(needs=LOCK_STEP)
validity = consensus.validity
irrevocable = consensus.irrevocable.known_as(needs=LOCK_STEP)
decided = consensus.termination(Process)
