"""Networks: persistent multisets of envelopes on their way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import immutables

from playground.core.errors import Impossible
from playground.protocol import Message, Pid
from playground.protocol.events import Path
from playground.values import Instant, Record

Link = tuple[Pid, Pid]


class Envelope(Record, cache_hash=True):
    """A message on its way.  Envelopes are values: two with equal contents are the same."""

    src: Pid
    dst: Pid
    message: Message
    genuine: bool = True  # False: its receiver will see that its tag is bad (auth mac or sig)
    at: Instant | None = None  # in timed worlds, when it was put on its way
    path: Path = ()  # the layer of its receiver that it is for

    def __repr__(self) -> str:
        return f"{self.message!r} {self.src}>{self.dst}"


@lru_cache(maxsize=1 << 16)
def _rank(envelope: Envelope) -> tuple[str, str, str, bool]:
    return envelope.src, envelope.dst, repr(envelope.message), envelope.genuine


class Bag(Record):
    """Unordered: any envelope may arrive next.  `put` and `take` are O(log n)."""

    counts: immutables.Map[Envelope, int] = immutables.Map()

    def put(self, envelope: Envelope) -> Bag:
        counts = self.counts
        return Bag(counts.set(envelope, counts.get(envelope, 0) + 1))

    def take(self, envelope: Envelope) -> Bag:
        counts = self.counts
        copies = counts.get(envelope, 0)
        if copies == 1:
            return Bag(counts.delete(envelope))
        if not copies:
            raise Impossible(f"{envelope} is not in flight")
        return Bag(counts.set(envelope, copies - 1))

    def count(self, envelope: Envelope) -> int:
        """How many copies are in flight."""
        return self.counts.get(envelope, 0)

    def is_next(self, envelope: Envelope) -> bool:
        """May it arrive now, as far as the order of its link is concerned?"""
        return True

    def heads(self) -> list[Envelope]:
        """The envelopes that may arrive next, each once, in an order that only contents decide."""
        return sorted(self.counts, key=_rank)

    def __iter__(self) -> Iterator[Envelope]:
        """Every envelope, as often as there are copies."""
        for envelope in self.heads():
            for _ in range(self.counts[envelope]):
                yield envelope

    def __len__(self) -> int:
        return sum(self.counts.values())


class Fifo(Record):
    """Each directed link keeps its order: only the oldest envelope of a link arrives in order."""

    links: immutables.Map[Link, tuple[Envelope, ...]] = immutables.Map()

    def put(self, envelope: Envelope) -> Fifo:
        link = envelope.src, envelope.dst
        return Fifo(self.links.set(link, (*self.links.get(link, ()), envelope)))

    def take(self, envelope: Envelope) -> Fifo:
        """Without the oldest copy of `envelope`, wherever on its link it stands."""
        link = envelope.src, envelope.dst
        queue = list(self.links.get(link, ()))
        if envelope not in queue:
            raise Impossible(f"{envelope} is not in flight")
        queue.remove(envelope)
        return Fifo(self.links.set(link, tuple(queue)) if queue else self.links.delete(link))

    def count(self, envelope: Envelope) -> int:
        return self.links.get((envelope.src, envelope.dst), ()).count(envelope)

    def is_next(self, envelope: Envelope) -> bool:
        return self.links.get((envelope.src, envelope.dst), ())[:1] == (envelope,)

    def heads(self) -> list[Envelope]:
        return sorted((queue[0] for queue in self.links.values()), key=_rank)

    def __iter__(self) -> Iterator[Envelope]:
        for link in sorted(self.links):
            yield from self.links[link]

    def __len__(self) -> int:
        return sum(map(len, self.links.values()))


Network = Bag | Fifo
