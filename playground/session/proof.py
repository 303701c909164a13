"""Which step of a run shows that the answer to a question is right."""

from __future__ import annotations

from playground.core import Envelope
from playground.protocol import Message
from playground.session import commands as c
from playground.session.events import Event
from playground.session.grammar import parse
from playground.session.session import Session


def proof(session: Session, wanted: str, before: int) -> int | None:
    """The last step up to `before` that did what a line of the notation says, such as "deliver
    Promise a1>p1" or "crash p1"; None if none did.  Raises BadInput if it says nothing."""
    command = parse(wanted)
    did = [e.n for e in session.past(range(1, before + 1)) if _did(session, e, command)]
    return did[-1] if did else None


def _did(session: Session, event: Event, command: c.Command) -> bool:
    if isinstance(command, c.OnMessages) and not command.which.id:
        if event.action != command.verb or not isinstance(event.what, Message):
            return False
        envelope = Envelope(event.src or "", event.dst or "", event.what)
        return session.resolver.means(command.which, envelope)
    return event.command == str(command) or event.command.startswith(f"{command} ")
