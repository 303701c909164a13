"""Verdicts: what may be said of each property after a run that has an end.

A safety property holds or is violated.  Of a goal a finite run can only say more or less:

    reached   it is true, or was
    blocked   not even a fair run from here gets there: it ends, or goes on with nothing but
              retransmissions and ever higher ballots
    livelock  the run has gone round in a circle without it: a state came back, modulo the rank of
              ballots and the hour
    open      none of these yet

A broken property is a bug, if the model makes all assumptions that the property needs and the run
has left none of them; else it is as the theory says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

from playground.core import Ask, CannotStep, Elapse, Fire, Tick, World
from playground.core.monitor import Monitor
from playground.core.ranks import canonical, overtaking
from playground.protocol import Property
from playground.session.deeds import Deed, OnFlight, advance
from playground.session.history import History
from playground.session.schedule import Fair
from playground.session.state import Broken, State

Word = Literal["holds", "violated", "reached", "blocked", "livelock", "open"]

PATIENCE = 5_000
"""Steps of a fair run that are tried before a goal is called open."""

MEMORY = 2_000
"""Steps of a run that are looked through for a circle."""


T = TypeVar("T")

Slowly = Generator[None, None, T]
"""Something that takes long, and pauses often, so that something else may be done in between."""


def at_once(slowly: Slowly[T]) -> T:
    """What it comes to, without a pause."""
    while True:
        try:
            next(slowly)
        except StopIteration as stop:
            found: T = stop.value
            return found


def verdicts(history: History, properties: tuple[Property, ...]) -> Slowly[dict[str, Word]]:
    """One word for each property, of the run that led here."""
    state = history.state
    broken = {b.property for b in state.broken}
    settled = {*state.goals, *broken}
    unreached = [p for p in properties if p.kind == "eventually" and p.name not in settled]
    if not state.step:  # nobody has asked for anything yet
        return {p.name: "violated" if p.name in broken else _first(p, state) for p in properties}
    future = (yield from look_ahead(state, properties)) if unreached else None
    circled = yield from goes_round(history, {p.name for p in unreached})
    words: dict[str, Word] = {}
    for p in properties:
        if p.name in broken:
            words[p.name] = "violated"
        elif p.kind != "eventually":
            words[p.name] = "holds"
        elif p.name in state.goals:
            words[p.name] = "reached"
        else:
            assert future is not None
            words[p.name] = future.word(p, p.name in circled)
    return words


def _first(p: Property, state: State) -> Word:
    if p.kind != "eventually":
        return "holds"
    return "reached" if p.name in state.goals else "open"


def excused(state: State, p: Property, broken: Broken) -> bool:
    """Did it break for want of an assumption: one that the run had left by then, or, for a safety
    property, one that the model does not even make?  Or is it none of the model's promises?"""
    makes = state.world.rules.model.makes
    unpromised = p.kind != "eventually" and not all(map(makes, p.needs))
    unpromised |= p.name in state.world.rules.model.gives_up
    left = (o.breach.assumption for o in state.outside if o.step <= broken.step)
    return unpromised or any(assumption in p.needs for assumption in left)


def bugs(state: State, properties: tuple[Property, ...]) -> list[Broken]:
    """What has broken although nothing was missing for it to hold."""
    by_name = {p.name: p for p in properties}
    return [b for b in state.broken if not excused(state, by_name[b.property], b)]


