"""The command line, called as a person calls it; in this process where that shows the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from playground.cli.app import run

ROOT = Path(__file__).parents[2]


class Ran(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command line here; what it writes goes to no terminal."""

    def call(*arguments: str | Path) -> Ran:
        status = run([str(a) for a in arguments])
        out, err = capfd.readouterr()
        return Ran(status, out, err)

    return call


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLUMNS")}
    return kept | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"} | more


def process(*arguments: str, cwd: Path | None = None, **env: str) -> Ran:
    """Runs a command line in a process of its own, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "playground", *arguments],
        cwd=cwd, env=environment(**env), capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def echo(cli: Cli, tmp_path: Path) -> Path:
    """A protocol of one's own."""
    cli("new", "protocol", tmp_path / "my_echo")
    return tmp_path / "my_echo.py"


@pytest.fixture
def echo_wrong(echo: Path) -> Path:
    """The same with a slip: the server answers something else."""
    text = echo.read_text(encoding="utf-8")
    slip = text.replace("self.send(Answer(text), to=src)", 'self.send(Answer("no"), to=src)')
    assert slip != text
    echo.write_text(slip, encoding="utf-8")
    return echo
