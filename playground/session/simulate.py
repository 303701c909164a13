"""Seeded runs of a protocol: what they cost, and what becomes of its properties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal, NamedTuple

from playground.core import CannotStep
from playground.protocol import Map
from playground.session import commands as c
from playground.session.catalog import ProtocolFile
from playground.session.errors import BadInput
from playground.session.save import script
from playground.session.schedule import Chance, Fair, Luck, Odds, Schedule, Unlucky
from playground.session.session import Session
from playground.session.state import Broken, State, cost
from playground.session.verdicts import Word, excused
from playground.values import text

Policy = Literal["fifo", "random", "rounds"]

STEPS = 200
"""How many steps of a run are left to chance, at most; then it goes on fairly to its end."""


@dataclass(frozen=True)
class Plan:
    """What every run of a simulation does.

    asks    lines of the notation without their verb, "p1 Propose value=A"; the protocol's workload
            if there are none
    policy  who moves next: the oldest message, or any; "rounds": all that is in
            flight arrives once in each round, which is what the oldest first comes to
    """

    protocol: ProtocolFile
    setup: Mapping[str, Any] = Map()
    asks: Sequence[str] = ()
    policy: Policy = "fifo"
    odds: Odds = Odds()

    @property
    def random(self) -> bool:
        """Do its runs differ?"""
        odds = self.odds
        return self.policy == "random" or bool(odds.loss or odds.duplicate or odds.crashes)


class Violation(NamedTuple):
    """A property that a run broke.

    bug      True if nothing was missing for it to hold
    missing  the assumptions that it needs, and that the model does not even make
    outside  all assumptions that the run had left by then
    trace    lines of the notation that lead there
    """

    seed: int
    property: str
    why: str
    bug: bool
    missing: list[str]
    outside: list[str]
    trace: list[str]


class Outcome(NamedTuple):
    """What became of one run."""

    seed: int
    verdicts: dict[str, Word]
    cost: dict[str, Any]
    violations: list[Violation]


@dataclass(frozen=True)
class Summary:
    """What became of all."""

    seed: int
    outcomes: list[Outcome]

    @property
    def violations(self) -> list[Violation]:
        return [v for outcome in self.outcomes for v in outcome.violations]

    @property
    def bug(self) -> bool:
        """Did a property break inside its model?"""
        return any(v.bug for v in self.violations)

    def verdicts(self) -> dict[str, dict[str, int]]:
        """For each property, how many runs came to which verdict."""
        names = self.outcomes[0].verdicts
        return {
            n: dict(sorted(Counter(o.verdicts[n] for o in self.outcomes).items())) for n in names
        }

    def cost(self) -> dict[str, Any]:
        """Of the one run, or least, median and most of all runs."""
        costs = [outcome.cost for outcome in self.outcomes]
        spread: dict[str, Any] = costs[0] if len(costs) == 1 else _spread(costs)
        return spread

    def report(self) -> dict[str, Any]:
        """By the contract of `playground simulate --json`."""
        return {
            "runs": len(self.outcomes),
            "seed": self.seed,
            "verdicts": self.verdicts(),
            "cost": self.cost(),
            "violations": [
                {"seed": v.seed, "property": v.property, "outside": v.outside, "trace": v.trace}
                for v in self.violations
            ],
        }


def simulate(
    plan: Plan, runs: int = 1, seed: int = 0, heard: Callable[[Outcome], None] = lambda _: None
) -> Summary:
    """Run i uses the seed `seed` + i; `heard` is told of each.  Raises BadInput."""
    outcomes = []
    for i in range(runs):
        outcomes.append(run(plan, seed + i))
        heard(outcomes[-1])
    return Summary(seed, outcomes)


def run(plan: Plan, seed: int = 0) -> Outcome:
    """One run: the asks, what the schedule and the odds make of them, and a fair end."""
    session = Session(plan.protocol, plan.setup)
    for line in [f"ask {a}" for a in plan.asks] or workload(session):
        session.say(line)
    try:
        if plan.random:
            session.run(_Enough(session, _schedule(plan, seed)), STEPS)
        session.do(c.Finish())
    except (BadInput, CannotStep) as error:
        raise BadInput(
            f"the run with seed {seed}, step {session.state.step + 1}: {error}"
        ) from error
    broken = session.state.broken
    return Outcome(
        seed,
        session.verdicts(),
        cost(session.state),
        [_violation(session, seed, b) for b in broken],
    )


def workload(session: Session) -> list[str]:
    """What the protocol asks for one failure-free decision, as lines of the notation."""
    lines = []
    for pid, asked in session.protocol.workload(session.nodes):
        fields = (f" {name}={text(getattr(asked, name))}" for name in asked.names())
        lines.append(f"ask {pid} {type(asked).__name__}{''.join(fields)}")
    return lines


class _Enough:
    """Another schedule till every goal is reached, and then for as long again: what is late may
    still do harm."""

    def __init__(self, session: Session, schedule: Schedule) -> None:
        self._schedule = schedule
        self._goals = {p.name for p in session.properties if p.kind == "eventually"}
        self._left: int | None = None

    def next(self, state: State) -> Any:
        if self._left is None and self._goals and self._goals <= set(state.goals):
            self._left = state.step
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                return None
        return self._schedule.next(state)


def _schedule(plan: Plan, seed: int) -> Schedule:
    if plan.policy == "random":
        return Chance(seed, plan.odds)
    return Unlucky(Fair(), Luck(seed, plan.odds))


def _violation(session: Session, seed: int, broken: Broken) -> Violation:
    p = session.protocol.property(broken.property)
    state = session.state
    outside = [o.breach.what for o in state.outside if o.step <= broken.step]
    session.history.go(broken.step)
    trace = script(session)
    session.history.go(state.step)
    return Violation(
        seed=seed,
        property=p.name,
        why=broken.why,
        bug=not excused(state, p, broken),
        missing=[a for a in sorted(p.needs) if not state.world.rules.model.makes(a)],
        outside=list(dict.fromkeys(outside)),
        trace=trace,
    )


def _spread(costs: Sequence[Any]) -> Any:
    """Least, median and most of each number; None where no run has one."""
    known = [cost for cost in costs if cost is not None]
    if not known:
        return None
    if isinstance(known[0], dict):
        keys = list(known[0])
        if any(list(cost) != keys for cost in known):
            keys = sorted({k for cost in known for k in cost})
        return {k: _spread([cost.get(k, 0) for cost in known]) for k in keys}
    return {"min": min(known), "median": median(known), "max": max(known)}
