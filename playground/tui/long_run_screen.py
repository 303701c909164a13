"""A long run under way, in front of the screen: how far it is, and that esc stops it."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from playground.session.cells import Line, line
from playground.session.errors import BadInput
from playground.session.long_run import LongRun
from playground.tui.widgets.lines import Lines

PART, BREATH = 0.06, 0.01
"""Seconds of running at once, and that keys and drawing have before more of it."""

COLUMNS = 56


class LongRunScreen(ModalScreen[str]):
    """Returns what was wrong with the run, or ""."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,space,r,q", "stop", "stop here", show=False),
    ]

    def __init__(self, run: LongRun) -> None:
        super().__init__()
        self._run = run
        self._begun = perf_counter()
        self._stopped = False

    def compose(self) -> ComposeResult:
        with Vertical(id="running"):
            yield Lines(id="progress")

    def on_mount(self) -> None:
        self.query_one("#running").border_title = Content(str(self._run.command))
        self.query_one("#progress", Lines).can_focus = False
        self._tell()
        self.set_timer(BREATH, self._go_on)

    def on_unmount(self) -> None:
        """Also when the app ends meanwhile what was done stands in the journal."""
        self._run.end()

    def action_stop(self) -> None:
        self._stopped = True

    def _go_on(self) -> None:
        if self._run.over or self._stopped:
            self.dismiss("")
            return
        try:
            self._run.go_on(PART)
        except BadInput as error:
            self.dismiss(error.sentence)
            return
        self._tell()
        self.set_timer(BREATH, self._go_on)

    def _tell(self) -> None:
        done, total = self._run.done, self._run.command.steps
        left = (perf_counter() - self._begun) * (total / done - 1) if done else 0
        told = f"{done:,} of {total:,} steps" + (f", {left:.0f} s to go" if left >= 1 else "")
        full = done * COLUMNS // total
        bar: Line = line(("━" * full, "now"), ("─" * (COLUMNS - full), "frame"))
        keys = line(
            ("esc ", "key"), ("stops here; then ", "dim"), ("U ", "key"), ("undoes it all", "dim")
        )
        self.query_one("#progress", Lines).show([line(told), bar, keys])
