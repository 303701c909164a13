"""Events that a node reacts to, and the effects of its reaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from msgspec import StructMeta
from msgspec.structs import astuple

from playground.protocol.model import Assumption
from playground.values import Instant, Record, text

Pid = Annotated[str, "pid"]
"""The name of a node.  A form offers the nodes that there are for a field of this type."""

Path = tuple[str, ...]
"""The names of the layers from the top of a stack down to one; () is the top itself."""

ranked = "ranked"
"""`Round = Annotated[int, ranked]`: of such numbers only their order matters, so that two states
that differ by a renaming of them are the same state of a livelock (0 stays 0)."""

moment, deadline = "moment", "deadline"
Moment = Annotated[Instant, moment]
"""A time by the own clock.  Only how far off it is matters, so that two states that differ by the
hour alone are the same."""

Deadline = Annotated[Instant, deadline]
"""A moment of which nobody asks more than whether it is past: how long it is past does not matter,
so that a state does not differ for ever from those before by what was over long ago."""


class _Kind(StructMeta):
    """The class of event classes: it takes the keywords that records know nothing of."""

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        label: str = "",
        leaves: Assumption | None = None,
        **options: Any,
    ) -> Any:
        kind: Any = super().__new__(mcs, name, bases, namespace, **options)
        kind.label = label or name
        kind.leaves = leaves
        return kind


class Event(Record, metaclass=_Kind, cache_hash=True):
    """Anything that a node can react to, or tell: a record, compared by type and value.

    `class Prepare(Message, label="1a")` gives it the name by which a paper or a lecture knows it.
    """

    label: ClassVar[str]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the fields, in the order of the record."""
        return cls.__struct_fields__

    def __iter__(self) -> Iterator[Any]:
        return iter(astuple(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(text, self))})"


class Message(Event):
    """What one node sends to another, over a network that may lose, delay and duplicate it."""


class Timer(Event):
    """What a node sets for itself, and may later be woken by."""

    @property
    def bare(self) -> Timer:
        """As the layer that set it knows it."""
        return self

    @property
    def path(self) -> Path:
        """From the top of the stack down to the layer that set it."""
        return ()


class Input(Event):
    """What the user, or the layer above, asks of a node.

    `class Heuristic(Input, leaves="operator")` is a thing that the theory assumes nobody asks.
    """

    leaves: ClassVar[Assumption | None]


class Output(Event):
    """What a node tells the layer above: a vote, a delivery, an answer."""


class Decision(Output):
    """An output that ends the task at this node: delays are counted up to it."""


class Tick(Event):
    """The clock of lock-step rounds: one is over, and the next one begins.  All nodes hear it at
    once, and what they then send arrives in the round that begins."""


class Within(Timer):
    """A timer of a layer, as the node that holds the layer sees it."""

    layer: str
    timer: Timer

    @property
    def bare(self) -> Timer:
        return self.timer.bare

    @property
    def path(self) -> Path:
        return (self.layer, *self.timer.path)

    def __repr__(self) -> str:
        return f"{'.'.join(self.path)}.{self.bare}"


class Write(Record):
    """Stable fields that were changed together: one write to the disk."""

    values: dict[str, Any]


class Send(Record):
    to: Pid
    message: Message
    path: Path = ()  # from the top of the stack down to the layer that sends


class SetTimer(Record):
    timer: Timer
    after: Instant = Instant(0)  # by the node's own clock; where there is none, it means nothing


class CancelTimer(Record):
    timer: Timer


class Emit(Record):
    output: Output


class Request(Record):
    """What a layer asks of one below it."""

    layer: str
    input: Input


class Indicate(Record):
    """What a layer told the one above it, which has heard it."""

    layer: str
    output: Output


Effect = Write | Send | SetTimer | CancelTimer | Emit | Request | Indicate
