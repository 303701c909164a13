"""The order in which things were told, for properties that judge a whole history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from playground.core import Envelope
from playground.search.networks import Bag, Bits, Fifo, Grown, Move, Overflow, Seen, Table, Traces


class Story:
    """Everything that was told, numbered: one sequence for each trace that is observed."""

    def __init__(self, bits: Bits, width: int, nothing: Traces) -> None:
        self.at = bits.field(width)
        self.mask = (1 << width) - 1 << self.at
        self.told: list[Traces] = [nothing]
        self._width = width
        self._numbers = {nothing: 0}
        self._longer: dict[tuple[int, Traces], int] = {}

    def number(self, told: Traces) -> int:
        found = self._numbers.get(told)
        if found is None:
            found = self._numbers[told] = len(self.told)
            self.told.append(told)
            if found >> self._width:
                raise Overflow("story")
        return found

    def of(self, world: int) -> Traces:
        return self.told[(world & self.mask) >> self.at]

    def longer(self, world: int, news: Traces) -> int:
        """The world in which these events have been told, too."""
        field = world & self.mask
        delta = self._longer.get((field, news))
        if delta is None:
            old = self.told[field >> self.at]
            told = tuple((*a, *b) for a, b in zip(old, news, strict=True))
            delta = self._longer[field, news] = (self.number(told) << self.at) - field
        return world + delta


class Telling:
    """A network, and the story of what is told meanwhile."""

    def __init__(self, network: Bag | Grown | Fifo, story: Story) -> None:
        self.story = story
        self._network = network

    @property
    def guard(self) -> int:
        return self._network.guard

    @property
    def inbox(self) -> list[int]:
        return self._network.inbox

    def heads(self, i: int, world: int) -> Iterator[Envelope]:
        return self._network.heads(i, world)

    def take(self, envelope: Envelope, world: int) -> int:
        return self._network.take(envelope, world)

    def put(self, world: int, sent: Iterable[Envelope]) -> int:
        return self._network.put(world, sent)

    def compile(self, move: Move) -> Any:
        return self._network.compile(move), move.told

    def after(self, world: int, step: Any) -> int:
        after = self._network.after(world, step[0])
        return self.story.longer(after, step[1]) if step[1] else after

    def contents(self, world: int) -> Iterator[Envelope]:
        return self._network.contents(world)

    def advance(self, worlds: Iterable[int], table: Table, seen: Seen, new: list[int]) -> int:
        count = 0
        for world in worlds:
            for mask, situations in table:
                steps = situations[world & mask]
                count += len(steps)
                for step in steps:
                    after = self.after(world, step)
                    if after not in seen:
                        seen[after] = world
                        new.append(after)
        return count
