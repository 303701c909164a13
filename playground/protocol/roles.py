"""Roles: what a node remembers, and how it reacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from inspect import signature
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, dataclass_transform, overload

from playground.protocol.crypto import Signed, Tagged
from playground.protocol.events import (
    CancelTimer,
    Effect,
    Emit,
    Event,
    Input,
    Message,
    Output,
    Path,
    Pid,
    Request,
    Send,
    SetTimer,
    Tick,
    Timer,
    Write,
)
from playground.values import Instant

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R", bound="Role")

_MUTABLE: dict[type[Any], str] = {
    list: "a tuple",
    dict: "a Map",
    set: "a frozenset",
    bytearray: "bytes",
}


@dataclass_transform()
class _Record:
    __slots__ = ("__dict__", "_clock", "_effects", "_hash")

    _clock: Instant
    _effects: list[Effect] | None
    _hash: int

    def __init_subclass__(cls) -> None:
        dataclass(eq=True, unsafe_hash=True)(cls)


class Role(_Record):
    """One kind of process.  A field without default is a constant, with `stable(...)` it survives
    a crash, and with a plain default it is forgotten in a crash.  Fields hold immutable values, and
    only the node's own handlers may rebind them."""

    pid: Pid
    handlers: ClassVar[dict[type[Event], str]] = {}
    stable_fields: ClassVar[frozenset[str]] = frozenset()
    volatile_fields: ClassVar[dict[str, Any]] = {}
    layers: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in cls.names():
            _free(cls, name)
        cls.handlers = {}
        for base in reversed(cls.__mro__):
            cls.handlers |= _own_handlers(base)
        cls.stable_fields = frozenset(f.name for f in fields(cls) if "stable" in f.metadata)
        cls.volatile_fields = {
            f.name: f.default
            for f in fields(cls)
            if f.default is not MISSING and f.name not in cls.stable_fields
        }
        cls.layers = tuple(f.name for f in fields(cls) if "layer" in f.metadata)
        cls.__hash__ = _hash  # type: ignore[method-assign, assignment]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the fields, in the order of the class."""
        return tuple(f.name for f in fields(cls))

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """The names of the fields that can change, in the order of the class."""
        return tuple(f.name for f in fields(cls) if f.default is not MISSING)

    def blank(self) -> dict[str, Any]:
        """The defaults of all variables: what is left after a crash that loses the disk, too."""
        return {f.name: f.default for f in fields(self) if f.default is not MISSING}

    def start(self) -> None:
        """Called once, when the system starts."""

    def recover(self) -> None:
        """Called when the node comes back from a crash, its volatile fields reset."""

    def send(self, message: Message, to: Pid | Iterable[Pid]) -> None:
        """Send to one node, or to each of several in the order of their names.  What a node sends
        to itself it handles right after this step."""
        effects = self._running()
        if isinstance(to, str):
            effects.append(Send(to, message))
        else:
            effects.extend([Send(pid, message) for pid in sorted(to)])

    def request(self, layer: str, asked: Input) -> None:
        """Ask something of a layer below; it reacts right after this handler."""
        self._running().append(Request(layer, asked))

    def set_timer(self, timer: Timer, after: Instant | int = 0) -> None:
        """Where there is time the timer goes off when so much has passed by the own clock; without,
        it may go off any time."""
        self._running().append(SetTimer(timer, Instant(after)) if after else SetTimer(timer))

    def local_time(self) -> Instant:
        """What the own clock shows now.  Only where timing is "timed" there are clocks."""
        self._running()
        clock: Instant | None = getattr(self, "_clock", None)
        if clock is None:
            raise AttributeError(f"{self.pid} has no clock: timing is not timed")
        return clock

    def cancel_timer(self, timer: Timer) -> None:
        self._running().append(CancelTimer(timer))

    def output(self, output: Output) -> None:
        """Tell the layer above."""
        self._running().append(Emit(output))

    def sign(self, body: Any) -> Signed:
        """What everybody can see that this node has said, also when others pass it on."""
        return Signed(body, self.pid)

    def tag(self, body: Any, to: Iterable[Pid]) -> Tagged:
        """What each of these can see that this node has said; but it can't prove it to others."""
        return Tagged(body, self.pid, frozenset(to))

    def _running(self) -> list[Effect]:
        if self._effects is None:
            raise AttributeError(f"{self.pid} can only act inside its own handlers")
        return self._effects

    def __post_init__(self) -> None:
        _effects.__set__(self, None)

    def __getstate__(self) -> dict[str, Any]:
        """Without its hash, which is another one in another process."""
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        _effects.__set__(self, None)

    def __setattr__(self, name: str, value: Any) -> None:
        state = self.__dict__
        if name not in state:  # the constructor sets each field once
            if hasattr(self, "_effects"):
                raise AttributeError(f"{type(self).__name__} declares no field {name!r}")
        else:
            effects = getattr(self, "_effects", None)
            if effects is None:
                raise AttributeError(f"{self.pid} can only change inside its own handlers")
            if name in self.stable_fields and state[name] != value:
                if effects and type(effects[-1]) is Write:
                    effects[-1].values[name] = value
                else:
                    effects.append(Write({name: value}))
        if (instead := _MUTABLE.get(type(value))) is not None:
            kind = type(value).__name__
            raise TypeError(
                f"{type(self).__name__}.{name}: a {kind} could change unseen; hold {instead}"
            )
        state[name] = value


