"""The lecture: nodes, diagram and narration alone, large, and driven by a presenter's keys.

On a large screen the heading and the narration are drawn in large letters.  On a small one, where
the terminal's own are large, the panes of nodes that have nothing to say shrink.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from playground.session import commands as c
from playground.session.cells import Line, line, visible, wrap
from playground.session.errors import BadInput
from playground.session.scenario import Question
from playground.session.view import NodeViews, happened, node_view, property_rows, quick_words
from playground.tui.actions import LECTURE, bindings
from playground.tui.game import Game
from playground.tui.pages import help_page, verdict_page
from playground.tui.pick_screen import PickScreen
from playground.tui.story import Story
from playground.tui.widgets.bars import Buttons, PropertyBar
from playground.tui.widgets.narration import Heading, Narration, Told
from playground.tui.widgets.nodes import Nodes
from playground.tui.widgets.prose import Prose
from playground.tui.widgets.spacetime import SpaceTime

PACES = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Of reading, as multiples of the usual one."""

READ, LEAST = 0.4, 4.0
"""Seconds that a word takes an audience, and that each step stays at least."""

BAR = "▇"

DIAGRAM, LEAST_DIAGRAM, NOTES = 8, 4, 8
"""Rows that the diagram should have, those that it has at least, and those that notes may have."""


