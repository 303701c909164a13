"""Text that is wrapped to the width that there is, and the log."""

from __future__ import annotations

from collections.abc import Sequence

from playground.session.cells import Line, line, wrap
from playground.tui.widgets.lines import Lines

KEPT = 5_000
"""How many lines a log keeps."""


class Prose(Lines):
    """Paragraphs; those after the first line of each are indented by `indent`."""

    def __init__(self, *, id: str, indent: int = 0, title: str | None = None) -> None:
        super().__init__(id=id, title=title)
        self._paragraphs: Sequence[Line] = ()
        self._indent = indent

    def say(self, paragraphs: Sequence[Line], top: bool = True) -> None:
        """Show these, from their beginning unless `top` is False."""
        if top:
            self.jump(0)
        if paragraphs != self._paragraphs:
            self._paragraphs = paragraphs
            self._wrap()

    def on_resize(self) -> None:
        self._wrap()

    @property
    def more(self) -> str:
        """A remark that there is more than can be seen."""
        return "↓ more" if self.count() > self.rows else ""

    def _wrap(self) -> None:
        self.show(self._broken(self._paragraphs))
        self.entitle(self._title, self.more)

    def _broken(self, paragraphs: Sequence[Line]) -> list[Line]:
        columns = max(self.columns, 8)
        return [part for p in paragraphs for part in wrap(p, columns, self._indent)]


class Log(Prose):
    """What was commanded, newest last.  Only what is added is wrapped, as a log can be long."""

    def __init__(self) -> None:
        super().__init__(id="log", indent=4, title="log")
        self._told: list[Line] = []
        self._wrapped: list[Line] = []

    def add(self, *lines: Line) -> None:
        self._told += lines
        if len(self._told) > KEPT:
            del self._told[: KEPT // 4]
            self._wrap()
        elif self.columns and not self.hidden:
            self._wrapped += self._broken(lines)
            self._show_end()

    def _wrap(self) -> None:
        self._wrapped = self._broken(self._told) if self.columns else []
        self._show_end()

    @property
    def more(self) -> str:
        return ""

    def on_show(self) -> None:
        self.hidden = False
        self._wrap()

    def _show_end(self) -> None:
        self.show(self._wrapped)
        self.jump(self.max_scroll_y)

    def command(self, command: str) -> None:
        self.add(line(("> ", "now"), (command, "code")))
