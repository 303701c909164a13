"""A lane of the split screen: a session beside others, drawn as the same lines for each."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from playground.session.cells import Line, clip_line, visible, wrap
from playground.session.lane_view import lane_lines, lane_remark
from playground.session.seats import Seating
from playground.session.session import Session
from playground.tui.widgets.lines import Lines
from playground.tui.widgets.spacetime import SpaceTime


class LaneState(Lines, can_focus=False):
    """Lines that are wrapped if there is room for all of them, else cut off where the lane ends."""

    def __init__(self, title: str) -> None:
        super().__init__(id="state", title=title)
        self._whole: list[Line] = []

    def say(self, lines: list[Line]) -> None:
        self._whole = lines
        columns = max(self.columns, 8)
        wrapped = [part for cells in lines for part in wrap(cells, columns, 5)]
        clipped = [clip_line(cells, columns) for cells in lines]
        self.show(wrapped if len(wrapped) <= self.rows else clipped)

    def on_resize(self) -> None:
        self.say(self._whole)


class LaneView(Container):
    """Nodes and verdicts above, the diagram below."""

    class Picked(Message):
        """It was clicked; twice, if it is to be opened."""

        def __init__(self, lane: LaneView, twice: bool) -> None:
            super().__init__()
            self.lane = lane
            self.twice = twice

    def __init__(self, number: int, name: str, session: Session) -> None:
        super().__init__(id=f"lane-{number}", classes="lane")
        self.number = number
        self.title = name
        self.session = session
        self.since = 0
        self.past: list[Seating] = []

    def compose(self) -> ComposeResult:
        yield LaneState(self._heading(False))
        yield SpaceTime(self.session)

    def _heading(self, chosen: bool) -> str:
        protocol = self.session.protocol.name
        return f"{'▶ ' if chosen else ''}{self.number} {visible(self.title)} · {protocol}"

    def sync(self, chosen: bool) -> None:
        """Show the present; what has changed since the step `since` is marked.
        `past` tells who was served earlier."""
        state = self.session.state
        before = self.session.history.at(min(self.since, state.step))
        pane = self.query_one(LaneState)
        pane.say(lane_lines(self.session, before, self.past))
        more = " · ↓ more" if pane.count() > pane.rows else ""
        pane.entitle(self._heading(chosen), f"{visible(lane_remark(self.session))}{more}")
        diagram = self.query_one(SpaceTime)
        diagram.follow()
        diagram.entitle("space-time", f"{state.step} of {diagram.count()}")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Picked(self, event.chain > 1))
