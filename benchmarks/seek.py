"""Undo, and a seek to any moment of a million."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.long_run import STEPS, long_run
from benchmarks.measure import Figure


def figures(scale: float) -> Iterator[Figure]:
    for in_flight in (10, 1_000):
        facts = long_run(in_flight, scale)
        step = facts["bare step"]
        yield Figure(
            f"undo, {in_flight} in flight",
            f"{1e6 * facts['undo']:.1f} us",
            f"{1e6 * step:.1f} us, a step",
            1e6 * facts["undo"],
            100,
            "us",
        )
        yield Figure(
            f"slowest seek, {in_flight} in flight",
            f"{1e3 * facts['slowest seek']:.1f} ms",
            f"{step * STEPS * scale:.1f} s, a rerun",
            1e3 * facts["slowest seek"],
            50,
            "ms",
        )
