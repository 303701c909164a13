"""ABD for many writers: who would write asks first how far the others have come.

Promise  An atomic register for many writers and many readers: each operation seems to happen at one
         moment between its call and its answer.  It is wait-free.
Model    Asynchronous.  Links lose, delay, reorder and duplicate.  A minority of the nodes crash,
         and come back with what they wrote to disk.  Nobody lies.
Why      A writer that counts only its own writes may be far behind another one, and then the
         servers ignore what it writes.  So it first asks a majority, one of which knows the last
         write, and goes beyond.  Two writers may get to the same number at the same time; so a
         timestamp is the number and the writer's name, which decides.  Readers write back what
         they return, as in the register with one writer.
Roles    w1, w2, .. write; r1, r2, .. read; S1, S2, .. store.  `Again` repeats what got no answer.
         A writer keeps the last timestamp that it used on disk, for if it crashes in the middle of
         a write, the next one must not get the same.
Cost     4n messages and 4 delays for each write and each read, with n servers; a write is one disk
         write at the writer, and one at each server.
Source   Lynch and Shvartsman, "Robust emulation of shared memory" (1997); the lecture's quiz,
         B:70-74.
"""

from typing import Literal

from playground.protocol import Ask, Clash, Map, Message, Model, Nodes, Pid, Role, System, Timer
from playground.protocol import Verdict, always, eventually, majority, monotone, pids, stable, upon
from playground.protocol import registers
from playground.protocol.registers import Read, Returned, Value, Write, Written

Timestamp = tuple[int, Pid]  # the number of the write, and its writer
Nonce = tuple[int, int]  # numbers the operations of a client, over all its lives
Pair = tuple[Timestamp, Value | None]
Phase = Literal["idle", "asking", "storing"]

ZERO: Timestamp = (0, "")  # of what was there before


# fmt: off
class Query(Message,   label="R"):    r: Nonce
class Present(Message, label="RVAL"): t: Timestamp; v: Value | None; r: Nonce
class Store(Message,   label="W"):    v: Value | None; t: Timestamp
class Stored(Message,  label="WACK"): t: Timestamp
class Again(Timer):                   pass
# fmt: on


class Client(Role):
    """Works in two phases: it asks a majority, and then has a majority store something."""

    servers: tuple[Pid, ...]
    incarnation: int = stable(0)
    count: int = 0
    phase: Phase = "idle"
    r: Nonce = (0, 0)  # the last operation
    answers: Map[Pid, Pair] = Map()
    pair: Pair = (ZERO, None)  # what it has stored
    acks: frozenset[Pid] = frozenset()

    def recover(self) -> None:
        """No answer to a question of the last life is for this one."""
        self.incarnation += 1

    def begin(self) -> None:
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
        elif self.phase == "storing":
            t, v = self.pair
            self.send(Store(v, t), to=set(self.servers) - self.acks)
        if self.phase != "idle":
            self.set_timer(Again())

    @upon(Present)
    def collect(self, src: Pid, t: Timestamp, v: Value | None, r: Nonce) -> None:
        """When a majority has answered, have a majority store what comes of it."""
        if self.phase != "asking" or r != self.r:
            return
        self.answers |= {src: (t, v)}
        if len(self.answers) >= majority(self.servers):
            newest = max(self.answers.values(), key=lambda pair: pair[0])
            self.pair, self.answers = self.chosen(newest), Map()
            self.phase = "storing"
            self.ask()

    def chosen(self, newest: Pair) -> Pair:
        """What is to be stored, given the newest that a majority knows of."""
        return newest

    @upon(Stored)
    def ack(self, src: Pid, t: Timestamp) -> None:
        """Done, as soon as a majority stores it."""
        if self.phase != "storing" or t != self.pair[0]:
            return
        self.acks |= {src}
        if len(self.acks) >= majority(self.servers):
            self.phase = "idle"
            self.cancel_timer(Again())
            self.done()

    def done(self) -> None:
        """Tell the result."""


class Writer(Client):
    """Stores something newer than all that a majority knows of."""

    t: int = stable(0)  # the last number that it used
    value: Value | None = None

    @upon(Write)
    def write(self, value: Value) -> None:
        self.value = value
        self.begin()

    def chosen(self, newest: Pair) -> Pair:
        """A new timestamp, on disk before anybody sees it."""
        (t, _), _ = newest
        self.t = max(t, self.t) + 1
        return (self.t, self.pid), self.value

    def done(self) -> None:
        value, self.value = self.value, None
        if value is not None:
            self.output(Written(value))


class Server(Role):
    """Stores the newest value that it was told."""

    t: Timestamp = stable(ZERO)
    v: Value | None = stable(None)

    @upon(Query)
    def tell(self, src: Pid, r: Nonce) -> None:
        self.send(Present(self.t, self.v, r), to=src)

    @upon(Store)
    def store(self, src: Pid, v: Value | None, t: Timestamp) -> None:
        """Acknowledge it also if it is old: what is stored is at least as new."""
        if t > self.t:
            self.t, self.v = t, v
        self.send(Stored(t), to=src)


class Reader(Client):
    """Writes back what it returns, so that nobody reads an older value afterwards."""

    @upon(Read)
    def read(self) -> None:
        self.begin()

    def done(self) -> None:
        self.output(Returned(self.pair[1]))


def setup(servers: int = 3, writers: int = 2, readers: int = 2) -> Nodes:
    """Servers S1.., writers w1.. and readers r1.."""
    if servers < 1 or writers < 1 or readers < 0:
        raise ValueError("a register needs at least one server and one writer")
    s = pids("S", servers)
    w = [Writer(pid, s) for pid in pids("w", writers)]
    return [*w, *map(Server, s), *(Reader(pid, s) for pid in pids("r", readers))]


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


@always("RG.S3")
def acknowledged_is_stored(system: System) -> Verdict:
    """Who has acknowledged something stores it, or something newer."""
    stored = {server.pid: server.t for server in system.all(Server)}
    for client in system.all(Client):
        for pid in sorted(client.acks):
            if stored.get(pid, ZERO) < client.pair[0]:
                t, n = client.pair[0]
                return Clash(f"{pid} has lost write ({t}, {n}), which it told {client.pid} of")
    return True


@always("RG.S4")
def same_value(system: System) -> Verdict:
    """Servers that store the same timestamp store the same value."""
    values: dict[Timestamp, Server] = {}
    for server in system.all(Server):
        first = values.setdefault(server.t, server)
        if first.v != server.v:
            t, n = server.t
            told = f"{first.pid} stores {first.v}, {server.pid} stores {server.v}"
            return Clash(f"at the same timestamp ({t}, {n}) {told}")
    return True


@eventually("RG.L1", lasting=False)
def answered(system: System) -> Verdict:
    """Every operation of a client that is up has returned."""
    return all(client.phase == "idle" for client in system.up(Client))
