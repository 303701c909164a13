"""Read one, write all available: fast and always there, until the network falls in two.

Promise  As long as the clients know which servers are up, a read that one server answers returns
         what was written last, or what is being written meanwhile (a regular register); a single
         server is enough to go on.  After a partition, what both sides have written meanwhile is
         found out: it is a conflict, and not merged.
Model    Who is silent is taken for dead.  Where messages may take any time that is a guess, and in
         a partition it is wrong: each side goes on alone.  So consistency needs synchrony, which no
         network here has, and the playground tells each breach without calling it a bug.  Links
         lose, delay, reorder and duplicate; nodes crash, and keep what they wrote to disk.
Why      A write waits for all servers that are available, so each of them can answer a read alone.
         A server that was not has to be brought up to date before it counts again.
Roles    c1, c2, .. are the clients; S1, S2, .. store, with a version vector: for each server, in
         how many writes it took part.  `Silence` drops those who do not answer.  `Probe` asks for
         those who were dropped, and compares: the older version is replaced by the newer one
         (RESOLVE), and if both have gone on alone they are marked.  The next write repairs that.
         With `quorum`, nothing is done with less than a majority: reads ask one, and take the
         newest version.  Of two sides one is then told to wait, and so is everybody once a majority
         is down, though all links are up: consistency for availability (the lecture A:751-753).
Limits   Nothing orders writes at the same time: servers may store them in different orders, and
         differ until a probe finds it.  And two reads during a write may see new, then old.
Cost     A write is 2n messages and 2 delays, with n servers, and n more messages that tell the
         servers who took part; it is one disk write at each, and a second one with the news.  A
         read is 2 messages and 2 delays; with `quorum`, 2 for each server of a majority.
Source   Kistler and Satyanarayanan, "Disconnected operation in the Coda file system" (1992), as in
         the lecture A:747-750.  One register here, where Coda has files.
"""

from playground.protocol import Ask, Map, Message, Model, Nodes, Pid, Role, System, Timer, Verdict
from playground.protocol import eventually, majority, pids, showpiece, stable, upon
from playground.protocol import registers
from playground.protocol.model import TRUST
from playground.protocol.registers import Read, Returned, Value, Write, Written

Nonce = tuple[int, int]  # numbers the operations of a client, over all its lives
WriteId = tuple[Pid, Nonce]
Vector = Map[Pid, int]
Found = tuple[Vector, Value | None]  # what a server answers to a read
Version = tuple[Vector, WriteId, Value | None, bool]  # what a server stores, and is it marked

NOTHING: WriteId = ("", (0, 0))


# fmt: off
class ReadOne(Message, label="RREAD"):    n: Nonce
class Present(Message, label="RVAL"):     n: Nonce; value: Value | None; vv: Vector
class WriteAll(Message, label="RWRITE"):  n: Nonce; value: Value
class Stored(Message, label="RACK"):      n: Nonce
class TookPart(Message, label="COP2"):    n: Nonce; who: frozenset[Pid]
class WhoIsThere(Message, label="PROBE"): pass
class Here(Message, label="HERE"):        version: Version
class Resolve(Message, label="RESOLVE"):  version: Version
class Silence(Timer):                     pass
class Probe(Timer):                       pass
# fmt: on


