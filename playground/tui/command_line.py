"""The command line: what scripts say can be typed, and is completed from what is possible now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from playground.session.cells import Line, clip_line, line, visible
from playground.session.session import Session
from playground.session.typed import keep, typed
from playground.tui.lazy import later
from playground.tui.widgets.bars import Bar

if TYPE_CHECKING:
    from playground.session import suggest
else:
    suggest = later("playground.session.suggest")


class Possible(Suggester):
    """The first line that makes sense now and begins like what is typed."""

    def __init__(self, session: Session) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._session = session

    async def get_suggestion(self, value: str) -> str | None:
        return next(suggest.completions(self._session, value), None)


class Completions(Bar):
    """What could be typed here, beside each other; the first is what tab takes."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="completions")
        self._session = session
        self._found: list[str] = []

    def look(self, start: str) -> None:
        """Find what begins like this."""
        self._found = list(islice(suggest.completions(self._session, start), MOST))
        self.redraw()

    def draw(self, columns: int) -> Sequence[Line]:
        keys = line(
            (" tab ", "key"), "completes", ("  ↑ ", "key"), "earlier", ("  esc ", "key"), "closes  "
        )
        if not self._found:
            return [clip_line(keys, columns)]
        first, *others = self._found
        more = [cell for each in others for cell in ((" · ", "dim"), visible(each))]
        return [clip_line(line((" tab ", "key"), (visible(first), "code"), *more), columns)]


MOST = 12
"""How many completions are looked for."""


class Sieve(Input):
    """Shown by `/`: the queue is filtered as one types.  enter keeps it so, esc takes it back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", show=False),
        Binding("down", "keep", "to the queue", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="sieve", placeholder="accept p1>a2 · held · forged …", compact=True)

    def open(self) -> None:
        self.screen.add_class("-sifting")
        self.focus()

    def action_close(self) -> None:
        self.value = ""
        self.action_keep()

    def action_keep(self) -> None:
        self.screen.remove_class("-sifting")
        self.screen.query_one("#queue").focus()


class CommandLine(Input):
    """Shown by `:`; up and down walk through what was typed before, tab or right completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", show=False),
        Binding("up", "older(1)", "older", show=False),
        Binding("down", "older(-1)", "newer", show=False),
        Binding("tab", "cursor_right", "complete", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(
            id="command",
            placeholder="deliver m1 · drop Accept p1>a2 · ask p1 Propose value=A · undo 10",
            suggester=Possible(session),
            compact=True,
        )
        self._before: Widget | None = None
        self._history = typed()
        self._at = 0

    def open(self) -> None:
        self._before = self.screen.focused
        self._at = 0
        self.value = ""
        self.screen.add_class("-typing")
        self.focus()

    def action_close(self) -> None:
        self.close()

    def close(self) -> None:
        self.screen.remove_class("-typing")
        if self._before is not None:
            self._before.focus()

    def done(self, line: str) -> None:
        """The line was carried out."""
        self._history = [*(each for each in typed() if each != line), line]
        keep(self._history)
        self.close()

    def action_older(self, by: int) -> None:
        self._at = max(0, min(len(self._history), self._at + by))
        self.value = self._history[-self._at] if self._at else ""
        self.cursor_position = len(self.value)
