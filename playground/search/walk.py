"""Random walks: how to search a space that is too large to be searched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from random import Random

from playground.core import World
from playground.protocol import Property
from playground.search.behaviour import Behaviour
from playground.search.causality import reordered
from playground.search.checks import Broken, Checks
from playground.search.engine import narrowed, no_garbage, refuse_nonsense
from playground.search.errors import Raised, Stopped
from playground.search.faults import Faults
from playground.search.minimise import shrinking
from playground.search.networks import Overflow, Widths
from playground.search.result import Bound, Bounds, Minimal, Progress, Result, Violation
from playground.search.space import Space
from playground.search.trace import actions_of, move_to, the_way

STEPS = 200
"""How long a walk is, at most, if nobody says."""


def walk(
    start: World,
    properties: Iterable[Property] = (),
    faults: Faults = Faults(),
    bounds: Bounds = Bounds(),
    *,
    walks: int = 1_000,
    seed: int = 0,
    exact: bool = False,
    copies: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """So many walks of up to `bounds.depth` steps each, every step drawn from all that are
    possible.  The counterexample is made 1-minimal.  The same seed gives the same walks.  Raises
    what `run` raises."""
    properties = tuple(properties)
    start = narrowed(start, properties)
    refuse_nonsense(start, faults, bounds, copies)
    behaviour = Behaviour(start)
    widths = Widths()
    while True:
        try:
            space = Space(behaviour, faults, exact, copies, widths)
            return _Walks(space, properties, bounds, walks, seed, progress).run()
        except Overflow as overflow:
            widths = widths.wider(str(overflow))


class _Walks:
    def __init__(
        self,
        space: Space,
        properties: tuple[Property, ...],
        bounds: Bounds,
        walks: int,
        seed: int,
        progress: Callable[[Progress], None],
    ) -> None:
        self.space = space
        self.properties = properties
        self.bounds = bounds
        self.walks = walks
        self.random = Random(seed)
        self.tell = progress
        self.checks = Checks(space, properties)
        self.clock = time.monotonic()
        self.steps = 0
        self.depth = 0
        self.stopped: Bound | None = None

    def run(self) -> Result:
        violation = None
        with no_garbage():
            try:
                violation = self._search()
            except (KeyboardInterrupt, Stopped):
                self.stopped = "interrupt"
        goals = [p.name for p in self.properties if p.kind == "eventually"]
        return Result(
            outcome="violation" if violation else "bounded",
            start=self.space.start,
            states=self.steps + 1,
            transitions=self.steps,
            depth=self.depth,
            frontier=0,
            seconds=time.monotonic() - self.clock,
            calls=self.space.behaviour.calls,
            stopped=None if violation else self.stopped or "walks",
            violation=violation,
            never_reached=tuple(g for g in goals if g not in self.checks.reached),
            unseen=self.checks.unseen(),
            behaviour=self.space.behaviour,
        )

    def _search(self) -> Violation | None:
        if broken := self.checks.worlds([self.space.first]):
            return self._violation([self.space.first], broken)
        for _ in range(self.walks):
            path = [self.space.first]
            if broken := self._walk(path):
                return self._violation(path, broken)
            if self._enough():
                return None
        return None

    def _walk(self, path: list[int]) -> Broken | None:
        """Goes on from the end of `path`, and leaves its footprints there."""
        network, checks = self.space.network, self.checks
        world = path[-1]
        for _ in range(self.bounds.depth or STEPS):
            try:
                table = self.space.table()
                steps = [s for mask, situations in table for s in situations[world & mask]]
            except Raised as raised:
                moves = [move_to(self.space, a, b) for a, b in pairwise(path)]
                raised.actions = the_way(self.space, moves, raised)
                raise
            if not steps:
                break
            if broken := checks.steps([world]):
                return broken
            world = network.after(world, steps[int(self.random.random() * len(steps))])
            if world & network.guard:
                raise Overflow("copies")
            self.steps += 1
            path.append(world)
            if broken := checks.worlds([world]):
                return broken
        self.depth = max(self.depth, len(path) - 1)
        return None

    def _enough(self) -> bool:
        now = time.monotonic() - self.clock
        self.tell(Progress(self.steps + 1, self.steps, self.depth, 0, now))
        if self.bounds.seconds is not None and now >= self.bounds.seconds:
            self.stopped = "seconds"
        elif self.bounds.states is not None and self.steps >= self.bounds.states:
            self.stopped = "states"
        return self.stopped is not None

    def _violation(self, path: list[int], broken: Broken) -> Violation:
        moves = [move_to(self.space, a, b) for a, b in pairwise(path)]
        if broken.move is not None:
            moves.append(broken.move)
        short = actions_of(self.space, moves)
        minimal: Minimal = "1-minimal"
        try:
            for shorter in shrinking(self.space.start, short, broken.property):
                short = shorter
        except KeyboardInterrupt:  # what has been found is told, even if it could be shorter
            minimal = "long"
        trace = reordered(self.space.start, short)
        return Violation.of(self.space.start, broken.property, trace, minimal)
