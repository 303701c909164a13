"""Causal store: every replica answers at once, and nobody sees an answer before the question.

Promise  Always available: a replica serves its clients alone, whoever is dead or cut off.  Causal:
         who sees a write sees everything that its writer had seen or written before.  Convergent:
         replicas that have seen the same writes store the same, and all see all in the end.
         It is not atomic: what one replica has stored another one may not know yet.  It is not even
         sequential: of two who write at the same time, each may miss the write of the other.
         And it is not fifo: a write may come when it is overwritten already, so that no order of
         all writes explains what one client saw of them.
Model    Asynchronous.  Links delay, reorder and duplicate, but do not lose; a cut delays.  Nodes
         crash, any number of them, and come back with what they wrote to disk.  Nobody lies.
Why      A write carries a vector time: how many writes of each replica its writer had seen.  Others
         hold it back until they have seen those, too.  Writes that do not know of each other are
         ordered by a number that grows along with causes, and by name: everywhere alike.
Roles    p1, p2, .. store, and each serves the clients beside it by `Put` and `Get`.  Whoever comes
         back from a crash tells what it has seen (SYNC), and the others send what it has missed.
         c1, c2, .. are clients that may move (`Move`) from one replica to another.  They carry the
         vector time of what they have seen, and a replica that has seen less lets them wait.
Cost     n-1 messages and 1 disk write for a write, and no delay for the client; nothing for a read.
         Each of the others needs 1 delay and 1 disk write.  A client that moves pays 2 messages and
         2 delays for each operation, and waits for what it has seen elsewhere.
Source   Ahamad et al., "Causal memory" (1995); Lamport, "Time, clocks" (1978); the lecture
         B:445-446.
"""

from playground.protocol import Ask, Clash, Input, Map, Message, Model, Nodes, Pid, Role, System
from playground.protocol import (
    Timer,
    Verdict,
    always,
    eventually,
    monotone,
    pids,
    showpiece,
    stable,
)
from playground.protocol import upon
from playground.protocol import registers
from playground.protocol.registers import Get, Key, Put, Returned, Value, Written

VectorTime = Map[Pid, int]  # how many writes of each replica
Stamp = tuple[int, Pid]  # grows along with causes; the name decides between equals
Entry = tuple[Value, Stamp]


# fmt: off
class Update(Message, label="UPD"): key: Key; value: Value; vt: VectorTime; stamp: Stamp
class Sync(Message, label="SYNC"):  vt: VectorTime
class Request(Message): number: int; key: Key; value: Value | None; seen: VectorTime  # None: read
class Reply(Message):   number: int; value: Value | None; seen: VectorTime
# fmt: on


class Move(Input):
    """Go on at this replica."""

    to: Pid


class Retry(Timer):
    """No reply for so long that the request may have died with the replica."""


class Client(Role):
    """Not bound to a replica: it carries what it has seen to the next one."""

    home: Pid = stable("p1")
    seen: VectorTime = stable(Map())
    number: int = stable(0)
    pending: Request | None = None

    @upon(Put)
    def put(self, value: Value, key: Key) -> None:
        self.begin(key, value)

    @upon(Get)
    def get(self, key: Key) -> None:
        self.begin(key, None)

    def begin(self, key: Key, value: Value | None) -> None:
        self.number += 1
        self.pending = Request(self.number, key, value, self.carried())
        self.ask()

    def carried(self) -> VectorTime:
        """What the next replica must have seen as well."""
        return self.seen

    @upon(Retry)
    def ask(self) -> None:
        """A replica that crashed has forgotten who waits."""
        if self.pending is not None:
            self.send(self.pending, to=self.home)
            self.set_timer(Retry())

    @upon(Reply)
    def hear(self, src: Pid, number: int, value: Value | None, seen: VectorTime) -> None:
        if self.pending is None or number != self.pending.number:
            return
        wrote = self.pending.value
        self.pending = None
        self.cancel_timer(Retry())
        self.seen = join(self.seen, seen)
        self.output(Returned(value) if wrote is None else Written(wrote))

    @upon(Move)
    def move(self, to: Pid) -> None:
        """What it has asked for and not got is given up: nobody knows whether that took effect."""
        self.home = to
        self.pending = None
        self.cancel_timer(Retry())


def join(a: VectorTime, b: VectorTime) -> VectorTime:
    """What either of them has seen."""
    return Map({pid: max(a.get(pid, 0), b.get(pid, 0)) for pid in {*a, *b}})


