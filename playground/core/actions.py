"""Everything that can be done to a world.  An action is a value."""

from __future__ import annotations

from fractions import Fraction

from playground.core.network import Envelope, Link
from playground.protocol import Input, Message, Pid, Role, Timer
from playground.values import Instant, Record


class Deliver(Record):
    envelope: Envelope


class Drop(Record):
    envelope: Envelope


class Duplicate(Record):
    """One more copy of an envelope that is in flight."""

    envelope: Envelope


class Replay(Record):
    """One more copy of an envelope that was in flight once."""

    envelope: Envelope


class Forge(Record):
    """An envelope that nobody sent."""

    envelope: Envelope


class Edit(Record):
    """An envelope in flight says something else from now on."""

    envelope: Envelope
    message: Message


class Fire(Record):
    pid: Pid
    timer: Timer


class Ask(Record):
    pid: Pid
    input: Input


class Crash(Record):
    """`after=None`: at once.  `after=k`: in the middle of what it does next, when it has done k
    effects (a write to the disk, a message sent, a timer set, an output told)."""

    pid: Pid
    after: int | None = None


class Recover(Record):
    pid: Pid
    amnesia: bool = False  # the disk is lost, too


class Cut(Record):
    links: frozenset[Link]


class Heal(Record):
    """Mends the given links, or all of them."""

    links: frozenset[Link] | None = None


class Elapse(Record):
    """So much real time passes."""

    by: Instant


class SetClock(Record):
    """A clock goes at another rate, or is set by an offset, or (strobe) to the real time."""

    pid: Pid
    rate: Fraction | None = None
    offset: Instant | None = None
    strobe: bool = False


class Corrupt(Record):
    """The node's keys are the adversary's.  It goes on as before, or follows a strategy: a subclass
    of its role."""

    pid: Pid
    strategy: type[Role] | None = None


class Tick(Record):
    """The round is over, and the next one begins."""


Action = (
    Deliver
    | Drop
    | Duplicate
    | Replay
    | Forge
    | Edit
    | Fire
    | Ask
    | Crash
    | Recover
    | Cut
    | Heal
    | Corrupt
    | Tick
    | Elapse
    | SetClock
)
