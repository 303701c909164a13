"""The split screen: one script on several protocols, side by side."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from playground.session.cells import Line, line, visible
from playground.session.compare import Row, SideBySide
from playground.session.errors import BadInput
from playground.session.session import Session
from playground.tui.actions import COMPARE, bindings
from playground.tui.command_line import CommandLine
from playground.tui.pages import help_page
from playground.tui.pick_screen import PickScreen
from playground.tui.story import paragraphs
from playground.tui.widgets.bars import Buttons, KeyBar, TwoEnds
from playground.tui.widgets.lane import LaneView
from playground.tui.widgets.prose import Prose

LEAST = 34
"""Columns that a lane needs; on a narrower screen the chosen lane is shown alone."""

SMALL = (60, 16)
TALL, TALLER = 32, 50
"""Rows from which diagrams are shown as well, and get as much room as the nodes."""


class Compare(Screen[None]):
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMPARE)]

    class Opened(Message):
        """A lane is to be played on by itself."""

        def __init__(self, title: str, session: Session) -> None:
            super().__init__()
            self.title = title
            self.session = session

    def __init__(self, side_by_side: SideBySide) -> None:
        super().__init__()
        self.side_by_side = side_by_side
        self.chosen = 0
        self._rows: list[Row] = []
        self._lanes = [
            LaneView(number, name, session)
            for number, (name, session) in enumerate(side_by_side.sessions.items(), start=1)
        ]

    def compose(self) -> ComposeResult:
        yield TwoEnds(id="title")
        with Horizontal(id="lanes"):
            yield from self._lanes
        with Container(id="told"):
            yield Prose(id="story", title="narration")
            yield Prose(id="differences", indent=2, title="where they differ")
        with Horizontal(id="command-row"):
            yield Static(":", id="colon")
            yield CommandLine(self._lanes[0].session)
        yield KeyBar(COMPARE)
        yield Prose(id="too-small")

    def on_mount(self) -> None:
        for pane in self.query("#diagram, #story, #differences"):
            pane.can_focus = False  # so that the keys are for all lanes
        self.sync()

    def on_resize(self, event: events.Resize) -> None:
        columns, rows = event.size
        small = columns < SMALL[0] or rows < SMALL[1]
        self.set_class(small, "-small")
        self.set_class(columns < LEAST * len(self._lanes), "-alone")
        self.set_class(rows >= TALL, "-tall")
        self.set_class(rows >= TALLER, "-taller")
        sentence = f"{columns}x{rows} is too small to compare in; {SMALL[0]}x{SMALL[1]} is enough."
        self.query_one("#too-small", Prose).say([line(sentence)])

    # ---- showing the present

    def sync(self) -> None:
        side_by_side = self.side_by_side
        turns = side_by_side.turns
        for index, lane in enumerate(self._lanes):
            lane.since = turns[-1].before[lane.title] if turns else 0
            lane.past = [row.views[lane.title].seating for row in self._rows[:-1]]
            lane.set_class(index == self.chosen, "-chosen")
            lane.sync(index == self.chosen)
        where = f"{side_by_side.done} of {side_by_side.total}"
        title = visible(side_by_side.comparison.title)
        self.query_one("#title", TwoEnds).tell(
            line((f" {title}", "strong"), (" · side by side", "dim")),
            line((f"step {where} ", "")),
        )
        story = self.query_one("#story", Prose)
        story.entitle(f"narration · {where}")
        story.say(self._story())
        self.query_one("#differences", Prose).say(self._differences())

    def _story(self) -> list[Line]:
        comparison = self.side_by_side.comparison
        if not self._rows:
            about = [line((visible(comparison.title), "strong")), *paragraphs(comparison.lesson)]
            seeds = ", ".join(map(visible, comparison.seeds))
            about += [line((f"From {seeds}.", "dim"))] if seeds else []
            return [*about, (), line(("space ", "key"), "begins.")]
        row = self._rows[-1]
        if not self.side_by_side.turns[-1].scripted:
            return [line(("in all lanes: ", "dim"), (visible(row.say), "code"))]
        told = paragraphs(row.say)
        if self.side_by_side.done == self.side_by_side.total:
            told += [line(("That was the whole script. ", "strong"), "Go on as you like.")]
        done = comparison.step[row.number - 1].do
        return told + [line(("did ", "dim"), (visible(each), "code")) for each in done]

    def _differences(self) -> list[Line]:
        if not self._rows:
            return [line(("Nothing has happened yet.", "dim"))]
        row = self._rows[-1]
        failed = [(name, e) for name, e in row.expectations if not e.ok]
        lines = [
            line(("✗ ", "bad"), f"{visible(name)}: {e.what} is {e.got}, expected {e.expected}")
            for name, e in failed
        ]
        if not row.differs:
            first = next(iter(row.views.values()))
            return [*lines, line(("They are alike: ", "strong"), visible(str(first)))]
        return lines + [
            line((f"{visible(name)}: ", "strong"), visible(str(view)))
            for name, view in row.views.items()
        ]

    # ---- what the user does

    def _advance(self, line: str | None = None) -> str | None:
        """The next step of the script, or this line in all lanes; returns what is wrong with it."""
        try:
            row = self.side_by_side.next() if line is None else self.side_by_side.say(line)
        except BadInput as error:
            return error.sentence
        self._rows.append(row)
        self.sync()
        return None

    def _act(self, line: str | None = None) -> None:
        if wrong := self._advance(line):
            self.notify(visible(wrong), severity="warning", markup=False)

    def action_next(self) -> None:
        self._act()

    def action_back(self) -> None:
        if self.side_by_side.back():
            self._rows.pop()
            self.sync()

    def action_step(self) -> None:
        self._act("step")

    def action_finish(self) -> None:
        self._act("finish")

    def action_choose(self, number: int) -> None:
        if number <= len(self._lanes):
            self.chosen = number - 1
            self.sync()

    def action_lane(self, by: int) -> None:
        self.chosen = (self.chosen + by) % len(self._lanes)
        self.sync()

    def action_open(self) -> None:
        """The chosen lane, as a session of its own."""
        lane = self._lanes[self.chosen]
        title = f"{self.side_by_side.comparison.title}: {lane.title}"
        self.post_message(self.Opened(title, self.side_by_side.copy(lane.title)))

    def action_command(self) -> None:
        self.query_one(CommandLine).open()

    def action_help(self) -> None:
        self.app.push_screen(PickScreen("help", help_page(COMPARE)), self._picked)

    def action_menu(self) -> None:
        self.app.call_later(self.app.run_action, "menu")

    def action_quit(self) -> None:
        self.app.exit(0)

    def _picked(self, action: str | None) -> None:
        if action:
            self.call_later(self.run_action, action)

    @on(Input.Submitted, "#command")
    def _typed(self, event: Input.Submitted) -> None:
        command = self.query_one(CommandLine)
        if not event.value.strip():
            command.close()
        elif wrong := self._advance(event.value):
            self.notify(visible(wrong), severity="warning", markup=False)
        else:
            command.done(event.value)

    @on(LaneView.Picked)
    def _clicked(self, event: LaneView.Picked) -> None:
        self.chosen = event.lane.number - 1
        self.sync()
        if event.twice:
            self.action_open()

    @on(Buttons.Pressed)
    async def _pressed(self, event: Buttons.Pressed) -> None:
        await self.run_action(event.action)
