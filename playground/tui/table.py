"""What every screen with a session on it can do: carry out commands, keep a log, run by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.timer import Timer

from playground.session import commands as c
from playground.session.cells import Line, line, visible
from playground.session.errors import BadInput
from playground.session.grammar import parse
from playground.session.state import State
from playground.session.verdicts import Slowly, Word
from playground.session.view import happened
from playground.tui.actions import named
from playground.tui.game import Game
from playground.tui.lazy import later
from playground.tui.widgets.prose import Log
from playground.tui.widgets.spacetime import SpaceTime

if TYPE_CHECKING:
    from playground.session import aims, long_run, until
    from playground.tui import long_run_screen
else:
    aims = later("playground.session.aims")
    until = later("playground.session.until")
    long_run = later("playground.session.long_run")
    long_run_screen = later("playground.tui.long_run_screen")

TOLD = 8
"""How many steps of one command the log tells one by one."""

AT_ONCE = 500
"""Steps that a run may have without a word of how far it is."""

SPEEDS = (1, 2, 5, 10, 20, 50, 100, 200)
"""Steps in a second."""

FRAMES = 20
"""How often in a second the screen is drawn while it runs, at most."""

PATIENCE = 0.15
"""Seconds without a key before verdicts are made that take time."""

SLICE, BREATH = 0.005, 0.002
"""Seconds that go into them at once, and that keys and drawing have before more of them."""


class Table(Screen[None]):
    """Every gesture goes through `do`, and every command that is carried out stands in the log."""

    game: Game

    def __init__(self) -> None:
        super().__init__()
        self._logged = 0
        self._begun: list[int] = []
        self._used: dict[str, list[str]] = {}  # in forms
        self._ticking: Timer | None = None
        self._judging: Timer | None = None
        self._speed = 1
        self._problem: str | None = None

    def sync(self, since: int | None = None) -> None:
        """Show the present."""
        raise NotImplementedError

    def show_words(self, words: dict[str, Word]) -> None:
        """Show these verdicts."""
        raise NotImplementedError

    # ---- commands

    def do(self, command: c.Command | str) -> str | None:
        """Carry out a command; returns what is wrong with it, if anything."""
        session = self.game.session
        first = session.state.step
        try:
            command = parse(command) if isinstance(command, str) else command
            if isinstance(command, c.Run) and command.steps > AT_ONCE:
                self.call_later(self._run_long, command)
                return None
            session.do(command)
        except BadInput as error:
            self.query_one(Log).add(line(("✗ ", "bad"), visible(str(error))))
            return str(error)
        self._tell_problem()
        if isinstance(command, c.Undo | c.Redo | c.GoTo | c.Bookmark):
            self.sync()
        else:
            self._begun.append(first)
            self.sync(first)
        return None

    def _run_long(self, command: c.Run) -> None:
        """With a look at the keys now and then; what was done when it is stopped is done."""
        self.pause()  # nobody else is to move the session meanwhile
        run = long_run.LongRun(self.game.session, command)
        first = self.game.session.state.step

        def over(wrong: str | None) -> None:
            if wrong:
                self.query_one(Log).add(line(("✗ ", "bad"), visible(wrong)))
                self.notice(wrong)
                return
            taken = run.end()
            self._tell_problem()
            if taken:
                self._begun.append(first)
            self.sync(first)
            if len(taken) < command.steps:
                why = "nothing more can happen" if run.over else "stopped"
                self.notice(f"{why} after {len(taken):,} steps", wrong=False)

        self.app.push_screen(long_run_screen.LongRunScreen(run), over)

    def _tell_problem(self) -> None:
        """Once: the disk refuses the journal."""
        problem = self.game.journal.problem
        if problem != self._problem:
            self._problem = problem
            self.notice(problem or "")

    def act(self, command: c.Command | str) -> None:
        """Carry out a command; what is wrong with it becomes a notice."""
        if wrong := self.say(command) if isinstance(command, str) else self.do(command):
            self.notice(wrong)

    def act_on_all(self, lines: Sequence[str]) -> None:
        """Carry out several lines, of which each says what it says on its own; `undo_command` takes
        all of them back."""
        session = self.game.session
        first, refused = session.state.step, []
        for each in lines:
            try:
                session.do(parse(each))
            except BadInput as error:
                refused.append(error.sentence)
        self._tell_problem()
        if session.state.step > first:
            self._begun.append(first)
            self.sync(first)
        if refused:
            more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
            self.notice(f"{refused[0]}{more}")

    def say(self, typed: str) -> str | None:
        """Like `do`, of a typed line, which may also be `save FILE`, `until CONDITION`, `changed
        MOMENT [MOMENT]`, a search, or the name of an action."""
        if "\n" in typed:  # a form that comes to several lines
            self.act_on_all(typed.splitlines())
            return None
        try:
            return self.do(parse(typed))
        except BadInput as error:
            return self._say_more(typed, error)

    def _say_more(self, typed: str, error: BadInput) -> str | None:
        """What is no command of a session; `error` says why it is none."""
        words = typed.split(maxsplit=1)
        if words[:1] == ["until"]:
            try:
                condition = words[1] if len(words) > 1 else ""
                return self.do(until.until(self.game.session, condition))
            except BadInput as wrong:
                return wrong.sentence
        if words[:1] == ["save"] and len(words) > 1:
            return self.save(words[1])
        if words[:1] == ["changed"] and len(words) > 1:
            since, *rest = words[1].split()
            return self.show_changes(since, " ".join(rest))
        if words and words[0] in aims.VERBS:
            return self.search(typed)
        if len(words) == 1 and (action := named(words[0])) is not None:
            self.call_later(self.run_action, action.id)
            return None
        return error.sentence

    def show_changes(self, since: str, until: str) -> str | None:
        """Tell what is different in the second of two moments, "" being the present; returns what
        is wrong, if anything."""
        raise NotImplementedError

    def search(self, typed: str) -> str | None:
        """Begin a search; returns what is wrong with it, if anything."""
        return "searches begin on the play screen"

    def save(self, name: str) -> str | None:
        """Write a scenario; returns what is wrong, if anything."""
        try:
            path = self.game.save(Path(name))
        except BadInput as error:
            return error.sentence
        self.query_one(Log).add(line(("saved ", "good"), visible(str(path))))
        self.notice(f"saved: playground play {path}", wrong=False)
        return None

    def undo_command(self) -> None:
        """Back before the last command, however many steps it took."""
        step = self.game.session.state.step
        while self._begun and self._begun[-1] >= step:
            self._begun.pop()
        back = step - (self._begun.pop() if self._begun else max(step - 1, 0))
        self.act(c.Undo(max(back, 1)))

    def notice(self, text: str, wrong: bool = True) -> None:
        """A sentence that goes away by itself."""
        self.notify(
            visible(text, keep="\n"), severity="warning" if wrong else "information", markup=False
        )

    # ---- the log

    def begin_log(self) -> None:
        """Whatever is done from now on, by whomever, stands in the log."""
        self._logged = self.game.session.state.step
        if self._logged:
            past = self.game.session.past(range(max(1, self._logged - 100), self._logged + 1))
            for event in past:
                self.query_one(Log).command(visible(event.command))
        self.game.session.listeners.append(self._heard)

    def end_log(self) -> None:
        listeners = self.game.session.listeners
        if self._heard in listeners:
            listeners.remove(self._heard)

    def _heard(self, command: str) -> None:
        if not self.query(Log):  # the screen is being taken down
            return
        log, chronicle = self.query_one(Log), self.query_one(SpaceTime).chronicle
        step = self.game.session.state.step
        lines: list[Line] = [line(("> ", "now"), (visible(command), "code"))]
        if command.split()[0] in ("undo", "redo", "goto"):
            lines.append(line((f"  back at step {step}", "dim")))
        elif step - self._logged > TOLD:
            lines.append(line((f"  {step - self._logged} steps", "dim")))
        else:
            for number in range(self._logged + 1, step + 1):
                event = chronicle[number].event
                told = visible(happened(event))
                lines.append(line((f"  {number} ", "dim"), told or visible(event.command)))
        self._logged = step
        log.add(*lines)

    # ---- verdicts that look ahead

    def judge_soon(self) -> None:
        """Make all verdicts once nothing is done for a moment."""
        if self._judging is not None:
            self._judging.stop()
            self._judging = None
        session = self.game.session
        goals = {p.name for p in session.properties if p.kind == "eventually"}
        broken = {b.property for b in session.state.broken}
        if goals - set(session.state.goals) - broken and self._ticking is None:
            slowly = partial(self._judge, session.state, session.judging())
            self._judging = self.set_timer(PATIENCE, slowly)

    def _judge(self, state: State, slowly: Slowly[dict[str, Word]]) -> None:
        """A little of it, so that no key has to wait; then more, if nothing else was done."""
        self._judging = None
        until = perf_counter() + SLICE
        while self.game.session.state is state:
            try:
                next(slowly)
            except StopIteration as stop:
                self.show_words(stop.value)
                return
            if perf_counter() > until:
                self._judging = self.set_timer(BREATH, partial(self._judge, state, slowly))
                return

    # ---- running by itself

    @property
    def running(self) -> str:
        """ "▶ 5 steps/s" while it runs."""
        return f"▶ {SPEEDS[self._speed]} steps/s" if self._ticking else ""

    def run_or_pause(self) -> None:
        if self._ticking is None:
            self._start()
        else:
            self.pause()
        self.sync()

    def pause(self) -> None:
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def change_speed(self, by: int) -> None:
        self._speed = max(0, min(len(SPEEDS) - 1, self._speed + by))
        if self._ticking is not None:
            self.pause()
            self._start()
            self.sync()
        else:
            self.notice(f"speed: {SPEEDS[self._speed]} steps in a second", wrong=False)

    def _start(self) -> None:
        rate = min(SPEEDS[self._speed], FRAMES)
        self._ticking = self.set_interval(1 / rate, self._tick)

    def _tick(self) -> None:
        """One frame; at a high speed several steps of it."""
        broken = len(self.game.session.state.broken)
        steps = max(1, SPEEDS[self._speed] // FRAMES)
        wrong = self.do(c.Step() if steps == 1 else c.Run("fifo", steps))
        if wrong or len(self.game.session.state.broken) > broken:
            self.pause()
            self.notice(wrong or "paused: a property is violated")
            self.sync()
