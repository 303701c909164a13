"""Which part of a search on a cluster a world belongs to.

The states of some nodes decide: a step at another node leads to a world of the same part, which
need not travel (Lerda and Sisto, 1999, do so with one process of a model).  Few nodes make few
worlds travel, and many nodes make parts of like sizes; a sample shows which are best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import combinations
from typing import NamedTuple

from playground.search.errors import Raised
from playground.search.space import Space
from playground.search.stable import stable

SAMPLE = 300
"""Worlds that are looked at to choose the nodes."""

FIRST = 12
"""Nodes that are looked at to choose some: else there are too many pairs."""

WAY = 3.0
"""So much dearer is a world that travels than one that stays."""


class Deal(NamedTuple):
    """How worlds are dealt out: to so many parts, by the states of these nodes."""

    parts: int
    nodes: tuple[int, ...]


class Owners(dict[int, int]):
    """The part of a world, by `world & mask`; the same in every process, whatever the numbers of
    its states are there."""

    def __init__(self, space: Space, deal: Deal) -> None:
        self.mask = sum(space.bodies[i].mask for i in deal.nodes)
        self._space = space
        self._deal = deal
        self._digests: dict[tuple[int, int], int] = {}

    def __missing__(self, bits: int) -> int:
        fields = ((i, self._space.bodies[i]) for i in self._deal.nodes)
        part = self[bits] = sum(self._digest(i, f.of(bits)) for i, f in fields) % self._deal.parts
        return part

    def _digest(self, i: int, number: int) -> int:
        found = self._digests.get((i, number))
        if found is None:
            text = f"{i}{stable(self._space.behaviour.bodies[i][number])}"
            digest = blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
            found = self._digests[i, number] = int.from_bytes(digest, "big")
        return found


def dealt(space: Space, worlds: Sequence[int], parts: int) -> Deal:
    """A good way to deal out what comes of these worlds."""
    sample = worlds[:: max(1, len(worlds) // SAMPLE)]
    steps = [(world, after) for world in sample for after in _after(space, world)]
    deals = (Deal(parts, nodes) for nodes in _choices(len(space.pids)))
    return min(deals, key=lambda deal: _cost(Owners(space, deal), sample, steps))


def _after(space: Space, world: int) -> list[int]:
    try:
        return [space.after(world, move) for move in space.moves(world)]
    except Raised:  # which whoever expands this world will tell
        return []


def _choices(count: int) -> Iterator[tuple[int, ...]]:
    """All nodes, or one or two of the first."""
    yield tuple(range(count))
    for size in (1, 2):
        yield from combinations(range(min(count, FIRST)), size)


def _cost(owners: Owners, sample: Sequence[int], steps: Sequence[tuple[int, int]]) -> float:
    """The work of the largest part, where to stay costs 1."""
    mask = owners.mask
    largest = max(Counter(owners[world & mask] for world in sample).values())
    away = sum(owners[a & mask] != owners[b & mask] for a, b in steps)
    return largest * (1 + WAY * away / max(1, len(steps)))
