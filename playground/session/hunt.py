"""Searches from the present moment of a session: what can go wrong, what can still be reached."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from playground.core import Action, Ask, Corrupt, HandlerFailed, Impossible, World, perform
from playground.protocol import Property
from playground.protocol.observations import Happening
from playground.search.coverage import Line, never_run, never_taken
from playground.search.engine import run
from playground.search.errors import Raised, SearchError
from playground.search.faults import Faults
from playground.search.goals import hopeless
from playground.search.result import Bounds, Progress, Result, Violation
from playground.search.valency import Valence, valency
from playground.search.walk import walk
from playground.session.counterexample import follow, lines, scenario, told
from playground.session.elsewhere import reached, search_on
from playground.session.errors import BadInput
from playground.session.quarry import Quarry
from playground.session.scenario import Scenario
from playground.session.session import Session
from playground.session.traitors import choices, forgeable, together
from playground.session.trouble import Trouble
from playground.session.verdicts import excused
from playground.values import replace as replace_record

if TYPE_CHECKING:
    from playground.search.cluster.reach import Cluster

EVERY_POINT = 99
"""Crash points of a step that are tried: all that there are."""


@dataclass(frozen=True)
class Found:
    """What a search from a session came to.  The session itself has not moved.

    actions    the run that breaks a property
    trace      the same in the notation
    sentences  one for each line of it
    outside    the assumptions that it leaves
    bug        whether it broke although nothing was missing for it to hold
    """

    session: Session
    result: Result
    actions: tuple[Action, ...] = ()
    trace: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    bug: bool = False

    def never_taken(self) -> tuple[str, ...]:
        """The reactions that had no effect in any world."""
        return never_taken(self.result.behaviour) if self.result.behaviour else ()

    def never_run(self) -> tuple[Line, ...]:
        """The lines of the protocol that no reaction ran."""
        return never_run(self.result.behaviour) if self.result.behaviour else ()

    def scenario(self) -> Scenario:
        """The run as a lesson.  Raises BadInput if there is none."""
        broken = self.result.violation
        if broken is None:
            raise BadInput("the search has found no run to save")
        session = self.session
        here = session.state.step
        steps = follow(session, self.actions)
        name = session.protocol.name
        title = f"How {broken.property.name} of {name} breaks"
        found = f"Found by a search: {broken.why()}."
        saved = scenario(session, steps, title, found)
        session.history.go(here)
        return saved

    def report(self) -> dict[str, Any]:
        """By the contract of `playground search --json`."""
        result, broken = self.result, self.result.violation
        return {
            "verdict": result.outcome,
            "states": result.states,
            "transitions": result.transitions,
            "depth": result.depth,
            "complete": result.complete,
            "stopped": result.stopped,
            "seconds": round(result.seconds, 3),
            "states_per_s": round(result.rate),
            "violation": broken
            and {
                "property": broken.property.name,
                "why": broken.why(),
                "bug": self.bug,
                "minimal": broken.minimal,
                "outside": list(self.outside),
                "trace": list(self.trace),
            },
            "never_reached": list(result.never_reached),
            "actions_never_taken": list(self.never_taken()),
            "lines_never_run": [str(line) for line in self.never_run()],
            "never_judged": list(result.unseen),
        } | ({} if result.odds is None else {"odds_of_a_miss": result.odds})


def hunt(
    session: Session,
    quarry: Quarry = Quarry(),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Found:
    """Search from the present moment for a run that breaks a safety property; or, if goals alone
    are named, for a dead end, where one of them can't be reached any more, and for a livelock.
    Raises BadInput for what makes no sense: an unknown property, a bound below 0, a handler that
    is not deterministic, a property that raises; Trouble for a handler that does."""
    properties = _properties(session, quarry)
    if quarry.properties and all(p.kind == "eventually" for p in properties):
        return _doubt(session, properties, quarry, progress)
    return _search(session, properties, quarry, progress)


def way_to(
    session: Session,
    goal: Property,
    quarry: Quarry = Quarry(),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Found:
    """The shortest way from here to where a property is true; if there is none, and the search is
    complete, it can't be reached any more (within the bounds)."""
    never = Property(
        name=f"never {goal.name}",
        kind="always",
        check=lambda system: not goal(system),
        sees=goal.sees,
        doc=f"{goal.name} is reached",
    )
    return _search(session, (never,), quarry, progress)


