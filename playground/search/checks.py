"""Checks properties of packed worlds, each only once for what it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from playground.protocol import Instant, Pid, Property, Role, Verdict
from playground.protocol.observations import F, Observation, Trace
from playground.protocol.roles import stack
from playground.search.errors import SearchError
from playground.search.networks import Move, Situations, Steps, Table
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
        return [node for node, _ in self._parts(role)]

    def up(self, role: type[R]) -> Sequence[R]:
        return [node for node, down in self._parts(role) if not down]

    def correct(self, role: type[R]) -> Sequence[R]:
        corrupt = self._space.start.corrupt
        return [node for node, _ in self._parts(role) if node.pid not in corrupt]

    def local_time(self, pid: Pid) -> Instant:
        space = self._space
        i = space.pids.index(pid)
        self.read |= space.now.mask | space.bodies[i].mask
        now, clock = space.time(self._world), space.body(i, self._world).clock
        if now is None or clock is None:
            raise AttributeError(f"{pid} has no clock: timing is not timed")
        return clock.shows(now)

    def seen(self, observation: Observation[F]) -> frozenset[tuple[Pid, F]]:
        space = self._space
        k = space.behaviour.place(observation)
        parts = []
        for field, ghost in zip(space.ghosts, space.ghost, strict=True):
            self.read |= field.mask
            parts.append(ghost.facts[field.of(self._world)][k])
        return frozenset().union(*parts)

    def told(self, trace: Trace[F]) -> tuple[tuple[Pid, F], ...]:
        space = self._space
        self.read |= space.story
        return space.told(self._world)[space.behaviour.place(trace)]

    def _parts(self, role: type[R]) -> list[tuple[R, bool]]:
        """The nodes and layers of a role, each with whether its node is down."""
        space = self._space
        found: list[tuple[R, bool]] = []
        for i in space.members(role):
            field = space.bodies[i]
            self.read |= field.mask
            body = space.behaviour.bodies[i][field.of(self._world)]
            parts = (part for _, part in stack(body.role) if isinstance(part, role))
            found += ((part, body.down) for part in parts)
        return found


class _Group:
    """Properties that are asked together, and the worlds, as far as they look at them, of which
    all has been asked."""

    def __init__(self, properties: Iterable[Property]) -> None:
        self.members = list(properties)
        self.read = 0
        self.done: set[int] = set()


class Checks:
    """The verdicts so far.  A verdict depends on the bits that were read for it alone; a property
    that reads more than it ever did before is asked again.

    reached   goals that were true in some world
    """

    def __init__(self, space: Space, properties: Iterable[Property]) -> None:
        properties = tuple(properties)
        self.space = space
        self.reached: set[str] = set()
        self._always = _Group(p for p in properties if p.kind == "always")
        self._goals = _Group(p for p in properties if p.kind == "eventually")
        self._between = _Group(p for p in properties if p.kind == "between")
        self._reads = {p.name: 0 for p in properties}
        self._verdicts: dict[str, dict[int, Verdict]] = {p.name: {} for p in properties}
        self._done_steps: set[tuple[int, int]] = set()
        self._changes = [Situations(self._changes_of(i)) for i in range(len(space.pids))]
        for p in self._between.members:
            self._pair(p, space.first, space.first)

    @property
    def read(self) -> int:
        """The bits that properties of worlds have looked at."""
        return self._always.read | self._goals.read

    @property
    def of_steps(self) -> bool:
        """Is there a property of steps?"""
        return bool(self._between.members)

    def worlds(self, worlds: Sequence[int]) -> Broken | None:
        """The first of these worlds in which something is broken."""
        broken = self._ask(self._always, worlds)
        if self._goals.members:
            self._ask(self._goals, worlds)
        return broken

    def holds(self, p: Property, world: int) -> bool:
        """Is the goal reached there?"""
        if not self._verdict(self._goals, p, world):
            return False
        self.reached.add(p.name)
        return True

    def steps(self, worlds: Sequence[int]) -> Broken | None:
        """The first step from one of these worlds that breaks something."""
        if not self._between.members:
            return None
        done = self._done_steps
        watched, table = self.watched()
        for world in worlds:
            before = world & watched
            for mask, changes in table:
                for delta, move in changes[world & mask]:
                    if (before, delta) not in done:
                        if broken := self._step(world, move):
                            return broken
                        if self._between.read != watched:  # one looks at more: once again
                            return self.steps(worlds)
                        done.add((before, delta))
        return None

    def unseen(self) -> tuple[str, ...]:
        """The properties that see facts of which there never were any: they hold of nothing."""
        observed = self.space.start.rules.observed
        empty = {o for o in observed if not any(self._all_seen_of(o))}
        safe = (*self._always.members, *self._between.members)
        return tuple(p.name for p in safe if p.sees and empty.issuperset(p.sees))

    def _all_seen_of(self, observation: Observation[F]) -> Iterator[Collection[object]]:
        """What was ever seen of it, in some world: of a node, or in order."""
        space = self.space
        k = space.behaviour.place(observation)
        if isinstance(observation, Trace):
            return (told[k] for told in space.stories)
        return (facts[k] for ghost in space.ghost for facts in ghost.facts)

    def _ask(self, group: _Group, worlds: Sequence[int]) -> Broken | None:
        done, read = group.done, group.read
        for world in worlds:
            if world & read not in done:
                for p in tuple(group.members):
                    verdict = self._verdict(group, p, world)
                    if p.kind == "always" and not verdict:
                        return Broken(p, verdict, world)
                    if p.kind == "eventually" and verdict:
                        self.reached.add(p.name)
                        group.members.remove(p)
                read = group.read
                done.add(world & read)
        return None

    def _verdict(self, group: _Group, p: Property, world: int) -> Verdict:
        verdicts = self._verdicts[p.name]
        read = self._reads[p.name]
        verdict = verdicts.get(world & read)
        if verdict is None:
            view = View(self.space, world)
            verdict = _asked(p, view)
            if view.read & ~read:
                self._reads[p.name] = read = read | view.read
                verdicts.clear()
                if group.read & read != read:
                    group.read |= read
                    group.done.clear()
            verdicts[world & read] = verdict
        return verdict

    def watched(self) -> tuple[int, Table]:
        """The bits that properties of steps look at, and how the next step may change them."""
        space, read = self.space, self._between.read
        table = []
        for i, changes in enumerate(self._changes):
            if read & (space.bodies[i].mask | space.ghosts[i].mask):
                table.append((space.mask(i), changes))
        if space.rounds or read & space.now.mask:
            relevant = Situations(lambda w: self._relevant(w, space.common_moves(w)), False)
            table.append((-1, relevant))
        return read, table

    def _changes_of(self, i: int) -> Callable[[int], Steps]:
        return lambda bits: self._relevant(bits, self.space.local_moves(i, bits))

    def _relevant(self, bits: int, moves: Iterable[Move]) -> Steps:
        read = self._between.read
        found: dict[int, Move] = {}
        for move in moves:
            delta = (bits + move.delta & read) - (bits & read)
            if delta:
                found.setdefault(delta, move)
        return tuple(found.items())

    def _step(self, world: int, move: Move) -> Broken | None:
        for p in self._between.members:
            verdict = self._pair(p, world, world + move.delta)
            if not verdict:
                return Broken(p, verdict, world, move)
        return None

    def _pair(self, p: Property, world: int, after: int) -> Verdict:
        views = [View(self.space, w) for w in (world, after, after, after)]
        verdict = _asked(p, views[0], views[1])
        if verdict:  # what it looks at in the next step, too
            _asked(p, views[2], views[3])
        read = views[0].read | views[1].read | views[2].read | views[3].read
        if self._between.read | read != self._between.read:
            self._between.read |= read
            self._done_steps.clear()
            for changes in self._changes:
                changes.clear()
        return verdict


def _asked(p: Property, *views: View) -> Verdict:
    try:
        return p(*views)
    except Exception as error:  # whatever a property of somebody's protocol may raise
        said = f"{type(error).__name__}: {error}"
        raise SearchError(f"the property {p.name} raised {said}") from error
