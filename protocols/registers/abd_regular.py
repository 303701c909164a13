"""ABD: a register in the memory of many servers, of which a minority may be dead.

Promise  A regular register for one writer: a read returns what was written last, or what is being
         written meanwhile.  It is wait-free: every operation ends, whatever other clients do.
         It is not atomic: of two reads during one write, the first may return the new value and the
         second the old one.  With several writers nothing at all is promised.
Model    Asynchronous.  Links lose, delay, reorder and duplicate.  A minority of the nodes crash,
         and come back with what they wrote to disk.  Nobody lies.
Why      Any two majorities share a server.  So a majority that answers a read has a member that
         has acknowledged the last write, and its timestamp is the highest that was completed.
Roles    w1 writes; r1, r2, .. read; S1, S2, .. store.  `Again` repeats what got no answer.  With
         `remember` a reader never returns what is older than what it returned before: with one
         reader, that makes the register atomic, for one disk write at each read of something new.
Choices  The lecture leaves open whether a server acknowledges a write that it knows already.  It
         must: else a writer whose WACK is lost would wait for ever.  A client that is asked for
         something new gives up what it has begun; its messages may still arrive.
Cost     2n messages and 2 delays for each write and each read, with n servers; a write is one disk
         write at the writer, and one at each server.
Source   Attiya, Bar-Noy, Dolev, "Sharing memory robustly in message-passing systems" (1995); the
         lecture B:28-67.  Its quiz (B:70-74) is in the scenarios quiz1_*.
"""

from playground.protocol import Ask, Clash, Map, Message, Model, Nodes, Pid, Role, System, Timer
from playground.protocol import Verdict, always, eventually, majority, monotone, pids, showpiece
from playground.protocol import stable, upon
from playground.protocol import registers
from playground.protocol.registers import Read, Returned, Value, Write, Written

Timestamp = int  # the writer counts its writes; 0 is what was there before
Nonce = tuple[int, int]  # numbers the reads of a reader, over all its lives
Pair = tuple[Timestamp, Value | None]


# fmt: off
class Store(Message,   label="W"):    v: Value; t: Timestamp
class Stored(Message,  label="WACK"): t: Timestamp
class Query(Message,   label="R"):    r: Nonce
class Present(Message, label="RVAL"): t: Timestamp; v: Value | None; r: Nonce
class Again(Timer):                   pass
# fmt: on


class Writer(Role):
    """Owns the register: nobody else writes it."""

    servers: tuple[Pid, ...]
    t: Timestamp = stable(0)
    v: Value | None = None  # what it is writing
    acks: frozenset[Pid] = frozenset()  # who has acknowledged the last write

    @upon(Write)
    def write(self, value: Value) -> None:
        """A new timestamp, on disk before anybody sees it."""
        self.t += 1
        self.v, self.acks = value, frozenset()
        self.tell()

    @upon(Again)
    def tell(self) -> None:
        """Ask all who have not acknowledged it yet."""
        if self.v is not None:
            self.send(Store(self.v, self.t), to=set(self.servers) - self.acks)
            self.set_timer(Again())

    @upon(Stored)
    def ack(self, src: Pid, t: Timestamp) -> None:
        """Done, as soon as a majority stores it."""
        if self.v is None or t != self.t:
            return
        self.acks |= {src}
        if len(self.acks) >= self.enough():
            value, self.v = self.v, None
            self.cancel_timer(Again())
            self.output(Written(value))

    def enough(self) -> int:
        return majority(self.servers)


class Server(Role):
    """Stores the newest value that it was told."""

    t: Timestamp = stable(0)
    v: Value | None = stable(None)

    @upon(Store)
    def store(self, src: Pid, v: Value, t: Timestamp) -> None:
        """Acknowledge it also if it is old: what is stored is at least as new."""
        if t > self.t:
            self.t, self.v = t, v
        self.send(Stored(t), to=src)

    @upon(Query)
    def tell(self, src: Pid, r: Nonce) -> None:
        self.send(Present(self.t, self.v, r), to=src)