def valence(
    session: Session, states: int = 5_000, timers: int | None = 0, asks: Sequence[Ask] = ()
) -> Valence:
    """Which decisions can still come of the present moment; "unknown" if that takes too long to
    find out.  Without `timers`, what is not under way already, and is none of the `asks`, does not
    happen.  Raises BadInput."""
    faults = Faults(timers=timers, extra=tuple(asks))
    try:
        return valency(session.world, faults, Bounds(states=states))
    except (SearchError, HandlerFailed) as error:
        raise BadInput(f"{session.protocol.name}: {error}") from error


def _properties(session: Session, quarry: Quarry) -> tuple[Property, ...]:
    if not quarry.properties:
        return session.properties
    return tuple(session.protocol.property(name) for name in quarry.properties)


def _search(
    session: Session,
    properties: tuple[Property, ...],
    quarry: Quarry,
    progress: Callable[[Progress], None],
) -> Found:
    for name in ("symmetry", "fast"):  # a walk visits worlds, and counts none twice
        if quarry.walks and getattr(quarry, name):
            raise BadInput(f"random walks have no use for {name}; leave it out")
    began, result = monotonic(), None
    with reached(quarry.cluster, quarry.symmetry, quarry.fast) as cluster:
        for traitors in choices(session, quarry.corrupt):
            shorter = _shorter(quarry, monotonic() - began)
            found = _one(session, properties, shorter, traitors, cluster, progress)
            result = together(result, found)
            if result.violation is not None or result.stopped == "interrupt":
                break
    assert result is not None
    if result.violation is None:
        return Found(session, result)
    first = _first(session, quarry, traitors)
    return _followed(session, result, result.violation, (*first, *result.violation.trace))


def _shorter(quarry: Quarry, spent: float) -> Quarry:
    seconds = quarry.bounds.seconds
    if seconds is None:
        return quarry
    return replace(quarry, bounds=replace(quarry.bounds, seconds=max(0.0, seconds - spent)))


def _first(session: Session, quarry: Quarry, traitors: tuple[Corrupt, ...]) -> tuple[Action, ...]:
    """What is done before anything else may happen."""
    if session.world.rules.model.timing != "rounds":
        return traitors
    return _asked_first(quarry, traitors)


def _asked_first(quarry: Quarry, traitors: tuple[Corrupt, ...]) -> tuple[Action, ...]:
    """Who lies is asked nothing."""
    liars = {traitor.pid for traitor in traitors}
    return (*traitors, *(ask for ask in quarry.asks if ask.pid not in liars))


def _one(
    session: Session,
    properties: tuple[Property, ...],
    quarry: Quarry,
    traitors: tuple[Corrupt, ...],
    cluster: Cluster | None,
    progress: Callable[[Progress], None],
) -> Result:
    """Search with these traitors."""
    first = _first(session, quarry, traitors)
    faults = _faults(session, quarry, first, traitors)
    copies = quarry.duplicates is None
    with _in_a_sentence(session, first):
        world, before = _begun(session, properties, first)
        if cluster is not None:
            result = search_on(
                cluster, session.protocol, world, properties, faults, quarry.bounds,
                walks=quarry.walks, seed=quarry.seed, exact=quarry.exact, copies=copies,
                progress=progress,
            )  # fmt: skip
            return _noted(result, before)
        if quarry.walks:
            result = walk(
                world, properties, faults, quarry.bounds, walks=quarry.walks,
                seed=quarry.seed, exact=quarry.exact, copies=copies, progress=progress,
            )  # fmt: skip
        else:
            result = run(
                world, properties, faults, quarry.bounds,
                exact=quarry.exact, copies=copies, symmetry=quarry.symmetry, fast=quarry.fast,
                progress=progress,
            )  # fmt: skip
        return _noted(result, before)


@contextmanager
def _in_a_sentence(session: Session, first: tuple[Action, ...]) -> Iterator[None]:
    """What goes wrong in a search, as whoever asked for it can read it."""
    try:
        yield
    except Raised as raised:
        raise Trouble(session, raised, first) from raised
    except (SearchError, HandlerFailed, Impossible) as error:
        raise BadInput(f"{session.protocol.name}: {error}") from error


