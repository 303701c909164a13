"""How fast the exhaustive search is, beside a bare loop over a heap: `python -m benchmarks.search`.

A machine is as fast as it happens to be, so what counts is states per event of the floor, both
measured in CPU time and in turns.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from heapq import heappop, heappush
from statistics import median

from playground.core import World
from playground.search.engine import run
from playground.search.result import Result
from tests.search.models import agreement, paxos

EVENTS = 200_000
ROUNDS = 5

WANTED = {"paxos, 101,408 states": 200 / 800, "paxos, 1,945,556 states": 120 / 800}
"""States for each event of the floor."""


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
    assert run(paxos(K=1, bug=True), [agreement]).violation is not None
    return time.process_time() - began


def measured(name: str, search: Callable[[], Result], rounds: int) -> None:
    pairs = [(floor(), rate(search)) for _ in range(rounds)]
    states, ratio = median(s for _, s in pairs), median(s / f for f, s in pairs)
    verdict = "fine" if ratio >= WANTED[name] else "too slow"
    print(
        f"{name}: {states:,.0f}/s, {ratio:.2f} of the floor, {WANTED[name]:.2f} wanted: {verdict}"
    )


def main() -> None:
    print(f"floor: {median(floor() for _ in range(ROUNDS)):,.0f} events/s")
    measured("paxos, 101,408 states", full(paxos()), ROUNDS)
    measured("paxos, 1,945,556 states", full(paxos(acceptors=4)), 1)
    print(f"memory: {memory(paxos()):.0f} bytes a state, at most 200 wanted")
    print(f"bug hunt: {median(hunt() for _ in range(ROUNDS)):.3f} s, at most 0.5 wanted")


if __name__ == "__main__":
    main()
