"""The same search on arrays of words, many worlds at a time; it needs numpy.

A world is a column of 64-bit words.  The tables of consequences are those of the exact search: the
bits that a node's next steps depend on are looked up for a whole chunk of worlds, and their
differences added, word by word, as no field crosses words.

Of the worlds seen it remembers 64 bits each, in which two may agree by chance: then one of them is
taken for seen.  With n states that happens with odds of about n*n / 2**65.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from playground.search.checks import Broken, Checks
from playground.search.engine import Search
from playground.search.errors import Mismatch, Raised, Unfit
from playground.search.networks import Bag, Grown, Move, Overflow, Situations, Table
from playground.search.space import Space
from playground.search.trace import move_to, trace_back
from playground.search.vectors import (
    Indices,
    Lookup,
    Numbers,
    Rows,
    Words,
    digest,
    packed,
    salt,
    split,
    widened,
)

CHUNK = 1 << 15
"""Worlds that are taken a step further together."""

WORD = (1 << 64) - 1


def refuse_unfit(space: Space) -> None:
    """Raises Unfit."""
    if not isinstance(space.network, Bag):
        raise Unfit("links that keep their order, or histories")
    if space.rounds or space.timed or (space.signed and space.faults.forgeries):
        raise Unfit("rounds, time or signatures")


class Level(NamedTuple):
    """Worlds of one depth: their words, fingerprints, and the numbers of the worlds before them,
    all worlds being numbered in the order in which they were seen."""

    rows: Words
    prints: Words
    parents: Indices

    def part(self, some: slice) -> Level:
        return Level(self.rows[:, some], self.prints[some], self.parents[some])


class FastSearch(Search):
    """As `Search`; see there."""

    @property
    def odds(self) -> float:
        """That two of the worlds had the same fingerprint, and one was not looked at."""
        return self._count**2 / 2**65

    def set_up(self) -> None:
        space = self.space
        refuse_unfit(space)
        if self.symmetry is not None:
            raise Unfit("nodes that are interchanged")
        self.grown = isinstance(space.network, Grown)
        self._prints = Numbers(16)
        self._levels: list[Level] = []
        self._groups: dict[int, Group] = {}
        self._asked = Numbers()
        self._steps = Steps(self.checks)
        self._read = 0
        self._count = 1

    @property
    def states(self) -> int:
        return self._count

    @property
    def words(self) -> int:
        return max(1, -(-self.space.bits.used // 64))

    def explore(self) -> None:
        rows = np.array([split(self.first, self.words)], np.uint64).T
        prints = np.array([self.print_of(self.first, 0)], np.uint64)
        self._levels = [Level(rows, digest(rows) if self.grown else prints, np.zeros(1, np.int64))]
        self._prints.add(self._levels[0].prints)
        self.broken = self.checks.worlds([self.first])
        while len(self._levels[-1].parents) and self.broken is None and self.stopped is None:
            if self.bounds.depth is not None and self.depth >= self.bounds.depth:
                self.stopped = "depth"
                return
            self._next(self._levels[-1])
            if len(self._levels[-1].parents):
                self.depth += 1
                self.space.regroup(self._count)

    def print_of(self, after: int, before: int) -> int:
        """What a step adds to the fingerprint: each field counts with a number of its own."""
        ends, total, rest = self.space.bits.starts, 0, after ^ before
        while rest:
            at = ends[bisect_right(ends, (rest & -rest).bit_length() - 1) - 1]
            width = self.space.bits.width(at)
            field = (1 << width) - 1
            total += ((after >> at & field) - (before >> at & field)) * salt(at)
            rest &= ~(field << at)
        return total & WORD

    def _next(self, level: Level) -> None:
        """Adds the worlds that are one step further away."""
        start = self._count - len(level.parents)
        parts: list[Level] = []
        size = len(level.parents)
        for at in range(0, size, CHUNK):
            part = level.part(slice(at, at + CHUNK))
            try:
                new = self._advance(part, start + at)
            except Raised as raised:
                trace_back(self.space, self.path, packed(part.rows), raised)
                raise
            parts.append(new)
            self._count += len(new.parents)
            self.frontier = size - at - len(part.parents) + sum(len(p.parents) for p in parts)
            self.broken = self._steps.broken(part.rows) or self._worlds(new.rows)
            if self.broken is None:
                self.look_around()
            if self.broken is not None or self.stopped is not None:
                break
        rows = [widened(p.rows, self.words) for p in parts]
        self._levels[-1] = level._replace(prints=np.empty(0, np.uint64))
        self._levels.append(
            Level(
                np.concatenate(rows, axis=1),
                np.concatenate([p.prints for p in parts]),
                np.concatenate([p.parents for p in parts]),
            )
        )

    def _advance(self, part: Level, number: int) -> Level:
        """The worlds that come of these and were not seen before."""
        found = [(group, group.find(part.rows)) for group in self._table()]
        words = self.words
        rows = widened(part.rows, words)
        new: list[Level] = []
        for group, which in found:
            counts = group.counts.all[0][which].astype(np.int64)
            total = int(counts.sum())
            self.transitions += total
            ends = np.cumsum(counts)
            who = np.repeat(np.arange(len(which)), counts)
            first = group.starts.all[0][which].astype(np.int64) - (ends - counts)
            step = np.arange(total) + np.repeat(first, counts)
            group.widen(words)
            new += self._fresh(group, rows, part.prints, who, step, number)
        guard = self.space.network.guard
        if guard:
            for k, bits in enumerate(split(guard, words)):
                if bits and any((n.rows[k] & np.uint64(bits)).any() for n in new):
                    raise Overflow("copies")
        return Level(
            np.concatenate([n.rows for n in new], axis=1),
            np.concatenate([n.prints for n in new]),
            np.concatenate([n.parents for n in new]),
        )

    def _fresh(
        self, group: Group, rows: Words, prints: Words, who: Indices, step: Indices, number: int
    ) -> Iterator[Level]:
        if self.grown:
            after = (rows[:, who] + group.deltas.all[:, step]) | group.sent.all[:, step]
            marks = digest(after)
            new = self._prints.add(marks)
            yield Level(after[:, new], marks[new], who[new] + number)
        else:
            marks = np.maximum(prints[who] + group.marks.all[0][step], np.uint64(1))
            new = self._prints.add(marks)
            who, step = who[new], step[new]
            yield Level(rows[:, who] + group.deltas.all[:, step], marks[new], who + number)

    def _table(self) -> list[Group]:
        groups: dict[int, Group] = {}
        for mask, situations in self.space.table():
            group = self._groups.get(id(situations))
            if group is None:
                group = Group(self, situations)
            group.mask = mask
            groups[id(situations)] = group
        self._groups = groups
        return list(groups.values())

    def _worlds(self, rows: Words) -> Broken | None:
        """The first of these worlds in which something is broken."""
        while True:
            if self.checks.read != self._read:
                self._read, self._asked = self.checks.read, Numbers()
            new = self._asked.add(digest(rows, self._read))
            if broken := self.checks.worlds(packed(rows[:, new])):
                return broken
            if self.checks.read == self._read:
                return None

    def improvise(self, node: int) -> None:
        raise Unfit("nodes with about as many states as there are worlds")

    def bytes(self) -> int:
        held = sum(level.rows.nbytes + level.parents.nbytes for level in self._levels)
        held += self.space.behaviour.bytes
        return held + self._prints.nbytes + self._asked.nbytes

    def path(self, world: int) -> list[Move]:
        depth, at = self._find(world)
        worlds = [world]
        while depth:
            number = int(self._levels[depth].parents[at])
            depth -= 1
            at = number - sum(len(level.parents) for level in self._levels[:depth])
            worlds += packed(self._levels[depth].rows[:, at : at + 1])
        worlds.reverse()
        return [move_to(self.space, a, b) for a, b in pairwise(worlds)]

    def _find(self, world: int) -> tuple[int, int]:
        """Its depth, and where it stands there."""
        for depth, level in reversed(list(enumerate(self._levels))):
            words = np.array(split(world, len(level.rows)), np.uint64)
            if not world >> 64 * len(words):
                found = np.flatnonzero((level.rows == words[:, None]).all(axis=0))
                if len(found):
                    return depth, int(found[0])
        raise Mismatch("a world of the search can't be found again")


class Group:
    """What some nodes may do next, by the bits that it depends on, as arrays."""

    def __init__(self, search: FastSearch, situations: Situations) -> None:
        self.mask = 0
        self.counts, self.starts, self.marks = Rows(1), Rows(1), Rows(1)
        self.deltas, self.sent = Rows(search.words), Rows(search.words)
        self._search = search
        self._situations = situations
        self._lookup = Lookup()
        self._steps = 0
        self._known = 0

    def widen(self, words: int) -> None:
        self.deltas.widen(words)
        self.sent.widen(words)

    def find(self, rows: Words) -> Indices:
        """Which of its situations each of these worlds is in."""
        return found(self._lookup, digest(rows, self.mask), rows, self._learn)

    def _learn(self, world: int) -> int:
        steps = self._situations[world & self.mask]
        words = self._search.words
        self.widen(words)
        before = split(world, words)
        for step in steps:
            delta, sent = step if self._search.grown else (step, 0)
            after = world + delta
            self.deltas.add(
                [a - b & WORD for a, b in zip(split(after, words), before, strict=True)]
            )
            if self._search.grown:
                self.sent.add(split(sent, words))
            else:
                self.marks.add([self._search.print_of(after, world)])
        self.starts.add([self._steps])
        self.counts.add([len(steps)])
        self._steps += len(steps)
        self._known += 1
        return self._known - 1


class Steps:
    """Finds the worlds of which properties of steps have to be asked: of each kind of step, from
    each that they can tell apart, one."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._watched = -1
        self._forget()

    def broken(self, rows: Words) -> Broken | None:
        """The first step from one of these worlds that breaks something."""
        while self._checks.of_steps:
            watched, table = self._checks.watched()
            if watched != self._watched:
                self._watched = watched
                self._forget()
            for world in packed(rows[:, self._unknown(rows, table)]):
                if broken := self._checks.steps([world]):
                    return broken
            if self._checks.watched()[0] == watched:
                break
        return None

    def _forget(self) -> None:
        self._done = Numbers()
        self._lookups: dict[int, Lookup] = {}
        self._kinds: dict[frozenset[int], int] = {frozenset(): 0}

    def _unknown(self, rows: Words, table: Table) -> Indices:
        before = digest(rows, self._watched)
        new = [np.empty(0, np.int64)]
        for mask, changes in table:
            lookup = self._lookups.setdefault(id(changes), Lookup())

            def kind(world: int, mask: int = mask, changes: Situations = changes) -> int:
                deltas = frozenset(delta for delta, _ in changes[world & mask])
                return self._kinds.setdefault(deltas, len(self._kinds))

            kinds = found(lookup, digest(rows, mask), rows, kind)
            some = np.flatnonzero(kinds)
            pairs = np.stack([before[some], kinds[some].astype(np.uint64)])
            new.append(some[self._done.add(digest(pairs))])
        return np.unique(np.concatenate(new))


def found(lookup: Lookup, marks: Words, rows: Words, learn: Callable[[int], int]) -> Indices:
    """What stands in the table for each of these worlds, which is learnt first where it is
    missing."""
    which = lookup.find(marks)
    missing = np.flatnonzero(which < 0)
    if len(missing):
        new, first = np.unique(marks[missing], return_index=True)
        for mark, world in zip(new.tolist(), packed(rows[:, missing[first]]), strict=True):
            lookup.put(mark, learn(world))
        which[missing] = lookup.find(marks[missing])
    return which
