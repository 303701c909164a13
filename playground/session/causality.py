"""What could have caused what: happened-before among the steps of a run (Lamport 1978).

A step comes after another if the same node took that one before it, or if it is about a message
that the other one put on its way, or by a chain of both.  Two steps of which neither comes after
the other are concurrent: no node could tell in which order they happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playground.protocol import Pid
from playground.session.events import Event

Order = Literal["self", "past", "future", "concurrent", "none"]

EVERYBODY = ("tick", "advance")
"""Steps that all nodes take part in."""


def places(event: Event, pids: tuple[Pid, ...]) -> tuple[Pid, ...]:
    """The nodes that took part in a step; () if it was the network, or an adversary."""
    if event.action in EVERYBODY:
        return pids
    return (event.pid,) if event.pid else ()


def orders(
    events: Mapping[int, tuple[Event, int | None]], here: int, pids: tuple[Pid, ...]
) -> dict[int, Order]:
    """How each of these successive steps stands to step `here`, which is one of them.

    `events` has each step with the step that sent what it was about, or None.  Steps that no node
    took, such as a cut, are in no order ("none").  A chain between two of them has no step before
    the earlier or after the later one, so nothing beyond them need be known.
    """
    found: dict[int, Order] = {}
    for n, (event, cause) in events.items():
        ordered = bool(places(event, pids)) or cause is not None
        found[n] = "concurrent" if ordered else "none"
    _spread(events, range(here, min(events) - 1, -1), found, pids)
    _reach(events, range(here, max(events) + 1), found, pids)
    found[here] = "self"
    return found


def _spread(
    events: Mapping[int, tuple[Event, int | None]],
    steps: range,
    found: dict[int, Order],
    pids: tuple[Pid, ...],
) -> None:
    """Marks the past, from here on backwards."""
    lanes: set[Pid] = set()
    causes = {steps[0]}
    for n in steps:
        event, cause = events[n]
        own = places(event, pids)
        if n in causes or not lanes.isdisjoint(own):
            found[n] = "past"
            lanes.update(own)
            if cause is not None:
                causes.add(cause)


def _reach(
    events: Mapping[int, tuple[Event, int | None]],
    steps: range,
    found: dict[int, Order],
    pids: tuple[Pid, ...],
) -> None:
    """Marks the future, from here on."""
    lanes: set[Pid] = set()
    later = {steps[0]}
    for n in steps:
        event, cause = events[n]
        own = places(event, pids)
        if n in later or cause in later or not lanes.isdisjoint(own):
            found[n] = "future"
            later.add(n)
            lanes.update(own)


Vector = tuple[int, ...]
"""How many steps of each node a step comes after, its own included."""


class Vectors:
    """Vector clocks (Fidge, Mattern 1988), of one step after the other, from the first on."""

    def __init__(self, pids: tuple[Pid, ...]) -> None:
        self._pids = pids
        self._now: dict[Pid, Vector] = dict.fromkeys(pids, (0,) * len(pids))
        self._of: list[Vector] = [(0,) * len(pids)]

    def __len__(self) -> int:
        """How many steps are known."""
        return len(self._of) - 1

    def __getitem__(self, step: int) -> Vector:
        return self._of[step]

    def add(self, event: Event, cause: int | None) -> None:
        """The next step; what the network does carries the clock of the message."""
        carried = self._of[cause] if cause is not None else self._of[0]
        own = places(event, self._pids)
        for pid in own:
            carried = tuple(map(max, carried, self._now[pid]))
        for pid in own:
            i = self._pids.index(pid)
            carried = (*carried[:i], self._now[pid][i] + 1, *carried[i + 1 :])
        self._now |= dict.fromkeys(own, carried)
        self._of.append(carried)
