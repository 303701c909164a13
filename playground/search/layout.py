"""How a world of the core is packed into one integer, and unpacked again."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from playground.core import Action, Ask, Crash, Forge, Recover, SetClock, World
from playground.core import network as core
from playground.core.clocks import Time
from playground.protocol import Instant, Pid, Role
from playground.protocol.roles import stack
from playground.search.behaviour import Behaviour, Body
from playground.search.errors import SearchError
from playground.search.faults import Faults
from playground.search.fields import Facts, Field, Ghost
from playground.search.networks import Bag, Bits, Fifo, Grown, Overflow, Traces, Widths
from playground.search.story import Story, Telling
from playground.values import Map

BUDGETS = ("drops", "duplicates", "crashes", "recoveries", "timers", "forgeries", "drifts")


class Layout:
    """Which bits of an integer hold what, for the worlds of one run.

    copies  any message that was sent may arrive any number of times
    """

    def __init__(
        self, behaviour: Behaviour, faults: Faults, copies: bool = False, widths: Widths = Widths()
    ) -> None:
        self.behaviour = behaviour
        self.faults = faults
        self.start = start = behaviour.start
        self.pids = start.rules.pids
        self.fifo = isinstance(start.network, core.Fifo)
        self.signed = start.rules.model.auth in ("mac", "sig")
        self.copies = copies
        bits = self.bits = Bits()
        self._limit = 1 << widths.body
        self.bodies = [Field(bits, widths.body) for _ in self.pids]
        nothing = behaviour.no_facts
        width = widths.ghost if len(nothing) > 1 or self.signed else 0
        self.ghosts = [Field(bits, width) for _ in self.pids]
        self.ghost = [Ghost(1 << width, nothing) for _ in self.pids]
        self.budgets = {name: Field(bits, n.bit_length()) for name, n in _limited(faults)}
        self.timed = start.time is not None
        self.now = Field(bits, widths.time if self.timed else 0)
        self._moments: list[Instant] = []
        self._hours: dict[Instant, int] = {}
        self.extras = [(a, self._owner(a), Field(bits, 1)) for a in faults.extra]
        self.network = self._network(bits, widths)
        self._members: dict[type[Role], list[int]] = {}
        self.first = self.pack(start)

    def pack(self, world: World) -> int:
        """The integer of a world of this run, its faults still to come."""
        packed = 0
        facts, told = self.behaviour.seen(world.ghosts, world.spoken)
        for i, body in enumerate(self.behaviour.split(world)):
            own = self._facts_of(facts, self.pids[i])
            packed |= self.body_id(self.behaviour.body_id(i, body)) << self.bodies[i].at
            packed |= self.ghost[i].number(own) << self.ghosts[i].at
        if isinstance(self.network, Telling) and told != self.behaviour.no_traces:
            packed = self.network.story.longer(packed, told)
        for name, total in _limited(self.faults):
            packed |= total << self.budgets[name].at
        for _, _, bit in self.extras:
            packed |= bit.mask
        if world.time is not None:
            packed |= self.hour(world.time.now) << self.now.at
        return self.network.put(packed, world.network)

    def unpack(self, packed: int) -> World:
        """The world of an integer."""
        bodies = [self.body(i, packed) for i in range(len(self.pids))]
        seen = [self.ghost[i].facts[self.ghosts[i].of(packed)] for i in range(len(self.pids))]
        facts = tuple(frozenset[Any]().union(*parts) for parts in zip(*seen, strict=True))
        network: core.Network = type(self.start.network)()
        for envelope in self.network.contents(packed):
            network = network.put(envelope)
        each = list(zip(self.pids, bodies, strict=True))
        due = Map(((pid, timer), when) for pid, body in each for timer, when in body.due)
        clocks = Map((pid, body.clock) for pid, body in each if body.clock is not None)
        now = self.time(packed)
        return World(
            rules=self.start.rules,
            nodes=Map((pid, body.role) for pid, body in each),
            network=network,
            timers=frozenset((pid, t) for pid, body in each for t in body.timers),
            down=frozenset(pid for pid, body in each if body.down),
            cuts=self.start.cuts,
            fuses=Map((pid, body.fuse) for pid, body in each if body.fuse is not None),
            ghosts=self.behaviour.ghosts(facts, self.told(packed)),
            corrupt=self.start.corrupt,
            spoken=facts[-1],
            time=None if now is None else Time(clocks, now, due),
        )

    def time(self, packed: int) -> Instant | None:
        """The real time of a world, if there is time."""
        return self._moments[self.now.of(packed)] if self.timed else None

    def hour(self, now: Instant) -> int:
        """The number of a moment in real time."""
        found = self._hours.get(now)
        if found is None:
            found = self._hours[now] = len(self._moments)
            self._moments.append(now)
            if found >= self.now.limit:
                raise Overflow("time")
        return found

    @property
    def story(self) -> int:
        """The bits that hold what was told."""
        return self.network.story.mask if isinstance(self.network, Telling) else 0

    @property
    def stories(self) -> list[Traces]:
        """All that was ever told in order, in any world."""
        return self.network.story.told if isinstance(self.network, Telling) else []

    def told(self, packed: int) -> Traces:
        """What was told in order, for each trace that is observed."""
        return self.network.story.of(packed) if isinstance(self.network, Telling) else ()

    def telling(self, told: Traces) -> int:
        """The bits of a world in which this was told, where traces are observed."""
        assert isinstance(self.network, Telling)
        return self.network.story.number(told) << self.network.story.at

    @property
    def owners(self) -> set[int]:
        """The nodes that something may be asked of."""
        return {owner for _, owner, _ in self.extras}

    def members(self, role: type[Role]) -> list[int]:
        """The nodes that are of this role, or have a layer of it."""
        found = self._members.get(role)
        if found is None:
            firsts = [bodies[0].role for bodies in self.behaviour.bodies]
            found = self._members[role] = [
                i
                for i, node in enumerate(firsts)
                if any(isinstance(part, role) for _, part in stack(node))
            ]
        return found

    def body(self, i: int, packed: int) -> Body:
        return self.behaviour.bodies[i][self.bodies[i].of(packed)]

    def body_id(self, number: int) -> int:
        if number >= self._limit:
            raise Overflow("body")
        return number

    def _facts_of(self, facts: Facts, pid: Pid) -> Facts:
        """Each fact belongs to the node that it is about."""
        seen = [frozenset(f for f in kind if f[0] == pid) for kind in facts[:-1]]
        return (*seen, frozenset(s for s in facts[-1] if s.by == pid))

    def _network(self, bits: Bits, widths: Widths) -> Bag | Grown | Fifo | Telling:
        network: Bag | Grown | Fifo
        if self.fifo:
            network = Fifo(self.pids, bits, widths.queue)
        elif self.copies:
            network = Grown(self.pids, bits)
        else:
            network = Bag(self.pids, bits, widths.copies)
        if not self.behaviour.no_traces:
            return network
        return Telling(network, Story(bits, widths.story, self.behaviour.no_traces))

    def _owner(self, action: Action) -> int:
        if isinstance(action, Forge):
            return self.pids.index(action.envelope.dst)
        if isinstance(action, Ask | Crash | Recover | SetClock):
            return self.pids.index(action.pid)
        raise SearchError(f"a search can't take the action {action}; it takes asks and forgeries")


def _limited(faults: Faults) -> list[tuple[str, int]]:
    """The budgets that are numbers, and not 0."""
    names = [f.name for f in fields(Faults) if f.name in BUDGETS]
    return [(name, getattr(faults, name)) for name in names if getattr(faults, name)]
