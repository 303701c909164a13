"""One run of a million steps, in a process of its own, and what can be told of it."""

from __future__ import annotations

import gc
import json
import sys
from functools import cache
from random import Random
from statistics import median
from typing import Any

from benchmarks.measure import child, cpu, floor, gossip, resident, schedule, timed

STEPS = 1_000_000
CHUNKS = 10
SEEKS = 40


@cache
def long_run(in_flight: int, scale: float) -> dict[str, Any]:
    """The facts that `tell` gathers, measured once for all benchmarks that want them."""
    facts: dict[str, Any] = child("benchmarks.long_run", in_flight, int(STEPS * scale))
    return facts


def tell(in_flight: int, steps: int) -> dict[str, Any]:
    """Times in seconds, memory in bytes per step."""
    session, order = gossip(in_flight), schedule("fifo")
    bare = floor(session, "fifo", in_flight)
    chunk = steps // CHUNKS
    bare.run(chunk)  # so that its memory is there before ours is measured
    gc.collect()
    before = resident()
    turns = [
        (cpu(lambda: session.run(order, chunk)), cpu(lambda: bare.run(chunk)))
        for _ in range(CHUNKS)
    ]
    grown = resident() - before
    history, draw = session.history, Random(1)
    undos = [timed(history.undo) for _ in range(SEEKS)]
    seeks = []
    for _ in range(SEEKS):
        target = draw.randrange(1, history.branch.tip)
        seeks.append(timed(lambda step=target: history.go(step)))  # type: ignore[misc]
        undos.append(timed(history.undo))
    return {
        "bytes": grown / steps,
        "ratios": [ours / least for ours, least in turns],
        "bare step": median(least for _, least in turns) / chunk,
        "undo": median(undos),
        "slowest undo": max(undos),
        "seek": median(seeks),
        "slowest seek": max(seeks),
    }


if __name__ == "__main__":
    print(json.dumps(tell(int(sys.argv[1]), int(sys.argv[2]))))
