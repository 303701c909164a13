"""The messages in flight: what can happen next, and what can't, and why."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import ClassVar

from playground.session.cells import Cell, Line, clip_line, length, line, pad, spread, width
from playground.session.schedule import OUT_OF_ORDER, why_not
from playground.session.state import Flight, State
from playground.session.view import QueueRow, label, queue_row, say
from playground.tui.widgets.lines import Lines

HEAD = ("id", "src > dst", "message", "sent")


FEW = 500
"""So many keys are as soon sorted as looked through."""

KEPT = 1_000
"""How many drawn lines are kept at hand."""


class Queue(Lines):
    """Oldest first.  One is highlighted: what the keys for messages act on."""

    CURSOR: ClassVar[bool] = True
    HEADED: ClassVar[bool] = True

    def __init__(self, state: State) -> None:
        super().__init__(id="queue", title="in flight")
        self.state = state
        self.keys: list[int] = sorted(state.flights)
        self._all = self.keys
        self._words: tuple[str, ...] = ()
        self.folded = False
        self._marked: set[int] = set()
        self._alike: Counter[str] = Counter()
        self._ids = len(f"m{state.numbers}'")
        self._lines_of: dict[int, tuple[Flight, object, Line]] = {}
        pids = max(width(pid) for pid in state.world.rules.pids)
        self._link = max(2 * pids + 3, len(HEAD[1]))

    def show_state(self, state: State) -> None:
        """The highlight stays with its message; if that is gone, with its place."""
        here = self.key
        self._all = _gone_on(self._all, self.state, state)
        self.state = state
        self._marked = {key for key in self._marked if key in state.flights}
        self.keys = self._sifted()
        self._ids = len(f"m{state.numbers}'")
        self._stay_at(here)

    def _stay_at(self, here: int | None) -> None:
        """At the message with this key, if it is still shown; else at its place."""
        if here is not None and here in self.state.flights:
            self.place(min(bisect_left(self.keys, here), max(len(self.keys) - 1, 0)))
        self.sync()
        self.reveal(self.cursor)

    # ---- which of them are shown, and which are marked

    def sift(self, words: str | None = None, fold: bool | None = None) -> None:
        """Show only what all words fit; folded, of each kind only the oldest."""
        here = self.key
        if words is not None:
            self._words = tuple(words.lower().split())
        self.folded = self.folded if fold is None else fold
        self.keys = self._sifted()
        self._stay_at(here)

    def _sifted(self) -> list[int]:
        flights = self.state.flights
        keys = self._all
        if self._words:
            keys = [key for key in keys if self._fits(flights[key])]
        if self.folded:
            oldest: dict[str, int] = {}
            self._alike = Counter()
            for key in keys:
                kind = type(flights[key].envelope.message).__name__
                oldest.setdefault(kind, key)
                self._alike[kind] += 1
            keys = list(oldest.values())
        return keys

    def _fits(self, flight: Flight) -> bool:
        e = flight.envelope
        held = "held" if flight.held else ""
        told = f"{flight.name} {e.src}>{e.dst} {label(e.message)} {say(e.message)} {flight.origin}"
        told = f"{told} {held}".lower()
        return all(word in told for word in self._words)

    def mark(self) -> None:
        """Take the highlighted message in or out."""
        if self.key is not None:
            self._marked ^= {self.key}
            self.sync()

    def mark_all(self) -> None:
        """All that are shown, or none if all are marked already."""
        shown = set(self.keys)
        self._marked = self._marked - shown if shown <= self._marked else self._marked | shown
        self.sync()

    def unmark(self) -> None:
        self._marked = set()
        self.sync()

    def marked(self) -> list[Flight]:
        """Oldest first."""
        return [self.state.flights[key] for key in sorted(self._marked)]

    def remark(self) -> str:
        """What stands under the queue: where in it the highlight is, and what is left out."""
        place = f"{self.cursor + 1} of {len(self.keys)}" if self.keys else "nothing"
        left = f" shown of {len(self._all)}" if len(self.keys) < len(self._all) else ""
        words = f"/{' '.join(self._words)} · " if self._words else ""
        marks = f" · {len(self._marked)} marked" if self._marked else ""
        return f"{words}{place}{left}{marks}"

    @property
    def key(self) -> int | None:
        return self.keys[self.cursor] if self.cursor < len(self.keys) else None

    @property
    def flight(self) -> Flight | None:
        """The highlighted message."""
        return self.state.flights.get(self.key) if self.key is not None else None

    def choose(self, key: int) -> None:
        if key in self.keys:
            self.cursor = bisect_left(self.keys, key)

    def count(self) -> int:
        return len(self.keys)

    def line(self, index: int) -> Line:
        flight = self.state.flights[self.keys[index]]
        alike = self._alike[type(flight.envelope.message).__name__] if self.folded else 1
        mark = "▸" if self.highlighted(index) else " "
        mark += "*" if flight.key in self._marked else " "
        seen = self._widths(), self.columns, mark, alike
        told = why_not(self.state, flight), *seen
        known = self._lines_of.get(flight.key)
        if known is None or known[0] is not flight or known[1] != told:
            if len(self._lines_of) >= KEPT:
                self._lines_of.clear()
            drawn = queue_line(queue_row(self.state, flight), *seen)
            known = self._lines_of[flight.key] = flight, told, drawn
        return known[2]

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
    new = [key for key in range(before.keys, now.keys) if key in flights]
    if keys and keys[0] not in flights and len(keys) - 1 + len(new) == len(flights):
        return keys[1:] + new  # the oldest has arrived, and nothing else has gone
    kept = [key for key in keys if key in flights] + new
    return kept if len(kept) == len(flights) else sorted(flights)


def queue_line(
    row: QueueRow, widths: tuple[int, int], columns: int, mark: str = "  ", alike: int = 1
) -> Line:
    """ "▸ m9  p1 > a1  2a Accept (1,p1) A      ‶ copy of m7    5"; it ends with the
    step that sent it, as an age would have all lines drawn anew at each step."""
    ids, link = widths
    stuck = "dim" if row.why or "held" in row.flags else ""
    kind, _, rest = row.what.partition(" ")
    label: list[Cell] = [(f"{row.label} ", "dim")] if row.label else []
    left = line(
        (mark, "now"),
        (pad(row.id, ids), stuck),
        " ",
        (pad(f"{row.src} > {row.dst}", link), stuck or "name"),
        " ",
        *label,
        (f"{kind} ", stuck or "kind"),
        (rest, stuck),
        (f"  ×{alike}" if alike > 1 else "", "now"),
    )
    right = line(*_flags(row, row.why), (f" {row.sent:>4}", "dim"))
    if length(left) + length(right) > columns:
        right = line(*_flags(row, _in_brief(row.why)), (f" {row.sent:>4}", "dim"))
    room = columns - length(right)
    left = clip_line(left, max(room, 12))
    return line(*left, " " * (room - length(left)), *right)


def _in_brief(why: str) -> str:
    """The reason without what the row says anyway; the preview says it in full."""
    if why.startswith(OUT_OF_ORDER):
        return "not first"
    return "cut" if why.endswith(" is cut") else why.replace(" is down", " down")


def _flags(row: QueueRow, why: str) -> list[Cell]:
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
    if why:
        flags.append((f" ✖ {why}", "bad"))
    return flags
