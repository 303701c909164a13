"""Ghost history: what an observer of a run remembers, though no node may see it.

An observation is a fold over the steps of a run.  A property names those that it needs, so a search
carries no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from playground.protocol.events import (
    Decision,
    Effect,
    Emit,
    Event,
    Indicate,
    Input,
    Message,
    Output,
    Pid,
    Request,
    Send,
)
from playground.protocol.roles import Role, stack
from playground.values import Record

I = TypeVar("I", bound=Input)
O = TypeVar("O", bound=Output)
M = TypeVar("M", bound=Message)
F = TypeVar("F")


class Happening(Record):
    """One reaction of one node."""

    pid: Pid
    event: Event | None  # None: it started, or recovered
    before: Role
    after: Role
    effects: Iterable[Effect]


@dataclass(frozen=True)
class Observation(Generic[F]):
    """A set of facts that only grows: (pid, fact) for each fact seen so far."""

    kind: type[Any]

    none: ClassVar[Any] = frozenset()
    """What has been seen when nothing has happened."""

    def see(self, happening: Happening) -> Iterable[tuple[Pid, F]]:
        """The facts that one reaction adds."""
        raise NotImplementedError

    def grow(self, facts: Any, happening: Happening) -> Any:
        """The facts seen after one more reaction."""
        new = self.see(happening)
        return facts.union(new) if new and not facts.issuperset(new) else facts


class Trace(Observation[F]):
    """What was asked and told, in order: the history of a service, as its clients see it."""

    none: ClassVar[Any] = ()

    def see(self, happening: Happening) -> Iterable[tuple[Pid, F]]:
        heard: list[Any] = [happening.event]
        heard += [e.output for e in happening.effects if type(e) is Emit]
        return [(happening.pid, e) for e in heard if isinstance(e, self.kind)]

    def grow(self, facts: Any, happening: Happening) -> Any:
        new = self.see(happening)
        return (*facts, *new) if new else facts


class _Inputs(Observation[F]):
    def see(self, happening: Happening) -> Iterable[tuple[Pid, F]]:
        asked: list[Any] = [e.input for e in happening.effects if type(e) is Request]
        asked.append(happening.event)
        return [(happening.pid, i) for i in asked if isinstance(i, self.kind)]


class _Outputs(Observation[F]):
    def see(self, happening: Happening) -> Iterable[tuple[Pid, F]]:
        told: list[Any] = [e.output for e in happening.effects if isinstance(e, Emit | Indicate)]
        return [(happening.pid, o) for o in told if isinstance(o, self.kind)]


class _Sent(Observation[F]):
    def see(self, happening: Happening) -> Iterable[tuple[Pid, F]]:
        sends: list[Any] = [e.message for e in happening.effects if type(e) is Send]
        return [(happening.pid, m) for m in sends if isinstance(m, self.kind)]


@dataclass(frozen=True)
class _Ever(Observation[F]):
    fields: tuple[str, ...]

    def see(self, happening: Happening) -> Iterable[tuple[Pid, F]]:
        look: Any = attrgetter(*self.fields)
        layers = zip(stack(happening.before), stack(happening.after), strict=True)
        return [
            (happening.pid, look(now))
            for (_, was), (_, now) in layers
            if isinstance(now, self.kind) and look(now) != look(was)
        ]


def inputs(kind: type[I]) -> Observation[I]:
    """Every input of this kind that was ever asked: (whom, input)."""
    return _Inputs(kind)


def outputs(kind: type[O]) -> Observation[O]:
    """Every output of this kind that was ever told, also by nodes that are down now."""
    return _Outputs(kind)


def sent(kind: type[M]) -> Observation[M]:
    """Every message of this kind that a node really sent (a forgery is not): (sender, message)."""
    return _Sent(kind)


def trace(*kinds: type[Event]) -> Trace[Event]:
    """Every input and output of these kinds, in the order in which they happened: (pid, event)."""
    return Trace(kinds)  # type: ignore[arg-type]


def ever(role: type[Role], *fields: str) -> Observation[Any]:
    """Every value that a handler ever gave to this field, or to these: (pid, value), or
    (pid, (value, value, ...)) with the values that they had together."""
    for field in fields:
        if field not in role.variables():
            raise TypeError(f"{role.__name__} has no variable {field!r} to observe")
    return _Ever(role, fields)


def decisions(observed: Iterable[Observation[Any]]) -> list[Observation[Any]]:
    """Those of them that see what was decided; [] if nothing is to be decided."""
    return [o for o in observed if _decides(o.kind)]


def _decides(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Decision)
