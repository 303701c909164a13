"""One lane of a comparison as lines: each node in a line, who is served, and what is judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from playground.session.cells import Cell, Line, line, pad, visible
from playground.session.seats import Seat, Seating, phases, seating
from playground.session.session import Session
from playground.session.state import State
from playground.session.verdicts import Word
from playground.session.view import SIGNS, NodeView, node_view

TAGS = {"reached": "good", "holds": "good", "open": "warn"}


def lane_lines(session: Session, before: State, past: Iterable[Seating] = ()) -> list[Line]:
    """The present of a lane, what is judged first; what has changed since `before` is marked.
    `past` tells who was served earlier."""
    seats = seating(session)
    clients = {seat.who: seat for seat in seats.clients}
    lines = [*_served([*past, seats]), *verdicts(session), ()]
    for number, part in enumerate(seats.sides, start=1):
        if len(seats.sides) > 1:
            lines.append(line((f"═══ side {number} ═══", "warn")))
        first = sorted(part, key=lambda pid: pid not in clients)
        lines += [_node(node_view(pid, before, session.state), clients.get(pid)) for pid in first]
    return lines


def verdicts(session: Session) -> Iterator[Line]:
    """Of the safety properties those that are violated, and how many hold; goals by their words."""
    words = session.verdicts()
    goals = {p.name for p in session.properties if p.kind == "eventually"}
    groups: dict[Word, list[str]] = {"violated": []}
    for name, word in words.items():
        if name in goals or word == "violated":
            groups.setdefault(word, []).append(name)
    for told, names in groups.items():
        tag = TAGS.get(told, "bad")
        if names:
            yield line((f"{SIGNS[told]} ", tag), f"{', '.join(names)} ", (told, tag))
    holding = sum(word == "holds" for word in words.values())
    if holding:
        yield line(("✓ ", "good"), f"{holding} safety propert{'y' if holding == 1 else 'ies'} hold")


def _served(seatings: Iterable[Seating]) -> Iterator[Line]:
    """Consistent?  Available?  Before a cut, on each side of it, and after it."""
    seatings = list(seatings)
    rows = phases(seatings)
    if not any(seat.available is not None for _, seat in rows):
        return
    yield line((pad("", 10), ""), ("available? consistent?", "dim"))
    for name, seat in rows:
        yield line((pad(name, 10), "strong"), _yes(seat.available, 11), _yes(seat.consistent, 0))
    if len(rows) > 1 and seatings[-1].agreed is not None:
        sign: Cell = ("✓ ", "good") if seatings[-1].agreed else ("✗ ", "bad")
        yield line(sign, f"the last reads {'agree' if seatings[-1].agreed else 'differ'}")
    yield ()


def _yes(holds: bool | None, columns: int) -> Cell:
    words = {True: ("✓ yes", "good"), False: ("✗ no", "bad"), None: ("-", "dim")}
    word, tag = words[holds]
    return pad(word, max(columns, len(word))), tag


def _node(view: NodeView, seat: Seat | None) -> Line:
    """A client by what it has asked, any other node by what has changed in it."""
    mark: Cell = ("✖ ", "bad") if not view.up else ("☠ ", "bad") if view.corrupt else ("  ", "")
    head = line(mark, (f"{view.pid} ", "name"))
    if seat is not None:
        return head + _asked(seat)
    if view.decision:
        return line(*head, (f"★ {visible(view.decision)} ", "good"), *_changes(view))
    return head + (_changes(view) or _fields(view))


def _changes(view: NodeView) -> Line:
    cells: list[str | Cell] = []
    for row in view.rows:
        if row.was is not None:
            cells += [(f"▸{row.name} {visible(row.now)} ", "now"),
                      (f"← {visible(row.was)} ", "old")]  # fmt: skip
    return line(*cells)


def _fields(view: NodeView) -> Line:
    """What says something of a node to which nothing has happened."""
    empty = ("-", "{}", "()", "0", '""', "false", "idle")
    return line(*((f"{r.name} {visible(r.now)} ", "dim") for r in view.rows if r.now not in empty))


def _asked(seat: Seat) -> Line:
    """What a client has asked, and what came of it."""
    told: Cell = ("⊘ waits", "bad") if seat.available is False else (visible(seat.answer), "good")
    wrong: Cell = (" ✗ not consistent", "bad") if seat.consistent is False else ("", "")
    return line((f"{visible(seat.asked)} → ", "code"), told, wrong)


def lane_remark(session: Session) -> str:
    """What is in flight, and what was done that the theory does not assume."""
    outside = ", ".join(session.outside()) or "-"
    return f"{len(session.state.flights)} in flight · outside: {outside}"