_effects: Any = vars(_Record)["_effects"]
_cached: Any = vars(_Record)["_hash"]
_local_time: Any = vars(_Record)["_clock"]


def _hash(self: Role) -> int:
    try:
        return self._hash
    except AttributeError:
        value = hash((type(self).__name__, *self.__dict__.values()))
        _cached.__set__(self, value)
        return value


def awake(node: R) -> tuple[R, list[Effect]]:
    """A copy of `node` that may change and act, and the list that its effects go to."""
    copy = object.__new__(type(node))
    copy.__dict__.update(node.__dict__)
    effects: list[Effect] = []
    _effects.__set__(copy, effects)
    return copy, effects


def acted(
    node: R, handler: str, args: Iterable[Any], clock: Instant | None = None
) -> tuple[R, list[Effect]]:
    """The node after one of its handlers, and what it did.  Raises what the handler raises."""
    copy, effects = awake(node)
    if clock is not None:
        _local_time.__set__(copy, clock)
    getattr(copy, handler)(*args)
    _effects.__set__(copy, None)  # it can't change any more
    return copy, effects


def with_fields(node: R, values: dict[str, Any]) -> R:
    """A copy of `node` in which the named fields hold other values."""
    copy = object.__new__(type(node))
    copy.__dict__.update(node.__dict__)
    copy.__dict__.update(values)
    _effects.__set__(copy, None)
    return copy


def stack(node: Role) -> Iterator[tuple[Path, Role]]:
    """The node and the layers in it, each with the path that leads to it, from the top down."""
    yield (), node
    for name in node.layers:
        for path, part in stack(getattr(node, name)):
            yield (name, *path), part


def variables(node: Role) -> Iterator[tuple[str, Any, bool]]:
    """Everything of a node that can change: its name, dotted if it is a layer's, its value, and
    whether it is stable."""
    for path, part in stack(node):
        for name in part.variables():
            yield ".".join((*path, name)), getattr(part, name), name in part.stable_fields


def part_of(node: Role, path: Path) -> Role:
    """The layer at the end of `path`."""
    for name in path:
        node = getattr(node, name)
    return node


def written(node: R, values: dict[str, Any]) -> R:
    """A copy of `node` in which fields hold other values; those of layers have dotted names."""
    own = {name: value for name, value in values.items() if "." not in name}
    for dotted, value in values.items():
        layer, _, name = dotted.partition(".")
        if name:
            own[layer] = written(own.get(layer) or getattr(node, layer), {name: value})
    return with_fields(node, own)


def forgotten(node: R) -> R:
    """What a crash leaves of a node."""
    below = {name: forgotten(getattr(node, name)) for name in node.layers}
    return with_fields(node, {**node.volatile_fields, **below})


