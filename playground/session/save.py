"""Saves a session as a scenario that replays to the same state."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playground.protocol.roles import variables
from playground.session.commands import Selector
from playground.session.deeds import Deed, OnFlight
from playground.session.errors import BadInput
from playground.session.events import spell
from playground.session.scenario import Scenario, Step, assumptions_of, dump
from playground.session.session import Session
from playground.session.state import State
from playground.values import text

CROWDED = 500
"""With more messages in flight than this a script names them by their ids alone."""


def as_scenario(
    session: Session, title: str, lesson: str = "", told: Sequence[tuple[int, Step]] = ()
) -> Scenario:
    """The line that led here as a script, and all that is true at its end.  `told` are the steps of
    a script that were part of it, each with the step that ended it: they keep what they say."""
    world = session.world
    end: dict[str, Any] = dict(session.verdicts())
    end["outside"] = session.outside()
    for pid in world.rules.pids:
        node = world.nodes[pid]
        end |= {f"{pid}.{name}": text(value) for name, value, _ in variables(node)}
        end[pid] = "down" if pid in world.down else "up"
    return Scenario(
        title=title,
        protocol=session.protocol.place,
        lesson=lesson,
        setup=session.setup,
        model=assumptions_of(world.rules.model),
        step=_steps(script(session), told),
        end=end,
    )


def _steps(lines: Sequence[str], told: Sequence[tuple[int, Step]]) -> list[Step]:
    steps = []
    begin = 0
    for end, step in told:
        steps.append(Step(say=step.say, ask=step.ask, notes=step.notes, do=list(lines[begin:end])))
        begin = end
    rest = list(lines[begin:])
    return [*steps, Step(do=rest)] if rest or not steps else steps


def script(session: Session) -> list[str]:
    """The lines of the notation that lead from the start to the present moment."""
    history = session.history
    lines = []
    before = history.at(0)
    for step, result in history.walk(1, history.step):
        lines.append(_line(session, before, history.deed(step)))
        before = result.state
    return lines


def save(
    session: Session,
    path: Path,
    title: str,
    lesson: str = "",
    told: Sequence[tuple[int, Step]] = (),
) -> None:
    """Writes the file, wholly or not at all.  Raises BadInput."""
    write(as_scenario(session, title, lesson, told), path)


def write(scenario: Scenario, path: Path) -> None:
    """Likewise."""
    write_text(dump(scenario), path)


def write_text(content: str, path: Path) -> None:
    """Likewise."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(content, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise BadInput(f"{path} can't be written: {error.strerror}") from None


def _line(session: Session, before: State, deed: Deed) -> str:
    """By kind and link where that means this message and no other, else by its id."""
    if not isinstance(deed, OnFlight) or len(before.flights) > CROWDED:
        return spell(before, deed)
    flight = before.flights[deed.key]
    src, dst, message = flight.envelope.src, flight.envelope.dst, flight.envelope.message
    selector = Selector(kind=type(message).__name__, src=src, dsts=(dst,))
    try:
        meant = session.resolver.flights(before, selector)
    except BadInput:
        return spell(before, deed)
    return f"{deed.verb} {selector}" if meant[0].key == deed.key else spell(before, deed)
