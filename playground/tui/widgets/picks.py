"""Choices side by side on one line or more: one of them, or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from playground.session.cells import visible, width


class Picks(Widget, can_focus=True):
    """left and right move; with several, space takes one in or out; a letter jumps."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"picks--chosen", "picks--here"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "left", show=False),
        Binding("right", "move(1)", "right", show=False),
        Binding("space", "take", "choose", show=False),
    ]

    class Changed(Message):
        def __init__(self, picks: Picks) -> None:
            super().__init__()
            self.picks = picks

        @property
        def control(self) -> Picks:
            return self.picks

    def __init__(
        self, choices: Sequence[str], chosen: Sequence[str], many: bool, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.choices = list(choices)
        self.chosen = [c for c in choices if c in chosen]
        self.many = many
        self.here = self.choices.index(self.chosen[0]) if self.chosen else 0

    @property
    def value(self) -> str:
        return ",".join(self.chosen)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max((y for _, _, y in self._places(width)), default=0) + 1

    def render(self) -> Text:
        text = Text(no_wrap=True)
        row = 0
        for index, _, y in self._places(self.size.width):
            if y > row:
                text.append("\n")
                row = y
            text.append(self._option(index), self._look(index))
            text.append("  ")
        return text

    def action_move(self, by: int) -> None:
        self._go(max(0, min(len(self.choices) - 1, self.here + by)))

    def action_take(self) -> None:
        self._take(self.here)

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character.isalnum():
            order = [*range(self.here + 1, len(self.choices)), *range(self.here + 1)]
            for index in order:
                if self.choices[index].lower().startswith(event.character.lower()):
                    event.stop()
                    self._go(index)
                    return

    def on_click(self, event: events.Click) -> None:
        for index, x, y in self._places(self.size.width):
            if event.y == y and x <= event.x < x + width(self._option(index)):
                self._go(index)
                if self.many:
                    self._take(index)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _go(self, index: int) -> None:
        self.here = index
        if not self.many:
            self._take(index)
        self.refresh()

    def _take(self, index: int) -> None:
        choice = self.choices[index]
        if not self.many:
            chosen = [choice]
        elif choice in self.chosen:
            chosen = [c for c in self.chosen if c != choice]
        else:
            chosen = [c for c in self.choices if c in (*self.chosen, choice)]
        if chosen != self.chosen:
            self.chosen = chosen
            self.post_message(self.Changed(self))
        self.refresh()

    def _option(self, index: int) -> str:
        """The sign says what the colour says: chosen or not, and where the keys are."""
        choice = self.choices[index]
        sign = ("[x]" if self.many else "(•)") if choice in self.chosen else "[ ]"
        if not self.many and choice not in self.chosen:
            sign = "( )"
        return f"{sign} {visible(choice)}"

    def _look(self, index: int) -> Style:
        if self.has_focus and index == self.here:
            return self.get_component_rich_style("picks--here")
        if self.choices[index] in self.chosen:
            return self.get_component_rich_style("picks--chosen")
        return Style.null()

    def _places(self, columns: int) -> Iterator[tuple[int, int, int]]:
        """(index, x, y) of each choice."""
        x = y = 0
        for index in range(len(self.choices)):
            size = width(self._option(index))
            if x and x + size > columns:
                x, y = 0, y + 1
            yield index, x, y
            x += size + 2
