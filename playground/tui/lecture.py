"""The lecture: nodes, diagram and narration alone, large, and driven by a presenter's keys.

What can be read from the last row is a matter of the terminal's font, so all of it fits 80x24: with
a font that large the panes of nodes that have nothing to say shrink, and never the narration.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer

from playground.session import commands as c
from playground.session.cells import Line, line, plain, visible
from playground.session.errors import BadInput
from playground.session.scenario import Question
from playground.session.view import happened, node_view, node_views, property_rows, quick_words
from playground.tui.actions import LECTURE, bindings
from playground.tui.game import Game
from playground.tui.pages import help_page
from playground.tui.pick_screen import PickScreen
from playground.tui.story import Story
from playground.tui.widgets.bars import PropertyBar, TwoEnds
from playground.tui.widgets.nodes import Nodes
from playground.tui.widgets.prose import Prose
from playground.tui.widgets.spacetime import SpaceTime

PACES = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Of reading, as multiples of the usual one."""

READ, LEAST = 0.4, 4.0
"""Seconds that a word takes an audience, and that each step stays at least."""

BAR = "▇"


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

    def compose(self) -> ComposeResult:
        session = self.game.session
        yield TwoEnds(id="title")
        pids = session.world.rules.pids
        yield Nodes([node_view(pid, None, session.state) for pid in pids])
        yield SpaceTime(session)
        with Container(id="said"):
            yield Prose(id="narration", title="")
            yield Prose(id="notes-pane", title="notes")
        yield PropertyBar()

    def on_mount(self) -> None:
        for pane in self.query("#diagram, #nodes, Prose"):
            pane.can_focus = False  # so that all keys are the presenter's
        self.sync()

    def on_resize(self, event: events.Resize) -> None:
        columns, rows = event.size
        nodes = self.query_one(Nodes)
        nodes.styles.height = nodes.fit(columns, max(rows * 30 // 100, 4))
        self.set_class(columns >= 160, "-wide")
        self._make_room()

    def _make_room(self) -> None:
        """The narration is never cut short for the diagram, unless it is very long."""
        rows = self.app.size.height
        needed = self.query_one("#narration", Prose).count() + 2
        height = min(max(needed, rows * 36 // 100), rows * 55 // 100)
        said = self.query_one("#said")
        if said.styles.height is None or said.styles.height.value != height:
            said.styles.height = height

    # ---- showing the present

    def sync(self) -> None:
        session = self.game.session
        state = session.state
        first = min(self._since, state.step)
        self.query_one(Nodes).show(*node_views(session, session.history.at(first)))
        self.query_one(SpaceTime).follow()
        bar = self.query_one(PropertyBar)
        bar.tell(
            property_rows(session, dict(quick_words(state, session.properties))), session.outside()
        )
        bar.set_class(bool(bar.violated), "-broken")
        self.say()

    def say(self) -> None:
        """Title, narration and notes."""
        playback = self.game.playback
        where = f"step {self.game.session.state.step}"
        notes = ""
        if playback is not None and playback.total:
            where = f"{playback.done} of {playback.total}"
            notes = playback.scenario.step[playback.done - 1].notes if playback.done else ""
        auto: Line = line(("▶ by itself · ", "now")) if self._auto else ()
        self.query_one("#title", TwoEnds).tell(
            line((f" {visible(self.game.title)}", "strong")),
            line(*auto, (f"{where} ", "strong")),
        )
        narration = self.query_one("#narration", Prose)
        narration.entitle(where)
        narration.say(_airy(self.lines()))
        self._make_room()
        self.set_class(self._notes, "-notes")
        self.query_one("#notes-pane", Prose).say([line(visible(notes) or "no notes")])

    def lines(self) -> list[Line]:
        """What is told; a question with the votes so far."""
        if self.game.playback is None or not self.game.playback.total:
            last = self.game.session.last()
            if last is None:
                return self.story.lines()
            return [line((visible(last.command), "code")), line(visible(happened(last)))]
        told = self.story.told()
        question = self.story.question
        if question is not None:
            told += self._asked(question)
        return told

    def _asked(self, question: Question) -> list[Line]:
        lines: list[Line] = [line(("? ", "now"), (visible(question.question), "strong"))]
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
        words = sum(len(plain(told).split()) for told in self.lines())
        return max(LEAST, READ * words) / PACES[self._pace]

    def _wait(self) -> None:
        self._auto = self.set_timer(self.seconds, self._go_on)

    def _go_on(self) -> None:
        self._auto = None
        self.action_forward()
        if self.game.scripted or self.story.open:
            self._wait()
        self.say()

    def _stop(self) -> None:
        if self._auto is not None:
            self._auto.stop()
            self._auto = None


def _airy(lines: list[Line]) -> list[Line]:
    """With a blank line between paragraphs, but not between the choices of a list."""
    airy: list[Line] = []
    for told in lines:
        listed = plain(told).startswith(("  ", "- ", "* "))
        if airy and told and airy[-1] and not listed:
            airy.append(())
        airy.append(told)
    return airy
