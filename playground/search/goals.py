"""Can a goal still be reached, whatever has happened?  Finds the shortest way into a dead end, or a
circle."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from playground.core import World
from playground.protocol import Clash, Property
from playground.search.behaviour import Behaviour
from playground.search.causality import reordered
from playground.search.checks import Checks
from playground.search.engine import CHUNK, narrowed, no_garbage, refuse_nonsense
from playground.search.errors import Raised, Stopped
from playground.search.faults import Faults
from playground.search.livelock import livelock
from playground.search.networks import Overflow, Seen, Widths
from playground.search.result import Bound, Bounds, Progress, Result, Violation
from playground.search.space import Space
from playground.search.trace import actions_of, path, trace_back

CIRCLES = 5.0
"""The time that is given to a search for circles is such a part of all, and at most a second until
one is found."""

BLOCKED = Clash("blocked: whatever happens from here on, it is not reached")


def hopeless(
    start: World,
    goal: Property,
    faults: Faults = Faults(),
    bounds: Bounds = Bounds(),
    *,
    copies: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """A run into a dead end; if there is none, one that goes round for ever, without faults.
    Raises what `run` raises, and HandlerFailed."""
    result = dead_end(start, goal, faults, bounds, copies=copies, progress=progress)
    if result.violation is not None or result.stopped == "interrupt":
        return result
    seconds = 1.0 if bounds.seconds is None else min(1.0, bounds.seconds / CIRCLES)
    try:
        circle = livelock(start, goal, Bounds(seconds=seconds))
    except KeyboardInterrupt:
        return replace(result, outcome="bounded", stopped="interrupt")
    if circle is None:
        return result
    return replace(result, outcome="violation", stopped=None, violation=circle)


def dead_end(
    start: World,
    goal: Property,
    faults: Faults = Faults(),
    bounds: Bounds = Bounds(),
    *,
    copies: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """A shortest run to a world from which nothing that may still happen leads to the goal.  Worlds
    that the bounds leave unexplored count as hopeful, so a dead end is one within any bounds; but a
    goal that is missed since a budget of timers is spent is no dead end, so leave them unbounded.
    Raises what `run` raises."""
    start = narrowed(start, (goal,))
    refuse_nonsense(start, faults, bounds, copies)
    behaviour = Behaviour(start)
    widths = Widths()
    clock = time.monotonic()
    while True:
        try:
            space = Space(behaviour, faults, False, copies, widths)
            return _Search(space, goal, bounds, progress, clock).run()
        except Overflow as overflow:
            widths = widths.wider(str(overflow))


class _Search:
    def __init__(
        self,
        space: Space,
        goal: Property,
        bounds: Bounds,
        progress: Callable[[Progress], None],
        clock: float,
    ) -> None:
        self.space = space
        self.goal = goal
        self.bounds = bounds
        self.tell = progress
        self.clock = clock
        self.checks = Checks(space, [goal])
        self.seen: Seen = {space.first: None}
        self.hopeful: set[int] = set()
        self.transitions = 0
        self.depth = 0
        self.stopped: Bound | None = None

    def run(self) -> Result:
        doomed: int | None = None
        level = [self.space.first]
        with no_garbage():
            try:
                level = self._explore(level)
                self.hopeful.update(level)
                doomed = self._first_without_hope()
            except (KeyboardInterrupt, Stopped):
                self.stopped = "interrupt"
        violation = None if doomed is None else self._violation(doomed)
        return Result(
            outcome="violation" if violation else "bounded" if self.stopped else "complete",
            start=self.space.start,
            states=len(self.seen),
            transitions=self.transitions,
            depth=self.depth,
            frontier=len(level),
            seconds=time.monotonic() - self.clock,
            calls=self.space.behaviour.calls,
            stopped=None if violation else self.stopped,
            violation=violation,
            never_reached=() if self.checks.reached else (self.goal.name,),
            behaviour=self.space.behaviour,
        )

    def _explore(self, level: list[int]) -> list[int]:
        """Every world up to the goal; returns those that the bounds leave unexplored."""
        while level:
            here = [world for world in level if not self.checks.holds(self.goal, world)]
            self.hopeful.update(world for world in level if self.checks.holds(self.goal, world))
            if not self.goal.lasting:
                here = level
            if (spans := self.space.spans) is not None:
                self.hopeful.update(world for world in level if spans.beyond(world))
            if self.bounds.depth is not None and self.depth >= self.bounds.depth:
                self.stopped = "depth"
                return here
            new: list[int] = []
            for at in range(0, len(here), CHUNK):
                part = here[at : at + CHUNK]
                table = self.space.table()
                try:
                    self.transitions += self.space.network.advance(part, table, self.seen, new)
                except Raised as raised:
                    trace_back(self.space, lambda w: path(self.space, self.seen, w), part, raised)
                    raise
                guard = self.space.network.guard
                if guard and any(map(guard.__and__, new)):
                    raise Overflow("copies")
                if self._enough(len(here) - at + len(new)):
                    return here[at + len(part) :] + new
            level = new
            self.depth += bool(new)
        return []

    def _enough(self, frontier: int) -> bool:
        now = time.monotonic() - self.clock
        self.tell(Progress(len(self.seen), self.transitions, self.depth, frontier, now))
        if self.bounds.states is not None and len(self.seen) >= self.bounds.states:
            self.stopped = "states"
        elif self.bounds.seconds is not None and now >= self.bounds.seconds:
            self.stopped = "seconds"
        elif self.bounds.memory is not None and self._bytes >= self.bounds.memory:
            self.stopped = "memory"
        return self.stopped is not None

    @property
    def _bytes(self) -> int:
        """About what is held in memory."""
        return 200 * len(self.seen) + self.space.behaviour.bytes

    def _first_without_hope(self) -> int | None:
        """Hope spreads backwards along the steps, until no world is left that leads to any."""
        hopeful, space = self.hopeful, self.space
        hopeless = [world for world in self.seen if world not in hopeful]
        spread = True
        while spread:
            table = space.table()
            spread, left = False, []
            for world in reversed(hopeless):
                steps = (s for mask, situations in table for s in situations[world & mask])
                if any(space.network.after(world, step) in hopeful for step in steps):
                    hopeful.add(world)
                    spread = True
                else:
                    left.append(world)
            hopeless = left[::-1]
        return hopeless[0] if hopeless else None

    def _violation(self, world: int) -> Violation:
        moves = path(self.space, self.seen, world)
        trace = reordered(self.space.start, actions_of(self.space, moves))
        found = Violation.of(self.space.start, self.goal, trace, "shortest")
        return replace(found, verdict=BLOCKED)
