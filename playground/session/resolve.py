"""From commands to deeds: which messages, timers, nodes and fields the words mean here and now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from playground.core import Ask as AskNode
from playground.core import Corrupt, Envelope, Fire, Forge, Heal, SetClock
from playground.core import Cut as CutLinks
from playground.core.network import Link
from playground.protocol import Event, Input, Message, Pid, Timer
from playground.session import commands as c
from playground.session.catalog import ProtocolFile
from playground.session.deeds import EditFlight
from playground.session.errors import BadInput, unknown
from playground.session.notation import Misfit, conform, fields_of, name_of
from playground.session.oracle import beliefs
from playground.session.state import Flight, State
from playground.values import replace

E = TypeVar("E", bound=Event)

SHOWN = 8
"""How many of the things that are there an error lists."""


class Resolver:
    """Knows the words of one protocol and its nodes."""

    def __init__(self, protocol: ProtocolFile, pids: Sequence[Pid]) -> None:
        self._protocol = protocol
        self._pids = pids

    def node(self, name: str) -> Pid:
        if name not in self._pids:
            raise BadInput(unknown("node", name, self._pids))
        return name

    def check(self, command: c.Command) -> None:
        """Raises BadInput if a name in it can't be known at any moment: of a node, a kind of
        message, timer or input, a field, or for a value that does not fit."""
        match command:
            case c.OnMessages(_, which):
                self._selected(which)
            case c.Forge():
                self.forge(command)
            case c.Ask():
                self.ask(command)
            case c.Fire(pid, timer, fields):
                kind = self._protocol.event(Timer, timer.split(".")[-1])
                self._fields(kind, fields)
                self._nodes(pid)
            case c.Cut():
                self.cut(command)
            case c.Heal(link):
                self._nodes(*(link or ()))
            case c.Crash(pid) | c.Recover(pid) | c.Corrupt(pid) | c.Clock(pid):
                self._nodes(pid)
            case _:
                pass

    def _nodes(self, *names: str) -> None:
        for name in names:
            if name != "*":
                self.node(name)

    def _selected(self, selector: c.Selector) -> tuple[type[Message] | None, dict[str, Any]]:
        """The kind that a selector names, and its fields."""
        if selector.id:
            return None, {}
        kind = None if selector.kind == "*" else self._protocol.event(Message, selector.kind)
        self._nodes(selector.src, *selector.dsts)
        return kind, self._given(kind, selector.fields)

    def flights(self, state: State, selector: c.Selector) -> list[Flight]:
        """The copies in flight that the selector means, oldest first; at least one.  A selector
        without "*" means one message: copies that say the same count as one."""
        if selector.id:
            flight = state.flight(selector.id)
            if flight is None:
                raise BadInput(f"{selector.id} is not in flight; {_list(state.in_flight())}")
            return [flight]
        kind, wanted = self._selected(selector)
        found = [f for f in state.in_flight() if _fits(f.envelope, kind, selector, wanted)]
        if not found:
            raise BadInput(f"no {selector} is in flight; {_list(state.in_flight())}")
        if not selector.wild and len({f.envelope for f in found}) > 1:
            raise BadInput(f"{selector} may mean {_either(found)}; name one by its id")
        return found if selector.wild else found[:1]

    def means(self, selector: c.Selector, envelope: Envelope) -> bool:
        """Is this one of the messages that a selector without an id tells?"""
        kind, wanted = self._selected(selector)
        return _fits(envelope, kind, selector, wanted)

    def _given(self, kind: type[Message] | None, fields: c.Fields) -> dict[str, Any]:
        if fields and kind is None:
            raise BadInput("fields can only be told apart for one kind of message")
        return self._fields(kind, fields) if kind else {}

    def edit(self, state: State, command: c.Edit) -> EditFlight:
        [flight] = self.flights(state, command.which)
        message = flight.envelope.message
        changed = self._fields(type(message), command.fields)
        return EditFlight(flight.key, replace(message, **changed))

    def forge(self, command: c.Forge) -> list[Forge]:
        """One forgery for each receiver."""
        message = self.build(Message, command.kind, command.fields)
        src = self.node(command.src)
        return [Forge(Envelope(src, self.node(dst), message)) for dst in command.dsts]

    def ask(self, command: c.Ask) -> AskNode:
        pid = self.node(command.pid)
        return AskNode(pid, self.build(Input, command.input, command.fields))

    def oracle(self, state: State, command: c.Oracle) -> list[AskNode]:
        """What the processes that are meant are to believe: one, or with "*" all that are up."""
        who, world = self.node(command.who), state.world
        up = [pid for pid in self._pids if pid not in world.down]
        pids = up if command.pid == "*" else [self.node(command.pid)]
        found = [
            AskNode(pid, taken[command.verb](who))
            for pid in pids
            if command.verb in (taken := beliefs(world.nodes[pid]))
        ]
        if not found:
            raise BadInput(f"{command} reaches nobody: you are not the failure detector here")
        return found

    def fire(self, state: State, command: c.Fire) -> list[Fire]:
        """The set timers that are meant: of one node, or with "*" of all.  Where layers have timers
        of one name, `omega.Beat` tells which layer's."""
        *path, name = command.timer.split(".")
        kind = self._protocol.event(Timer, name)
        wanted = self._fields(kind, command.fields)
        if command.pid != "*":
            self.node(command.pid)
        found = [
            Fire(pid, timer)
            for pid, timer in sorted(state.world.timers, key=repr)
            if command.pid in ("*", pid)
            and type(timer.bare) is kind
            and _has(timer.bare, wanted)
            and list(timer.path[len(timer.path) - len(path) :]) == path
        ]
        if not found:
            timers = [f"{p} {t}" for p, t in sorted(state.world.timers, key=repr)]
            there = f"set are {', '.join(timers)}" if timers else "no timer is set"
            raise BadInput(f"{command.pid} has not set {command.timer}; {there}")
        if command.pid != "*" and len(found) > 1:
            names = " or ".join(str(f.timer) for f in found)
            raise BadInput(f"{command} may mean {names}; say which by its layer or its fields")
        return found

    def cut(self, command: c.Cut) -> CutLinks:
        if command.link:
            src, dst = command.link
            if src == dst:
                raise BadInput(
                    f"{src}>{dst} is no link: what a node sends to itself is always there"
                )
            return CutLinks(frozenset({(self.node(src), self.node(dst))}))
        for group in command.groups:
            for name in group:
                self.node(name)
        members = [name for group in command.groups for name in group]
        twice = sorted({name for name in members if members.count(name) > 1})
        if twice:
            raise BadInput(f"{twice[0]} can't be on both sides of a cut")
        return CutLinks(_across(command.groups))

    def heal(self, state: State, command: c.Heal) -> Heal:
        if command.link is None:
            return Heal()
        link = self.node(command.link[0]), self.node(command.link[1])
        if link not in state.world.cuts:
            raise BadInput(f"the link {link[0]}>{link[1]} is not cut")
        return Heal(frozenset({link}))

    def clock(self, command: c.Clock) -> list[SetClock]:
        """One setting for each clock that is meant."""
        pids = self._pids if command.pid == "*" else [self.node(command.pid)]
        return [SetClock(pid, command.rate, command.offset, command.strobe) for pid in pids]

    def corrupt(self, state: State, command: c.Corrupt) -> Corrupt:
        pid = self.node(command.pid)
        if not command.strategy:
            return Corrupt(pid)
        known = self._protocol.strategies(type(state.world.nodes[pid]))
        if command.strategy not in known:
            raise BadInput(unknown(f"strategy for {pid}", command.strategy, known))
        return Corrupt(pid, known[command.strategy])

    def build(self, base: type[E], name: str, fields: c.Fields) -> E:
        """An event of this name and these fields, all of them."""
        kind: Any = self._protocol.event(base, name)
        values = self._fields(kind, fields)
        optional = len(kind.__struct_defaults__)
        required = kind.names()[: len(kind.names()) - optional]
        if missing := [f for f in required if f not in values]:
            wanted = name_of(fields_of(kind)[missing[0]])
            raise BadInput(f"{kind.__name__} needs {missing[0]}, which is {wanted}")
        event: E = kind(**values)
        return event

    def _fields(self, kind: type[Event], fields: c.Fields) -> dict[str, Any]:
        types = fields_of(kind)
        values: dict[str, Any] = {}
        for name, tree in fields:
            if name not in types:
                raise BadInput(unknown(f"field of {kind.__name__}", name, types))
            try:
                values[name] = conform(tree, types[name], self._protocol.events)
            except Misfit as misfit:
                raise BadInput(f"{kind.__name__}.{name}: {misfit.sentence}") from None
        return values


