"""The play screen: one session, and everything that is to be seen of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import Input, Static

from playground.session.cells import Line, line, visible
from playground.session.events import Event
from playground.session.oracle import Witness
from playground.session.preview import preview, preview_lines
from playground.session.state import State
from playground.session.verdicts import Word
from playground.session.view import (
    NodeViews,
    assumptions,
    badges,
    happened,
    node_view,
    property_rows,
    quick_words,
    spent,
)
from playground.tui.actions import PLAY, bindings, suited
from playground.tui.command_line import CommandLine, Completions, Sieve
from playground.tui.game import Game
from playground.tui.searches import Searches
from playground.tui.story import Story
from playground.tui.widgets.bars import TABBED, Buttons, KeyBar, PropertyBar, Tabs, TwoEnds
from playground.tui.widgets.lines import Lines
from playground.tui.widgets.nodes import Nodes
from playground.tui.widgets.prose import Log, Prose
from playground.tui.widgets.queue import Queue
from playground.tui.widgets.spacetime import SpaceTime

SMALL = (60, 16)
TAB_OF = {**{name: name for name in Tabs.NAMES}, "effect": "queue", "log": "diagram"}
"""Where each pane is on a small screen."""

WIDE = 160
"""Columns from which narration and log stand beside the other panes."""


class Play(Searches, Screen[None]):
    AUTO_FOCUS = "#queue"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PLAY)]

    def __init__(self, game: Game) -> None:
        super().__init__()
        self.game = game
        self.story = Story(game)
        self._words: dict[str, Word] = {}
        self._shown: State | None = None
        self._effect: tuple[State, int | None, int, int] | None = None
        self._pids = game.session.world.rules.pids
        self._views = NodeViews()
        self._witness = Witness(game.session.history)
        self._keys_at = ""  # the pane that they go to, or went to before the screen got too small

    # ---- what is on it

    def compose(self) -> ComposeResult:
        session = self.game.session
        yield TwoEnds(id="title")
        yield Tabs()
        yield Nodes([node_view(pid, None, session.state) for pid in self._pids])
        with Container(id="middle"):
            yield Queue(session.state)
            with Container(id="side"):
                yield Prose(id="effect", indent=2, title="what it would do")
                yield Prose(id="story", title=self.story.heading)
        with Container(id="bottom"):
            yield SpaceTime(session)
            yield Log()
        yield PropertyBar()
        yield TwoEnds(id="last")
        with Horizontal(id="command-row"):
            yield Static(":", id="colon")
            yield CommandLine(session)
        with Horizontal(id="sieve-row"):
            yield Static("/", id="slash")
            yield Sieve()
        yield Completions(session)
        model = session.world.rules.model
        scripted = self.game.playback is not None
        yield KeyBar(suited(model.timing, scripted, liars=model.byzantine > 0))
        yield Prose(id="too-small")

    def on_mount(self) -> None:
        self.begin_log()
        self.sync()
        self._tell_problem()

    # ---- how it fits

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out(*event.size)

    def lay_out(self, columns: int, rows: int) -> None:
        """Show what finds room on a screen of this size."""
        small = columns < SMALL[0] or rows < SMALL[1]
        tabbed = not small and (columns < TABBED[0] or rows < TABBED[1])
        began_small, began_tabbed = self.has_class("-small"), self.has_class("-tabbed")
        if not began_small and self.focused is not None:  # else what has the keys is hidden
            self._keys_at = self.focused.id or ""
        self.set_class(small, "-small")
        self.set_class(tabbed, "-tabbed")
        self.set_class(not small and not tabbed and columns >= WIDE, "-wide")
        sentence = f"{columns}x{rows} is too small to play in; {SMALL[0]}x{SMALL[1]} is enough."
        self.query_one("#too-small", Prose).say([line(sentence)])
        if self._shown is not None:
            self._show_title()
        self._fit_nodes()
        if tabbed and not began_tabbed:
            begins = self.game.scripted and self.game.session.state.step == 0
            self.action_panel("story" if begins else TAB_OF.get(self._keys_at, "queue"))
        elif began_small and not small and self._keys_at in TAB_OF:
            self.call_after_refresh(self.query_one(f"#{self._keys_at}").focus)

    def _fit_nodes(self) -> None:
        """In a tab they have all the room; else they leave some to the others."""
        nodes = self.query_one(Nodes)
        columns, rows = self.size
        nodes.alone = self.alone == "nodes"
        if nodes.alone:
            nodes.fit(columns, rows - 4)
            nodes.styles.height = "1fr"
        elif self.has_class("-tabbed"):
            nodes.fit(columns, rows - 5, growth=rows)
            nodes.styles.height = "1fr"
        elif not self.has_class("-small"):
            nodes.styles.height = nodes.fit(columns, max(rows * 45 // 100, 6))

    # ---- showing the present

    def sync(self, since: int | None = None) -> None:
        """Show the present; what changed since the step `since` (by default the last) is marked."""
        session = self.game.session
        state = session.state
        first = max(state.step - 1, 0) if since is None else min(since, state.step)
        before = session.history.at(first)
        diagram = self.query_one(SpaceTime)
        last = diagram.chronicle[state.step].event if state.step else None
        self._words = {**quick_words(state, session.properties)}
        self._show_title()
        self.query_one(Nodes).show(*self._views.of(session, before))
        self._fit_nodes()
        self.query_one(Queue).show_state(state)
        diagram.follow()
        diagram.entitle("space-time", f"{state.step} of {len(diagram.chronicle)}")
        self._show_effect()
        self._show_verdicts()
        self._show_story()
        self._show_last(last, state.step - first)
        self._shown = state
        self.judge_soon()

    def _show_title(self) -> None:
        session = self.game.session
        outside = session.outside()
        title, name = visible(self.game.title), visible(session.protocol.name)
        left = line((f" {title}", "strong"), (f" · {name}" if name != title else "", "dim"))
        brief = self.outer_size.width < TABBED[0]  # o tells the rest
        allowed = " · ".join(spent(session.world)) if brief else assumptions(session.world)
        tip = session.history.branch.tip
        step = f"step {session.state.step}" + (f" of {tip}" if tip > session.state.step else "")
        right = line(
            (f"{allowed} · " if allowed and not self.searching else "", "dim"),
            (f"{self.searching} · ", "now") if self.searching else "",
            (f"outside: {len(outside)}" if outside else "outside: -", "warn" if outside else "dim"),
            (f" · {self.running}", "now") if self.running else "",
            f" · {step} ",
        )
        self.query_one("#title", TwoEnds).tell(left, right)

    def _show_effect(self) -> None:
        """What the highlighted message would do; in the diagram, what the chosen step did."""
        diagram, queue = self.query_one(SpaceTime), self.query_one(Queue)
        state = self.game.session.state
        step = diagram.step if diagram.has_focus else 0
        shown = state, queue.key, step, diagram.size_of_row
        if shown == self._effect:
            return
        self._effect = shown
        queue.entitle("in flight", queue.remark())
        if step:
            self._prose("effect", *diagram.told())
        elif queue.flight is None:
            some = "Nothing that fits is in flight; esc shows all."
            nothing = line((some if state.flights else "Nothing is in flight.", "dim"))
            self._prose("effect", "what it would do", [nothing, *self._what_else()])
        else:
            found = preview(self.game.session, queue.flight)
            title = f"what {queue.flight.name} would do · {found.title}"
            self._prose("effect", title, preview_lines(found))

    def show_effect_anew(self) -> None:
        self._effect = None
        self._show_effect()

    def _what_else(self) -> list[Line]:
        timers = sorted(self.game.session.world.timers, key=repr)
        names = ", ".join(f"{pid} {timer}" for pid, timer in timers)
        return [line(("t ", "key"), f"fires a timer: {names}")] if timers else []

    def _prose(self, id: str, title: str, paragraphs: list[Line]) -> None:
        """Show these, and say so if there are more than can be seen."""
        prose = self.query_one(f"#{id}", Prose)
        prose.say(paragraphs)
        prose.entitle(visible(title), prose.more)

    def _show_verdicts(self) -> None:
        session = self.game.session
        bar = self.query_one(PropertyBar)
        bar.tell(property_rows(session, self._words), session.outside())
        bar.set_class(bool(bar.violated), "-broken")

    def _show_story(self) -> None:
        self.set_class(self.story.asking, "-asking")  # then there is more to say than to preview
        self._prose("story", self.story.heading, self.story.lines())

    def _show_last(self, last: Event | None, steps: int) -> None:
        bar = self.query_one("#last", TwoEnds)
        if last is None:
            bar.tell(line((" last: ", "dim"), "nothing yet"), line(("u undo, : command ", "dim")))
            return
        more = f" ({steps} steps)" if steps > 1 else ""
        told = visible(happened(last))
        command = line((" last: ", "dim"), (visible(last.command), "now"), more)
        bar.tell(line(*command, f" · {told}" if told else ""), self._badges())

    def _badges(self) -> Line:
        """Which classes of detectors the outputs so far still satisfy."""
        possible = self._witness.classes() if self._witness.needed else None
        return badges(possible) if possible is not None else ()

    # ---- verdicts that need a look ahead are made when there is time

    def show_words(self, words: dict[str, Word]) -> None:
        self._words = words
        self._show_verdicts()

    # ---- what is searched in the background

    def show_searching(self) -> None:
        self._show_title()

    def show_valence(self, words: str) -> None:
        self.query_one(PropertyBar).tell_valence(words)

    # ---- what widgets tell

    @on(Lines.Moved, "#queue")
    @on(Lines.Moved, "#diagram")
    @on(SpaceTime.Zoomed)
    def _highlighted(self) -> None:
        if self._shown is self.game.session.state:
            self._show_effect()

    def on_descendant_focus(self) -> None:
        if self._shown is not None:
            self._show_effect()

    @on(Lines.Chosen, "#queue")
    def _message_clicked(self, event: Lines.Chosen) -> None:
        if event.button == 3:
            self.offer("message")
        elif event.chain == 2:
            self.action_deliver()

    @on(Lines.Chosen, "#diagram")
    def _step_clicked(self, event: Lines.Chosen) -> None:
        if event.chain == 2:
            self.query_one(SpaceTime).action_travel()

    @on(SpaceTime.Travel)
    def _travel(self, event: SpaceTime.Travel) -> None:
        self.do(f"goto {event.step}")

    @on(Nodes.Inspect)
    def _inspect(self, event: Nodes.Inspect) -> None:
        self.inspect(event.pid)

    @on(Buttons.Pressed)
    async def _pressed(self, event: Buttons.Pressed) -> None:
        await self.run_action(event.action)

    @on(Input.Submitted, "#command")
    def _typed(self, event: Input.Submitted) -> None:
        command = self.query_one(CommandLine)
        if not event.value.strip():
            command.close()
        elif wrong := self.say(event.value):
            self.notice(wrong)
        else:
            command.done(event.value)

    @on(Input.Changed, "#command")
    def _typing(self, event: Input.Changed) -> None:
        self.query_one(Completions).look(event.value)

    @on(Input.Changed, "#sieve")
    def _sifted(self, event: Input.Changed) -> None:
        self.sift(event.value)

    @on(Input.Submitted, "#sieve")
    def _sieve_kept(self) -> None:
        self.query_one(Sieve).action_keep()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do this when nothing else was done for so long."""
        self.set_timer(seconds, act)
