"""playground export"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from playground.cli import names
from playground.cli.play import opened, result
from playground.session.errors import BadInput, unknown

if TYPE_CHECKING:
    from playground.session.playback import Playback


def as_json(name: str) -> str:
    """The object that `playground play --json` prints."""
    import json

    return json.dumps(result(name), indent=2) + "\n"


def as_text(name: str) -> str:
    """The space-time diagram, as it stands on the screen."""
    from playground.formats.drawing import as_text

    return as_text(played(name).session)


def as_svg(name: str) -> str:
    """The space-time diagram, with slanting arrows."""
    from playground.formats.drawing import as_svg

    playback = played(name)
    return as_svg(playback.session, playback.scenario.title)


def played(name: str) -> Playback:
    """A scenario at its end.  Raises BadInput."""
    playback = opened(name)
    for _ in playback.play():
        pass
    return playback


FORMATS: dict[str, Callable[[str], str]] = {"json": as_json, "text": as_text, "svg": as_svg}


def formats(incomplete: str) -> list[str]:
    return [f for f in FORMATS if f.startswith(incomplete)]


def command(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO", help="A name or a file (.toml).", autocompletion=names.scenario
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar="FORMAT", help=f"Which: {', '.join(FORMATS)}.", autocompletion=formats
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write there instead.")
    ] = None,
) -> None:
    """Write the run of a scenario in an open format."""
    if to not in FORMATS:
        raise BadInput(unknown("format", to, FORMATS))
    written = FORMATS[to](scenario)
    if output is None:
        print(written, end="")
        return
    try:
        output.write_text(written, encoding="utf-8")
    except OSError as failed:
        raise BadInput(f"{output} can't be written: {failed.strerror}") from None
