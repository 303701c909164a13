"""A widget that draws lines of cells, and redraws only those that changed.

Three things keep a step to one frame (measured in benchmarks/): nothing asks for layout, equal
lines are equal Strip objects, and only changed lines are refreshed.  So it has no border, padding
or scrollbars of its own; those are its parent's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from playground.session.cells import TAGS, Line, length, plain, width

FAR = 1_000_000_000
CACHED = 4096


class Lines(ScrollView, can_focus=True):
    """Draws `count()` lines, each `line(i)` when it is in sight; or those given to `show`."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--cursor",
        *(f"lines--{tag}" for tag in TAGS),
    }
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

        def __init__(self, lines: Lines, index: int, column: int, event: events.Click) -> None:
            super().__init__()
            self.lines = lines
            self.index = index
            self.column = column
            self.button = event.button
            self.chain = event.chain

        @property
        def control(self) -> Lines:
            return self.lines

    class Moved(Message):
        """Another line is highlighted."""

        def __init__(self, lines: Lines) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> Lines:
            return self.lines

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._strips: dict[object, Strip] = {}
        self._drawn: tuple[object, list[Line]] = ((), [])
        self._styles: dict[str, Style] = {}

    # ---- what to draw

    def count(self) -> int:
        return len(self._lines)

    def line(self, index: int) -> Line:
        return self._lines[index]

    def measure(self) -> int:
        """Columns of the widest line that scrolling may reach."""
        return self.size.width

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these from now on."""
        self._lines = lines
        self.sync()

    def sync(self) -> None:
        """Call this after the lines have changed: redraws those in sight that did."""
        size = Size(self.measure(), self.count())
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)  # without asking for layout
        if self.cursor >= size.height:
            self.set_reactive(Lines.cursor, max(size.height - 1, 0))
        if self.scroll_offset.y > self.max_scroll_y:
            self.jump(self.max_scroll_y)
        self._refresh_changed()

    def _refresh_changed(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        seen = [self._line(i) for i in range(top, top + height)]
        frame = (top, self.scroll_offset.x, self.size, self.cursor)
        before, old = self._drawn
        if frame != before:
            self.refresh()
        else:
            for y, (was, now) in enumerate(zip(old, seen, strict=True)):
                if was != now:
                    self.refresh(Region(0, y, self.size.width, 1))
        self._drawn = frame, seen

    def _line(self, index: int) -> Line:
        return self.line(index) if 0 <= index < self.count() else ()

    # ---- moving

    def action_move(self, by: int) -> None:
        if self.CURSOR:
            self.cursor = max(0, min(self.count() - 1, self.cursor + by))
        else:
            self.jump(self.scroll_offset.y + by)

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.size.height - 1, 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self.reveal(new)
        self.refresh_line(old)
        self.refresh_line(new)
        self.post_message(self.Moved(self))

    def reveal(self, index: int) -> None:
        """Scroll until this line is in sight, by half a page if it was not."""
        top, height = self.scroll_offset.y, self.size.height
        if height and not top <= index < top + height:
            above = index - top == height  # one line below: the usual way down
            to = index - height // 2 if above or index > top + height else index - 1
            self.jump(to)

    def jump(self, top: int) -> None:
        """Scroll at once, so that it is drawn in the same frame."""
        top = max(0, min(self.max_scroll_y, top))
        self.scroll_to(y=top, animate=False, immediate=True)

    @property
    def allow_vertical_scroll(self) -> bool:
        """Also without a scrollbar, as there is never one."""
        return True

    @property
    def allow_horizontal_scroll(self) -> bool:
        return True

    def on_resize(self) -> None:
        self.sync()
        self.reveal(self.cursor)

    def on_mount(self) -> None:
        self.sync()

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index >= self.count():
            return
        if self.CURSOR:
            self.cursor = index
        self.post_message(self.Chosen(self, index, event.x + self.scroll_offset.x, event))

    # ---- drawing

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        return self._strip(y + self.scroll_offset.y, self.scroll_offset.x, self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Overridden, since Textual's own cache makes new Strips of equal lines."""
        left, top = self.scroll_offset
        columns = self.size.width
        filters = self.get_line_filters()
        background = self.background_colors[1]
        strips = []
        for y in crop.line_range:
            strip = self._strip(y + top, left, columns)
            for line_filter in filters:  # NO_COLOR, ANSI colours
                strip = strip.apply_filter(line_filter, background)
            strips.append(strip)
        if crop.column_span != (0, columns):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def highlighted(self, index: int) -> bool:
        """Is this line drawn as the one with the cursor?"""
        return self.CURSOR and index == self.cursor and index < self.count()

    def _strip(self, index: int, left: int, columns: int) -> Strip:
        cells = self._line(index)
        cursor = self.highlighted(index)
        key = cells, cursor, self.has_focus, left, columns
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= CACHED:
                self._strips.clear()
            strip = self._strips[key] = self._drawn_strip(cells, cursor, left, columns)
        return strip

    def _drawn_strip(self, cells: Line, cursor: bool, left: int, columns: int) -> Strip:
        base = self.rich_style
        over = Style(bgcolor=self._style("cursor").bgcolor) if cursor else Style.null()
        segments = [Segment(text, base + self._style(tag) + over) for text, tag in cells]
        strip = Strip(segments, length(cells)) if plain(cells).isascii() else Strip(segments)
        return strip.crop_extend(left, left + columns, base + over)

    def _style(self, tag: str) -> Style:
        if not tag:
            return Style.null()
        style = self._styles.get(tag)
        if style is None:
            style = self.get_component_rich_style(f"lines--{tag}")
            self._styles[tag] = style
        return style


def at_column(cells: Line, column: int) -> int:
    """The index of the cell that covers this column, or -1."""
    start = 0
    for index, (text, _) in enumerate(cells):
        start += width(text)
        if column < start:
            return index
    return -1
