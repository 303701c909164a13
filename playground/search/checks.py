"""Checks properties of packed worlds, each only once for what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from playground.protocol import Pid, Property, Role, Verdict
from playground.protocol.observations import F, Observation
from playground.search.errors import SearchError
from playground.search.networks import Move
from playground.search.space import Space

R = TypeVar("R", bound=Role)


class Broken(NamedTuple):
    """A property is false in `world`, or of the step `move` from there."""

    property: Property
    verdict: Verdict
    world: int
    move: Move | None = None


class View:
    """A packed world as a property sees it; `read` grows by the bits that are looked at."""

    def __init__(self, space: Space, world: int) -> None:
        self.read = 0
        self._space = space
        self._world = world

    def all(self, role: type[R]) -> Sequence[R]:
        return [node for node, _ in self._bodies(role)]

    def up(self, role: type[R]) -> Sequence[R]:
        return [node for node, down in self._bodies(role) if not down]

    def correct(self, role: type[R]) -> Sequence[R]:
        corrupt = self._space.start.corrupt
        return [node for node, _ in self._bodies(role) if node.pid not in corrupt]

    def seen(self, observation: Observation[F]) -> frozenset[tuple[Pid, F]]:
        space = self._space
        k = space.start.rules.observed.index(observation)
        parts = []
        for field, ghost in zip(space.ghosts, space.ghost, strict=True):
            self.read |= field.mask
            parts.append(ghost.facts[field.of(self._world)][k])
        return frozenset().union(*parts)

    def _bodies(self, role: type[R]) -> list[tuple[R, bool]]:
        space = self._space
        found = []
        for i, bodies in enumerate(space.behaviour.bodies):
            if isinstance(bodies[0].role, role):
                self.read |= space.bodies[i].mask
                body: Any = bodies[space.bodies[i].of(self._world)]
                found.append((body.role, body.down))
        return found


class Checks:
    """The verdicts so far.  A verdict depends on the bits that were read for it alone; a property
    that reads more than it ever did before is asked again.

    reached   goals that were true in some world
    """

    def __init__(self, space: Space, properties: Iterable[Property]) -> None:
        properties = tuple(properties)
        self.space = space
        self.reached: set[str] = set()
        self._always = [p for p in properties if p.kind == "always"]
        self._goals = [p for p in properties if p.kind == "eventually"]
        self._between = [p for p in properties if p.kind == "between"]
        self._reads = {p.name: 0 for p in properties}
        self._verdicts: dict[str, dict[int, Verdict]] = {p.name: {} for p in properties}
        self._fine: set[int] = set()
        self._read = 0
        self._fine_steps: set[tuple[int, int]] = set()
        self._changes: list[dict[int, tuple[tuple[int, Move], ...]]] = [{} for _ in space.pids]
        self._watched = 0
        for p in self._between:
            self._pair(p, space.first, space.first)

    def worlds(self, worlds: Sequence[int]) -> Broken | None:
        """The first of these worlds in which something is broken."""
        fine, read = self._fine, self._read
        for world in worlds:
            if world & read not in fine:
                broken = self._world(world)
                if broken is not None:
                    return broken
                read = self._read
                fine.add(world & read)
        return None

    def steps(self, worlds: Sequence[int]) -> Broken | None:
        """The first step from one of these worlds that breaks something."""
        if not self._between:
            return None
        for world in worlds:
            broken = self._steps(world)
            if broken is not None:
                return broken
        return None

    def unseen(self) -> tuple[str, ...]:
        """The properties that see facts of which there never were any: they hold of nothing."""
        observed = self.space.start.rules.observed
        empty = {
            o
            for k, o in enumerate(observed)
            if not any(facts[k] for ghost in self.space.ghost for facts in ghost.facts)
        }
        safe = (*self._always, *self._between)
        return tuple(p.name for p in safe if p.sees and empty.issuperset(p.sees))

    def _world(self, world: int) -> Broken | None:
        for p in self._always:
            if not (verdict := self._verdict(p, world)):
                return Broken(p, verdict, world)
        for goal in list(self._goals):
            if self._verdict(goal, world):
                self.reached.add(goal.name)
                self._goals.remove(goal)
        return None

    def _verdict(self, p: Property, world: int) -> Verdict:
        verdicts = self._verdicts[p.name]
        read = self._reads[p.name]
        verdict = verdicts.get(world & read)
        if verdict is None:
            view = View(self.space, world)
            verdict = _asked(p, view)
            if view.read & ~read:
                self._reads[p.name] = read = read | view.read
                verdicts.clear()
                if self._read & read != read:
                    self._read |= read
                    self._fine.clear()
            verdicts[world & read] = verdict
        return verdict

    def _steps(self, world: int) -> Broken | None:
        watched = self._watched
        before = world & watched
        for delta, move in self._changes_from(world):
            if (before, delta) in self._fine_steps:
                continue
            for p in self._between:
                verdict = self._pair(p, world, world + move.delta)
                if not verdict:
                    return Broken(p, verdict, world, move)
            if self._watched != watched:  # a property looks at more: once again
                return self._steps(world)
            self._fine_steps.add((before, delta))
        return None

    def _changes_from(self, world: int) -> Iterator[tuple[int, Move]]:
        """How the next step may change what properties of steps look at."""
        space = self.space
        for i, changes in enumerate(self._changes):
            if not self._watched & (space.bodies[i].mask | space.ghosts[i].mask):
                continue
            bits = world & space.mask(i)
            found = changes.get(bits)
            if found is None:
                found = changes[bits] = self._relevant(bits, space.local_moves(i, bits))
            yield from found
        if space.rounds:
            yield from self._relevant(world, space.common_moves(world))

    def _relevant(self, bits: int, moves: Iterable[Move]) -> tuple[tuple[int, Move], ...]:
        found: dict[int, Move] = {}
        for move in moves:
            delta = (bits + move.delta & self._watched) - (bits & self._watched)
            if delta:
                found.setdefault(delta, move)
        return tuple(found.items())

    def _pair(self, p: Property, world: int, after: int) -> Verdict:
        views = [View(self.space, w) for w in (world, after, after, after)]
        verdict = _asked(p, views[0], views[1])
        if verdict:  # what it looks at in the next step, too
            _asked(p, views[2], views[3])
        read = views[0].read | views[1].read | views[2].read | views[3].read
        if self._watched | read != self._watched:
            self._watched |= read
            self._fine_steps.clear()
            for changes in self._changes:
                changes.clear()
        return verdict


def _asked(p: Property, *views: View) -> Verdict:
    try:
        return p(*views)
    except Exception as error:  # whatever a property of somebody's protocol may raise
        said = f"{type(error).__name__}: {error}"
        raise SearchError(f"the property {p.name} raised {said}") from error
