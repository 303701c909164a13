"""ABD for many writers gone wrong: slips that are easily made, each in the one rule it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.registers import Value
from protocols.registers.abd_mwmr import Again, Nonce, Pair, Present, Reader, Timestamp, Writer


@breaks("safe", "atomic")
class CountsAlone(Writer):
    """The writer does not look how far the others have come: it counts its own writes."""

    def chosen(self, newest: Pair) -> Pair:
        return super().chosen(((0, ""), None))


@breaks("RG.S4", "atomic")
class NoName(Writer):
    """The timestamp is the number alone, so two writers may use the same for different values."""

    def chosen(self, newest: Pair) -> Pair:
        (t, _), value = super().chosen(newest)
        return (t, "w"), value


@breaks("RG.S4")
class ForgetsTime(Writer):
    """The writer does not keep its last timestamp on disk: after a crash it uses the same again,
    for another value."""

    t: int = 0


@breaks("atomic")
class NoWriteBack(Reader):
    """The reader does not wait until what it returns is written back."""

    @upon(Present)
    def collect(self, src: Pid, t: Timestamp, v: Value | None, r: Nonce) -> None:
        super().collect(src, t, v, r)
        if self.phase == "storing":
            self.phase = "idle"
            self.cancel_timer(Again())
            self.done()
