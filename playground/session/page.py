"""The page of a protocol: all that there is to know of it, as data and as Markdown."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from textwrap import dedent
from typing import Any, Literal, get_args, get_origin, get_type_hints

from playground.protocol import Event, Input, Message, Model, Output, Role, Timer
from playground.session import scenarios
from playground.session.catalog import ProtocolFile
from playground.session.errors import BadInput
from playground.session.native import native
from playground.session.notation import fields_of, name_of
from playground.session.session import Session
from playground.session.simulate import Plan, run
from playground.values import text


@dataclass(frozen=True)
class Kind:
    """A message, timer, input or output; `fields` are names and what a person calls their types."""

    name: str
    what: str
    label: str
    doc: str
    fields: dict[str, str]
    sent_by: list[str]
    handled_by: list[str]


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    kind: Literal["constant", "stable", "volatile"]
    default: str | None


@dataclass(frozen=True)
class Handler:
    event: str
    name: str
    doc: str
    code: str


@dataclass(frozen=True)
class RolePage:
    name: str
    doc: str
    fields: list[Field]
    handlers: list[Handler]
    code: str


@dataclass(frozen=True)
class PropertyPage:
    name: str
    ids: list[str]
    kind: str
    doc: str
    needs: list[str]


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    default: str


@dataclass(frozen=True)
class Cost:
    """Of the default workload in a fair run, with this set-up."""

    setup: str
    messages: int
    delays: int | None
    stable_writes: int


@dataclass(frozen=True)
class Page:
    name: str
    title: str
    doc: str
    model: Model
    events: list[Kind]
    roles: list[RolePage]
    properties: list[PropertyPage]
    setup: list[Parameter]
    setup_doc: str
    costs: list[Cost]
    bugs: list[dict[str, Any]]
    strategies: list[dict[str, Any]]
    scenarios: dict[str, str]
    source: str

    def report(self) -> dict[str, Any]:
        """As a JSON object."""
        return {**asdict(self), "model": native(asdict(self.model))}


def page(protocol: ProtocolFile) -> Page:
    """Raises BadInput if the protocol can't be set up."""
    session = Session(protocol)
    module = protocol.module
    roles = [r for r in protocol.roles if r.__module__ == module.__name__]
    senders = {role: _sends(role) for role in roles}
    return Page(
        name=protocol.name,
        title=protocol.title,
        doc=protocol.doc,
        model=session.world.rules.model,
        events=[_kind(e, senders) for e in _in_order(protocol)],
        roles=[_role(protocol, role) for role in roles],
        properties=[
            PropertyPage(p.name, list(p.ids), p.kind, p.doc, sorted(p.needs))
            for p in protocol.properties
        ],
        setup=_parameters(protocol),
        setup_doc=inspect.cleandoc(module.setup.__doc__ or ""),
        costs=list(_costs(protocol)),
        bugs=[
            {"name": b.name, "role": b.role.__mro__[1].__name__, "breaks": list(b.breaks)}
            | {"doc": b.doc}
            for b in protocol.bugs.values()
        ],
        strategies=list(_strategies(protocol, roles)),
        scenarios=_scenarios(protocol.name),
        source=str(module.__file__),
    )


def _strategies(protocol: ProtocolFile, roles: list[type[Role]]) -> Iterator[dict[str, Any]]:
    """What traitors of each role may do, besides to fall silent, which anybody may."""
    for role in roles:
        for name, strategy in protocol.strategies(role).items():
            if name != "silent" and strategy.__mro__[1] is role:
                doc = inspect.cleandoc(strategy.__doc__ or "")
                yield {"name": name, "role": role.__name__, "doc": doc}


def _in_order(protocol: ProtocolFile) -> list[type[Event]]:
    """As the file tells of them; those that it uses without naming come last."""
    named = list(vars(protocol.module).values())
    handled = {e for role in protocol.roles for e in role.handlers}
    vocabulary = Event.__module__  # the base classes, unless a role handles one
    events = [e for e in protocol.events.values() if e.__module__ != vocabulary or e in handled]
    return sorted(events, key=lambda e: named.index(e) if e in named else len(named))


def _kind(event: type[Event], senders: Mapping[type[Role], set[str]]) -> Kind:
    bases = (Message, Timer, Input, Output)
    what = next((b.__name__ for b in bases if issubclass(event, b)), event.__name__)
    return Kind(
        name=event.__name__,
        what=what.lower(),
        label="" if event.label == event.__name__ else event.label,
        doc=_own_doc(event),
        fields={name: name_of(kind) for name, kind in fields_of(event).items()},
        sent_by=[r.__name__ for r, names in senders.items() if event.__name__ in names],
        handled_by=[r.__name__ for r in senders if _handles_itself(r, event)],
    )


def _handles_itself(role: type[Role], event: type[Event]) -> bool:
    """Also by a handler of a class that is no role of this protocol; not by one of another role,
    whose page tells it."""
    name = role.handlers.get(event)
    return name is not None and not any(
        name in vars(base) and base.__module__ == role.__module__ for base in role.__mro__[1:]
    )


