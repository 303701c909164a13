"""The bars around the panes, a line each: title, tabs, verdicts, what came last, keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.geometry import Region
from textual.message import Message

from playground.session.cells import Cell, Line, clip_line, line, pad, spread, visible, width
from playground.session.view import PropertyRow, judged
from playground.tui.actions import UserAction
from playground.tui.widgets.lines import Lines

TABBED = (100, 30)
"""Below so many columns and rows one panel at a time is shown, and bars are brief."""


class Bar(Lines, can_focus=False):
    """Lines that are as wide as the screen; they are drawn anew when it changes."""

    def draw(self, columns: int) -> Sequence[Line]:
        return ()

    def redraw(self) -> None:
        self.show(self.draw(self.columns))

    def on_resize(self) -> None:
        self.redraw()

    def on_mount(self) -> None:
        self.redraw()


class TwoEnds(Bar):
    """One line with something at each end; the left end gives way."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._ends: tuple[Line, Line] = ((), ())

    def tell(self, left: Line, right: Line = ()) -> None:
        if (left, right) != self._ends:
            self._ends = left, right
            self.redraw()

    def draw(self, columns: int) -> Sequence[Line]:
        return [spread(*self._ends, columns)]


class Buttons(Bar):
    """Words that can be clicked: each runs an action of the screen."""

    class Pressed(Message):
        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._spots: list[tuple[int, int, str]] = []

    def row(self, buttons: Sequence[tuple[Sequence[Cell], str]], between: str) -> Line:
        """The buttons side by side; remembers where each is."""
        cells: list[Cell] = [(" ", "")]
        at = 1
        self._spots = []
        for parts, action in buttons:
            size = sum(width(text) for text, _ in parts)
            self._spots.append((at, at + size, action))
            cells += [*parts, (between, "")]
            at += size + len(between)
        return tuple(cells)

    def places(self) -> list[tuple[Region, str]]:
        """Where the buttons are on the screen, and what they do; none if it is not shown."""
        x, y, _, height = self.region
        return [(Region(x + a, y, b - a, height), act) for a, b, act in self._spots if height]

    def on_click(self, event: events.Click) -> None:
        event.stop()
        for start, end, action in self._spots:
            if start <= event.x < end:
                self.post_message(self.Pressed(action))


class KeyBar(Buttons):
    """The keys that matter most, as many as there is room for."""

    def __init__(self, actions: Sequence[UserAction]) -> None:
        super().__init__(id="keys")
        self._actions = actions

    def draw(self, columns: int) -> Sequence[Line]:
        shown = fitting(self._actions, columns - 1)
        buttons = [(((a.key, "key"), (f" {a.label}", "")), a.id) for a in shown]
        return [self.row(buttons, "  ")]


def fitting(actions: Sequence[UserAction], columns: int) -> list[UserAction]:
    """Those of the footer that find room, the most important first, in their own order."""
    chosen: list[UserAction] = []
    for action in sorted(actions, key=lambda a: -a.footer):
        size = width(action.key) + 1 + width(action.label) + 2
        if action.footer and size <= columns:
            chosen.append(action)
            columns -= size
    return [a for a in actions if a in chosen]


class Tabs(Buttons):
    """On a small screen one panel at a time is shown; this tells which."""

    NAMES = ("nodes", "queue", "diagram", "story")

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.chosen = "queue"
        self._news: set[str] = set()

    def choose(self, name: str) -> None:
        self.chosen = name
        self._news.discard(name)
        self.redraw()

    def mark(self, name: str) -> None:
        """There is something new in this panel, and it may not be in sight."""
        if name != self.chosen:
            self._news.add(name)
            self.redraw()

    def draw(self, columns: int) -> Sequence[Line]:
        buttons: list[tuple[Sequence[Cell], str]] = []
        for number, name in enumerate(self.NAMES, start=1):
            here = name == self.chosen
            word = f"{number} {name.capitalize()}"
            news = name in self._news
            word = f"[{word}]" if here else f" {word}{' •' if news else ''} "
            buttons.append((((word, "now" if here or news else ""),), f"panel('{name}')"))
        return [self.row(buttons, " ")]


class PropertyBar(Buttons):
    """Each verdict; one that is violated takes the whole bar, and says which facts clash."""

    def __init__(self) -> None:
        super().__init__(id="verdicts")
        self._rows: Sequence[PropertyRow] = ()
        self._outside: Sequence[str] = ()
        self._valence = ""

    def tell(self, rows: Sequence[PropertyRow], outside: Sequence[str]) -> None:
        if (rows, outside) != (self._rows, self._outside):
            self._rows, self._outside = rows, outside
            self.redraw()

    def tell_valence(self, words: str) -> None:
        """Which decisions can still come."""
        if words != self._valence:
            self._valence = words
            self.redraw()

    @property
    def violated(self) -> list[PropertyRow]:
        return sorted((r for r in self._rows if r.word == "violated"), key=lambda r: r.step)

    def draw(self, columns: int) -> Sequence[Line]:
        if self.violated:
            return self._broken(columns)
        if not self._rows and not self._valence:
            return [line((" no property is promised here", "dim"))]
        return [clip_line(self.row(self._calm(columns - 1), "  "), columns)]

    def _broken(self, columns: int) -> list[Line]:
        first = self.violated[0]
        more = f" (and {len(self.violated) - 1} more: o)" if len(self.violated) > 1 else ""
        head = f" ✗ {first.name} VIOLATED at step {first.step}: {visible(first.why)}{more}"
        verdict = f"   {judged(first, self._outside)}"
        self._spots = [(0, columns, "properties")]
        return [((pad(text, columns), "alarm"),) for text in (head, verdict)]

    def _calm(self, columns: int) -> list[tuple[Sequence[Cell], str]]:
        """Goals in full, if there is room; of what holds as many names as there is room for."""
        goals = [r for r in self._rows if r.goal]
        safe = [r for r in self._rows if not r.goal]
        right = self._right(goals, words=True)
        used = _width(right)
        if safe and used + len(f"✓ {len(safe)} properties hold") > columns:
            right = self._right(goals, words=False)
            used = _width(right)
        left: list[tuple[Sequence[Cell], str]] = []
        for index, row in enumerate(safe):
            rest = len(safe) - index - 1
            size = width(row.name) + 4
            reserve = len(f"✓ {rest} more hold  ") if rest else 0
            if used + size + reserve > columns:
                more = f"{rest + 1} more hold" if left else f"{rest + 1} properties hold"
                left.append(((("✓ ", "good"), (more, "")), "properties"))
                break
            used += size
            left.append(((("✓ ", "good"), (row.name, "")), "properties"))
        return [*left, *right]

    def _right(self, goals: Iterable[PropertyRow], words: bool) -> list[tuple[Sequence[Cell], str]]:
        """Goals, by their signs alone where there is no room for words, and the valence."""
        tags = {"reached": "good", "livelock": "bad", "blocked": "bad", "open": "warn"}
        right: list[tuple[Sequence[Cell], str]] = []
        for row in goals:
            tag = tags.get(row.word, "")
            named = [(f"{row.name} ", ""), (row.word, tag)] if words else [(row.name, "")]
            right.append((((f"{row.sign} ", tag), *named), "properties"))
        if self._valence:
            right.append((((visible(self._valence), "strong"),), "properties"))
        return right


def _width(spots: Iterable[tuple[Sequence[Cell], str]]) -> int:
    return sum(sum(width(text) for text, _ in cells) + 2 for cells, _ in spots)
