"""How soon the screen has settled after a key, beside a bare Textual app:

    python -m benchmarks.screen

Both run in terminals of their own, of 120x40, and get their keys in turns, so that a busy machine
is as busy for one as for the other.  A key counts from when it is sent to the last byte of what it
changes on the screen.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fcntl import ioctl
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter

ROWS, COLUMNS = 40, 120

KEYS = 60

QUIET = 0.1
"""Seconds without a byte after which a screen has settled."""

ASKED, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A terminal that draws frames as a whole, as most do."""

NODES = 7
SIZES = ((10, 1_000), (10_000, 1_000), (10, 100_000), (10_000, 100_000))
"""(messages in flight, events so far)"""

WANTED, EVEN, BACK = 2.0, 1.3, 2.0
"""p95 of a step over the bare app's; of one size over the smallest; of an undo over a step."""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, pid: int, screen: int) -> None:
        self._pid = pid
        self._screen = screen
        self.took: list[float] = []

    def settle(self, quiet: float) -> float:
        """The time of the last byte before so many seconds without one."""
        last = perf_counter()
        while select.select([self._screen], [], [], quiet)[0]:
            drawn = os.read(self._screen, 1 << 16)
            last = perf_counter()
            if ASKED in drawn:
                os.write(self._screen, ANSWER)
        return last

    def press(self, key: bytes) -> None:
        """Remembers how many milliseconds it took."""
        pressed = perf_counter()
        os.write(self._screen, key)
        self.took.append(1000 * (self.settle(QUIET) - pressed))

    def ready(self, patience: float = 60) -> None:
        """Wait until it has drawn itself."""
        until = monotonic() + patience
        while not select.select([self._screen], [], [], 0.5)[0]:
            if monotonic() > until:
                raise SystemExit("the screen did not open")
        self.settle(1.5)

    def end(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._screen)


@contextmanager
def terminal(*arguments: str) -> Iterator[Terminal]:
    """This module as a program, in a terminal."""
    with TemporaryDirectory() as folder:
        pid, screen = pty.fork()
        if not pid:
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.environ |= {"XDG_STATE_HOME": folder, "XDG_DATA_HOME": folder}
            os.execv(sys.executable, [sys.executable, "-m", __spec__.name, *arguments])
        ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        opened = Terminal(pid, screen)
        try:
            opened.ready()
            yield opened
        finally:
            opened.end()


# ---- what runs in the terminals


def bare() -> None:
    """One line that changes at each key: the least that an app of Textual's can do."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Bare(App[None]):
        pressed = 0

        def compose(self) -> ComposeResult:
            yield Static("0" * 100)

        def on_key(self) -> None:
            self.pressed += 1
            self.query_one(Static).update(f"key {self.pressed}", layout=False)

    Bare().run()


def gossip(flights: int, events: int) -> None:
    """The play screen, with so many messages in flight and so many events behind it."""
    from playground.session import catalog
    from playground.session.journal import Journal
    from playground.session.session import Session
    from playground.tui.app import Playground
    from playground.tui.game import Game

    protocol = catalog.load(str(Path(__file__).with_name("gossip.py")))
    each = -(-flights // NODES)
    times = -(-each // 1_000)
    session = Session(protocol, {"n": NODES, "each": each // times, "times": times})
    session.say(f"run fifo {events}")
    Playground(game=Game(session, None, Journal.begin(session, None))).run()


# ---- measuring


def percentiles(took: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th of 100."""
    cuts = quantiles(took, n=20)
    return cuts[9], cuts[18]


def measured(flights: int, events: int) -> tuple[float, float, float]:
    """p95 of the bare app, of a step and of an undo."""
    with ExitStack() as stack:
        floor = stack.enter_context(terminal("bare"))
        screen = stack.enter_context(terminal("gossip", str(flights), str(events)))
        found = {}
        for name, key in (("step", b"s"), ("undo", b"u")):
            for _ in range(5):  # both begin warm
                floor.press(key)
                screen.press(key)
            floor.took.clear()
            screen.took.clear()
            for _ in range(KEYS):
                floor.press(key)
                screen.press(key)
            found[name] = percentiles(screen.took)
            found[f"bare {name}"] = percentiles(floor.took)
    base, step, undo = found["bare step"][1], found["step"][1], found["undo"][1]
    told = "  ".join(f"{name} {p50:.1f}/{p95:.1f} ms" for name, (p50, p95) in found.items())
    print(f"{flights:>6,} in flight, {events:>7,} events: {told}")
    print(
        f"    step {step / base:.2f} of bare, {WANTED:.1f} wanted; "
        f"undo {undo / step:.2f} of a step, {BACK:.1f} wanted (p50/p95)",
        flush=True,
    )
    return base, step, undo


def main() -> None:
    first = 0.0
    for flights, events in SIZES:
        base, step, _ = measured(flights, events)
        first = first or step / base
        even = step / base / first
        print(f"    {even:.2f} of the smallest, {EVEN:.1f} wanted")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare"]:
            bare()
        case ["gossip", flights, events]:
            gossip(int(flights), int(events))
        case _:
            main()
