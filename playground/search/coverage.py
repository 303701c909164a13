"""What a clean search never tried: else "nothing breaks" may only mean "nothing happens"."""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from playground.protocol import Role
from playground.protocol.roles import stack
from playground.search.behaviour import Behaviour

MANY = 20_000
"""More reactions than this are not run again to see which lines they take."""


class Line(NamedTuple):
    """A line of a role's code that no step ever ran."""

    file: str
    number: int
    function: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number} {self.function}: {self.text}"


def never_taken(behaviour: Behaviour) -> tuple[str, ...]:
    """The reactions that never had an effect: "Acceptor.accept on Accept"."""
    return tuple(
        f"{role.__name__}.{handler} on {event.__name__}"
        for role in _roles(behaviour)
        for event, handler in role.handlers.items()
        if not any(r is role and e is event for r, e in behaviour.effective)
    )


def never_run(behaviour: Behaviour) -> tuple[Line, ...]:
    """The lines of code of the roles that no reaction runs; none if there are too many to try."""
    if behaviour.calls > MANY:
        return ()
    codes = {code: role for role in _roles(behaviour) for code in _codes(role)}
    ran: dict[CodeType, set[int]] = {code: set() for code in codes}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        lines = ran.get(frame.f_code)
        if lines is None:
            return None
        lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        behaviour.rerun()
    finally:
        sys.settrace(before)
    return tuple(line for code, lines in ran.items() if lines for line in _missing(code, lines))


def _missing(code: CodeType, ran: set[int]) -> Iterator[Line]:
    possible = {number for _, number in dis.findlinestarts(code)}
    missing = sorted(possible - ran - {None, code.co_firstlineno})  # None: before Python 3.13
    if not missing:
        return
    source, first = inspect.getsourcelines(code)
    for number in missing:
        text = source[number - first].strip()
        yield Line(Path(code.co_filename).name, number, code.co_name, text)


def _roles(behaviour: Behaviour) -> list[type[Role]]:
    """Of nodes and of their layers."""
    nodes = (bodies[0].role for bodies in behaviour.bodies)
    return list(dict.fromkeys(type(part) for node in nodes for _, part in stack(node)))


def _codes(role: type[Role]) -> Iterator[CodeType]:
    """The code of a role's methods, its own and inherited ones."""
    for base in role.__mro__:
        if base is Role:
            return
        yield from (f.__code__ for f in vars(base).values() if inspect.isfunction(f))
