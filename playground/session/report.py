"""What a run was and came to, as one JSON object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from playground.protocol.roles import variables
from playground.session.events import Event
from playground.session.expectations import Expectation
from playground.session.native import fields, native
from playground.session.playback import Playback
from playground.session.session import Session
from playground.session.state import cost


def report(name: str, playback: Playback, expectations: Iterable[Expectation]) -> dict[str, Any]:
    """Of a playback as far as it has come, by the contract of `playground play --json`."""
    session = playback.session
    compared = [asdict(e) for e in expectations]
    return {
        "scenario": name,
        "protocol": session.protocol.name,
        "verdict": "pass" if all(e["ok"] for e in compared) else "fail",
        "events": [event(e) for e in session.past()],
        "properties": session.verdicts(),
        "outside": session.outside(),
        "cost": cost(session.state),
        "state": state(session),
        "expectations": compared,
    }


def event(e: Event) -> dict[str, Any]:
    """One step.  What a node does by itself, or what is done to it, has no sender: src is null."""
    return {
        "n": e.n,
        "action": e.action,
        "id": e.id,
        "kind": e.kind,
        "src": e.src,
        "dst": e.dst or e.pid,
        "fields": fields(e.what) if e.what else {},
    }


def state(session: Session) -> dict[str, Any]:
    """The variables of every node, in the order of set-up."""
    nodes = ((pid, session.world.nodes[pid]) for pid in session.world.rules.pids)
    return {pid: {name: native(v) for name, v, _ in variables(node)} for pid, node in nodes}
