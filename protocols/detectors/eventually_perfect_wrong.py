"""Eventually perfect gone wrong: a slip that is easily made, in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.detector import Seq
from protocols.detectors.eventually_perfect import Check, Heartbeat, Process


@breaks("fresh_start")
class KeepsPatience(Process):
    """It is as patient with a process as in the life before, whose mistakes were long ago; so it
    takes ever longer to notice a crash."""

    @upon(Heartbeat)
    def hear(self, src: Pid, incarnation: int, seq: Seq) -> None:
        earlier = self.timeouts
        super().hear(src, incarnation, seq)
        if src in earlier and src not in self.timeouts:
            self.timeouts |= {src: earlier[src]}
            self.set_timer(Check(src), after=earlier[src])
