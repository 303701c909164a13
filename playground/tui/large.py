"""Large letters, drawn by quarter blocks: for whoever sits in the last row.

A terminal has one size of letters.  These take 4 of its lines, and some 3 columns each, so that
text can be read from afar while diagram and panes keep their room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from playground.session.cells import Line

HEIGHT, PITCH = 8, 9
"""Dots of a line of letters, and from one line to the next."""

BETWEEN, BLANK = 1, 4
"""Dots between two letters, and of a blank."""

FIXED = "\u00a0"
"""A blank at which no line ends."""

QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By which dots are set: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""

Dots = list[list[str | None]]
"""Rows of dots: the tag of what they belong to, None where nothing is."""

Letter = tuple[str, str]


@cache
def pictures() -> dict[str, tuple[str, ...]]:
    """The rows of dots of each character that can be drawn large."""
    source = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    found = {}
    for block in source.strip().split("\n\n")[1:]:
        names, *rows = block.splitlines()
        places = [i for i, char in enumerate(names) if char != " "]
        for start, end in zip(places, [*places[1:], len(names) + HEIGHT], strict=True):
            found[names[start]] = tuple(row[start:end].strip() for row in rows)
    return found | {FIXED: ("." * (BLANK - BETWEEN),) * HEIGHT}


def large(cells: Line, columns: int) -> list[Line] | None:
    """A paragraph in large letters, in lines that take at most so many columns; None if a character
    has no picture, or a word is too long."""
    words = list(_words(cells))
    if not all(char in pictures() for word in words for char, _ in word):
        return None
    broken = _broken(words, 2 * columns)
    return _drawn(broken) if broken is not None else None


def _words(cells: Line) -> Iterator[list[Letter]]:
    word: list[Letter] = []
    for text, tag in cells:
        for char in text:
            if char != " ":
                word.append((char, tag))
            elif word:
                yield word
                word = []
    if word:
        yield word


def _breadth(letters: Sequence[Letter]) -> int:
    """In dots."""
    return sum(
        (len(pictures()[char][0]) if char != " " else BLANK - BETWEEN) + BETWEEN
        for char, _ in letters
    )


def _broken(words: list[list[Letter]], breadth: int) -> list[list[Letter]] | None:
    """Lines of letters and blanks; None if a word takes more than that."""
    lines: list[list[Letter]] = []
    for word in words:
        if _breadth(word) > breadth:
            return None
        if lines and _breadth([*lines[-1], (" ", ""), *word]) <= breadth:
            lines[-1] += [(" ", ""), *word]
        else:
            lines.append([*word])
    return lines


def _drawn(lines: list[list[Letter]]) -> list[Line]:
    breadth = max((_breadth(letters) for letters in lines), default=0)
    rows = PITCH * len(lines) - (PITCH - HEIGHT)
    dots: Dots = [[None] * (breadth + breadth % 2) for _ in range(rows + rows % 2)]
    for number, letters in enumerate(lines):
        _set(dots, PITCH * number, letters)
    return [_row(dots[y], dots[y + 1]) for y in range(0, rows, 2)]


def _set(dots: Dots, top: int, letters: list[Letter]) -> None:
    left = 0
    for char, tag in letters:
        picture = pictures()[char] if char != " " else ()
        for y, row in enumerate(picture):
            for x, dot in enumerate(row):
                if dot == "#":
                    dots[top + y][left + x] = tag
        left += _breadth([(char, tag)])


def _row(upper: list[str | None], lower: list[str | None]) -> Line:
    """Two rows of dots as one of quarter blocks."""
    cells: list[Letter] = []
    for x in range(0, len(upper), 2):
        four = (upper[x], upper[x + 1], lower[x], lower[x + 1])
        tags = [tag for tag in four if tag is not None]
        bits = sum(1 << n for n, tag in enumerate(four) if tag is not None)
        cells.append((QUARTERS[bits], tags[0] if tags else ""))
    grouped = groupby(cells, key=lambda cell: cell[1])
    row = [("".join(char for char, _ in group), tag) for tag, group in grouped]
    while row and not row[-1][0].strip():
        row.pop()
    return tuple(row)
