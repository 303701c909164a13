"""Read one, write all available gone wrong: a slip, in the one rule that it bends."""

from playground.protocol import breaks
from protocols.available.rowaa import Server


@breaks("RW.S1")
class NoValidate(Server):
    """A server that comes back serves at once, before it has heard of what it missed."""

    def recover(self) -> None:
        pass
