"""Two Generals: no number of messengers makes two armies sure to attack together.

General A has a plan, and wins only if B attacks as well.  Messengers may be captured, so B confirms
the plan, A confirms the confirmation, ..., K messages in all; then the deadline comes, and each
general attacks or stays, by what it has got.

Promise  None that can be kept.  Wanted are agreement (both attack or none), validity (without a
         plan nobody attacks) and non-triviality (if no messenger is captured, both attack).  Try
         to get all three by other K, tA and tB: whatever you choose, one of them breaks.
Why      Let R_j be the run in which the first j messages arrive and the others are lost.  Whoever
         sends message j+1 can't tell R_j from R_j+1, so it decides alike in both, and so does the
         other if they agree.  Step by step R_0 comes out like R_K, in which both attack.  But in
         R_0 the second general has heard nothing, as in the run in which there is no plan.
Rule     A general attacks iff the highest message that it got is at least its threshold.  The
         natural thresholds ask for all that one can get: the receiver of the last message wants
         that one, its sender the one before.  With tB = 0 general B attacks unasked.
Cost     K messages and K delays, if nothing is lost.
Model    Two processes that never fail, and links that lose messages.  The deadline comes when you
         fire it: a message that arrives later is as good as lost.
Source   Akkoyunlu, Ekanadham, Huber (SOSP 1975); Gray (1978) gave it the name; lecture A:269-273.
"""

from typing import Literal

from playground.protocol import Ask, Decision, Input, Message, Model, Nodes, Pid, Role, Timer
from playground.protocol import System, Verdict
from playground.protocol import always, at_most_one, eventually, inputs, outputs, upon

Plan = str
Action = Literal["attack", "stay"]


# fmt: off
class Start(Input):      plan: Plan
class M(Message):        k: int; plan: Plan
class Deadline(Timer):   pass
class Decided(Decision): action: Action
# fmt: on


class General(Role):
    peer: Pid
    K: int
    copies: int
    threshold: int
    got: int = 0
    decision: Action | None = None

    def start(self) -> None:
        self.set_timer(Deadline())

    @upon(M)
    def confirm(self, src: Pid, k: int, plan: Plan) -> None:
        """Whoever gets message k sends message k+1, until there were K.  After the deadline it is
        too late for anything."""
        if k <= self.got or self.decision is not None:
            return
        self.got = k
        if k < self.K:
            self.tell(k + 1, plan)

    def tell(self, k: int, plan: Plan) -> None:
        """The last message may go by several messengers at once."""
        for _ in range(self.copies if k == self.K else 1):
            self.send(M(k, plan), to=self.peer)

    @upon(Deadline)
    def decide(self) -> None:
        """Now or never."""
        self.decision = "attack" if self.dares() else "stay"
        self.output(Decided(self.decision))

    def dares(self) -> bool:
        return self.got >= self.threshold


class Planner(General):
    """General A, who makes the plan."""

    plan: Plan | None = None

    @upon(Start)
    def propose(self, plan: Plan) -> None:
        """The first message of the chain."""
        if self.plan is not None or self.decision is not None:
            return
        self.plan = plan
        self.tell(1, plan)

    def dares(self) -> bool:
        return self.plan is not None and self.got >= self.threshold


def setup(K: int = 3, tA: int | None = None, tB: int | None = None, copies: int = 1) -> Nodes:
    """Generals A and B exchange K messages, the last one in so many copies.  A attacks if it got
    message tA or a later one, B if it got tB or a later one; None is the natural threshold."""
    if K < 1 or copies < 1:
        raise ValueError("the generals need at least one message, and one copy of it")
    highest = {"A": K - K % 2, "B": K - 1 + K % 2}  # A gets the even messages, B the odd ones
    return [
        Planner("A", "B", K, copies, highest["A"] if tA is None else tA),
        General("B", "A", K, copies, highest["B"] if tB is None else tB),
    ]


def model(nodes: Nodes) -> Model:
    return Model(links=("lossy",), crashes=0, recovery=False)


def workload(nodes: Nodes) -> list[Ask]:
    return [("A", Start("dawn"))]


plans = inputs(Start)
decisions = outputs(Decided)


@always(sees=[decisions], needs=["reliable links", "synchrony"])
def agreement(system: System) -> Verdict:
    """Both generals attack, or none of them."""
    return at_most_one("decides to", ((p, d.action) for p, d in system.seen(decisions)))


@always(sees=[decisions, plans])
def validity(system: System) -> Verdict:
    """Without a plan nobody attacks."""
    return bool(system.seen(plans)) or not _attackers(system)


@always(sees=[decisions])
def nontriviality(system: System) -> Verdict:
    """If all K messages arrive in time, both generals attack."""
    generals = system.all(General)
    in_time = sorted(g.got for g in generals) == [generals[0].K - 1, generals[0].K]
    over = all(g.decision is not None for g in generals)
    return not (in_time and over) or len(_attackers(system)) == len(generals)


@eventually(sees=[decisions])
def decided(system: System) -> Verdict:
    """Both generals have decided."""
    return {pid for pid, _ in system.seen(decisions)} == {g.pid for g in system.all(General)}


def _attackers(system: System) -> set[Pid]:
    return {pid for pid, decision in system.seen(decisions) if decision.action == "attack"}
