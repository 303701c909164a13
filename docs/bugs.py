"""The table in docs/bugs.md: how a search finds each known bug.

python -m docs.bugs
"""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from playground.cli.app import run
from playground.session import scenario, scenarios
from playground.session.catalog import Bug, ProtocolFile, load, names

FILE = Path(__file__).with_name("bugs.md")

HEAD = """\
# Known bugs, and how a search finds them

Each known bug of a protocol is a small class in the file beside it. `python -m docs.bugs` runs
these searches and writes this page; a test compares its numbers. The run is a shortest one, or,
where random walks found it (~), one in which no step can be left out. So many states had been seen
by then. To see a run, put the options after the name of the protocol:

    playground search consensus/paxos --set bug=no_log_round ...
"""

TABLE = """
## {}

| bug | breaks | steps | states | options of `playground search` |
|---|---|---:|---:|---|
"""

GOALS = """
## Goals

These bugs break nothing: they keep a goal from being reached.  A search tells that a run can't
reach its goal any more, but not whose fault it is, so each of them has a scenario.

"""

LADDER = (
    "--timers 0",
    "--timers 0 --crashes 1",
    "--timers 0 --duplicates 1",
    "--timers 1",
    "--timers 1 --crashes 1",
    "--crashes 2 --recoveries 0",
    "--timers 2 --duplicates any",
    "--timers 1 --crashes 1 --duplicates any",
    "--corrupt 1 --forgeries 2",
)
"""What is tried, one after the other, for a bug that needs nothing special."""

LIMIT = "--states 400000"

TWO = "--ask 'p1 Propose value=A' --ask 'p2 Propose value=B' --timers 0"
AGAIN = "--ask 'p1 Propose value=A' --ask 'p1 Propose value=B' --timers 0 --crashes 1"
PAIR = "--set participants=2"
RIVALS = (
    "--set n=2 --ask 'p1 Propose value=A' --ask 'p2 Propose value=B' "
    "--ask 'p1 Appoint who=p1' --ask 'p2 Appoint who=p2'"
)
FICKLE = (
    "--set n=2 --ask 'p1 Propose value=A' --ask 'p1 Appoint who=p1' "
    "--ask 'p1 Appoint who=p2' --ask 'p1 Appoint who=p1'"
)

SHORT = "--set term=4 --horizon 4"
LEASE = f"--ask 'h1 Acquire' --ask 'h2 Acquire' {SHORT}"
WRITES = f"--ask 'c1 Store value=A' --ask 'c2 Store value=B' {SHORT}"
TRAITOR = "--corrupt 1 --forgeries 2"

HUNTS: dict[str, dict[str, str]] = {
    "commit/two_phase_commit": {
        "coop_guess": f"{PAIR} --set cooperative=true --timers 1",
        "lost_locks": f"{PAIR} --ask 'c Begin' --ask 'p1 Lock tx=T2' --timers 0 --crashes 1",
        "eager_prepare": f"{PAIR} --set presume=commit --ask 'p1 PrepareNow' --ask 'p2 Refuse' "
        "--crashes 1",
        "reader_testifies": f"{PAIR} --set presume=abort --set cooperative=true --ask 'c Begin' "
        "--ask 'p2 ReadOnly' --crashes 1",
        "collects_unlogged": f"{PAIR} --set presume=commit --crashes 1",
    },
    "consensus/paxos": {
        "no_log_round": f"--set proposers=1 --set acceptors=2 {AGAIN}",
        "pick_frequent": f"--set acceptors=5 {TWO} --ask 'p1 Propose value=C' --walks 20000 "
        "--depth 60",
        "count_twice": "--timers 0 --duplicates 1",
        "second_command": TWO,
        "reply_before_log": f"--set acceptors=1 {TWO} --crashes 1",
        "stale_promise": TWO,
        "decide_on_accept": TWO,
    },
    "consensus/synod_ofcons": {
        "literal": f"{TWO} --duplicates any",
        "skip_all": TWO,
        "ids_from_zero": f"--set skip_first_read=true {TWO}",
        "forgotten_ballot": f"--set skip_first_read=true {AGAIN}",
        "decide_on_accept": TWO,
    },
    "consensus/omega_consensus": {
        "never_looks_again": f"{RIVALS} --ask 'p1 Appoint who=p2' --timers 1",
        "impatient": f"{FICKLE} --timers 0",
        "sure_of_itself": f"{RIVALS} --timers 0",
        "own_value": f"{RIVALS} --timers 1",
    },
    "synchronous/flood_set": {
        "first_two": "--set opt=true --ask 'p1 Propose value=C' --ask 'p2 Propose value=B' "
        "--ask 'p3 Propose value=A' --crashes 1",
    },
    "synchronous/early_stopping": {
        "nothing_new": "--set n=4 --crashes 2",
        "falls_silent": "--set rule=nonuniform --crashes 1",
    },
    "synchronous/om": {
        "tie_own": "--set n=5 --corrupt c --forgeries 2 --walks 20000 --depth 60",
        "takes_late": TRAITOR,
        "trusts_path": TRAITOR,
    },
    "synchronous/sm": {
        "takes_short": TRAITOR,
        "counts_again": TRAITOR,
        "anyone_commands": TRAITOR,
    },
    "detectors/heartbeat": {
        "short_timeout": "--set n=2",
        "same_life": "--set n=2 --crashes 1",
        "any_beat_counts": "--set n=2 --set delay=12",
    },
    "detectors/eventually_perfect": {"keeps_patience": "--set n=2 --crashes 1"},
    "detectors/omega": {
        "first_by_name": "--set n=2 --crashes 1",
        "any_beat_counts": "--set n=2",
    },
    "leases/lease_service": {
        "no_reboot_wait": f"{LEASE} --timers 0 --crashes 1",
        "term_from_receipt": f"{LEASE} --timers 0",
        "full_term": f"{LEASE} --set rho=1/2 --drifts 1",
        "same_life": f"{LEASE} --ask 'h1 Acquire' --timers 0 --crashes 1",
        "same_epoch": f"{LEASE} --ask 'h1 GiveUp' --ask 'h1 Acquire' --timers 0",
    },
    "leases/fencing": {
        "no_fencing": f"{WRITES} --timers 2",
        "no_gate": f"{WRITES} --set policy=kill --timers 3",
        "forgets_epoch": f"{WRITES} --timers 2 --crashes 1",
    },
}
"""The options for those that need more: another set-up, other asks, or luck."""


