"""How time passes in packed worlds: until the next thing is due."""

from __future__ import annotations

from collections.abc import Iterator

from playground.core import Elapse
from playground.protocol import Instant, Pid
from playground.search.layout import Layout
from playground.search.networks import Move


class Spans:
    """The spans of time that may pass next.  Between two things that are due nothing happens by
    itself; a message may arrive at any time, but at which of them only clocks can tell, so the
    search lets time pass till the next thing is due, or by the grain that it was given."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._delay = layout.start.rules.model.delay
        self._whens: dict[tuple[int, int], tuple[Instant | None, ...]] = {}

    def moves(self, world: int) -> Iterator[Move]:
        """Each as far as time may go."""
        now = self._now(world)
        until = self._layout.faults.until
        for by in self._all(world, now):
            if until is None or now + by <= until:
                yield self._move(world, now, by)

    def beyond(self, world: int) -> bool:
        """Might more happen if time went further than it may?"""
        now, until = self._now(world), self._layout.faults.until
        return until is not None and any(now + by > until for by in self._all(world, now))

    def _now(self, world: int) -> Instant:
        now = self._layout.time(world)
        assert now is not None
        return now

    def _all(self, world: int, now: Instant) -> list[Instant]:
        due = self._until_due(world, now)
        spans = {by for by in (due, self._layout.faults.grain) if by}
        if self._delay is not None and due is not None:
            spans = {by for by in spans if by <= due}
        return sorted(spans)

    def _until_due(self, world: int, now: Instant) -> Instant | None:
        """As the core says."""
        whens = self._timers(world, now)
        if self._delay is None:
            return min((when - now for when in whens if when > now), default=None)
        due = [max(when, now) for when in whens] + self._latest(world)
        return min((when - now for when in due if when >= now), default=None)

    def _timers(self, world: int, now: Instant) -> list[Instant]:
        """When they are due, in real time."""
        layout, found = self._layout, []
        for i, bodies in enumerate(layout.behaviour.bodies):
            number = layout.bodies[i].of(world)
            whens = self._whens.get((i, number))
            if whens is None:
                body = bodies[number]
                assert body.clock is not None
                whens = tuple(body.clock.when(local) for _, local in body.due)
                self._whens[i, number] = whens
            found += [when for when in whens if when is not None]
            if None in whens:  # this clock stands still: what is due, is due for ever
                found += self._overdue(i, number, now)
        return found

    def _overdue(self, i: int, number: int, now: Instant) -> list[Instant]:
        body = self._layout.behaviour.bodies[i][number]
        assert body.clock is not None
        local = body.clock.shows(now)
        return [now for _, when in body.due if when <= local]

    def _latest(self, world: int) -> list[Instant]:
        """By when each message must have come."""
        delay, down = self._delay, self._down(world)
        if delay is None:
            return []
        flying = self._layout.network.contents(world)
        return [e.at + delay for e in flying if e.at is not None and e.dst not in down]

    def _down(self, world: int) -> set[Pid]:
        layout = self._layout
        return {pid for i, pid in enumerate(layout.pids) if layout.body(i, world).down}

    def _move(self, world: int, now: Instant, by: Instant) -> Move:
        layout = self._layout
        rest = world
        down = self._down(world) if self._delay is not None else ()
        if self._delay is not None and down:
            old = now + by - self._delay
            for e in list(layout.network.contents(world)):
                if e.dst in down and e.at is not None and e.at < old:
                    rest += layout.network.take(e, rest)
        later = layout.hour(now + by) - layout.now.of(world) << layout.now.at
        return Move((Elapse(by),), later + rest - world)
