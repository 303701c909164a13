"""The commands together, and what becomes of their errors.

A command returns its exit status, or None for 0.  Whatever goes wrong ends in one sentence on
stderr.  Statuses: 0 fine, 1 an expectation or a property failed, 2 bad input, 3 a bug, 130 Ctrl-C,
141 nobody reads the output any more.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Container
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer._click.shell_completion import CompletionItem
from typer.core import TyperCommand, TyperGroup

from playground.cli import names
from playground.cli.out import error, shown, wide_enough
from playground.session.errors import BadInput, nearest


class Entry(NamedTuple):
    """Where a command is, as module:function, and its line in the list of commands."""

    where: str
    help: str


COMMANDS = {
    "open": Entry("open_tui:command", ""),
    "list": Entry("listing:command", "List protocols and scenarios by family."),
    "explain": Entry("explain:command", "Show the page of a protocol."),
    "play": Entry("play:command", "Play scenarios as plain text, and check their expectations."),
    "simulate": Entry("simulate:command", "Run a protocol by seed and odds: verdicts and costs."),
    "search": Entry("search:command", "Try everything that may happen, and find what breaks."),
    "compare": Entry("compare:command", "Play one script of faults on several protocols."),
    "lincheck": Entry("lincheck:command", "Judge whether a recorded history is linearizable."),
    "check": Entry("check:command", "Validate scenario files without playing them."),
    "schema": Entry("check:schema", "Print the JSON schema of scenario files, for editors."),
    "export": Entry("export:command", "Write the run of a scenario in an open format."),
    "locate": Entry("locate:command", "Print where the config file is."),
    "new": Entry("new:command", "Make a protocol or scenario that already runs."),
}

COMPLETING = "_PLAYGROUND_COMPLETE"
HERE = Path(__file__).resolve().parents[1]


class Interrupted(Exception):
    """Ctrl-C; says what was going on."""


class NobodyReads(Exception):
    """The pipe that we write into is closed."""


class Opening(TyperCommand):
    """What a name without a command does; its usage has no word for it either."""

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        return super().make_context("", args, parent, **extra)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path.strip(), pieces)


class Commands(TyperGroup):
    """Also takes the name of a scenario or protocol where a command may stand."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in self.commands or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        near = nearest(args[0], [name for name, c in self.commands.items() if not c.hidden])
        if near and not names.known(args[0]):
            raise BadInput(f"there is no command {args[0]!r}; did you mean {near}?")
        return "open", self.commands["open"], args

    def shell_complete(self, ctx: Any, incomplete: str) -> list[CompletionItem]:
        found = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-"):
            found += [CompletionItem(n, help=h) for n, h in names.anything(incomplete)]
        return found

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise Interrupted(str(interrupt) or "Interrupted.") from None
        except BrokenPipeError as broken:
            raise NobodyReads from broken


def version(wanted: bool) -> None:
    if wanted:
        from playground import __version__

        print(f"playground {__version__}")
        raise typer.Exit


def playground(
    ctx: typer.Context,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the session that was interrupted.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Tell the version.", callback=version, is_eager=True)
    ] = False,
) -> int:
    """Take distributed protocols apart, message by message.

    The name of a scenario or protocol opens it on the screen, no name opens the menu of all.
    Without a terminal the scenario is played as plain text.
    """
    ctx.obj = resume
    if ctx.invoked_subcommand:
        return 0
    from playground.cli.open_tui import open_screen

    return open_screen(None, resume)


def app(used: Container[str]) -> typer.Typer:
    """The program; only the commands that are used are imported."""
    made = typer.Typer(
        cls=Commands,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        subcommand_metavar="[SCENARIO | PROTOCOL | COMMAND [ARGS]...]",
        rich_markup_mode=None,  # plain help: half the time, and a screen reader can read it
        pretty_exceptions_enable=False,
    )
    made.callback()(playground)
    for name, entry in COMMANDS.items():
        module, function = entry.where.split(":")
        command = _unused
        if name in used:
            command = getattr(import_module(f"playground.cli.{module}"), function)
        opens = name == "open"
        kind = Opening if opens else None
        made.command(name, cls=kind, short_help=entry.help, hidden=opens)(command)
    return made


def _unused() -> None:
    """Stands for a command that this process does not use."""


def run(arguments: list[str]) -> int:
    """Carries out a command line; returns its exit status."""
    wide_enough()
    try:
        program = typer.main.get_command(app(_used(arguments)))
        status = program.main(arguments, prog_name="playground", standalone_mode=False)
        sys.stdout.flush()
    except BadInput as bad:
        return error(str(bad), 2)
    except typer.TyperException as bad:
        return error(_usage(bad), 2)
    except Interrupted as interrupted:
        return error(str(interrupted), 130)
    except (NobodyReads, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as failed:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return error(f"{failed.filename or 'the output'} can't be used: {failed.strerror}", 2)
    except Exception as bug:  # noqa: BLE001 - a person at a terminal is told in one sentence
        return _bug(bug)
    return int(status or 0)


def _used(arguments: list[str]) -> Container[str]:
    if COMPLETING in os.environ:
        # Typer would have Rich render the titles: each press of the tab key would wait for it, and
        # get them wrapped.
        sys.modules["rich"] = None  # type: ignore[assignment]
        return COMMANDS
    words = (argument for argument in arguments if not argument.startswith("-"))
    return {"open", next(words, "open")}


def _usage(bad: typer.TyperException) -> str:
    """ "No such option: --sed" and where to look."""
    ctx = getattr(bad, "ctx", None)
    said = bad.format_message().rstrip(".")
    for name, words in (("float", "number"), ("integer", "whole number"), ("int", "whole number")):
        said = re.sub(f"a valid {name}( range)?", f"a {words}", said)
    said = said[:1].lower() + said[1:]
    return f"{said}; try {ctx.command_path.strip()} --help" if ctx else said


def _bug(bug: Exception) -> int:
    """Ours, or that of a protocol file: then it is its line that matters."""
    if os.environ.get("PLAYGROUND_TRACEBACK"):
        traceback.print_exception(bug)
    frames = [f for f in traceback.extract_tb(bug.__traceback__) if Path(f.filename).is_file()]
    last = frames[-1]
    ours = Path(last.filename).resolve().is_relative_to(HERE)
    said = f"{last.filename}:{last.lineno}: {type(bug).__name__}: {shown(str(bug))}"
    hint = " (a bug; PLAYGROUND_TRACEBACK=1 shows where it comes from)"
    return error(said + hint, 3 if ours else 2)
