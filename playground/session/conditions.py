"""Conditions: `p1.phase == done`, `agreement violated`, `a1 down and Promise in flight` ...

A run waits for them, and a search looks for a way to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from playground.protocol import Decision, Message, Pid, Property, System, Verdict, outputs, sent
from playground.protocol.observations import Happening, Observation
from playground.protocol.roles import Role, variables
from playground.session.cells import short, squeeze
from playground.session.errors import BadInput, unknown
from playground.session.notation import Reader
from playground.session.session import Session
from playground.session.state import State
from playground.session.view import quick_words

EXAMPLES = "p1.phase == done, Promise in flight, a1 down, p1 decided or agreement violated"

BLIND = "it sees when a message is sent, not how long it stays in flight"


class Condition(NamedTuple):
    """A condition in words, of a state of the session, and as a property for a search that begins
    at the present moment: `true` is its check, and `sees` what that looks at.  What a search can't
    see has no check, and `why_not` says so."""

    words: str
    holds: Callable[[State], bool]
    true: Callable[[System], Verdict] | None
    sees: tuple[Observation[Any], ...] = ()
    why_not: str = ""

    def goal(self) -> Property:
        """Raises BadInput if a search can't see it."""
        if self.true is None:
            raise BadInput(f"a search can't look for {self.words}: {self.why_not}")
        return Property(self.words, "always", self.true, sees=self.sees, doc=self.words)


@dataclass(frozen=True)
class FromHere(Observation[Any]):
    """What another observation sees from the present moment on: also what it has seen before."""

    of: Observation[Any]

    def see(self, happening: Happening) -> Iterable[tuple[Pid, Any]]:
        return self.of.see(happening)


def read(session: Session, wanted: str) -> Condition:
    """What a condition says; several may be joined by "and".  Raises BadInput."""
    wanted = wanted.strip()
    parts = [_read(session, part) for part in re.split(r"\s+and\s+", wanted)]
    return parts[0] if len(parts) == 1 else _all(wanted, parts)


def _read(session: Session, wanted: str) -> Condition:
    if match := re.fullmatch(r"([\w'-]+)\.(\w+)\s*(==|!=)\s*(\S.*)", wanted):
        return _field(session, wanted, *match.groups())
    if match := re.fullmatch(r"(no\s+)?(\S+)\s+in\s+flight", wanted):
        return _in_flight(session, wanted, match.group(2), none=bool(match.group(1)))
    if match := re.fullmatch(r"(\S+)\s+(up|down|decided)", wanted):
        return _node(session, wanted, match.group(1), match.group(2))
    if match := re.fullmatch(r"(\S+)\s+(violated|reached)", wanted):
        return _property(session, wanted, *match.groups())
    raise BadInput(f"{wanted!r} is no condition; say {EXAMPLES}")


def _all(wanted: str, parts: list[Condition]) -> Condition:
    checks = [part.true for part in parts if part.true is not None]

    def true(system: System) -> Verdict:
        return all(check(system) for check in checks)

    sees = tuple(dict.fromkeys(o for part in parts for o in part.sees))
    unseen = [part.why_not for part in parts if part.true is None]
    if any(isinstance(o, FromHere) for o in sees):
        unseen.append(BLIND)
    return Condition(
        wanted,
        lambda state: all(part.holds(state) for part in parts),
        None if unseen else true,
        sees,
        next(iter(unseen), ""),
    )


def _field(session: Session, words: str, pid: Pid, name: str, sign: str, value: str) -> Condition:
    kind = type(session.world.nodes[session.resolver.node(pid)])
    known = [field for field, _, _ in variables(session.world.nodes[pid])]
    if name not in known:
        raise BadInput(unknown(f"variable of {pid}", name, known))
    reader = Reader(value, 0)
    reader.tree()
    if reader.rest().strip():
        raise BadInput(f"{reader.rest().strip()!r} is left over after the value")
    right = squeeze(value.strip())

    def holds(node: Role) -> bool:
        now = next(v for n, v, _ in variables(node) if n == name)
        return (short(now) == right or str(now) == right) == (sign == "==")

    return Condition(
        words,
        lambda state: holds(state.world.nodes[pid]),
        lambda system: any(holds(node) for node in system.all(kind) if node.pid == pid),
    )


def _in_flight(session: Session, words: str, kind: str, none: bool) -> Condition:
    """A search sees what is sent: from then on it is in flight."""
    known = {name.lower(): event for name, event in session.protocol.events.items()}
    known |= {event.label.lower(): event for event in session.protocol.events.values()}
    event = known.get(kind.lower())
    if event is None:
        raise BadInput(unknown("message", kind, list(session.protocol.events)))

    def holds(state: State) -> bool:
        there = any(type(f.envelope.message) is event for f in state.flights.values())
        return there != none

    if none or not issubclass(event, Message):
        return Condition(words, holds, None, why_not=BLIND)
    sends = FromHere(event, sent(event))
    already = holds(session.state)

    def true(system: System) -> Verdict:
        return already or bool(system.seen(sends))

    return Condition(words, holds, true, (sends,))


def _node(session: Session, words: str, pid: Pid, word: str) -> Condition:
    kind = type(session.world.nodes[session.resolver.node(pid)])
    if word == "decided":
        return _decided(session, words, pid)
    down = word == "down"
    return Condition(
        words,
        lambda state: (pid in state.world.down) == down,
        lambda system: (pid in {node.pid for node in system.up(kind)}) != down,
    )


def _decided(session: Session, words: str, pid: Pid) -> Condition:
    events = session.protocol.events.values()
    told = tuple(outputs(event) for event in events if issubclass(event, Decision))
    already = pid in session.state.decisions

    def true(system: System) -> Verdict:
        return already or any(pid == who for each in told for who, _ in system.seen(each))

    return Condition(words, lambda state: pid in state.decisions, true, told)


def _property(session: Session, words: str, name: str, word: str) -> Condition:
    names = {n.lower(): p for p in session.properties for n in (p.name, *p.ids)}
    wanted = names.get(name.lower())
    if wanted is None:
        raise BadInput(unknown("property", name, [p.name for p in session.properties]))

    def holds(state: State) -> bool:
        return quick_words(state, [wanted])[wanted.name] == word

    goal = wanted.kind == "eventually"
    if goal != (word == "reached"):
        return Condition(words, holds, None, why_not=f"{wanted.name} is never {word}")
    if wanted.kind == "between":
        return Condition(words, holds, None, why_not=f"say search {wanted.name}")
    if goal:
        return Condition(words, holds, wanted, wanted.sees)
    return Condition(words, holds, lambda system: not wanted(system), wanted.sees)
