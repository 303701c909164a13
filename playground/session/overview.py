"""A long run from further away: many steps in a row of the diagram, and the whole run in a bar.

Nothing is replayed for it: what was done, and which node it was about, is on record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from playground.core import Corrupt, Forge
from playground.protocol import Pid
from playground.session.branch import EVERYBODY, Branch
from playground.session.cells import Cell, Line, line, merged
from playground.session.deeds import VERBS
from playground.session.diagram import Canvas, Lanes
from playground.session.session import Session
from playground.session.state import State

ZOOMS = (1, 10, 100, 1_000, 10_000)
"""How many steps may stand in one row."""

KEPT = 5_000
"""How many rows are kept at hand."""


class Landmark(NamedTuple):
    """A step that one may look for in a long run; of two at one place the one of more weight is
    shown."""

    step: int
    sign: str
    tag: str
    what: str
    weight: int = 0
    pid: Pid | None = None


@dataclass(frozen=True)
class Span:
    """Successive steps, together.

    ran     how many of them each node took
    marks   what is worth looking for, in order
    down    who was down all the time
    cut     was a link cut before them, and after them?
    counts  how many of each sort there are, "delivered" first
    """

    first: int
    last: int
    ran: tuple[int, ...]
    marks: tuple[Landmark, ...]
    down: frozenset[Pid]
    cut: tuple[bool, bool]
    counts: tuple[tuple[str, int], ...]


class Survey:
    """What the line is about on which a session is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._spans: dict[tuple[Branch, int, int], Span] = {}
        self._noted: dict[Branch, tuple[int, list[Landmark]]] = {}
        self._tip: tuple[Branch, int, State] | None = None
        self._known: object = None
        self._landmarks: list[Landmark] = []

    def __len__(self) -> int:
        return self._session.history.branch.tip

    def span(self, first: int, last: int) -> Span:
        """These steps of this line, `last` at most its end."""
        key = self._session.history.branch, first, last
        if key not in self._spans:
            if len(self._spans) >= KEPT:
                self._spans.clear()
            self._spans[key] = self._sum(first, last)
        marks = self.landmarks()
        begin, end = (bisect_left(marks, step, key=lambda m: m.step) for step in (first, last + 1))
        return replace(self._spans[key], marks=tuple(marks[begin:end]))

    def _sum(self, first: int, last: int) -> Span:
        history, pids = self._session.history, self._session.world.rules.pids
        ran = Counter(history.ran(first - 1, last))
        downs = []
        for since, down in history.branch.downs_until(last):
            downs.append(down)
            if since < first:
                break
        return Span(
            first,
            last,
            tuple(ran[i] + ran[EVERYBODY] for i in range(len(pids))),
            (),
            frozenset.intersection(*downs),
            (history.branch.cut(first - 1), history.branch.cut(last)),
            tuple(self._counts(first, last)),
        )

    def _counts(self, first: int, last: int) -> Iterator[tuple[str, int]]:
        history = self._session.history
        verbs = len(VERBS)
        codes = Counter(c % verbs if c >= 0 else c for c in history.codes(first - 1, last))
        counts: Counter[str] = Counter()
        for code, times in codes.items():
            deed = VERBS[code] if code >= 0 else type(history.decode(code)).__name__
            counts[_SORTS.get(deed, "")] += times
        for sort in dict.fromkeys(_SORTS.values()):
            if counts[sort]:
                yield sort, counts[sort]

    # ---- what one may look for

    def landmarks(self) -> list[Landmark]:
        """Crashes, cuts, forgeries, violations, bookmarks, and where other lines leave this one, in
        order."""
        history = self._session.history
        known = history.branch, len(self), len(history.branches), list(history.bookmarks.items())
        if self._known != known:
            self._known, self._landmarks = known, self._found()
        return self._landmarks

    def _found(self) -> list[Landmark]:
        history = self._session.history
        chain = dict(history.branch.chain(len(self)))
        found = [m for b, last in chain.items() for m in self._own(b) if m.step <= last]
        found += [
            Landmark(b.fork, "┴", "dim", f"{b.name} leaves")
            for b in history.branches
            if b.parent in chain and b.fork <= chain[b.parent]
        ]
        found += [
            Landmark(step, "⚑", "good", f"bookmark {name}", 4)
            for name, (b, step) in history.bookmarks.items()
            if step <= chain.get(b, -1)
        ]
        found += [
            Landmark(broken.step, "✗", "bad", f"{broken.property} violated", 5)
            for broken in self._end().broken
        ]
        return sorted(found, key=lambda m: (m.step, m.weight))

    def _end(self) -> State:
        """The last state of this line, also when we have gone back."""
        history = self._session.history
        branch, tip = history.branch, len(self)
        if history.step == tip:
            return history.state
        if self._tip is None or self._tip[:2] != (branch, tip):
            self._tip = branch, tip, history.at(tip)
        return self._tip[2]

    def _own(self, branch: Branch) -> Iterator[Landmark]:
        """Those of the steps of a branch."""
        down = next(branch.parent.downs_until(branch.fork))[1] if branch.parent else frozenset()
        for step, now in branch.downs.items():
            for pid in sorted(now - down):
                yield Landmark(step, "✖", "bad", f"{pid} crashes", 3, pid)
            for pid in sorted(down - now):
                yield Landmark(step, "▲", "good", f"{pid} recovers", 2, pid)
            down = now
        for step, cut in branch.cuts.items():
            what = "links are cut" if cut else "all links are mended"
            yield Landmark(step, "═" if cut else "─", "warn", what, 1)
        yield from self._wrong(branch)

    def _wrong(self, branch: Branch) -> list[Landmark]:
        """What the adversary did; only what is new since the last time is looked through."""
        known, marks = self._noted.get(branch, (0, []))
        if known > len(branch.codes):  # it was taken back
            known, marks = 0, []
        if known < len(branch.codes):
            fresh = enumerate(branch.codes[known:], branch.fork + known + 1)
            for step, deed in ((n, self._session.history.decode(c)) for n, c in fresh if c < 0):
                if isinstance(deed, Corrupt):
                    marks.append(Landmark(step, "☠", "bad", f"{deed.pid} corrupt", 3, deed.pid))
                elif isinstance(deed, Forge):
                    src = deed.envelope.src
                    marks.append(Landmark(step, "!", "bad", f"forged from {src}", 2, src))
            self._noted[branch] = len(branch.codes), marks
        return marks


