"""playground simulate"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground.cli.explain import Protocol
from playground.cli.listing import JSON
from playground.cli.out import costs, emit, is_terminal, listed, say, table
from playground.session.errors import BadInput, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.session.simulate import Outcome, Plan, Policy, Summary, Violation

SCHEDULES: tuple[Policy, ...] = ("fifo", "random", "rounds")
WORDS = ("holds", "violated", "reached", "blocked", "livelock", "open")


def schedules(incomplete: str) -> list[str]:
    return [s for s in SCHEDULES if s.startswith(incomplete)]


Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="K=V",
        help="An argument of the set-up; bug=... is a known bug. Repeatable.",
    ),
]
Asks = Annotated[
    list[str] | None,
    typer.Option(
        "--ask",
        metavar="'P INPUT'",
        help="As in 'p1 Propose value=A'; else the protocol's own workload. Repeatable.",
    ),
]
Schedule = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Who moves next: fifo, random or rounds.", autocompletion=schedules
    ),
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Of the first run; then N+1, ...")]
Runs = Annotated[int, typer.Option(min=1, metavar="N", help="How many runs.")]
Loss = Annotated[
    float, typer.Option(min=0, max=1, metavar="P", help="Odds that a message is lost.")
]
Duplicate = Annotated[
    float, typer.Option(min=0, max=1, metavar="P", help="Odds that a message is duplicated.")
]
Crash = Annotated[int, typer.Option(min=0, metavar="N", help="Crashes in each run, at most.")]


def command(
    protocol: Protocol,
    set_: Sets = None,
    ask: Asks = None,
    schedule: Schedule = "fifo",
    seed: Seed = 0,
    runs: Runs = 1,
    loss: Loss = 0.0,
    duplicate: Duplicate = 0.0,
    crash: Crash = 0,
    as_json: JSON = False,
) -> int:
    """Run a protocol by chance and seed; tell its costs and what becomes of its properties.

    After what chance does to it, each run goes on fairly to its end. Exits with 1 if a property
    broke inside its model, with 2 on bad input, else with 0.
    """
    from playground.session.catalog import load
    from playground.session.schedule import Odds
    from playground.session.simulate import Plan, simulate

    for name, odd in (("loss", loss), ("duplicate", duplicate)):
        if not 0 <= odd <= 1:  # nan is neither
            raise BadInput(f"--{name} is a likelihood from 0 to 1, not {odd}")
    policy = _policy(schedule)
    odds = Odds(loss, duplicate, crash)
    plan = Plan(load(protocol), settings(set_ or []), tuple(ask or ()), policy, odds)
    with _progress(runs) as heard:
        summary = simulate(plan, runs, seed, heard)
    if as_json:
        emit(summary.report())
    else:
        _tell(plan, summary)
    return int(summary.bug)


def _policy(name: str) -> Policy:
    for policy in SCHEDULES:
        if name == policy:
            return policy
    raise BadInput(unknown("schedule", name, SCHEDULES))


def settings(pairs: list[str]) -> dict[str, Any]:
    """K=V as a scenario file would have it: acceptors=5 is a number."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"{pair!r} should be a name and a value, as in --set acceptors=5")
        if name.strip() in settings:
            raise BadInput(f"{name.strip()} is set twice")
        settings[name.strip()] = _native(value.strip())
    return settings


def _native(value: str) -> int | bool | str:
    if re.fullmatch(r"-?\d{1,9}", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value)


@contextmanager
def _progress(runs: int) -> Iterator[Callable[[Outcome], None]]:
    """A bar on stderr, if somebody is there to see it and there is more than one run."""
    if runs == 1 or not is_terminal(sys.stderr):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress(
        "runs", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=runs)
        yield lambda _: bar.advance(task)


def _tell(plan: Plan, summary: Summary) -> None:
    say(f"{plan.protocol.name}, {_what(plan, summary)}.", "bold")
    say()
    _tell_verdicts(summary)
    say()
    _tell_cost(summary)
    for name in dict.fromkeys(v.property for v in summary.violations):
        say()
        _tell_violations(summary, [v for v in summary.violations if v.property == name])
    if summary.violations and not summary.bug:
        say()
        say("No property broke inside its model.", "good")


def _tell_verdicts(summary: Summary) -> None:
    verdicts = summary.verdicts()
    if len(summary.outcomes) == 1:
        table(["property", "verdict"], [[name, *counts] for name, counts in verdicts.items()])
        return
    words = sorted({word for counts in verdicts.values() for word in counts}, key=WORDS.index)
    rows = [[name, *(str(counts.get(w, 0)) for w in words)] for name, counts in verdicts.items()]
    table(["property", *words], rows)


def _what(plan: Plan, summary: Summary) -> str:
    """ "1000 runs with seeds 0 to 999, random schedule, loss 0.1"."""
    runs, first = len(summary.outcomes), summary.seed
    odds = {"loss": plan.odds.loss, "duplicate": plan.odds.duplicate, "crash": plan.odds.crashes}
    faults = [f"{name} {value:g}" for name, value in odds.items() if value]
    seeds = f"with seed {first}" if runs == 1 else f"with seeds {first} to {first + runs - 1}"
    counted = "1 run" if runs == 1 else f"{runs} runs"
    return ", ".join([f"{counted} {seeds}", f"{plan.policy} schedule", *faults])


def _tell_cost(summary: Summary) -> None:
    cost = summary.cost()
    if len(summary.outcomes) == 1:
        say(costs(cost))
        return
    spreads = {"messages": cost["total"], "delays": cost["delays"]}
    spreads["disk writes"] = cost["stable_writes"]
    spreads |= cost["messages"]
    numbers = ("min", "median", "max")
    rows = [[name, *(f"{spread[n]:g}" for n in numbers)] for name, spread in spreads.items()]
    table(["cost", *numbers], rows)


def _tell_violations(summary: Summary, violations: list[Violation]) -> None:
    """How often a property broke, and the first time in detail: a bug rather than a lesson."""
    first = min(violations, key=lambda v: not v.bug)
    runs = len(summary.outcomes)
    if runs > 1:
        bugs = sum(v.bug for v in violations)
        often = f"{first.property} broke in {len(violations)} of {runs} runs"
        say(f"{often}, in {bugs} of them inside its model.", "bad" if bugs else "warn")
    else:
        say(f"{first.property} broke.", "bad" if first.bug else "warn")
    say(f"With seed {first.seed}: {first.why}.", indent=2, hang=2)
    say(_reason(first), indent=2, hang=2)
    say("The way there:", indent=2)
    for line in first.trace:
        say(line, indent=4, hang=2)


def _reason(violation: Violation) -> str:
    if violation.bug:
        return "The run is inside the model of this property, so this is a bug."
    if violation.outside:
        return f"The run has left the model: {listed(violation.outside)}."
    if not violation.missing:
        return "It is not promised by this set-up."
    return f"It is not promised in this model: it needs {listed(violation.missing)}."