class Lecture(Screen[None]):
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LECTURE)]

    def __init__(self, game: Game, story: Story) -> None:
        super().__init__()
        self.game = game
        self.story = story
        self.votes: Counter[int] = Counter()
        self._pace = PACES.index(1.0)
        self._auto: Timer | None = None
        self._since = game.session.state.step
        self._notes = False
        self._large = True
        self._views = NodeViews()

    def compose(self) -> ComposeResult:
        session = self.game.session
        yield Heading()
        pids = session.world.rules.pids
        yield Nodes([node_view(pid, None, session.state) for pid in pids])
        yield SpaceTime(session)
        yield Narration()
        yield Prose(id="notes-pane", title="notes")
        yield PropertyBar()

    def on_mount(self) -> None:
        for pane in self.query("#diagram, #nodes, Prose"):
            pane.can_focus = False  # so that all keys are the presenter's
        self.sync()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """The narration comes first, then a little of the diagram, then the nodes."""
        size = columns, rows = self.app.size
        heading = Heading.needs(columns, rows, self._large)
        noted = len(wrap(self._noted(), columns - 4)) + 2
        notes = min(noted, NOTES) if self._notes else 0
        rest = rows - heading - 1 - notes
        nodes, narration = self.query_one(Nodes), self.query_one(Narration)
        least = nodes.fit(columns, rows // 6)
        said = narration.tell(self.told(), size, rest - DIAGRAM - least, self._large)
        panes = nodes.fit(columns, max(min(rest - DIAGRAM - said, rows * 3 // 10), least))
        most = max(rest - LEAST_DIAGRAM - panes, rows // 3)
        _height(self.query_one(Heading), heading)
        _height(nodes, panes)
        _height(narration, min(said, most))
        _height(self.query_one("#notes-pane"), notes)
        self.query_one(SpaceTime).display = rest - panes - min(said, most) >= LEAST_DIAGRAM

    # ---- showing the present

    def sync(self) -> None:
        session = self.game.session
        state = session.state
        first = min(self._since, state.step)
        self.query_one(Nodes).show(*self._views.of(session, session.history.at(first)))
        self.query_one(SpaceTime).follow()
        bar = self.query_one(PropertyBar)
        bar.tell(
            property_rows(session, dict(quick_words(state, session.properties))), session.outside()
        )
        bar.set_class(bool(bar.violated), "-broken")
        self.say()

    def say(self) -> None:
        """Heading, narration and notes."""
        playback = self.game.playback
        place = f"step {self.game.session.state.step}"
        if playback is not None and playback.total:
            place = f"{playback.done} of {playback.total}"
        by_itself = "▶ by itself" if self._auto else ""
        self.query_one(Heading).tell(visible(self.game.title), place, by_itself)
        self.set_class(self._notes, "-notes")
        self.query_one("#notes-pane", Prose).say([self._noted()])
        self._arrange()
        self._point()

    def _noted(self) -> Line:
        """What the scenario notes for the lecturer at the present step."""
        playback = self.game.playback
        done = playback.done if playback is not None else 0
        notes = playback.scenario.step[done - 1].notes if playback is not None and done else ""
        return line(visible(notes) or "no notes")

    def _point(self) -> None:
        """In the diagram to the step that shows the answer."""
        proof = self.story.proof
        if proof is not None:
            self.query_one(SpaceTime).point(proof)

    def told(self) -> Told:
        """What is told; a question with the votes so far."""
        if self.game.playback is None or not self.game.playback.total:
            last = self.game.session.last()
            if last is None:
                return Told(self.story.lines())
            return Told([line((visible(last.command), "code")), line(visible(happened(last)))])
        question = self.story.question
        if question is None:
            return Told(self.story.told())
        asked = line(("? ", "now"), (visible(question.question), "strong"))
        return Told(self.story.told(), asked, self._choices(question))

    def _choices(self, question: Question) -> list[Line]:
        lines: list[Line] = []
        for number, choice in enumerate(question.choices, start=1):
            right = self.story.answered and choice == question.answer
            mark = ("✓", "good") if right else (f"{number}", "key")
            votes = self.votes[number]
            tally = (f"  {BAR * votes} {votes}", "now") if votes else ""
            lines.append(line("  ", mark, "  ", (visible(choice), "good" if right else ""), tally))
        return lines

    # ---- what the presenter does

    def action_forward(self) -> None:
        """The answer to an open question, or else the next step."""
        if self.has_class("-blank"):
            self.action_blank()
            return
        if self.story.reveal():
            self.say()
            return
        game = self.game
        since = game.session.state.step
        try:
            if game.scripted:
                self.story.heard(game.next())
            elif game.playback is None or not game.playback.total:
                game.session.do(c.Step())
            else:
                self._stop()
                return
        except BadInput as error:
            self._stop()
            self.notify(visible(str(error)), severity="warning", markup=False)
            return
        self._since = since
        self.votes.clear()
        self.sync()

    def action_back(self) -> None:
        """To where the present step of the script began."""
        game = self.game
        if not game.session.state.step:
            return
        before = game.playback.before if game.playback is not None else -1
        game.undo_to(before if before >= 0 else game.session.state.step - 1)
        self._since = max(game.session.state.step - 1, 0)
        self.votes.clear()
        self.sync()

    def action_vote(self, number: int) -> None:
        question = self.story.question
        if question is not None and number <= len(question.choices):
            self.votes[number] += 1
            self.say()

    def action_large(self) -> None:
        """Large letters, or the terminal's own."""
        self._large = not self._large
        self.say()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.query_one(Narration).text)
        self.notify("copied: what is told", markup=False)

    def action_properties(self) -> None:
        session = self.game.session
        self.app.push_screen(PickScreen("verdicts", verdict_page(session, session.verdicts())))

    def on_click(self, event: events.Click) -> None:
        """As a presenter's mouse does: on, and back by the other button."""
        if event.button == 3:
            self.action_back()
        elif event.button == 1:
            self.action_forward()

    @on(Buttons.Pressed)
    async def _pressed(self, event: Buttons.Pressed) -> None:
        await self.run_action(event.action)

    def action_blank(self) -> None:
        """Nothing but the background, till the next key."""
        self.toggle_class("-blank")

    def action_notes(self) -> None:
        self._notes = not self._notes
        self.say()

    def action_auto(self) -> None:
        """By itself, each step for as long as it takes to read it."""
        if self._auto is None:
            self._wait()
        else:
            self._stop()
        self.say()

    def action_pace(self, by: int) -> None:
        self._pace = max(0, min(len(PACES) - 1, self._pace + by))
        self.notify(f"reading at {PACES[self._pace]:g} times the usual pace", markup=False)

    def action_help(self) -> None:
        self.app.push_screen(PickScreen("help", help_page(LECTURE)))

    def action_leave(self) -> None:
        self._stop()
        self.dismiss()

    def action_quit(self) -> None:
        self.app.exit(0)

    @property
    def seconds(self) -> float:
        """How long the present step stays when it goes by itself."""
        words = len(self.query_one(Narration).text.split())
        return max(LEAST, READ * words) / PACES[self._pace]

    def _wait(self) -> None:
        self._auto = self.set_timer(self.seconds, self._go_on)

    def _go_on(self) -> None:
        self._auto = None
        if not self.has_class("-blank"):  # whoever blanks the screen wants to talk
            self.action_forward()
        if self.game.scripted or self.story.open:
            self._wait()
        self.say()

    def _stop(self) -> None:
        if self._auto is not None:
            self._auto.stop()
            self._auto = None


def _height(widget: Widget, rows: int) -> None:
    """Only if it is another one, as it asks for layout."""
    if widget.styles.height is None or widget.styles.height.value != rows:
        widget.styles.height = rows