class Client(Role):
    """Believes that who answers is there, and who does not is dead."""

    servers: tuple[Pid, ...]
    least: int  # with so many servers something can be done
    incarnation: int = stable(0)
    count: int = 0
    n: Nonce | None = None  # the operation that is under way
    value: Value | None = None  # what it writes; None if it reads
    acks: frozenset[Pid] = frozenset()
    answers: Map[Pid, Found] = Map()
    missing: frozenset[Pid] = frozenset()  # who was silent
    here: Map[Pid, Version] = Map()  # who has answered the last probe

    def recover(self) -> None:
        """No answer to a question of the last life is for this one."""
        self.incarnation += 1

    def available(self) -> list[Pid]:
        return [pid for pid in self.servers if pid not in self.missing]

    @upon(Write)
    def write(self, value: Value) -> None:
        self.begin(value)

    @upon(Read)
    def read(self) -> None:
        self.begin(None)

    def begin(self, value: Value | None) -> None:
        self.count += 1
        self.n, self.value = (self.incarnation, self.count), value
        self.acks, self.answers = frozenset(), Map()
        self.ask()

    def ask(self) -> None:
        """Write all that are available, or read any one of them: as many as are needed."""
        if self.n is not None and self.value is not None:
            self.send(WriteAll(self.n, self.value), to=self.unheard())
        elif self.n is not None:
            self.send(ReadOne(self.n), to=self.unheard())
        self.set_timer(Silence())

    def unheard(self) -> set[Pid]:
        """Whom it has asked, or would ask, and not heard."""
        if self.value is None:
            return set(self.available()[: self.least]) - self.answers.keys()
        return set(self.available()) - self.acks

    @upon(Present)
    def answer(self, src: Pid, n: Nonce, value: Value | None, vv: Vector) -> None:
        """One answer is enough for a read, if no quorum is asked for."""
        if n != self.n or self.value is not None:
            return
        self.answers |= {src: (vv, value)}
        if len(self.answers) >= self.least:
            found = newest(self.answers)
            self.n, self.answers = None, Map()
            self.cancel_timer(Silence())
            self.output(Returned(found))

    @upon(Stored)
    def ack(self, src: Pid, n: Nonce) -> None:
        """A write needs the answers of all that are available."""
        if n == self.n and self.value is not None:
            self.acks |= {src}
            self.finish()

    def finish(self) -> None:
        """All have answered: tell them so, that each may count it for the others, too."""
        if self.n is None or self.value is None or not self.enough():
            return
        n, value = self.n, self.value
        self.n = self.value = None
        self.cancel_timer(Silence())
        self.send(TookPart(n, self.acks), to=self.acks)
        self.output(Written(value))

    def enough(self) -> bool:
        return len(self.acks) >= self.least and self.acks.issuperset(self.available())

    @upon(Silence)
    def drop(self) -> None:
        """Who is silent is dead; but if too few are left, begin again with all."""
        if self.n is None:
            return
        self.missing |= self.unheard()
        if len(self.available()) < self.least:
            self.missing = frozenset()
        self.set_timer(Probe())
        self.finish()
        if self.n is not None:
            self.ask()

    @upon(Probe)
    def probe(self) -> None:
        """Are they back?"""
        if self.missing:
            self.here = Map()
            self.send(WhoIsThere(), to=self.servers)
            self.set_timer(Probe())

    @upon(Here)
    def compare(self, src: Pid, version: Version) -> None:
        """Who is back counts again if it stores the same as those who were there."""
        self.here |= {src: version}
        for pid in self.available():
            for back in sorted(self.missing & set(self.here)):
                if pid in self.here and src in (pid, back):
                    self.reconcile(pid, back)

    def reconcile(self, one: Pid, other: Pid) -> None:
        """Let who is back know what the others store; and the others, if it knows anything else."""
        mine, its = self.here[one], self.here[other]
        if mine[1] == its[1]:
            self.missing -= {other}
        self.send(Resolve(mine), to=other)
        if mine != its:
            self.send(Resolve(its), to=one)


