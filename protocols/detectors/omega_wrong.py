"""Omega gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.detector import Seq
from protocols.detectors.omega import Heartbeat, Process


@breaks("fewest_restarts")
class FirstByName(Process):
    """It follows the first by name, however often that one has restarted."""

    def rank(self, who: Pid) -> tuple[int, Pid]:
        return 0, who


@breaks("freshness")
class AnyBeatCounts(Process):
    """It takes any beat for a sign of life, however old: a copy makes the dead lead again."""

    @upon(Heartbeat)
    def hear(self, src: Pid, incarnation: int, seq: Seq) -> None:
        self.last = self.last.without(src)
        super().hear(src, incarnation, seq)


@breaks("self_trust")
class AsksItself(Process):
    """It waits for signs of life of its own as well; as it sends itself none, it takes itself for
    dead, and follows somebody who does the same. Then nobody ever leads."""

    def start(self) -> None:
        super().start()
        self.expect(self.pid)

    def elect(self) -> None:
        if {self.pid, *self.others} - self.suspected:
            super().elect()
