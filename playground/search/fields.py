"""The parts of a packed world that are not messages."""

from __future__ import annotations

from typing import Any

from playground.search.networks import Bits, Overflow

Facts = tuple[frozenset[Any], ...]
"""What was seen: one set for each observation, and one of signatures."""


class Field:
    """Some bits of a world that hold a number."""

    def __init__(self, bits: Bits, width: int) -> None:
        self.at = bits.field(width)
        self.limit = 1 << width
        self.mask = self.limit - 1 << self.at

    def of(self, world: int) -> int:
        return (world & self.mask) >> self.at


class Ghost:
    """What observers have seen of one node, numbered."""

    def __init__(self, limit: int, nothing: Facts) -> None:
        self.facts: list[Facts] = [nothing]
        self._limit = limit
        self._ids: dict[Facts, int] = {nothing: 0}

    def number(self, facts: Facts) -> int:
        found = self._ids.get(facts)
        if found is None:
            found = self._ids[facts] = len(self.facts)
            self.facts.append(facts)
            if found >= self._limit:
                raise Overflow("ghost")
        return found

    def more(self, number: int, facts: Facts) -> int:
        """The number of what has been seen when these facts come to it."""
        old = self.facts[number]
        return self.number(tuple(a | b for a, b in zip(old, facts, strict=True)))