class FairRun:
    """Follows one run forward by the fair schedule: the oldest message first; timers one by one,
    when nothing else can happen.  It ends when nothing can happen, when some rounds of timers leave
    everything as it was but for the rank of ballots and the hour, or when it has had enough.

    period  None while it goes on; 0 if nothing could happen any more, else the number of different
            states that the nodes were in, from round to round, while it repeated itself
    """

    def __init__(self, enough: Callable[[State], bool] = lambda _: False) -> None:
        self.period: int | None = None
        self._enough = enough
        self._fair = Fair()
        self._rounds: list[Any] = []
        self._seen: dict[Any, tuple[int, World]] = {}  # in what round
        self._fired: set[Fire | Tick | Elapse] = set()

    def next(self, state: State) -> Deed | None:
        deed = self._fair.next(state)
        if deed is None:
            self.period = 0
        elif isinstance(deed, Fire | Tick | Elapse):
            if self._enough(state) or self._repeats(state, deed):
                return None
            self._fired.add(deed)
        return deed

    def _repeats(self, state: State, timer: Fire | Tick | Elapse) -> bool:
        if self._fired and timer not in self._fired:  # the round is not over yet
            return False
        self._fired.clear()
        form = canonical(state.world)
        first, world = self._seen.get(form, (0, None))
        if world is not None and not overtaking(world, state.world):
            self.period = len({nodes for nodes, *_ in self._rounds[first:]})
            return True
        self._seen[form] = len(self._rounds), state.world
        self._rounds.append(form)
        return False


class Future(NamedTuple):
    """What a fair run comes to: how it ends (see FairRun), and the goals that it reaches."""

    period: int | None
    goals: Mapping[str, int]

    def word(self, p: Property, circle: bool) -> Word:
        """Of a goal that the run has not reached; `circle`: the run went round in one."""
        if p.name not in self.goals and self.period in (0, 1):
            return "blocked"
        if circle or (p.name not in self.goals and self.period is not None):
            return "livelock"
        return "open"


def look_ahead(state: State, properties: tuple[Property, ...]) -> Slowly[Future]:
    """A fair run from this state on, with faults and cuts as they are, nothing held."""
    goals = [p for p in properties if p.kind == "eventually"]
    monitor = Monitor(goals, state.world.rules.observed)
    for flight in state.in_flight():
        if flight.held:
            state = advance(state, OnFlight("release", flight.key), monitor).state
    run = FairRun()
    for _ in range(PATIENCE):
        yield
        deed = run.next(state)
        if deed is None:
            break
        try:
            state = advance(state, deed, monitor).state
        except CannotStep:  # a fault of the protocol's code, which is told when it is met
            break
    return Future(run.period, state.goals)


def goes_round(history: History, goals: set[str]) -> Slowly[set[str]]:
    """Those of the goals that have not been reached since the run went round in a circle without
    them: a state of some node came back, while only the schedule and the users chose."""
    if not goals:
        return set()
    first = max(0, history.step - MEMORY)
    world = history.at(first).world
    last = canonical(world)
    seen = {last: (first, world)}
    rounds = history.state.world.rules.model.timing == "rounds"
    reached: dict[str, int] = {}  # last at this step
    circled: set[str] = set()
    for step, state in _states(history, first + 1):
        yield
        reached |= dict.fromkeys(state.goals, step)
        circled -= set(state.goals)
        if not _natural(history.deed(step)):  # somebody has broken the circle
            seen.clear()
            circled.clear()
        if rounds and not isinstance(history.deed(step), Tick):  # a round ends as one before
            continue
        form = canonical(state.world)
        if form != last and form in seen and not overtaking(seen[form][1], state.world):
            circled |= {g for g in goals if reached.get(g, -1) < seen[form][0]}
        seen[form] = step, state.world
        last = form
    return circled


def _states(history: History, first: int) -> Iterator[tuple[int, State]]:
    """From this step on; those that are not at hand are made one from the other."""
    near = first
    while near <= history.step and history.at_hand(near) is None:
        near += 1
    for step, result in history.walk(first, near - 1):
        yield step, result.state
    for step in range(near, history.step + 1):
        yield step, history.at(step)


def _natural(deed: Deed) -> bool:
    """What the schedule and the users do, and no adversary."""
    if isinstance(deed, OnFlight):
        return deed.verb not in ("drop", "duplicate")
    return isinstance(deed, Fire | Tick | Elapse | Ask)
