"""Scenario files: a protocol's set-up, its model and a script, as data that runs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli
import tomli_w

from playground.protocol import Instant, Model
from playground.protocol.model import Auth, Link, Timing
from playground.session.errors import BadInput, Place, nearest
from playground.session.places import locate
from playground.values import text

Span = int | float | str
"""A span of time, or a rate; a text such as "1/3" where no decimal is exact."""

Count = Annotated[int, msgspec.Meta(ge=0)]


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """A question to the audience."""

    question: str
    choices: Annotated[list[str], msgspec.Meta(min_length=1)]
    answer: str


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
        found = locate(self.source, path)
        return Place(str(self.path), *(found or (None, None)))


def load(path: Path) -> ScenarioFile:
    """Reads and validates a file.  Raises BadInput, with the place."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"this is no UTF-8 text (byte {error.start})", Place(str(path))) from None
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from None
    return parse(source, path)


def parse(source: str, path: Path) -> ScenarioFile:
    """Like `load`, of a text that stands, or would stand, at `path`."""
    try:
        table = tomli.loads(source)
    except tomli.TOMLDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        raise BadInput(f"this is no TOML: {_lower(error.msg)}", place) from None
    except RecursionError:
        raise BadInput("this is no TOML: it is nested too deeply", Place(str(path))) from None
    try:
        scenario = msgspec.convert(table, Scenario)
    except msgspec.ValidationError as error:
        raise _explained(str(error), source, path) from None
    return ScenarioFile(path, source, scenario)


def schema() -> dict[str, Any]:
    """The JSON schema of scenario files, for editors."""
    return msgspec.json.schema(Scenario)


def dump(scenario: Scenario) -> str:
    """The scenario as TOML."""
    return tomli_w.dumps(msgspec.to_builtins(scenario), multiline_strings=False)


def _explained(message: str, source: str, path: Path) -> BadInput:
    """A validator's message as a sentence, with the place and the nearest right word."""
    sentence, _, where = message.partition(" - at `")
    keys = _keys(where.rstrip("`"))
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", sentence):
        name = unknown.group(1)
        known = _known(keys)
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else f"possible are {', '.join(known)}"
        sentence, keys = f"unknown key {name!r}; {hint}", [*keys, name]
    elif missing := re.fullmatch(r"Object missing required field `(.*)`", sentence):
        sentence = f"the key {missing.group(1)!r} is missing"
    elif value := re.fullmatch(r"Invalid enum value '(.*)'", sentence):
        choices = _choices(keys)
        near = nearest(value.group(1), choices)
        hint = f"did you mean {near}?" if near else f"possible are {', '.join(choices)}"
        sentence = f"{value.group(1)!r} is not possible here; {hint}"
    else:
        name = ".".join(str(k) for k in keys) or "the file"
        sentence = f"{name}: {_lower(sentence).replace('`', '')}"
    found = locate(source, keys)
    return BadInput(sentence, Place(str(path), *(found or (1, 1))))


def _keys(where: str) -> list[str | int]:
    """`$.step[2].do` as ["step", 2, "do"]."""
    keys: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", where):
        if name:
            keys.append(name)
        elif index.isdigit():
            keys.append(int(index))
    return keys


def _struct(keys: list[str | int]) -> type[msgspec.Struct]:
    names = [k for k in keys if isinstance(k, str)]
    if names[:1] == ["model"]:
        return Assumptions
    if names[:1] == ["step"]:
        return Question if names[1:2] == ["ask"] else Step
    return Scenario


def _known(keys: list[str | int]) -> list[str]:
    return list(_struct(keys).__struct_fields__)


_CHOICES: dict[str, Any] = {
    "timing": Timing,
    "links": Link,
    "auth": Auth,
    "partitions": Literal["hold", "drop"],
}


def _choices(keys: list[str | int]) -> list[str]:
    names = [k for k in keys if isinstance(k, str)]
    choice = _CHOICES.get(names[-1]) if names else None
    return list(choice.__args__) if choice else []


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
