"""Checks properties along a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from playground.core.step import Step
from playground.core.world import World
from playground.protocol import Instant, Pid, Property, Role, Verdict
from playground.protocol.observations import F, Observation, Trace
from playground.protocol.roles import stack

R = TypeVar("R", bound=Role)


class _Clocks(Role):
    """In the place of a role, where a property reads clocks."""


class _Watch:
    """A property, and what it was seen to look at."""

    def __init__(self, p: Property, observed: Sequence[Observation[object]]) -> None:
        self.property = p
        self.ghosts = frozenset(observed.index(o) for o in p.sees)
        self._asked = False
        self._read: set[type[Role]] = set()
        self._reads: dict[type[Role], bool] = {}  # by class of node, as far as it was looked up

    def check(self, *worlds: World) -> Verdict:
        known = len(self._read)
        verdict = self.property(*[_Watched(world, self._read) for world in worlds])
        if len(self._read) > known or not self._asked:
            self._asked = True
            self._reads.clear()
        return verdict

    def reads(self, role: type[Role]) -> bool:
        """May its verdict depend on nodes of this class?"""
        reads = self._reads.get(role)
        if reads is None:
            reads = self._reads[role] = not self._asked or issubclass(role, tuple(self._read))
        return reads


class _Watched:
    """A world that notes which roles a property looks at."""

    __slots__ = ("_read", "_world")

    def __init__(self, world: World, read: set[type[Role]]) -> None:
        self._world = world
        self._read = read

    def all(self, role: type[R]) -> Sequence[R]:
        self._read.add(role)
        return self._world.all(role)

    def up(self, role: type[R]) -> Sequence[R]:
        self._read.add(role)
        return self._world.up(role)

    def correct(self, role: type[R]) -> Sequence[R]:
        self._read.add(role)
        return self._world.correct(role)

    def local_time(self, pid: Pid) -> Instant:
        self._read.add(_Clocks)
        return self._world.local_time(pid)

    def seen(self, observation: Observation[F]) -> frozenset[tuple[Pid, F]]:
        return self._world.seen(observation)

    def told(self, trace: Trace[F]) -> tuple[tuple[Pid, F], ...]:
        return self._world.told(trace)


class Monitor:
    """Checks after each step only the properties whose facts that step may have changed: a run of
    a million steps asks few of them often."""

    def __init__(self, properties: Iterable[Property], observed: Sequence[Observation[object]]):
        self.properties = tuple(properties)
        self._watches = [_Watch(p, observed) for p in self.properties]

    def first(self, world: World) -> list[tuple[Property, Verdict]]:
        """The verdicts on the world that a run begins with."""
        watches = [w for w in self._watches if w.property.kind != "between"]
        return [(w.property, w.check(world)) for w in watches]

    def next(self, before: World, step: Step) -> list[tuple[Property, Verdict]]:
        """New verdicts after a step; a property that is not there has the verdict that it had."""
        after = step.world
        timed = before.time is not after.time
        if before.ghosts is after.ghosts and before.nodes is after.nodes and not timed:
            return []
        moved = before.down is not after.down or before.corrupt is not after.corrupt
        roles = {type(part) for h in step.happenings for _, part in stack(h.after)}
        roles |= {_Clocks} if timed else set()
        news = _news(before, after)
        verdicts = []
        for watch in self._watches:
            if moved or any(map(watch.reads, roles)) or not watch.ghosts.isdisjoint(news):
                worlds = (before, after) if watch.property.kind == "between" else (after,)
                verdicts.append((watch.property, watch.check(*worlds)))
        return verdicts


def _news(before: World, after: World) -> Sequence[int]:
    """Which observers have seen something new."""
    if before.ghosts is after.ghosts:
        return ()
    pairs = zip(before.ghosts, after.ghosts, strict=True)
    return [i for i, (old, new) in enumerate(pairs) if old is not new]
