"""playground new: a protocol or a scenario to start from, which runs as it is"""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from playground.cli import names
from playground.cli.out import say
from playground.session.errors import BadInput, unknown

KINDS = ("protocol", "scenario")
DEFAULT = "consensus/paxos"
SCAFFOLD = Path(__file__).parent / "scaffold"


def kinds(incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


def command(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="What to make: protocol or scenario.", autocompletion=kinds
        ),
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of the files; may begin with a folder.")
    ],
    of: Annotated[
        str,
        typer.Option(
            "--of",
            metavar="PROTOCOL",
            help="The protocol that a scenario plays.",
            autocompletion=names.protocol,
        ),
    ] = DEFAULT,
) -> None:
    """Make a protocol or a scenario that already runs, and passes its own test."""
    if kind not in KINDS:
        raise BadInput(unknown("kind of scaffold", kind, KINDS))
    path = _path(name, ".py" if kind == "protocol" else ".toml")
    if kind == "protocol":
        _write(_protocol(path))
        say(f"Made {path} and its test {path.with_name(f'test_{path.name}')}. Try these:")
        say(f"playground explain {_typed(path)}", indent=2)
        say(f"playground simulate {_typed(path)} --runs 100 --schedule random --loss 0.2", indent=2)
        say(f"python -m pytest {path.with_name(f'test_{path.name}')}", indent=2)
    else:
        _write({path: _scenario(path, of)})
        say(f"Made {path}. Try these:")
        say(f"playground play {_typed(path)}", indent=2)
        say(f"playground {_typed(path)}", indent=2)


def _path(name: str, ending: str) -> Path:
    """Where the file goes; a name that Python would confuse with another is refused."""
    path = Path(name.removesuffix(ending) + ending)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        raise BadInput(f"{path.stem!r} is no name for it; use a-z, 0-9 and _, as in my_ring")
    if keyword.iskeyword(path.stem) or path.stem in sys.stdlib_module_names:
        raise BadInput(f"{path.stem!r} is a name that Python uses itself; choose another")
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent}")
    return path


def _typed(path: Path) -> str:
    """The path in a form that is no name of a packaged protocol or scenario."""
    return str(path) if path.is_absolute() else f"./{path}"


def _protocol(path: Path) -> dict[Path, str]:
    """A question and its answer, and the test beside it."""
    title = path.stem.replace("_", " ").capitalize()
    texts = {path: "echo.py", path.with_name(f"test_{path.name}"): "test_echo.py"}
    return {
        target: (SCAFFOLD / source)
        .read_text("utf-8")
        .replace("Echo", title)
        .replace("echo", path.stem)
        for target, source in texts.items()
    }


def _scenario(path: Path, protocol: str) -> str:
    """The protocol's workload, a fair end, and what is true then."""

    from playground.session.catalog import load
    from playground.session.outline import outline
    from playground.session.scenario import dump

    scenario = outline(load(protocol))
    scenario.title = path.stem.replace("_", " ").capitalize()
    return dump(scenario)


def _write(texts: Mapping[Path, str]) -> None:
    """All of them or, if one is there already, none."""
    for path in texts:
        if path.exists():
            raise BadInput(f"{path} is there already; choose another name")
    for path, text in texts.items():
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as failed:
            raise BadInput(f"{path} can't be written: {failed.strerror}") from None
