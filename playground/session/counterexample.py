"""A run that a search has found, as part of a session: it can be undone, told and saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from playground.core import (
    Action,
    Ask,
    Corrupt,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Elapse,
    Envelope,
    Fire,
    Forge,
    Recover,
    SetClock,
    Tick,
)
from playground.core import step as core_step
from playground.protocol import Pid
from playground.session.errors import BadInput
from playground.session.events import Event, spell
from playground.session.save import as_scenario, script
from playground.session.scenario import Scenario, Step
from playground.session.session import Session
from playground.session.state import Flight
from playground.values import text


def follow(session: Session, actions: Iterable[Action]) -> range:
    """Take these actions from the present moment on; where the session has been before, on a branch
    of its own.  Returns the numbers of the steps, which are one for each event: a crash in the
    middle of an event is part of it."""
    first = session.state.step + 1
    for line in _lines(session, actions):
        session.say(line)
    return range(first, session.state.step + 1)


def lines(session: Session, steps: range) -> list[str]:
    """These steps in the notation."""
    return script(session)[steps.start - 1 : steps.stop - 1]


def told(session: Session, steps: range) -> list[str]:
    """One sentence for each of these steps."""
    return [sentence(event) for event in session.past(steps)]


def scenario(session: Session, steps: range, title: str, lesson: str) -> Scenario:
    """The run as a lesson: each of these steps with its sentence, and what is true at the end."""
    whole = as_scenario(session, title, lesson)
    done = script(session)
    before = done[: steps.start - 1]
    whole.step = [Step(do=before)] if before else []
    for line, say in zip(done[steps.start - 1 :], told(session, steps), strict=True):
        whole.step.append(Step(say=say, do=[line]))
    return whole


def sentence(event: Event) -> str:
    """What was done, and what came of it."""
    clauses = [_deed(event)]
    clauses += [f"{c.pid}.{c.field} is {c.now} now" for c in event.changes]
    if event.action not in ("forge", "duplicate", "replay", "edit"):
        clauses += _sent(event.sent)
    clauses += [f"{pid} tells {what!r}" for pid, what in event.told]
    clauses += [event.note] if event.note and event.action != "crash" else []
    clauses += [f"this breaks {name}: {why}" for name, why in event.broken]
    return "; ".join(clauses) + "."


def _deed(event: Event) -> str:
    what = repr(event.what) if event.what is not None else ""
    match event.action:
        case "ask":
            return f"{event.pid} is asked to {what}"
        case "fire":
            return f"the timer {what} of {event.pid} fires"
        case "deliver":
            return f"{event.dst} hears {what} from {event.src}"
        case "drop":
            return f"{what} from {event.src} to {event.dst} is lost"
        case "duplicate":
            return f"{what} from {event.src} to {event.dst} is copied"
        case "forge":
            return f"somebody forges {what} from {event.src} to {event.dst}"
        case "crash" if "after=" in event.command:
            effects = event.command.partition("after=")[2]
            return f"{event.pid} crashes in the middle of that, after {effects} of its effects"
        case "crash":
            return f"{event.pid} crashes"
        case "recover":
            return f"{event.pid} recovers"
        case "tick":
            return "the round is over"
        case "corrupt":
            return f"{event.pid} is a traitor"
        case "advance":
            return f"{event.command.removeprefix('advance ')} of time pass"
    return event.command


def _sent(flights: Iterable[Flight]) -> Iterator[str]:
    """ "p1 sends Accept((1, p1), A) to a1, a2": one clause for each message, whoever gets it."""
    receivers: dict[tuple[Pid, str], list[Pid]] = {}
    for flight in flights:
        e = flight.envelope
        receivers.setdefault((e.src, repr(e.message)), []).append(e.dst)
    for (src, message), dsts in receivers.items():
        yield f"{src} sends {message} to {', '.join(dsts)}"


def _lines(session: Session, actions: Iterable[Action]) -> Iterator[str]:
    """Lines to be said one after the other.  A node that is to crash in the middle of its next
    event is said to have done so when that has happened."""
    world = session.world
    cut: dict[Pid, int] = {}
    for action in actions:
        fused = set(world.fuses)
        world = core_step(world, action)
        if isinstance(action, Crash) and action.after is not None:
            cut[action.pid] = action.after
            continue
        yield spelled(session, action)
        for pid in fused - set(world.fuses):
            yield f"crash {pid} after={cut[pid]}"


def spelled(session: Session, action: Action) -> str:
    """What may happen next, in the notation."""
    match action:
        case Deliver(e) | Drop(e) | Duplicate(e):
            return f"{type(action).__name__.lower()} {_flight(session, e).name}"
        case Ask() | Fire() | Crash() | Recover() | Forge() | Tick():
            return spell(session.state, action)
        case Corrupt() | Elapse() | SetClock():
            return spell(session.state, action)
    raise BadInput(f"a session can't follow {text(action)}")


def _flight(session: Session, envelope: Envelope) -> Flight:
    """The oldest copy of it."""
    for flight in session.state.in_flight():
        if flight.envelope == envelope and not flight.held:
            return flight
    raise BadInput(f"{envelope} is not in flight")
