"""The user as a failure detector: who can be told what to believe, and what would be true."""

from __future__ import annotations

from collections.abc import Iterator

from playground.core import Ask, World, step
from playground.protocol import Role
from playground.protocol.detector import Accuse, Appoint, Clear, Detector, Leader, Oracle, Scene
from playground.protocol.events import Emit, Indicate
from playground.protocol.roles import stack
from playground.session.history import History


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
    first = history.at(0).world
    pids = frozenset(first.rules.pids)
    leaders = tuple((d.pid, Leader(d.leader)) for d in first.all(Detector) if d.leader)
    yield Scene(pids - first.down, leaders)  # what they told as they started
    for _, result in history.walk(1, history.step):
        effects = [(h.pid, e) for h in result.step.happenings for e in h.effects]
        told = [(pid, e.output) for pid, e in effects if isinstance(e, Emit | Indicate)]
        yield Scene(pids - result.state.world.down, tuple(told))
