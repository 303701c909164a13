"""Running until something is so: `until p1.phase == done`, `until agreement violated` ...

A condition is looked for ahead, along the fair schedule, so that what is done is a plain `run fifo`
of so many steps, which a scenario can say as well.
"""

from __future__ import annotations

from playground.core import CannotStep
from playground.session import commands as c
from playground.session.conditions import read
from playground.session.deeds import advance
from playground.session.errors import BadInput
from playground.session.schedule import Fair, Schedule
from playground.session.session import Session
from playground.session.verdicts import FairRun

PATIENCE = 5_000
"""How many steps are looked ahead."""


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
        if condition.holds(state):
            return c.Run("fifo", steps)
    raise BadInput(f"never {wanted} within {PATIENCE:,} steps of the fair schedule")


def _ahead(wanted: str) -> Schedule:
    """The fair schedule; but for a field, which may count on for ever, only until it repeats."""
    return Fair() if "." in wanted else FairRun()
