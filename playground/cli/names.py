"""The names of scenarios and protocols, for lists and for the shell to complete.

The shell asks at every press of the tab key, so nothing here imports a protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from playground.session import comparisons, scenarios, shelves

Completion = tuple[str, str]


def known(name: str) -> bool:
    """Is it the name of a scenario or protocol, or at least no other word?"""
    short = {full.split("/")[1] for full in shelves.packaged()}
    return (
        "/" in name
        or name.endswith((".py", ".toml"))
        or name in short
        or scenarios.exists(name)
        or comparisons.exists(name)
    )


def scenario(incomplete: str) -> list[Completion]:
    return [*_matching(incomplete, scenarios.titles()), *_files(incomplete, ".toml")]


def protocol(incomplete: str) -> list[Completion]:
    return [*_matching(incomplete, shelves.titles()), *_files(incomplete, ".py")]


def anything(incomplete: str) -> list[Completion]:
    sides = {f"compare/{name}": title for name, title in comparisons.titles().items()}
    return [*scenario(incomplete), *protocol(incomplete), *_matching(incomplete, sides)]


def file(incomplete: str) -> list[Completion]:
    return list(_files(incomplete, ".toml"))


def _matching(incomplete: str, titles: Mapping[str, str]) -> list[Completion]:
    """Full names; the short ones only if no full one begins like that."""
    full = [(name, title) for name, title in titles.items() if name.startswith(incomplete)]
    if full:
        return full
    short = [(name.split("/")[1], title) for name, title in titles.items()]
    return [(name, title) for name, title in short if name.startswith(incomplete)]


def _files(incomplete: str, ending: str) -> Iterable[Completion]:
    """Files at a path that has been begun; folders, too, to go on from there."""
    folder, slash, begun = incomplete.rpartition("/")
    if not slash or folder.split("/")[0] not in ("", ".", "..", "~"):
        return
    try:
        found = sorted(Path(folder + slash).expanduser().iterdir())
    except OSError:
        return
    for path in found:
        if path.name.startswith(begun) and (path.is_dir() or path.suffix == ending):
            yield f"{folder}/{path.name}{'/' if path.is_dir() else ''}", ""