class Replica(Role):
    """Stores everything."""

    all: tuple[Pid, ...]
    store: Map[Key, Entry] = stable(Map())
    vt: VectorTime = stable(Map())
    time: int = stable(0)
    log: tuple[Update, ...] = stable(())  # its own writes
    replies: Map[Pid, Reply] = stable(Map())  # the last one to each client that moves
    held: frozenset[Update] = frozenset()  # what has come too early
    waiting: Map[Pid, Request] = Map()  # from clients that have seen more than it has

    def others(self) -> list[Pid]:
        return [pid for pid in self.all if pid != self.pid]

    def recover(self) -> None:
        """What came while it was down is lost; and what it had written may not have been sent."""
        self.send(Sync(self.vt), to=self.others())

    @upon(Put)
    def put(self, value: Value, key: Key) -> None:
        """Store it, and answer at once; the others will hear of it."""
        self.write(key, value)
        self.output(Written(value))

    def write(self, key: Key, value: Value) -> None:
        update = Update(key, value, self.next(), (self.time + 1, self.pid))
        self.apply(update)
        self.log += (update,)
        self.send(update, to=self.others())

    def next(self) -> VectorTime:
        return self.vt | {self.pid: self.vt.get(self.pid, 0) + 1}

    @upon(Get)
    def get(self, key: Key) -> None:
        self.output(Returned(self.read(key)))

    def read(self, key: Key) -> Value | None:
        value, _ = self.store.get(key, (None, (0, "")))
        return value

    @upon(Request)
    def serve(self, src: Pid, number: int, key: Key, value: Value | None, seen: VectorTime) -> None:
        """Once, and not before all is here that the client has seen elsewhere."""
        done = self.replies.get(src)
        if done is None or done.number < number:
            self.waiting |= {src: Request(number, key, value, seen)}
            self.answer()
        elif done.number == number:
            self.send(done, to=src)

    def answer(self) -> None:
        """Serve those who need not wait any more."""
        for client, (number, key, value, seen) in self.waiting.items():
            if join(seen, self.vt) == self.vt:
                if value is not None:
                    self.write(key, value)
                reply = Reply(number, self.read(key), self.vt)
                self.replies |= {client: reply}
                self.waiting = self.waiting.without(client)
                self.send(reply, to=client)

    @upon(Update)
    def hear(self, src: Pid, key: Key, value: Value, vt: VectorTime, stamp: Stamp) -> None:
        """Hold it back; then apply all that is ready, as one may make another ready."""
        self.held |= {Update(key, value, vt, stamp)}
        while ready := sorted(filter(self.ready, self.held), key=lambda u: u.stamp):
            self.apply(ready[0])
            self.held -= {ready[0]}
        self.held = frozenset(filter(self.is_new, self.held))
        self.answer()

    def ready(self, update: Update) -> bool:
        """Has all been applied that its writer had seen, and is it the next one of its writer?"""
        writer = update.stamp[1]
        seen = self.vt | {writer: self.vt.get(writer, 0) + 1}
        return self.is_new(update) and all(n <= seen.get(pid, 0) for pid, n in update.vt.items())

    def is_new(self, update: Update) -> bool:
        writer = update.stamp[1]
        return update.vt.get(writer, 0) > self.vt.get(writer, 0)

    def apply(self, update: Update) -> None:
        """Of two writes of one key the higher stamp wins, whichever comes first."""
        writer = update.stamp[1]
        entry = (update.value, update.stamp)
        known = self.store.get(update.key)
        if known is None or known[1] < update.stamp:
            self.store |= {update.key: entry}
        self.vt |= {writer: update.vt.get(writer, 0)}
        self.time = max(self.time, update.stamp[0])

    @upon(Sync)
    def help(self, src: Pid, vt: VectorTime) -> None:
        """Send what the other one has missed of the own writes; ask back for what is missing here,
        which is the other one's own."""
        for update in self.log:
            if update.vt.get(self.pid, 0) > vt.get(self.pid, 0):
                self.send(update, to=src)
        if vt.get(src, 0) > self.vt.get(src, 0):
            self.send(Sync(self.vt), to=src)


def setup(n: int = 3, clients: int = 0) -> Nodes:
    """Replicas p1.., and clients c1.. that begin at p1 and may move."""
    if n < 1 or clients < 0:
        raise ValueError("at least one replica is needed, and clients is not negative")
    p = pids("p", n)
    return [*(Replica(pid, p) for pid in p), *(Client(pid) for pid in pids("c", clients))]


def model(nodes: Nodes) -> Model:
    """All may crash, and nothing is lost for ever.  Consistency in real time is given up."""
    return Model(
        links=("duplicating", "reordering"),
        crashes=len(nodes),
        gives_up=("fifo", "sequential", "regular", "atomic"),
    )


def workload(nodes: Nodes) -> list[Ask]:
    return [("p1", Put("A", "x"))]


causal = registers.causal.known_as("CS.S1")
fifo = registers.fifo
read_your_writes = registers.read_your_writes
monotonic_reads = registers.monotonic_reads
monotonic_writes = registers.monotonic_writes
writes_follow_reads = registers.writes_follow_reads
sequential = registers.sequential
regular = registers.regular
atomic = registers.atomic
answered = registers.answered
time_monotone = monotone(Replica, "time")


@showpiece(("p1", Put("A", "x")), ("p2", Put("B", "x")))
def concurrent_writes(system: System) -> Verdict:
    """Two replicas store different values under one key, and neither has heard of the other's."""
    replicas = system.up(Replica)
    apart = [(a, b) for a in replicas for b in replicas if a.store.keys() & b.store.keys()]
    return any(a.vt.get(b.pid, 0) < b.vt.get(b.pid, 0) and b.vt.get(a.pid, 0) < a.vt.get(a.pid, 0)
               for a, b in apart)  # fmt: skip


@showpiece(("p1", Put("A", "x")), ("p2", Put("B", "x")))
def held_back(system: System) -> Verdict:
    """An effect overtakes its cause: a replica holds a write back until it has heard of what the
    writer had seen."""
    return any(replica.held for replica in system.up(Replica))


@always("CS.S2")
def same_writes_same_store(system: System) -> Verdict:
    """Replicas that have seen the same writes store the same."""
    first: dict[VectorTime, Replica] = {}
    for replica in system.all(Replica):
        other = first.setdefault(replica.vt, replica)
        if other.store != replica.store:
            return Clash(f"{other.pid} and {replica.pid} have seen the same, and store different")
    return True


@eventually("CS.L1", lasting=False)
def converged(system: System) -> Verdict:
    """All replicas that are up have seen the same writes, and somebody has written."""
    seen = {replica.vt for replica in system.up(Replica)}
    return len(seen) == 1 and seen != {Map()}
