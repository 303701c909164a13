"""Small protocols whose numbers of states several independent checkers agree on.

    paxos(K=1, acceptors=3)   101,408 states, 518,682 steps   Spin, TLC
    paxos(K=1, acceptors=4)   1,945,556 states                Spin
    without steps that have no effect: 31,329 states, 101,361 steps, and 508,369   Stateright
    with FIFO links: 38,837 states, 175,011 steps             Spin
    two_phase(3, 5, 7)        288, 8,832, 296,448 states      TLC, Spin, Stateright

Everywhere the network is a multiset, arrival takes a message away, nothing is lost, and a timer may
fire at any time; but in two_phase messages are a set that only grows, as in Lamport's TwoPhase.tla.
"""

from __future__ import annotations

from typing import Literal

from playground.core import World, begin
from playground.protocol import (
    Map,
    Message,
    Model,
    Pid,
    Role,
    System,
    Timer,
    Verdict,
    always,
    majority,
    pids,
    upon,
)


class Prepare(Message):
    b: int


class Promise(Message):
    b: int
    vb: int
    vv: int


class Accept(Message):
    b: int
    v: int


class Accepted(Message):
    b: int


class Retry(Timer):
    pass


class Proposer(Role):
    """Leads up to K ballots of its own; `phase` 3 is success."""

    i: int
    K: int
    acceptors: tuple[Pid, ...]
    k: int = 0
    phase: int = 0
    promises: Map[Pid, tuple[int, int]] = Map()
    acks: frozenset[Pid] = frozenset()
    v: int = 0

    def start(self) -> None:
        self.set_timer(Retry())

    @property
    def ballot(self) -> int:
        return 2 * (self.k - 1) + self.i + 1

    @upon(Retry)
    def retry(self) -> None:
        self.k += 1
        self.phase, self.promises, self.acks, self.v = 1, Map(), frozenset(), 0
        self.send(Prepare(self.ballot), to=self.acceptors)
        if self.k < self.K:
            self.set_timer(Retry())

    @upon(Promise)
    def command(self, src: Pid, b: int, vb: int, vv: int) -> None:
        if self.phase != 1 or b != self.ballot:
            return
        self.promises |= {src: (vb, vv)}
        if len(self.promises) >= majority(self.acceptors):
            self.v = self.suitable()
            self.phase, self.promises = 2, Map()
            self.send(Accept(b, self.v), to=self.acceptors)

    def suitable(self) -> int:
        vb, vv = max(self.promises.values())
        return vv if vb else self.i + 1

    @upon(Accepted)
    def succeed(self, src: Pid, b: int) -> None:
        if self.phase != 2 or b != self.ballot:
            return
        self.acks |= {src}
        if len(self.acks) >= majority(self.acceptors):
            self.phase, self.acks = 3, frozenset()
            self.cancel_timer(Retry())


class Stubborn(Proposer):
    """Ignores what the acceptors report."""

    def suitable(self) -> int:
        return self.i + 1


class Acceptor(Role):
    promised: int = 0
    vb: int = 0
    vv: int = 0

    @upon(Prepare)
    def promise(self, src: Pid, b: int) -> None:
        if b > self.promised:
            self.promised = b
            self.send(Promise(b, self.vb, self.vv), to=src)

    @upon(Accept)
    def accept(self, src: Pid, b: int, v: int) -> None:
        if b >= self.promised:
            self.promised = self.vb = b
            self.vv = v
            self.send(Accepted(b), to=src)


def paxos(K: int = 1, acceptors: int = 3, bug: bool = False, fifo: bool = False) -> World:
    a = pids("a", acceptors)
    leader = Stubborn if bug else Proposer
    nodes = [leader(pid, i, K, a) for i, pid in enumerate(pids("p", 2))]
    model = Model(links=("fifo",) if fifo else ("reordering",))
    return begin([*nodes, *map(Acceptor, a)], model)


@always()
def agreement(system: System) -> Verdict:
    """No two proposers succeed with different values."""
    return len({p.v for p in system.all(Proposer) if p.phase == 3}) <= 1


class Number(Message):
    k: int


class Writer(Role):
    """Sends so many numbers."""

    count: int
    done: bool = False

    def start(self) -> None:
        for k in range(self.count):
            self.send(Number(k), to="log")


class Log(Role):
    """Remembers all that it hears in its order, and so has as many states as there are worlds."""

    heard: tuple[int, ...] = ()

    @upon(Number)
    def hear(self, src: Pid, k: int) -> None:
        self.heard += (k,)


def log(count: int) -> World:
    return begin([Writer("writer", count), Log("log")])


class Prepared(Message):
    pass


class Commit(Message):
    pass


class Abort(Message):
    pass


class Choose(Timer):
    """A step that a process may take of itself."""

    what: Literal["prepare", "commit", "abort"]


class ResourceManager(Role):
    state: Literal["working", "prepared", "committed", "aborted"] = "working"

    def start(self) -> None:
        self.set_timer(Choose("prepare"))
        self.set_timer(Choose("abort"))

    @upon(Choose)
    def choose(self, what: Literal["prepare", "commit", "abort"]) -> None:
        self.settle("prepared" if what == "prepare" else "aborted")
        if what == "prepare":
            self.send(Prepared(), to="tm")

    @upon(Commit)
    def commit(self, src: Pid) -> None:
        self.settle("committed")

    @upon(Abort)
    def abort(self, src: Pid) -> None:
        self.settle("aborted")

    def settle(self, state: Literal["prepared", "committed", "aborted"]) -> None:
        self.state = state
        self.cancel_timer(Choose("prepare"))
        self.cancel_timer(Choose("abort"))


class TransactionManager(Role):
    managers: tuple[Pid, ...]
    state: Literal["init", "committed", "aborted"] = "init"
    prepared: frozenset[Pid] = frozenset()

    def start(self) -> None:
        self.set_timer(Choose("abort"))

    @upon(Prepared)
    def note(self, src: Pid) -> None:
        if self.state == "init":
            self.prepared |= {src}
            if len(self.prepared) == len(self.managers):
                self.set_timer(Choose("commit"))

    @upon(Choose)
    def choose(self, what: Literal["prepare", "commit", "abort"]) -> None:
        self.state = "committed" if what == "commit" else "aborted"
        self.send(Commit() if what == "commit" else Abort(), to=self.managers)
        self.cancel_timer(Choose("commit"))
        self.cancel_timer(Choose("abort"))


def two_phase(managers: int) -> World:
    """To be searched with `copies`: its messages are a set that only grows."""
    rm = pids("r", managers)
    return begin([TransactionManager("tm", rm), *map(ResourceManager, rm)])


@always()
def consistent(system: System) -> Verdict:
    """Never has one aborted and another committed."""
    states = {rm.state for rm in system.all(ResourceManager)}
    return not {"aborted", "committed"} <= states