class Reader(Role):
    """Reads the register."""

    servers: tuple[Pid, ...]
    incarnation: int = stable(0)
    count: int = 0
    r: Nonce | None = None  # the read that is under way
    answers: Map[Pid, Pair] = Map()

    def recover(self) -> None:
        """No answer to a question of the last life is for this one."""
        self.incarnation += 1

    @upon(Read)
    def read(self) -> None:
        """Ask everybody, under a number that was never used."""
        self.count += 1
        self.r, self.answers = (self.incarnation, self.count), Map()
        self.query()

    @upon(Again)
    def query(self) -> None:
        """Ask all who have not answered yet."""
        if self.r is not None:
            self.send(Query(self.r), to=set(self.servers) - set(self.answers))
            self.set_timer(Again())

    @upon(Present)
    def collect(self, src: Pid, t: Timestamp, v: Value | None, r: Nonce) -> None:
        """The newest value that a majority knows of."""
        if r != self.r:
            return
        self.answers |= {src: (t, v)}
        if len(self.answers) >= self.enough():
            self.finish(max(self.answers.values(), key=lambda pair: pair[0]))

    def finish(self, newest: Pair) -> None:
        self.r, self.answers = None, Map()
        self.cancel_timer(Again())
        self.output(Returned(newest[1]))

    def enough(self) -> int:
        return majority(self.servers)


class RememberingReader(Reader):
    """Never returns what is older than what it has returned before."""

    last: Pair = stable((0, None))

    def finish(self, newest: Pair) -> None:
        if newest[0] > self.last[0]:
            self.last = newest
        super().finish(self.last)


def setup(servers: int = 3, writers: int = 1, readers: int = 2, remember: bool = False) -> Nodes:
    """Servers S1.., the writer w1 and readers r1..; a second writer is more than ABD bears."""
    if servers < 1 or writers < 1 or readers < 0:
        raise ValueError("a register needs at least one server and one writer")
    s = pids("S", servers)
    kind = RememberingReader if remember else Reader
    w = [Writer(pid, s) for pid in pids("w", writers)]
    return [*w, *map(Server, s), *(kind(pid, s) for pid in pids("r", readers))]


def model(nodes: Nodes) -> Model:
    """A minority may be down.  What is promised depends on how many write and read."""
    servers, writers, readers = (_those(nodes, role) for role in (Server, Writer, Reader))
    gives_up: tuple[str, ...] = ("atomic",)
    if len(writers) > 1:
        gives_up = ("safe", "regular", "atomic", "same_value")
    elif len(readers) <= 1 and all(isinstance(r, RememberingReader) for r in readers):
        gives_up = ()
    return Model(
        links=("lossy", "duplicating", "reordering"),
        crashes=(len(servers) - 1) // 2,
        gives_up=gives_up,
    )


def _those(nodes: Nodes, role: type[Role]) -> Nodes:
    return [node for node in nodes if isinstance(node, role)]


def workload(nodes: Nodes) -> list[Ask]:
    return [("w1", Write("A"))]


regular = registers.regular.known_as("RG.S1")
safe = registers.safe
atomic = registers.atomic
t_monotone = monotone(Server, "t", "RG.S2")


@showpiece(("w1", Write("A")), ("r1", Read()), ("r2", Read()), sees=registers.atomic.sees)
def inversion(system: System) -> Verdict:
    """New and then old: a read returns the new value, and a later one still the old."""
    return not registers.atomic(system)


@always("RG.S3")
def acknowledged_is_stored(system: System) -> Verdict:
    """Who has acknowledged a write stores it, or a newer one: so the timestamp of every completed
    write is stored at a majority."""
    stored = {server.pid: server.t for server in system.all(Server)}
    for writer in system.all(Writer):
        for pid in sorted(writer.acks):
            if stored.get(pid, 0) < writer.t:
                return Clash(f"{pid} stores write {stored.get(pid, 0)}, {writer.pid}'s {writer.t}")
    return True


@always("RG.S4")
def same_value(system: System) -> Verdict:
    """Servers that store the same timestamp store the same value."""
    values: dict[Timestamp, Server] = {}
    for server in system.all(Server):
        first = values.setdefault(server.t, server)
        if first.v != server.v:
            return Clash(
                f"{first.pid} stores {first.v} of time {server.t}, {server.pid} {server.v}"
            )
    return True


@eventually("RG.L1", lasting=False)
def answered(system: System) -> Verdict:
    """Every operation of a client that is up has returned."""
    return all(writer.v is None for writer in system.up(Writer)) and all(
        reader.r is None for reader in system.up(Reader)
    )
