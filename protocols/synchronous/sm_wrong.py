"""SM gone wrong: slips that are easily made, each in the one rule that it bends."""

from typing import get_args

from playground.protocol import Pid, Signed, breaks
from playground.protocol.byzantine import Value
from protocols.synchronous.sm import Lieutenant


@breaks("IC1")
class TakesShort(Lieutenant):
    """It takes a chain with fewer signatures than there were rounds, when it may be too late to
    pass it on."""

    def enough(self, chain: list[Pid]) -> bool:
        return len(chain) <= self.r


@breaks("IC1")
class CountsAgain(Lieutenant):
    """It counts a signature as often as it stands there; but one general may sign twice."""

    def enough(self, chain: list[Pid]) -> bool:
        return len(chain) == self.r


@breaks("IC2")
class AnyoneCommands(Lieutenant):
    """It does not look who signed first."""

    def proper(self, value: Value, chain: list[Pid]) -> bool:
        return value in get_args(Value) and self.enough(chain)


@breaks("IC1")
class KeepsItself(Lieutenant):
    """It does not pass on what it got, as if everybody had got the same."""

    def pass_on(self, orders: tuple[Signed, ...]) -> None:
        """It tells nobody."""
