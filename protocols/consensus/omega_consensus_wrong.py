"""Consensus from Omega, made wrong: each line of the loop, left out or read too fast."""

from collections.abc import Iterable

from playground.protocol import Message, Pid, breaks, upon
from playground.protocol.consensus import Decided, Propose, Value
from playground.protocol.detector import Leader
from protocols.consensus import synod_ofcons as synod
from protocols.consensus.omega_consensus import Process, Retry


@breaks("leaders_call")
class NeverLooksAgain(Process):
    """Once it has led, it calls until it has decided, and asks no more who leads: it duels for ever
    with those that lead after it."""

    @upon(Retry)
    def look(self) -> None:
        if self.mine is None or self.calling or self.decided is not None:
            return
        if self.leader == self.pid or self.has_called():
            self.calling = True
            self.request("ofcons", Propose(self.mine))

    def has_called(self) -> bool:
        return isinstance(self.ofcons, synod.Process) and self.ofcons.ballot > 0


@breaks("one_call_at_a_time")
class Impatient(Process):
    """It calls whenever Omega names it, though its last call has not returned: as Omega changes its
    mind it aborts itself."""

    @upon(Leader)
    def follow(self, who: Pid) -> None:
        self.calling = False
        super().follow(who)


@breaks("OF.S2")
class SureOfItself(Process):
    """The leader decides its own value at once, and only then tells the others: since there is one
    leader, who could object?  But Omega promises one leader only in the end."""

    @upon(Retry)
    def look(self) -> None:
        super().look()
        if self.calling and self.mine is not None and self.decided is None:
            self.decided = self.mine
            self.output(Decided(self.mine))


@breaks("OF.S2")
class OwnValue(Process):
    """It takes a call that was successful for a victory of its own value."""

    @upon(Decided)
    def decide(self, value: Value) -> None:
        won = self.mine if self.calling and self.mine is not None else value
        super().decide(won)


@breaks("decided")
class ForgottenValue(Process):
    """Its value is not on disk: a leader that comes back has nothing to propose."""

    mine: Value | None = None


@breaks("decided")
class NoRelay(synod.Process):
    """Who hears of the decision stops there.  If the leader crashes as it tells the others, some
    never hear of it, and the next leader may be one of those that have stopped."""

    def send(self, message: Message, to: Pid | Iterable[Pid]) -> None:
        if self.decided is None or not isinstance(message, synod.Decide):
            super().send(message, to)
