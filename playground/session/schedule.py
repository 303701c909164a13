"""Schedules: who moves next when nobody chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from playground.core import Crash, Elapse, Fire, Recover, SetClock, Tick, World, undeliverable
from playground.core.outside import unsent
from playground.core.step import until_due
from playground.core.world import Sight
from playground.protocol import Instant, Pid, Timer
from playground.session.commands import Run
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
        self._stuck: list[int] = []  # keys of older messages that could not be delivered
        self._next: int | None = None  # no message in flight has a key between those and this one

    def next(self, state: Present) -> Deed | None:
        flights = state.flights
        if self._next is None:
            self._next = min((f.key for f in state.in_flight()), default=state.keys)
        if self._stuck:
            self._stuck = [key for key in self._stuck if key in flights]
            for key in self._stuck:
                if why_not(state, flights[key]) is None:
                    return OnFlight("deliver", key)
        world = state.world
        free = not (world.down or world.cuts or "fifo" in world.rules.model.links)
        while self._next < state.keys:
            flight = flights.get(self._next)
            if flight is not None:
                if (free and not flight.held) or why_not(state, flight) is None:
                    return OnFlight("deliver", self._next)
                self._stuck.append(self._next)
            self._next += 1
        return when_idle(state)


def ripe(state: Present) -> list[tuple[Pid, Timer]]:
    """The timers that may fire: all that are set; where there is time, those that are due.  The one
    that fired longest ago, or never, comes first."""
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
        self.draw = Random(seed).random
        self.odds = odds
        self._crashed = 0

    def below(self, bound: int) -> int:
        return int(self.draw() * bound)

    def of_node(self, state: Present) -> Deed | None:
        """A node that crashes now, or comes back."""
        odds, world = self.odds, state.world
        if not odds.crashes or self.draw() > 0.1:
            return None
        may_recover = bool(world.down) and world.rules.model.recovery
        if may_recover and self.draw() < odds.recover:
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
        if world.time is None or self.draw() > 0.3:
            return None
        assert isinstance(world, World), "only the value of a world has time"
        drift = world.rules.model.drift
        if drift and self.draw() < 0.3:
            pid = world.rules.pids[self.below(len(world.rules.pids))]
            return SetClock(pid, 1 + drift * (self.below(3) - 1))
        by = until_due(world)
        return Elapse(by * Instant(1 + self.below(2), 2)) if by else None

    def of_message(self, state: Present, key: int) -> Deed:
        """What becomes of a message that could be delivered."""
        loss = self.odds.loss
        if state.world.down and unsent(state.world, state.flights[key].envelope):
            loss = max(loss, 0.5)
        if loss and self.draw() < loss:
            return OnFlight("drop", key)
        if self.odds.duplicate and self.draw() < self.odds.duplicate:
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
        self._keys: list[int] = []  # of the messages in flight, and some more
        self._known = 0
        self._drawn = -1  # the key that was drawn last; no other is missing from the list

    def next(self, state: Present) -> Deed | None:
        luck, world = self._luck, state.world
        if luck.odds.crashes and (deed := luck.of_node(state)):
            return deed
        if world.time is not None and (deed := luck.of_time(state)):
            return deed
        key = self._draw(state)
        timers = ripe(state) if world.timers else []
        if timers and (key is None or luck.below(len(self._keys) + 1 + len(timers)) < len(timers)):
            return Fire(*timers[luck.below(len(timers))])
        if key is None:
            return when_idle(state)
        if world.down or luck.odds.loss or luck.odds.duplicate:
            return luck.of_message(state, key)
        return OnFlight("deliver", key)

    def _draw(self, state: Present) -> int | None:
        """A deliverable message."""
        keys, flights, draw = self._keys, state.flights, self._luck.draw
        if self._drawn in flights:  # something else was done with it, or instead
            keys.append(self._drawn)
        known = self._known
        keys += range(known, state.keys) if known else [f.key for f in state.in_flight()]
        self._known = state.keys
        stuck: list[int] = []
        world = state.world
        free = not (world.down or world.cuts or "fifo" in world.rules.model.links)
        while keys:
            i = int(draw() * len(keys))
            key, keys[i] = keys[i], keys[-1]
            keys.pop()
            flight = flights.get(key)
            if flight is None:
                continue
            if (free and not flight.held) or why_not(state, flight) is None:
                keys += stuck
                self._drawn = key
                return key
            stuck.append(key)
        self._keys, self._drawn = stuck, -1
        return None


def scheduled(run: Run) -> Fair | Chance:
    """The schedule that a command means."""
    return Chance(run.seed or 0) if run.policy == "random" else Fair()
