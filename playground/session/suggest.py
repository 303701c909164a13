"""What could be typed here and now: for the palette, and to complete a command that is begun."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from playground.protocol import Input
from playground.session.aims import VERBS
from playground.session.errors import BadInput
from playground.session.grammar import WORDS
from playground.session.message_forms import ask
from playground.session.schedule import why_not
from playground.session.session import Session
from playground.session.state import Flight
from playground.session.view import say, spelled

SHOWN = 200
"""How many messages in flight are offered."""


def possible(session: Session) -> Iterator[tuple[str, str]]:
    """Lines of the notation that make sense now, each with a word about it."""
    state = session.state
    flights = state.in_flight()[:SHOWN]
    for flight in flights:
        if why_not(state, flight) is None:
            yield f"deliver {flight.name}", f"{say(flight.envelope.message)} {_link(flight)}"
    for pid, timer in sorted(state.world.timers, key=repr):
        yield f"fire {pid} {spelled(timer)}", "let this timer run out"
    yield from _asks(session)
    for pid in state.world.rules.pids:
        if pid in state.world.down:
            yield f"recover {pid}", "it comes back with what it wrote to disk"
        else:
            yield f"crash {pid}", "it forgets what it did not write to disk"
    for flight in flights:
        about = f"{say(flight.envelope.message)} {_link(flight)}"
        for verb in ("drop", "duplicate", "release" if flight.held else "hold"):
            yield f"{verb} {flight.name}", about
    if state.world.cuts:
        yield "heal", "mend all links"
    for name in session.history.bookmarks:
        yield f"goto {name}", "a bookmark"
    yield from _searches(session)
    for p in session.properties:
        word = "reached" if p.kind == "eventually" else "violated"
        if p.name not in state.goals:
            yield f"until {p.name} {word}", "run fairly until this is so"


def completions(session: Session, start: str) -> Iterator[str]:
    """The lines that begin like `start`, and then single words."""
    if not start.strip():
        return
    for line, _ in possible(session):
        if line.startswith(start) and line != start:
            yield line
    for line in dict.fromkeys(_by_kind(session)):
        if line.startswith(start) and line != start:
            yield line
    for word in (*WORDS, "until", "save", "changed", *VERBS):
        if word.startswith(start) and word != start:
            yield word


def _by_kind(session: Session) -> Iterator[str]:
    """Messages as a scenario says them."""
    for verb in ("deliver", "drop", "duplicate", "hold"):
        for flight in session.state.in_flight()[:SHOWN]:
            yield f"{verb} {type(flight.envelope.message).__name__} {_link(flight)}"


def _searches(session: Session) -> Iterator[tuple[str, str]]:
    yield "search", "a run from here that breaks any property"
    for piece in session.protocol.showpieces.values():
        yield f"show {piece.name}", piece.doc.partition("\n")[0]
    for p in session.properties:
        if p.kind == "eventually":
            yield f"reach {p.name}", "can it still be reached? the shortest way"
            yield f"search {p.name}", "a run after which it can't be reached"
        else:
            yield f"search {p.name}", "a run from here that breaks it"


def _asks(session: Session) -> Iterator[tuple[str, str]]:
    for pid in session.world.rules.pids:
        inputs = [e for e in session.world.nodes[pid].handlers if issubclass(e, Input)]
        for kind in islice(inputs, 3):
            try:
                form = ask(session, {"pid": pid, "input": kind.__name__})
            except BadInput:
                continue
            yield form.spell(form.values()), "ask this of the node"


def _link(flight: Flight) -> str:
    envelope = flight.envelope
    return f"{envelope.src}>{envelope.dst}"
