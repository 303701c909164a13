"""What a worker does of an exhaustive search.

Every world belongs to one part.  `expand` takes worlds of a part and finds those that are one step
further away, sorted by the parts that they belong to; `merge` takes what all parts have found for
one part, and finds out which are new.  Both are functions of what they are given, also in the order
of what they find (the steps of a desk are ordered), as worlds are known to others by their places.
The worlds of a part are a chain of segments; a desk only keeps a set, to look them up in.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from playground.search.cluster.batch import packed, unpacked
from playground.search.cluster.desk import TURN, Desk, News, at_desk
from playground.search.cluster.owners import Deal
from playground.search.engine import CHUNK
from playground.search.errors import Raised, SearchError
from playground.search.networks import Overflow, Seen
from playground.search.space import Space

EARLIER = -1
"""The level of the worlds that were seen before the parts were dealt out."""


class Worlds:
    """Worlds that stay where they are as integers of a space, and travel packed."""

    def __init__(self, space: Space | None, here: Sequence[int], data: bytes = b"") -> None:
        self._space = space
        self._here = here
        self._data = data

    @classmethod
    def arrived(cls, data: bytes) -> Worlds:
        return cls(None, (), data)

    def within(self, space: Space) -> Sequence[int]:
        """As integers of this space.  Raises Overflow if it is too narrow."""
        if self._space is space:
            return self._here
        return unpacked(space, self._packed())

    def _packed(self) -> bytes:
        return self._data if self._space is None else packed(self._space, self._here)

    def __reduce__(self) -> tuple[Any, ...]:
        with TURN:  # its space grows while somebody works
            return Worlds.arrived, (self._packed(),)

    def __sizeof__(self) -> int:
        return len(self._data) + 64 * len(self._here)


class Box(NamedTuple):
    """What one part has found for another: worlds, and from which of its worlds each one came."""

    worlds: Worlds
    came: array[int]


class Told(NamedTuple):
    """What whoever leads the search has to know of a task.

    worlds       that were expanded, or are new
    transitions  steps that were tried
    bytes        of memory, for all worlds of the part
    broken       the number of a property, and the number of the world of this level where it is
                 broken, or from where a step breaks it
    raised       the number of the world from which a handler raises
    wrong        a sentence: nothing else counts
    """

    worlds: int = 0
    transitions: int = 0
    bytes: int = 0
    broken: tuple[int, int] | None = None
    raised: int | None = None
    wrong: str = ""
    news: News | None = None


@dataclass(frozen=True)
class Segment:
    """Worlds of one part and level that were new together; `before` are those found earlier.

    came  from which world of the level before each one came: its number there times the number of
          parts, plus the number of its part
    """

    level: int
    worlds: Worlds
    came: array[int]
    before: Segment | None = None
    told: Told = Told()

    def chain(self) -> list[Segment]:
        """All segments, the earliest first."""
        found: list[Segment] = []
        at: Segment | None = self
        while at is not None:
            found.append(at)
            at = at.before
        return found[::-1]

    def of(self, level: int) -> list[Segment]:
        """The segments of one level."""
        return [segment for segment in self.chain() if segment.level == level]

    def __reduce__(self) -> tuple[Any, ...]:
        links = [(s.level, s.worlds, s.came) for s in self.chain()]  # not one within the other
        return _chained, (links, self.told)

    def __sizeof__(self) -> int:
        return sum(sys.getsizeof(s.worlds) + sys.getsizeof(s.came) for s in self.chain())


def _chained(links: list[tuple[int, Worlds, array[int]]], told: Told) -> Segment:
    last: Segment | None = None
    for level, worlds, came in links:
        last = Segment(level, worlds, came, last)
    assert last is not None
    return Segment(last.level, last.worlds, last.came, last.before, told)


class Expansion(NamedTuple):
    """boxes: one for each part."""

    told: Told
    boxes: tuple[Box | None, ...]


def begin(level: int, earlier: bytes, frontier: bytes) -> Segment:
    """A part of what was seen before, and of the worlds from which to go on; both packed."""
    before = Segment(EARLIER, Worlds.arrived(earlier), array("q"))
    return Segment(level, Worlds.arrived(frontier), array("q"), before)


def expand(job: bytes, part: int, deal: Deal, head: Segment, at: int, count: int) -> Expansion:
    """The worlds one step away from up to `count` worlds of the level of `head`, from number `at`
    on; from fewer if something is broken."""
    try:
        with at_desk(job, f"{part}/{deal.parts}") as desk:
            return desk.fitting(lambda: _expand(desk, part, deal, head, at, count))
    except SearchError as error:
        return Expansion(Told(wrong=str(error)), ())


def _expand(
    desk: Desk, part: int, deal: Deal, head: Segment, at: int, count: int
) -> Expansion:  # fmt: skip
    space = desk.space
    worlds = _level(desk, head)[at : at + count]
    found: Seen = {}
    new: list[int] = []
    done = transitions = 0
    broken = raised = None
    while done < len(worlds) and broken is None and raised is None:
        chunk, checked = worlds[done : done + CHUNK], len(new)
        try:
            transitions += space.network.advance(chunk, space.table(), found, new)
        except Raised:
            raised = at + done + _raising(space, chunk)
            break
        if (guard := space.network.guard) and any(world & guard for world in new[checked:]):
            raise Overflow("copies")
        if (wrong := desk.checks.steps(chunk)) is not None:
            number = desk.job.properties.index(wrong.property)
            broken = number, at + done + chunk.index(wrong.world)
        done += len(chunk)
    boxes = _sorted(desk, part, deal, found, new, {w: i for i, w in enumerate(worlds, at)})
    told = Told(done, transitions, 0, broken, raised, "", desk.news())
    desk.tidy()  # after the news, as it forgets some of what there is to tell
    return Expansion(told, boxes)


def _level(desk: Desk, head: Segment) -> list[int]:
    """All worlds of the level of a segment, up to that one."""
    if desk.level is None or desk.level[0] is not head:
        found = [w for segment in head.of(head.level) for w in segment.worlds.within(desk.space)]
        desk.level = head, found
    return desk.level[1]


def _raising(space: Space, worlds: Sequence[int]) -> int:
    """From which of these worlds a handler raises."""
    for number, world in enumerate(worlds):
        try:
            for _ in space.moves(world):
                pass
        except Raised:
            return number
    raise AssertionError("a handler has raised, and does so no more")


def _sorted(
    desk: Desk, part: int, deal: Deal, found: Seen, new: Iterable[int], numbers: dict[int, int]
) -> tuple[Box, ...]:
    """The new worlds, by the parts that they belong to; packed, unless they stay here."""
    space, owners = desk.space, desk.owners(deal)
    mask = owners.mask
    sorts: list[list[int]] = [[] for _ in range(deal.parts)]
    for world in new:
        sorts[owners[world & mask]].append(world)
    boxes = []
    for q, worlds in enumerate(sorts):
        came = array("q", [numbers[found[world]] for world in worlds])  # type: ignore[index]
        stay = q == part
        box = Worlds(space, worlds) if stay else Worlds.arrived(packed(space, worlds))
        boxes.append(Box(box, came))
    return tuple(boxes)


def merge(
    job: bytes, part: int, deal: Deal, before: Segment, level: int, boxes: Sequence[Box | None],
) -> Segment:  # fmt: skip
    """What is new to this part of what each part has found for it (None: nothing)."""
    try:
        with at_desk(job, f"{part}/{deal.parts}") as desk:
            return desk.fitting(lambda: _merge(desk, before, level, boxes))
    except SearchError as error:
        told = Told(wrong=str(error))
        return Segment(level, Worlds.arrived(b""), array("q"), None, told)


def _merge(desk: Desk, before: Segment, level: int, boxes: Sequence[Box | None]) -> Segment:
    space = desk.space
    if desk.head is not before:  # it was somewhere else so far, or another space
        parts = (segment.worlds.within(space) for segment in before.chain())
        desk.seen = {world for worlds in parts for world in worlds}
    desk.head = None
    seen, first = desk.seen, dict[int, int]()
    for q, box in enumerate(boxes):
        if box is not None:
            given = zip(box.worlds.within(space), box.came, strict=True)
            fresh = {world: number for world, number in given if world not in seen}
            first |= {world: number * len(boxes) + q for world, number in fresh.items()}
            seen.update(fresh)
    new, came = list(first), array("q", first.values())
    wrong = desk.checks.worlds(new)
    broken = wrong and (desk.job.properties.index(wrong.property), new.index(wrong.world))
    told = Told(len(new), 0, _bytes(seen) + desk.behaviour.bytes, broken, None, "", desk.news())
    desk.head = segment = Segment(level, Worlds(space, new), came, before, told)
    return segment


def about(task: Expansion | Segment) -> Told:
    return task.told


def piece(expansion: Expansion, part: int) -> Box | None:
    """What was found for one part."""
    return expansion.boxes[part] if expansion.boxes else None


def look(
    job: bytes, part: int, deal: Deal, head: Segment, level: int, number: int
) -> tuple[bytes, int]:
    """A world of the part by its number in its level, packed, and where it came from."""
    with at_desk(job, f"{part}/{deal.parts}") as desk:
        return desk.fitting(lambda: _look(desk, head, level, number))


def _look(desk: Desk, head: Segment, level: int, number: int) -> tuple[bytes, int]:
    for segment in head.of(level):
        if number < len(segment.came):
            world = segment.worlds.within(desk.space)[number]
            return packed(desk.space, [world]), segment.came[number]
        number -= len(segment.came)
    raise IndexError(f"level {level} has fewer worlds")


def _bytes(seen: set[int]) -> int:
    """What a part takes in memory: its worlds, a set of them, and two numbers for each."""
    world = sys.getsizeof(next(iter(seen))) if seen else 0
    return sys.getsizeof(seen) + len(seen) * (world + 16)