class Row(NamedTuple):
    """A search for a bug; one that does not find it has no steps."""

    protocol: str
    bug: str
    property: str
    options: str
    steps: int | None
    states: int
    shortest: bool = True

    def __str__(self) -> str:
        steps = f"{self.steps}" if self.shortest else f"~{self.steps}"
        options = f"`--set bug={self.bug} --property {self.property} {self.options}`"
        return f"| {self.bug} | {self.property} | {steps} | {self.states:,} | {options} |"


def rows() -> Iterator[Row]:
    """Every known bug, with each property that it breaks."""
    for name in names():
        file = load(name)
        for bug in file.bugs.values():
            yield from (row(file, bug, p) for p in bug.breaks if not is_goal(file, p))


def is_goal(file: ProtocolFile, broken: str) -> bool:
    """A search can tell that a goal is not reached, but not whose fault that is."""
    return file.property(broken).kind == "eventually"


def row(file: ProtocolFile, bug: Bug, broken: str) -> Row:
    hunt = HUNTS.get(file.name, {}).get(bug.name)
    default = f"{PAIR} " if file.name == "commit/two_phase_commit" else ""
    found = Row(file.name, bug.name, broken, "", None, 0)
    for options in (hunt,) if hunt else (f"{default}{rung}" for rung in LADDER):
        found = searched(file.name, bug.name, broken, options)
        if found.steps is not None:
            break
    return found


def searched(protocol: str, bug: str, broken: str, options: str) -> Row:
    command = f"search {protocol} --set bug={bug} --property {broken} {LIMIT} {options} --json"
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(shlex.split(command))
    if status == 2:
        return Row(protocol, bug, broken, err.getvalue().strip(), None, 0)
    report = json.loads(out.getvalue())
    violation = report["violation"]
    if violation is None or not violation["bug"]:  # outside the model the right one breaks, too
        return Row(protocol, bug, broken, options, None, report["states"])
    shortest = violation["minimal"] == "shortest"
    steps = len(violation["trace"])
    return Row(protocol, bug, broken, options, steps, report["states"], shortest)


def page() -> str:
    """Every bug that is found, by protocol, and the names of those that are not."""
    text, missing = HEAD, []
    for protocol, found in groupby(rows(), key=lambda row: row.protocol):
        known = list(found)
        missing += [f"{protocol} {r.bug} ({r.property})" for r in known if r.steps is None]
        if lines := [f"{row}\n" for row in known if row.steps is not None]:
            text += TABLE.format(protocol) + "".join(lines)
    if missing:
        text += f"\nNot found by these searches: {', '.join(missing)}.\n"
    return text + goals()


def goals() -> str:
    """The bugs that break nothing but keep a goal from being reached."""
    lines = [
        f"- `{name}` {bug.name} ({', '.join(bug.breaks)}): `playground play {shown}`\n"
        for name in names()
        for bug in load(name).bugs.values()
        if all(is_goal(load(name), broken) for broken in bug.breaks)
        for shown in scenarios_with(name, bug.name)
    ]
    return GOALS + "".join(lines) if lines else ""


def scenarios_with(protocol: str, bug: str) -> list[str]:
    """The names of the scenarios that choose this bug."""
    known = [(name, scenario.load(scenarios.find(name)).scenario) for name in scenarios.names()]
    return [n for n, s in known if (s.protocol, s.setup.get("bug")) == (protocol, bug)]


def main() -> None:
    FILE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
