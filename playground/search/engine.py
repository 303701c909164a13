"""The exhaustive search: breadth first, every world once."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from playground.core import Impossible, World
from playground.core.world import Rules
from playground.protocol import Property
from playground.protocol.observations import Trace
from playground.search.behaviour import Behaviour
from playground.search.causality import reordered
from playground.search.checks import Broken, Checks
from playground.search.errors import Mismatch, Raised, SearchError, Stopped, Unfit
from playground.search.faults import Faults
from playground.search.networks import Move, Overflow, Seen, Widths
from playground.search.result import Bound, Bounds, Outcome, Progress, Result, Violation
from playground.search.space import Space
from playground.search.symmetry import Symmetry, members
from playground.search.trace import actions_of, path, trace_back, with_copies

CHUNK = 2_048
"""Worlds between two looks at the clock."""

REMEMBERED = 400_000
"""Situations whose consequences are remembered, before it starts with an empty memory."""


def run(
    start: World,
    properties: Iterable[Property] = (),
    faults: Faults = Faults(),
    bounds: Bounds = Bounds(),
    *,
    exact: bool = False,
    copies: bool = False,
    symmetry: str = "",
    fast: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Every world within reach of `start`, until a property breaks or a bound is reached.

    exact     take every action of the core as a step of its own, also those that no safety property
              can miss
    copies    links duplicate: whatever was sent may arrive any number of times
    symmetry  a role whose nodes are interchangeable: worlds that differ by their names count as one
    fast      on arrays, if the model fits: several times as fast, and with tiny odds that a world
              is missed, which the result tells; it needs numpy

    `start` must observe what the properties see.  Raises SearchError, and Mismatch if it catches
    itself disagreeing with `core.step`.
    """
    properties = tuple(properties)
    start = narrowed(start, properties)
    refuse_nonsense(start, faults, bounds, copies)
    behaviour = Behaviour(start)
    widths = Widths()
    clock = time.monotonic()
    engine, unfit = (_on_arrays() if fast else Search), ""
    while True:
        try:
            space = Space(behaviour, faults, exact, copies, widths)
            names = Symmetry(space, members(start, symmetry)) if symmetry else None
            result = engine(space, properties, bounds, progress, clock, names).run()
            return replace(result, unfit=unfit)
        except Overflow as overflow:
            widths = widths.wider(str(overflow))
        except Unfit as misfit:
            engine, unfit = Search, str(misfit)


def _on_arrays() -> type[Search]:
    try:
        from playground.search.fast import FastSearch
    except ImportError as error:
        said = "a fast search needs numpy: pip install 'protocol-playground[fast]'"
        raise SearchError(said) from error
    return FastSearch


