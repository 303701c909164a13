"""Why a step can't be taken.  The world that it was asked of stays as it was."""

from __future__ import annotations

from playground.protocol import Event, Pid


class Impossible(Exception):
    """The action does not apply to this world: one sentence says why."""


class HandlerFailed(Exception):
    """A handler of the protocol raised; `__cause__` is what it raised."""

    def __init__(self, pid: Pid, event: Event | None, cause: Exception) -> None:
        what = "its start" if event is None else repr(event)
        said = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
        super().__init__(f"{pid} failed on {what}: {said}")
        self.pid = pid
        self.event = event
