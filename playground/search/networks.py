"""Networks packed into the bits of a world, and the inner loops of the search.

A world is one integer.  What a node may do next depends on a few of its bits alone: its own state
and the messages for it.  The same bits have the same consequences wherever they come up, so these
are worked out once, as differences to be added; then a step is one addition.

    bag    a field of bits counts the copies of each message; arrival takes one copy away
    grown  one bit for each message: what was sent can arrive again and again
    fifo   a field for each link holds the number of its queue

New messages take the next free bits, so that worlds packed earlier stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from playground.core import Action, Envelope
from playground.core.network import Link
from playground.protocol import Pid

Steps = tuple[Any, ...]
Traces = tuple[tuple[Any, ...], ...]


class Overflow(Exception):
    """A field is too narrow; the message is its name in `Widths`."""


class Widths(NamedTuple):
    """How many bits there are for a node's state, what was seen of it, the copies of a message, a
    link's queue, the story of all, and the time."""

    body: int = 8
    ghost: int = 8
    copies: int = 2
    queue: int = 10
    story: int = 16
    time: int = 8

    def wider(self, name: str) -> Widths:
        """With twice as many bits for `name`."""
        return self._replace(**{name: 2 * getattr(self, name)})


class Move(NamedTuple):
    """What may happen next: actions of the core, what they add to the world but for messages that
    are sent, those, and what they add to the traces that are observed (nothing at all: ())."""

    actions: tuple[Action, ...]
    delta: int
    sent: tuple[Envelope, ...] = ()
    told: Traces = ()


class Situations(dict[int, Steps]):
    """The consequences of the bits under `mask`, worked out on demand."""

    def __init__(self, consequences: Callable[[int], Steps], remember: bool = True) -> None:
        self.mask = 0
        self._consequences = consequences
        self._remember = remember

    def __missing__(self, bits: int) -> Steps:
        steps = self._consequences(bits)
        if self._remember:
            self[bits] = steps
        return steps


WORD = 64

Table = list[tuple[int, Situations]]
Seen = dict[int, int | None]


class Bits:
    """Gives out fields.  None of up to 64 bits lies across two words of 64.

    starts  where each field begins, in order
    """

    def __init__(self) -> None:
        self.used = 0
        self.starts: list[int] = []
        self._widths: dict[int, int] = {}

    def field(self, width: int) -> int:
        """The offset of a new field."""
        if self.used % WORD + width > WORD:
            self.used += -self.used % WORD
        at = self.used
        if width:
            self.starts.append(at)
            self._widths[at] = width
        self.used += width
        return at

    def width(self, at: int) -> int:
        """Of the field that begins there."""
        return self._widths[at]


class _Slot(NamedTuple):
    envelope: Envelope
    one: int
    mask: int


