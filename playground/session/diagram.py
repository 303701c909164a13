"""The space-time diagram as text: a lane per node, a row per step, time goes down.

An arrow is drawn on the row of its arrival and names its message; the row of a step that sends
lists what it sends.

    ●  the node that ran       ×  a message lost       ┊  a lane that is down
    ✖  a crash                 ▲  a recovery           ═  a cut, across the lanes
    ‶  a duplicate             !  a forgery            ~  an edit
    ☠  corrupt                 ◌  a belief, or a clock that is set
    ║  a link is cut
    ┄  a round is over, or time has passed
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from playground.protocol import Pid
from playground.session.branch import Branch
from playground.session.causality import Order, Vector, Vectors, orders
from playground.session.cells import Cell, Line, clip, line, merged, pad, width
from playground.session.deeds import Deed, EditFlight, OnFlight, ReplayMessage
from playground.session.events import Event, tell
from playground.session.session import Session
from playground.session.state import State
from playground.session.view import say

CHUNK = 48
"""How many steps are told at once."""

COUNTED = 5_000
"""How many steps have vector clocks: they are counted from the start."""

KEPT = 20_000
"""How many told steps are kept at hand."""


class Moment(NamedTuple):
    """A step, who was down after it, the step that sent what it is about, if any, and whether a
    link was cut after it.

    Messages that were sent on starting have the cause 0.
    """

    event: Event
    down: frozenset[Pid]
    cause: int | None = None
    cut: bool = False


class Chronicle:
    """The steps of the line where a session is, told on demand.  A branch only ever grows, so what
    was told of one of its steps stays true."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told: dict[tuple[Branch, int], Moment] = {}
        self._counted: tuple[Branch, Vectors] | None = None

    def __len__(self) -> int:
        """The number of the last step of this line, also when we have gone back."""
        return self._session.history.branch.tip

    def __getitem__(self, step: int) -> Moment:
        """Step `step`, from 1."""
        branch = self._session.history.branch
        key = branch.owner(step), step
        if key not in self._told:
            self._tell(branch, step)
        return self._told[key]

    def _tell(self, branch: Branch, step: int) -> None:
        if len(self._told) > KEPT:
            self._told.clear()
        first = last = step
        while (
            first > max(1, step - CHUNK) and (branch.owner(first - 1), first - 1) not in self._told
        ):
            first -= 1
        while last < min(branch.tip, step + CHUNK):
            last += 1
        for moment in self._walk(first, last):
            n = moment.event.n
            self._told[branch.owner(n), n] = moment

    def _walk(self, first: int, last: int) -> Iterator[Moment]:
        history = self._session.history
        before = history.at(first - 1)
        for n, result in history.walk(first, last):
            deed = history.deed(n)
            world = result.state.world
            event, cause = tell(before, deed, result), self._cause(before, deed)
            yield Moment(event, world.down, cause, bool(world.cuts))
            before = result.state

    def _cause(self, before: State, deed: Deed) -> int | None:
        """The step that put on its way what a step is about."""
        match deed:
            case OnFlight(_, key) | EditFlight(key):
                flight = before.flights.get(key)
                return flight.step if flight else None
            case ReplayMessage(number):
                history = self._session.history
                return bisect_left(range(before.step), number, key=lambda n: history.at(n).numbers)
        return None

    def orders(self, here: int, steps: range) -> dict[int, Order]:
        """How these steps stand to step `here`, whose causes are its past."""
        first, last = min(here, steps[0]), max(here, steps[-1])
        told = {n: (self[n].event, self[n].cause) for n in range(first, last + 1)}
        return orders(told, here, self._session.world.rules.pids)

    def along(self, step: int, by: int) -> int | None:
        """The other end of an arrow: with -1 the step that sent what this one is about, with 1 the
        first one about something that this one sent.  None if there is none."""
        if by < 0:
            return self[step].cause or None
        history = self._session.history
        before, after = history.at(step - 1), history.at(step)
        for n, code in enumerate(history.codes(step, len(self)), step + 1):
            if code >= 0:
                key = history.key(code)
            else:
                match history.decode(code):
                    case EditFlight(key):
                        pass
                    case ReplayMessage(number) if before.numbers < number <= after.numbers:
                        return n
                    case _:
                        continue
            if before.keys <= key < after.keys:
                return n
        return None

    def clock(self, step: int) -> Vector | None:
        """The vector clock of a step; None after COUNTED of them."""
        if step > COUNTED:
            return None
        branch = self._session.history.branch
        if self._counted is None or self._counted[0] is not branch:
            self._counted = branch, Vectors(self._session.world.rules.pids)
        vectors = self._counted[1]
        if len(vectors) < step:
            for moment in self._walk(len(vectors) + 1, step):
                vectors.add(moment.event, moment.cause)
        return vectors[step]


