"""A text that was read from a file, and where in it something stands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from playground.session.errors import BadInput, Place


@dataclass(frozen=True)
class Source:
    """A text with the name of its file."""

    text: str
    file: str

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins."""
        begins, at = [0], self.text.find("\n")
        while at >= 0:
            begins.append(at + 1)
            at = self.text.find("\n", at + 1)
        return begins

    def line(self, at: int) -> int:
        return bisect_right(self._lines, at)

    def place(self, at: int) -> Place:
        line = self.line(at)
        return Place(self.file, line, at - self._lines[line - 1] + 1)

    def bad(self, sentence: str, at: int) -> BadInput:
        return BadInput(sentence, self.place(at))
