"""The space-time diagram: a lane per node, a row per step."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from playground.session.cells import Line, clip_line
from playground.session.diagram import Chronicle, Lanes, diagram_line
from playground.session.session import Session
from playground.tui.widgets.lines import Lines


class SpaceTime(Lines):
    """Every step of this line, also those that were undone.  `enter` travels to the chosen one."""

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

    @property
    def lanes(self) -> Lanes:
        return Lanes.fit(self._session.world.rules.pids, self.columns)

    @property
    def step(self) -> int:
        """The step on the highlighted row; 0 if there is none."""
        return self.cursor + 1 if self.count() else 0

    def follow(self) -> None:
        """Call this after the session has moved: shows the present."""
        self.place(self._session.state.step - 1)
        self.sync()
        self.reveal(self.cursor)

    def head(self) -> Line:
        return self.lanes.head()

    def count(self) -> int:
        return len(self.chronicle)

    def line(self, index: int) -> Line:
        row = diagram_line(self.lanes, self.chronicle[index + 1], self._session.state.step)
        return clip_line(row, self.measure())

    def measure(self) -> int:
        return max(self.columns, self.lanes.columns + self.columns // 3)

    def highlighted(self, index: int) -> bool:
        """The present is marked anyway, so the cursor shows only where the keys are."""
        return self.has_focus and super().highlighted(index)

    def action_travel(self) -> None:
        self.post_message(self.Travel(self.step))
