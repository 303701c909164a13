"""Schedules: who moves next when nobody chooses."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from playground.core import Crash, Elapse, Fire, Recover, SetClock, Tick, World, undeliverable
from playground.core.outside import unsent
from playground.core.step import until_due
from playground.core.world import Sight
from playground.protocol import Instant, Pid, Timer
from playground.session.deeds import Deed, OnFlight
from playground.session.state import Flight, State

OUT_OF_ORDER = "older messages are before it"


class Flights(Protocol):
    """The messages in flight, by key."""

    def get(self, key: int, /) -> Flight | None: ...
    def __getitem__(self, key: int, /) -> Flight: ...
    def __contains__(self, key: Any, /) -> bool: ...


class Present(Protocol):
    """As much of a State as the schedules look at."""

    @property
    def world(self) -> Sight: ...
    @property
    def flights(self) -> Flights: ...
    @property
    def keys(self) -> int: ...
    @property
    def fired(self) -> Mapping[tuple[Pid, Timer], int]: ...
    def in_flight(self) -> list[Flight]: ...


def why_not(state: Present, flight: Flight) -> str | None:
    """Why this copy can't be delivered now, or None if it can."""
    if flight.held:
        return "it is held"
    world, envelope = state.world, flight.envelope
    if (world.down or world.cuts) and (why := undeliverable(world, envelope)):
        return why
    if isinstance(world, World) and not world.network.is_next(envelope):
        return f"{OUT_OF_ORDER} on {envelope.src}>{envelope.dst}"
    return None


class Schedule(Protocol):
    """Follows one run forward and says what to do next; None when nothing can happen."""

    def next(self, state: State) -> Deed | None: ...


class Fair:
    """The oldest message that can be delivered; a timer only when there is none, and of the timers
    the one that has waited longest since it fired."""

    def __init__(self) -> None:
        self._queue: deque[int] = deque()
        self._known = 0

    def next(self, state: Present) -> Deed | None:
        if state.keys != self._known:
            self._learn(state)
        flights, queue = state.flights, self._queue
        while queue and queue[0] not in flights:
            queue.popleft()
        for key in queue:
            if (flight := flights.get(key)) is not None and why_not(state, flight) is None:
                return OnFlight("deliver", key)
        return when_idle(state)

    def _learn(self, state: Present) -> None:
        if self._known:
            self._queue.extend(range(self._known, state.keys))
        else:
            self._queue.extend(flight.key for flight in state.in_flight())
        self._known = state.keys


def ripe(state: Present) -> list[tuple[Pid, Timer]]:
    """The timers that may fire: all that are set; where there is time, those that are due.  The one
    that fired longest ago, or never, comes first."""
    if not state.world.timers:
        return []
    time = state.world.time
    timers = [t for t in state.world.timers if time is None or time.is_due(*t)]
    return sorted(timers, key=lambda t: (state.fired.get(t, 0), repr(t)))


def when_idle(state: Present) -> Deed | None:
    """What happens when no message can arrive: a timer fires, or the round is over, or time passes
    until the next timer is due.  None: nothing can happen."""
    if state.world.rules.model.timing == "rounds":
        return Tick()
    if timers := ripe(state):
        return Fire(*timers[0])
    by = state.world.time.next() if state.world.time else None
    return None if by is None else Elapse(by)


@dataclass(frozen=True)
class Odds:
    """How likely a random step is each fault, and how many crashes there may be in all."""

    loss: float = 0.0
    duplicate: float = 0.0
    crashes: int = 0
    recover: float = 0.5


class Luck:
    """Draws lots, and by them the faults that befall a run."""

    def __init__(self, seed: int, odds: Odds = Odds()) -> None:
        self._random = Random(seed)
        self._odds = odds
        self._crashed = 0

    def below(self, bound: int) -> int:
        return int(self._random.random() * bound)

    def of_node(self, state: Present) -> Deed | None:
        """A node that crashes now, or comes back."""
        odds, world = self._odds, state.world
        if not odds.crashes or self._random.random() > 0.1:
            return None
        may_recover = bool(world.down) and world.rules.model.recovery
        if may_recover and self._random.random() < odds.recover:
            down = sorted(world.down)
            return Recover(down[self.below(len(down))])
        up = [pid for pid in world.rules.pids if pid not in world.down]
        if self._crashed < odds.crashes and len(up) > 1:
            self._crashed += 1
            return Crash(up[self.below(len(up))])
        return None

    def of_time(self, state: Present) -> Deed | None:
        """Time passes though something else could happen, or a clock goes faster or slower; as far
        as the model allows."""
        world = state.world
        if world.time is None or self._random.random() > 0.3:
            return None
        assert isinstance(world, World), "only the value of a world has time"
        drift = world.rules.model.drift
        if drift and self._random.random() < 0.3:
            pid = world.rules.pids[self.below(len(world.rules.pids))]
            return SetClock(pid, 1 + drift * (self.below(3) - 1))
        by = until_due(world)
        return Elapse(by * Instant(1 + self.below(2), 2)) if by else None

    def of_message(self, state: Present, key: int) -> Deed:
        """What becomes of a message that could be delivered."""
        cut_short = unsent(state.world, state.flights[key].envelope)
        if self._random.random() < max(self._odds.loss, cut_short / 2):
            return OnFlight("drop", key)
        if self._random.random() < self._odds.duplicate:
            return OnFlight("duplicate", key)
        return OnFlight("deliver", key)


class Unlucky:
    """Another schedule, with faults."""

    def __init__(self, schedule: Schedule, luck: Luck) -> None:
        self._schedule = schedule
        self._luck = luck

    def next(self, state: State) -> Deed | None:
        if fault := self._luck.of_node(state):
            return fault
        deed = self._schedule.next(state)
        return self._luck.of_message(state, deed.key) if isinstance(deed, OnFlight) else deed


class Chance:
    """Any message that can be delivered and any timer, all equally likely; faults by their odds.
    Where there is time it passes now and then, also while messages are on their way."""

    def __init__(self, seed: int, odds: Odds = Odds()) -> None:
        self._luck = Luck(seed, odds)
        self._keys: list[int] = []
        self._known = 0

    def next(self, state: Present) -> Deed | None:
        if deed := self._luck.of_node(state) or self._luck.of_time(state):
            return deed
        key = self._draw(state)
        timers = ripe(state)
        if timers and (key is None or self._below(len(self._keys) + len(timers)) < len(timers)):
            return Fire(*timers[self._below(len(timers))])
        return when_idle(state) if key is None else self._luck.of_message(state, key)

    def _draw(self, state: Present) -> int | None:
        """A deliverable message; those that are gone leave the list as they are met."""
        keys = self._keys
        known = self._known
        keys.extend(range(known, state.keys) if known else (f.key for f in state.in_flight()))
        self._known = state.keys
        for _ in range(2 * len(keys)):
            if not keys:
                return None
            i = self._below(len(keys))
            flight = state.flights.get(keys[i])
            if flight is None:
                keys[i] = keys[-1]
                keys.pop()
            elif why_not(state, flight) is None:
                return flight.key
        rest = [f.key for f in state.in_flight() if why_not(state, f) is None]
        return rest[self._below(len(rest))] if rest else None

    def _below(self, bound: int) -> int:
        return self._luck.below(bound)
