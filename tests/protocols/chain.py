"""Chains of runs that differ by one message each: what impossibility proofs walk along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from playground.core import Deliver, Drop, Fire, World, enabled, step
from playground.protocol import Pid, Property


class Run(NamedTuple):
    """R_j: the first `delivered` messages arrived, and all others were lost.

    alike   the nodes that end in the same state as in the run before, R_j-1: they can't tell
            whether message j arrived
    broken  the names of the properties that do not hold at its end
    """

    delivered: int
    world: World
    alike: frozenset[Pid]
    broken: tuple[str, ...]


def chain_view(start: World, properties: Iterable[Property] = (), limit: int = 10_000) -> list[Run]:
    """R_0, R_1, ... up to the run in which nothing is lost, each played until every timer has
    fired once.  Of several messages in flight the first in the order of `enabled` arrives next.
    `start` must observe what the properties see.  Raises ValueError after `limit` messages."""
    safe = [p for p in properties if p.kind == "always"]
    runs: list[Run] = []
    world: World | None = start
    while world is not None:
        if len(runs) > limit:
            raise ValueError(f"messages are still in flight after {limit} deliveries")
        end = _silence(world)
        alike = frozenset(
            pid for pid in end.nodes if runs and end.nodes[pid] == runs[-1].world.nodes[pid]
        )
        broken = tuple(p.name for p in safe if not p(end))
        runs.append(Run(len(runs), end, alike, broken))
        world = _next(world)
    return runs


def _next(world: World) -> World | None:
    """One more message arrives; None if there is none."""
    deliveries = (action for action in enabled(world) if isinstance(action, Deliver))
    delivery = next(deliveries, None)
    return None if delivery is None else step(world, delivery)


def _silence(world: World) -> World:
    """Nothing arrives any more, and every timer fires."""
    world = _lose_all(world)
    for pid, timer in sorted(world.timers, key=repr):
        if (pid, timer) in world.timers:
            world = _lose_all(step(world, Fire(pid, timer)))
    return world


def _lose_all(world: World) -> World:
    for envelope in world.network:
        world = step(world, Drop(envelope))
    return world
