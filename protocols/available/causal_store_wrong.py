"""A causal store gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Map, breaks, stable
from playground.protocol.registers import Key
from protocols.available.causal_store import Client, Entry, Replica, Update, VectorTime


@breaks("CS.S1", "writes_follow_reads")
class AppliesOnReceipt(Replica):
    """The replica holds nothing back: everybody sees all writes in the end, but in what order?"""

    def ready(self, update: Update) -> bool:
        return self.is_new(update)


@breaks("CS.S2")
class LastComes(Replica):
    """What comes last wins, which is another write at each replica."""

    def apply(self, update: Update) -> None:
        super().apply(update)
        self.store |= {update.key: (update.value, update.stamp)}


@breaks("CS.S1", "read_your_writes")
class ForgetsStore(Replica):
    """The vector time is on disk, but the store is not: what was seen is not there any more."""

    store: Map[Key, Entry] = Map()
    vt: VectorTime = stable(Map())


@breaks("CS.S1", "read_your_writes")
class NoSessionVt(Client):
    """The client comes to the next replica with empty hands: it may find less than it has seen."""

    def carried(self) -> VectorTime:
        return Map()
