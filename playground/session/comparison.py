"""What a comparison file holds.

A comparison names lanes, each a protocol with its set-up, and has steps as a scenario does.  What
is called differently in the protocols is a word of the script, `$leader`, and each lane says what
it means there: a name, or whole lines of the notation, or "" where there is no such thing.

Without lanes of its own a script goes with the protocols that somebody wants to compare: it may be
a scenario, or a plain text with a line of the notation in each line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from playground.session import scenario
from playground.session.errors import BadInput, Place
from playground.session.files import place, read, text_of
from playground.session.scenario import Assumptions

Words = dict[str, str | list[str]]


class Lane(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    protocol: str
    setup: dict[str, Any] = {}
    model: Assumptions = msgspec.field(default_factory=Assumptions)
    words: Annotated[Words, msgspec.Meta(description="what the words of the script mean here")] = {}
    end: Annotated[dict[str, Any], msgspec.Meta(description="what must be true at the end")] = {}


class Step(msgspec.Struct, forbid_unknown_fields=True):
    say: str = ""
    do: list[str] = []
    expect: dict[str, dict[str, Any]] = {}  # by the name of the lane


class Comparison(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    lane: Annotated[list[Lane], msgspec.Meta(min_length=2)]
    step: list[Step]
    lesson: str = ""
    seeds: list[str] = []


@dataclass(frozen=True)
class ComparisonFile:
    """A comparison and the text that it was read from; `numbers` are the lines of its steps if that
    is plain text."""

    path: Path
    source: str
    comparison: Comparison
    numbers: tuple[int, ...] = ()

    def place(self, *keys: str | int) -> Place:
        """Where the thing of these keys stands: place("step", 2, "do", 0)."""
        if keys[0] == "step" and self.numbers:
            return Place(str(self.path), self.numbers[int(keys[1])])
        return place(self.source, self.path, *keys)


def load(path: Path, protocols: Sequence[str]) -> ComparisonFile:
    """Reads and validates a file; if it has no lanes, these protocols are them.  Raises BadInput,
    with the place."""
    source = text_of(path)
    if path.suffix == ".toml" and re.search(r"^\s*\[\[\s*lane\s*\]\]", source, re.MULTILINE):
        return ComparisonFile(path, source, read(source, path, Comparison))
    if len(protocols) < 2:
        raise BadInput(f"{path.name} has no lanes of its own; name two protocols to compare")
    if path.suffix == ".toml":
        return ComparisonFile(path, source, _of_scenario(source, path, protocols))
    rows = [(n, row.strip()) for n, row in enumerate(source.splitlines(), start=1)]
    rows = [(n, row) for n, row in rows if row and not row.startswith("#")]
    if not rows:
        raise BadInput(f"{path.name} holds no lines to play, such as ask p1 Propose value=A")
    steps = [Step(do=[row]) for _, row in rows]
    lanes = [Lane(name, name) for name in protocols]
    found = Comparison(path.stem.replace("_", " "), lanes, steps)
    return ComparisonFile(path, source, found, tuple(n for n, _ in rows))


def _of_scenario(source: str, path: Path, protocols: Sequence[str]) -> Comparison:
    """Its set-up and its model are for its own protocol, and what it expects is for nobody."""
    told = scenario.parse(source, path).scenario
    lanes = [
        Lane(name, name, told.setup, told.model)
        if name in (told.protocol, told.protocol.split("/")[-1])
        else Lane(name, name)
        for name in protocols
    ]
    steps = [Step(step.say, step.do) for step in told.step]
    return Comparison(told.title, lanes, steps, told.lesson, told.seeds)