_SORTS = {
    "deliver": "delivered",
    "drop": "lost",
    "duplicate": "copied",
    "EditFlight": "edited",
    "Forge": "forged",
    "ReplayMessage": "replayed",
    "Ask": "asked",
    "Fire": "fired",
    "Crash": "crashed",
    "CrashInStep": "crashed",
    "Recover": "recovered",
    "Corrupt": "corrupted",
    "Cut": "cut",
    "Heal": "mended",
    "Tick": "ticked",
    "Elapse": "advanced",
    "SetClock": "set clocks",
}
"""What a deed is counted as; those that are not here are not worth telling."""


# ---- as lines

BAR = " ▏▎▍▌▋▊▉█"


def overview_line(lanes: Lanes, span: Span, size: int, now: int) -> Line:
    """The row of successive steps, of which there are `size` in a full row.  A bar on each lane
    says how many the node took: it is full with twice what would be its fair share."""
    here, future = span.first <= now <= span.last, span.first > now
    was, cut = span.cut
    count = sum(m.sign == "═" for m in span.marks)
    gutter = ("╬" if count else "║") if was and cut else "╔" if cut else "╚" if was else " "
    gutter = "╬" if count and gutter == " " else gutter
    head = line(
        (f"{'▸' if here else ' '}{span.first:>{lanes.digits}} ", "now" if here else "dim"),
        (gutter, "warn"),
    )
    canvas = Canvas(lanes, span.down)
    full = min(2 * size / max(len(lanes.pids), 1), size)
    for pid, ran in zip(lanes.pids, span.ran, strict=True):
        room = lanes.pitch - 2
        told = f" {ran}" if lanes.pitch >= 10 and ran else ""
        eighths = min(round(ran * 8 * (room - len(told)) / full), 8 * (room - len(told)))
        eighths = max(eighths, 1) if ran else 0
        bar = BAR[8] * (eighths // 8) + BAR[eighths % 8].strip()
        canvas.put(lanes.x(pid) + 1, bar, "arrow")
        canvas.put(lanes.x(pid) + 1 + len(bar), told, "")
    for mark in span.marks:
        if mark.pid in lanes.pids:
            canvas.put(lanes.x(mark.pid), mark.sign, mark.tag)
    alarms: list[Cell] = []
    for mark in sorted(span.marks, key=lambda m: -m.weight)[:NAMED]:
        alarms += [(f"{mark.sign} {mark.what}", mark.tag), (" · ", "dim")]
    note = " · ".join(f"{n} {sort}" for sort, n in span.counts)
    here_is: list[Cell] = [("  ◀ now", "now")] if here else []
    return line(
        *head, *canvas.cells(future), " ", *alarms, (note, "dim" if future else ""), *here_is
    )


NAMED = 4
"""How many landmarks are named beside a row."""


def span_lines(span: Span, pids: Sequence[Pid]) -> list[Line]:
    """What there is to say of successive steps: the landmarks, what was done, and who did it."""
    told = [line((f"{m.sign} ", m.tag), f"step {m.step}: {m.what}") for m in span.marks]
    told += [line((", ".join(f"{n} {sort}" for sort, n in span.counts), "strong"))]
    busy = sorted(zip(span.ran, pids, strict=True), key=lambda ran: -ran[0])
    told += [line(("steps of ", "dim"), ", ".join(f"{pid}: {ran}" for ran, pid in busy if ran))]
    return told


def time_bar(survey: Survey, now: int, chosen: int, columns: int) -> Line:
    """The whole line in so many columns: where we are, what is chosen, and the landmarks."""
    tip = len(survey)
    if not tip or columns < 8:
        return line(("─" * columns, "frame"))
    x = partial(_column, tip=tip, columns=columns)
    cells: list[Cell] = [("━", "arrow")] * (x(now) + 1) + [("─", "frame")] * (columns - x(now) - 1)
    for mark in sorted(survey.landmarks(), key=lambda m: m.weight):
        cells[x(mark.step)] = mark.sign, mark.tag
    if chosen != now:
        cells[x(chosen)] = "◇", "focus"
    cells[x(now)] = "●", "now"
    return tuple(merged(cells))


def _column(step: int, tip: int, columns: int) -> int:
    return round(step * (columns - 1) / tip)


def step_at(column: int, tip: int, columns: int) -> int:
    """The step that stands in this column of a `time_bar`."""
    return max(0, min(tip, round(column * tip / max(columns - 1, 1))))
