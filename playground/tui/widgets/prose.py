"""Text that is wrapped to the width that there is, and the log."""

from __future__ import annotations

from collections.abc import Sequence

from playground.session.cells import Line, line, wrap
from playground.tui.widgets.lines import Lines

KEPT = 5_000
"""How many lines a log keeps."""


class Prose(Lines):
    """Paragraphs; those after the first line of each are indented by `indent`."""

    def __init__(self, *, id: str, indent: int = 0) -> None:
        super().__init__(id=id)
        self._paragraphs: Sequence[Line] = ()
        self._indent = indent

    def say(self, paragraphs: Sequence[Line], top: bool = True) -> None:
        """Show these, from their beginning unless `top` is False."""
        self._paragraphs = paragraphs
        if top:
            self.jump(0)
        self._wrap()

    def on_resize(self) -> None:
        self._wrap()

    def _wrap(self) -> None:
        columns = max(self.size.width, 8)
        self.show([part for p in self._paragraphs for part in wrap(p, columns, self._indent)])


class Log(Prose):
    """What was commanded, newest last."""

    def __init__(self) -> None:
        super().__init__(id="log", indent=4)
        self._told: list[Line] = []

    def add(self, *lines: Line) -> None:
        self._told += lines
        del self._told[:-KEPT]
        self.say(self._told, top=False)
        self.jump(self.max_scroll_y)

    def command(self, command: str) -> None:
        self.add(line(("> ", "now"), (command, "code")))
