"""OM gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.byzantine import Value
from protocols.synchronous.om import Lieutenant, Order, Path


@breaks("IC1")
class TieOwn(Lieutenant):
    """If there is no majority, it takes what it was told itself; others were told otherwise."""

    def majority(self, own: Value, others: list[Value]) -> Value:
        votes = [own, *others]
        return own if 2 * votes.count(own) == len(votes) else super().majority(own, others)


@breaks("IC1")
class CountsItself(Lieutenant):
    """It counts what it has told the others as one more vote, so that each counts other votes."""

    def majority(self, own: Value, others: list[Value]) -> Value:
        return super().majority(own, [own, *others])


@breaks("IC1")
class TakesLate(Lieutenant):
    """It takes in what comes a round too late, when it has told the others that it heard
    nothing."""

    @upon(Order)
    def hear(self, src: Pid, path: Path, value: Value) -> None:
        super().hear(src, path, value)
        if (src,) == path[-1:] and len(path) < self.r <= self.m + 1:
            self.heard |= {path: value}


@breaks("IC2", "IC1")
class TrustsPath(Lieutenant):
    """It believes in every hop of a path, also in the last: whoever sends it."""

    @upon(Order)
    def hear(self, src: Pid, path: Path, value: Value) -> None:
        super().hear(path[-1] if path else src, path, value)
