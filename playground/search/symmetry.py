"""Worlds that differ only by the names of interchangeable nodes count as one.

The nodes of a role are put in the order of what can be said of each without names: its state, and
the messages from it and to it.  Where two look alike their order is left as it is, so some worlds
that are the same are still told apart: that costs a little time, and no violation is missed.
Whether the protocol really treats these nodes alike is for whoever asks for it to know; every
counterexample is replayed with the true names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from playground.core import (
    Action,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Fire,
    Forge,
    Recover,
    World,
)
from playground.protocol import Event, Pid, Role
from playground.protocol.roles import with_fields
from playground.search.behaviour import Body
from playground.search.errors import Mismatch, SearchError
from playground.search.networks import Bag, Move, Seen, Table
from playground.search.space import Space
from playground.values import Map, replace, text

Names = dict[Pid, Pid]


def members(start: World, role: str) -> tuple[Pid, ...]:
    """The nodes of a role, by its name.  Raises SearchError if there are not two."""
    nodes = start.nodes
    found = tuple(
        pid
        for pid in start.rules.pids
        if role.lower() in (c.__name__.lower() for c in type(nodes[pid]).__mro__)
    )
    if len(found) < 2:
        roles = sorted({type(node).__name__ for node in nodes.values()})
        raise SearchError(
            f"there are no two nodes of a role {role} to be interchanged; there are "
            f"{', '.join(roles)}"
        )
    return found


class _Table(dict[int, int]):
    """What comes of some bits, worked out on demand."""

    def __init__(self, work_out: Callable[[int], int]) -> None:
        self._work_out = work_out

    def __missing__(self, bits: int) -> int:
        found = self[bits] = self._work_out(bits)
        return found


class Symmetry:
    """The worlds of a space modulo the names of some nodes."""

    def __init__(self, space: Space, pids: Sequence[Pid]) -> None:
        if not isinstance(space.network, Bag):
            raise SearchError("nodes can only be interchanged where links keep no order")
        if any(bodies[0].role.layers for bodies in space.behaviour.bodies):
            raise SearchError("nodes that are stacks of layers can't be interchanged yet")
        if asked := [pid for pid in pids if space.pids.index(pid) in space.owners]:
            raise SearchError(f"{asked[0]} is asked something, and so differs from the others")
        self.space = space
        self._network: Bag = space.network
        self._group = tuple(pids)
        self._looks = [_Table(partial(self._number, pid)) for pid in pids]
        self._numbers: dict[str, int] = {}
        self._moved: dict[tuple[Pid, ...], list[_Table]] = {}
        self._fresh = -1
        self._places = range(len(pids))
        self._concerning: list[tuple[int, _Table]] = []
        self._own: list[int] = []
        self._rest = 0

    def canonical(self, world: int) -> int:
        """The one that stands for all that differ by names."""
        if self._fresh != self._network.kinds:
            self._refresh()
        order = self._order(world)
        return world if order is None else self._renamed(world, order)

    def _refresh(self) -> None:
        """Which bits are whose, now that there are new kinds of messages."""
        space, network = self.space, self._network
        self._fresh = network.kinds
        own = [b.mask | g.mask for b, g in zip(space.bodies, space.ghosts, strict=True)]
        self._own = [mask | inbox for mask, inbox in zip(own, network.inbox, strict=True)]
        self._concerning = [
            (self._own[space.pids.index(pid)] | network.sent_by(pid), looks)
            for pid, looks in zip(self._group, self._looks, strict=True)
        ]
        self._rest = ~0
        for mask in self._own:
            self._rest &= ~mask

    def advance(self, worlds: Iterable[int], table: Table, seen: Seen, new: list[int]) -> int:
        """As that of a network."""
        network, canonical = self._network, self.canonical
        known: set[int] = set()  # by other names
        count = 0
        for world in worlds:
            for mask, situations in table:
                steps = situations[world & mask]
                count += len(steps)
                for step in steps:
                    after = network.after(world, step)
                    if after in seen or after in known:
                        continue
                    known.add(after)
                    if not network.guard & after:  # else the caller sees the overflow
                        after = canonical(after)
                    if after not in seen:
                        seen[after] = world
                        new.append(after)
        return count

    def path(self, seen: Seen, world: int, last: Move | None) -> tuple[Action, ...]:
        """The actions that lead there from the start, by the names that the nodes have in it."""
        worlds = [world]
        while (before := seen[worlds[-1]]) is not None:
            worlds.append(before)
        worlds.reverse()
        true: Names = self._inverse(self._order(self.space.first))
        actions: list[Action] = []
        for before, after in pairwise(worlds):
            move, reached = self._move(before, after)
            actions += (_named(action, true) for action in move.actions)
            back = self._inverse(self._order(reached))
            true = {pid: true.get(back.get(pid, pid), back.get(pid, pid)) for pid in self._group}
        if last is not None:
            actions += (_named(action, true) for action in last.actions)
        return tuple(actions)

    def _move(self, before: int, after: int) -> tuple[Move, int]:
        for move in self.space.moves(before):
            reached = self.space.after(before, move)
            if self.canonical(reached) == after:
                return move, reached
        raise Mismatch("a step of the search can't be found again")

    def _order(self, world: int) -> tuple[Pid, ...] | None:
        """Which member comes first, second, ...; None if they stand in that order already."""
        looks = [look[world & mask] for mask, look in self._concerning]
        if looks == sorted(looks):
            return None
        return tuple([self._group[k] for k in sorted(self._places, key=looks.__getitem__)])

    def _number(self, pid: Pid, bits: int) -> int:
        """Of how a node looks."""
        return self._numbers.setdefault(self._look(pid, bits), len(self._numbers))

    def _look(self, pid: Pid, bits: int) -> str:
        """What can be said of a node without names."""
        space, i = self.space, self.space.pids.index(pid)
        names = dict.fromkeys(self._group, "\x00other") | {pid: "\x00this"}
        body = space.body(i, bits)
        seen = space.ghost[i].facts[space.ghosts[i].of(bits)]
        messages = sorted(
            text((_rename(e.src, names), _rename(e.dst, names), _rename(e.message, names)))
            for e in self._network.contents(bits)
        )
        fields = tuple((n, getattr(body.role, n)) for n in body.role.variables())
        state = text(_rename(fields, names)), sorted(map(text, _rename(body.timers, names)))
        facts = [sorted(text(_rename(f, names)) for f in kind) for kind in seen]
        times = body.clock, sorted(map(text, _rename(body.due, names)))
        return repr((state, body.down, body.fuse, times, facts, messages))

    def _renamed(self, world: int, order: tuple[Pid, ...]) -> int:
        """The first of the order takes the first name, and so on."""
        parts = self._moved.get(order)
        if parts is None:
            names = self._names(order)
            parts = self._moved[order] = [
                _Table(partial(self._part, i, names)) for i in range(len(self._own))
            ]
        result = world & self._rest
        for mask, part in zip(self._own, parts, strict=True):
            result += part[world & mask]
        return result

    def _names(self, order: tuple[Pid, ...]) -> Names:
        return dict(zip(order, self._group, strict=True))

    def _part(self, i: int, names: Names, bits: int) -> int:
        """A node, what was seen of it and the messages for it, under other names."""
        space = self.space
        j = space.pids.index(names.get(space.pids[i], space.pids[i]))
        body = _body(space.body(i, bits), space.behaviour.bodies[j][0].role, names)
        seen = space.ghost[i].facts[space.ghosts[i].of(bits)]
        facts = tuple(frozenset(_rename(f, names) for f in kind) for kind in seen)
        part = space.body_id(space.behaviour.body_id(j, body)) << space.bodies[j].at
        part += space.ghost[j].number(facts) << space.ghosts[j].at
        return self._network.put(part, [_envelope(e, names) for e in self._network.contents(bits)])

    def _inverse(self, order: tuple[Pid, ...] | None) -> Names:
        """From the names after a renaming to those before it."""
        return {} if order is None else dict(zip(self._group, order, strict=True))


def _body(body: Body, other: Role, names: Names) -> Body:
    """The state of one node as that of another, which keeps its constants."""
    values = {n: _rename(getattr(body.role, n), names) for n in body.role.variables()}
    timers = frozenset(_rename(timer, names) for timer in body.timers)
    due = _rename(body.due, names)
    return body._replace(role=with_fields(other, values), timers=timers, due=due)


def _envelope(e: Envelope, names: Names) -> Envelope:
    src, dst = names.get(e.src, e.src), names.get(e.dst, e.dst)
    return replace(e, src=src, dst=dst, message=_rename(e.message, names))


def _rename(value: Any, names: Names) -> Any:
    """The value with other names of nodes in it, at any depth."""
    match value:
        case str():
            return names.get(value, value)
        case tuple():
            return tuple(_rename(v, names) for v in value)
        case frozenset():
            return frozenset(_rename(v, names) for v in value)
        case Map():
            return Map((_rename(k, names), _rename(v, names)) for k, v in value.items())
        case Event():
            return type(value)(*(_rename(v, names) for v in value))
    return value


def _named(action: Action, names: Names) -> Action:
    match action:
        case Deliver(e) | Drop(e) | Duplicate(e) | Forge(e):
            return type(action)(_envelope(e, names))
        case Fire(pid, timer):
            return Fire(names.get(pid, pid), _rename(timer, names))
        case Crash(pid, after):
            return Crash(names.get(pid, pid), after)
        case Recover(pid, amnesia):
            return Recover(names.get(pid, pid), amnesia)
    return action
