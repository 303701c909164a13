"""A step with all that a session keeps of it (history, ids and provenance, costs, verdicts),
against the bare heap loop."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Figure, floor, gossip, paired, schedule

TARGET = 3.0
SIZES = {10: 30_000, 1_000: 30_000, 100_000: 300_000}
"""Messages in flight, and steps of one turn: long enough for each message to be replaced."""


def figures(scale: float) -> Iterator[Figure]:
    for policy in ("fifo", "random"):
        rates: dict[int, float] = {}
        for in_flight, full in SIZES.items():
            steps, turns = max(int(full * scale), 1_000), 3 if full > 100_000 else 7
            session, order = gossip(in_flight), schedule(policy)
            bare = floor(session, policy, in_flight)
            session.run(order, steps // 10)
            bare.run(steps // 10)
            ours, least, ratio = paired(
                lambda s=session, o=order, n=steps: s.run(o, n),  # type: ignore[misc]
                lambda b=bare, n=steps: b.run(n),  # type: ignore[misc]
                turns,
            )
            rates[in_flight] = steps / ours
            yield Figure(
                f"step, {policy}, {in_flight} in flight",
                f"{1e6 * ours / steps:.1f} us",
                f"{1e6 * least / steps:.1f} us",
                ratio,
                TARGET,
            )
        few, many = min(SIZES), max(SIZES)
        yield Figure(
            f"rate at {many} in flight, {policy}",
            f"{rates[many] / 1000:.0f} k/s",
            f"{rates[few] / 1000:.0f} k/s at {few}",
            100 * rates[many] / rates[few],
            20,
            "%",
            at_least=True,
        )
