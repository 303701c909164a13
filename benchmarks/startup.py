"""`playground --help` and `playground list`, against bare Typer programs that do as much."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import ROOT, Figure, cpu_of

TARGET = 1.3
COMMANDS = 10

HELP = '''
"""A bare program with as many commands."""
import typer

app = typer.Typer()

@app.callback()
def main() -> None:
    """Take distributed protocols apart message by message, in the terminal."""
'''

COMMAND = '''
@app.command()
def command{i}(name: str, as_json: bool = typer.Option(False, help="For programs.")) -> None:
    """What command {i} does."""
'''

LIST = '''
"""A bare program that tells the first line of each protocol, and the title of each scenario."""
import re
from pathlib import Path

import typer

ROOT = Path({root!r})
app = typer.Typer()

@app.command("list")
def list_all(as_json: bool = typer.Option(False, "--json", help="For programs.")) -> None:
    """List protocols and scenarios."""
    for path in sorted(ROOT.glob("protocols/*/*.py")):
        if found := re.match(r'\\s*"""(.*)', path.read_text("utf-8")):
            print(path.stem, found.group(1))
    for path in sorted(ROOT.glob("scenarios/*/*.toml")):
        if found := re.search(r'^title\\s*=\\s*"(.*)"', path.read_text("utf-8"), re.MULTILINE):
            print(path.stem, found.group(1))

@app.command()
def another() -> None:
    """Another command."""
'''


def figures(scale: float) -> Iterator[Figure]:
    times = max(3, int(15 * scale))
    with TemporaryDirectory() as folder:
        for argument, source in (
            ("--help", HELP + "".join(COMMAND.format(i=i) for i in range(COMMANDS))),
            ("list", LIST.format(root=str(ROOT))),
        ):
            program = Path(folder) / "bare.py"
            program.write_text(source + "\napp()\n")
            ours = [sys.executable, "-m", "playground", argument]
            bare = [sys.executable, str(program), argument]
            pairs = [(cpu_of(ours), cpu_of(bare)) for _ in range(times)]
            yield Figure(
                f"playground {argument}",
                f"{1e3 * median(a for a, _ in pairs):.0f} ms",
                f"{1e3 * median(b for _, b in pairs):.0f} ms",
                median(a / b for a, b in pairs),
                TARGET,
            )
