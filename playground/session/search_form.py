"""The form for a search: what to look for, and how far."""

from __future__ import annotations

from functools import partial

from playground.protocol import Map
from playground.session.aims import BOUNDS, Aim, Verb, goals, limit, read, spelled, usual
from playground.session.conditions import EXAMPLES
from playground.session.conditions import read as read_condition
from playground.session.forms import Field, Form, Values, choice, free
from playground.session.session import Session

ANY = "any"
"""The choice of whoever has no property in mind."""

KINDS: dict[str, Verb] = {
    "a violation": "search",
    "a dead end": "search",
    "a way to a goal": "reach",
    "a way to a condition": "way",
    "a showpiece": "show",
}


def search_form(session: Session, values: Values) -> Form:
    """The fields depend on what is looked for; only bounds that differ from the usual ones are
    spelled."""
    offered = [kind for kind in KINDS if kind == "a way to a condition" or _names(session, kind)]
    kind = choice("kind", "look for", offered, values, steers=True)
    verb = KINDS[kind.value]
    what = _what(session, kind.value, values)
    shown = what.value if verb in ("reach", "show") else ""
    bounds = usual(session, Aim(verb, shown))
    limits = [_limit(name, spelled(bounds[name]), values) for name in BOUNDS if name in bounds]

    def spell(v: Values) -> str:
        said = v.get("what", what.value).strip()
        wanted = {n: limit(n, v.get(f"limit.{n}", spelled(b))) for n, b in bounds.items()}
        given = Map((n, b) for n, b in wanted.items() if b != bounds[n])
        aim = Aim(verb, "" if said == ANY else said, given)
        return str(read(session, str(aim)))

    return Form("search from here", (kind, what, *limits), spell)


def _names(session: Session, kind: str) -> list[str]:
    match kind:
        case "a violation":
            return [ANY, *(p.name for p in session.properties if p.kind != "eventually")]
        case "a showpiece":
            return list(session.protocol.showpieces)
    return goals(session)


def _what(session: Session, kind: str, values: Values) -> Field:
    if kind == "a way to a condition":
        first = f"{session.world.rules.pids[0]} down"
        value = values.get("what", first)
        known = [n for k in KINDS if k != kind for n in _names(session, k)]
        return free("what", "condition", first if value in known else value, EXAMPLES,
                    partial(read_condition, session))  # fmt: skip
    return choice("what", "which", _names(session, kind), values, steers=kind == "a showpiece")


def _limit(name: str, usual: str, values: Values) -> Field:
    value = values.get(f"limit.{name}", usual)
    return free(f"limit.{name}", name, value, BOUNDS[name], partial(limit, name))
