"""Networks: persistent multisets of envelopes on their way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import immutables

from playground.core.errors import Impossible
from playground.protocol import Message, Pid

Link = tuple[Pid, Pid]


class Envelope(NamedTuple):
    """A message on its way.  Envelopes are values: two with equal contents are the same."""

    src: Pid
    dst: Pid
    message: Message
    genuine: bool = True  # False: its receiver will see that its tag is bad (auth mac or sig)

    def __repr__(self) -> str:
        return f"{self.message!r} {self.src}>{self.dst}"


@lru_cache(maxsize=1 << 16)
def _rank(envelope: Envelope) -> tuple[str, str, str, bool]:
    return envelope.src, envelope.dst, repr(envelope.message), envelope.genuine


class Bag:
    """Unordered: any envelope may arrive next.  `put` and `take` are O(log n)."""

    __slots__ = ("_counts",)

    _counts: immutables.Map[Envelope, int]

    def __init__(self, counts: immutables.Map[Envelope, int] = immutables.Map()) -> None:
        self._counts = counts

    def put(self, envelope: Envelope) -> Bag:
        counts = self._counts
        return Bag(counts.set(envelope, counts.get(envelope, 0) + 1))

    def take(self, envelope: Envelope) -> Bag:
        counts = self._counts
        copies = counts.get(envelope, 0)
        if copies == 1:
            return Bag(counts.delete(envelope))
        if not copies:
            raise Impossible(f"{envelope} is not in flight")
        return Bag(counts.set(envelope, copies - 1))

    def count(self, envelope: Envelope) -> int:
        """How many copies are in flight."""
        return self._counts.get(envelope, 0)

    def heads(self) -> list[Envelope]:
        """The envelopes that may arrive next, each once, in an order that only contents decide."""
        return sorted(self._counts, key=_rank)

    def __iter__(self) -> Iterator[Envelope]:
        """Every envelope, as often as there are copies."""
        for envelope in self.heads():
            for _ in range(self._counts[envelope]):
                yield envelope

    def __len__(self) -> int:
        return sum(self._counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bag) and self._counts == other._counts

    def __hash__(self) -> int:
        return hash(self._counts)


class Fifo:
    """Each directed link keeps its order: only the oldest envelope of a link arrives in order."""

    __slots__ = ("_links",)

    _links: immutables.Map[Link, tuple[Envelope, ...]]

    def __init__(
        self, links: immutables.Map[Link, tuple[Envelope, ...]] = immutables.Map()
    ) -> None:
        self._links = links

    def put(self, envelope: Envelope) -> Fifo:
        link = envelope.src, envelope.dst
        return Fifo(self._links.set(link, (*self._links.get(link, ()), envelope)))

    def take(self, envelope: Envelope) -> Fifo:
        """Without the oldest copy of `envelope`, wherever on its link it stands."""
        link = envelope.src, envelope.dst
        queue = list(self._links.get(link, ()))
        if envelope not in queue:
            raise Impossible(f"{envelope} is not in flight")
        queue.remove(envelope)
        return Fifo(self._links.set(link, tuple(queue)) if queue else self._links.delete(link))

    def count(self, envelope: Envelope) -> int:
        return self._links.get((envelope.src, envelope.dst), ()).count(envelope)

    def heads(self) -> list[Envelope]:
        return sorted((queue[0] for queue in self._links.values()), key=_rank)

    def __iter__(self) -> Iterator[Envelope]:
        for link in sorted(self._links):
            yield from self._links[link]

    def __len__(self) -> int:
        return sum(map(len, self._links.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fifo) and self._links == other._links

    def __hash__(self) -> int:
        return hash(self._links)


Network = Bag | Fifo
