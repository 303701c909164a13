"""Visit every world within reach, breadth first, and look for a broken property."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from playground.core import (
    Action,
    Crash,
    Drop,
    Duplicate,
    Elapse,
    Fire,
    Forge,
    Recover,
    SetClock,
    World,
    enabled,
    step,
)
from playground.core.outside import unsent
from playground.core.step import until_due
from playground.protocol import Instant, Property, Verdict
from playground.search.faults import Faults as Faults


class _Place(NamedTuple):
    world: World
    left: Faults


@dataclass(frozen=True)
class Violation:
    property: Property
    verdict: Verdict
    trace: tuple[Action, ...]


@dataclass
class Report:
    """What a search saw.

    worlds     distinct worlds, each counted once for every budget of faults that is left in it
    complete   True if nothing within the bounds was left out
    reached    the `eventually` properties that held in some world
    ends       worlds in which nothing more could happen
    """

    worlds: int = 0
    transitions: int = 0
    complete: bool = False
    violation: Violation | None = None
    reached: set[str] = field(default_factory=set)
    ends: list[World] = field(default_factory=list)


def explore(
    start: World,
    properties: Iterable[Property],
    faults: Faults = Faults(),
    limit: int = 1_000_000,
) -> Report:
    """Breadth first from `start`, so that the first violation has a shortest trace.  `start` must
    observe what the properties see."""
    properties = list(properties)
    safe = [p for p in properties if p.kind == "always"]
    steps = [p for p in properties if p.kind == "between"]
    goals = [p for p in properties if p.kind == "eventually"]
    first = _Place(start, faults)
    parents: dict[_Place, tuple[_Place, Action] | None] = {first: None}
    queue = deque([first])
    report = Report()
    while queue and len(parents) <= limit:
        place = queue.popleft()
        report.worlds += 1
        world = place.world
        for broken in safe:
            if not (verdict := broken(world)):
                report.violation = Violation(broken, verdict, _trace(parents, place))
                return report
        report.reached |= {p.name for p in goals if p(world)}
        stuck = True
        for action, left in _moves(place):
            stuck = False
            report.transitions += 1
            after = _Place(step(world, action), left)
            for broken in steps:
                if not (verdict := broken(world, after.world)):
                    trace = (*_trace(parents, place), action)
                    report.violation = Violation(broken, verdict, trace)
                    return report
            if after not in parents:
                parents[after] = (place, action)
                queue.append(after)
        if stuck:
            report.ends.append(world)
    report.complete = not queue
    return report


def _moves(place: _Place) -> Iterator[tuple[Action, Faults]]:
    world, left = place
    for by in _spans(world, left):
        yield Elapse(by), left
    for action in enabled(world):
        if isinstance(action, Elapse):
            continue
        if not isinstance(action, Fire) or left.timers is None:
            yield action, left
        elif left.timers:
            yield action, _spend(left, timers=left.timers - 1)
    if left.drops or left.duplicates or world.down:
        for envelope in world.network.heads():
            if unsent(world, envelope):
                yield Drop(envelope), left
            if left.drops:
                yield Drop(envelope), _spend(left, drops=left.drops - 1)
            if left.duplicates:
                yield Duplicate(envelope), _spend(left, duplicates=left.duplicates - 1)
    if left.crashes:
        for pid in world.rules.pids:
            if pid not in world.down:
                yield Crash(pid), _spend(left, crashes=left.crashes - 1)
                for k in range(left.crash_points):
                    if pid not in world.fuses:
                        yield Crash(pid, k), _spend(left, crashes=left.crashes - 1)
    if left.recoveries:
        for pid in sorted(world.down):
            yield Recover(pid), _spend(left, recoveries=left.recoveries - 1)
    if left.forgeries:
        for envelope in left.forgeable:
            yield Forge(envelope), _spend(left, forgeries=left.forgeries - 1)
    if left.drifts and world.time is not None:
        for pid, clock in world.time.clocks.items():
            for rate in (1 - world.rules.model.drift, 1 + world.rules.model.drift):
                if rate != clock.rate:
                    yield SetClock(pid, rate), _spend(left, drifts=left.drifts - 1)
    for action in left.extra:
        if getattr(action, "pid", None) not in world.down:
            yield action, _spend(left, extra=tuple(a for a in left.extra if a != action))


def _spans(world: World, left: Faults) -> list[Instant]:
    """How much time may pass now: till the next thing is due, or a grain of it."""
    if world.time is None:
        return []
    due, bounded = until_due(world), world.rules.model.delay is not None
    spans = {
        by for by in (due, left.grain) if by and not (bounded and due is not None and by > due)
    }
    rest = None if left.until is None else left.until - world.time.now
    return sorted(by for by in spans if rest is None or by <= rest)


def _spend(left: Faults, **budget: object) -> Faults:
    return Faults(**{**vars(left), **budget})


def _trace(
    parents: dict[_Place, tuple[_Place, Action] | None], place: _Place
) -> tuple[Action, ...]:
    actions: list[Action] = []
    while link := parents[place]:
        place, action = link
        actions.append(action)
    return tuple(reversed(actions))
