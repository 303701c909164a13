"""What a screen shows of a moment, as plain rows.  Both shells draw these; neither asks a world."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import is_

from playground.core import World
from playground.core.clocks import Time
from playground.protocol import Event as ProtocolEvent
from playground.protocol import Model, Pid, Property, Role
from playground.protocol.crypto import unproved
from playground.protocol.detector import LETTERS
from playground.protocol.roles import variables
from playground.session.cells import Cell, Line, short, squeeze
from playground.session.events import Event
from playground.session.history import History
from playground.session.schedule import why_not
from playground.session.session import Session
from playground.session.state import Flight, State
from playground.session.verdicts import Word, excused


@dataclass(frozen=True, slots=True)
class Row:
    """A variable of a node; `was` is None unless it has just changed."""

    name: str
    now: str
    stable: bool
    was: str | None = None


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node: `timers` are (text, just set), `moved` tells that the last step was about it."""

    pid: Pid
    role: str
    up: bool
    rows: tuple[Row, ...]
    constants: tuple[Row, ...] = ()
    timers: tuple[tuple[str, bool], ...] = ()
    decision: str = ""
    fuse: int | None = None
    corrupt: bool = False
    clock: str = ""
    moved: bool = False


def node_view(pid: Pid, before: State | None, now: State, moved: bool = False) -> NodeView:
    """The node of this name, with what changed since `before`."""
    node = now.world.nodes[pid]
    old = before.world.nodes[pid] if before else node
    old_timers = before.world.timers if before else now.world.timers
    timers = sorted((t for t in now.world.timers if t[0] == pid), key=repr)
    decision = now.decisions.get(pid)
    return NodeView(
        pid,
        role_name(node),
        pid not in now.world.down,
        tuple(rows(node, old)),
        tuple(constants(node)),
        tuple((say(timer), (p, timer) not in old_timers) for p, timer in timers),
        say(decision.output) if decision else "",
        now.world.fuses.get(pid),
        pid in now.world.corrupt,
        _clock(now.world.time, pid) if now.world.time else "",
        moved,
    )


def _clock(time: Time, pid: Pid) -> str:
    """What the node's clock shows, and at which rate it goes if that is not as it should be."""
    rate = time.clocks[pid].rate
    return f"clock {short(time.local(pid))}" + (f" ×{short(rate)}" if rate != 1 else "")


class NodeViews:
    """The views of all nodes of a session, each made anew only if the node is another one."""

    def __init__(self) -> None:
        self._known: dict[Pid, tuple[tuple[object, ...], NodeView]] = {}

    def of(self, session: Session, before: State) -> tuple[list[NodeView], dict[Pid, int | None]]:
        """Every node with what changed since `before`; and since when those are down that are."""
        now = session.state
        old, new = before.world, now.world
        rest = (old.timers, new.timers, now.decisions, new.fuses, new.corrupt, new.time)
        views = [self._view(pid, before, now, rest) for pid in new.rules.pids]
        return views, {pid: down_since(session.history, pid) for pid in sorted(new.down)}

    def _view(self, pid: Pid, before: State, now: State, rest: tuple[object, ...]) -> NodeView:
        old, new = before.world.nodes[pid], now.world.nodes[pid]
        up = pid not in now.world.down
        moved = old is not new or (pid not in before.world.down) != up
        of = old, new, up, moved, *rest
        known = self._known.get(pid)
        if known is None or not all(map(is_, known[0], of)):
            known = self._known[pid] = of, node_view(pid, before, now, moved)
        return known[1]


def rows(node: Role, before: Role | None = None) -> list[Row]:
    """The variables of a node, in the order of its class."""
    old = {} if before is None or before is node else {n: v for n, v, _ in variables(before)}
    found = []
    for name, now, on_disk in variables(node):
        was = old.get(name, now)
        found.append(Row(name, short(now), on_disk, short(was) if was != now else None))
    return found


def constants(node: Role) -> list[Row]:
    """What never changes: its name aside, whom it knows and how it was set up."""
    told = {"pid", *node.variables(), *node.layers}
    names = [f.name for f in fields(node) if f.name not in told]
    return [Row(name, short(getattr(node, name)), False) for name in names]


def role_name(node: Role) -> str:
    """ "acceptor", or "acceptor with a bug" if its class is a known one."""
    kind = type(node)
    if "__breaks__" in vars(kind):
        return f"{kind.__mro__[1].__name__.lower()} with bug {kind.__name__}"
    return kind.__name__.lower()


def say(event: ProtocolEvent) -> str:
    """An event as short as can be: "Accept (1,p1) A"."""
    return " ".join([type(event).__name__, *map(short, event)])


def spelled(event: ProtocolEvent) -> str:
    """With the names of its fields, as it can be typed: "Accept n=(1,p1) value=A"."""
    pairs = (f"{name}={short(getattr(event, name))}" for name in event.names())
    return " ".join([type(event).__name__, *pairs])


def label(event: ProtocolEvent | type[ProtocolEvent]) -> str:
    """Its name in the paper, unless that says no more: "1a" of Prepare, "" of PREPARE, LEASE_REQ
    of LeaseReq and SORDER of Order."""
    kind = event if isinstance(event, type) else type(event)
    same = kind.__name__.lower() in kind.label.lower().replace("_", "")
    return "" if same else kind.label


