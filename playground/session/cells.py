"""Text for screens without a screen: lines of cells, each a text and a tag that says what it means.

A shell gives a tag its look; the text alone must say everything, for those who see no colours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from playground.values import text

Cell = tuple[str, str]
Line = tuple[Cell, ...]

TAGS: tuple[str, ...] = (
    "frame",  # of a pane
    "title",  # in a frame
    "focus",  # the frame of a pane that the keys go to
    "arrow",  # of a message, in the past
    "key",  # on the keyboard
    "dim",  # what is there, and does not matter now
    "name",  # of a node
    "kind",  # of a message
    "now",  # what the last step did
    "old",  # what it replaced
    "good",
    "bad",
    "warn",
    "alarm",  # a property is violated
    "strong",
    "code",
)


def line(*cells: str | Cell) -> Line:
    """`line("a ", ("b", "now"))`: cells without a tag may be plain texts."""
    return tuple((c, "") if isinstance(c, str) else c for c in cells if c and c[0])


def merged(cells: Iterable[Cell]) -> list[Cell]:
    """The same, with neighbours of the same tag in one cell."""
    return [("".join(t for t, _ in run), tag) for tag, run in groupby(cells, itemgetter(1))]


def plain(cells: Iterable[Cell]) -> str:
    return "".join(t for t, _ in cells)


def visible(string: str, keep: str = "") -> str:
    """The text with everything that a terminal might obey shown instead: ␛ for an escape."""
    if string.isprintable():
        return string
    return "".join(c if c.isprintable() or c in keep else _picture(c) for c in string)


def _picture(char: str) -> str:
    if char in "\t\n\r":
        return " "
    code = ord(char)
    if code < 32:
        return chr(0x2400 + code)
    return "␡" if code == 127 else f"\\u{code:04x}"


def width(string: str) -> int:
    """How many columns a printable text takes."""
    if string.isascii():
        return len(string)
    return _width(string)


@lru_cache(maxsize=10_000)
def _width(string: str) -> int:
    return sum(map(_columns, string))


@lru_cache(maxsize=1_000)
def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def length(cells: Line) -> int:
    return sum(width(t) for t, _ in cells)


def clip(string: str, columns: int) -> str:
    """At most so many columns; what is missing is told by an ellipsis."""
    if width(string) <= columns:
        return string
    if columns <= 0:
        return ""
    return _head(string, columns - 1) + "…"


def _head(string: str, columns: int) -> str:
    used = 0
    for i, char in enumerate(string):
        used += _columns(char)
        if used > columns:
            return string[:i]
    return string


def pad(string: str, columns: int) -> str:
    """Exactly so many columns, clipped or filled with blanks."""
    clipped = clip(string, columns)
    return clipped + " " * (columns - width(clipped))


def spread(left: Line, right: Line, columns: int) -> Line:
    """One at each end of so many columns; the left one gives way."""
    right = clip_line(right, columns)
    left = clip_line(left, max(columns - length(right) - 1, 0))
    return line(*left, " " * (columns - length(left) - length(right)), *right)


def clip_line(cells: Line, columns: int) -> Line:
    """At most so many columns of a line."""
    if length(cells) <= columns:
        return cells
    kept: list[Cell] = []
    room = columns
    for string, tag in cells:
        if width(string) >= room:
            kept.append((_head(string, room - 1) + "…", tag))
            break
        kept.append((string, tag))
        room -= width(string)
    return tuple(kept)


def wrap(cells: Line, columns: int, indent: int = 0) -> list[Line]:
    """The line broken at blanks and after commas, into lines of at most so many columns; those
    after the first are indented."""
    if length(cells) <= columns:
        return [cells]
    whole = plain(cells)
    lines: list[Line] = []
    for start, end in _breaks(whole, max(columns, indent + 2), indent):
        margin: Line = ((" " * indent, ""),) if indent and lines else ()
        lines.append(margin + _between(cells, start, end))
    return lines or [()]


def wrap_value(notation: str, columns: int) -> list[str]:
    """A printed value in lines of at most so many columns.  A collection is broken between its
    entries, as far as one of them fits a line."""
    lines: list[str] = []
    for entry in _entries(notation):
        if lines and width(lines[-1] + entry) <= columns:
            lines[-1] += entry
        else:
            lines.append(entry.lstrip() if lines else entry)
    return [plain(part) for found in lines for part in wrap(((found, ""),), columns)]


def _entries(notation: str) -> list[str]:
    """The entries of a collection, the first with its bracket; whatever else whole."""
    depth, start = 0, 0
    found: list[str] = []
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[({\[]|[)}\]]|,', notation):
        sign = match.group()
        depth += (sign in "({[") - (sign in ")}]")
        if sign == "," and depth == 1:
            found.append(notation[start : match.end()])
            start = match.end()
    rest = notation[start:]
    if found and rest in (")", "}"):  # of a tuple with one entry
        return [*found[:-1], found[-1] + rest]
    return [*found, rest]


def _breaks(whole: str, columns: int, indent: int) -> Iterator[tuple[int, int]]:
    """Where each of the lines starts and ends."""
    start = end = used = 0
    room = columns
    for match in re.finditer(r"\s*(?:[^\s,]+,*|,+)", whole):
        word = match.group()
        while used + width(word) > room:
            if used:
                yield start, end
                word = word.lstrip()
            else:
                head = _head(word, room)
                yield match.end() - len(word), match.end() - len(word) + len(head)
                word = word[len(head) :]
            start, used, room = match.end() - len(word), 0, columns - indent
        end = match.end()
        used += width(word)
    if used:
        yield start, end


def _between(cells: Line, start: int, end: int) -> Line:
    cut: list[Cell] = []
    at = 0
    for string, tag in cells:
        piece = string[max(start - at, 0) : max(end - at, 0)]
        if piece:
            cut.append((piece, tag))
        at += len(string)
    return tuple(cut)


_MARKED = re.compile(r"\*\*(.+?)\*\*|(?<![\w*])\*(?=\S)(.+?)(?<=\S)\*(?![\w*])|`([^`]+)`")


def prose(paragraph: str) -> Line:
    """A paragraph in which *words* and `code` are marked as in Markdown."""
    cells: list[Cell] = []
    at = 0
    clean = visible(" ".join(paragraph.split()))
    for match in _MARKED.finditer(clean):
        code = match.group(3)
        cells.append((clean[at : match.start()], ""))
        cells.append((code, "code") if code else (match.group(1) or match.group(2), "strong"))
        at = match.end()
    cells.append((clean[at:], ""))
    return line(*cells)


_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")|([,:]) ')


def short(value: object) -> str:
    """A value in the notation, without the blanks that it can do without."""
    return squeeze(text(value))


def squeeze(notation: str) -> str:
    """A printed value without the blanks that it can do without."""
    return _QUOTED.sub(lambda m: m.group(1) or m.group(2), notation)