def _own_doc(cls: type) -> str:
    """Without the signature that a dataclass has for a docstring."""
    doc = inspect.cleandoc(vars(cls).get("__doc__") or "")
    return "" if doc.startswith(f"{cls.__name__}(") else doc


def _sends(role: type[Role]) -> set[str]:
    """The names that the role's own code calls: a message is made where it is sent."""
    tree = ast.parse(dedent(inspect.getsource(role)))
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    plain = {f.id for f in called if isinstance(f, ast.Name)}
    return plain | {f.attr for f in called if isinstance(f, ast.Attribute)}


def _role(protocol: ProtocolFile, role: type[Role]) -> RolePage:
    own = {e: name for e, name in role.handlers.items() if name in vars(role)}
    return RolePage(
        name=role.__name__,
        doc=_own_doc(role),
        fields=list(_fields(role)),
        handlers=[
            Handler(e.__name__, name, _doc_of(role, name), protocol.source(role, e))
            for e, name in own.items()
        ],
        code=dedent(inspect.getsource(role)).rstrip(),
    )


def _doc_of(role: type[Role], name: str) -> str:
    return inspect.cleandoc(getattr(role, name).__doc__ or "")


def _fields(role: type[Role]) -> Iterator[Field]:
    defaults = role.__dataclass_fields__
    for name, kind in fields_of(role).items():
        if name == "pid":
            continue
        if name in role.variables():
            memory: Literal["stable", "volatile"]
            memory = "stable" if name in role.stable_fields else "volatile"
            yield Field(name, name_of(kind), memory, text(defaults[name].default))
        else:
            yield Field(name, name_of(kind), "constant", None)


def _parameters(protocol: ProtocolFile) -> list[Parameter]:
    hints = get_type_hints(protocol.module.setup, include_extras=True)
    return [
        Parameter(name, name_of(hints[name]), text(p.default))
        for name, p in protocol.parameters.items()
    ]


def _costs(protocol: ProtocolFile) -> Iterator[Cost]:
    """Of the default set-up, and of those that differ from it in one parameter and in cost."""
    base = _cost(protocol, {})
    yield base
    for name, values in _variations(protocol):
        for value in values:
            try:
                cost = _cost(protocol, {name: value})
            except BadInput:  # the parameters may depend on each other
                continue
            if _numbers(cost) != _numbers(base):
                yield cost


def _numbers(cost: Cost) -> tuple[int | None, ...]:
    return cost.messages, cost.delays, cost.stable_writes


def _cost(protocol: ProtocolFile, setup: Mapping[str, Any]) -> Cost:
    cost = run(Plan(protocol, setup)).cost
    name = ", ".join(f"{k}={text(v)}" for k, v in setup.items()) or "by default"
    return Cost(name, cost["total"], cost["delays"], cost["stable_writes"])


def _variations(protocol: ProtocolFile) -> Iterator[tuple[str, list[Any]]]:
    hints = get_type_hints(protocol.module.setup)
    for name, p in protocol.parameters.items():
        kind, default = hints[name], p.default
        if isinstance(default, bool):
            yield name, [not default]
        elif isinstance(default, int) and default > 0:
            yield name, [default + 1, default + 2]
        elif get_origin(kind) is Literal:
            yield name, [value for value in get_args(kind) if value != default]


def _scenarios(name: str) -> dict[str, str]:
    """Those that play this protocol, with their titles."""
    of = re.compile(rf"""^protocol\s*=\s*["']{re.escape(name)}["']""", re.MULTILINE)
    return {
        lesson: title
        for lesson, title in scenarios.titles().items()
        if of.search(scenarios.find(lesson).read_text(encoding="utf-8"))
    }


def model_sentences(model: Model) -> list[str]:
    """The assumptions of a theory in words."""
    faults = [word for word in ("lossy", "duplicating") if word in model.links]
    links = " and ".join(faults) if faults else "reliable"
    order = "keep their order (FIFO)" if model.fifo else "arrive in any order"
    nodes = "1 node is" if model.crashes == 1 else f"{model.crashes} nodes are"
    back = "may come back with what is on disk" if model.recovery else "never come back"
    liars = "1 node lies" if model.byzantine == 1 else f"{model.byzantine} nodes lie"
    else_down = "A node that crashes counts as one that lies." if model.byzantine else ""
    sentences = [
        _TIMING[model.timing],
        f"Links are {links}; messages {order}.",
        f"At most {nodes} down at a time; crashed nodes {back}."
        if model.crashes
        else else_down or "No node crashes.",
        f"At most {liars}." if model.byzantine else "Nobody lies.",
        _AUTH[model.auth],
    ]
    if model.timing == "timed":
        delay = "any time" if model.delay is None else f"at most {text(model.delay)}"
        sentences.append(f"A message takes {delay}; clocks drift by at most {text(model.drift)}.")
    return sentences


_TIMING = {
    "async": "Asynchronous: a message or a step may take any time.",
    "rounds": "Synchronous, in rounds: what is sent in a round arrives in it.",
    "timed": "Each node has a clock.",
}
_AUTH = {
    "none": "Whoever sends may pretend to be another.",
    "channel": "A receiver knows for certain who sent a message.",
    "mac": "Messages carry authentication codes.",
    "sig": "Messages are signed.",
}
