"""A world: the whole system at one moment, as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from playground.core.clocks import Time
from playground.core.network import Link, Network
from playground.protocol import Model, Pid, Role, Signed, Timer
from playground.protocol.observations import F, Observation, Trace
from playground.protocol.roles import stack
from playground.values import Instant, Map, Record

R = TypeVar("R", bound=Role)


class Rules(Record, cache_hash=True):
    """What stays the same in all worlds of a run."""

    model: Model
    pids: tuple[Pid, ...]  # in the order of setup
    observed: tuple[Observation[Any], ...]


class Sight:
    """All of a world but its network: what a property may look at, and a schedule."""

    __slots__ = ()

    rules: Rules
    nodes: Mapping[Pid, Role]
    timers: frozenset[tuple[Pid, Timer]]
    down: frozenset[Pid]
    cuts: frozenset[Link]
    ghosts: tuple[Any, ...]
    corrupt: frozenset[Pid]
    time: Time | None

    def all(self, role: type[R]) -> Sequence[R]:
        found: list[R] = []
        nodes = self.nodes
        for pid in self.rules.pids:
            node = nodes[pid]
            if node.layers:
                found += [part for _, part in stack(node) if isinstance(part, role)]
            elif isinstance(node, role):
                found.append(node)
        return found

    def up(self, role: type[R]) -> Sequence[R]:
        return [node for node in self.all(role) if node.pid not in self.down]

    def correct(self, role: type[R]) -> Sequence[R]:
        return [node for node in self.all(role) if node.pid not in self.corrupt]

    def local_time(self, pid: Pid) -> Instant:
        if self.time is None:
            raise AttributeError(f"{pid} has no clock: timing is not timed")
        return self.time.local(pid)

    def seen(self, observation: Observation[F]) -> frozenset[tuple[Pid, F]]:
        facts: frozenset[tuple[Pid, F]] = self.ghosts[self.rules.observed.index(observation)]
        return facts

    def told(self, trace: Trace[F]) -> tuple[tuple[Pid, F], ...]:
        events: tuple[tuple[Pid, F], ...] = self.ghosts[self.rules.observed.index(trace)]
        return events


class World(Sight, Record, cache_hash=True):
    rules: Rules
    nodes: Map[Pid, Role]
    network: Network
    timers: frozenset[tuple[Pid, Timer]] = frozenset()
    down: frozenset[Pid] = frozenset()
    cuts: frozenset[Link] = frozenset()
    fuses: Map[Pid, int] = Map()  # nodes that will crash after so many effects of their next event
    ghosts: tuple[Any, ...] = ()  # what was seen, for each of rules.observed
    corrupt: frozenset[Pid] = frozenset()
    time: Time | None = None  # in timed worlds only
    spoken: frozenset[Signed] = frozenset()  # signatures that were ever sent, if auth is "sig"
