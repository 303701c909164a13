"""playground check, playground schema"""

from __future__ import annotations

from typing import Annotated

import typer

from playground.cli import names
from playground.cli.out import emit, error, say
from playground.cli.play import opened
from playground.session.errors import BadInput

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Files (.toml), or names.", autocompletion=names.scenario
    ),
]


def command(file: Files) -> int:
    """Validate scenario files: form, names, values and notation, without playing them.

    Exits with 0 if all are fine, else with 2.
    """
    status = 0
    for name in file:
        try:
            opened(name)
        except BadInput as bad:
            status = error(str(bad), 2)
        else:
            say(f"{name}: fine")
    return status


def schema() -> None:
    """Print the JSON schema of scenario files, for editors."""
    from playground.session.scenario import schema

    emit(schema())
