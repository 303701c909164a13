"""A list in front of the screen: help, the verdicts, everything about a node, a menu of actions.

Each item may stand for something that is done when it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground.session.cells import Line, length, visible, wrap
from playground.tui.widgets.lines import Lines

KEYS = "↑ ↓ move   enter choose   esc close"
LEAST = len(KEYS) + 1
"""Columns in which the keys can be told."""


class Item(NamedTuple):
    """`value` is what the screen returns when this is chosen; "" for text only."""

    text: Line
    value: str = ""
    indent: int = 4


class PickScreen(ModalScreen[str]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "choose", show=False),
        Binding("escape,q,question_mark,f1", "dismiss('')", "close", show=False),
    ]

    def __init__(self, title: str, items: Sequence[Item], widest: int = 92) -> None:
        super().__init__()
        self._title = title
        self._items = items
        self._widest = widest

    def compose(self) -> ComposeResult:
        with Vertical(id="picker"):
            yield PickList(self._items)
            yield Static(KEYS, id="form-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one("#picker").border_title = Content(visible(self._title))
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """As large as what is in it, as far as the screen allows."""
        columns, rows = self.app.size
        longest = max((length(item.text) for item in self._items), default=0)
        box = self.query_one("#picker")
        inner = max(min(longest + 1, self._widest, columns - 6), LEAST)
        picks = self.query_one(PickList)
        picks.fit(inner)
        box.styles.width = inner + 4
        box.styles.height = min(picks.count() + 3, rows - 2)

    def action_choose(self) -> None:
        value = self.query_one(PickList).value
        if value:
            self.dismiss(value)

    @on(Lines.Chosen)
    def _clicked(self, event: Lines.Chosen) -> None:
        event.stop()
        self.action_choose()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss("")


class PickList(Lines):
    CURSOR: ClassVar[bool] = True

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__(id="picks")
        self._items = items
        self._of: list[int] = []

    def fit(self, columns: int) -> None:
        lines: list[Line] = []
        self._of = []
        for index, item in enumerate(self._items):
            wrapped = wrap(item.text, columns, item.indent)
            lines += wrapped
            self._of += [index] * len(wrapped)
        self.show(lines)

    @property
    def value(self) -> str:
        return self._items[self._of[self.cursor]].value if self._of else ""
