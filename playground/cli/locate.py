"""playground locate"""

from __future__ import annotations

from typing import Annotated

import typer

from playground.session.errors import BadInput, unknown

PLACES = ("config", "themes", "data", "log")


def places(incomplete: str) -> list[str]:
    return [place for place in PLACES if place.startswith(incomplete)]


def command(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help=f"One of {', '.join(PLACES)}.", autocompletion=places),
    ],
) -> None:
    """Print where the config file is, or would be; or the folder of themes, journals, crash
    files."""
    from platformdirs import user_data_path, user_log_path

    from playground.session.config import config_path, themes_path

    if what not in PLACES:
        raise BadInput(unknown("place", what, PLACES))
    if what == "data":
        print(user_data_path("playground", appauthor=False))
    elif what == "log":
        print(user_log_path("playground", appauthor=False))
    else:
        print(themes_path() if what == "themes" else config_path())
