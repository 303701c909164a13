"""A widget that draws lines of cells, and redraws only those that changed.

Four things keep a step to one short frame (benchmarks/ measures it): nothing asks for layout,
equal lines are equal Strip objects, only changed lines are refreshed, and which they are is found
out once a step, however much was told.  So it has no border, padding or scrollbars of
Textual's: it draws its own frame, with a title that may change at each step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from playground.session.cells import TAGS, Line, clip, line, visible, width
from playground.tui.widgets.scrolling import Scrolling

CACHED = 4096

LOOKS = {f"lines--{tag}" for tag in TAGS}
"""Component classes of the app, as each widget would need a moment for those of its own."""


@dataclass(slots=True, eq=False)
class _Row:
    """A row of the widget; an edge has no frame at its sides.  `strip` is how it is drawn, once it
    was."""

    cells: Line
    cursor: bool = False
    edge: bool = False
    strip: Strip | None = None

    def like(self, other: _Row) -> bool:
        same = self.cells is other.cells or self.cells == other.cells
        return same and self.cursor == other.cursor and self.edge == other.edge


class Lines(Scrolling):
    """Draws `count()` lines, each `line(i)` when it is in sight; or those given to `show`."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor"}
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
        self._looks: dict[tuple[str, bool], Style] = {}
        self._known: dict[int, Line] = {}  # lines that were asked for since the last change
        self._wanted: list[_Row] = []  # as they should be on the screen, unless that is stale
        self._seen: object = ()  # from where: if that changes, all of them do
        self._room = Size()
        self._drawn: tuple[object, list[_Row]] = ((), [])  # the view and the rows that are there
        self._stale = True
        self.hidden = True

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
            self.changed()

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
        self.changed()

    def scrolled(self) -> None:
        self.changed()

    def sync(self) -> None:
        """Call this after the lines have changed: those in sight that did are drawn anew."""
        self._known.clear()
        if self.hidden:
            return
        count = self.count()
        size = Size(self.measure(), count + self.below + self.outer_size.height - self.rows)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)  # without asking for layout
        if self.cursor >= count:
            self.set_reactive(Scrolling.cursor, max(count - 1, 0))
        if self.scroll_offset.y > self.max_scroll_y:
            self.jump(self.max_scroll_y)
        self.changed()

    def changed(self) -> None:
        """Some of the rows may differ from what is on the screen."""
        self._stale = True
        if not self.hidden:  # else a refresh would make the compositor look for it
            self.check_idle()

    def on_idle(self) -> None:
        """All has been told: redraw what differs."""
        if self.hidden:
            return
        rows, (drawn, old) = self._now(), self._drawn
        self._drawn = self._seen, rows
        if self._seen != drawn:
            self.refresh()
        elif rows is not old:
            pairs = enumerate(zip(old, rows, strict=True))
            if differ := [y for y, (was, now) in pairs if was is not now]:
                self.refresh(*(Region(0, y, self.outer_size.width, 1) for y in differ))

    def _now(self) -> list[_Row]:
        """Every row as it should be; those that did not change are the same objects as before."""
        if not self._stale and self._room == self.outer_size:
            return self._wanted
        self._room, self._stale = self.outer_size, False
        view = self.scroll_x, self._room, self.has_focus
        if view != self._seen:
            self._seen, self._wanted = view, list(self._picture())
        else:
            pairs = zip(self._wanted, self._picture(), strict=True)
            self._wanted = [was if was.like(now) else now for was, now in pairs]
        return self._wanted

    def _picture(self) -> Iterator[_Row]:
        if self.framed:
            yield _Row(self.edge(upper=True), edge=True)
        if self.HEADED:
            yield _Row(self.head())
        top = self.scroll_offset.y
        for index in range(top, top + self.rows):
            yield _Row(self._line(index), self.highlighted(index))
        if self.framed:
            yield _Row(self.edge(upper=False), edge=True)

    def _line(self, index: int) -> Line:
        known = self._known.get(index)
        if known is None:
            known = self.line(index) if 0 <= index < self.count() else ()
            self._known[index] = known
        return known

    def edge(self, upper: bool) -> Line:
        """A side of the frame."""
        room = self.columns
        text = self._title if upper else self._remark
        text = clip(f" {text} ", room) if text else ""
        rule = "─" * (room - width(text))
        tag = "focus" if self.has_focus else "frame"
        if upper:
            return line(("╭─", tag), (text, "title"), (f"{rule}─╮", tag))
        return line((f"╰─{rule}", tag), (text, "dim"), ("─╯", tag))

    def on_show(self) -> None:
        self.hidden = False
        self.sync()
        self._reveal_cursor()

    def on_hide(self) -> None:
        self.hidden = True

    def on_resize(self) -> None:
        self.sync()
        self._reveal_cursor()

    def _reveal_cursor(self) -> None:
        if self.CURSOR:
            self.reveal(self.cursor)

    def on_focus(self) -> None:
        self.changed()

    def on_blur(self) -> None:
        self.changed()

    # ---- drawing

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._looks.clear()
        self._seen, self._stale = (), True
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        return self.render_lines(Region(0, y, self.outer_size.width, 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Overridden, since Textual's own cache makes new Strips of equal lines."""
        rows = self._now()
        strips = [rows[y].strip or self._strip(rows[y]) for y in crop.line_range]
        if crop.column_span != (0, self.outer_size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _strip(self, row: _Row) -> Strip:
        key = row.cells, row.cursor, row.edge, self._seen
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= CACHED:
                self._strips.clear()
            strip = self._strips[key] = self._draw(row)
        row.strip = strip
        return strip

    def _draw(self, row: _Row) -> Strip:
        strip = Strip([Segment(visible(t), self._look(tag, row.cursor)) for t, tag in row.cells])
        if row.edge:
            return strip
        left, ground = self.scroll_offset.x, self._look("", row.cursor)
        if not self.framed:
            return strip.crop_extend(left, left + self.outer_size.width, ground)
        side = self._look("focus" if self.has_focus else "frame", False)
        inner = strip.crop_extend(left, left + self.columns, ground)
        return Strip([Segment("│ ", side), *inner, Segment(" │", side)])

    def _look(self, tag: str, cursor: bool) -> Style:
        """How a tag looks on this terminal, on the line with the cursor or on another one."""
        look = self._looks.get((tag, cursor))
        if look is None:
            look, ground = self.rich_style, self.background_colors[1]
            if tag:
                styles = self.app.get_component_styles(f"lines--{tag}")
                if styles.has_rule("background"):
                    ground += styles.background
                if styles.has_rule("color"):
                    look += Style.from_color((ground + styles.color).rich_color, ground.rich_color)
                look += styles.text_style
            if cursor:
                over = self.get_component_rich_style("lines--cursor")
                look += Style(bgcolor=over.bgcolor)
            for line_filter in self.get_line_filters():  # NO_COLOR, ANSI colours
                [segment] = line_filter.apply([Segment(" ", look)], self.background_colors[1])
                look = segment.style or look
            self._looks[tag, cursor] = look
        return look
