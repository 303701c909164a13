"""Forms: fields to fill in, and the command that they come to.

A form is made anew from what stands in it so far, since a field may depend on another: the kind of
a message says which fields it has.  Nothing here knows a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from playground.protocol import Event, Map, Pid
from playground.session import commands as c
from playground.session.errors import BadInput, unknown
from playground.session.grammar import parse
from playground.session.notation import conform, fields_of, name_of, read
from playground.session.session import Session
from playground.values import text

Values = Mapping[str, str]

LOOKED = 200
"""How many messages in flight are looked through for what a field was lately."""


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    key      under which its value is given
    name     what it is called on the screen
    value    what stands there at first; several choices are separated by commas
    wanted   what may stand there, in words
    choices  what to choose from; () for free text
    many     may several of them be chosen?
    steers   do other fields depend on it?
    check    raises BadInput if a value makes no sense
    recent   what such a thing was lately, the newest first
    """

    key: str
    name: str
    value: str = ""
    wanted: str = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    steers: bool = False
    check: Callable[[str], object] = str
    recent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """`spell` gives the line that the form comes to, or several lines."""

    title: str
    fields: tuple[Field, ...]
    spell: Callable[[Values], str]

    def values(self) -> dict[str, str]:
        """What stands in it at first."""
        return {field.key: field.value for field in self.fields}

    def problems(self, values: Values) -> dict[str, str]:
        """What is wrong with each field that is not right."""
        found = {}
        for field in self.fields:
            try:
                field.check(values.get(field.key, ""))
            except BadInput as error:
                found[field.key] = error.sentence
        return found

    def command(self, values: Values) -> c.Command:
        """The command that the form comes to.  Raises BadInput."""
        [command] = self.commands(values)
        return command

    def commands(self, values: Values) -> list[c.Command]:
        """All of them, where it may come to several.  Raises BadInput."""
        for field in self.fields:
            field.check(values.get(field.key, ""))
        return [parse(each) for each in self.spell(values).splitlines()]


Maker = Callable[[Session, Values], Form]
"""Makes a form from what stands in it so far; at first from what is highlighted."""


# ---- fields of every kind


def choice(
    key: str, name: str, choices: Sequence[str], values: Values, steers: bool = False
) -> Field:
    """One of several; the first, unless `values` has another of them."""
    value = values.get(key, "")
    if value not in choices:
        value = choices[0] if choices else ""

    def check(chosen: str) -> None:
        if chosen not in choices:
            raise BadInput(unknown(name, chosen, choices))

    return Field(key, name, value, "", tuple(choices), False, steers, check)


def several(
    key: str, name: str, choices: Sequence[str], values: Values, steers: bool = False
) -> Field:
    """At least one of several."""
    given = [v for v in split(values.get(key, "")) if v in choices]

    def check(chosen: str) -> None:
        for each in split(chosen):
            if each not in choices:
                raise BadInput(unknown(name, each, choices))
        if not split(chosen):
            raise BadInput("choose at least one")

    return Field(key, name, ",".join(given), "", tuple(choices), True, steers, check)


def free(
    key: str, name: str, value: str, wanted: str, check: Callable[[str], object] = str
) -> Field:
    return Field(key, name, value, wanted, check=check)


def typed(
    key: str,
    name: str,
    kind: Any,
    value: str,
    pids: Sequence[Pid],
    events: Map[str, type[Event]] = Map(),
) -> Field:
    """A field of a message, an input or a timer, by its type: choices where it has few values,
    else free text that is checked as it is typed."""
    choices = _choices(kind, pids)
    if choices and value and value not in choices:
        choices = (*choices, value)  # what a message really said is possible, too

    def check(typed_in: str) -> None:
        conform(read(typed_in), kind, events)

    return Field(key, name, value or (choices or ("",))[0], name_of(kind), choices, check=check)


def _choices(kind: Any, pids: Sequence[Pid]) -> tuple[str, ...]:
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        return tuple(pids) if "pid" in marks else _choices(inner, pids)
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    return ("true", "false") if kind is bool else ()


def example(kind: Any, pids: Sequence[Pid]) -> str:
    """Some value of a type, in the notation: where a form starts when there is none to copy."""
    origin, args = get_origin(kind), get_args(kind)
    if choices := _choices(kind, pids):
        return choices[0]
    if origin is Annotated:
        return example(args[0], pids)
    if origin in (Union, UnionType):
        return "-" if NoneType in args else example(args[0], pids)
    if origin is tuple:
        parts = () if args[-1] is Ellipsis else args
        return "(" + ", ".join(example(part, pids) for part in parts) + ")"
    if origin in (frozenset, Map):
        return "{}"
    return {int: "1", float: "1.0", str: "A"}.get(kind, "-")


def split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def event_fields(
    kind: type[Event], session: Session, values: Values, like: Event | None = None
) -> list[Field]:
    """The fields of an event, filled from `values`, from one like it, or with examples."""
    pids = session.world.rules.pids
    found = []
    for name, hint in fields_of(kind).items():
        key = f"field.{name}"
        copied = text(getattr(like, name)) if like is not None else example(hint, pids)
        value = values.get(key, copied)
        field = typed(key, name, hint, value, pids, session.protocol.events)
        found.append(replace(field, recent=tuple(_said(session, name, hint))))
    return found


def _said(session: Session, name: str, kind: Any) -> Iterator[str]:
    """What a field of this name and type says in messages in flight, and in the nodes."""
    flights = sorted(session.state.flights.values(), key=lambda f: -f.key)[:LOOKED]
    messages = [f.envelope.message for f in flights if name in f.envelope.message.names()]
    nodes = [node for node in session.world.nodes.values() if name in node.variables()]
    values = dict.fromkeys(text(getattr(holder, name)) for holder in (*messages, *nodes))
    yield from (value for value in values if _fits(value, kind, session))


def _fits(value: str, kind: Any, session: Session) -> bool:
    try:
        conform(read(value), kind, session.protocol.events)
    except BadInput:
        return False
    return True


def assigned(values: Values, fields: Iterable[Field]) -> str:
    """ " n=(1, p1) value=A"."""
    own = [f for f in fields if f.key.startswith("field.")]
    return "".join(f" {f.name}={values.get(f.key, f.value)}" for f in own)
