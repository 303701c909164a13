"""playground export"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from playground.cli import names
from playground.cli.play import result
from playground.session.errors import BadInput, unknown


def as_json(name: str) -> str:
    """The object that `playground play --json` prints."""
    import json

    return json.dumps(result(name), indent=2) + "\n"


FORMATS: dict[str, Callable[[str], str]] = {"json": as_json}


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
