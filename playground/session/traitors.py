"""Traitors for a search: which nodes the adversary plays, and what it may forge for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations, islice
from typing import Any

from playground.core import Corrupt, Envelope
from playground.protocol import Message, Pid
from playground.search.result import Result
from playground.session.errors import BadInput, unknown
from playground.session.session import Session

MANY = 100_000
"""More forgeries than these are taken for infinitely many."""


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
    offered = _offered(session, offer)
    return tuple(e for e in offered if not names or e.src in names)


def _offered(session: Session, offer: Callable[..., Any]) -> list[Envelope]:
    """All that the protocol offers.  Raises BadInput for what is no finite list of forgeries."""
    name, found = session.protocol.name, list[Envelope]()
    try:
        made = list(islice(offer(session.nodes), MANY + 1))
    except Exception as error:  # whatever somebody's protocol may raise
        said = f"{type(error).__name__}: {error}"
        raise BadInput(f"forgeries(nodes) of {name} raised {said}") from error
    if len(made) > MANY:
        raise BadInput(f"{name} offers more than {MANY:,} forgeries; offer a finite set of them")
    for each in made:
        match each:
            case (str(src), str(dst), Message() as message):
                if strangers := {src, dst} - set(session.world.rules.pids):
                    said = unknown("node", min(strangers), session.world.rules.pids)
                    raise BadInput(f"{name} offers {each!r} as a forgery: {said}")
                found.append(Envelope(src, dst, message))
            case _:
                wanted = "(sender, receiver, message)"
                raise BadInput(f"{name} offers {each!r} as a forgery, and not a {wanted}")
    return found


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
        workers=max(before.workers, result.workers),
    )
