"""What commands write: plain text, which a terminal shows and never obeys.

On a terminal text is wrapped and has a few colours, unless NO_COLOR is set; in a pipe it is plain
and each paragraph is one line.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

STYLES = {"bold": "1", "dim": "2", "good": "32", "bad": "31", "warn": "33"}


def shown(text: str) -> str:
    r"""The text with everything that a terminal might obey spelled out, as in \x1b."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _spelled(c) for c in text)


def _spelled(char: str) -> str:
    if char.isspace() and char > "\x85":  # blanks of other widths
        return " "
    return char.encode("unicode_escape").decode("ascii")


def is_terminal(stream: TextIO | None = None) -> bool:
    """Does a person see this at once?  Then it may be wrapped, coloured and updated."""
    stream = stream or sys.stdout
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def painted(text: str, style: str, stream: TextIO | None = None) -> str:
    """In colour where there is any; the text must say everything without it."""
    if not style or os.environ.get("NO_COLOR") or not is_terminal(stream):
        return text
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def columns() -> int | None:
    """How wide a line of text may be; None where nobody minds."""
    return min(shutil.get_terminal_size().columns, 100) if is_terminal() else None


def say(text: str = "", style: str = "", indent: int = 0, hang: int = 0) -> None:
    """One paragraph; its lines after the first are indented by `hang` more."""
    margin, width = " " * indent, columns()
    line = margin + shown(text)
    if width is not None and len(line) > width:
        line = textwrap.fill(
            shown(text),
            max(width, indent + hang + 20),
            initial_indent=margin,
            subsequent_indent=margin + " " * hang,
            break_on_hyphens=False,
        )
    print(painted(line, style))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns; as words and blanks, so that it can be read aloud and cut by other programs."""
    lines = [[shown(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for i, row in enumerate(lines):
        cells = (c.ljust(w) for c, w in zip(row, widths, strict=True))
        print(painted("  ".join(cells).rstrip(), "" if i else "bold"))


def listed(words: Iterable[str]) -> str:
    """ "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def costs(cost: Mapping[str, Any]) -> str:
    """What a run has cost, in a sentence."""
    kinds = [f"{n} {kind}" for kind, n in cost["messages"].items()]
    told = [
        _counted(cost["total"], "message") + (f" ({listed(kinds)})" if kinds else ""),
        _counted(cost["delays"], "delay"),
        _counted(cost["stable_writes"], "disk write"),
    ]
    return f"Cost: {listed(told)}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def emit(value: Any) -> None:
    """One JSON object; escaped, so that a terminal does not obey it either."""
    import json

    print(json.dumps(value, indent=2 if is_terminal() else None))


def error(sentence: str, status: int) -> int:
    """One sentence on stderr; returns the status."""
    line = " ".join(shown(sentence).splitlines())
    print(painted("playground: ", "bad", sys.stderr) + line, file=sys.stderr)
    return status


def wide_enough() -> None:
    """What an old encoding can't write is spelled out, too."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
