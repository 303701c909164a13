"""What protocols there are, told without importing any: for lists and completions.

Other people's packages offer theirs by the entry-point group `playground.protocols`: an entry
`family/name = "module"` is a protocol module like those in `protocols/`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTOCOLS = ROOT / "protocols"
GROUP = "playground.protocols"


def names() -> list[str]:
    """Every protocol that there is, as family/name."""
    return sorted({*packaged(), *offered()})


def known(name: str) -> bool:
    """Is it the name of a protocol, in full or without its family?"""
    return any(name in (full, full.split("/")[-1]) for full in names())


def titles() -> dict[str, str]:
    """The promise of each packaged protocol: the first line of its file."""
    return {name: first_line(path) for name, path in sorted(packaged().items())}


def first_line(path: Path) -> str:
    """The first line of a module's docstring."""
    match = re.match(r'\s*(?:#.*\n)*\s*[rR]?"""\s*(.*)', path.read_text(encoding="utf-8"))
    return match.group(1).removesuffix('"""').strip() if match else path.stem


def packaged() -> dict[str, Path]:
    """family/name of each file in protocols/, but for siblings such as paxos_wrong."""
    files = [p for p in sorted(PROTOCOLS.glob("*/*.py")) if not p.name.startswith("_")]
    stems = {(p.parent.name, p.stem) for p in files}
    return {
        f"{p.parent.name}/{p.stem}": p
        for p in files
        if not any(
            (p.parent.name, p.stem.removesuffix(end)) in stems and p.stem.endswith(end)
            for end in ("_wrong", "_traitor")
        )
    }


def offered() -> dict[str, str]:
    """family/name of each protocol of another package, and its module."""
    if not any(GROUP in text for text in _entry_points()):
        return {}
    from importlib.metadata import entry_points

    return {e.name: e.value for e in entry_points(group=GROUP)}


def _entry_points() -> Iterator[str]:
    """What packages say that they offer, to whomever.  Nearly always a glance at it is enough;
    importlib.metadata would take longer than all the rest of `playground list`."""
    for folder in sys.path:
        for file in Path(folder).glob("*-info/entry_points.txt"):
            yield file.read_text(encoding="utf-8", errors="replace")