class Server(Role):
    """Does as it is told, by whoever reaches it."""

    value: Value | None = stable(None)
    vv: Vector = stable(Map())
    last: WriteId = stable(NOTHING)  # the write that it stores
    done: Map[Pid, Nonce] = stable(Map())  # the last write of each client
    counted: Map[Pid, Nonce] = stable(Map())  # the last one of which it knows who took part
    conflict: bool = stable(False)
    stale: bool = stable(False)

    def recover(self) -> None:
        """What it stores may be old by now: it serves nobody until it has been compared."""
        self.stale = True

    @upon(ReadOne)
    def tell(self, src: Pid, n: Nonce) -> None:
        if not self.stale:
            self.send(Present(n, self.value, self.vv), to=src)

    @upon(WriteAll)
    def store(self, src: Pid, n: Nonce, value: Value) -> None:
        """A copy of an old write changes nothing; a new write ends a conflict."""
        if n > self.done.get(src, (0, 0)):
            self.value, self.last = value, (src, n)
            self.conflict = self.stale = False
            self.done |= {src: n}
            self.vv |= {self.pid: self.vv.get(self.pid, 0) + 1}
        self.send(Stored(n), to=src)

    @upon(TookPart)
    def count(self, src: Pid, n: Nonce, who: frozenset[Pid]) -> None:
        """Count it for the others, too, once."""
        if n == self.done.get(src) and n != self.counted.get(src):
            self.vv |= {pid: self.vv.get(pid, 0) + 1 for pid in who - {self.pid}}
            self.counted |= {src: n}

    @upon(WhoIsThere)
    def answer(self, src: Pid) -> None:
        self.send(Here((self.vv, self.last, self.value, self.conflict)), to=src)

    @upon(Resolve)
    def resolve(self, src: Pid, version: Version) -> None:
        """Take what is newer.  If both have gone on alone it is a conflict: take one of the values,
        everywhere the same, and leave a mark."""
        vv, last, value, _ = version
        self.stale = False
        if vv != self.vv and covers(vv, self.vv):
            self.vv, self.last, self.value, self.conflict = version
        elif last != self.last and (vv == self.vv or not covers(self.vv, vv)):
            self.vv |= {pid: max(n, self.vv.get(pid, 0)) for pid, n in vv.items()}
            self.last, self.value = max((self.last, self.value), (last, value), key=write_id)
            self.conflict = True


def covers(one: Vector, other: Vector) -> bool:
    """Has the first one seen all writes that the other one has seen?"""
    return all(n <= one.get(pid, 0) for pid, n in other.items())


def newest(answers: Map[Pid, Found]) -> Value | None:
    """If neither of two has seen all that the other has, nobody can tell: then any."""
    seen, found = Map[Pid, int](), None
    for vv, value in answers.values():
        if covers(vv, seen):
            seen, found = vv, value
    return found


def write_id(stored: tuple[WriteId, Value | None]) -> WriteId:
    return stored[0]


def setup(servers: int = 3, clients: int = 2, quorum: bool = False) -> Nodes:
    """Servers S1.. and clients c1.., which do nothing without a majority if there is a `quorum`."""
    if servers < 1 or clients < 1:
        raise ValueError("at least one server and one client are needed")
    s = pids("S", servers)
    least = majority(s) if quorum else 1
    return [*(Client(pid, s, least) for pid in pids("c", clients)), *map(Server, s)]


def model(nodes: Nodes) -> Model:
    """All servers but one may be down; with a quorum, a minority.  A request that gets no answer in
    time is lost: it does not come later.  A reader may see new and then old even if nothing
    fails."""
    [client, *_] = [node for node in nodes if isinstance(node, Client)]
    return Model(
        links=("lossy", "duplicating", "reordering"),
        crashes=len(client.servers) - client.least,
        partitions="drop",
        gives_up=("atomic",),
    )


def workload(nodes: Nodes) -> list[Ask]:
    return [("c1", Write("A"))]


regular = registers.regular.known_as("RW.S1", needs={*TRUST, "synchrony"})
atomic = registers.atomic.known_as("RW.S2", needs={*TRUST, "synchrony"})


@showpiece(("c1", Write("A")), ("c2", Write("B")), timers=2)
def two_sides(system: System) -> Verdict:
    """Two servers have taken writes that the other has not seen: each side takes the other for
    dead, and goes on."""
    servers = system.up(Server)
    return any(not covers(a.vv, b.vv) and not covers(b.vv, a.vv) for a in servers for b in servers)


@eventually("RW.L1", lasting=False)
def answered(system: System) -> Verdict:
    """Every operation of a client that is up has returned."""
    return all(client.n is None for client in system.up(Client))


@eventually("RW.L2", lasting=False)
def unanimous(system: System) -> Verdict:
    """All servers that are up store the same write, though perhaps with a mark on it."""
    return len({server.last for server in system.up(Server)}) == 1
