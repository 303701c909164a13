"""Valence: which decisions can still come of a world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from playground.core import World
from playground.protocol import Property, System
from playground.protocol.observations import Observation, decisions
from playground.search.engine import run
from playground.search.faults import Faults
from playground.search.result import Bounds, Progress


class Valence(NamedTuple):
    """The values that somebody can still decide, at most two of them.  With two the world is
    bivalent.  With fewer it is known to be univalent, or unable to decide at all, only if the
    search was complete."""

    values: tuple[Any, ...]
    complete: bool

    @property
    def word(self) -> str:
        """ "bivalent", "A-valent", "no decision", or "unknown" """
        if len(self.values) > 1:
            return "bivalent"
        if not self.complete:
            return "unknown"
        return f"{self.values[0]}-valent" if self.values else "no decision"


def valency(
    world: World,
    faults: Faults = Faults(),
    bounds: Bounds = Bounds(states=20_000),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Valence:
    """Looks for a way to one decision, and then for a way to another.  Only what the world observes
    can be seen.  Raises what `run` raises."""
    seen = decisions(world.rules.observed)
    values: list[Any] = []
    while len(values) < 2:
        wanted = _no_other(seen, tuple(values))
        result = run(world, [wanted], faults, bounds, progress=progress)
        if result.violation is None:
            return Valence(tuple(values), result.complete)
        values += sorted(_decided(result.violation.world, seen) - set(values), key=repr)
    return Valence(tuple(values[:2]), True)


def _no_other(decisions: list[Observation[Any]], values: tuple[Any, ...]) -> Property:
    return Property(
        name="no other decision",
        kind="always",
        check=lambda system: _decided(system, decisions).issubset(values),
        sees=tuple(decisions),
    )


def _decided(system: System, decisions: list[Observation[Any]]) -> set[Any]:
    """A decision says first what was decided."""
    return {next(iter(told)) for o in decisions for _, told in system.seen(o)}
