"""How fast the exhaustive search is, beside a bare loop over a heap; and how much memory it takes.

A machine is as fast as it happens to be, so what counts is states per event of the floor, both
measured in CPU time and in turns.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from heapq import heappop, heappush
from statistics import median

from benchmarks.measure import Figure, cpu_of, timed
from playground.core import World
from playground.search.engine import run
from playground.search.result import Result
from tests.search.models import agreement, paxos

EVENTS = 200_000
ROUNDS = 5

SMALL, LARGE = 200 / 800, 120 / 800
"""States for each event of the floor that are wanted, of 101,408 states and of 1,945,556."""

BYTES = 200
"""For each state, at most."""

SECONDS = 0.5
"""Until a bug is found that is 18 steps away, at most."""

ARRAYS = 2.0
"""Times as fast as the exact search the one on arrays should be."""

FEWER = 8.0
"""Times as fast as all 1,945,556 states those should be that differ in what can matter."""

START = 0.4
"""Seconds of start-up more than `playground list`, at most."""


class Gossip:
    """A node that passes on what it hears, as in benchmarks/gossip.py, in plain Python."""

    def __init__(self, peers: list[int]) -> None:
        self.peers = peers
        self.clock = 0
        self.heard: dict[int, int] = {}

    def hear(self, send: Callable[[int, tuple[int, int]], None], src: int, clock: int) -> None:
        self.heard[src] = clock
        self.clock = max(self.clock, clock) + 1
        send(self.peers[self.clock % len(self.peers)], (src, self.clock))


def floor(events: int = EVENTS) -> float:
    """Events per CPU second of a loop over a heap, with handlers and with no history at all."""
    nodes = [Gossip([peer for peer in range(5) if peer != i]) for i in range(5)]
    heap: list[tuple[int, int, int, tuple[int, int]]] = []
    now = number = 0

    def send(dst: int, message: tuple[int, int]) -> None:
        nonlocal number
        number += 1
        heappush(heap, (now + 1 + number % 7, number, dst, message))

    for i in range(10):
        send(i % 5, (i % 5, 0))
    began = time.process_time()
    for _ in range(events):
        now, _, dst, (src, clock) = heappop(heap)
        nodes[dst].hear(send, src, clock)
    return events / (time.process_time() - began)


def rate(search: Callable[[], Result]) -> float:
    """States per CPU second."""
    began = time.process_time()
    states = search().states
    return states / (time.process_time() - began)


def full(start: World) -> Callable[[], Result]:
    """With an invariant, and ready to tell the shortest run to any state."""
    return lambda: run(start, [agreement], exact=True)


def memory(start: World) -> float:
    """Bytes for each state, at the peak."""
    gc.collect()
    tracemalloc.start()
    states = run(start, [agreement], exact=True).states
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / states


def hunt() -> float:
    """CPU seconds until the stubborn leader is found out, 18 steps away."""
    began = time.process_time()
    assert run(paxos(bug=True), [agreement]).violation is not None
    return time.process_time() - began


def paired(name: str, search: Callable[[], Result], rounds: int, target: float) -> Figure:
    pairs = [(floor(), rate(search)) for _ in range(rounds)]
    return Figure(
        name,
        f"{median(s for _, s in pairs):,.0f} st/s",
        f"{median(f for f, _ in pairs):,.0f} ev/s",
        median(s / f for f, s in pairs),
        target,
        at_least=True,
    )


def quicker(name: str, search: Callable[[], Result], than: float, target: float) -> Figure:
    """Than so many seconds."""
    seconds = timed(search)
    return Figure(name, f"{seconds:.2f} s", f"{than:.2f} s", than / seconds, target, at_least=True)


def start_up(times: int) -> Figure:
    """A search that has next to nothing to do."""
    small = ["search", "consensus/paxos", "--set", "acceptors=1", "--timers", "0"]
    command = [sys.executable, "-m", "playground"]
    pairs = [(cpu_of([*command, *small]), cpu_of([*command, "list"])) for _ in range(times)]
    return Figure(
        "playground search, and list",
        f"{median(a for a, _ in pairs):.2f} s",
        f"{median(b for _, b in pairs):.2f} s",
        median(a - b for a, b in pairs),
        START,
        "s",
    )


def figures(scale: float) -> Iterator[Figure]:
    rounds = max(1, round(ROUNDS * scale))
    yield paired("search, 101,408 states", full(paxos()), rounds, SMALL)
    held = memory(paxos())
    yield Figure("memory of a search, a state", f"{held:.0f} B", "", held, BYTES, "B")
    seconds = median(hunt() for _ in range(rounds))
    yield Figure("bug hunt, 18 steps", f"{seconds:.3f} s", "", seconds, SECONDS, "s")
    yield start_up(max(3, 2 * rounds))
    if scale < 1:
        return
    large = paxos(acceptors=4)
    yield paired("search, 1,945,556 states", full(large), 1, LARGE)
    exact = timed(full(large))
    yield quicker(
        "the same on arrays", lambda: run(large, [agreement], exact=True, fast=True), exact, ARRAYS
    )
    fewer = partial(run, large, [agreement], symmetry="Acceptor")
    yield quicker("the same without what can't matter", fewer, exact, FEWER)