def _fits(
    envelope: Envelope, kind: type[Message] | None, selector: c.Selector, wanted: dict[str, Any]
) -> bool:
    return (
        (kind is None or type(envelope.message) is kind)
        and selector.src in ("*", envelope.src)
        and ("*" in selector.dsts or envelope.dst in selector.dsts)
        and _has(envelope.message, wanted)
    )


def _has(event: Event, wanted: dict[str, Any]) -> bool:
    return all(getattr(event, name) == value for name, value in wanted.items())


def _across(groups: tuple[tuple[Pid, ...], ...]) -> frozenset[Link]:
    return frozenset(
        (a, b)
        for here in groups
        for there in groups
        if here is not there
        for a in here
        for b in there
    )


def _list(flights: Sequence[Flight]) -> str:
    if not flights:
        return "nothing is in flight"
    more = len(flights) - SHOWN
    shown = ", ".join(_name(f) for f in flights[:SHOWN])
    return f"there {'is' if len(flights) == 1 else 'are'} {shown}" + (
        f" and {more} more" if more > 0 else ""
    )


def _either(flights: Iterable[Flight]) -> str:
    return " or ".join(_name(f) for f in list(flights)[:SHOWN])


def _name(flight: Flight) -> str:
    return f"{flight.name} {flight.envelope}"
