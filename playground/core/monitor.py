"""Checks properties along a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from playground.core.world import World
from playground.protocol import Instant, Pid, Property, Role, Verdict
from playground.protocol.observations import F, Observation, Trace

R = TypeVar("R", bound=Role)


class _Clocks(Role):
    """In the place of a role, where a property reads clocks."""


class _Watched:
    """A world that notes which roles a property looks at."""

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
        self._read: dict[str, set[type[Role]]] = {p.name: set() for p in self.properties}
        self._ghosts = {p.name: [observed.index(o) for o in p.sees] for p in self.properties}

    def first(self, world: World) -> list[tuple[Property, Verdict]]:
        """The verdicts on the world that a run begins with."""
        return [
            (p, p(_Watched(world, self._read[p.name])))
            for p in self.properties
            if p.kind != "between"
        ]

    def next(self, before: World, after: World) -> list[tuple[Property, Verdict]]:
        """New verdicts on `after`; a property that is not there has the verdict that it had."""
        still = before.ghosts is after.ghosts and before.nodes is after.nodes
        if still and before.time is after.time:
            return []
        changed = tuple(
            {
                type(after.nodes[pid])
                for pid in after.rules.pids
                if after.nodes[pid] is not before.nodes[pid]
            }
        )
        changed += (_Clocks,) if before.time is not after.time else ()
        moved = before.down is not after.down or before.corrupt is not after.corrupt
        return [
            (p, self._check(p, before, after))
            for p in self.properties
            if moved or self._concerned(p, changed, before, after)
        ]

    def _concerned(
        self, p: Property, changed: tuple[type[Role], ...], before: World, after: World
    ) -> bool:
        for i in self._ghosts[p.name]:
            if before.ghosts[i] is not after.ghosts[i]:
                return True
        read = tuple(self._read[p.name])
        if p.kind == "between" and not read:  # not asked yet: what it reads is not known
            return True
        return any(issubclass(role, read) for role in changed)

    def _check(self, p: Property, before: World, after: World) -> Verdict:
        read = self._read[p.name]
        if p.kind == "between":
            return p(_Watched(before, read), _Watched(after, read))
        return p(_Watched(after, read))
