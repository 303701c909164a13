"""Finds scenario files: the packaged ones by name, any other by its path."""

from __future__ import annotations

import re
from pathlib import Path

from playground.session.errors import BadInput, unknown

ROOT = Path(__file__).resolve().parents[2] / "scenarios"


def names() -> list[str]:
    """Every packaged scenario, as family/lesson.  Comparisons are no scenarios."""
    files = [p for p in ROOT.glob("*/*.toml") if p.parent.name != "compare"]
    return sorted(f"{p.parent.name}/{p.stem}" for p in files)


def titles() -> dict[str, str]:
    """The title of each packaged scenario, without reading its file as TOML."""
    return {name: title(ROOT / f"{name}.toml") for name in names()}


def exists(name: str) -> bool:
    """Is there a packaged scenario of this name, or a file at this path?"""
    return name.endswith(".toml") or bool(_named(name))


def find(name: str) -> Path:
    """The file of a packaged scenario (family/lesson, or lesson alone), or the one at this path.
    Raises BadInput."""
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise BadInput(f"there is no file {name}")
        return path
    found = _named(name)
    if len(found) != 1:
        known = names()
        raise BadInput(unknown("scenario", name, [*known, *(k.split("/")[1] for k in known)]))
    return ROOT / f"{found[0]}.toml"


def _named(name: str) -> list[str]:
    return [full for full in names() if name in (full, full.split("/")[1])]


def title(path: Path) -> str:
    """The title in a file, which is not read as TOML."""
    found = re.search(
        r"""^title\s*=\s*(?:"(.*)"|'(.*)')\s*$""", path.read_text("utf-8"), re.MULTILINE
    )
    return (found.group(1) or found.group(2) or "").replace('\\"', '"') if found else path.stem
