"""The state of a session at one moment: a world, and what only the people outside know of it.

Messages are values in the world and individuals here: each has an id and a provenance.  A state is
a value too, so undo, branches and "what if" are the same cheap thing as in the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import immutables

from playground.core import Envelope, World
from playground.core.outside import Breach
from playground.protocol import Decision, Output, Pid, Timer
from playground.values import Record


class Flight(Record):
    """One copy of a message on its way.

    key      orders flights by age
    number   of the message that it is, or is a copy of
    primes   0 for the original, 1 for its first copy, ...
    step     at which it was put on its way
    depth    message delays on the longest chain of causes, its own included
    writes   disk writes on the longest chain of causes
    origin   "" if a node sent it; "copy of m3", "forged", "edited from m3", "replay of m3"
    """

    key: int
    number: int
    primes: int
    envelope: Envelope
    step: int
    depth: int
    writes: int
    origin: str = ""
    held: bool = False

    @property
    def name(self) -> str:
        return f"m{self.number}{chr(39) * self.primes}"


class Outside(Record):
    """An assumption that the step with this number left."""

    step: int
    breach: Breach


class Broken(Record):
    """A property that the step with this number broke first, and how."""

    step: int
    property: str
    why: str


class Told(Record):
    """What a node told the layer above, at which step, after how many message delays."""

    output: Output
    step: int
    depth: int
    writes: int


class Depth(Record):
    """How far the longest chain of causes that leads to a node goes."""

    delays: int = 0
    writes: int = 0


class State(Record):
    world: World
    step: int = 0
    flights: immutables.Map[int, Flight] = immutables.Map()
    keys: int = 0  # flights so far
    numbers: int = 0  # messages so far that were no copies
    depths: immutables.Map[Pid, Depth] = immutables.Map()
    sent: immutables.Map[str, int] = immutables.Map()  # by kind; no self-messages
    writes: immutables.Map[Pid, int] = immutables.Map()
    asks: int = 0
    ticks: int = 0  # in rounds; the first one begins round 1
    decisions: immutables.Map[Pid, Told] = immutables.Map()  # the first of each node
    told: immutables.Map[Pid, Told] = immutables.Map()  # the last of each node
    outside: tuple[Outside, ...] = ()
    broken: tuple[Broken, ...] = ()
    goals: immutables.Map[str, int] = immutables.Map()  # held since this step
    fired: immutables.Map[tuple[Pid, Timer], int] = immutables.Map()  # last at this step

    def in_flight(self) -> list[Flight]:
        """Oldest first."""
        return [self.flights[key] for key in sorted(self.flights)]

    def flight(self, name: str) -> Flight | None:
        """The copy in flight with this id."""
        number, primes = int(name.strip("m'")), name.count("'")
        for flight in self.flights.values():
            if flight.number == number and flight.primes == primes:
                return flight
        return None


def cost(state: State) -> dict[str, Any]:
    """What the run has cost so far: self-messages are never counted; delays are those of the last
    decision (protocols.md, section 0.1)."""
    decisions = list(state.decisions.values())
    total = sum(state.sent.values())
    writes = _by_name(state.writes)
    per = max(state.asks, 1)
    return {
        "messages": _by_name(state.sent),
        "total": total,
        "delays": max((d.depth for d in decisions), default=_deepest(state)),
        "first_decision": min((d.depth for d in decisions), default=None),
        "stable_writes": sum(writes.values()),
        "stable_writes_by_node": writes,
        "write_delays": max((d.writes for d in decisions), default=None),
        "per_decision": {"messages": total / per, "stable_writes": sum(writes.values()) / per},
    }


def _deepest(state: State) -> int:
    return max((d.delays for d in state.depths.values()), default=0)


def _by_name(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def is_decision(output: Output) -> bool:
    return isinstance(output, Decision)
