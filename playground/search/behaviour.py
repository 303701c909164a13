"""What a node does by itself, remembered: a handler runs once for each state and event.

A node sees nothing of the world but its own fields and the event.  So its part of a step is what
`core.perform` makes of a world in which there is nothing else, and it never has to be asked twice.
Each question is put to it twice on the first occasion, to see that the answer is the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from playground.core import (
    Action,
    Ask,
    Deliver,
    Envelope,
    Fire,
    Recover,
    Tick,
    World,
    perform,
)
from playground.core.network import Network
from playground.protocol import Event, Pid, Role, Timer
from playground.protocol.observations import Happening
from playground.search.errors import SearchError
from playground.values import Map

Facts = tuple[frozenset[Any], ...]
"""One set for each observation, and one of signatures."""


class Body(NamedTuple):
    """All of a world that belongs to one node."""

    role: Role
    timers: frozenset[Timer] = frozenset()
    down: bool = False
    fuse: int | None = None


class Reaction(NamedTuple):
    """body: a number; effects: how many there were, of which a crash may cut off the last."""

    body: int
    facts: Facts | None  # None: nothing was observed
    sent: tuple[Envelope, ...]
    effects: int


class Behaviour:
    """The bodies of all nodes, numbered in the order of their discovery, and their reactions.

    calls     how many different events were put to a node in how many different states
    effective which kinds of events ever had an effect at which roles
    """

    def __init__(self, start: World) -> None:
        self.start = start
        self.pids = start.rules.pids
        self.bodies: list[list[Body]] = [[] for _ in self.pids]
        self.calls = 0
        self.effective: set[tuple[type[Role], type[Event] | None]] = set()
        self._empty: Network = type(start.network)()
        self._nothing: Facts = (frozenset(),) * (len(start.ghosts) + 1)
        self._ids: list[dict[Body, int]] = [{} for _ in self.pids]
        self._reactions: dict[tuple[int, int, Action], Reaction] = {}
        for i, body in enumerate(self.split(start)):
            self.body_id(i, body)

    def split(self, world: World) -> list[Body]:
        """What belongs to each node."""
        return [self._body(world, pid) for pid in self.pids]

    def body_id(self, i: int, body: Body) -> int:
        ids = self._ids[i]
        try:
            found = ids.get(body)
        except TypeError as error:
            role = type(body.role).__name__
            raise SearchError(f"a field of {role} can't be compared or hashed: {error}") from error
        if found is None:
            found = ids[body] = len(ids)
            self.bodies[i].append(body)
        return found

    def react(self, i: int, body: int, action: Action) -> Reaction:
        """What node `i` makes of `action` when it is in this state."""
        key = i, body, action
        reaction = self._reactions.get(key)
        if reaction is None:
            reaction = self._reactions[key] = self._ask(i, body, action)
        return reaction

    def fused(self, i: int, body: int, after: int) -> int:
        """The same state, but that its next step ends after so many effects in a crash."""
        return self.body_id(i, self.bodies[i][body]._replace(fuse=after))

    def rerun(self) -> None:
        """Put every question once more, for somebody who watches the handlers."""
        for i, body, action in list(self._reactions):
            self._perform(i, self.bodies[i][body], action)

    def alone(self, i: int, body: Body, network: Network | None = None) -> World:
        """A world with nothing in it but this node."""
        start, pid = self.start, self.pids[i]
        return World(
            rules=start.rules,
            nodes=start.nodes | {pid: body.role},
            network=self._empty if network is None else network,
            timers=frozenset((pid, timer) for timer in body.timers),
            down=frozenset((pid,)) if body.down else frozenset(),
            cuts=start.cuts,
            fuses=Map() if body.fuse is None else Map({pid: body.fuse}),
            ghosts=self._nothing[:-1],
            corrupt=start.corrupt,
        )

    def _body(self, world: World, pid: Pid) -> Body:
        return Body(
            world.nodes[pid],
            frozenset(timer for owner, timer in world.timers if owner == pid),
            pid in world.down,
            world.fuses.get(pid),
        )

    def _ask(self, i: int, body: int, action: Action) -> Reaction:
        state = self.bodies[i][body]
        after, facts, sent, happenings = self._perform(i, state, action)
        if isinstance(action, Deliver | Fire | Ask | Recover | Tick):
            self.calls += 1
            again = self._perform(i, state, action)[:3]
            if again != (after, facts, sent):
                raise SearchError(_two_faced(self.pids[i], state.role, action))
        self.effective |= {
            (type(h.before), type(h.event) if h.event is not None else None)
            for h in happenings
            if h.effects or h.after != h.before
        }
        effects = sum(len(list(h.effects)) for h in happenings)
        seen = None if facts == self._nothing else facts
        return Reaction(self.body_id(i, after), seen, sent, effects)

    def _perform(
        self, i: int, body: Body, action: Action
    ) -> tuple[Body, Facts, tuple[Envelope, ...], tuple[Happening, ...]]:
        network = self._empty
        if isinstance(action, Deliver):
            network = network.put(action.envelope)
        step = perform(self.alone(i, body, network), action)
        facts = (*step.world.ghosts, step.world.spoken)
        after = self._body(step.world, self.pids[i])
        return after, facts, tuple(step.world.network), step.happenings


def _two_faced(pid: Pid, role: Role, action: Action) -> str:
    event = getattr(action, "envelope", None)
    what = (
        event.message
        if event is not None
        else getattr(action, "timer", getattr(action, "input", None))
    )
    name = role.handlers.get(type(what), "recover") if what is not None else "recover"
    on = f" on {what!r}" if what is not None else ""
    return (
        f"{type(role).__name__}.{name} is not deterministic: asked twice{on} at {pid} in the same "
        "state, it did two different things"
    )
