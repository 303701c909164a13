"""The space-time diagram: a lane per node, a row per step."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from playground.session.causality import Order
from playground.session.cells import Line, clip_line, line, width
from playground.session.diagram import Chronicle, Lanes, Moment, diagram_line
from playground.session.overview import (
    ZOOMS,
    Landmark,
    Span,
    Survey,
    overview_line,
    span_lines,
    step_at,
    time_bar,
)
from playground.session.preview import told_lines
from playground.session.session import Session
from playground.tui.widgets.lines import Lines

KEPT = 1_000
"""How many drawn rows are kept at hand."""


class SpaceTime(Lines):
    """Every step of this line, also those that were undone.  While the keys go here, the causes and
    the consequences of the chosen one are marked.  `enter` travels to it.  From further away a row
    stands for many steps; the lower edge stands for all of them."""

    CURSOR: ClassVar[bool] = True
    HEADED: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "travel", "go to this step", show=False),
        Binding("left", "slide(-1)", "back in time", show=False),
        Binding("right", "slide(1)", "forward in time", show=False),
        Binding("ctrl+left,shift+left", "scroll_left", "lanes to the left", show=False),
        Binding("ctrl+right,shift+right", "scroll_right", "lanes to the right", show=False),
    ]

    class Travel(Message):
        """The user wants to be at this step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Zoomed(Message):
        """The diagram is seen from further away now, or from nearer."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="diagram", title="space-time")
        self._session = session
        self.chronicle = Chronicle(session)
        self.survey = Survey(session)
        self.clocks = False
        self.size_of_row = 1
        self._exact = 0  # the step that is chosen among those of its row
        self._orders: dict[int, Order] = {}
        self._pointing = False
        self._fit = (0, 0), Lanes.fit(session.world.rules.pids, 80)
        self._told: dict[int, tuple[Moment, object, Line]] = {}

    @property
    def lanes(self) -> Lanes:
        columns, last = self.columns, len(self.chronicle)
        if self._fit[0] != (columns, len(str(last))):
            lanes = Lanes.fit(self._session.world.rules.pids, columns, last)
            self._fit = (columns, len(str(last))), lanes
        return self._fit[1]

    @property
    def step(self) -> int:
        """The chosen step, on the highlighted row; 0 if there is none.  Of a row of many it is the
        last, unless one of them was gone to."""
        if not self.count():
            return 0
        first = self.cursor * self.size_of_row + 1
        last = min(first + self.size_of_row - 1, len(self.chronicle))
        return self._exact if first <= self._exact <= last else last

    def choose(self, step: int) -> None:
        """Highlight the row of this step."""
        self._exact = step
        self.cursor = max((step - 1) // self.size_of_row, 0)

    def follow(self) -> None:
        """Call this after the session has moved: shows the present."""
        self._pointing = False
        self._put(self._session.state.step)
        self.sync()
        self.reveal(self.cursor)

    def point(self, step: int) -> None:
        """Show this step, its causes and what it caused, until the session moves."""
        self._pointing = True
        self._put(step)
        self.reveal(self.cursor)
        self.sync()

    def _put(self, step: int) -> None:
        """Highlight the row of this step, without telling anybody."""
        self._exact = step
        self.place((step - 1) // self.size_of_row)

    @property
    def _telling(self) -> bool:
        """Is the chosen step marked, with those that it depends on?"""
        return self.has_focus or self._pointing

    def zoom(self, by: int) -> bool:
        """More steps in a row, or fewer; False if that can't be."""
        index = ZOOMS.index(self.size_of_row) + by
        enough = index <= 0 or (ZOOMS[index - 1 :] and ZOOMS[index - 1] < len(self.chronicle))
        if not (0 <= index < len(ZOOMS) and enough):
            return False
        step, self.size_of_row = self.step, ZOOMS[index]
        self._put(step)
        self.sync()
        self.jump(self.cursor - self.rows // 2)
        self.post_message(self.Zoomed())
        return True

    def told(self) -> tuple[str, list[Line]]:
        """What the highlighted row is about: a title, and what there is to say."""
        if self.size_of_row == 1:
            return f"step {self.step}", told_lines(self.chronicle[self.step].event)
        span = self._span(self.cursor)
        return f"steps {span.first} to {span.last}", span_lines(span, self.lanes.pids)

    def _span(self, index: int) -> Span:
        first = index * self.size_of_row + 1
        return self.survey.span(first, min(first + self.size_of_row - 1, len(self.chronicle)))

    def head(self) -> Line:
        head = self.lanes.head()
        if self.size_of_row == 1:
            return head
        scale = f"×{self.size_of_row}".rjust(self.lanes.digits + 1).ljust(self.lanes.left)
        return line((scale, "now"), *head[1:])

    def count(self) -> int:
        return -(-len(self.chronicle) // self.size_of_row)

    def line(self, index: int) -> Line:
        now = self._session.state.step
        if self.size_of_row > 1:
            row = overview_line(self.lanes, self._span(index), self.size_of_row, now)
            return clip_line(row, self.measure())
        step = index + 1
        clock = self.chronicle.clock(step) if self.clocks else None
        order = self._orders.get(step, "none")
        moment = self.chronicle[step]
        seen = self.lanes, self.measure(), (step > now) - (step < now), order, clock
        known = self._told.get(step)
        if known is None or known[0] is not moment or known[1] != seen:
            row = clip_line(diagram_line(self.lanes, moment, now, order, clock), self.measure())
            if len(self._told) >= KEPT:
                self._told.clear()
            known = self._told[step] = moment, seen, row
        return known[2]

    def _mark(self) -> None:
        """Find out how the steps in sight stand to the highlighted one."""
        self._orders = {}
        if self._telling and self.step and self.size_of_row == 1:
            first = self.scroll_offset.y + 1
            last = min(self.scroll_offset.y + self.rows, self.count())
            if first <= self.step <= last:
                self._orders = self.chronicle.orders(self.step, range(first, last + 1))

    def sync(self) -> None:
        self._mark()
        super().sync()

    def moved(self) -> None:
        self._mark()
        super().moved()

    def scrolled(self) -> None:
        self._mark()
        self._known.clear()
        super().scrolled()

    def on_focus(self) -> None:
        self.sync()
        super().on_focus()

    def on_blur(self) -> None:
        self.sync()
        super().on_blur()

    def along(self, by: int) -> bool:
        """Move along the arrow of the highlighted step, to where it comes from or goes to; False if
        there is none."""
        other = self.chronicle.along(self.step, by) if self.step else None
        if other is not None:
            self.choose(other)
        return other is not None

    def to_landmark(self, by: int) -> Landmark | None:
        """To the next step that one may look for, or the one before; None if there is none."""
        marks = self.survey.landmarks()
        ahead = [m for m in marks if m.step > self.step] if by > 0 else []
        behind = [m for m in marks if 0 < m.step < self.step] if by < 0 else []
        found = next(iter(ahead or behind[::-1]), None)
        if found is not None:
            self.choose(found.step)
        return found

    @property
    def below(self) -> int:
        """So that a run that goes on scrolls now and then, and not at each step."""
        return self.rows // 4

    def measure(self) -> int:
        return max(self.columns, self.lanes.columns + self.columns // 3)

    def highlighted(self, index: int) -> bool:
        """The present is marked anyway, so the cursor shows only where the keys are."""
        return self._telling and super().highlighted(index)

    def action_travel(self) -> None:
        self.post_message(self.Travel(self.step))

    def action_slide(self, by: int) -> None:
        """Back or forward in time, by as many steps as a row has."""
        now, size = self._session.state.step, self.size_of_row
        self.post_message(self.Travel(max(0, min(now + by * size, len(self.chronicle)))))

    # ---- the lower edge is a bar of the whole run

    @property
    def _bar(self) -> int:
        """Its columns; beside it stands where we are."""
        return max(self.columns - width(self._remark) - 2 * bool(self._remark), 0)

    def edge(self, upper: bool) -> Line:
        if upper:
            return super().edge(upper)
        tag = "focus" if self.has_focus else "frame"
        chosen = self.step if self._telling else self._session.state.step
        bar = time_bar(self.survey, self._session.state.step, chosen, self._bar)
        return line(
            ("╰─", tag), *bar, (f" {self._remark} " if self._remark else "", "dim"), ("─╯", tag)
        )

    def on_click(self, event: events.Click) -> None:
        if event.y < self.outer_size.height - 1:
            super().on_click(event)
        elif 0 <= (column := event.x - 2) < self._bar:
            event.stop()
            self.post_message(self.Travel(step_at(column, len(self.chronicle), self._bar)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        if event.ctrl:
            event.prevent_default()
            self.zoom(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        if event.ctrl:
            event.prevent_default()
            self.zoom(-1)
