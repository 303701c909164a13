"""The exhaustive search on a cluster: breadth first, level by level, every world in one place.

It begins here.  When there are enough worlds to be tried they are dealt out: a world belongs to one
part, by the states of its nodes, and a part is worked on by one worker.  In each round every part
expands some worlds of this level, and is told by the others which of their steps lead to worlds of
its own.  So every world is counted once, and what breaks a property first is a shortest run, as in
the search on one machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, TypeVar

from playground.core import Action
from playground.protocol import Property
from playground.search.behaviour import Behaviour
from playground.search.causality import reordered
from playground.search.checks import Checks
from playground.search.cluster.batch import packed, unpacked
from playground.search.cluster.hearing import Hearing
from playground.search.cluster.job import Job, close
from playground.search.cluster.owners import Deal, Owners, dealt
from playground.search.cluster.part import Told, about, begin, expand, look, merge, piece
from playground.search.cluster.reach import GRACE, Cluster, Future, Late
from playground.search.engine import Search
from playground.search.errors import Mismatch, Raised, SearchError, Stopped
from playground.search.networks import Move, Overflow, Widths
from playground.search.result import Bound, Bounds, Progress, Result, Violation
from playground.search.space import Space
from playground.search.trace import actions_of, move_to, the_way

T = TypeVar("T")

ENOUGH = 1_000
"""Worlds to be tried before they are dealt out: for fewer it is not worth the way."""

ROUND = 20_000
"""Worlds that a part expands in one round, at most."""

FEW = 500
"""Worlds for which a round is worth while."""


def run(
    cluster: Cluster, job: Job, sent: bytes, bounds: Bounds, progress: Callable[[Progress], None]
) -> Result:
    """Every world within reach, as `engine.run` says.  `sent` is the job, pickled."""
    clock = time.monotonic()
    behaviour, widths = Behaviour(job.start), Widths()
    while True:
        try:
            space = Space(behaviour, job.faults, job.exact, job.copies, widths)
            opening = _Opening(space, job.properties, bounds, progress, clock, None)
            opening.parts = len(cluster.workers)
            result = opening.run()
            break
        except Overflow as overflow:
            widths = widths.wider(str(overflow))
    if opening.deal is None or result.stopped is not None:
        return result
    return _Frontier(cluster, job, sent, opening, opening.deal).run(result)


class _Opening(Search):
    """The search as long as there are few worlds; then these are its level, to be dealt out."""

    parts = 1

    def set_up(self) -> None:
        self.level: list[int] = []
        self.deal: Deal | None = None

    def enough(self, level: list[int]) -> bool:
        if len(level) >= ENOUGH:
            self.level, self.deal = level, dealt(self.space, level, self.parts)
        return self.deal is not None


class _Culprit(NamedTuple):
    """Where something is broken: in a world of a part, by its number in its level, or in a step
    from there."""

    property: Property
    part: int
    level: int
    number: int
    of_step: bool


class _Frontier:
    def __init__(
        self, cluster: Cluster, job: Job, sent: bytes, opening: _Opening, deal: Deal
    ) -> None:
        self.cluster = cluster
        self.job = job
        self.opening = opening
        self.bounds = opening.bounds
        self.depth = opening.depth
        self.states = opening.states
        self.transitions = opening.transitions
        self.frontier = opening.frontier
        self.hearing = Hearing(opening.space.behaviour)
        self.stopped: Bound | None = None
        self.culprit: _Culprit | None = None
        self._sent = sent
        self._workers = list(cluster.workers)
        self._parts = len(self._workers)
        self._deal = deal
        self._level: list[list[int]] = [[] for _ in self._workers]  # of the opening
        self._sizes = [0] * self._parts  # how many worlds each part has in this level
        self._bytes = [0] * self._parts
        self._busy: list[Future] = []

    def run(self, opened: Result) -> Result:
        violation = None
        try:
            self._job = self.cluster.submit(bytes, self._sent)
            self._heads = self._deal_out()
            self._search()
            if self.culprit is not None:
                violation = self._violation(self.culprit)
        except Late:
            self.stopped = "seconds"
        except (KeyboardInterrupt, Stopped):
            self.stopped = "interrupt"
        finally:
            self.cluster.cancel(self._busy)
            self.cluster.everywhere(close, self._sent)
        return self._result(opened, violation)

    def _result(self, opened: Result, violation: Violation | None) -> Result:
        self.hearing.settle()
        safe = (p for p in self.job.properties if p.name in opened.unseen)
        missing = [g for g in opened.never_reached if g not in self.hearing.reached]
        return replace(
            opened,
            outcome="violation" if violation else "bounded" if self.stopped else "complete",
            states=self.states,
            transitions=self.transitions,
            depth=self.depth,
            frontier=self.frontier,
            seconds=self._now(),
            calls=self.hearing.behaviour.calls,
            stopped=None if violation else self.stopped,
            violation=violation,
            never_reached=tuple(missing),
            unseen=self.hearing.unseen(safe),
            workers=self._parts,
        )

    def _deal_out(self) -> list[Future]:
        """The parts, with what was seen so far."""
        space = self.opening.space
        owners = Owners(space, self._deal)
        earlier: list[list[int]] = [[] for _ in self._workers]
        level = set(self.opening.level)
        for world in self.opening.seen:
            part = owners[world & owners.mask]
            (self._level if world in level else earlier)[part].append(world)
        self._sizes = [len(worlds) for worlds in self._level]
        return [
            self.cluster.submit(
                begin, self.depth, packed(space, earlier[p]), packed(space, self._level[p]), at=at
            )
            for p, at in enumerate(self._workers)
        ]

    def _search(self) -> None:
        while any(self._sizes) and self.culprit is None and self.stopped is None:
            if self.bounds.depth is not None and self.depth >= self.bounds.depth:
                self.stopped = "depth"
                return
            self._next_level()

    def _next_level(self) -> None:
        bases, done = list(self._heads), [0] * self._parts
        new = [0] * self._parts
        self._seat()
        while done != self._sizes and self.culprit is None and self.stopped is None:
            some = [p for p in range(self._parts) if done[p] < self._sizes[p]]
            expanded, merged = self._round(bases, done, some)
            for p, told in zip(some, expanded, strict=True):
                self._note(told, p, self.depth)
                done[p] += told.worlds
                self.transitions += told.transitions
            for p, told in enumerate(merged):
                self._note(told, p, self.depth + 1)
                new[p] += told.worlds
                self._bytes[p] = told.bytes
                self.states += told.worlds
            self.frontier = sum(self._sizes) - sum(done) + sum(new)
            self._look_around()
        self._sizes = new
        if any(new):
            self.depth += 1

    def _round(
        self, bases: Sequence[Future], done: Sequence[int], some: Sequence[int]
    ) -> tuple[list[Told], list[Told]]:
        """Some parts expand worlds, and all hear of it."""
        submit, parts = self.cluster.submit, range(self._parts)
        count = self._count()
        found = {
            p: submit(
                expand, self._job, p, self._deal, bases[p], done[p], count,
                at=self._workers[p],
            )
            for p in some
        }  # fmt: skip
        heads = []
        for q in parts:
            boxes = [submit(piece, found[p], q) if p in found else None for p in parts]
            given = self._job, q, self._deal, self._heads[q], self.depth + 1, boxes
            heads.append(submit(merge, *given, at=self._workers[q]))
        told = self._results([submit(about, f) for f in (*found.values(), *heads)])
        self._heads = heads
        return told[: len(some)], told[len(some) :]

    def _results(self, futures: list[Future]) -> list[Told]:
        self._busy = futures
        results = self.cluster.results(futures, self._tick)
        self._busy = []
        return results

    def _seat(self) -> None:
        """Parts whose worker was lost go to others."""
        alive = self.cluster.alive()
        for p, worker in enumerate(self._workers):
            if alive and worker not in alive:
                self._workers[p] = alive[p % len(alive)]

    def _note(self, told: Told, part: int, level: int) -> None:
        """Raises SearchError if a worker has, and Raised if a handler has there."""
        if told.wrong:
            raise SearchError(told.wrong)
        if told.raised is not None:
            self._replayed(self._way(part, level, told.raised), _raise_again)
        self.hearing.hear(told.news)
        if told.broken is not None and self.culprit is None:
            which, number = told.broken
            of_step = level == self.depth
            self.culprit = _Culprit(self.job.properties[which], part, level, number, of_step)

    def _look_around(self) -> None:
        bounds, now = self.bounds, self._now()
        if self.frontier and self.culprit is None:
            if bounds.states is not None and self.states >= bounds.states:
                self.stopped = "states"
            elif bounds.seconds is not None and now >= bounds.seconds:
                self.stopped = "seconds"
            elif bounds.memory is not None and sum(self._bytes) >= bounds.memory:
                self.stopped = "memory"
        self._tell(now)

    def _tick(self) -> None:
        now = self._now()
        late = self.bounds.seconds is not None and now >= self.bounds.seconds + GRACE
        if late and self.culprit is None:  # else there is only the way to it to be found
            raise Late
        self._tell(now)

    def _tell(self, now: float) -> None:
        told = Progress(self.states, self.transitions, self.depth, self.frontier, now)
        self.opening.tell(told)

    def _now(self) -> float:
        return time.monotonic() - self.opening.clock

    def _count(self) -> int:
        """How many worlds each part expands in the next round, so that no bound is far exceeded."""
        if self.bounds.states is None:
            return ROUND
        left = self.bounds.states - self.states
        return min(ROUND, max(FEW, left // self._parts))

    def _way(self, part: int, level: int, number: int) -> list[bytes]:
        """The worlds from the first one to this one, packed, in pieces."""
        pieces = []
        while level > self.opening.depth:
            found = self.cluster.submit(
                look, self._job, part, self._deal, self._heads[part], level, number,
                at=self._workers[part],
            )  # fmt: skip
            [(world, came)] = self.cluster.results([found], self._tick)
            pieces.append(world)
            number, part = divmod(came, self._parts)
            level -= 1
        worlds: list[int] = []
        world_here: int | None = self._level[part][number]
        while world_here is not None:
            worlds.append(world_here)
            world_here = self.opening.seen[world_here]
        pieces.append(packed(self.opening.space, worlds[::-1]))
        return pieces[::-1]

    def _replayed(self, way: Sequence[bytes], use: Callable[[Space, list[int]], T]) -> T:
        """What `use` makes of the worlds of a way, in a space that is wide enough."""
        job, widths = self.job, Widths()
        while True:
            try:
                behaviour = self.opening.space.behaviour
                space = Space(behaviour, job.faults, job.exact, job.copies, widths)
                return use(space, [world for data in way for world in unpacked(space, data)])
            except Overflow as overflow:
                widths = widths.wider(str(overflow))

    def _violation(self, culprit: _Culprit) -> Violation:
        def moves(space: Space, worlds: list[int]) -> tuple[Action, ...]:
            found = _moves(space, worlds)
            if culprit.of_step:
                broken = Checks(space, [culprit.property]).steps(worlds[-1:])
                if broken is None or broken.move is None:
                    raise Mismatch("a step that breaks a property can't be found again")
                found.append(broken.move)
            return actions_of(space, found)

        start, way = self.job.start, self._way(culprit.part, culprit.level, culprit.number)
        trace = reordered(start, self._replayed(way, moves))
        return Violation.of(start, culprit.property, trace, "shortest")


def _moves(space: Space, worlds: Sequence[int]) -> list[Move]:
    return [move_to(space, a, b) for a, b in pairwise(worlds)]


def _raise_again(space: Space, worlds: list[int]) -> None:
    """What a handler raises in the last of these worlds, with the run to it."""
    try:
        for _ in space.moves(worlds[-1]):
            pass
    except Raised as raised:
        raised.actions = the_way(space, _moves(space, worlds), raised)
        raise
    raise Mismatch("a handler that has raised does so no more")
