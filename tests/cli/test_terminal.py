"""On a terminal there are colours, wrapped lines and a progress bar; NO_COLOR is respected."""

from __future__ import annotations

import re
import sys

import pexpect

from tests.cli.conftest import environment


def terminal(*arguments: str, **env: str) -> str:
    """What a terminal of 80 columns gets to see."""
    seen = pexpect.run(
        " ".join([sys.executable, "-m", "playground", *arguments]),
        env=environment(**env), encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert isinstance(seen, str)
    return seen


def test_a_terminal_gets_colours_and_lines_that_fit() -> None:
    seen = terminal("play", "px_happy")
    assert "\x1b[1mStep 1 of 8." in seen
    assert "\x1b[32mAll 35 expectations are met.\x1b[0m" in seen
    plain = re.sub(r"\x1b\[\d*m", "", seen)
    assert max(map(len, plain.splitlines())) <= 80


def test_no_color_is_respected() -> None:
    assert "\x1b[" not in terminal("play", "px_happy", NO_COLOR="1")
    assert not re.search(r"\x1b\[[\d;]*3\dm", terminal("explain", "paxos", NO_COLOR="1"))


def test_a_dumb_terminal_gets_plain_text() -> None:
    seen = terminal("px_happy", TERM="dumb")
    notice, _, text = seen.partition("\r\n")
    assert notice == "playground: this terminal can only print, so this is the run as plain text."
    assert text.startswith("One round is enough. A scenario of consensus/paxos.\r\n")
    assert "\x1b" not in seen


def test_long_work_shows_a_progress_bar() -> None:
    seen = terminal("simulate", "paxos", "--runs", "60", "--schedule", "random")
    assert "60/60" in seen


def test_a_page_is_laid_out() -> None:
    seen = terminal("explain", "paxos")
    assert "## " not in seen and "```" not in seen
    assert "Prepare" in seen and "1a" in seen
