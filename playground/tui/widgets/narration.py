"""What the lecture says and where it is, in letters as large as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from playground.session.cells import Line, length, line, plain, spread, wrap
from playground.tui.large import large
from playground.tui.widgets.bars import Bar
from playground.tui.widgets.lines import Lines

LARGE = (100, 30)
"""The smallest screen with large letters: on a smaller one those of the terminal are large."""

MEASURE = 68
"""Columns of a line that is good to read."""

HEADED = 36
"""Rows of a screen that has room for a large heading."""

LETTERS = 4
"""Rows of a line of large letters.  A heading has one more above it."""

APART = "\u00a0\u00a0\u00a0 "
"""Between choices that stand side by side."""


class Told(NamedTuple):
    """`asked` is the question; its choices are on lines of their own."""

    paragraphs: Sequence[Line]
    asked: Line = ()
    choices: Sequence[Line] = ()


class Narration(Lines, can_focus=False):
    """Paragraphs in the middle of the screen."""

    def __init__(self) -> None:
        super().__init__(id="narration")
        self._told = Told(())

    def tell(self, told: Told, size: tuple[int, int], most: int, enlarge: bool) -> int:
        """Show this on a screen of this size in at most so many rows, if it can be that small; says
        how many rows it takes."""
        self._told = told
        columns = size[0]
        letters = enlarge and size[0] >= LARGE[0] and size[1] >= LARGE[1]
        found = _arranged(told, columns, most, letters)
        self.show(found)
        return len(found)

    @property
    def text(self) -> str:
        """What is told, to be read elsewhere."""
        told = (*self._told.paragraphs, self._told.asked, *self._told.choices)
        return "\n".join(plain(each) for each in told if each)


def _arranged(told: Told, columns: int, most: int, letters: bool) -> list[Line]:
    """As large as fits: all of it, or the question alone, or nothing."""
    for small in ((), told.paragraphs) if letters else ():
        lines = _lines(told, columns, small)
        if lines is not None and len(lines) <= most and (told.asked or not small):
            return lines
    return _lines(told, columns, (*told.paragraphs, told.asked)) or []


def _lines(told: Told, columns: int, small: Sequence[Line]) -> list[Line] | None:
    """Everything, with a blank line around it and between, large but for what is to be small; None
    if that can't be drawn."""
    parts = [_set(each, columns, each not in small) for each in told.paragraphs]
    if told.asked:
        enlarged = told.asked not in small
        parts += _asked(told, columns, enlarged)
    lines: list[Line] = [()]
    for part in parts:
        if part is None:
            return None
        lines += [*part, ()]
    return lines


def _asked(told: Told, columns: int, enlarged: bool) -> list[list[Line] | None]:
    """The question, and below it the choices: side by side in large letters, if there is room."""
    if not enlarged:
        lines = _small(told.asked, columns)
        return [[*lines, *(part for each in told.choices for part in _small(each, columns, 5))]]
    row = line(*(cell for each in told.choices for cell in (*each, (APART, ""))))
    together = _large(row, columns)
    if together is not None and len(together) <= LETTERS:
        return [_large(told.asked, columns), together]
    return [_large(each, columns) for each in (told.asked, *told.choices)]


def _set(paragraph: Line, columns: int, enlarged: bool) -> list[Line] | None:
    return _large(paragraph, columns) if enlarged else _small(paragraph, columns)


def _large(paragraph: Line, columns: int) -> list[Line] | None:
    margin = max(columns // 20, 2)
    emphatic = tuple((text, "now" if tag == "strong" else tag) for text, tag in paragraph)
    lines = large(emphatic, columns - 2 * margin)
    return lines if lines is None else [_after(margin, each) for each in lines]


def _small(paragraph: Line, columns: int, indent: int = 0) -> list[Line]:
    """In letters that the terminal has, but bold."""
    measure = min(MEASURE, columns - 4)
    bold = tuple(
        (text, {"": "strong", "strong": "now", "code": "kind"}.get(tag, tag))
        for text, tag in paragraph
    )
    return [_after((columns - measure) // 2, each) for each in wrap(bold, measure, indent)]


def _after(margin: int, told: Line) -> Line:
    return ((" " * margin, ""), *told)


class Heading(Bar):
    """The title and how far the script is, large where there is room."""

    def __init__(self) -> None:
        super().__init__(id="title")
        self._told: tuple[str, str, str] = ("", "", "")

    def tell(self, title: str, place: str, remark: str = "") -> None:
        """`remark` is always small."""
        if (title, place, remark) != self._told:
            self._told = title, place, remark
            self.redraw()

    @staticmethod
    def needs(columns: int, rows: int, enlarge: bool) -> int:
        """How many rows it takes on a screen of that size."""
        return LETTERS + 1 if enlarge and columns >= LARGE[0] and rows >= HEADED else 1

    def draw(self, columns: int) -> Sequence[Line]:
        title, place, remark = self._told
        if self.outer_size.height <= LETTERS:
            small = line((f"{remark} · " if remark else "", "now"), (f"{place} ", "strong"))
            return [spread(line((f" {title}", "strong")), small, columns)]
        number = line((place, "now"))
        right = large(number, columns // 3) or [number]
        breadth = max(map(length, right))
        left = large(line(title), columns - breadth - 8)
        if left is None or len(left) > LETTERS:
            left = [(), line((title, "strong"))]
        rows = [spread((), line((f"{remark}  ", "now")), columns)]
        for y in range(LETTERS):
            start, end = (each[y] if y < len(each) else () for each in (left, right))
            filled = line(*end, " " * (breadth - length(end) + 2))
            rows.append(spread(_after(2, start), filled, columns))
        return rows
