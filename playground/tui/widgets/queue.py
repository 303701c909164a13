"""The messages in flight: what can happen next, and what can't, and why."""

from __future__ import annotations

from bisect import bisect_left
from typing import ClassVar

from playground.session.cells import Cell, Line, clip_line, length, line, pad, spread, width
from playground.session.state import Flight, State
from playground.session.view import QueueRow, queue_row
from playground.tui.widgets.lines import Lines

HEAD = ("id", "src > dst", "message", "sent")


FEW = 500
"""So many keys are as soon sorted as looked through."""


class Queue(Lines):
    """Oldest first.  One is highlighted: what the keys for messages act on."""

    CURSOR: ClassVar[bool] = True
    HEADED: ClassVar[bool] = True

    def __init__(self, state: State) -> None:
        super().__init__(id="queue", title="in flight")
        self.state = state
        self.keys: list[int] = sorted(state.flights)
        self._ids = len(f"m{state.numbers}'")
        pids = max(width(pid) for pid in state.world.rules.pids)
        self._link = max(2 * pids + 3, len(HEAD[1]))

    def show_state(self, state: State) -> None:
        """The highlight stays with its message; if that is gone, with its place."""
        here = self.key
        self.keys = _gone_on(self.keys, self.state, state)
        self.state = state
        self._ids = len(f"m{state.numbers}'")
        if here is not None and here in state.flights:
            self.place(bisect_left(self.keys, here))
        self.sync()
        self.reveal(self.cursor)

    @property
    def key(self) -> int | None:
        return self.keys[self.cursor] if self.cursor < len(self.keys) else None

    @property
    def flight(self) -> Flight | None:
        """The highlighted message."""
        return self.state.flights.get(self.key) if self.key is not None else None

    def choose(self, key: int) -> None:
        if key in self.state.flights:
            self.cursor = bisect_left(self.keys, key)

    def count(self) -> int:
        return len(self.keys)

    def line(self, index: int) -> Line:
        flight = self.state.flights[self.keys[index]]
        row = queue_row(self.state, flight)
        return queue_line(row, self._widths(), self.columns, self.highlighted(index))

    def head(self) -> Line:
        """The names of the columns."""
        ids, link = self._widths()
        left = f"  {pad(HEAD[0], ids)} {pad(HEAD[1], link)} {HEAD[2]}"
        return spread(line((left, "dim")), line((HEAD[3], "dim")), self.columns)

    def _widths(self) -> tuple[int, int]:
        """Columns for an id, and for "src > dst"."""
        return self._ids, self._link


def _gone_on(keys: list[int], before: State, now: State) -> list[int]:
    """The keys of what is in flight now, in order, from those of a moment before or after it."""
    flights = now.flights
    if len(flights) < FEW or not 0 <= now.keys - before.keys <= len(flights) // 4:
        return sorted(flights)
    kept = [key for key in keys if key in flights]
    kept += [key for key in range(before.keys, now.keys) if key in flights]
    return kept if len(kept) == len(flights) else sorted(flights)


def queue_line(row: QueueRow, widths: tuple[int, int], columns: int, cursor: bool) -> Line:
    """ "▸ m9  p1 > a1  2a Accept (1,p1) A      ‶ copy of m7    5"; it ends with the
    step that sent it, as an age would have all lines drawn anew at each step."""
    ids, link = widths
    stuck = "dim" if row.why or "held" in row.flags else ""
    kind, _, rest = row.what.partition(" ")
    label: list[Cell] = [(f"{row.label} ", "dim")] if row.label else []
    left = line(
        ("▸ " if cursor else "  ", "now"),
        (pad(row.id, ids), stuck),
        " ",
        (pad(f"{row.src} > {row.dst}", link), stuck or "name"),
        " ",
        *label,
        (f"{kind} ", stuck or "kind"),
        (rest, stuck),
    )
    right = line(*_flags(row), (f" {row.sent:>4}", "dim"))
    room = columns - length(right)
    left = clip_line(left, max(room, 12))
    return line(*left, " " * (room - length(left)), *right)


def _flags(row: QueueRow) -> list[Cell]:
    flags: list[Cell] = []
    for flag in row.flags:
        sign, tag = "", "warn"
        if flag == "held":
            sign, tag = "‖ ", "warn"
        elif flag.startswith(("copy", "replay")):
            sign = "‶ "
        elif flag == "forged":
            sign, tag = "! ", "bad"
        elif flag.startswith("edited"):
            sign, tag = "~ ", "bad"
        elif flag == "bad tag":
            sign, tag = "✗ ", "bad"
        flags.append((f" {sign}{flag}", tag))
    if row.why:
        flags.append((f" ✖ {row.why}", "bad"))
    return flags
