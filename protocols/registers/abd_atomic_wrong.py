"""Atomic ABD gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.registers import Value
from protocols.registers.abd_atomic import Reader, Server, Store, Stored, Timestamp, Writer


@breaks("atomic")
class NoWriteBack(Reader):
    """The reader returns what it has found, though it may be the only one who will find it."""

    def may_skip(self) -> bool:
        return True


@breaks("atomic", "safe")
class ForgetsTime(Writer):
    """The writer does not keep its timestamp on disk, and counts anew after a crash: the servers
    acknowledge what it writes, and ignore it."""

    t: Timestamp = 0


@breaks("RG.S2", "atomic")
class TakesAllWrites(Server):
    """The server stores whatever comes, also a late copy of an old write."""

    @upon(Store)
    def store(self, src: Pid, v: Value | None, t: Timestamp) -> None:
        self.t, self.v = t, v
        self.send(Stored(t), to=src)
