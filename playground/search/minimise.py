"""Makes a run that breaks a property shorter, until nothing in it can be left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playground.core import Action, Deliver, Impossible, World, perform, step, undeliverable
from playground.core.outside import breaches
from playground.protocol import Property
from playground.protocol.model import Assumption


def minimised(start: World, actions: Sequence[Action], broken: Property) -> tuple[Action, ...]:
    """A shortest run that is left when parts of this one are left out, first large parts, then
    small ones.  What an omitted step had caused goes with it, since it can't happen any more.  It
    leaves no assumption that the whole run keeps: a round that ends before all of it has arrived
    would be no shorter way to a bug, but a way out of the model.  No single event of the result
    can be left out."""
    run = breaking(start, actions, broken)
    if run is None:
        raise ValueError(f"the run does not break {broken.name}")
    allowed = left(start, run)
    size = max(len(run) // 2, 1)
    while True:
        shorter = _without_some(start, run, broken, size, allowed)
        if shorter is not None:
            run = shorter
            size = min(size, max(len(run) // 2, 1))
        elif size == 1:
            return run
        else:
            size //= 2


def breaking(
    start: World, actions: Iterable[Action], broken: Property
) -> tuple[Action, ...] | None:
    """Those of the actions that are possible one after the other, up to the one that breaks the
    property; None if none does."""
    done: list[Action] = []
    world = start
    if broken.kind == "always" and not broken(world):
        return ()
    for action in actions:
        if not _possible(world, action):
            continue
        try:
            after = step(world, action)
        except Impossible:
            continue
        done.append(action)
        if not (broken(world, after) if broken.kind == "between" else broken(after)):
            return tuple(done)
        world = after
    return None


def left(start: World, actions: Iterable[Action]) -> set[Assumption]:
    """The assumptions of its model that a run leaves."""
    found: set[Assumption] = set()
    world = start
    for action in actions:
        after = perform(world, action)
        found |= {breach.assumption for breach in breaches(world, action, after)}
        world = after.world
    return found


def _without_some(
    start: World,
    run: tuple[Action, ...],
    broken: Property,
    size: int,
    allowed: set[Assumption],
) -> tuple[Action, ...] | None:
    """The run without some `size` actions in a row and what they caused, if it leaves no more than
    the allowed assumptions; None if it needs all.  The last ones are tried first: they have caused
    least."""
    for at in range(len(run) - size, -size, -size):
        rest = (*run[: max(at, 0)], *run[at + size :])
        shorter = breaking(start, rest, broken)
        if shorter is not None and len(shorter) < len(run) and left(start, shorter) <= allowed:
            return shorter
    return None


def _possible(world: World, action: Action) -> bool:
    """Also in the order of its link."""
    if not isinstance(action, Deliver):
        return True
    fine = undeliverable(world, action.envelope) is None
    return fine and (not world.rules.model.fifo or action.envelope in world.network.heads())
