"""The space-time diagram: a lane per node, a row per step."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from playground.session.causality import Order
from playground.session.cells import Line, clip_line
from playground.session.diagram import Chronicle, Lanes, diagram_line
from playground.session.session import Session
from playground.tui.widgets.lines import Lines


class SpaceTime(Lines):
    """Every step of this line, also those that were undone.  While the keys go here, the causes and
    the consequences of the chosen one are marked.  `enter` travels to it."""

    CURSOR: ClassVar[bool] = True
    HEADED: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "travel", "go to this step", show=False),
    ]

    class Travel(Message):
        """The user wants to be at this step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, session: Session) -> None:
        super().__init__(id="diagram", title="space-time")
        self._session = session
        self.chronicle = Chronicle(session)
        self.clocks = False
        self._orders: dict[int, Order] = {}
        self._pointing = False

    @property
    def lanes(self) -> Lanes:
        return Lanes.fit(self._session.world.rules.pids, self.columns)

    @property
    def step(self) -> int:
        """The step on the highlighted row; 0 if there is none."""
        return self.cursor + 1 if self.count() else 0

    def follow(self) -> None:
        """Call this after the session has moved: shows the present."""
        self._pointing = False
        self.place(self._session.state.step - 1)
        self.sync()
        self.reveal(self.cursor)

    def point(self, step: int) -> None:
        """Show this step, its causes and what it caused, until the session moves."""
        self._pointing = True
        self.place(step - 1)
        self.reveal(self.cursor)
        self.sync()

    @property
    def _telling(self) -> bool:
        """Is the chosen step marked, with those that it depends on?"""
        return self.has_focus or self._pointing

    def head(self) -> Line:
        return self.lanes.head()

    def count(self) -> int:
        return len(self.chronicle)

    def line(self, index: int) -> Line:
        step, now = index + 1, self._session.state.step
        clock = self.chronicle.clock(step) if self.clocks else None
        order = self._orders.get(step, "none")
        row = diagram_line(self.lanes, self.chronicle[step], now, order, clock)
        return clip_line(row, self.measure())

    def _mark(self) -> None:
        """Find out how the steps in sight stand to the highlighted one."""
        self._orders = {}
        if self._telling and self.step:
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
            self.cursor = other - 1
        return other is not None

    def measure(self) -> int:
        return max(self.columns, self.lanes.columns + self.columns // 3)

    def highlighted(self, index: int) -> bool:
        """The present is marked anyway, so the cursor shows only where the keys are."""
        return self._telling and super().highlighted(index)

    def action_travel(self) -> None:
        self.post_message(self.Travel(self.step))
