"""Local clocks, for timed worlds.  In other worlds no time and no clock is in the state."""

from __future__ import annotations

from fractions import Fraction

from playground.protocol import Instant, Pid, Timer
from playground.protocol.events import SetTimer
from playground.values import Map, Record, replace


class Clock(Record):
    """It showed `reading` at real time `at`, and goes at `rate` ever since."""

    at: Instant = Instant(0)
    reading: Instant = Instant(0)
    rate: Fraction = Fraction(1)

    def shows(self, now: Instant) -> Instant:
        """The local time at real time `now`."""
        return self.reading + self.rate * (now - self.at)

    def when(self, local: Instant) -> Instant | None:
        """The real time at which it shows `local`; None if it stands still."""
        return self.at + (local - self.reading) / self.rate if self.rate else None


class Time(Record):
    """The real time, which no node can see, and the clocks that they can.

    due  the local time at which each timer goes off
    """

    clocks: Map[Pid, Clock]
    now: Instant = Instant(0)
    due: Map[tuple[Pid, Timer], Instant] = Map()

    def local(self, pid: Pid) -> Instant:
        """What the clock of this node shows."""
        return self.clocks[pid].shows(self.now)

    def is_due(self, pid: Pid, timer: Timer) -> bool:
        return self.due[pid, timer] <= self.local(pid)

    def when(self, timer: tuple[Pid, Timer]) -> Instant | None:
        """The real time at which a timer is due; None if its clock stands still before that."""
        pid, _ = timer
        if (when := self.clocks[pid].when(self.due[timer])) is not None:
            return when
        return self.now if self.is_due(*timer) else None

    def next(self) -> Instant | None:
        """How long until the next timer is due: 0 if one is already; None if none ever will be."""
        times = [when for when in map(self.when, self.due) if when is not None]
        return min((max(when - self.now, Instant(0)) for when in times), default=None)

    def advance(self, by: Instant) -> Time:
        return replace(self, now=self.now + by)

    def set(self, pid: Pid, effect: SetTimer) -> Time:
        due = self.local(pid) + effect.after
        return replace(self, due=self.due | {(pid, effect.timer): due})

    def unset(self, pid: Pid, timer: Timer) -> Time:
        return replace(self, due=self.due.without((pid, timer)))

    def forget(self, pid: Pid) -> Time:
        """The node is down: none of its timers is set."""
        return replace(self, due=self.due.without(*(t for t in self.due if t[0] == pid)))

    def adjust(self, pid: Pid, rate: Fraction | None, offset: Instant | None, strobe: bool) -> Time:
        """From now on this clock goes at another rate, or is set by an offset, or (strobe) to the
        real time."""
        clock = self.clocks[pid]
        reading = self.now if strobe else clock.shows(self.now) + (offset or 0)
        changed = Clock(self.now, reading, clock.rate if rate is None else rate)
        return replace(self, clocks=self.clocks | {pid: changed})
