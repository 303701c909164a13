"""A widget that draws lines of cells, and redraws only those that changed.

Three things keep a step to one frame (benchmarks/ measures it): nothing asks for layout, equal
lines are equal Strip objects, and only changed lines are refreshed.  So it has no border, padding
or scrollbars of Textual's: it draws its own frame, with a title that may change at each step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from playground.session.cells import TAGS, Line, clip, line, visible, width
from playground.tui.widgets.scrolling import Scrolling

CACHED = 4096


class _Row(NamedTuple):
    """A row of the widget; an edge has no frame at its sides."""

    cells: Line
    cursor: bool = False
    edge: bool = False


class Lines(Scrolling):
    """Draws `count()` lines, each `line(i)` when it is in sight; or those given to `show`."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", *(f"lines--{tag}" for tag in TAGS)}
    HEADED: ClassVar[bool] = False
    """Is there a line above the others that does not scroll?"""

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, title: str | None = None
    ) -> None:
        """With a title it has a frame."""
        super().__init__(id=id, classes=classes)
        self.framed = title is not None
        self._title = title or ""
        self._remark = ""
        self._lines: Sequence[Line] = ()
        self._strips: dict[object, Strip] = {}
        self._styles: dict[str, Style] = {}
        self._base = Style.null()
        self._known: dict[int, Line] = {}  # lines that were asked for since the last change
        self._drawn: tuple[object, list[_Row]] = ((), [])  # what is on the screen
        self._hidden = True

    # ---- what to draw

    def count(self) -> int:
        return len(self._lines)

    def line(self, index: int) -> Line:
        return self._lines[index]

    def head(self) -> Line:
        """A line above the others that does not scroll, if HEADED."""
        return ()

    def measure(self) -> int:
        """Columns of the widest line that scrolling may reach."""
        return self.columns

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these from now on."""
        self._lines = lines
        self.sync()

    def entitle(self, title: str, remark: str = "") -> None:
        """What stands in the upper edge of the frame, and in the lower one."""
        if (title, remark) != (self._title, self._remark):
            self._title, self._remark = title, remark
            self._refresh_changed()

    @property
    def columns(self) -> int:
        """What a line may take."""
        return max(self.outer_size.width - (4 if self.framed else 0), 0)

    @property
    def rows(self) -> int:
        """How many lines are in sight."""
        return max(self.outer_size.height - self._above - (1 if self.framed else 0), 0)

    @property
    def _above(self) -> int:
        return self.framed + self.HEADED

    @property
    def corner(self) -> tuple[int, int]:
        return 2 * self.framed, self._above

    def moved(self) -> None:
        self._known.clear()  # a line may say that it is highlighted
        self._refresh_changed()

    def scrolled(self) -> None:
        self._refresh_changed()

    def sync(self) -> None:
        """Call this after the lines have changed: redraws those in sight that did."""
        self._known.clear()
        if self._hidden:
            return
        count = self.count()
        size = Size(self.measure(), count + self.outer_size.height - self.rows)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)  # without asking for layout
        if self.cursor >= count:
            self.set_reactive(Scrolling.cursor, max(count - 1, 0))
        if self.scroll_offset.y > self.max_scroll_y:
            self.jump(self.max_scroll_y)
        self._refresh_changed()

    def _refresh_changed(self) -> None:
        if self._hidden:  # a refresh would make the compositor look for it
            return
        size = self.outer_size
        before, old = self._drawn
        self._drawn = ((), [])
        seen = self._now()
        frame, _ = self._drawn
        if frame != before:
            self.refresh()
        else:
            for y, (was, now) in enumerate(zip(old, seen, strict=True)):
                if was != now:
                    self.refresh(Region(0, y, size.width, 1))

    def _now(self) -> list[_Row]:
        """Every row as it is drawn now."""
        frame = (self.scroll_offset, self.outer_size, self.cursor, self.has_focus)
        before, seen = self._drawn
        if frame != before:
            seen = list(self._picture())
            self._drawn = frame, seen
        return seen

    def _picture(self) -> Iterator[_Row]:
        if self.framed:
            yield _Row(self._edge(upper=True), edge=True)
        if self.HEADED:
            yield _Row(self.head())
        top = self.scroll_offset.y
        for index in range(top, top + self.rows):
            yield _Row(self._line(index), self.highlighted(index))
        if self.framed:
            yield _Row(self._edge(upper=False), edge=True)

    def _line(self, index: int) -> Line:
        known = self._known.get(index)
        if known is None:
            known = self.line(index) if 0 <= index < self.count() else ()
            self._known[index] = known
        return known

    def _edge(self, upper: bool) -> Line:
        room = self.columns
        text = self._title if upper else self._remark
        text = clip(f" {text} ", room) if text else ""
        rule = "─" * (room - width(text))
        tag = "focus" if self.has_focus else "frame"
        if upper:
            return line(("╭─", tag), (text, "title"), (f"{rule}─╮", tag))
        return line((f"╰─{rule}", tag), (text, "dim"), ("─╯", tag))

    def on_show(self) -> None:
        self._hidden = False
        self.sync()
        self.reveal(self.cursor)

    def on_hide(self) -> None:
        self._hidden = True

    def on_resize(self) -> None:
        self.sync()
        self.reveal(self.cursor)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # ---- drawing

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._styles.clear()
        self._base = Style.null()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        return self.render_lines(Region(0, y, self.outer_size.width, 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Overridden, since Textual's own cache makes new Strips of equal lines."""
        rows = self._now()
        view = self.has_focus, self.scroll_offset.x, self.outer_size.width
        strips = [self._strip(rows[y], view) for y in crop.line_range]
        if crop.column_span != (0, self.outer_size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _strip(self, row: _Row, view: tuple[bool, int, int]) -> Strip:
        key = row, view
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= CACHED:
                self._strips.clear()
            strip = self._draw(row)
            for line_filter in self.get_line_filters():  # NO_COLOR, ANSI colours
                strip = strip.apply_filter(line_filter, self.background_colors[1])
            self._strips[key] = strip
        return strip

    def _draw(self, row: _Row) -> Strip:
        over = Style(bgcolor=self._style("cursor").bgcolor) if row.cursor else Style.null()
        if self._base.bgcolor is None:
            self._base = self.rich_style  # which is made anew each time
        base = self._base
        segments = [Segment(visible(t), base + self._style(tag) + over) for t, tag in row.cells]
        strip = Strip(segments)
        left = self.scroll_offset.x
        if not self.framed:
            return strip.crop_extend(left, left + self.outer_size.width, base + over)
        if row.edge:
            return strip
        side = base + self._style("focus" if self.has_focus else "frame")
        inner = strip.crop_extend(left, left + self.columns, base + over)
        return Strip([Segment("│ ", side), *inner, Segment(" │", side)])

    def _style(self, tag: str) -> Style:
        if not tag:
            return Style.null()
        style = self._styles.get(tag)
        if style is None:
            style = self._styles[tag] = self.get_component_rich_style(f"lines--{tag}")
        return style
