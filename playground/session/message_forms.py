"""Forms for what is said: to forge, edit and replay messages, and to ask a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playground.protocol import Event, Input, Message, Pid
from playground.session.errors import BadInput
from playground.session.forms import (
    Field,
    Form,
    Values,
    assigned,
    choice,
    event_fields,
    free,
    several,
    split,
)
from playground.session.session import Session
from playground.session.state import Flight
from playground.values import text


def kinds(session: Session, base: type[Event]) -> dict[str, type[Event]]:
    return {n: e for n, e in session.protocol.events.items() if issubclass(e, base)}


def forge(session: Session, values: Values, like: Flight | None = None) -> Form:
    """A message that nobody sent; `like` is one to copy from.  If a field differs, each receiver is
    told something else: that is equivocation, and a line for each of them."""
    pids = session.world.rules.pids
    start: dict[str, str] = {}
    if like is not None:
        old = like.envelope
        start = {"kind": type(old.message).__name__, "src": old.src, "dst": old.dst}
    values = {**start, **values}
    known = dict(sorted(kinds(session, Message).items(), key=lambda item: item[1].label))
    kind = choice("kind", "kind", list(known), values, steers=True)
    src_field = choice("src", "from", pids, values)
    message_kind = known.get(kind.value)
    copied = _latest(session, message_kind, like)
    own = event_fields(message_kind, session, values, copied) if message_kind else []
    differs = choice("differs", "differs", [SAME, *(f.name for f in own)], values, steers=True)
    equivocal = differs.value != SAME
    nodes = session.world.nodes
    hear = [p for p in pids if p != src_field.value and message_kind in nodes[p].handlers]
    everybody = ",".join(hear) or pids[-1]
    start_to = everybody if equivocal and "," not in values.get("dst", "") else pids[-1]
    given = values.get("dst", "") if not equivocal or "," in values.get("dst", "") else start_to
    to = several("dst", "to", pids, {"dst": given or start_to}, steers=equivocal)
    if not equivocal:
        fields = (kind, src_field, to, *own, differs)
        return Form("forge a message", fields, lambda v: _forged(v, v.get("dst", ""), own))
    common = [f for f in own if f.name != differs.value]
    [one] = [f for f in own if f.name == differs.value]
    each = {
        dst: replace(one, key=f"to.{dst}", name=f"{one.name} > {dst}",
                     value=values.get(f"to.{dst}", one.value))
        for dst in split(to.value)
    }  # fmt: skip

    def spell(v: Values) -> str:
        return "\n".join(
            f"{_forged(v, dst, common)} {one.name}={v.get(f.key, f.value)}"
            for dst, f in each.items()
        )

    return Form("equivocate", (kind, src_field, to, *common, *each.values(), differs), spell)


SAME = "nothing"
"""The choice of a forger who tells all the same."""


def _forged(values: Values, dst: str, fields: Sequence[Field]) -> str:
    dsts = ",".join(split(dst))
    return (
        f"forge {values.get('kind', '')} {values.get('src', '')}>{dsts}{assigned(values, fields)}"
    )


def _latest(session: Session, kind: type[Event] | None, like: Flight | None) -> Event | None:
    """A message to copy from: the one that is meant, or the newest of its kind in flight."""
    if like is not None and type(like.envelope.message) is kind:
        return like.envelope.message
    for flight in reversed(session.state.in_flight()):
        if type(flight.envelope.message) is kind:
            return flight.envelope.message
    return None


def edit(session: Session, values: Values, flight: Flight) -> Form:
    """A message in flight that will say something else; only what differs is spelled."""
    message = flight.envelope.message
    own = event_fields(type(message), session, values, message)

    def spell(v: Values) -> str:
        changed = [f for f in own if v.get(f.key, f.value) != text(getattr(message, f.name))]
        if not changed:
            raise BadInput("nothing is changed yet")
        return f"edit {flight.name}{assigned(v, changed)}"

    title = (
        f"edit {flight.name} {type(message).__name__} {flight.envelope.src}>{flight.envelope.dst}"
    )
    return Form(title, tuple(own), spell)


def ask(session: Session, values: Values) -> Form:
    """An input, by default what the protocol's workload asks of that node."""
    nodes = session.world.nodes
    able = [p for p in session.world.rules.pids if _inputs(session, p)]
    if not able:
        raise BadInput(f"nothing can be asked of a node of {session.protocol.name}")
    pid = choice("pid", "node", able, values, steers=True)
    known = _inputs(session, pid.value)
    workload = dict(reversed(session.protocol.workload(session.nodes)))
    usual = workload.get(pid.value)
    start = {"input": type(usual).__name__} if usual else {}
    kind = choice("input", "input", list(known), {**start, **values}, steers=True)
    like = usual if usual is not None and type(usual).__name__ == kind.value else None
    own = event_fields(known[kind.value], session, values, like)

    def spell(v: Values) -> str:
        return f"ask {v.get('pid', '')} {v.get('input', '')}{assigned(v, own)}"

    assert pid.value in nodes
    return Form("ask a node", (pid, kind, *own), spell)


def _inputs(session: Session, pid: Pid) -> dict[str, type[Event]]:
    handlers = session.world.nodes[pid].handlers
    return {e.__name__: e for e in handlers if issubclass(e, Input)}


def replay(session: Session, values: Values) -> Form:
    """A message that was sent once, by default the one that the last step was about."""
    sent = session.state.numbers
    if not sent:
        raise BadInput("no message has been sent yet")
    last = session.last()
    id = last.id if last and last.id else f"m{sent}"

    def check(name: str) -> None:
        if name.strip().strip("m'") not in map(str, range(1, sent + 1)):
            raise BadInput(f"the messages so far are m1 to m{sent}")

    field = free("id", "message", values.get("id", id), f"m1 to m{sent}", check)
    return Form("replay a message", (field,), lambda v: f"replay {v.get('id', '').strip()}")