@dataclass(frozen=True)
class Lanes:
    """Where the lanes stand: `pitch` columns apart, after the numbers of the steps."""

    pids: tuple[Pid, ...]
    pitch: int
    digits: int = 4

    @classmethod
    def fit(cls, pids: Sequence[Pid], columns: int, last: int = 0) -> Lanes:
        """As wide as is good to read; the notes beside them get at least a third, unless there are
        very many nodes.  `last` is the last step."""
        digits = max(len(str(last)), 4)
        room = columns - digits - 3
        pitch = min(max((room * 2 // 3) // max(len(pids), 1), 6), 14)
        if pitch * len(pids) + LEAST_NOTE > room:
            pitch = min(pitch, max((room - LEAST_NOTE) // len(pids), LEAST_PITCH))
        return cls(tuple(pids), pitch, digits)

    @property
    def left(self) -> int:
        """Columns before the first lane."""
        return self.digits + 3

    def x(self, pid: Pid) -> int:
        return self.pids.index(pid) * self.pitch + 1

    @property
    def columns(self) -> int:
        return len(self.pids) * self.pitch

    @property
    def narrow(self) -> bool:
        """Is there no room for words between the lanes?"""
        return self.pitch < 10

    def names(self, id: str) -> bool:
        """Is there room on an arrow for the name of its message?"""
        return len(id) <= self.pitch - 3

    def head(self) -> Line:
        """The names of the nodes over their lanes."""
        names = "".join(pad(pad(pid, self.pitch - 1), self.pitch) for pid in self.pids)
        return line(" " * self.left, (names, "name"))


LEAST_PITCH = 4
"""Columns between the lanes of very many nodes."""

LEAST_NOTE = 24
"""Columns beside the lanes that they give way to."""


ORDERS: dict[Order, tuple[str, str]] = {
    "self": ("◆", "now"),
    "past": ("↑", "kind"),
    "future": ("↓", "good"),
    "concurrent": ("·", "dim"),
    "none": (" ", ""),
}
"""The sign beside a step for how it stands to the chosen one."""


def diagram_line(
    lanes: Lanes, moment: Moment, now: int, order: Order = "none", clock: Vector | None = None
) -> Line:
    """The row of one step; `now` is the step where the session is, `order` how this step stands to
    the chosen one, and `clock` is shown if it is given."""
    event = moment.event
    here, future = event.n == now, event.n > now
    number = line(
        (f"{'▸' if here else ' '}{event.n:>{lanes.digits}}", "now" if here else "dim"),
        ORDERS[order],
        _gutter(moment),
    )
    future = future or order == "concurrent"
    canvas = Canvas(lanes, moment.down)
    canvas.draw(event, "dim" if future else "now" if here else "arrow")
    note: Cell = (note_of(event, lanes.narrow), "dim" if future else "")
    if event.src and event.id and not lanes.names(event.id):
        note = f"{event.id} {note[0]}", note[1]
    alarms = [*(f"✗ {n}" for n, _ in event.broken), *(f"outside: {w}" for w in event.outside)]
    alarm: list[Cell] = [(" · ".join(alarms), "bad"), (" · ", "dim")] if alarms else []
    mark: list[Cell] = [("  ◀ now", "now")] if here else []
    vector: list[Cell] = [(f"[{' '.join(map(str, clock))}] ", "code")] if clock else []
    return line(*number, *canvas.cells(future), " ", *vector, *alarm, note, *mark)


def _gutter(moment: Moment) -> Cell:
    """A rule beside the lanes, from the row of a cut to the row where the last link is mended."""
    action = moment.event.action
    if moment.cut:
        return "╠" if action in ("cut", "heal") else "║", "warn"
    return ("╚", "warn") if action == "heal" else (" ", "")


def note_of(event: Event, narrow: bool = False) -> str:
    """What the row says beside the lanes; with narrow lanes also what else stands on them."""
    parts = [event.note] if event.note else []
    if event.what is not None and event.src is not None:
        parts.insert(0, say(event.what))
    if event.action == "forge":
        parts.insert(0, "forged")
    elif event.action in ("ask", "fire"):
        parts = [event.command, *parts] if narrow else parts
    elif event.action not in ("deliver", "drop"):
        parts.insert(0, event.command)
    if event.sent and event.action not in ("duplicate", "edit", "replay", "forge"):
        parts.append(f"sends {' '.join(f.name for f in event.sent)}")
    parts += [f"{pid} tells {say(output)}" for pid, output in event.told]
    return " · ".join(parts)


class Canvas:
    """One row of characters, each with a tag."""

    def __init__(self, lanes: Lanes, down: frozenset[Pid]) -> None:
        self.lanes = lanes
        self.chars = [" "] * lanes.columns
        self.tags = [""] * lanes.columns
        for pid in lanes.pids:
            self.put(lanes.x(pid), "┊" if pid in down else "│", "dim")

    def draw(self, event: Event, tag: str) -> None:
        match event.action:
            case "deliver" if event.src and event.dst:
                head = "○" if event.unheard else "●"
                how = "bad" if event.rejected else tag
                self._arrow(event.src, event.dst, event.id or "", head, how)
            case "drop" if event.src and event.dst:
                self._arrow(event.src, event.dst, event.id or "", "×", "bad")
            case "forge" | "replay" | "duplicate" | "edit" if event.src:
                sign = {"forge": "!", "replay": "‶", "duplicate": "‶", "edit": "~"}[event.action]
                self._mark(event.src, sign, event.id or "", "warn")
            case "hold" | "release" if event.src:
                self._mark(event.src, "│", f"{event.action} {event.id or ''}", "dim")
            case "ask" | "fire" if event.pid and event.what:
                self._mark(event.pid, "●", say(event.what), tag)
            case "crash" if event.pid:
                self._mark(event.pid, "✖", "crash", "bad")
            case "corrupt" if event.pid:
                self._mark(event.pid, "☠", "corrupt", "bad")
            case "suspect" | "trust" | "leader" | "clock" if event.pid:
                self._mark(event.pid, "◌", event.action, "warn")
            case "recover" if event.pid:
                self._mark(event.pid, "▲", "recover", "good")
            case "cut" | "heal" | "tick" | "advance":
                band = {"cut": "═", "heal": "─"}.get(event.action, "┄")
                self._band(band, tag if band == "┄" else "warn")

    def cells(self, future: bool) -> list[Cell]:
        tags = ["dim"] * len(self.tags) if future else self.tags
        return merged(zip(self.chars, tags, strict=True))

    def put(self, x: int, text: str, tag: str) -> None:
        for i, char in enumerate(text):
            if 0 <= x + i < len(self.chars):
                self.chars[x + i] = char
                self.tags[x + i] = tag

    def _mark(self, pid: Pid, sign: str, text: str, tag: str) -> None:
        """A sign on a lane, and a word beside it, if it has room before the next lane."""
        x = self.lanes.x(pid)
        self.put(x, sign, tag)
        if not self.lanes.narrow or len(text) <= self.lanes.pitch - 3:
            text = clip(text, self.lanes.pitch - 3)
            self.put(x + 2, text if width(text) == len(text) else "…", tag)

    def _arrow(self, src: Pid, dst: Pid, name: str, head: str, tag: str) -> None:
        """From lane to lane; what is lost ends half-way."""
        a, b = self.lanes.x(src), self.lanes.x(dst)
        if a == b:
            self._mark(dst, head, name, tag)
            return
        right = a < b
        lost = head == "×"
        low, high = (a, b) if right else (b, a)
        for x in range(low, high + 1):
            self.put(x, "┼" if self.chars[x] in "│┊" else "─", tag)
        self.put(a, "├" if right else "┤", tag)
        if lost:
            step = 1 if right else -1
            end = b - 2 * step
            self.put(end, "×", tag)
            self.put(end + step, " ", "")
            self.put(b, "│", "dim")
        else:
            self.put(b, head, tag)
            self.put(b - 1 if right else b + 1, "▶" if right else "◀", tag)
        label = clip(name, self.lanes.pitch - 3 - lost) if self.lanes.names(name) else ""
        gap = 3 + lost if len(label) < self.lanes.pitch - 4 - lost else 2 + lost
        self.put(b - gap - len(label) if right else b + gap, label, tag)

    def _band(self, char: str, tag: str) -> None:
        for x in range(len(self.chars) - self.lanes.pitch + 2):
            self.put(x, "╪" if self.chars[x] in "│┊" and char == "═" else char, tag)
