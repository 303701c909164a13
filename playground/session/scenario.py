"""Scenario files: a protocol's set-up, its model and a script, as data that runs nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli_w

from playground.protocol import Instant, Model
from playground.protocol.model import Auth, Link, Timing
from playground.session.errors import BadInput, Place
from playground.session.files import place, read, text_of
from playground.values import text

Span = int | float | str
"""A span of time, or a rate; a text such as "1/3" where no decimal is exact."""

Count = Annotated[int, msgspec.Meta(ge=0)]


class Question(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A question to the audience."""

    question: str
    choices: Annotated[list[str], msgspec.Meta(min_length=1)]
    answer: str
    proof: Annotated[str, msgspec.Meta(description="the step that shows it, as a line")] = ""


class Step(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is said, what is done, and what must be true then."""

    say: Annotated[str, msgspec.Meta(description="narration, in Markdown")] = ""
    do: Annotated[list[str], msgspec.Meta(description="lines of the notation")] = []
    expect: dict[str, Any] = {}
    ask: Question | None = None
    notes: Annotated[str, msgspec.Meta(description="for the lecturer alone")] = ""


class Assumptions(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the theory assumes; what is left out is as the protocol says."""

    timing: Timing | None = None
    links: list[Link] | None = None
    crashes: Count | None = None
    byzantine: Count | None = None
    auth: Auth | None = None
    partitions: Literal["hold", "drop"] | None = None
    recovery: bool | None = None
    delay: Span | None = None
    drift: Span | None = None
    resilience: Count | None = None
    gives_up: list[str] | None = None

    def over(self, default: Model) -> Model:
        """The model of the protocol, but for what is said otherwise."""
        said = {f.name: getattr(self, f.name) for f in fields(Model)}
        changes = {k: _exact(k, v) for k, v in said.items() if v is not None}
        return replace(default, **changes)


def assumptions_of(model: Model) -> Assumptions:
    """All that a model says, as a scenario says it."""
    said = {f.name: getattr(model, f.name) for f in fields(Model)}
    spans = {k: text(v) for k, v in said.items() if isinstance(v, Instant)}
    return msgspec.convert({**said, **spans}, Assumptions)


def _exact(name: str, said: Any) -> Any:
    """A value of the file as the model holds it."""
    if name in ("links", "gives_up"):
        return tuple(said)
    if name not in ("delay", "drift"):
        return said
    try:
        return Instant(str(said))
    except (ValueError, ZeroDivisionError):
        raise BadInput(f"model.{name}: {said} is no number, such as 10, 0.5 or 1/3") from None


class Scenario(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    title: str
    protocol: str
    lesson: str = ""
    seeds: Annotated[list[str], msgspec.Meta(description="lines of the lecture decks")] = []
    setup: Annotated[dict[str, Any], msgspec.Meta(description="arguments of setup()")] = {}
    model: Assumptions = msgspec.field(default_factory=Assumptions)
    step: list[Step] = []
    end: Annotated[dict[str, Any], msgspec.Meta(description="what must be true at the end")] = {}


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario and the text that it was read from."""

    path: Path
    source: str
    scenario: Scenario

    def place(self, *path: str | int) -> Place:
        """Where the thing of this path stands: place("step", 2, "do", 0)."""
        return place(self.source, self.path, *path)


def load(path: Path) -> ScenarioFile:
    """Reads and validates a file.  Raises BadInput, with the place."""
    return parse(text_of(path), path)


def parse(source: str, path: Path) -> ScenarioFile:
    """Like `load`, of a text that stands, or would stand, at `path`."""
    return ScenarioFile(path, source, read(source, path, Scenario))


def schema() -> dict[str, Any]:
    """The JSON schema of scenario files, for editors."""
    return msgspec.json.schema(Scenario)


def dump(scenario: Scenario) -> str:
    """The scenario as TOML."""
    return tomli_w.dumps(msgspec.to_builtins(scenario), multiline_strings=False)
