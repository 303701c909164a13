"""Makes a run that breaks a property shorter, until nothing in it can be left out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from playground.core import Action, Deliver, Impossible, World, perform, undeliverable
from playground.core.outside import breaches
from playground.protocol import Property
from playground.protocol.model import Assumption


def shrinking(
    start: World, actions: Sequence[Action], broken: Property
) -> Iterator[tuple[Action, ...]]:
    """Ever shorter runs that break the property: first without large parts of this one, then
    without small ones.  What an omitted step had caused goes with it, since it can't happen any
    more.  None leaves an assumption that the whole run does not leave, and no single event of the
    last one can be left out.  Raises ValueError if the run does not break the property."""
    allowed = _left(start, actions)
    run = breaking(start, actions, broken, allowed)
    if run is None:
        raise ValueError(f"the run does not break {broken.name}")
    yield run
    size = max(len(run) // 2, 1)
    while True:
        shorter = _without_some(start, run, broken, size, allowed)
        if shorter is not None:
            run = shorter
            yield run
            size = min(size, max(len(run) // 2, 1))
        elif size == 1:
            return
        else:
            size //= 2


def breaking(
    start: World,
    actions: Iterable[Action],
    broken: Property,
    allowed: Container[Assumption] = (),
) -> tuple[Action, ...] | None:
    """Those of the actions that are possible one after the other, and leave none but the `allowed`
    assumptions, up to the one that breaks the property; None if none does."""
    done: list[Action] = []
    world = start
    if broken.kind == "always" and not broken(world):
        return ()
    for action in actions:
        after = _after(world, action, allowed)
        if after is None:
            continue
        done.append(action)
        if not (broken(world, after) if broken.kind == "between" else broken(after)):
            return tuple(done)
        world = after
    return None


def _left(start: World, actions: Iterable[Action]) -> set[Assumption]:
    """The assumptions that a run leaves."""
    world, left = start, set[Assumption]()
    for action in actions:
        after = perform(world, action)
        left |= {breach.assumption for breach in breaches(world, action, after)}
        world = after.world
    return left


def _without_some(
    start: World,
    run: tuple[Action, ...],
    broken: Property,
    size: int,
    allowed: Container[Assumption],
) -> tuple[Action, ...] | None:
    """The run without some `size` actions in a row and what they caused; None if it needs all.
    The last ones are tried first: they have caused least."""
    for at in range(len(run) - size, -size, -size):
        rest = (*run[: max(at, 0)], *run[at + size :])
        shorter = breaking(start, rest, broken, allowed)
        if shorter is not None and len(shorter) < len(run):
            return shorter
    return None


def _after(world: World, action: Action, allowed: Container[Assumption]) -> World | None:
    """The world after the action; None if it can't be taken, or should not be."""
    if isinstance(action, Deliver) and undeliverable(world, action.envelope) is not None:
        return None
    try:
        after = perform(world, action)
    except Impossible:
        return None
    if any(breach.assumption not in allowed for breach in breaches(world, action, after)):
        return None
    return after.world
