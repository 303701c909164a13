"""Through a partition as the clients of a register see it: who is served, and who sees what is so.

*Available* is meant for one client or one side of a cut: nobody there waits for an answer.
*Consistent* is, too: all writes, and what was read there, have an order that explains them (they
are linearizable).  Reads elsewhere are left out, so it shows on which side somebody was told wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from playground.core import World
from playground.histories import registers as kinds
from playground.histories.causality import convergent
from playground.histories.history import UNKNOWN, History, said
from playground.protocol import Event, Input, Pid, registers
from playground.session.session import Session
from playground.session.view import say


@dataclass(frozen=True)
class Seat:
    """A client, or all of one side (`asked` is "" then).

    side        counted from 0
    asked       what it was asked last
    answer      what it told last, of a read the value; "" while it waits
    available   None if it is down; of a side if nobody there was asked
    consistent  None if it has read nothing
    """

    who: str
    side: int
    asked: str
    answer: str
    available: bool | None
    consistent: bool | None

    @property
    def verdict(self) -> str:
        """ "available, not consistent": what is known of it."""
        known = (("available", self.available), ("consistent", self.consistent))
        words = [word if holds else f"not {word}" for word, holds in known if holds is not None]
        return ", ".join(words) or ("down" if self.asked else "not asked")


@dataclass(frozen=True)
class Seating:
    """The sides of the cut, one if there is none, and what can be said of each and of its clients:
    nothing if this is no register.  `agreed` tells whether the last reads agree, since all writes
    have ended; None if there are too few to tell."""

    sides: tuple[tuple[Pid, ...], ...]
    clients: tuple[Seat, ...] = ()
    totals: tuple[Seat, ...] = ()
    agreed: bool | None = None

    @property
    def waiting(self) -> tuple[Pid, ...]:
        """The clients that are not served."""
        return tuple(seat.who for seat in self.clients if seat.available is False)


def phases(seatings: Iterable[Seating]) -> list[tuple[str, Seat]]:
    """What could be said of everybody, or of each side, before a cut, while it lasted and after it:
    each time when that came to an end, with a name for it."""
    ends: list[Seating] = []
    for now in seatings:
        if ends and ends[-1].sides == now.sides:
            ends.pop()
        ends.append(now)
    found: list[tuple[str, Seat]] = []
    for number, end in enumerate(ends):
        whole = "after" if number else "before" if len(ends) > 1 else "everybody"
        names = [f"side {s.side + 1}" if len(end.sides) > 1 else whole for s in end.totals]
        found += zip(names, end.totals, strict=True)
    return found


def seating(session: Session) -> Seating:
    """As it is now."""
    world = session.world
    parts = sides(world)
    if not any(registers.operations in p.sees for p in session.properties):
        return Seating(parts)
    told = world.told(registers.operations)
    history = registers.history_of(told)
    busy = registers.waiting(world)
    last = dict(told)
    asked = {pid: event for pid, event in told if isinstance(event, Input)}
    clients = [
        Seat(
            pid,
            side,
            say(asked[pid]),
            _told(last[pid]),
            None if pid in world.down else pid not in busy,
            consistent(history, {pid}),
        )
        for side, part in enumerate(parts)
        for pid in part
        if pid in asked
    ]
    totals = tuple(_totals(parts, clients, history))
    return Seating(parts, tuple(clients), totals, convergent(history).holds)


def _told(last: Event) -> str:
    match last:
        case Input():
            return ""
        case registers.Returned(value):
            return said(value)
    return say(last)


def sides(world: World) -> tuple[tuple[Pid, ...], ...]:
    """The parts into which cuts divide the nodes: those that can hear each other, directly or not,
    are together."""
    rest = list(world.rules.pids)
    parts = []
    while rest:
        part = {rest[0]}
        border = [rest[0]]
        while border:
            here = border.pop()
            near = {p for p in rest if p not in part and _linked(world, here, p)}
            part |= near
            border += near
        parts.append(tuple(p for p in rest if p in part))
        rest = [p for p in rest if p not in part]
    return tuple(parts)


def consistent(history: History, readers: Collection[Pid]) -> bool | None:
    """Have all writes and the reads of these an order that explains them?  None if they have read
    nothing."""
    reads = {op for op in history if kinds.looks(op)}
    own = {op for op in reads if op.process in readers and op.result is not UNKNOWN}
    if not any(op.responded is not None for op in own):
        return None
    return kinds.atomic([op for op in history if op in own or op not in reads]).holds


def _linked(world: World, a: Pid, b: Pid) -> bool:
    return (a, b) not in world.cuts and (b, a) not in world.cuts


def _totals(
    parts: tuple[tuple[Pid, ...], ...], clients: list[Seat], history: History
) -> Iterator[Seat]:
    for side, part in enumerate(parts):
        served = [s.available for s in clients if s.side == side and s.available is not None]
        name = f"side {side + 1} ({' '.join(part)})" if len(parts) > 1 else "everybody"
        yield Seat(name, side, "", "", all(served) if served else None, consistent(history, part))
