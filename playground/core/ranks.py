"""Worlds modulo the rank of their ballots, and the hour: what repeats for ever in a livelock.

Ballots only ever grow, so no state of a duel comes back; but if each ballot number is replaced by
its rank among all that are in use, the duel is seen to go round in a circle.  Numbers to be ranked
are those whose type is annotated with `ranked`; numbers up to 0 mean "none" and stay.  A ballot
that comes closer to the one above it will overtake it, so that is no circle.

Time only ever goes on, so no state of a node that beats once in a while comes back; but if each
moment is replaced by how far it is from now, by the clock of its node, it does.  Moments are times
whose type is annotated with `moment` or `deadline`, and those at which timers are due; of the last
two all that are past are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from playground.core.step import undeliverable
from playground.core.world import World
from playground.protocol import Event, Instant, Pid, Role, Timer, ranked
from playground.protocol.events import deadline, moment
from playground.values import Map

Rename = Callable[[Any, Any], Any]
"""From a number or a moment, and its type, to what it is called."""


@lru_cache(maxsize=4096)  # a run is looked through again after every step of it
def canonical(world: World) -> tuple[Any, ...]:
    """Equal for worlds that differ by the ranks of ballots, or by messages that can't arrive."""
    messages = {e for e in world.network.heads() if undeliverable(world, e) is None}
    rank = {n: i for i, n in enumerate(_in_use(world), start=1)}

    def rename(part: Any, pid: Pid) -> Any:
        now = world.time.local(pid) if world.time else Instant(0)

        def called(value: Any, kind: Any) -> Any:
            if _is(deadline, kind):
                return max(value - now, 0)
            return value - now if _is(moment, kind) else rank.get(value, value)

        return _renamed(part, type(part), called)

    return (
        tuple(rename(node, pid) for pid, node in world.nodes.items()),
        frozenset((e.src, e.dst, rename(e.message, e.src), e.genuine, e.path) for e in messages),
        frozenset((pid, rename(t, pid), _wait(world, pid, t)) for pid, t in world.timers),
        world.down,
        world.cuts,
        world.fuses,
        tuple(clock.rate for clock in world.time.clocks.values()) if world.time else (),
    )


def overtaking(before: World, after: World) -> bool:
    """Has a ballot come closer to the next one above it?  Of two worlds with the same ranks."""
    pairs = zip(pairwise(_in_use(before)), pairwise(_in_use(after)), strict=True)
    return any(high - low > above - below for (low, high), (below, above) in pairs)


@lru_cache(maxsize=4096)
def _in_use(world: World) -> tuple[int, ...]:
    """The numbers that are ranked, each once, in their order."""
    messages = (e.message for e in world.network.heads() if undeliverable(world, e) is None)
    parts = [*world.nodes.values(), *messages, *(timer for _, timer in world.timers)]
    return tuple(sorted({n for part in parts for n in _numbers(part, type(part)) if n > 0}))


def _wait(world: World, pid: Pid, timer: Timer) -> Instant | None:
    """How long until the timer is due, by its node's clock; where there is time."""
    time = world.time
    return max(time.due[pid, timer] - time.local(pid), Instant(0)) if time else None


@cache
def _hints(record: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(record, include_extras=True)
    return tuple((name, hints[name]) for name in record.names())


def _numbers(value: Any, kind: Any) -> Iterator[int]:
    kind = _arm(value, kind)
    if _is(ranked, kind):
        if isinstance(value, int):
            yield value
        return
    for part, part_kind in _parts(value, kind):
        yield from _numbers(part, part_kind)


def _parts(value: Any, kind: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of a value, each with the type that the type of the whole gives it."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    args = get_args(kind)
    record: Any = type(value)
    match value:
        case Event() | Role():
            yield from ((getattr(value, f), k) for f, k in _hints(record))
        case tuple() if len(args) == 2 and args[1] is Ellipsis:
            yield from ((part, args[0]) for part in value)
        case tuple() if args:
            yield from zip(value, args, strict=False)
        case frozenset() if args:
            yield from ((part, args[0]) for part in value)
        case Map() if args:
            for key, held in value.items():
                yield from ((key, args[0]), (held, args[1]))


def _renamed(value: Any, kind: Any, rename: Rename) -> Any:
    kind = _arm(value, kind)
    if _is(ranked, kind) if isinstance(value, int) else _is_time(kind):
        return rename(value, kind)
    parts = tuple(_renamed(p, k, rename) for p, k in _parts(value, kind))
    match value:
        case Event() | Role():
            return type(value).__name__, parts
        case frozenset():
            return frozenset(parts) if parts else value
        case tuple() | Map():
            return parts or value
    return value


def _is(mark: str, kind: Any) -> bool:
    return get_origin(kind) is Annotated and mark in get_args(kind)[1:]


def _is_time(kind: Any) -> bool:
    return _is(moment, kind) or _is(deadline, kind)


def _arm(value: Any, kind: Any) -> Any:
    """The alternative of a union that the value belongs to."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return next((arm for arm in get_args(kind) if _fits(value, arm)), Any)


def _fits(value: Any, kind: Any) -> bool:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _fits(value, args[0])
    if origin is Literal:
        return value in args
    return kind is Any or isinstance(value, origin or kind)
