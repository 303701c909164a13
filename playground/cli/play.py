"""playground play: scripted playback without a screen"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground.cli import names
from playground.cli.listing import JSON
from playground.cli.out import emit, say
from playground.session import comparisons, scenarios, shelves
from playground.session.errors import BadInput

if TYPE_CHECKING:
    from playground.session.playback import Playback

Scenarios = Annotated[
    list[str],
    typer.Argument(
        metavar="SCENARIO...", help="Names or files (.toml).", autocompletion=names.scenario
    ),
]
Speed = Annotated[
    float | None,
    typer.Option(min=0.01, metavar="X", help="Events per second; without it there is no pause."),
]
Until = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="Stop after step N of the script.")
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Draw the lots of random runs with this seed."),
]


def command(
    scenario: Scenarios,
    as_json: JSON = False,
    speed: Speed = None,
    until: Until = None,
    seed: Seed = None,
) -> int:
    """Play scenarios; tell in plain text what happens, and whether it is as expected.

    Exits with 0 if all expectations are met, with 1 if some are not, and with 2 on bad input.
    """
    if as_json:
        return _as_json(scenario, until, seed)
    status = 0
    for i, name in enumerate(scenario):
        if i:
            say()
        status |= tell(name, speed, until, seed)
    return status


def _as_json(names: list[str], until: int | None, seed: int | None) -> int:
    results = [result(name, until, seed) for name in names]
    failed = any(r["verdict"] == "fail" for r in results)
    if len(results) == 1:
        emit(results[0])
    else:
        emit({"verdict": "fail" if failed else "pass", "results": results})
    return int(failed)


def result(name: str, until: int | None = None, seed: int | None = None) -> dict[str, Any]:
    """The run of a scenario as one JSON object.  Raises BadInput."""
    from playground.session.report import report

    playback = opened(name, seed)
    compared = [e for played in playback.play(until) for e in played.expectations]
    if playback.done == playback.total:
        compared += playback.end()
    return report(name, playback, compared)


def tell(name: str, speed: float | None, until: int | None, seed: int | None) -> int:
    """Plays a scenario as plain text; returns the exit status.  Raises BadInput."""
    from playground.cli.teller import Teller

    return Teller(opened(name, seed), speed).play(until)


def opened(name: str, seed: int | None = None) -> Playback:
    """The scenario, read and validated.  Raises BadInput, with the place and the nearest name."""
    from playground.session.playback import Playback
    from playground.session.scenario import load

    if not scenarios.exists(name) and comparisons.exists(name):
        raise BadInput(f"{name} is a comparison; try playground compare --script {name}")
    if not scenarios.exists(name) and (name.endswith(".py") or shelves.known(name)):
        raise BadInput(f"{name} is a protocol, not a scenario; try playground simulate {name}")
    return Playback(load(scenarios.find(name)), seed)
