"""Traitors for a search: which nodes the adversary plays, and what it may forge for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from playground.core import Corrupt, Envelope
from playground.protocol import Pid
from playground.search.result import Result
from playground.session.errors import BadInput
from playground.session.session import Session


def choices(session: Session, corrupt: int | tuple[Pid, ...]) -> Iterator[tuple[Corrupt, ...]]:
    """The nodes that may be traitors, each choice of them once.  A traitor does nothing by itself:
    whatever it says is forged."""
    pids = session.world.rules.pids
    sets: Iterable[tuple[Pid, ...]] = ()
    if isinstance(corrupt, int):
        if corrupt > len(pids):
            raise BadInput(f"there are only {len(pids)} nodes, and not {corrupt} traitors")
        sets = combinations([p for p in pids if p not in session.world.corrupt], corrupt)
    else:
        sets = [corrupt]
    for traitors in sets:
        yield tuple(Corrupt(pid, _silent(session, pid)) for pid in traitors)


def _silent(session: Session, pid: Pid) -> type:
    node = session.world.nodes[session.resolver.node(pid)]
    return session.protocol.strategies(type(node))["silent"]


def forgeable(session: Session, traitors: tuple[Corrupt, ...] = ()) -> tuple[Envelope, ...]:
    """The finite set of forgeries that the protocol offers; with traitors, those in their name."""
    offer = getattr(session.protocol.module, "forgeries", None)
    if offer is None:
        name = session.protocol.name
        raise BadInput(
            f"{name} offers no finite set of forgeries: it defines no forgeries(nodes), a list of "
            "(sender, receiver, message)"
        )
    names = {traitor.pid for traitor in traitors} | session.world.corrupt
    return tuple(
        Envelope(src, dst, message)
        for src, dst, message in offer(session.nodes)
        if not names or src in names
    )


def together(before: Result | None, result: Result) -> Result:
    """Two searches, of other traitors each, as one."""
    if before is None:
        return result
    if result.behaviour is not None and before.behaviour is not None:
        result.behaviour.effective |= before.behaviour.effective
    bounded = result.violation is None and "bounded" in (before.outcome, result.outcome)
    return replace(
        result,
        outcome="bounded" if bounded else result.outcome,
        stopped=result.stopped or (before.stopped if bounded else None),
        states=before.states + result.states,
        transitions=before.transitions + result.transitions,
        depth=max(before.depth, result.depth),
        frontier=before.frontier + result.frontier,
        seconds=before.seconds + result.seconds,
        calls=before.calls + result.calls,
        never_reached=tuple(g for g in result.never_reached if g in before.never_reached),
        unseen=tuple(p for p in result.unseen if p in before.unseen),
    )