def erased(node: R) -> R:
    """What a crash leaves that loses the disk, too."""
    below = {name: erased(getattr(node, name)) for name in node.layers}
    return with_fields(node, {**node.blank(), **below})


def _own_handlers(role: type[Any]) -> dict[type[Event], str]:
    """The handlers that the class itself defines: event -> name of the method."""
    own: dict[type[Event], str] = {}
    for name, handler in vars(role).items():
        for event in getattr(handler, "__upon__", ()):
            if event in own:
                raise TypeError(f"{role.__name__} handles {event.__name__} twice")
            _free(role, name)
            _check(role, name, handler, event)
            own[event] = name
    return own


def _free(role: type[Any], name: str) -> None:
    """A handler called `start` would run without being asked."""
    if callable(getattr(Role, name, None)):
        raise TypeError(f"{role.__name__}.{name} needs another name: every Role has a {name}()")


def _check(role: type[Role], name: str, handler: Callable[..., None], event: type[Event]) -> None:
    given = list(signature(handler).parameters)
    sender = ["src"] if issubclass(event, Message) else []
    expected = ["self", *sender, *event.names()]
    if given != expected:
        raise TypeError(f"{role.__name__}.{name} must take ({', '.join(expected)})")


def stable(default: T) -> T:
    """A field kept on disk: a crash does not reset it."""
    default_field: T = field(default=default, metadata={"stable": True})
    return default_field


def layer() -> Any:
    """A field that holds a Role: a layer below this one, on the same node.  Requests go down to it
    by `self.request("name", ...)`; what it outputs this role hears by `@upon(...)`, or else passes
    on upwards.  Its messages and timers come back to it, and it crashes with the node."""
    return field(metadata={"layer": True})


@overload
def upon(
    event: Callable[P, Message],
) -> Callable[[Callable[Concatenate[R, Pid, P], None]], Callable[Concatenate[R, Pid, P], None]]: ...
@overload
def upon(
    event: Callable[P, Timer] | Callable[P, Input] | Callable[P, Output] | Callable[P, Tick],
) -> Callable[[Callable[Concatenate[R, P], None]], Callable[Concatenate[R, P], None]]: ...
def upon(event: Any) -> Any:
    """`@upon(Prepare)` above `def promise(self, src, n)`: the fields of the message are the
    parameters of the handler, after the sender.  mypy checks that they agree.  Above one handler
    there may be several."""

    def mark(handler: Any) -> Any:
        handler.__upon__ = (event, *getattr(handler, "__upon__", ()))
        return handler

    return mark


def breaks(*properties: str) -> Callable[[type[R]], type[R]]:
    """Marks a known bug: a subclass that takes the place of its role when a scenario's setup says
    `bug = "<name of the class in snake_case>"`, and breaks the named properties (or their ids)."""

    def mark(cls: type[R]) -> type[R]:
        cls.__breaks__ = properties  # type: ignore[attr-defined]
        return cls

    return mark


Nodes = Sequence[Role]


class Layers(Mapping[Pid, Role]):
    """What a setup takes from another protocol: a layer for each of its nodes.

    `def setup(n: int = 3, omega: Layers = Layers("detectors/omega"))` gets the nodes of that
    protocol, set up with the arguments that both know (here n), as `omega[pid]`.  A scenario may
    put another protocol there, by its name.
    """

    def __init__(self, protocol: str, nodes: Nodes = ()) -> None:
        self.protocol = protocol
        self._nodes = {node.pid: node for node in nodes}

    def __repr__(self) -> str:
        return self.protocol

    def __getitem__(self, pid: Pid) -> Role:
        return self._nodes[pid]

    def __iter__(self) -> Iterator[Pid]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


Ask = tuple[Pid, Input]


def majority(members: Sequence[object]) -> int:
    """How many of `members` are more than half of them."""
    return len(members) // 2 + 1


def pids(prefix: str, count: int) -> tuple[Pid, ...]:
    """`count` names: p1, p2, ..."""
    return tuple(f"{prefix}{i}" for i in range(1, count + 1))
