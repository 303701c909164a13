"""A list that scrolls without scrollbars, at once, and in which a line may be highlighted."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

FAR = 1_000_000_000


class Scrolling(ScrollView, can_focus=True):
    """Textual scrolls after the next frame, which would make two of each step; this does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("home", f"move(-{FAR})", "first", show=False),
        Binding("end", f"move({FAR})", "last", show=False),
    ]
    CURSOR: ClassVar[bool] = False
    """Is one line highlighted?  Else the keys scroll."""

    cursor: reactive[int] = reactive(0, repaint=False)

    class Chosen(Message):
        """A line was clicked; `column` counts from the start of the line."""

        def __init__(self, lines: Scrolling, index: int, column: int, event: events.Click) -> None:
            super().__init__()
            self.lines = lines
            self.index = index
            self.column = column
            self.button = event.button
            self.chain = event.chain

        @property
        def control(self) -> Scrolling:
            return self.lines

    class Moved(Message):
        """Another line is highlighted."""

        def __init__(self, lines: Scrolling) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> Scrolling:
            return self.lines

    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    @property
    def rows(self) -> int:
        """How many of them are in sight."""
        raise NotImplementedError

    @property
    def below(self) -> int:
        """How many empty rows one may scroll to below the last line."""
        return 0

    @property
    def corner(self) -> tuple[int, int]:
        """Columns and rows before the first line: the frame, and what does not scroll."""
        return 0, 0

    def moved(self) -> None:
        """Another line is highlighted."""
        raise NotImplementedError

    def scrolled(self) -> None:
        """Other lines are in sight."""
        raise NotImplementedError

    def highlighted(self, index: int) -> bool:
        """Is this line drawn as the one with the cursor?"""
        return self.CURSOR and index == self.cursor and index < self.count()

    def action_move(self, by: int) -> None:
        if self.CURSOR:
            self.cursor = max(0, min(self.count() - 1, self.cursor + by))
        else:
            self.jump(self.scroll_offset.y + by)

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.rows - 1, 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self.reveal(new)
        self.moved()
        self.post_message(self.Moved(self))

    def reveal(self, index: int) -> None:
        """Scroll until this line is in sight, by half a page if it was not."""
        top, rows = self.scroll_offset.y, self.rows
        if rows and not top <= index < top + rows:
            self.jump(index - 1 if index < top else index - rows // 2)

    def jump(self, top: int) -> None:
        """Scroll at once, so that it is drawn in the same frame."""
        top = max(0, min(self.max_scroll_y, top))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Overridden, as Textual would refresh scrollbars that are not there."""
        self.scrolled()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self.scrolled()

    def place(self, cursor: int) -> None:
        """Highlight a line before `sync`, without telling anybody."""
        self.set_reactive(Scrolling.cursor, max(cursor, 0))

    @property
    def allow_vertical_scroll(self) -> bool:
        """Also without a scrollbar, as there is never one."""
        return True

    @property
    def allow_horizontal_scroll(self) -> bool:
        return True

    def on_click(self, event: events.Click) -> None:
        left, above = self.corner
        row = event.y - above
        index = row + self.scroll_offset.y
        if not 0 <= row < self.rows or index >= self.count():
            return
        if self.CURSOR:
            self.cursor = index
        column = event.x - left + self.scroll_offset.x
        self.post_message(self.Chosen(self, index, column, event))
