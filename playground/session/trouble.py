"""A handler that raises, and the run that a search has found to it."""

from __future__ import annotations

from collections.abc import Iterable

from playground.core import Action
from playground.search.errors import Raised
from playground.session.counterexample import follow, lines, scenario, spelled, told
from playground.session.errors import BadInput
from playground.session.scenario import Scenario
from playground.session.session import Session


class Trouble(BadInput):
    """A handler raised.  The session itself has not moved.

    trace      the run in the notation; its last line is what the handler raised on
    sentences  one for each line of it but the last
    lesson     the run up to there, as a scenario
    """

    def __init__(self, session: Session, raised: Raised, first: Iterable[Action] = ()) -> None:
        super().__init__(f"{session.protocol.name}: {raised}")
        here = session.state.step
        actions = (*first, *raised.actions)
        steps = follow(session, actions[:-1])
        last = spelled(session, actions[-1])
        self.trace = (*lines(session, steps), last)
        self.sentences = tuple(told(session, steps))
        self.lesson: Scenario = scenario(
            session, steps, f"How {session.protocol.name} fails", f"Then {last}: {raised}."
        )
        session.history.go(here)
