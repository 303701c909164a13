"""Memory for each moment of a run that is kept, and can be gone back to."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.long_run import long_run
from benchmarks.measure import Figure

TARGETS = {10: 64, 1_000: 200, 100_000: 400}


def figures(scale: float) -> Iterator[Figure]:
    for in_flight, target in TARGETS.items():
        grown = long_run(in_flight, scale)["bytes"]
        yield Figure(
            f"memory per step, {in_flight} in flight",
            f"{grown:.0f} B",
            "8 B to name a step",
            grown,
            target,
            "B",
        )
