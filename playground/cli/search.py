"""playground search"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cli import search_options as options
from playground.cli.listing import JSON
from playground.cli.out import emit, error, is_terminal, listed, say
from playground.cli.simulate import Asks, Sets, settings
from playground.session.errors import BadInput

if TYPE_CHECKING:
    from playground.core import Ask
    from playground.search.result import Progress
    from playground.session.hunt import Found
    from playground.session.quarry import Quarry
    from playground.session.session import Session
    from playground.session.trouble import Trouble

KINDS = {
    "shortest": "a shortest run",
    "1-minimal": "a run that needs each step",
    "circle": "and then round and round",
    "long": "which may be longer than it need be",
}
LINES = 12
"""So many lines that never ran are shown."""


def command(
    target: options.Target,
    set_: Sets = None,
    ask: Asks = None,
    until: options.Until = 0,
    property_: options.Properties = None,
    depth: options.Depth = None,
    states: options.States = None,
    time: options.Seconds = 20.0,
    memory: options.Memory = 1_000,
    drops: options.Drops = 0,
    duplicates: options.Copies = "0",
    crashes: options.Crashes = 0,
    recoveries: options.Recoveries = None,
    timers: options.Timers = "1",
    forgeries: options.Forgeries = 0,
    corrupt: options.Corrupt = "0",
    horizon: options.Horizon = "",
    grain: options.Grain = "",
    drifts: options.Drifts = 0,
    exact: options.Exact = False,
    symmetry: options.Symmetry = "",
    fast: options.Fast = False,
    walks: options.Walks = 0,
    seed: options.Seed = 0,
    cluster: options.Cluster = "",
    save: options.Save = None,
    as_json: JSON = False,
) -> int:
    """Try everything that may happen, within bounds; tell the shortest run that breaks a property.

    If --property names a goal, it looks for runs that block, or go round and round for ever.
    Exits with 0 if nothing breaks within the bounds, with 1 if something does, with 2 on bad input.
    """
    from playground.search.result import Bounds
    from playground.session.hunt import hunt
    from playground.session.keep import keep
    from playground.session.quarry import Quarry
    from playground.session.trouble import Trouble

    _refuse(time, save)
    session, asked = _start(target, set_ or [], ask or [], until)
    quarry = Quarry(
        properties=tuple(property_ or ()),
        asks=asked,
        drops=drops,
        duplicates=_count("--duplicates", duplicates),
        crashes=crashes,
        recoveries=recoveries,
        timers=_count("--timers", timers),
        forgeries=forgeries,
        corrupt=int(corrupt) if corrupt.isdecimal() else tuple(corrupt.split(",")),
        horizon=_horizon(horizon),
        grain=_span("--grain", grain) if grain else None,
        drifts=drifts,
        bounds=Bounds(states, depth, time, memory * 1_000_000),
        exact=exact,
        symmetry=symmetry,
        fast=fast,
        walks=walks,
        seed=seed,
        cluster=cluster,
    )
    if session.world.time is None and (grain or horizon):
        raise BadInput(f"{target}: no time passes in this model; leave out --horizon and --grain")
    try:
        with _progress() as progress, redirect_stdout(sys.stderr):  # what a protocol prints
            found = hunt(session, quarry, progress)
    except Trouble as trouble:
        return _tell_trouble(trouble, save)
    if save is not None and found.result.violation:
        with redirect_stdout(sys.stderr):
            keep(found, save)
    if as_json:
        with redirect_stdout(sys.stderr):
            report = found.report()
        emit(report)
    else:
        _tell(found, quarry, save)
    if found.result.stopped == "interrupt":
        return 130
    return int(found.result.violation is not None)


def _refuse(time: float, save: Path | None) -> None:
    """What would come to light only after the search."""
    if time != time:
        raise BadInput("--time should be a number of seconds, and is nan")
    if save is not None and save.suffix not in (".toml", ".py"):
        raise BadInput(f"--save takes a .toml or a .py file, and not {save}")
    if save is not None and not save.absolute().parent.is_dir():
        raise BadInput(f"{save} can't be written: there is no folder {save.parent}")
    if save is not None and (save.is_dir() or not os.access(save.absolute().parent, os.W_OK)):
        raise BadInput(f"{save} can't be written; choose another file")


def _start(
    target: str, sets: list[str], lines: list[str], until: int
) -> tuple[Session, tuple[Ask, ...]]:
    """Where to search from, and what may be asked then."""
    from playground.session import catalog, scenario, scenarios
    from playground.session.asks import asks, asks_left
    from playground.session.playback import Playback
    from playground.session.session import Session

    if not scenarios.exists(target):
        if until:
            raise BadInput(f"{target} is a protocol, which has no step {until}; leave out --until")
        session = Session(catalog.load(target), settings(sets))
        return session, asks(session, lines)
    if sets:
        raise BadInput(f"{target} is a scenario, which has a set-up; leave out --set")
    playback = Playback(scenario.load(scenarios.find(target)))
    if until > playback.total:
        raise BadInput(f"{target} has only {playback.total} steps, and no step {until}")
    for _ in playback.play(until):
        pass
    asked = asks(playback.session, lines) if lines else asks_left(playback)
    return playback.session, asked


def _count(option: str, given: str) -> int | None:
    if given == "any":
        return None
    if not given.isdecimal():
        raise BadInput(f"{option} should be a number or any, and is {given!r}")
    return int(given)


def _horizon(given: str) -> Fraction | None:
    """How much time passes, at most; None: any amount."""
    from playground.session.quarry import HORIZON

    if given == "any":
        return None
    return _span("--horizon", given) if given else HORIZON


def _span(option: str, given: str) -> Fraction:
    """So much time."""
    try:
        span = Fraction(given)
    except (ValueError, ZeroDivisionError):
        span = Fraction(0)
    if span <= 0:
        raise BadInput(f"{option} should be an amount of time, and is {given!r}")
    return span


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    """A line on stderr, if somebody is there to see it."""
    if not is_terminal(sys.stderr):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Bar(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("")
        yield lambda p: bar.update(task, description=_line(p))


def _line(p: Progress) -> str:
    return (
        f"{p.states:,} states, {p.rate:,.0f} a second, depth {p.depth}, {p.frontier:,} to be tried"
    )


def _tell(found: Found, quarry: Quarry, save: Path | None) -> None:
    result = found.result
    say(f"{found.session.protocol.name}, {_scope(found, quarry)}.", "bold")
    seen = "steps" if quarry.walks else "states"
    workers = f", {result.workers} worker{'s'[: result.workers != 1]}" if result.workers else ""
    say(
        f"{result.states:,} {seen}, {result.transitions:,} transitions, depth {result.depth}, "
        f"{result.seconds:.2f} s ({result.rate:,.0f} {seen} a second{workers})."
    )
    if result.odds is not None:
        say(f"Of each state 64 bits were kept: the odds that one was missed are {result.odds:.0e}.")
    elif result.unfit:
        say(f"The fast search knows no {result.unfit}, so this was the exact one.")
    say()
    if result.violation is not None:
        _tell_violation(found, save)
        return
    if result.complete:
        say("Complete: within these bounds nothing breaks.", "good")
    elif quarry.walks:
        why = "" if result.stopped == "walks" else f" Not all were walked: {_bound(found, quarry)}."
        say(f"Nothing broke.{why} These walks are not everything that may happen.", "warn")
    else:
        say(
            f"Not complete: {_bound(found, quarry)}, with {result.frontier:,} states to be tried.",
            "warn",
        )
        say("Nothing broke in what was seen.")
    _tell_untried(found)


def _bound(found: Found, quarry: Quarry) -> str:
    bounds = quarry.bounds
    if found.result.stopped == "interrupt":
        return "it was interrupted"
    options = {
        "states": f"--states {bounds.states}",
        "depth": f"--depth {bounds.depth}",
        "seconds": f"--time {bounds.seconds:g}",
        "memory": f"--memory {(bounds.memory or 0) // 1_000_000}",
    }
    return f"{options[found.result.stopped or 'states']} stopped it"


def _scope(found: Found, quarry: Quarry) -> str:
    """ "everything that may happen with at most 1 timer, 2 crashes"."""
    kinds = {found.session.protocol.property(p).kind for p in quarry.properties}
    timing = found.session.world.rules.model.timing
    traitors = quarry.corrupt if isinstance(quarry.corrupt, int) else len(quarry.corrupt)
    budgets = {
        "timer": 0 if timing != "async" else None if kinds == {"eventually"} else quarry.timers,
        "loss": quarry.drops,
        "copy": quarry.duplicates,
        "crash": quarry.crashes,
        "traitor": traitors,
        "forgery": quarry.forgeries,
        "drift": quarry.drifts,
    }
    some = [_budget(name, n) for name, n in budgets.items() if n != 0]
    if timing == "timed":
        some.append("any time" if quarry.horizon is None else f"a time of at most {quarry.horizon}")
    what = f"{quarry.walks:,} random walks" if quarry.walks else "everything that may happen"
    return f"{what} with {listed(some)}" if some else what


def _budget(name: str, number: int | None) -> str:
    many = {"copy": "copies", "crash": "crashes", "forgery": "forgeries", "loss": "losses"}
    if number is None:
        return f"any number of {many.get(name, name + 's')}"
    return f"at most {number} {name if number == 1 else many.get(name, name + 's')}"


def _tell_violation(found: Found, save: Path | None) -> None:
    broken = found.result.violation
    assert broken is not None
    breaks = "may never be reached" if broken.property.kind == "eventually" else "is violated"
    say(f"{broken.property.name} {breaks}: {broken.why()}.", "bad" if found.bug else "warn")
    if found.outside:
        say(f"The run leaves the model: {listed(found.outside)}.")
    elif found.bug:
        say("The run is inside the model of this property, so this is a bug.")
    elif broken.property.kind != "eventually":
        say("As the theory says: it is not promised here.")
    kind = KINDS[broken.minimal]
    if found.trace:
        say(f"The way there, {kind}:")
        _tell_run(found.trace, found.sentences)
    else:
        say("It is so from the beginning.")
    if save is not None:
        confirms = f"playground play {save}" if save.suffix != ".py" else f"pytest {save}"
        say()
        say(f"Saved as {save}; {confirms} shows it again.")


def _tell_run(lines: Sequence[str], sentences: Sequence[str]) -> None:
    for n, line in enumerate(lines, 1):
        say(f"{n:3}. {line}", indent=1, hang=5)
        if n <= len(sentences):
            say(sentences[n - 1], "dim", indent=6)


def _tell_trouble(trouble: Trouble, save: Path | None) -> int:
    """A handler raised: that is nothing to be judged, but there is a way there."""
    from playground.session.keep import keep_trouble

    status = error(str(trouble), 2)
    with redirect_stdout(sys.stderr):
        say("The way there:")
        _tell_run(trouble.trace, trouble.sentences)
        if save is not None:
            keep_trouble(trouble, save)
            say(f"Saved as {save}, up to the last step; playground {save} opens it.")
    return status


def _tell_untried(found: Found) -> None:
    """What nothing can be said of."""
    result = found.result
    if result.never_reached:
        say(f"Never reached: {listed(result.never_reached)}.", hang=2)
    if result.unseen:
        say(f"Of no account, since there was nothing to judge: {listed(result.unseen)}.", hang=2)
    if never := found.never_taken():
        say(f"Without any effect: {listed(never)}.", hang=2)
    with redirect_stdout(sys.stderr):
        lines = found.never_run()
    if lines:
        say("Lines that never ran:")
        for line in lines[:LINES]:
            say(str(line), indent=2, hang=2)
        if len(lines) > LINES:
            say(f"and {len(lines) - LINES} more", indent=2)
