"""A long run, a part at a time: a screen tells how far it is, and keys may stop it."""

from __future__ import annotations

from time import perf_counter

from playground.core import CannotStep
from playground.session import commands as c
from playground.session.errors import BadInput
from playground.session.history import LAST, uninterrupted
from playground.session.schedule import scheduled
from playground.session.session import Session
from playground.values import replace

LEAST = 16
"""Steps that a part has at least."""


class LongRun:
    """Comes to the same as `session.do(command)`; stopped, to the same run of fewer steps.  Nothing
    else may be done with the session until `end`."""

    def __init__(self, session: Session, command: c.Run) -> None:
        self.command = command
        self.done = 0
        self.over = False
        self._told = False
        self._session = session
        self._schedule = scheduled(command)
        self._mark = session.history.mark()
        self._part = LEAST

    def go_on(self, seconds: float) -> None:
        """Take steps for about so long, until it is `over`.  Raises BadInput if one of them can't
        be taken; then none was."""
        steps = min(self._part, self.command.steps - self.done)
        begun = perf_counter()
        try:
            taken = self._run(steps)
        except CannotStep as error:
            self._session.history.roll_back(self._mark)
            self._told = True
            raise BadInput(str(error)) from error
        spent = perf_counter() - begun
        self.done += taken
        self.over = taken < steps or self.done == self.command.steps
        self._part = max(LEAST, min(int(steps * seconds / max(spent, 1e-6)), 2 * self._part))

    def _run(self, steps: int) -> int:
        """Moments are kept at hand only where it ends."""
        if self.done + steps > self.command.steps - LAST:
            return self._session.run(self._schedule, steps)
        with uninterrupted():
            return self._session.history.run(self._schedule, steps)

    def end(self) -> range:
        """It ends here: tells the listeners, once.  Returns the numbers of the steps taken, as
        `do`."""
        if not self._told and (self.done or self.over):
            self._told = True
            self._session.tell(replace(self.command, steps=self._said))
        return range(self._mark.step + 1, self._mark.step + self.done + 1)

    @property
    def _said(self) -> int:
        """How many steps the command says: as many as were asked for, if nothing more happens."""
        return self.command.steps if self.over else self.done
