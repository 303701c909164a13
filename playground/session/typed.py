"""What was typed on the command line, also in earlier sessions: newest last."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

KEPT = 500
"""How many lines are kept."""


def path() -> Path:
    """The user's state folder of the system."""
    return user_state_path("playground", appauthor=False) / "typed.txt"


def typed() -> list[str]:
    """Nothing, if nothing can be read."""
    try:
        lines = path().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line for line in lines if line and line.isprintable()][-KEPT:]


def keep(lines: list[str]) -> None:
    """If the disk refuses, they are known to this session alone."""
    file = path()
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(f".{os.getpid()}")
        new.touch(0o600)
        new.write_text("".join(f"{line}\n" for line in lines[-KEPT:]), encoding="utf-8")
        new.replace(file)
