"""Atomic ABD: who reads a value makes sure that nobody reads an older one afterwards.

Promise  An atomic register for one writer and many readers: each operation seems to happen at one
         moment between its call and its answer.  It is wait-free.
Model    Asynchronous.  Links lose, delay, reorder and duplicate.  A minority of the nodes crash,
         and come back with what they wrote to disk.  Nobody lies.
Why      In the regular register a read may return what only a few servers store, and a later read
         may ask others.  Here the reader *writes back* what it is about to return, and waits until
         a majority stores it.  Every later read asks one of them.
Roles    w1 writes; r1, r2, .. read; S1, S2, .. store.  `Again` repeats what got no answer.  With
         `skip_unanimous` a reader does not write back what all of its majority store already.
Cost     A write is 2n messages and 2 delays, with n servers; a read 4n and 4, or 2n and 2 if it can
         skip.  A write is one disk write at the writer, and one at each server; a read is one at
         each server that did not know the value.
Source   Attiya, Bar-Noy, Dolev, "Sharing memory robustly in message-passing systems" (1995); the
         lecture's quiz, B:70-74.
"""

from typing import Literal

from playground.protocol import Ask, Clash, Map, Message, Model, Nodes, Pid, Role, System, Timer
from playground.protocol import Verdict, always, eventually, majority, monotone, pids, showpiece
from playground.protocol import stable, upon
from playground.protocol import registers
from playground.protocol.registers import Read, Returned, Value, Write, Written

Timestamp = int  # the writer counts its writes; 0 is what was there before
Nonce = tuple[int, int]  # numbers the reads of a reader, over all its lives
Pair = tuple[Timestamp, Value | None]
Phase = Literal["idle", "asking", "writing back"]


# fmt: off
class Store(Message,   label="W"):    v: Value | None; t: Timestamp
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
        if len(self.acks) >= majority(self.servers):
            value, self.v = self.v, None
            self.cancel_timer(Again())
            self.output(Written(value))


class Server(Role):
    """Stores the newest value that it was told, by the writer or by a reader."""

    t: Timestamp = stable(0)
    v: Value | None = stable(None)

    @upon(Store)
    def store(self, src: Pid, v: Value | None, t: Timestamp) -> None:
        """Acknowledge it also if it is old: what is stored is at least as new."""
        if t > self.t:
            self.t, self.v = t, v
        self.send(Stored(t), to=src)

    @upon(Query)
    def tell(self, src: Pid, r: Nonce) -> None:
        self.send(Present(self.t, self.v, r), to=src)


class Reader(Role):
    """Reads the register, in two phases."""

    servers: tuple[Pid, ...]
    skip_unanimous: bool
    incarnation: int = stable(0)
    count: int = 0
    phase: Phase = "idle"
    r: Nonce = (0, 0)  # the last read
    answers: Map[Pid, Pair] = Map()
    newest: Pair = (0, None)  # what it is going to return
    acks: frozenset[Pid] = frozenset()

    def recover(self) -> None:
        """No answer to a question of the last life is for this one."""
        self.incarnation += 1

    @upon(Read)
    def read(self) -> None:
        """Ask everybody, under a number that was never used."""
        self.count += 1
        self.r, self.answers = (self.incarnation, self.count), Map()
        self.phase, self.acks = "asking", frozenset()
        self.ask()

    @upon(Again)
    def ask(self) -> None:
        """Ask all who have not answered yet, in this phase."""
        if self.phase == "asking":
            self.send(Query(self.r), to=set(self.servers) - set(self.answers))
        elif self.phase == "writing back":
            t, v = self.newest
            self.send(Store(v, t), to=set(self.servers) - self.acks)
        if self.phase != "idle":
            self.set_timer(Again())

    @upon(Present)
    def collect(self, src: Pid, t: Timestamp, v: Value | None, r: Nonce) -> None:
        """Take the newest value that a majority knows of, and have it stored by a majority."""
        if self.phase != "asking" or r != self.r:
            return
        self.answers |= {src: (t, v)}
        if len(self.answers) < majority(self.servers):
            return
        self.newest = max(self.answers.values(), key=lambda pair: pair[0])
        if self.may_skip():
            self.finish()
        else:
            self.phase = "writing back"
            self.ask()

    def may_skip(self) -> bool:
        """Does a majority store it already?"""
        return self.skip_unanimous and len(set(self.answers.values())) == 1

    @upon(Stored)
    def ack(self, src: Pid, t: Timestamp) -> None:
        """Return, as soon as a majority stores it.  An answer to an older write-back of the same
        timestamp is as good: it is stored."""
        if self.phase != "writing back" or t != self.newest[0]:
            return
        self.acks |= {src}
        if len(self.acks) >= majority(self.servers):
            self.finish()

    def finish(self) -> None:
        self.phase, self.answers = "idle", Map()
        self.cancel_timer(Again())
        self.output(Returned(self.newest[1]))


def setup(servers: int = 3, readers: int = 2, skip_unanimous: bool = False) -> Nodes:
    """Servers S1.., the writer w1 and readers r1.."""
    if servers < 1 or readers < 0:
        raise ValueError("a register needs at least one server")
    s = pids("S", servers)
    r = [Reader(pid, s, skip_unanimous) for pid in pids("r", readers)]
    return [Writer("w1", s), *map(Server, s), *r]


def model(nodes: Nodes) -> Model:
    """A minority of the servers may be down."""
    servers = [node for node in nodes if isinstance(node, Server)]
    return Model(links=("lossy", "duplicating", "reordering"), crashes=(len(servers) - 1) // 2)


def workload(nodes: Nodes) -> list[Ask]:
    return [("w1", Write("A"))]


atomic = registers.atomic.known_as("RG.S5")
regular = registers.regular.known_as("RG.S1")
safe = registers.safe
t_monotone = monotone(Server, "t", "RG.S2")


@showpiece(("w1", Write("A")), ("r1", Read()))
def helping(system: System) -> Verdict:
    """A reader finishes what a writer has begun: it writes back a value that few servers store."""
    for reader in system.up(Reader):
        stored = [server for server in system.all(Server) if server.t >= reader.newest[0]]
        if reader.phase == "writing back" and len(stored) < majority(reader.servers):
            return True
    return False


@always("RG.S3")
def acknowledged_is_stored(system: System) -> Verdict:
    """Who has acknowledged a write, or a write-back, stores it, or a newer one."""
    stored = {server.pid: server.t for server in system.all(Server)}
    told = [(w.pid, w.t, w.acks) for w in system.all(Writer)]
    told += [(r.pid, r.newest[0], r.acks) for r in system.all(Reader)]
    for client, t, acks in told:
        for pid in sorted(acks):
            if stored.get(pid, 0) < t:
                return Clash(f"{pid} stores write {stored.get(pid, 0)}, not write {t} of {client}")
    return True


@always("RG.S4")
def same_value(system: System) -> Verdict:
    """Servers that store the same timestamp store the same value."""
    values: dict[Timestamp, Server] = {}
    for server in system.all(Server):
        first = values.setdefault(server.t, server)
        if first.v != server.v:
            told = f"{first.pid} stores {first.v}, {server.pid} stores {server.v}"
            return Clash(f"at the same timestamp {server.t} {told}")
    return True


@eventually("RG.L1", lasting=False)
def answered(system: System) -> Verdict:
    """Every operation of a client that is up has returned."""
    return all(writer.v is None for writer in system.up(Writer)) and all(
        reader.phase == "idle" for reader in system.up(Reader)
    )
