"""The tables in docs/reference.md, from what the playground knows of itself:

python -m docs.reference
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer.main

from playground.cli.app import COMMANDS, app
from playground.session.grammar import WORDS
from playground.tui.actions import COMPARE, GROUPS, LECTURE, MENU, PLAY, UserAction, printed
from playground.tui.pages import SIGNS
from playground.tui.shelf import Book, books

FILE = Path(__file__).with_name("reference.md")

HEAD = """\
# Reference

What there is to play, to type and to press. `make docs` writes this page; a test compares it with
the program.
"""

NOTATION: tuple[tuple[str, str], ...] = (
    ("deliver m12", "the message m12 arrives"),
    ("deliver Prepare p1>*", "all Prepare messages from p1 arrive, the oldest first"),
    ("deliver Accept p1>a1,a2 n=(1, p1)", "one from p1 to each of these, with this field"),
    ("drop m12", "it is lost"),
    ("duplicate m12", "a copy of it, m12', is under way as well"),
    ("hold m12", "no schedule delivers it, until it is released"),
    ("release m12", "held no longer"),
    ("edit m12 n=(9, p2)", "it says something else from now on"),
    ("forge Accept p1>a2 n=(9, p1) value=X", "a message that p1 never sent"),
    ("replay m3", "a message of the past is sent once more"),
    ("ask p1 Propose value=A", "an input to a node"),
    ("fire p1 Retry", "a timer runs out"),
    ("crash a1", "it forgets what is not on disk"),
    ("crash a1 after=1", "the same, in the middle of a step: after its first effect"),
    ("recover a1", "it comes back with its disk"),
    ("recover a1 amnesia", "it comes back without"),
    ("corrupt a3 silent", "its keys are yours; it follows a strategy, or goes on"),
    ("cut {p1,a1} | {a2,a3}", "no message passes between the two sides"),
    ("cut p1>a2", "none in this direction"),
    ("heal", "all links are mended; heal p1>a2 mends one"),
    ("suspect p1 p2", "the failure detector of p1 suspects p2; * p2: that of everybody"),
    ("trust p1 p2", "it trusts p2 again"),
    ("leader p1 p2", "it takes p2 for the leader"),
    ("tick", "the round is over, where there are rounds"),
    ("advance 10", "so much time passes, where there is time"),
    ("clock p1 rate=0.5", "a local clock goes wrong: rate=, offset=, strobe"),
    ("step", "one step of the fair schedule"),
    ("run fifo 20", "so many"),
    ("seed 7 random 100", "so many steps at random, the same ones for the same seed"),
    ("finish", "heal, release, and run fairly to the end"),
    ("undo 10", "back ten steps; undo alone: one"),
    ("redo", "forward again"),
    ("bookmark here", "this moment gets a name"),
    ("goto here", "to a bookmark, a step, or the end of a branch: goto b2"),
)


CONFIG = """\
`playground locate config` tells where it may stand. Actions are called as in the tables of keys;
an action may have several keys, with commas.

```toml
theme = "playground-light"

[keys]
"message.drop" = "x,delete"
```

A theme of your own is a file in the folder that `playground locate themes` tells; it is called as
its file. What it leaves out is as in `playground`, or as in `playground-light` if it is not dark;
surfaces and text follow from its background, if it has one.

