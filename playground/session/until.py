"""Running until something is so: `until p1.phase == done`, `until agreement violated` ...

A condition is looked for ahead, along the fair schedule, so that what is done is a plain `run fifo`
of so many steps, which a scenario can say as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playground.core import CannotStep
from playground.protocol.roles import variables
from playground.session import commands as c
from playground.session.cells import short, squeeze
from playground.session.deeds import advance
from playground.session.errors import BadInput, unknown
from playground.session.notation import Reader
from playground.session.schedule import Fair, Schedule
from playground.session.session import Session
from playground.session.state import State
from playground.session.verdicts import FairRun
from playground.session.view import quick_words

PATIENCE = 5_000
"""How many steps are looked ahead."""

EXAMPLES = "p1.phase == done, Promise in flight, a1 down, p1 decided or agreement violated"

Condition = Callable[[State], bool]


def until(session: Session, wanted: str) -> c.Run:
    """The run of the fair schedule after which the condition is true for the first time.  Raises
    BadInput if it makes no sense, or does not become true."""
    condition = read(session, wanted)
    state, run = session.state, _ahead(wanted)
    for steps in range(1, PATIENCE + 1):
        deed = run.next(state)
        if deed is None:
            over = "the run only repeats itself" if getattr(run, "period", 0) else "nothing happens"
            raise BadInput(f"after {steps - 1} steps {over}, and never {wanted}")
        try:
            state = advance(state, deed, session.monitor).state
        except CannotStep as error:
            raise BadInput(str(error)) from error
        if condition(state):
            return c.Run("fifo", steps)
    raise BadInput(f"never {wanted} within {PATIENCE:,} steps of the fair schedule")


def _ahead(wanted: str) -> Schedule:
    """The fair schedule; but for a field, which may count on for ever, only until it repeats."""
    return Fair() if "." in wanted else FairRun()


def read(session: Session, wanted: str) -> Condition:
    """What a condition says.  Raises BadInput."""
    wanted = wanted.strip()
    if match := re.fullmatch(r"([\w'-]+)\.(\w+)\s*(==|!=)\s*(\S.*)", wanted):
        return _field(session, *match.groups())
    if match := re.fullmatch(r"(no\s+)?(\S+)\s+in\s+flight", wanted):
        return _in_flight(session, match.group(2), none=bool(match.group(1)))
    if match := re.fullmatch(r"(\S+)\s+(up|down|decided)", wanted):
        return _node(session, match.group(1), match.group(2))
    if match := re.fullmatch(r"(\S+)\s+(violated|reached)", wanted):
        return _property(session, *match.groups())
    raise BadInput(f"{wanted!r} is no condition; say {EXAMPLES}")


def _field(session: Session, pid: str, name: str, sign: str, value: str) -> Condition:
    known = [field for field, _, _ in variables(session.world.nodes[session.resolver.node(pid)])]
    if name not in known:
        raise BadInput(unknown(f"variable of {pid}", name, known))
    reader = Reader(value, 0)
    reader.tree()
    if reader.rest().strip():
        raise BadInput(f"{reader.rest().strip()!r} is left over after the value")
    right = squeeze(value.strip())

    def holds(state: State) -> bool:
        now = next(v for n, v, _ in variables(state.world.nodes[pid]) if n == name)
        return (short(now) == right or str(now) == right) == (sign == "==")

    return holds


def _in_flight(session: Session, kind: str, none: bool) -> Condition:
    known = {name.lower(): event for name, event in session.protocol.events.items()}
    known |= {event.label.lower(): event for event in session.protocol.events.values()}
    event = known.get(kind.lower())
    if event is None:
        raise BadInput(unknown("message", kind, list(session.protocol.events)))

    def holds(state: State) -> bool:
        there = any(type(f.envelope.message) is event for f in state.flights.values())
        return there != none

    return holds


def _node(session: Session, pid: str, word: str) -> Condition:
    pid = session.resolver.node(pid)
    if word == "decided":
        return lambda state: pid in state.decisions
    return lambda state: (pid in state.world.down) == (word == "down")


def _property(session: Session, name: str, word: str) -> Condition:
    names = {n.lower(): p for p in session.properties for n in (p.name, *p.ids)}
    wanted = names.get(name.lower())
    if wanted is None:
        raise BadInput(unknown("property", name, [p.name for p in session.properties]))
    return lambda state: quick_words(state, [wanted])[wanted.name] == word
