"""What a node does by itself, remembered: a handler runs once for each state and event.

A node sees nothing of the world but its own fields and the event.  So its part of a step is what
`core.perform` makes of a world in which there is nothing else, and it never has to be asked twice.
Each question is put to it twice on the first occasion, to see that the answer is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from sys import getsizeof
from typing import Any, NamedTuple

from playground.core import (
    Action,
    Ask,
    Deliver,
    Envelope,
    Fire,
    HandlerFailed,
    Recover,
    Tick,
    World,
    perform,
)
from playground.core.clocks import Clock, Time
from playground.core.network import Network
from playground.protocol import Event, Instant, Pid, Role, Timer
from playground.protocol.events import Indicate, Request
from playground.protocol.observations import Happening, Observation, Trace
from playground.protocol.roles import stack
from playground.search.errors import Raised, SearchError
from playground.search.fields import Facts
from playground.search.networks import Traces
from playground.values import Map

CALLS = Deliver | Fire | Ask | Recover | Tick
"""What runs a handler."""

SAMPLE = 16
"""When there are too many to remember, each 16th reaction is asked for twice."""

FRUITLESS = 20_000
"""If a node is called so often, and there are not even two worlds for each call, memory is in
vain."""

INDEX = 250
"""Bytes by which a body is found again."""

REACTION = 700
"""Bytes of one that is remembered, and of the consequences that are."""


Due = tuple[Timer, Instant]
"""A timer, and when it goes off by the clock of its node."""


class Body(NamedTuple):
    """All of a world that belongs to one node.  Its clock, and when its timers are due, are None
    and empty where there is no time."""

    role: Role
    timers: frozenset[Timer] = frozenset()
    down: bool = False
    fuse: int | None = None
    clock: Clock | None = None
    due: frozenset[Due] = frozenset()

    def wait(self, timer: Timer) -> Instant:
        """The local time at which a timer is due."""
        return next(when for t, when in self.due if t == timer)


class Reaction(NamedTuple):
    """body: a number; effects: how many there were, of which a crash may cut off the last."""

    body: int
    facts: Facts | None  # None: nothing was observed
    told: Traces  # (): nothing was told
    sent: tuple[Envelope, ...]
    effects: int


Reactions = dict[tuple[int, Action, Instant | None], Reaction]
"""By the body, and what is put to it when."""


class Behaviour:
    """The bodies of all nodes, numbered in the order of their discovery, and their reactions.

    calls     how many different events were put to a node in how many different states
    effective which kinds of events ever had an effect at which roles
    """

    def __init__(self, start: World) -> None:
        self.start = start
        self.pids = start.rules.pids
        self.bodies: list[list[Body]] = [[] for _ in self.pids]
        self._calls = [0 for _ in self.pids]
        self.effective: set[tuple[type[Role], type[Event]]] = set()
        self._empty: Network = type(start.network)()
        observed = start.rules.observed
        self._sets = [k for k, o in enumerate(observed) if not isinstance(o, Trace)]
        self._traces = [k for k, o in enumerate(observed) if isinstance(o, Trace)]
        self._unseen = tuple(o.none for o in observed)
        self.no_facts, self.no_traces = self.seen(self._unseen, frozenset())
        self._ids: list[dict[Body, int]] = [{} for _ in self.pids]
        self._forgetful: set[int] = set()
        self._reactions: list[Reactions] = [{} for _ in self.pids]
        self._asked: list[tuple[int, int, Action, Instant | None]] = []  # as remembered
        self._elsewhere: dict[tuple[int, int, Action, Instant | None], None] = {}
        self._clocks = start.time.clocks if start.time else None
        for i, body in enumerate(self.split(start)):
            self.body_id(i, body)

    def split(self, world: World) -> list[Body]:
        """What belongs to each node."""
        return [self._body(world, pid) for pid in self.pids]

    @property
    def calls(self) -> int:
        return sum(self._calls)

    def restless(self, states: int) -> frozenset[int]:
        """The nodes that have about as many states as there are worlds."""
        new = {i for i, calls in enumerate(self._calls) if calls > FRUITLESS and 2 * calls > states}
        return frozenset(new - self._forgetful)

    @property
    def bytes(self) -> int:
        """About how much memory the bodies take, and what is remembered of their reactions."""
        held = 0
        for bodies, reactions in zip(self.bodies, self._reactions, strict=True):
            held += len(bodies) * (INDEX + _weight(bodies[-1])) + len(reactions) * REACTION
        return held

    def body_id(self, i: int, body: Body) -> int:
        ids = self._ids[i]
        try:
            found = ids.get(body)
        except TypeError as error:
            said = f"{_unhashable(body.role)} can't be compared or hashed: {error}"
            raise SearchError(said) from error
        if found is None:
            found = ids[body] = len(ids)
            self.bodies[i].append(body)
        return found

    def seen(self, ghosts: tuple[Any, ...], spoken: frozenset[Any]) -> tuple[Facts, Traces]:
        """What was observed, apart: sets that grow, and what was told in order."""
        facts = (*(ghosts[k] for k in self._sets), spoken)
        return facts, tuple(ghosts[k] for k in self._traces)

    def place(self, observation: Observation[Any]) -> int:
        """Where among the sets, or the traces, this observation is."""
        k = self.start.rules.observed.index(observation)
        return (self._traces if k in self._traces else self._sets).index(k)

    def ghosts(self, facts: Facts, told: Traces) -> tuple[Any, ...]:
        """The inverse, but for signatures."""
        parts = dict(zip(self._sets, facts[:-1], strict=True))
        parts |= dict(zip(self._traces, told, strict=True))  # type: ignore[arg-type]
        return tuple(parts[k] for k in sorted(parts))

    def react(self, i: int, body: int, action: Action, now: Instant | None = None) -> Reaction:
        """What node `i` makes of `action` when it is in this state, at this time.  Raises Raised if
        a handler does."""
        key = body, action, now
        reaction = self._reactions[i].get(key)
        if reaction is None:
            reaction = self._ask(i, body, action, now)
            if i not in self._forgetful:
                self._reactions[i][key] = reaction
                self._asked.append((i, *key))
        return reaction

    def forget(self, i: int) -> None:
        """From now on no reaction of this node is remembered, as none comes up again; and only some
        are asked for twice."""
        self._forgetful.add(i)
        self._reactions[i].clear()
        self._asked = [question for question in self._asked if question[0] != i]

    def fused(self, i: int, body: int, after: int) -> int:
        """The same state, but that its next step ends after so many effects in a crash."""
        return self.body_id(i, self.bodies[i][body]._replace(fuse=after))

    def asked(self, since: int = 0) -> tuple[int, list[tuple[int, Body, Action, Instant | None]]]:
        """How many of its questions it remembers, and those after the first so many: the node, its
        state, what was put to it, and when."""
        later = islice(self._asked, since if since <= len(self._asked) else 0, None)
        new = [(i, self.bodies[i][body], action, now) for i, body, action, now in later]
        return len(self._asked), new

    def hear(self, i: int, body: Body, action: Action, now: Instant | None) -> None:
        """Somebody else has put this question."""
        question = self.body_id(i, body), action, now
        if question not in self._reactions[i] and (i, *question) not in self._elsewhere:
            self._elsewhere[i, *question] = None
            self._calls[i] += isinstance(action, CALLS)

    def rerun(self) -> None:
        """Put every question once more, for somebody who watches the handlers."""
        for i, body, action, now in [*self._asked, *self._elsewhere]:
            self._perform(i, self.bodies[i][body], action, now)

    def alone(
        self, i: int, body: Body, network: Network | None = None, now: Instant | None = None
    ) -> World:
        """A world with nothing in it but this node: the others are down, and hear no tick."""
        start, pid = self.start, self.pids[i]
        others = frozenset(self.pids) - {pid}
        return World(
            rules=start.rules,
            nodes=start.nodes | {pid: body.role},
            network=self._empty if network is None else network,
            timers=frozenset((pid, timer) for timer in body.timers),
            down=others | {pid} if body.down else others,
            cuts=start.cuts,
            fuses=Map() if body.fuse is None else Map({pid: body.fuse}),
            ghosts=self._unseen,
            corrupt=start.corrupt,
            time=None if now is None else self._time(pid, body, now),
        )

    def _time(self, pid: Pid, body: Body, now: Instant) -> Time:
        assert self._clocks is not None and body.clock is not None
        due = Map(((pid, timer), when) for timer, when in body.due)
        return Time(self._clocks | {pid: body.clock}, now, due)

    def _body(self, world: World, pid: Pid) -> Body:
        return Body(
            world.nodes[pid],
            frozenset(timer for owner, timer in world.timers if owner == pid),
            pid in world.down,
            world.fuses.get(pid),
            *_times(world, pid),
        )

    def _ask(self, i: int, body: int, action: Action, now: Instant | None) -> Reaction:
        state = self.bodies[i][body]
        after, facts, told, sent, happenings = self._perform(i, state, action, now)
        attentive = i not in self._forgetful or self._calls[i] % SAMPLE == 0
        if isinstance(action, CALLS):
            self._calls[i] += 1
            if attentive:
                again = self._perform(i, state, action, now)
                if again[:4] != (after, facts, told, sent):
                    raise SearchError(_two_faced(self.pids[i], state.role, action))
        if attentive:
            self.note(happenings)
        return Reaction(
            self.body_id(i, after),
            None if facts == self.no_facts else facts,
            () if told == self.no_traces else told,
            sent,
            sum(len(list(h.effects)) for h in happenings),
        )

    def note(self, happenings: Iterable[Happening]) -> None:
        """Which kinds of events had an effect, also between the layers of a node."""
        for h in happenings:
            effects = list(h.effects)
            events: list[Event | None] = [h.event] if effects or h.after != h.before else []
            events += [e.input for e in effects if isinstance(e, Request)]
            events += [e.output for e in effects if isinstance(e, Indicate)]
            roles = [type(part) for _, part in stack(h.before)]
            self.effective |= {(role, type(e)) for role in roles for e in events if e is not None}

    def _perform(
        self, i: int, body: Body, action: Action, now: Instant | None
    ) -> tuple[Body, Facts, Traces, tuple[Envelope, ...], tuple[Happening, ...]]:
        network = self._empty
        if isinstance(action, Deliver):
            network = network.put(action.envelope)
        try:
            step = perform(self.alone(i, body, network, now), action)
        except HandlerFailed as failed:
            raise Raised(_raised(failed, body.role), action) from failed
        world = step.world
        facts, told = self.seen(world.ghosts, world.spoken)
        after = self._body(world, self.pids[i])
        return after, facts, told, tuple(world.network), step.happenings


def _times(world: World, pid: Pid) -> tuple[Clock | None, frozenset[Due]]:
    if world.time is None:
        return None, frozenset()
    due = world.time.due.items()
    return world.time.clocks[pid], frozenset((t, when) for (owner, t), when in due if owner == pid)


def _weight(body: Body) -> int:
    """About how many bytes it takes; what its fields hold may be shared with others."""
    state = vars(body.role)
    return sum(map(getsizeof, (body, body.role, state, body.timers, body.due, *state.values())))


def _unhashable(role: Role) -> str:
    """The field that holds such a thing."""
    for _, part in stack(role):
        for name, value in vars(part).items():
            try:
                hash(value)
            except TypeError:
                if not isinstance(value, Role):
                    return f"{type(part).__name__}.{name}"
    return f"a field of {type(role).__name__}"


def _raised(failed: HandlerFailed, role: Role) -> str:
    """ "Node.hit raised ValueError: two is too many, on Hit(1) at p3"."""
    cause, event = failed.cause, failed.event
    parts = [part for _, part in stack(role) if type(event) in part.handlers]
    part = parts[0] if parts else role
    name = part.handlers.get(type(event), "recover") if event is not None else "recover"
    said = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    on = f", on {event!r}" if event is not None else ""
    return f"{type(part).__name__}.{name} raised {said}{on} at {failed.pid}"


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
