"""How the app ends: by a key, a signal, or a bug.  A real terminal each time."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from playground.session import journal

RUN = """
import sys
from playground.tui.app import run
{before}
sys.exit(run({name!r}, {resume}))
"""
ON, OFF = "\x1b[?1049h", "\x1b[?1049l"  # the alternate screen
MOUSE_OFF = "\x1b[?1000l"
BROKEN = """
from playground.tui.play import Play
def sync(self, since=None, sync=Play.sync):
    sync(self, since)
    if self.game.session.state.step:
        raise RuntimeError("boom [red]")
Play.sync = sync
"""


def start(
    name: str | None = "consensus/px_duel", before: str = "", resume: bool = False
) -> pexpect.spawn[str]:
    """The app on a terminal of its own."""
    script = RUN.format(name=name, before=before, resume=resume)
    root = str(Path(__file__).parents[2])
    env = os.environ | {"PYTHONPATH": root, "TERM": "xterm-256color"}
    child = pexpect.spawn(
        sys.executable, ["-c", script], env=env, dimensions=(40, 120), encoding="utf-8", timeout=20
    )
    return child


def ended(child: pexpect.spawn[str]) -> tuple[str, int | None]:
    """What it printed to the end, and its exit status."""
    child.expect(pexpect.EOF)
    child.close()
    return child.before or "", child.exitstatus


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(number: signal.Signals) -> None:
    child = start()
    child.expect_exact("narration")
    child.kill(number)
    printed, status = ended(child)
    assert OFF in printed and MOUSE_OFF in printed
    assert status == 128 + number


def test_q_leaves_with_status_0() -> None:
    child = start()
    child.expect_exact("narration")
    child.send("q")
    printed, status = ended(child)
    assert OFF in printed and status == 0


def test_a_bug_is_written_down_and_told_in_one_line(home: Path) -> None:
    child = start(before=BROKEN)
    child.expect_exact("narration")
    child.send(" ")
    printed, status = ended(child)
    after = printed.rpartition(OFF)[2]
    assert status == 3
    assert "playground: a bug ended the screen; the details are in" in " ".join(after.split())
    assert "Traceback" not in after
    [file] = home.rglob("crash-*.txt")
    assert "RuntimeError: boom [red]" in file.read_text(encoding="utf-8")


def test_kill_9_loses_nothing_and_resume_goes_on() -> None:
    child = start()
    child.expect_exact("narration")
    child.send(" ")
    child.expect_exact("1 of 11")
    child.send("x")
    child.expect_exact("drop m7")
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()
    left = journal.left()
    assert left is not None and left.title == "Dueling leaders"
    again = start(None, resume=True)
    again.expect_exact("drop m7")
    again.send("q")
    assert ended(again)[1] == 0
    playback = journal.resume(left.path).playback
    assert playback is not None and playback.done == 1
