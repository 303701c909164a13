"""The user as a failure detector: who can be told what to believe, and what would be true."""

from __future__ import annotations

from collections.abc import Iterator

from playground.core import Ask, World, step
from playground.protocol import Role
from playground.protocol.detector import (
    Accuse,
    Appoint,
    Clear,
    Detector,
    Leader,
    Opinions,
    Oracle,
    Scene,
)
from playground.protocol.events import Emit, Indicate
from playground.protocol.roles import stack
from playground.session.history import History
from playground.session.state import State

PATIENCE = 2_000
"""Steps that a witness hears at once."""

KEPT = 500
"""Moments that a witness remembers."""


def beliefs(node: Role) -> dict[str, type[Oracle]]:
    """What a node, or a layer of it, takes from an oracle, by the word of the notation."""
    kinds = [kind for _, part in stack(node) for kind in part.handlers]
    return {kind.label: kind for kind in kinds if issubclass(kind, Oracle)}


def truth(world: World) -> Iterator[Ask]:
    """What an oracle that makes no mistakes would say now, as far as it is not believed yet: who is
    down, who is not, and who leads: whom all follow, if it is up, else the first who is."""
    return (belief for belief in _facts(world) if step(world, belief).nodes != world.nodes)


def _facts(world: World) -> Iterator[Ask]:
    up = [pid for pid in world.rules.pids if pid not in world.down]
    followed = {detector.leader for detector in world.up(Detector)}
    candidates = [pid for pid in up if followed == {pid}] or up
    for pid in up:
        taken = set(beliefs(world.nodes[pid]).values())
        for who in world.rules.pids:
            belief = Clear if who in up else Accuse
            if who != pid and belief in taken:
                yield Ask(pid, belief(who))
        if Appoint in taken:
            yield Ask(pid, Appoint(candidates[0]))


def scenes(history: History) -> Iterator[Scene]:
    """What the detectors of a run told, step by step, for `detector.satisfied`."""
    yield _beginning(history)
    yield from _told(history, 1)


def _beginning(history: History) -> Scene:
    """What they told as they started."""
    first = history.at(0).world
    leaders = tuple((d.pid, Leader(d.leader)) for d in first.all(Detector) if d.leader)
    return Scene(frozenset(first.rules.pids) - first.down, leaders)


def _told(history: History, first: int) -> Iterator[Scene]:
    for _, result in history.walk(first, history.step):
        effects = [(h.pid, e) for h in result.step.happenings for e in h.effects]
        told = [(pid, e.output) for pid, e in effects if isinstance(e, Emit | Indicate)]
        world = result.state.world
        yield Scene(frozenset(world.rules.pids) - world.down, tuple(told))


class Witness:
    """Which classes of detectors may have told what was told in a session.  It keeps up with the
    session: what it has heard once, it need not hear again, also after an undo."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: dict[int, tuple[State, Opinions]] = {}  # by step, in the order of hearing

    @property
    def needed(self) -> bool:
        """Is there a detector at all?"""
        return bool(self._history.state.world.all(Detector))

    def classes(self) -> tuple[str, ...] | None:
        """As of now; None if it would take too long to find out."""
        step, state = self._history.step, self._history.state
        known, opinions = self._nearest(step)
        if step - known > PATIENCE:
            return None
        if known < 0:
            opinions.hear(_beginning(self._history))
            known = 0
        for scene in _told(self._history, known + 1) if step > known else ():
            opinions.hear(scene)
        self._known.pop(step, None)
        self._known[step] = state, opinions
        if len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        return opinions.classes()

    def _nearest(self, step: int) -> tuple[int, Opinions]:
        """The last moment on this line that was heard of."""
        for known in sorted((k for k in self._known if k <= step), reverse=True):
            state, opinions = self._known[known]
            if self._history.at_hand(known) is state:
                return known, opinions.copy()
        return -1, Opinions()
