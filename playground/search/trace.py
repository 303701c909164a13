"""From packed worlds back to runs of the core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from playground.core import Action, Deliver, Duplicate, Envelope, World, step
from playground.search.causality import reordered
from playground.search.errors import Mismatch, Raised
from playground.search.networks import Move, Seen
from playground.search.space import Space


def trace_back(
    space: Space, way: Callable[[int], list[Move]], worlds: Iterable[int], raised: Raised
) -> None:
    """Notes the run to it, as `way` is the one to a world: in which it was is found out."""
    for world in worlds:
        try:
            for _ in space.moves(world):
                pass
        except Raised as again:
            raised.actions = the_way(space, way(world), again)
            return


def the_way(space: Space, moves: Sequence[Move], raised: Raised) -> tuple[Action, ...]:
    """These moves, and then what the handler raised on."""
    whole = actions_of(space, [*moves, Move(raised.moment, 0)])
    return (*reordered(space.start, whole[:-1]), whole[-1])


def path(space: Space, seen: Seen, world: int) -> list[Move]:
    """The moves from the first world to this one, by what was seen from where."""
    moves: list[Move] = []
    while (before := seen[world]) is not None:
        moves.append(move_to(space, before, world))
        world = before
    return moves[::-1]


def move_to(space: Space, before: int, after: int) -> Move:
    for move in space.moves(before):
        if space.after(before, move) == after:
            return move
    raise Mismatch("a step of the search can't be found again")


def actions_of(space: Space, moves: Sequence[Move]) -> tuple[Action, ...]:
    """The actions of the core that make these moves."""
    actions = tuple(action for move in moves for action in move.actions)
    return with_copies(space.start, actions) if space.copies else actions


def with_copies(start: World, actions: Sequence[Action]) -> tuple[Action, ...]:
    """What arrives more often than it was sent is copied before it arrives."""
    done: list[Action] = []
    for action in actions:
        done.append(action)
        while (missing := _missing(start, done)) is not None:
            last = max(i for i, a in enumerate(done[:-1]) if a == Deliver(missing))
            done.insert(last, Duplicate(missing))
    return tuple(done)


def _missing(start: World, actions: Sequence[Action]) -> Envelope | None:
    """The message of the last action, if it is in flight no more by then."""
    last = actions[-1]
    if not isinstance(last, Deliver):
        return None
    world = start
    for action in actions[:-1]:
        world = step(world, action)
    return None if world.network.count(last.envelope) else last.envelope