```toml
primary = "#7aa2d8"  # what the keys go to; then secondary, warning, error, success
accent = "#ffb454"   # what has just happened
dark = true
background = "#14171c"  # then surface, panel, foreground
```
"""


def reference() -> str:
    """The whole page."""
    found = [book for book in books() if book.kind != "continue"]
    parts = [
        HEAD,
        "## Protocols\n",
        *_protocols(found),
        "## Scenarios\n",
        *_scenarios(found),
        "## Side by side\n",
        *_comparisons(found),
        "## The notation\n",
        "A line of a scenario's script, of the log, or of the command line on the screen (`:`).\n",
        _table(("Line", "What happens"), ((f"`{line}`", told) for line, told in NOTATION)),
        "## Commands\n",
        *_commands(),
        "## Keys\n",
        *_keys(PLAY),
        "In the menu:\n",
        _rows(MENU),
        "In the lecture:\n",
        _rows(LECTURE),
        "Side by side:\n",
        _rows(COMPARE),
        "## The config file\n",
        CONFIG,
        "## Signs on the screen\n",
        _table(("Sign", "Meaning"), SIGNS),
    ]
    return "\n".join(parts)


def _protocols(found: Sequence[Book]) -> Iterator[str]:
    yield "`playground explain NAME` shows the page of one. The family may be left out.\n"
    protocols = [book for book in found if book.kind == "protocol"]
    lessons = [book.protocol for book in found if book.kind == "scenario"]
    rows = ((f"`{p.name}`", p.about, str(lessons.count(p.name))) for p in protocols)
    yield _table(("Protocol", "What it is", "Scenarios"), rows)


def _scenarios(found: Sequence[Book]) -> Iterator[str]:
    yield "`playground NAME` opens one, `playground play NAME` tells it as text.\n"
    for protocol in dict.fromkeys(book.protocol for book in found):
        own = [b for b in found if b.kind == "scenario" and b.protocol == protocol]
        if own:
            yield f"### {protocol}\n"
            rows = ((f"`{b.name.split('/')[1]}`", b.title, b.about) for b in own)
            yield _table(("Scenario", "Title", "Lesson"), rows)


def _comparisons(found: Sequence[Book]) -> Iterator[str]:
    yield "`playground NAME` plays one script on several protocols, in columns of the screen;\n"
    yield "`playground compare --script NAME` tells it as text.\n"
    own = [book for book in found if book.kind == "comparison"]
    rows = ((f"`{b.name.split('/')[1]}`", b.title, b.about) for b in own)
    yield _table(("Script", "Title", "Lesson"), rows)


def _commands() -> Iterator[str]:
    yield "`-h` after each of them tells more. `--json` is for programs that read the answer.\n"
    group = typer.main.get_command(app(COMMANDS))
    context = group.make_context("playground", [], resilient_parsing=True)
    rows = [
        ("`playground`", "Open the menu on the screen.", _options(group)),
        ("`playground SCENARIO|PROTOCOL`", "Open it on the screen.", ""),
    ]
    for name, entry in COMMANDS.items():
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        if not command.hidden:
            usage = [name, *(p.make_metavar(context) for p in command.params if not _named(p))]
            words = re.sub("[{}]", "", " ".join(usage))
            rows.append((f"`playground {words}`", entry.help, _options(command)))
    yield _table(("Command", "What it does", "Options"), rows)


def _options(command: Any) -> str:
    """The long names of those that not every command has."""
    names = (max(p.opts, key=len) for p in command.params if _named(p))
    return " ".join(f"`{name}`" for name in names if name not in _USUAL)


def _named(parameter: Any) -> bool:
    return bool(parameter.opts[0].startswith("-"))


_USUAL = ("--help", "--install-completion", "--show-completion")


def _keys(actions: Iterable[UserAction]) -> Iterator[str]:
    known = tuple(actions)
    for group, title in GROUPS.items():
        own = [action for action in known if action.group == group]
        if own:
            yield f"{title}:\n"
            yield _rows(own)


def _rows(actions: Iterable[UserAction]) -> str:
    rows = (
        (" ".join(f"`{printed(key)}`" for key in a.keys.split(",")), f"`{a.name}`", a.help)
        for a in actions
    )
    return _table(("Keys", "Action", "What it does"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    """On one line; what Markdown would take for a sign of its own is shown, but in code."""
    text = " ".join(text.split()).replace("|", "\\|")
    return text if text.startswith("`") else text.replace("<", "&lt;").replace("*", "\\*")


def unexplained() -> set[str]:
    """The words of the notation that have no line in the table."""
    return set(WORDS) - {line.split()[0] for line, _ in NOTATION}


def main() -> None:
    FILE.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
