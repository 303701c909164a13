"""What may be asked of nodes while a search goes on."""

from __future__ import annotations

from collections.abc import Iterable

from playground.core import Ask
from playground.session import commands as c
from playground.session.grammar import parse
from playground.session.playback import Playback
from playground.session.session import Session
from playground.session.simulate import workload


def asks(session: Session, given: Iterable[str] = ()) -> tuple[Ask, ...]:
    """These asks, lines of the notation without their verb; else the protocol's workload."""
    found = []
    for line in [f"ask {line}" for line in given] or workload(session):
        command = parse(line)
        assert isinstance(command, c.Ask)
        found.append(session.resolver.ask(command))
    return tuple(found)


def asks_left(playback: Playback) -> tuple[Ask, ...]:
    """What the rest of a script asks."""
    script = [parse(line) for step in playback.scenario.step[playback.done :] for line in step.do]
    wanted = [command for command in script if isinstance(command, c.Ask)]
    return tuple(playback.session.resolver.ask(command) for command in wanted)
