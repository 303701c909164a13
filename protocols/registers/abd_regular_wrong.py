"""ABD gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.registers import Value
from protocols.registers.abd_regular import Nonce, Present, Reader, Server, Store, Stored
from protocols.registers.abd_regular import Timestamp, Writer


@breaks("regular")
class WritesToOne(Writer):
    """quorum = 1: the write is done when a single server stores it."""

    def enough(self) -> int:
        return 1


@breaks("regular")
class ReadsFromOne(Reader):
    """quorum = 1: the read believes the first server that answers."""

    def enough(self) -> int:
        return 1


@breaks("regular")
class TakesAnyAnswer(Reader):
    """The reader does not look at the number of its read: late answers to an old read count."""

    @upon(Present)
    def collect(self, src: Pid, t: Timestamp, v: Value | None, r: Nonce) -> None:
        if self.r is not None:
            super().collect(src, t, v, self.r)


@breaks("regular")
class CountsAnswers(Reader):
    """The reader counts answers, not servers: one that answers twice is a majority."""

    @upon(Present)
    def collect(self, src: Pid, t: Timestamp, v: Value | None, r: Nonce) -> None:
        again = f"{src}'" if src in self.answers else src
        super().collect(again, t, v, r)


@breaks("safe", "regular")
class ForgetsTime(Writer):
    """The writer does not keep its timestamp on disk, and counts anew after a crash: the servers
    acknowledge what it writes, and ignore it."""

    t: Timestamp = 0


@breaks("RG.S2", "regular")
class TakesAllWrites(Server):
    """The server stores whatever comes, also a late copy of an old write."""

    @upon(Store)
    def store(self, src: Pid, v: Value, t: Timestamp) -> None:
        self.t, self.v = t, v
        self.send(Stored(t), to=src)


@breaks("RG.S3", "regular")
class MemoryOnly(Server):
    """The server keeps the register in its memory only: a crash takes what it acknowledged."""

    t: Timestamp = 0
    v: Value | None = None
