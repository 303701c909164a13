"""playground explain"""

from __future__ import annotations

from typing import Annotated

import typer

from playground.cli import names
from playground.cli.listing import JSON
from playground.cli.out import columns, emit, is_terminal, shown

Protocol = Annotated[
    str,
    typer.Argument(
        metavar="PROTOCOL", help="A name or a file (.py).", autocompletion=names.protocol
    ),
]


def command(protocol: Protocol, as_json: JSON = False) -> None:
    """Show the page of a protocol: promise, model, messages, properties, costs, bugs and code."""
    from playground.session.catalog import load
    from playground.session.page import page
    from playground.session.page_text import markdown

    found = page(load(protocol))
    if as_json:
        emit(found.report())
    elif is_terminal():
        _render(shown(markdown(found)))
    else:
        print(shown(markdown(found)), end="")


def _render(text: str) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    Console(width=columns()).print(Markdown(text, hyperlinks=False, code_theme="ansi_dark"))
