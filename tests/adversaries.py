"""Adversaries in rounds, played out on the real core: all that they can do in one round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, product
from typing import Any, TypeVar

from playground.core import (
    Action,
    Ask,
    Crash,
    Deliver,
    Drop,
    Edit,
    Envelope,
    Tick,
    World,
    begin,
    enabled,
)
from playground.core.outside import breaches
from playground.core.step import perform
from playground.protocol import Input, Message, Pid, Role
from playground.session.catalog import ProtocolFile

T = TypeVar("T")


def started(protocol: ProtocolFile, asks: Iterable[tuple[Pid, Input]], **setup: Any) -> World:
    """The world of a protocol in its own model, in which these things were asked."""
    nodes = protocol.setup(setup)
    observed = dict.fromkeys(o for p in protocol.properties for o in p.sees)
    world = begin(nodes, protocol.model(nodes), observed)
    return done(world, *(Ask(pid, asked) for pid, asked in asks))


def done(world: World, *actions: Action) -> World:
    """The world after these actions, none of which leaves the model."""
    for action in actions:
        step = perform(world, action)
        assert breaches(world, action, step) == []
        world = step.world
    return world


def delivered(world: World) -> World:
    """Everything has arrived that can."""
    while arriving := [a for a in enabled(world) if isinstance(a, Deliver)]:
        world = done(world, *arriving)
    return world


def subsets(of: Sequence[T], most: int | None = None) -> Iterator[tuple[T, ...]]:
    sizes = range(min(len(of), len(of) if most is None else most) + 1)
    return chain.from_iterable(combinations(of, size) for size in sizes)


# ---- crashes


def crash_round(world: World, crashes: int) -> set[World]:
    """All ways to play a round, as long as there are at most so many crashes in all: which nodes
    crash in it, and which of the others each of them still reaches."""
    world = done(world, Tick())
    up = [node.pid for node in world.up(Role)]
    ends = set()
    for crashed in subsets(up, crashes - len(world.down)):
        down = done(world, *(Crash(pid) for pid in crashed))
        uncertain = [e for e in down.network if e.src in crashed and e.dst not in down.down]
        for lost in subsets(uncertain):
            ends.add(delivered(done(down, *map(Drop, lost))))
    return ends


def crash_runs(world: World, rounds: int, crashes: int) -> Iterator[set[World]]:
    """The worlds at the end of round 1, 2, ..., each once, with all crashes that may have been."""
    worlds = {world}
    for _ in range(rounds):
        worlds = {after for before in worlds for after in crash_round(before, crashes)}
        yield worlds


# ---- lies


def lies(
    world: World, said: Sequence[Envelope], choices: Sequence[Message | None]
) -> Iterator[World]:
    """All ways to put a choice (None: nothing) in the place of each of these messages."""
    for instead in product(choices, repeat=len(said)):
        pairs = zip(said, instead, strict=True)
        yield done(world, *(Edit(e, m) if m else Drop(e) for e, m in pairs))
