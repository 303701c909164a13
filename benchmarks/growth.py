"""The rate of a run, as its history grows to a million steps."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.long_run import long_run
from benchmarks.measure import Figure


def figures(scale: float) -> Iterator[Figure]:
    for in_flight in (10, 1_000):
        ratios = long_run(in_flight, scale)["ratios"]
        half = len(ratios) // 2
        first, last = median(ratios[:half]), median(ratios[half:])
        yield Figure(
            f"late step to early step, {in_flight} in flight",
            f"{last:.2f} bare steps",
            f"{first:.2f} bare steps",
            last / first,
            1.2,
        )
