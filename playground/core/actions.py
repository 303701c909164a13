"""Everything that can be done to a world.  An action is a value."""

from __future__ import annotations

from dataclasses import dataclass

from playground.core.network import Envelope, Link
from playground.protocol import Input, Message, Pid, Role, Timer


@dataclass(frozen=True, slots=True)
class Deliver:
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Drop:
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One more copy of an envelope that is in flight."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Replay:
    """One more copy of an envelope that was in flight once."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Forge:
    """An envelope that nobody sent."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Edit:
    """An envelope in flight says something else from now on."""

    envelope: Envelope
    message: Message


@dataclass(frozen=True, slots=True)
class Fire:
    pid: Pid
    timer: Timer


@dataclass(frozen=True, slots=True)
class Ask:
    pid: Pid
    input: Input


@dataclass(frozen=True, slots=True)
class Crash:
    """`after=None`: at once.  `after=k`: in the middle of what it does next, when it has done k
    effects (a write to the disk, a message sent, a timer set, an output told)."""

    pid: Pid
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Recover:
    pid: Pid
    amnesia: bool = False  # the disk is lost, too


@dataclass(frozen=True, slots=True)
class Cut:
    links: frozenset[Link]


@dataclass(frozen=True, slots=True)
class Heal:
    """Mends the given links, or all of them."""

    links: frozenset[Link] | None = None


@dataclass(frozen=True, slots=True)
class Corrupt:
    """The node's keys are the adversary's.  It goes on as before, or follows a strategy: a subclass
    of its role."""

    pid: Pid
    strategy: type[Role] | None = None


@dataclass(frozen=True, slots=True)
class Tick:
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
)
