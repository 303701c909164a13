"""What a user can have searched from the present moment, as a line that can be typed:

    search                      a run that breaks any property
    search agreement            this property; of a goal, a run into a dead end or round and round
    reach chosen                the shortest way to a goal, if there is one left
    way p1.phase == done        the shortest way to a condition
    show duel                   the shortest way to what the protocol finds worth seeing

Each may end with bounds: crashes=1 timers=any time=60.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from playground.core import Ask
from playground.protocol import Input, Instant, Map, Pid, Property
from playground.protocol.roles import stack
from playground.search.result import Bounds, Progress
from playground.session.conditions import read as read_condition
from playground.session.errors import BadInput, unknown
from playground.session.hunt import Found, hunt, way_to
from playground.session.quarry import HORIZON, Quarry
from playground.session.session import Session

Verb = Literal["search", "reach", "way", "show"]
VERBS: tuple[Verb, ...] = get_args(Verb)

Limits = Map[str, int | None]
"""Bounds by their names; None: any number."""

BOUNDS = {
    "crashes": "also in the middle of a step",
    "recoveries": "of nodes that are down",
    "timers": "how often any fires",
    "drops": "losses as steps of their own",
    "copies": "that the links make",
    "traitors": "nodes that say what is forged",
    "forgeries": "of those that the protocol offers",
    "horizon": "time that passes, at most",
    "depth": "steps of a run, at most",
    "states": "at most",
    "time": "seconds, at most",
}
BUDGETS = tuple(BOUNDS)[:8]
"""These are of a run; the others of the search."""

COUNTED = ("crashes", "recoveries", "drops", "traitors", "forgeries")
"""These can't be any number."""

SECONDS = 20
MEMORY = 500_000_000

_GIVEN = re.compile(r"(?:^|\s+)([a-z]+)=(\w+)$")


@dataclass(frozen=True)
class Aim:
    """What to search for, and the bounds that differ from the usual ones."""

    verb: Verb
    what: str = ""
    given: Limits = Map()

    def __str__(self) -> str:
        given = [name for name in BOUNDS if name in self.given]
        limits = [f"{name}={spelled(self.given[name])}" for name in given]
        return " ".join(filter(None, [self.verb, self.what, *limits]))


def read(session: Session, line: str) -> Aim:
    """Raises BadInput for what makes no sense here."""
    verb, _, rest = line.strip().partition(" ")
    if verb not in VERBS:
        raise BadInput(unknown("search", verb, VERBS))
    what, given = _limits(rest.strip())
    aim = Aim(next(v for v in VERBS if v == verb), what, given)
    _check(session, aim)
    return aim


def usual(session: Session, aim: Aim) -> Limits:
    """The bounds that hold if none are given: one crash, if the model allows another one, and that
    whoever is down may come back.  A bound that makes no sense here is not among them."""
    world = session.world
    model = world.rules.model
    crashes = int(model.crashes > len(world.down))
    found: dict[str, int | None] = dict.fromkeys(BOUNDS)
    found |= {"crashes": crashes, "drops": 0, "copies": 0, "time": SECONDS}
    found |= {"recoveries": crashes + len(world.down) if model.recovery else 0}
    found |= {"timers": 1 if aim.verb == "search" else None}
    found |= {"traitors": 0, "forgeries": 0, "horizon": int(HORIZON)}
    if aim.verb == "show":
        piece = session.protocol.showpieces[aim.what]
        found |= {"crashes": piece.crashes, "recoveries": piece.recoveries}
        found |= {"timers": piece.timers}
    del found["horizon" if world.time is None else "timers"]
    if not hasattr(session.protocol.module, "forgeries"):
        del found["traitors"], found["forgeries"]
    return Map(found)


def pursue(
    session: Session,
    aim: Aim,
    asks: Sequence[Ask] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Found:
    """Search from the present moment; `asks` may be asked once each on the way.  Raises
    BadInput."""
    quarry = _quarry(session, aim, asks)
    match aim.verb:
        case "search":
            return hunt(session, quarry, progress)
        case _:
            return way_to(session, goal(session, aim), quarry, progress)


def goal(session: Session, aim: Aim) -> Property:
    """Where the way leads.  Raises BadInput."""
    if aim.verb == "reach":
        return session.protocol.property(aim.what)
    if aim.verb == "way":
        return read_condition(session, aim.what).goal()
    piece = session.protocol.showpieces[aim.what]
    return Property(piece.name, "always", piece.check, sees=piece.sees, doc=piece.doc)


def goals(session: Session) -> list[str]:
    return [p.name for p in session.properties if p.kind == "eventually"]


def _quarry(session: Session, aim: Aim, asks: Sequence[Ask]) -> Quarry:
    limits = usual(session, aim) | aim.given
    if aim.verb == "show":
        piece = session.protocol.showpieces[aim.what]
        usual_asks = piece.asks or session.protocol.workload(session.nodes)
        asks = [*asks, *(Ask(*each) for each in usual_asks if _hears(session, *each))]
    horizon = limits.get("horizon")
    return Quarry(
        properties=tuple(aim.what.split()) if aim.verb == "search" else (),
        asks=tuple(dict.fromkeys(asks)),
        drops=limits["drops"] or 0,
        duplicates=limits["copies"],
        crashes=limits["crashes"] or 0,
        recoveries=limits["recoveries"],
        timers=limits.get("timers"),
        corrupt=limits.get("traitors") or 0,
        forgeries=limits.get("forgeries") or 0,
        horizon=None if horizon is None else Instant(horizon),
        bounds=Bounds(limits["states"], limits["depth"], limits["time"], MEMORY),
    )


def _hears(session: Session, pid: Pid, asked: Input) -> bool:
    node = session.world.nodes.get(pid)
    return node is not None and any(type(asked) in part.handlers for _, part in stack(node))


def _limits(rest: str) -> tuple[str, Limits]:
    """What comes before the bounds, and the bounds."""
    given: dict[str, int | None] = {}
    while match := _GIVEN.search(rest):
        name, number = match.groups()
        if name not in BOUNDS:
            break
        given[name] = limit(name, number)
        rest = rest[: match.start()]
    return rest.strip(), Map(given)


def limit(name: str, given: str) -> int | None:
    """A bound as it is typed.  Raises BadInput."""
    given = given.strip()
    if given == "any" and name not in COUNTED:
        return None
    if not re.fullmatch(r"\d{1,9}", given):
        wanted = "a number" if name in COUNTED else "a number or any"
        raise BadInput(f"{name} should be {wanted}, and is {given!r}")
    return int(given)


def spelled(number: int | None) -> str:
    """A bound as it is typed."""
    return "any" if number is None else str(number)


def _check(session: Session, aim: Aim) -> None:
    _check_what(session, aim)
    known = usual(session, aim)
    for name in aim.given:
        if name not in known:
            raise BadInput(unknown("bound here", name, [n for n in BOUNDS if n in known]))


def _check_what(session: Session, aim: Aim) -> None:
    match aim.verb:
        case "search":
            for name in aim.what.split():
                session.protocol.property(name)
        case "reach":
            if aim.what not in goals(session):
                raise BadInput(unknown("goal", aim.what, goals(session)))
        case "show":
            if aim.what not in session.protocol.showpieces:
                raise BadInput(unknown("showpiece", aim.what, session.protocol.showpieces))
        case "way":
            goal(session, aim)
