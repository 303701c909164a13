"""The reaction of one node, which may be a stack of layers.

Requests go down, indications go up, and messages and timers find their layer by its path.  All that
happens between the layers of a node belongs to the one atomic step of the node.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from playground.protocol import Instant, Role
from playground.protocol.events import (
    CancelTimer,
    Effect,
    Emit,
    Event,
    Indicate,
    Path,
    Request,
    Send,
    SetTimer,
    Within,
    Write,
)
from playground.protocol.roles import acted, with_fields
from playground.values import Record, replace


class Call(Record):
    """A handler of the layer at the end of `path`, and its arguments."""

    handler: str
    args: tuple[Any, ...] = ()
    path: Path = ()


def reaction(node: Role, call: Call, clock: Instant | None) -> tuple[Role, list[Effect]]:
    """The node after its handler, and what it did, in order.  Raises what the handler raises."""
    if not node.layers:
        return _alone(node, call, clock)
    if call.path:
        return _below(node, call.path[0], replace(call, path=call.path[1:]), clock)
    done: list[Effect] = []
    if call.handler in ("start", "recover"):  # from the bottom up: layers build on those below
        for layer in node.layers:
            node, effects = _below(node, layer, call, clock)
            done += effects
    node, effects = _alone(node, call, clock)
    node, effects = _settled(node, effects, clock)
    return node, done + effects


def _alone(node: Role, call: Call, clock: Instant | None) -> tuple[Role, list[Effect]]:
    return acted(node, call.handler, call.args, clock)


def _below(node: Role, layer: str, call: Call, clock: Instant | None) -> tuple[Role, list[Effect]]:
    """A layer reacts, and then the layers above hear what it tells."""
    part, effects = reaction(getattr(node, layer), call, clock)
    node = with_fields(node, {layer: part})
    return _settled(node, _lifted(layer, effects), clock)


def _settled(
    node: Role, effects: Iterable[Effect], clock: Instant | None
) -> tuple[Role, list[Effect]]:
    """Carry out what passes between this role and the layers right below it.  What passed further
    down, with a dotted name, has been carried out there."""
    done: list[Effect] = []
    todo = deque(effects)
    while todo:
        effect = todo.popleft()
        done.append(effect)
        more: Iterable[Effect] = ()
        if type(effect) is Request and "." not in effect.layer:
            part: Role = getattr(node, effect.layer)
            call = _call(part, effect.input)
            part, below = reaction(part, call, clock)
            node = with_fields(node, {effect.layer: part})
            more = _lifted(effect.layer, below)
        elif type(effect) is Indicate and "." not in effect.layer:
            if type(effect.output) in node.handlers:
                node, more = _alone(node, _call(node, effect.output), clock)
            else:
                done[-1] = Emit(effect.output)
        todo.extendleft(reversed(list(more)))
    return node, done


def _call(node: Role, event: Event) -> Call:
    handler = node.handlers.get(type(event))
    if handler is None:
        raise TypeError(f"{type(node).__name__} takes no {type(event).__name__}")
    return Call(handler, tuple(event))


def _lifted(layer: str, effects: Iterable[Effect]) -> Iterator[Effect]:
    """The effects of a layer, as the role above it sees them."""
    for effect in effects:
        match effect:
            case Send(to, message, path):
                yield Send(to, message, (layer, *path))
            case SetTimer(timer, after):
                yield SetTimer(Within(layer, timer), after)
            case CancelTimer(timer):
                yield CancelTimer(Within(layer, timer))
            case Write(values):
                yield Write({f"{layer}.{name}": value for name, value in values.items()})
            case Emit(output):
                yield Indicate(layer, output)
            case Request(below, asked):
                yield Request(f"{layer}.{below}", asked)
            case Indicate(below, output):
                yield Indicate(f"{layer}.{below}", output)
