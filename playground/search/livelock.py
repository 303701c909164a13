"""Runs that go round for ever, though everything that is sent arrives and every timer fires.

Ballots only grow, so a world never comes back as it was; it comes back modulo the ranks of its
ballots (`playground.core.ranks`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from playground.core import Action, Deliver, Envelope, Fire, World, enabled, step, undeliverable
from playground.core.ranks import canonical, overtaking
from playground.protocol import Clash, Property
from playground.search.result import Bounds, Violation

STEPS = 120
"""How long a walk is, at most."""

LONG = 5
"""To find any circle is worth so many times the time for a shorter one."""


class Circle(NamedTuple):
    """A run, and how many of its last steps go round."""

    trace: tuple[Action, ...]
    length: int


def livelock(
    start: World,
    goal: Property,
    bounds: Bounds = Bounds(seconds=1),
    *,
    walks: int = 400,
    seed: int = 0,
) -> Violation | None:
    """A run without faults that avoids the goal and goes round in a circle, fairly: what is in
    flight when the circle begins arrives in it, and the timers that are set then fire.  Found by
    random walks, so that None only says that none was found.  `start` must observe what the goal
    sees."""
    random = Random(seed)
    began = time.monotonic()
    best: Circle | None = None
    for _ in range(walks):
        steps = len(best.trace) - 1 if best else bounds.depth or STEPS
        best = _walk(start, goal, random, steps) or best
        spent = time.monotonic() - began
        if bounds.seconds is not None and spent > bounds.seconds * (LONG if best is None else 1):
            break
    if best is None:
        return None
    said = f"livelock: the last {best.length} steps lead to where they began"
    found = Violation.of(start, goal, best.trace, "circle")
    return replace(found, verdict=Clash(f"{said}, but for the ranks of ballots"))


def _walk(start: World, goal: Property, random: Random, steps: int) -> Circle | None:
    worlds, actions = [start], list[Action]()
    been: dict[Any, int] = {canonical(start): 0}
    ages = dict.fromkeys(start.network, 0)
    for n in range(1, steps + 1):
        taken = _step_aside(worlds[-1], goal, ages, random)
        if taken is None:
            return None
        action, world = taken
        for envelope in set(world.network):
            ages[envelope] = ages.get(envelope, n)
        actions.append(action)
        worlds.append(world)
        form = canonical(world)
        first = been.setdefault(form, n)
        came_back = first < n and not overtaking(worlds[first], world)
        if came_back and _fair(worlds[first], actions[first:]):
            return Circle(tuple(actions), n - first)
        been[form] = n
    return None


def _step_aside(
    world: World, goal: Property, ages: dict[Envelope, int], random: Random
) -> tuple[Action, World] | None:
    """A step that does not lead to the goal, if there is one.  Mostly what was sent last, or first:
    so conversations come to their point, and then others step in between."""
    possible = list(enabled(world))
    random.shuffle(possible)
    age = {a: ages[a.envelope] if isinstance(a, Deliver) else 0 for a in possible}
    mood = random.random()
    if mood < 0.6:
        possible.sort(key=lambda a: (not isinstance(a, Deliver), -age[a]))
    elif mood < 0.9:
        possible.sort(key=lambda a: (not isinstance(a, Deliver), age[a]))
    for action in possible:
        after = step(world, action)
        if not goal(after):
            return action, after
    return None


def _fair(world: World, circle: Sequence[Action]) -> bool:
    """Does everything happen in the circle that waits to happen when it begins?"""
    arrived = Counter(a.envelope for a in circle if isinstance(a, Deliver))
    fired = {(a.pid, a.timer) for a in circle if isinstance(a, Fire)}
    waiting = [e for e in set(world.network) if undeliverable(world, e) is None]
    return world.timers <= fired and all(arrived[e] >= world.network.count(e) for e in waiting)