class Search:
    """One search: exact, as each world that it has seen is one integer."""

    def __init__(
        self,
        space: Space,
        properties: tuple[Property, ...],
        bounds: Bounds,
        progress: Callable[[Progress], None],
        clock: float,
        symmetry: Symmetry | None,
    ) -> None:
        self.space = space
        self.symmetry = symmetry
        self.first = symmetry.canonical(space.first) if symmetry else space.first
        self.advance = symmetry.advance if symmetry else space.network.advance
        self.properties = properties
        self.bounds = bounds
        self.tell = progress
        self.clock = clock
        self.checks = Checks(space, properties)
        self.seen: Seen = {self.first: None}
        self.transitions = 0
        self.depth = 0
        self.frontier = 1
        self.broken: Broken | None = None
        self.stopped: Bound | None = None
        self.set_up()

    def set_up(self) -> None:
        """What another engine needs besides."""

    @property
    def states(self) -> int:
        return len(self.seen)

    @property
    def odds(self) -> float | None:
        """That a world was missed; None if that can't be."""
        return None

    def run(self) -> Result:
        with no_garbage():
            try:
                self.explore()
            except (KeyboardInterrupt, Stopped):
                self.stopped = "interrupt"
        outcome: Outcome = "bounded" if self.stopped else "complete"
        violation = None
        if self.broken is not None:
            outcome, violation = "violation", self._violation(self.broken)
        goals = [p.name for p in self.properties if p.kind == "eventually"]
        return Result(
            outcome=outcome,
            start=self.space.start,
            states=self.states,
            transitions=self.transitions,
            depth=self.depth,
            frontier=self.frontier,
            odds=self.odds,
            seconds=time.monotonic() - self.clock,
            calls=self.space.behaviour.calls,
            stopped=None if violation else self.stopped,
            violation=violation,
            never_reached=tuple(g for g in goals if g not in self.checks.reached),
            unseen=self.checks.unseen(),
            behaviour=self.space.behaviour,
        )

    def explore(self) -> None:
        """Level by level, until something is broken, a bound is reached, or all is seen."""
        level = [self.first]
        self.broken = self.checks.worlds(level)
        while level and self.broken is None and self.stopped is None and not self.enough(level):
            if self.bounds.depth is not None and self.depth >= self.bounds.depth:
                self.stopped = "depth"
                return
            level = self._level(level)
            if level:
                self.depth += 1
                self.space.regroup(len(self.seen))

    def enough(self, level: list[int]) -> bool:
        """Does somebody else go on from these worlds?"""
        return False

    def _level(self, level: list[int]) -> list[int]:
        """The worlds that are one step further away."""
        space, seen = self.space, self.seen
        new: list[int] = []
        checked = 0
        for at in range(0, len(level), CHUNK):
            part = level[at : at + CHUNK]
            try:
                self.transitions += self.advance(part, space.table(), seen, new)
            except Raised as raised:
                if self.symmetry is None:  # by other names it is no run
                    trace_back(space, self.path, part, raised)
                raise
            fresh = new[checked:]
            checked = len(new)
            if (guard := space.network.guard) and any(map(guard.__and__, fresh)):
                raise Overflow("copies")
            self.frontier = len(level) - at - len(part) + len(new)
            self.broken = self.checks.steps(part) or self.checks.worlds(fresh)
            if self.broken is None:
                self.look_around()
            if self.broken is not None or self.stopped is not None:
                break
        return new

    def look_around(self) -> None:
        """Are the bounds reached?"""
        bounds = self.bounds
        now = time.monotonic() - self.clock
        states = self.states
        if bounds.states is not None and states >= bounds.states and self.frontier:
            self.stopped = "states"
        elif bounds.seconds is not None and now >= bounds.seconds and self.frontier:
            self.stopped = "seconds"
        elif bounds.memory is not None and self.bytes() >= bounds.memory and self.frontier:
            self.stopped = "memory"
        if self.space.remembered > REMEMBERED:
            self.space.forget()
        for node in self.space.behaviour.restless(states):
            self.improvise(node)
        self.tell(Progress(states, self.transitions, self.depth, self.frontier, now))

    def improvise(self, node: int) -> None:
        """There is no use in remembering consequences for this node."""
        self.space.improvise(node)

    def bytes(self) -> int:
        """What is held in memory of the worlds."""
        world = sys.getsizeof(next(reversed(self.seen)))
        worlds = sys.getsizeof(self.seen) + len(self.seen) * world + 8 * self.frontier
        return worlds + self.space.behaviour.bytes

    def _violation(self, broken: Broken) -> Violation:
        if self.symmetry is not None:
            return self._true(self.symmetry, broken)
        moves = self.path(broken.world)
        if broken.move is not None:
            moves.append(broken.move)
        trace = reordered(self.space.start, actions_of(self.space, moves))
        return Violation.of(self.space.start, broken.property, trace, "shortest")

    def path(self, world: int) -> list[Move]:
        """The moves from the first world to this one."""
        return path(self.space, self.seen, world)

    def _true(self, symmetry: Symmetry, broken: Broken) -> Violation:
        """By the true names; it need not be a shortest one, if they were not quite alike."""
        start = self.space.start
        try:
            actions = symmetry.path(self.seen, broken.world, broken.move)
            if self.space.copies:
                actions = with_copies(start, actions)
            return Violation.of(start, broken.property, reordered(start, actions), "shortest")
        except (Mismatch, Impossible) as error:
            raise SearchError(
                "these nodes can't be interchanged: what breaks a property by other "
                "names does not by their own"
            ) from error


def narrowed(start: World, properties: tuple[Property, ...]) -> World:
    """The same world, but that only what these properties see is observed."""
    needed = tuple(dict.fromkeys(o for p in properties for o in p.sees))
    observed = start.rules.observed
    for p in properties:
        if p.kind == "between" and any(isinstance(o, Trace) for o in p.sees):
            raise SearchError(f"the property {p.name} compares histories, step by step: not here")
    if missing := [p.name for p in properties for o in p.sees if o not in observed]:
        raise SearchError(f"the property {missing[0]} sees what the world does not observe")
    return World(
        rules=Rules(start.rules.model, start.rules.pids, needed),
        nodes=start.nodes,
        network=start.network,
        timers=start.timers,
        down=start.down,
        cuts=start.cuts,
        fuses=start.fuses,
        ghosts=tuple(start.ghosts[observed.index(o)] for o in needed),
        corrupt=start.corrupt,
        time=start.time,
        spoken=start.spoken,
    )


def refuse_nonsense(start: World, faults: Faults, bounds: Bounds, copies: bool) -> None:
    for name, bound in (*vars(bounds).items(), *vars(faults).items()):
        if isinstance(bound, int | float) and bound < 0:
            raise SearchError(f"a bound can't be below 0: {name} is {bound}")
    if faults.forgeries and not faults.forgeable:
        raise SearchError("there is nothing to forge: the protocol offers no finite forgeries")
    model = start.rules.model
    if copies and model.fifo:
        raise SearchError("a link that keeps its order can't copy without bound; bound the copies")
    if faults.drifts and not model.drift:
        raise SearchError("no clock may drift in this model; leave out the drifts")


@contextmanager
def no_garbage() -> Iterator[None]:
    """Worlds are integers, which make no cycles: to look for garbage only costs time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
