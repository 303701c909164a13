"""playground [SCENARIO | PROTOCOL]: the screen, or plain text where there is no terminal"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from playground.cli import names
from playground.cli.play import opened, tell
from playground.session import comparisons, scenarios, shelves
from playground.session.errors import BadInput, unknown

if TYPE_CHECKING:
    from playground.session.catalog import ProtocolFile

DEFAULT = "consensus/px_duel"


def command(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|PROTOCOL",
            help="A name or a file (.toml, .py).",
            autocompletion=names.anything,
        ),
    ],
    resume: Annotated[bool, typer.Option("--resume", hidden=True)] = False,
) -> int:
    """Open a scenario or protocol on the screen; without a terminal, play it as plain text."""
    return open_screen(name, resume or bool(ctx.obj))


def open_screen(name: str | None, resume: bool) -> int:
    """Returns the exit status.  Raises BadInput for a name that is neither."""
    if not _terminal():
        if resume:
            raise BadInput("a session can only be resumed on a terminal")
        if sys.stdout.isatty():  # whoever sits there may have expected the screen
            sys.stderr.write(f"playground: {_lacking()}, so this is the run as plain text.\n")
        return _as_text(DEFAULT if name is None else name)
    if name is not None:
        _check(name)
    from playground.tui.app import run

    return run(name, resume)


def _terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _lacking() -> str:
    """What the screen would need."""
    return "no keys can be read" if not sys.stdin.isatty() else "this terminal can only print"


def _check(name: str) -> None:
    """An error is told where it can be read, before the screen opens."""
    if comparisons.exists(name):
        from playground.session.compare import SideBySide

        SideBySide(comparisons.find(name))
    elif scenarios.exists(name):
        opened(name)
    else:
        _protocol(name)


def _protocol(name: str) -> ProtocolFile:
    from playground.session.catalog import load

    if not name.endswith(".py") and not names.known(name):
        known = [*scenarios.names(), *shelves.names(), *comparisons.titles()]
        known += [name.split("/")[1] for name in known]
        raise BadInput(unknown("scenario or protocol", name, known))
    return load(name)


def _as_text(name: str) -> int:
    if comparisons.exists(name):
        from playground.cli import compare

        return compare.command(name)
    if scenarios.exists(name):
        return tell(name, None, None, None)
    from playground.cli.teller import Teller
    from playground.session.outline import outline
    from playground.session.playback import Playback
    from playground.session.scenario import dump, parse

    scenario = outline(_protocol(name))
    return Teller(Playback(parse(dump(scenario), Path(name)))).play()
