"""What would happen if: the handler that would run, which of its lines, and what comes of it."""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, TypeVar

from playground.core import CannotStep, Impossible
from playground.protocol import Event as ProtocolEvent
from playground.protocol import Role
from playground.protocol.roles import part_of
from playground.session import commands as c
from playground.session.cells import Line, line
from playground.session.deeds import Advance, OnFlight, advance
from playground.session.errors import BadInput
from playground.session.events import Event, tell
from playground.session.schedule import why_not
from playground.session.session import Session
from playground.session.state import Flight, State
from playground.session.view import handler, happened, say

T = TypeVar("T")

INDENT = "    "


@dataclass(frozen=True)
class Preview:
    """A delivery that is not done.

    title    "a1 · Acceptor.promise"
    rule     the handler's docstring, its first sentences
    code     the lines of the handler, each with: would it run?
    effects  what would come of it, a text each
    alarms   what it would break, or why it can't be
    """

    title: str
    rule: str = ""
    code: tuple[tuple[str, bool], ...] = ()
    effects: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


def preview(session: Session, flight: Flight) -> Preview:
    """What the delivery of a message in flight would do now; the session stays as it is."""
    return _deliver(session, session.state, flight.key)


def arrivals(session: Session, command: c.Command) -> list[tuple[str, Preview]]:
    """What each message would do that a forgery or an edit puts on its way.  Raises BadInput."""
    state = session.state
    if isinstance(command, c.Forge):
        deeds: list[Any] = list(session.resolver.forge(command))
    elif isinstance(command, c.Edit):
        deeds = [session.resolver.edit(state, command)]
    else:
        return []
    found = []
    for deed in deeds:
        try:
            after = advance(session.state, deed, session.monitor)
        except CannotStep as error:
            raise BadInput(str(error)) from error
        newest = after.state.flights[after.state.keys - 1]
        found.append((newest.envelope.dst, _deliver(session, after.state, newest.key)))
    return found


def _deliver(session: Session, state: State, key: int) -> Preview:
    flight = state.flights[key]
    if flight.held:
        state = advance(state, OnFlight("release", key), session.monitor).state
        flight = state.flights[key]
    envelope = flight.envelope
    role: Any = type(part_of(state.world.nodes[envelope.dst], envelope.path))
    kind: Any = type(envelope.message)
    title = f"{'.'.join((envelope.dst, *envelope.path))} · {_called(role, kind)}"
    deed = OnFlight("deliver", key)
    why = why_not(state, flight)
    lines: set[int] = set()
    result: Advance | None = None
    alarms: list[str] = []
    try:
        result, lines = _traced(lambda: advance(state, deed, session.monitor), _code(role, kind))
    except Impossible:
        alarms.append(f"it can't arrive: {why}")
    except CannotStep as error:
        alarms.append(str(error))
    else:
        if why:
            alarms.append(f"out of order: {why}")
    event = tell(state, deed, result) if result else None
    runs = event is not None and not event.rejected
    effects, news = _outcome(event, result) if event and result else ((), ())
    source, rule = _source(role, kind, frozenset(lines), runs)
    return Preview(title, rule, source, effects, (*alarms, *news))


def _outcome(event: Event, result: Advance) -> tuple[tuple[str, ...], tuple[str, ...]]:
    effects = [f"{c.field}: {c.was} → {c.now}" for c in event.changes]
    effects += [f"sends {say(f.envelope.message)} to {f.envelope.dst}" for f in event.sent]
    effects += [f"tells {say(output)}" for _, output in event.told]
    effects += [event.note] if event.note else []
    if not effects:
        effects = ["nothing changes"]
    alarms = [f"outside: {what}" for what in event.outside]
    alarms += [f"it would break {name}: {why}" for name, why in event.broken]
    return tuple(effects), tuple(alarms)


def _called(role: type[Role], kind: type[ProtocolEvent]) -> str:
    name = role.handlers.get(kind)
    return f"{role.__name__}.{name}" if name else f"{role.__name__} ignores {kind.__name__}"


# ---- which lines would run


def _code(role: type[Role], kind: type[ProtocolEvent]) -> CodeType | None:
    name = role.handlers.get(kind)
    return getattr(role, name).__code__ if name else None


def _traced(run: Callable[[], T], code: CodeType | None) -> tuple[T, set[int]]:
    """What `run` returns, and the lines of `code` that it ran."""
    lines: set[int] = set()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            lines.add(frame.f_lineno)
        return local

    def begin(frame: FrameType, _event: str, _: Any) -> Any:
        return local if frame.f_code is code else None

    other = sys.gettrace()
    sys.settrace(begin)
    try:
        return run(), lines
    finally:
        sys.settrace(other)


@lru_cache(maxsize=256)
def _source(
    role: type[Role], kind: type[ProtocolEvent], ran: frozenset[int], runs: bool
) -> tuple[tuple[tuple[str, bool], ...], str]:
    """The lines of the handler below its docstring, and the docstring."""
    lines, first = handler(role, kind)
    if not lines:
        return (), ""
    code = textwrap.dedent("".join(lines))
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    body = function.body
    rule = ast.get_docstring(function) or ""
    if rule:
        body = body[1:]
    text = code.splitlines()
    if not body:
        return (), rule
    shown: list[tuple[str, bool]] = []
    spans = _spans(body)
    for number in range(body[0].lineno, len(text) + 1):
        start, end = spans.get(number, (number, number))
        does = runs and any(first + n - 1 in ran for n in range(start, end + 1))
        shown.append((text[number - 1].removeprefix(INDENT), does))
    return tuple(shown), " ".join(rule.split())


def _spans(body: list[ast.stmt]) -> dict[int, tuple[int, int]]:
    """For each line the first and the last one of its statement, or of its statement's head."""
    spans: dict[int, tuple[int, int]] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.stmt):
                inner = getattr(node, "body", None)
                end = inner[0].lineno - 1 if inner else node.end_lineno or node.lineno
                for number in range(node.lineno, end + 1):
                    spans[number] = node.lineno, end
    return spans


# ---- as lines


def preview_lines(found: Preview) -> list[Line]:
    """The effects first, as they are what one wants to know, then the code that says why."""
    lines = [line(("! ", "bad"), (alarm, "bad")) for alarm in found.alarms]
    lines += [line(("→ ", "now"), effect) for effect in found.effects]
    for code, runs in found.code:
        mark = ("▸ ", "now") if runs else ("  ", "")
        lines.append(line(mark, (code, "code" if runs else "dim")))
    if found.rule:
        lines.append(line((found.rule, "dim")))
    return lines


def told_lines(event: Event) -> list[Line]:
    """A step of the past: its command, and what came of it."""
    return [line((event.command, "code")), line(happened(event))]
