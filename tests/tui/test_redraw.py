"""Only what has changed is redrawn: and then the terminal shows what it would show if all were."""

from __future__ import annotations

from random import Random
from time import monotonic

import pexpect
import pyte
import pytest

from tests.tui.test_ending import start

QUIET = 0.1
"""Seconds without a byte after which a screen has settled."""

PATIENCE = 60

KEYS = ("s", "s", "s", "space", "enter", "x", "d", "h", "u", "U", "\x12", "G", "*", "1", "2", "3",
        "4", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "V", "[", "]", "l")  # fmt: skip
"""Steps, undo and redo, moves between panes and in them, and ways to see the same otherwise."""


class Terminal:
    """What somebody sees, cell by cell with its colours."""

    def __init__(self, child: pexpect.spawn[str], columns: int, rows: int) -> None:
        self._child = child
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)

    def settle(self, leaving: tuple[str, ...] = ()) -> None:
        """Until nothing is drawn for a while, and none of these is on it any more."""
        until = monotonic() + PATIENCE
        while True:
            assert monotonic() < until, self.text()
            try:
                self._stream.feed(self._child.read_nonblocking(1 << 16, timeout=QUIET))
            except pexpect.TIMEOUT:
                if not any(each in self.text() for each in leaving):
                    return

    def press(self, *keys: str) -> None:
        for key in keys:
            self._child.send(" " if key == "space" else "\r" if key == "enter" else key)
            self.settle()

    def text(self) -> str:
        return "\n".join(self._screen.display)

    def cells(self) -> list[list[pyte.screens.Char]]:
        columns, rows = range(self._screen.columns), range(self._screen.lines)
        return [[self._screen.buffer[y][x] for x in columns] for y in rows]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("seed", "columns", "rows"), [(0, 80, 24), (1, 120, 40)])
def test_after_any_keys_the_screen_is_as_if_it_were_drawn_anew(
    seed: int, columns: int, rows: int
) -> None:
    child = start()
    child.expect_exact("narration")
    child.setwinsize(rows, columns)
    terminal = Terminal(child, columns, rows)
    terminal.settle()
    terminal.press(*Random(seed).choices(KEYS, k=15))
    terminal.settle(leaving=("valence …", "▌"))  # what is still thought about, and notices
    before = terminal.text(), terminal.cells()
    terminal.press("?")
    assert "help" in terminal.text() and terminal.text() != before[0]
    terminal.press("\x1b")
    terminal.settle(leaving=("valence …",))
    assert terminal.text() == before[0]
    assert terminal.cells() == before[1]
    child.close(force=True)
