"""What made what happen in a run, and the same run told with each effect beside its cause."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from playground.core import (
    Action,
    Ask,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Fire,
    Forge,
    Recover,
    Replay,
    SetClock,
    World,
    perform,
)
from playground.protocol import Pid


def causes(start: World, actions: Sequence[Action]) -> list[set[int]]:
    """For each action the earlier ones that it needs: the last of the same node, and the one that
    sent the message that arrives.  What concerns all nodes needs all, and is needed by all."""
    needs: list[set[int]] = []
    last: dict[Pid, int] = {}
    senders: dict[Envelope, deque[int]] = defaultdict(deque)
    barrier: int | None = None
    world = start
    for n, action in enumerate(actions):
        nodes = _nodes(action, world)
        if nodes is None:
            needs.append(set(range(n)))
            barrier = n
        else:
            needs.append({last[pid] for pid in nodes if pid in last})
            needs[n] |= set() if barrier is None else {barrier}
            if (sender := sender_of(action, senders)) is not None:
                needs[n].add(sender)
        for pid in world.rules.pids if nodes is None else nodes:
            last[pid] = n
        before, world = world, perform(world, action).world
        for envelope in set(world.network):
            grown = world.network.count(envelope) - before.network.count(envelope)
            senders[envelope].extend([n] * (grown + taken(action, envelope)))
    return needs


def sender_of(action: Action, senders: dict[Envelope, deque[int]]) -> int | None:
    """Who sent the message that the action is about, and takes away.  A copy takes away one message
    and makes two, so that it comes before the arrival of either."""
    match action:
        case Deliver(e) | Drop(e) | Duplicate(e):
            return senders[e].popleft() if senders[e] else None
    return None


def taken(action: Action, envelope: Envelope) -> int:
    """How many copies of the envelope the action takes away."""
    return int(isinstance(action, Deliver | Drop | Duplicate) and action.envelope == envelope)


def reordered(start: World, actions: Sequence[Action]) -> tuple[Action, ...]:
    """The same run in an order that is easier to read: whatever has just been sent arrives next, as
    far as it did not have to wait for something else.  The last action stays the last."""
    needs = causes(start, actions)
    final = len(actions) - 1
    place: dict[int, int] = {}
    order: list[int] = []
    waiting = set(range(len(actions)))
    while waiting:
        ready = [
            n for n in waiting if needs[n] <= place.keys() and (n != final or len(waiting) == 1)
        ]
        best = min(ready, key=lambda n: (-max((place[c] for c in needs[n]), default=-1), n))
        place[best] = len(order)
        order.append(best)
        waiting.remove(best)
    return tuple(actions[n] for n in order)


def _nodes(action: Action, world: World) -> tuple[Pid, ...] | None:
    """The nodes whose steps it may not overtake; None: all."""
    match action:
        case Deliver(e):
            return (e.dst,)
        case Fire(pid) | Ask(pid) | Crash(pid) | Recover(pid) | SetClock(pid):
            return (pid,)
        case Drop(e) | Duplicate(e) | Replay(e) | Forge(e):
            return (e.src, e.dst) if world.rules.model.fifo else ()
    return None
