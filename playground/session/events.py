"""What happened in one step, told for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.core import (
    Ask,
    Corrupt,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Edit,
    Elapse,
    Fire,
    Forge,
    Heal,
    Recover,
    Replay,
    SetClock,
    Tick,
)
from playground.core.network import Link
from playground.protocol import Event as ProtocolEvent
from playground.protocol import Pid
from playground.protocol.crypto import unproved
from playground.protocol.detector import Oracle
from playground.protocol.events import Emit
from playground.protocol.roles import variables
from playground.session import commands as c
from playground.session.deeds import Advance, CrashInStep, Deed, EditFlight, OnFlight, ReplayMessage
from playground.session.notation import snake
from playground.session.state import Flight, State
from playground.values import text


@dataclass(frozen=True)
class Change:
    """A field of a node that a step changed."""

    pid: Pid
    field: str
    was: str
    now: str


@dataclass(frozen=True)
class Event:
    """One step.

    n        its number
    action   the verb of the notation
    command  the line of the notation that does it
    id       the message that it was about, or None
    pid      the node that ran or was hit, or None
    what     the message, timer or input, or None
    changes  fields that changed
    sent     the messages that it put on their way
    told     what nodes told the layer above: (pid, output)
    outside  the assumptions that it left
    broken   the properties that it broke: (name, why)
    note     anything else worth knowing, such as why a message was ignored
    """

    n: int
    action: str
    command: str
    id: str | None = None
    pid: Pid | None = None
    src: Pid | None = None
    dst: Pid | None = None
    what: ProtocolEvent | None = None
    changes: tuple[Change, ...] = ()
    sent: tuple[Flight, ...] = ()
    told: tuple[tuple[Pid, ProtocolEvent], ...] = ()
    outside: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def kind(self) -> str | None:
        return type(self.what).__name__ if self.what else None

    @property
    def rejected(self) -> bool:
        """Did the receiver see that the message is not from whom it claims to be?"""
        return self.note.startswith("rejected")

    @property
    def unheard(self) -> bool:
        """Did a message arrive that no handler was run for?"""
        return self.rejected or self.note == "ignored"

    @property
    def fields(self) -> dict[str, Any]:
        return {n: getattr(self.what, n) for n in self.what.names()} if self.what else {}


def tell(before: State, deed: Deed, result: Advance) -> Event:
    """The event of the step from `before` that `deed` made."""
    after = result.state
    new = [after.flights[k] for k in range(before.keys, after.keys) if k in after.flights]
    told = [
        (h.pid, e.output) for h in result.step.happenings for e in h.effects if isinstance(e, Emit)
    ]
    return Event(
        n=after.step,
        command=spell(before, deed),
        changes=tuple(_changes(before, after)),
        sent=tuple(new),
        told=tuple(told),
        outside=tuple(o.breach.what for o in after.outside if o.step == after.step),
        broken=tuple((b.property, b.why) for b in after.broken if b.step == after.step),
        note=_note(before, result),
        **_about(before, deed, result),
    )


def spell(before: State, deed: Deed) -> str:
    """The line of the notation that does `deed` in the state `before`."""
    match deed:
        case OnFlight(verb, key):
            return f"{verb} {before.flights[key].name}" if key in before.flights else verb
        case EditFlight(key, message):
            flight = before.flights[key]
            return f"edit {flight.name}{_fields(message, flight.envelope.message)}"
        case ReplayMessage(number, _):
            return f"replay m{number}"
        case Forge(envelope):
            kind = type(envelope.message).__name__
            link = f"{envelope.src}>{envelope.dst}"
            return f"forge {kind} {link}{_fields(envelope.message)}"
        case Fire(pid, timer):
            name = ".".join((*timer.path, type(timer.bare).__name__))
            return f"fire {pid} {name}{_fields(timer.bare)}"
        case Ask(pid, Oracle(who) as belief):
            return f"{belief.label} {pid} {who}"
        case Ask(pid, asked):
            return f"ask {pid} {type(asked).__name__}{_fields(asked)}"
        case CrashInStep(pid, after) | Crash(pid, after):
            return f"crash {pid}" + ("" if after is None else f" after={after}")
        case Recover(pid, amnesia):
            return f"recover {pid}" + (" amnesia" if amnesia else "")
        case Cut(links):
            return "cut " + spell_cut(links)
        case Corrupt(pid, strategy):
            return f"corrupt {pid}" + (f" {snake(strategy.__name__)}" if strategy else "")
        case Tick():
            return "tick"
        case Elapse(by):
            return f"advance {text(by)}"
        case SetClock(pid, rate, offset, strobe):
            return str(c.Clock(pid, rate, offset, strobe))
        case Heal(None):
            return "heal"
        case Heal(links):
            [(src, dst)] = links or {("", "")}
            return f"heal {src}>{dst}"
    raise TypeError(deed)


def spell_cut(links: frozenset[Link]) -> str:
    """One link, or the groups that are cut off from each other."""
    if len(links) == 1:
        [(src, dst)] = links
        return f"{src}>{dst}"
    pids = sorted({pid for link in links for pid in link})
    groups: list[list[Pid]] = []
    for pid in pids:
        for group in groups:
            if (pid, group[0]) not in links:
                group.append(pid)
                break
        else:
            groups.append([pid])
    return " | ".join("{" + ",".join(group) + "}" for group in groups)


def _fields(event: ProtocolEvent, old: ProtocolEvent | None = None) -> str:
    return "".join(
        f" {name}={text(getattr(event, name))}"
        for name in event.names()
        if old is None or getattr(event, name) != getattr(old, name)
    )


def _about(before: State, deed: Deed, result: Advance) -> dict[str, Any]:
    verb = spell(before, deed).split()[0]
    about: dict[str, Any] = {"action": verb}
    flight: Flight | None = None
    if isinstance(deed, OnFlight | EditFlight):
        flight = before.flights.get(deed.key)
    match result.action:
        case Edit(envelope, message):
            about |= {"src": envelope.src, "dst": envelope.dst, "what": message}
        case Deliver(e) | Drop(e) | Duplicate(e) | Replay(e) | Forge(e):
            about |= {"src": e.src, "dst": e.dst, "what": e.message}
        case Fire(pid, timer):
            about |= {"pid": pid, "what": timer.bare}
        case Ask(pid, asked):
            about |= {"pid": pid, "what": asked}
        case Crash(pid) | Recover(pid) | Corrupt(pid) | SetClock(pid):
            about |= {"pid": pid}
        case None if flight:
            e = flight.envelope
            about |= {"src": e.src, "dst": e.dst, "what": e.message}
        case _:
            pass
    if isinstance(deed, CrashInStep):
        about |= {"pid": deed.pid, "action": "crash"}
    if flight:
        about["id"] = flight.name
    if isinstance(result.action, Deliver):
        about["pid"] = about["dst"]
    elif isinstance(result.action, Forge | Edit | Replay | Duplicate):
        newest = result.state.flights.get(result.state.keys - 1)
        about["id"] = newest.name if newest else about.get("id")
    return about


def _changes(before: State, after: State) -> list[Change]:
    changes = []
    for pid in after.world.rules.pids:
        old, new = before.world.nodes[pid], after.world.nodes[pid]
        if old is new:
            continue
        earlier = {name: value for name, value, _ in variables(old)}
        for name, now, _ in variables(new):
            if (was := earlier.get(name)) != now:
                changes.append(Change(pid, name, text(was), text(now)))
    return changes


def _note(before: State, result: Advance) -> str:
    step = result.step
    if step.rejected:
        auth = before.world.rules.model.auth
        src, dst = step.rejected.src, step.rejected.dst
        author = unproved(step.rejected.message, auth, dst)
        if step.rejected.genuine and author is not None:
            return f"rejected: bad tag ({auth}: nothing in it proves to {dst} what {author} said)"
        return f"rejected: bad tag ({auth}: whoever forged it holds no key of {src})"
    if step.lost:
        down = isinstance(result.action, Tick | Elapse)
        how = "their receivers are down" if down else "across the cut"
        return f"{len(step.lost)} lost: {how}"
    if isinstance(result.action, Deliver) and not step.happenings:
        return "ignored"
    went_down = sorted(result.state.world.down - before.world.down)
    if went_down and not isinstance(result.action, Crash):
        return f"in the middle of it {', '.join(went_down)} crashed"
    return _hour(result)


def _hour(result: Advance) -> str:
    """How late it is after time has passed, and what a clock shows that was set."""
    time = result.state.world.time
    if time is not None and isinstance(result.action, Elapse):
        return f"it is {text(time.now)} now"
    if time is not None and isinstance(result.action, SetClock):
        return f"it shows {text(time.local(result.action.pid))}"
    return ""
