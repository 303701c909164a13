"""Why a step can't be taken.  The world that it was asked of stays as it was."""

from __future__ import annotations

from playground.protocol import Event, Pid


class CannotStep(Exception):
    """One sentence says why."""


class Impossible(CannotStep):
    """The action does not apply to this world."""


class HandlerFailed(CannotStep):
    """A handler of the protocol raised, or did what can't be done; `cause` is what was wrong."""

    def __init__(self, pid: Pid, event: Event | None, cause: Exception) -> None:
        what = "its start" if event is None else repr(event)
        super().__init__(f"{pid} failed on {what}: {_said(cause)}")
        self.pid = pid
        self.event = event
        self.cause = cause


class PropertyFailed(CannotStep):
    """The check of a property raised; `__cause__` is what it raised."""

    def __init__(self, name: str, cause: Exception) -> None:
        super().__init__(f"the property {name} failed: {_said(cause)}{_where(cause)}")


def _said(cause: Exception) -> str:
    return f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__


def _where(cause: Exception) -> str:
    """The line of the innermost frame."""
    frame = cause.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f" ({frame.tb_frame.f_code.co_filename}:{frame.tb_lineno})" if frame else ""
