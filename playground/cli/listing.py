"""playground list"""

from __future__ import annotations

from typing import Annotated

import typer

from playground.cli.out import emit, painted, say
from playground.session import comparisons, scenarios, shelves

JSON = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


def command(as_json: JSON = False) -> None:
    """List protocols, scenarios and comparisons by family."""
    protocols, lessons = shelves.titles(), scenarios.titles()
    compared = {f"compare/{name}": title for name, title in comparisons.titles().items()}
    for name in shelves.offered():
        protocols.setdefault(name, "from another package")
    if as_json:
        told = {"protocols": protocols, "scenarios": lessons, "comparisons": compared}
        emit({kind: _entries(titles) for kind, titles in told.items()})
        return
    width = max(map(len, (*protocols, *lessons, *compared)), default=0)
    kinds = (("protocols", protocols), ("scenarios", lessons), ("side by side", compared))
    for family in sorted({name.split("/")[0] for _, titles in kinds for name in titles}):
        for kind, titles in kinds:
            found = {n: t for n, t in titles.items() if n.split("/")[0] == family}
            if found:
                print(painted(f"{family} {kind}", "bold"))
            for name, title in found.items():
                say(f"{name.ljust(width)}  {title}", indent=2, hang=width + 2)
    if not lessons and not protocols:
        say("There are no protocols and no scenarios.")


def _entries(titles: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "family": name.split("/")[0], "title": title}
        for name, title in titles.items()
    ]
