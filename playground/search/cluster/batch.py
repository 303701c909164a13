"""Worlds on their way from one process to another.

The bits of a packed world mean what its space has numbered, in the order of discovery, so another
space can't read them.  A batch brings a legend along: what each bits stand for that occur in it, in
words of the core.  Worlds share most of their parts, so the legend is short, and whoever reads the
batch looks up a few numbers for each world and adds them.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from operator import add
from typing import Any, NamedTuple

from playground.protocol import Instant
from playground.search.behaviour import Body
from playground.search.fields import Facts
from playground.search.networks import Traces
from playground.search.space import Space

WIDTH = 16
"""So many bits are looked up at once: more have too many values, fewer take too many looks."""


class _Part(NamedTuple):
    """What some bits of a world stand for."""

    bodies: tuple[tuple[int, Body], ...]
    facts: tuple[tuple[int, Facts], ...]
    budgets: tuple[tuple[str, int], ...]
    extras: tuple[int, ...]
    sent: tuple[Any, ...]
    told: Traces | None
    now: Instant | None


def packed(space: Space, worlds: Sequence[int]) -> bytes:
    """These worlds of `space`, for `unpacked`."""
    legend = [
        (mask, {bits: _part(space, mask, bits) for bits in {world & mask for world in worlds}})
        for mask in _groups(space)
    ]
    return pickle.dumps((legend, list(worlds)), pickle.HIGHEST_PROTOCOL)


def unpacked(space: Space, data: bytes) -> list[int]:
    """The same worlds as integers of `space`.  Raises Overflow if it is too narrow for them.  The
    protocol that they are of must be loaded."""
    legend, worlds = pickle.loads(data)
    result = [0] * len(worlds)
    for mask, parts in legend:
        here = {bits: _placed(space, part) for bits, part in parts.items()}
        result = list(map(add, result, [here[w & mask] for w in worlds]))
    return result


def _groups(space: Space) -> Iterator[int]:
    """Masks of some fields each, that together are all bits of a world."""
    mask = 0
    first = 0
    for at in space.bits.starts:
        end = at + space.bits.width(at)
        if mask and end - first > WIDTH:
            yield mask
            mask = 0
        if not mask:
            first = at
        mask |= (1 << end) - (1 << at)
    if mask:
        yield mask


def _part(space: Space, mask: int, bits: int) -> _Part:
    nodes = range(len(space.pids))
    return _Part(
        bodies=tuple((i, space.body(i, bits)) for i in nodes if space.bodies[i].mask & mask),
        facts=tuple(
            (i, space.ghost[i].facts[space.ghosts[i].of(bits)])
            for i in nodes
            if space.ghosts[i].mask & mask
        ),
        budgets=tuple((name, f.of(bits)) for name, f in space.budgets.items() if f.mask & mask),
        extras=tuple(j for j, (_, _, bit) in enumerate(space.extras) if bit.mask & bits),
        sent=tuple(space.network.contents(bits)),
        told=space.told(bits) if space.story & mask else None,
        now=space.time(bits) if space.now.mask & mask else None,
    )


def _placed(space: Space, part: _Part) -> int:
    """The bits for it in this space."""
    world = space.network.put(0, part.sent)
    for i, body in part.bodies:
        number = space.body_id(space.behaviour.body_id(i, body))
        world += number << space.bodies[i].at
    for i, facts in part.facts:
        world += space.ghost[i].number(facts) << space.ghosts[i].at
    for name, left in part.budgets:
        world += left << space.budgets[name].at
    for j in part.extras:
        world += space.extras[j][2].mask
    if part.told is not None:
        world += space.telling(part.told)
    if part.now is not None:
        world += space.hour(part.now) << space.now.at
    return world
