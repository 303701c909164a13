"""Random walks: how to search a space that is too large to be searched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from random import Random
from typing import NamedTuple

from playground.core import Action, World
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
            walker = Walker(
                Space(behaviour, faults, exact, copies, widths, ordered=True), properties, seed
            )
            return _Walks(walker, bounds, walks, progress).run()
        except Overflow as overflow:
            widths = widths.wider(str(overflow))


class Walked(NamedTuple):
    """actions: a run that breaks this property, if there is one."""

    steps: int
    broken: Property | None = None
    actions: tuple[Action, ...] = ()


class Walker:
    """Walks by their numbers.  What a walk does depends on the seed and its number alone, and not
    on the walks before, so that somebody else can take it: the steps of `space` are ordered."""

    def __init__(self, space: Space, properties: tuple[Property, ...], seed: int) -> None:
        self.space = space
        self.properties = properties
        self.checks = Checks(space, properties)
        self._seed = seed

    def walk(self, number: int, depth: int | None) -> Walked:
        """Up to so many steps.  Raises Raised with the run, if a handler does."""
        random = Random(f"{self._seed} {number}")
        path = [self.space.first]
        if broken := self._go(path, random, depth or STEPS):
            return Walked(len(path) - 1, broken.property, self._actions(path, broken))
        return Walked(len(path) - 1)

    def _go(self, path: list[int], random: Random, depth: int) -> Broken | None:
        """Goes on from the end of `path`, and leaves its footprints there."""
        network, checks = self.space.network, self.checks
        world = path[-1]
        if broken := checks.worlds([world]):
            return broken
        for _ in range(depth):
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
            world = network.after(world, steps[int(random.random() * len(steps))])
            if world & network.guard:
                raise Overflow("copies")
            path.append(world)
            if broken := checks.worlds([world]):
                return broken
        return None

    def _actions(self, path: list[int], broken: Broken) -> tuple[Action, ...]:
        moves = [move_to(self.space, a, b) for a, b in pairwise(path)]
        if broken.move is not None:
            moves.append(broken.move)
        return actions_of(self.space, moves)


def found(start: World, broken: Property, actions: Iterable[Action]) -> Violation:
    """What a walk has found, without its detours."""
    short = tuple(actions)
    minimal: Minimal = "1-minimal"
    try:
        for shorter in shrinking(start, short, broken):
            short = shorter
    except KeyboardInterrupt:  # what has been found is told, even if it could be shorter
        minimal = "long"
    return Violation.of(start, broken, reordered(start, short), minimal)


class Tally:
    """What walks came to, one after the other, up to the one that ends the search."""

    def __init__(self, bounds: Bounds) -> None:
        self.steps = 0
        self.depth = 0
        self.stopped: Bound | None = None
        self._bounds = bounds
        self._clock = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._clock

    def count(self, steps: int, broken: bool = False) -> None:
        self.steps += steps
        if not broken:
            self.depth = max(self.depth, steps)
            if self._bounds.states is not None and self.steps >= self._bounds.states:
                self.stopped = "states"

    def look(self) -> None:
        """At the clock."""
        if self._bounds.seconds is not None and self.seconds >= self._bounds.seconds:
            self.stopped = self.stopped or "seconds"

    def progress(self) -> Progress:
        return Progress(self.steps + 1, self.steps, self.depth, 0, self.seconds)

    def result(
        self, behaviour: Behaviour, properties: Iterable[Property], violation: Violation | None,
        reached: Iterable[str], unseen: tuple[str, ...], workers: int = 0,
    ) -> Result:  # fmt: skip
        goals = [p.name for p in properties if p.kind == "eventually"]
        return Result(
            outcome="violation" if violation else "bounded",
            start=behaviour.start,
            states=self.steps + 1,
            transitions=self.steps,
            depth=self.depth,
            frontier=0,
            seconds=self.seconds,
            calls=behaviour.calls,
            stopped=None if violation else self.stopped or "walks",
            violation=violation,
            never_reached=tuple(g for g in goals if g not in set(reached)),
            unseen=unseen,
            workers=workers,
            behaviour=behaviour,
        )


class _Walks:
    def __init__(
        self,
        walker: Walker,
        bounds: Bounds,
        walks: int,
        progress: Callable[[Progress], None],
    ) -> None:
        self.walker = walker
        self.bounds = bounds
        self.walks = walks
        self.tell = progress
        self.tally = Tally(bounds)

    def run(self) -> Result:
        violation = None
        with no_garbage():
            try:
                violation = self._search()
            except (KeyboardInterrupt, Stopped):
                self.tally.stopped = "interrupt"
        walker, checks = self.walker, self.walker.checks
        return self.tally.result(
            walker.space.behaviour, walker.properties, violation, checks.reached, checks.unseen()
        )

    def _search(self) -> Violation | None:
        tally = self.tally
        for number in range(self.walks):
            walked = self.walker.walk(number, self.bounds.depth)
            tally.count(walked.steps, walked.broken is not None)
            if walked.broken is not None:
                return found(self.walker.space.start, walked.broken, walked.actions)
            tally.look()
            self.tell(tally.progress())
            if tally.stopped:
                return None
        return None
