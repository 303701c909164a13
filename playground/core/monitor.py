"""Checks properties along a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, overload

from playground.core.errors import PropertyFailed
from playground.core.step import Step
from playground.core.world import Sight, World
from playground.protocol import Instant, Pid, Property, Role, Verdict
from playground.protocol.observations import F, Observation, Trace
from playground.protocol.roles import stack
from playground.values import Record

R = TypeVar("R", bound=Role)
Verdicts = list[tuple[Property, Verdict]]


class _Clocks(Role):
    """In the place of a role, where a property reads clocks."""


class Change(Record):
    """What a step has changed, as far as a property can see.

    nodes   that have changed, each before and after, with the layers in it
    seen    observers that have seen something new, by their places in the ghosts of a world
    clocks  time has passed, or a clock was set
    moved   other nodes are up, or correct
    """

    nodes: Sequence[tuple[Role, Role]] = ()
    seen: Sequence[int] = ()
    clocks: bool = False
    moved: bool = False


class _Watch:
    """A property, and what it was seen to look at."""

    def __init__(self, p: Property, observed: Sequence[Observation[object]]) -> None:
        self.property = p
        self._between = p.kind == "between"
        self.role = None if p.kind == "eventually" else p.each
        self._ghosts = frozenset(observed.index(o) for o in p.sees)
        self._asked = False
        self._read: set[type[Role]] = set()
        self._reads: dict[type[Role], bool] = {}  # by class of node, as far as it was looked up

    def ask(self, *systems: Sight) -> Verdict:
        known = len(self._read)
        try:
            verdict = self.property(*[_Watched(system, self._read) for system in systems])
        except Exception as error:  # whatever the check of somebody's protocol may raise
            raise PropertyFailed(self.property.name, error) from error
        if len(self._read) > known or not self._asked:
            self._asked = True
            self._reads.clear()
        return verdict

    def ask_again(self, before: Sight, after: Sight, change: Change) -> Verdict | None:
        """None if the change can't have made a difference."""
        if not (change.moved or self._concerned(change)):
            return None
        return self.ask(before, after) if self._between else self.ask(after)

    def ask_nodes(self, changed: Iterable[tuple[Role, Role]], role: type[Role]) -> Verdict | None:
        """The same, of a property that speaks of every node of `role` on its own."""
        verdict: Verdict | None = None
        try:
            for nodes in changed:
                if isinstance(nodes[1], role):
                    verdict = self.property.check(*(nodes if self._between else nodes[1:]))
                    if not verdict:
                        break
        except Exception as error:  # whatever the check of somebody's protocol may raise
            raise PropertyFailed(self.property.name, error) from error
        return verdict

    def _concerned(self, change: Change) -> bool:
        if change.clocks and self._looks_at(_Clocks):
            return True
        for _, node in change.nodes:
            if self._looks_at(type(node)):
                return True
        return not self._ghosts.isdisjoint(change.seen)

    def _looks_at(self, role: type[Role]) -> bool:
        looks = self._reads.get(role)
        if looks is None:
            looks = self._reads[role] = not self._asked or issubclass(role, tuple(self._read))
        return looks


class _Nodes(Sequence[R]):
    """Nodes of a role.  Only who looks at one has read it: how many there are never changes, but by
    moves that everybody is told of."""

    __slots__ = ("_nodes", "_read", "_role")

    def __init__(self, nodes: Sequence[R], role: type[R], read: set[type[Role]]) -> None:
        self._nodes = nodes
        self._role = role
        self._read = read

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[R]:
        self._read.add(self._role)
        return iter(self._nodes)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        self._read.add(self._role)
        return self._nodes[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)


class _Watched:
    """A world that notes which roles a property looks at."""

    __slots__ = ("_read", "_world")

    def __init__(self, world: Sight, read: set[type[Role]]) -> None:
        self._world = world
        self._read = read

    def all(self, role: type[R]) -> Sequence[R]:
        return _Nodes(self._world.all(role), role, self._read)

    def up(self, role: type[R]) -> Sequence[R]:
        return _Nodes(self._world.up(role), role, self._read)

    def correct(self, role: type[R]) -> Sequence[R]:
        return _Nodes(self._world.correct(role), role, self._read)

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

    def first(self, world: World) -> Verdicts:
        """The verdicts on the world that a run begins with."""
        watches = [w for w in self._watches if w.property.kind != "between"]
        return [(w.property, w.ask(world)) for w in watches]

    def next(self, before: World, step: Step) -> Verdicts:
        """New verdicts after a step; a property that is not there has the verdict that it had."""
        after = step.world
        clocks = before.time is not after.time
        if before.ghosts is after.ghosts and before.nodes is after.nodes and not clocks:
            return []
        pids = {happening.pid for happening in step.happenings}
        change = Change(
            nodes=[pair for pid in pids for pair in _parts(before.nodes[pid], after.nodes[pid])],
            seen=news(before.ghosts, after.ghosts),
            clocks=clocks,
            moved=before.down is not after.down or before.corrupt is not after.corrupt,
        )
        return self.judge(before, after, change)

    def judge(self, before: Sight, after: Sight, change: Change) -> Verdicts:
        verdicts = []
        for watch in self._watches:
            if watch.role is not None and not change.moved:
                verdict = watch.ask_nodes(change.nodes, watch.role)
            else:
                verdict = watch.ask_again(before, after, change)
            if verdict is not None:
                verdicts.append((watch.property, verdict))
        return verdicts


def _parts(before: Role, after: Role) -> Iterator[tuple[Role, Role]]:
    """A node before and after, and its layers."""
    for (_, old), (_, new) in zip(stack(before), stack(after), strict=True):
        yield old, new


def news(before: tuple[Any, ...], after: tuple[Any, ...]) -> Sequence[int]:
    """Which observers have seen something new: their places in the ghosts of a world."""
    if before is after:
        return ()
    pairs = zip(before, after, strict=True)
    return [i for i, (old, new) in enumerate(pairs) if old is not new]