# ---- what is in flight


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A message in flight.

    sent   the step that put it on its way
    flags  "held", "copy of m3", "forged", "edited from m3", "replay of m3", "bad tag"
    why    why it can't be delivered now, or ""
    """

    key: int
    id: str
    src: Pid
    dst: Pid
    label: str
    what: str
    sent: int
    flags: tuple[str, ...]
    why: str


def queue_row(state: State, flight: Flight) -> QueueRow:
    envelope = flight.envelope
    flags = [*(["held"] if flight.held else []), *([flight.origin] if flight.origin else [])]
    auth = state.world.rules.model.auth
    if not envelope.genuine or unproved(envelope.message, auth, envelope.dst) is not None:
        flags.append("bad tag")
    why = why_not(state, flight) or ""
    message = envelope.message
    return QueueRow(
        flight.key,
        flight.name,
        envelope.src,
        envelope.dst,
        label(message),
        say(message),
        flight.step,
        tuple(flags),
        "" if flight.held else why,
    )


# ---- properties


SIGNS: dict[Word, str] = {
    "holds": "✓",
    "reached": "✓",
    "violated": "✗",
    "blocked": "⊘",
    "livelock": "↻",
    "open": "…",
}


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """A property with its verdict; `step` and `why` tell of the step that broke it, and `bug`
    whether the run had left no assumption that the property needs."""

    name: str
    ids: tuple[str, ...]
    goal: bool
    word: Word
    doc: str
    step: int = 0
    why: str = ""
    bug: bool = False

    @property
    def sign(self) -> str:
        return SIGNS[self.word]


def quick_words(state: State, properties: Iterable[Property]) -> dict[str, Word]:
    """The verdicts that need no look at past or future: a goal is reached, or still open."""
    broken = {b.property for b in state.broken}
    words: dict[str, Word] = {}
    for p in properties:
        if p.name in broken:
            words[p.name] = "violated"
        elif p.kind != "eventually":
            words[p.name] = "holds"
        else:
            words[p.name] = "reached" if p.name in state.goals else "open"
    return words


def property_rows(session: Session, words: dict[str, Word]) -> list[PropertyRow]:
    """Every property, in the order of the protocol."""
    state = session.state
    broken = {b.property: b for b in state.broken}
    found = []
    for p in session.properties:
        row = PropertyRow(p.name, p.ids, p.kind == "eventually", words[p.name], p.doc)
        if (b := broken.get(p.name)) is not None:
            bug = not excused(state, p, b)
            row = PropertyRow(row.name, row.ids, row.goal, row.word, row.doc, b.step, b.why, bug)
        found.append(row)
    return found


def judged(row: PropertyRow, outside: Sequence[str]) -> str:
    """What to make of a violated property."""
    if row.bug:
        return "BUG: nothing that it needs was left"
    if not outside:
        return "as the theory says: it is not promised here"
    return f"as the theory says: outside {', '.join(outside)}"


def badges(possible: Sequence[str]) -> Line:
    """The classes of detectors, and which of them may have told what was told: "✓P ✗S"."""
    cells: list[Cell] = [("detector may be ", "dim")]
    for name, letter in LETTERS.items():
        sign, tag = ("✓", "good") if name in possible else ("✗", "dim")
        cells.append((f"{sign}{letter} ", tag))
    return tuple(cells)


# ---- the model, and what happened


def assumptions(world: World) -> str:
    """ "async · lossy dup reorder · crashes 0/1": what the theory allows, in a few words, and how
    much of it has been used."""
    model = world.rules.model
    brief = {"duplicating": "dup", "reordering": "reorder"}
    links = " ".join(brief.get(link, link) for link in model.links) or "reliable links"
    parts = [model.timing, links, f"crashes {len(world.down)}/{model.crashes}", *spent(world)]
    if model.auth != "channel":
        parts.append(f"auth {model.auth}")
    if model.partitions != "hold":
        parts.append("cuts drop")
    return " · ".join(parts)


def spent(world: World) -> list[str]:
    """How many traitors there are of those that can be borne, and how much time has passed."""
    model, liars = world.rules.model, len(world.corrupt)
    parts = []
    if model.byzantine or liars:
        parts.append(f"byzantine {liars}/{model.byzantine}{_enough(model, world, liars)}")
    if world.time is not None:
        parts.append(f"time {short(world.time.now)}")
    return parts


def _enough(model: Model, world: World, liars: int) -> str:
    """ ", n=4 > 3f": are there as many nodes as it takes?"""
    if not model.resilience:
        return ""
    n = len(world.rules.pids)
    sign = ">" if n > model.resilience * max(liars, model.byzantine) else "≤"
    return f", n={n} {sign} {model.resilience}f"


def happened(event: Event) -> str:
    """One step in one sentence, after its command."""
    parts = []
    if event.what is not None and event.src:
        parts.append(f"{say(event.what)} {event.src}>{event.dst}")
    parts += [f"{c.pid}.{c.field} {squeeze(c.was)} → {squeeze(c.now)}" for c in event.changes]
    if event.sent and event.action not in ("forge", "replay", "duplicate", "edit"):
        parts.append(f"sends {' '.join(f.name for f in event.sent)}")
    elif event.sent:
        parts.append(f"now {' '.join(f.name for f in event.sent)} is in flight")
    parts += [f"{pid}: {say(output)}" for pid, output in event.told]
    parts += [event.note] if event.note else []
    parts += [f"outside: {what}" for what in event.outside]
    parts += [f"VIOLATED {name}: {why}" for name, why in event.broken]
    return " · ".join(parts)


def down_since(history: History, pid: Pid) -> int | None:
    """The step at which a node that is down went down; None if it was so from the beginning."""
    since: int | None = None
    for step, down in history.branch.downs_until(history.step):
        if pid not in down:
            break
        since = step
    return since


def handler(role: type[Role], event: type[ProtocolEvent]) -> tuple[list[str], int]:
    """The source of the handler that `event` runs, and the number of its first line; empty if the
    role ignores it, or if its source can't be had."""
    name = role.handlers.get(event)
    if name is None:
        return [], 0
    try:
        return inspect.getsourcelines(getattr(role, name))
    except OSError:
        return [], 0
