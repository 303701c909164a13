"""Events that a node reacts to, and the effects of its reaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, dataclass_transform

from playground.protocol.model import Assumption
from playground.values import text

Pid = Annotated[str, "pid"]
"""The name of a node.  A form offers the nodes that there are for a field of this type."""

ranked = "ranked"
"""`Round = Annotated[int, ranked]`: of such numbers only their order matters, so that two states
that differ by a renaming of them are the same state of a livelock (0 stays 0)."""


@dataclass_transform(frozen_default=True)
class Event:
    """Anything that a node can react to, or tell: a frozen record, compared by type and value.

    `class Prepare(Message, label="1a")` gives it the name by which a paper or a lecture knows it.
    """

    __slots__ = ("__dict__", "_hash")

    _hash: int
    label: ClassVar[str] = ""

    def __init_subclass__(cls, *, label: str = "") -> None:
        super().__init_subclass__()
        dataclass(frozen=True, repr=False)(cls)
        cls.label = label or cls.__name__
        cls.__hash__ = _hash  # type: ignore[method-assign, assignment]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the fields, in the order of the record."""
        return tuple(f.name for f in fields(cls))  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__dict__.values())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(text, self))})"


def _hash(self: Event) -> int:
    try:
        return self._hash
    except AttributeError:
        value = hash((type(self).__name__, *self.__dict__.values()))
        object.__setattr__(self, "_hash", value)
        return value


class Message(Event):
    """What one node sends to another, over a network that may lose, delay and duplicate it."""


class Timer(Event):
    """What a node sets for itself, and may later be woken by."""


class Input(Event):
    """What the user, or the layer above, asks of a node.

    `class Heuristic(Input, leaves="operator")` is a thing that the theory assumes nobody asks.
    """

    leaves: ClassVar[Assumption | None] = None

    def __init_subclass__(cls, *, label: str = "", leaves: Assumption | None = None) -> None:
        super().__init_subclass__(label=label)
        cls.leaves = leaves


class Output(Event):
    """What a node tells the layer above: a vote, a delivery, an answer."""


class Decision(Output):
    """An output that ends the task at this node: delays are counted up to it."""


class Tick(Event):
    """The clock of lock-step rounds: one is over, and the next one begins.  All nodes hear it at
    once, and what they then send arrives in the round that begins."""


@dataclass(slots=True)
class Write:
    """Stable fields that were changed together: one write to the disk."""

    values: dict[str, Any]


@dataclass(slots=True)
class Send:
    to: Pid
    message: Message


@dataclass(slots=True)
class SetTimer:
    timer: Timer


@dataclass(slots=True)
class CancelTimer:
    timer: Timer


@dataclass(slots=True)
class Emit:
    output: Output


Effect = Write | Send | SetTimer | CancelTimer | Emit
