"""Finds comparison files: the packaged ones by name, any other by its path."""

from __future__ import annotations

from pathlib import Path

from playground.session import scenarios
from playground.session.errors import BadInput, unknown

FOLDER = scenarios.ROOT / "compare"


def names() -> list[str]:
    """The comparisons that ship."""
    return sorted(p.stem for p in FOLDER.glob("*.toml"))


def titles() -> dict[str, str]:
    """The title of each, without reading its file as TOML."""
    return {name: scenarios.title(FOLDER / f"{name}.toml") for name in names()}


def exists(name: str) -> bool:
    """Does a comparison of this name ship, or is this path a file of one?"""
    if name.endswith(".toml"):
        path = Path(name)
        return path.is_file() and "[[lane]]" in path.read_text(encoding="utf-8", errors="replace")
    return _short(name) in names()


def find(name: str) -> Path:
    """The file of a comparison or of a scenario that ships, or the one at this path.  Raises
    BadInput."""
    if _short(name) in names():
        return FOLDER / f"{_short(name)}.toml"
    if Path(name).is_file():
        return Path(name)
    if name.endswith(".toml"):
        raise BadInput(f"there is no file {name}")
    if scenarios.exists(name):
        return scenarios.find(name)
    raise BadInput(unknown("script", name, names()))


def _short(name: str) -> str:
    return name.removeprefix("compare/")
