"""Heartbeats gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.detector import Seq
from protocols.detectors.heartbeat import Check, Heartbeat, Process


@breaks("accuracy")
class ShortTimeout(Process):
    """It waits for one period, and forgets that a beat takes time to come."""

    def expect(self, who: Pid) -> None:
        self.set_timer(Check(who), after=self.period)


@breaks("accuracy")
class SameLife(Process):
    """It does not count its lives, so after a restart its beats are taken for old ones."""

    def recover(self) -> None:
        self.start()


@breaks("freshness")
class AnyBeatCounts(Process):
    """It takes any beat for a sign of life, however old: a copy brings the dead back."""

    @upon(Heartbeat)
    def hear(self, src: Pid, incarnation: int, seq: Seq) -> None:
        self.last = self.last.without(src)
        super().hear(src, incarnation, seq)