def _begun(
    session: Session, properties: Iterable[Property], first: Iterable[Action]
) -> tuple[World, tuple[Happening, ...]]:
    """The present world when this has been done, observing what the properties see; and what came
    of it."""
    world = _observing(session.world, properties)
    happenings: tuple[Happening, ...] = ()
    for action in first:
        done = perform(world, action)
        world, happenings = done.world, (*happenings, *done.happenings)
    return world, happenings


def _noted(result: Result, happenings: tuple[Happening, ...]) -> Result:
    """What was done before the search began has had its effect, too."""
    if result.behaviour is not None:
        result.behaviour.note(happenings)
    return result


def _observing(world: World, properties: Iterable[Property]) -> World:
    """The world, observing all that these properties see: what is new to it from here on."""
    rules = world.rules
    new = dict.fromkeys(o for p in properties for o in p.sees if o not in rules.observed)
    if not new:
        return world
    rules = replace_record(rules, observed=(*rules.observed, *new))
    return replace_record(world, rules=rules, ghosts=(*world.ghosts, *(o.none for o in new)))


def _doubt(
    session: Session,
    goals: tuple[Property, ...],
    quarry: Quarry,
    progress: Callable[[Progress], None],
) -> Found:
    """When all has been asked: is there a run that blocks, or one that goes round for ever?"""
    if quarry.cluster:
        raise BadInput("whether a goal can be reached is searched here; leave out the cluster")
    for name in ("walks", "symmetry", "fast"):  # these look for one run, not for all that may come
        if getattr(quarry, name):
            raise BadInput(f"{name} can't tell that a goal is out of reach; leave it out for goals")
    began, result = monotonic(), None
    for traitors in choices(session, quarry.corrupt):
        first = _asked_first(quarry, traitors)
        for goal in goals:
            left = _shorter(quarry, monotonic() - began)
            found = _hopeless(session, goal, left, first, traitors, progress)
            missed = (*(result.never_reached if result else ()), *found.never_reached)
            result = replace(together(result, found), never_reached=missed)
            if result.violation is not None:
                trace = (*first, *result.violation.trace)
                return _followed(session, result, result.violation, trace)
            if result.stopped == "interrupt":
                return Found(session, result)
    assert result is not None
    return Found(session, result)


def _hopeless(
    session: Session,
    goal: Property,
    quarry: Quarry,
    first: tuple[Action, ...],
    traitors: tuple[Corrupt, ...],
    progress: Callable[[Progress], None],
) -> Result:
    """Search with these traitors for a run after which there is no hope for the goal."""
    faults = replace(_faults(session, quarry, first, traitors), timers=None)
    copies = quarry.duplicates is None or "duplicating" in session.world.rules.model.links
    with _in_a_sentence(session, first):
        world, before = _begun(session, [goal], first)
        result = hopeless(world, goal, faults, quarry.bounds, copies=copies, progress=progress)
        return _noted(result, before)


def _followed(
    session: Session, result: Result, broken: Violation, actions: tuple[Action, ...]
) -> Found:
    """Find the run again in the session, and go back."""
    here = session.state.step
    steps = follow(session, actions)
    breaks = [b for b in session.state.broken if b.property == broken.property.name]
    found = Found(
        session,
        result,
        actions,
        tuple(lines(session, steps)),
        tuple(told(session, steps)),
        tuple(session.outside()),
        any(not excused(session.state, broken.property, b) for b in breaks),
    )
    session.history.go(here)
    return found


def _faults(
    session: Session,
    quarry: Quarry,
    done: Container[Action],
    traitors: tuple[Corrupt, ...] = (),
) -> Faults:
    recoveries, time = quarry.recoveries, session.world.time
    if recoveries is None:
        recoveries = quarry.crashes if session.world.rules.model.recovery else 0
    lies = {traitor.pid for traitor in traitors}
    until = None if time is None or quarry.horizon is None else time.now + quarry.horizon
    return Faults(
        drops=quarry.drops,
        duplicates=quarry.duplicates or 0,
        crashes=quarry.crashes,
        recoveries=recoveries,
        timers=quarry.timers if time is None else None,  # where there is time, that is the bound
        crash_points=EVERY_POINT,
        extra=tuple(ask for ask in quarry.asks if ask not in done and ask.pid not in lies),
        forgeries=quarry.forgeries,
        forgeable=forgeable(session, traitors) if quarry.forgeries else (),
        drifts=quarry.drifts,
        until=until,
        grain=quarry.grain,
    )
