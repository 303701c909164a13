"""What a comparison file holds.

A comparison names lanes, each a protocol with its set-up, and has steps as a scenario does.  What
is called differently in the protocols is a word of the script, `$leader`, and each lane says what
it means there: a name, or whole lines of the notation, or "" where there is no such thing.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

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