class Bag:
    """Counted copies.  The bit above each count must stay 0: it tells of an overflow."""

    def __init__(self, pids: Sequence[Pid], bits: Bits, width: int) -> None:
        self.guard = 0
        self.inbox = [0 for _ in pids]
        self._index = {pid: i for i, pid in enumerate(pids)}
        self._bits = bits
        self._width = width
        self._slots: dict[Envelope, _Slot] = {}
        self._sent: dict[Pid, int] = {}
        self._of: list[list[_Slot]] = [[] for _ in pids]

    @property
    def kinds(self) -> int:
        """How many different messages there have been."""
        return len(self._slots)

    def sent_by(self, pid: Pid) -> int:
        """The bits of its messages."""
        return self._sent.get(pid, 0)

    def heads(self, i: int, world: int) -> Iterator[Envelope]:
        """The messages that may arrive at node `i` next."""
        return (slot.envelope for slot in self._of[i] if world & slot.mask)

    def take(self, envelope: Envelope, world: int) -> int:
        return -self._slot(envelope).one

    def put(self, world: int, sent: Iterable[Envelope]) -> int:
        return world + self._sum(sent)

    def compile(self, move: Move) -> Any:
        return move.delta + self._sum(move.sent)

    def after(self, world: int, step: Any) -> int:
        result: int = world + step
        return result

    def contents(self, world: int) -> Iterator[Envelope]:
        for slots in self._of:
            for slot in slots:
                for _ in range((world & slot.mask) // slot.one):
                    yield slot.envelope

    def advance(self, worlds: Iterable[int], table: Table, seen: Seen, new: list[int]) -> int:
        """Every step from these worlds; says how many, and adds the worlds not seen before."""
        count = 0
        for world in worlds:
            for mask, situations in table:
                steps = situations[world & mask]
                count += len(steps)
                for step in steps:
                    after = world + step
                    if after not in seen:
                        seen[after] = world
                        new.append(after)
        return count

    def _sum(self, sent: Iterable[Envelope]) -> int:
        total = 0
        copies: dict[Envelope, int] = {}
        for envelope in sent:
            total += self._slot(envelope).one
            copies[envelope] = copies.get(envelope, 0) + 1
            if copies[envelope] >> self._width:
                raise Overflow("copies")
        return total

    def _slot(self, envelope: Envelope) -> _Slot:
        slot = self._slots.get(envelope)
        if slot is None:
            i = self._index[envelope.dst]
            at = self._bits.field(self._width + 1)
            slot = _Slot(envelope, 1 << at, (1 << self._width) - 1 << at)
            self._slots[envelope] = slot
            self._of[i].append(slot)
            self.inbox[i] |= slot.mask
            self._sent[envelope.src] = self.sent_by(envelope.src) | slot.mask
            self.guard |= 1 << at + self._width
        return slot


class Grown(Bag):
    """Sent once, it can arrive for ever; copies do not matter."""

    def __init__(self, pids: Sequence[Pid], bits: Bits) -> None:
        super().__init__(pids, bits, 1)

    def take(self, envelope: Envelope, world: int) -> int:
        return 0

    def put(self, world: int, sent: Iterable[Envelope]) -> int:
        return world | self._all(sent)

    def compile(self, move: Move) -> Any:
        return move.delta, self._all(move.sent)

    def after(self, world: int, step: Any) -> int:
        result: int = world + step[0] | step[1]
        return result

    def advance(self, worlds: Iterable[int], table: Table, seen: Seen, new: list[int]) -> int:
        count = 0
        for world in worlds:
            for mask, situations in table:
                steps = situations[world & mask]
                count += len(steps)
                for delta, sent in steps:
                    after = world + delta | sent
                    if after not in seen:
                        seen[after] = world
                        new.append(after)
        return count

    def _all(self, sent: Iterable[Envelope]) -> int:
        total = 0
        for envelope in sent:
            total |= self._slot(envelope).one
        return total


class _Append(dict[int, int]):
    """What one more message of one kind adds to the field of its link, by what that holds."""

    def __init__(self, link: _Queues, envelope: Envelope) -> None:
        self._link = link
        self._envelope = envelope

    def __missing__(self, field: int) -> int:
        link = self._link
        queue = (*link.queues[field >> link.at], self._envelope)
        delta = self[field] = (link.number(queue) << link.at) - field
        return delta


class _Queues:
    """The queues that one link ever held, numbered."""

    def __init__(self, at: int, width: int) -> None:
        self.at = at
        self.mask = (1 << width) - 1 << at
        self.queues: list[tuple[Envelope, ...]] = [()]
        self.appends: dict[Envelope, _Append] = {}
        self._width = width
        self._numbers: dict[tuple[Envelope, ...], int] = {(): 0}

    def number(self, queue: tuple[Envelope, ...]) -> int:
        found = self._numbers.get(queue)
        if found is None:
            found = self._numbers[queue] = len(self.queues)
            self.queues.append(queue)
            if found >> self._width:
                raise Overflow("queue")
        return found

    def append(self, envelope: Envelope) -> _Append:
        found = self.appends.get(envelope)
        if found is None:
            found = self.appends[envelope] = _Append(self, envelope)
        return found


class Fifo:
    """Each link keeps its order."""

    guard = 0

    def __init__(self, pids: Sequence[Pid], bits: Bits, width: int) -> None:
        self.inbox = [0 for _ in pids]
        self._index = {pid: i for i, pid in enumerate(pids)}
        self._bits = bits
        self._width = width
        self._links: dict[Link, _Queues] = {}
        self._of: list[list[_Queues]] = [[] for _ in pids]

    def heads(self, i: int, world: int) -> Iterator[Envelope]:
        for link in self._of[i]:
            if queue := link.queues[(world & link.mask) >> link.at]:
                yield queue[0]

    def take(self, envelope: Envelope, world: int) -> int:
        """Only the head of a link can be taken."""
        link = self._link(envelope)
        number = (world & link.mask) >> link.at
        return (link.number(link.queues[number][1:]) - number) << link.at

    def put(self, world: int, sent: Iterable[Envelope]) -> int:
        return self.after(world, (0, self._appends(sent)))

    def compile(self, move: Move) -> Any:
        return move.delta, self._appends(move.sent)

    def after(self, world: int, step: Any) -> int:
        result: int = world + step[0]
        for mask, append in step[1]:
            result += append[result & mask]
        return result

    def contents(self, world: int) -> Iterator[Envelope]:
        for link in self._links.values():
            yield from link.queues[(world & link.mask) >> link.at]

    def advance(self, worlds: Iterable[int], table: Table, seen: Seen, new: list[int]) -> int:
        count = 0
        for world in worlds:
            for mask, situations in table:
                steps = situations[world & mask]
                count += len(steps)
                for delta, appends in steps:
                    after = world + delta
                    for link, append in appends:
                        after += append[after & link]
                    if after not in seen:
                        seen[after] = world
                        new.append(after)
        return count

    def _appends(self, sent: Iterable[Envelope]) -> tuple[tuple[int, _Append], ...]:
        return tuple((self._link(e).mask, self._link(e).append(e)) for e in sent)

    def _link(self, envelope: Envelope) -> _Queues:
        ends = envelope.src, envelope.dst
        link = self._links.get(ends)
        if link is None:
            i = self._index[envelope.dst]
            link = self._links[ends] = _Queues(self._bits.field(self._width), self._width)
            self._of[i].append(link)
            self.inbox[i] |= link.mask
        return link
