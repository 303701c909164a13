"""How soon the screen has settled after a key, and how soon there is one, beside bare Textual apps:

    python -m benchmarks.screen

Both run in terminals of their own, of 120x40, and get their keys in turns, so that a busy machine
is as busy for one as for the other.  A key counts from when it is sent to the last byte of what it
changes on the screen.  The bare app has Textual's own widgets where ours has others, and a key
updates one of its seven panes: the least that an app of this look can do.
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
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep

ROWS, COLUMNS = 40, 120

KEYS = 60

QUIET = 0.1
"""Seconds without a byte after which a screen has settled."""

ASKED, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A terminal that draws frames as a whole, as most do."""

NODES = 7
SIZES = ((10, 1_000), (10_000, 1_000), (10, 100_000), (10_000, 100_000))
"""(messages in flight, events so far)"""

WANTED, EVEN, BACK, FIRST = 2.0, 1.3, 2.0, 1.5
"""p95 of a step over the bare app's; of one size over the smallest; of an undo over a step; of the
first screen over that of an empty app."""

STARTS = 7
"""How often the first screen is waited for."""

STOPPED = 0.5
"""Seconds in which a run at full speed has stopped after the key, at most."""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, *command: str) -> None:
        self.began = perf_counter()
        self._folder = TemporaryDirectory()
        self._pid, self._screen = pty.fork()
        if not self._pid:
            folder = self._folder.name
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.environ |= {"XDG_STATE_HOME": folder, "XDG_DATA_HOME": folder}
            os.execv(sys.executable, [sys.executable, *command])
        ioctl(self._screen, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.took: list[float] = []

    def read(self, patience: float) -> bytes:
        """What it draws next; nothing if it draws nothing for so long."""
        if not select.select([self._screen], [], [], patience)[0]:
            return b""
        drawn = os.read(self._screen, 1 << 16)
        if ASKED in drawn:
            os.write(self._screen, ANSWER)
        return drawn

    def settle(self, quiet: float) -> float:
        """The time of the last byte before so many seconds without one."""
        last = perf_counter()
        while self.read(quiet):
            last = perf_counter()
        return last

    def send(self, key: bytes) -> None:
        os.write(self._screen, key)

    def press(self, key: bytes) -> None:
        """Remembers how many milliseconds it took."""
        pressed = perf_counter()
        self.send(key)
        self.took.append(1000 * (self.settle(QUIET) - pressed))

    def shows(self, text: bytes, patience: float = 60) -> float:
        """Seconds from the start until this is drawn."""
        until, drawn = monotonic() + patience, b""
        while text not in drawn:
            if monotonic() > until:
                raise SystemExit(f"the screen never showed {text!r}")
            drawn += self.read(0.5)
        return perf_counter() - self.began

    def end(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._screen)
        self._folder.cleanup()


@contextmanager
def terminal(*command: str) -> Iterator[Terminal]:
    opened = Terminal(*command)
    try:
        yield opened
    finally:
        opened.end()


def itself(*arguments: object) -> tuple[str, ...]:
    """This module as a program."""
    return "-m", __spec__.name, *map(str, arguments)


# ---- what runs in the terminals


def empty() -> None:
    """An app with nothing on it but a word."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Empty(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("opened")

    Empty().run()


def bare() -> None:
    """Textual's own widgets in about our places; a key updates one of seven panes."""
    from textual.app import App, ComposeResult
    from textual.containers import Container, Horizontal
    from textual.widgets import Footer, Header, Static

    def rows(count: int, text: str) -> str:
        return "\n".join(f"{text} {i}" for i in range(count))

    class Bare(App[None]):
        CSS = """
        #nodes { layout: grid; grid-size: 7 1; height: 11; }
        #nodes Static { border: round gray; height: 11; }
        #middle { height: 14; }
        #middle Static { border: round gray; height: 14; width: 1fr; }
        #diagram { border: round gray; height: 1fr; }
        """
        BINDINGS = [("s", "step", "step"), ("u", "step", "undo")]  # noqa: RUF012 - as it is usual
        steps = 0

        def compose(self) -> ComposeResult:
            yield Header()
            with Container(id="nodes"):
                for i in range(NODES):
                    yield Static(rows(6, "field"), id=f"p{i}")
            with Horizontal(id="middle"):
                yield Static(rows(10, "m1  p1 > p2  Gossip"))
                yield Static(rows(10, "what it would do"))
            yield Static(rows(6, "| | | |"), id="diagram")
            yield Static("opened")
            yield Footer()

        def action_step(self) -> None:
            self.steps += 1
            pane = self.query_one(f"#p{self.steps % NODES}", Static)
            pane.update(rows(6, f"field {self.steps}"), layout=False)

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
        floor = stack.enter_context(terminal(*itself("bare")))
        screen = stack.enter_context(terminal(*itself("gossip", flights, events)))
        for each, word in ((floor, b"opened"), (screen, b"space-time")):
            each.shows(word)
            each.settle(1.5)
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


def keys() -> None:
    first = 0.0
    for flights, events in SIZES:
        base, step, _ = measured(flights, events)
        first = first or step / base
        print(f"    {step / base / first:.2f} of the smallest, {EVEN:.1f} wanted")


def opened(word: bytes, *command: str) -> float:
    """Seconds until this program shows this."""
    with terminal(*command) as program:
        return program.shows(word)


def starts() -> None:
    """How soon there is a first screen."""
    pairs = [
        (opened(b"narration", "-m", "playground", "px_duel"), opened(b"opened", *itself("empty")))
        for _ in range(STARTS)
    ]
    ours, floor = (median(times) for times in zip(*pairs, strict=True))
    ratio = median(a / b for a, b in pairs)
    print(
        f"first screen {1000 * ours:.0f} ms, an empty app {1000 * floor:.0f} ms: "
        f"{ratio:.2f}, {FIRST:.1f} wanted"
    )


def autoplay() -> None:
    """At full speed no frames queue up: after the key that ends it, it ends."""
    with terminal(*itself("gossip", 1_000, 1_000)) as screen:
        screen.shows(b"space-time")
        screen.settle(1.5)
        screen.send(b"+" * 8)
        screen.settle(QUIET)
        screen.send(b"r")
        until = monotonic() + 5
        while monotonic() < until:
            screen.read(0.1)
        screen.send(b"r")
        paused = perf_counter()
        sleep(0.01)
        took = screen.settle(2 * QUIET) - paused
    print(f"auto-play at 200 steps a second: quiet {1000 * took:.0f} ms after the key, "
          f"{1000 * STOPPED:.0f} wanted")  # fmt: skip


def main() -> None:
    starts()
    autoplay()
    keys()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare"]:
            bare()
        case ["empty"]:
            empty()
        case ["gossip", flights, events]:
            gossip(int(flights), int(events))
        case _:
            main()
