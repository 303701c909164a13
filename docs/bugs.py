"""The table in docs/bugs.md: how a search finds each known bug.

python -m docs.bugs
"""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from playground.cli.app import run
from playground.session.catalog import Bug, ProtocolFile, load, names
from playground.session.scenarios import find

FILE = Path(__file__).with_name("bugs.md")

HEAD = """\
# Known bugs, and how a search finds them

Each known bug of a protocol is a small class in the file beside it. `python -m docs.bugs` runs
these searches and writes this page; a test compares its numbers. The run is a shortest one, or,
where random walks found it (~), one in which no step can be left out. So many states had been seen
by then. To see a run, put the options after the name of the protocol:

    playground search consensus/paxos --set bug=no_log_round ...

or after the name of a scenario, where the options begin with one (with 0 steps all is lost there
already: a goal is out of reach). Each of these runs is promised the property; or it is not (°), and
then the right protocol, searched in the same way, breaks nothing.
"""

TABLE = """
## {}

| bug | breaks | steps | states | options of `playground search` |
|---|---|---:|---:|---|
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
)
"""What is tried, one after the other, for a bug that needs nothing special."""

LIMIT = "--states 400000 --time 600"

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
ONCE = "--set readers=1 --ask 'w1 Write value=A' --ask 'r1 Read' --timers 0"
TWICE = (
    "--set servers=1 --set readers=1 --ask 'w1 Write value=A' --ask 'w1 Write value=B' "
    "--ask 'r1 Read' --timers 0"
)
WRITERS = "--set readers=1 --ask 'w1 Write value=A' --ask 'w2 Write value=B'"
READERS = "--set readers=2 --ask 'w1 Write value=A' --ask 'r1 Read' --ask 'r2 Read' --timers 0"
LESSEES = "--ask 'h1 Acquire' --ask 'h2 Acquire'"
CLIENTS = "--ask 'c1 Store value=A' --ask 'c2 Store value=B'"

HUNTS: dict[str, dict[str, str]] = {
    "available/causal_store": {
        "applies_on_receipt": "--ask 'p1 Put key=x value=A' --ask 'p2 Get key=x' "
        "--ask 'p2 Put key=y value=B' --ask 'p3 Get key=y' --ask 'p3 Get key=x' --timers 0",
        "last_comes": "--ask 'p1 Put key=x value=A' --ask 'p2 Put key=x value=B' --timers 0",
        "forgets_store": "--ask 'p1 Put key=x value=A' --ask 'p1 Get key=x' --timers 0 --crashes 1",
        "no_session_vt": "--set n=2 --set clients=1 --ask 'c1 Put key=x value=A' "
        "--ask 'c1 Move to=p2' --ask 'c1 Get key=x' --timers 0",
    },
    "available/rowaa": {
        "no_validate": "rowaa_stale_return --until 1 --timers 0 --recoveries 1",
    },
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
        "forgotten_value": "omega_forgotten_value --until 3",
        "no_relay": "omega_no_relay --until 1",
    },
    "detectors/eventually_perfect": {"keeps_patience": "--set n=2 --crashes 1"},
    "detectors/heartbeat": {
        "short_timeout": "--set n=2",
        "same_life": "--set n=2 --crashes 1 --horizon 16",
        "any_beat_counts": "--set n=2 --duplicates 1 --crashes 1 --horizon 14",
    },
    "detectors/omega": {
        "first_by_name": "--crashes 1",
        "any_beat_counts": "--set n=2 --duplicates 1 --crashes 1 --horizon 14",
        "asks_itself": "--set n=2",
    },
    "leases/fencing": {
        "no_fencing": f"--set retry=14 {CLIENTS} --horizon 14",
        "no_gate": f"--set policy=kill --set retry=14 {CLIENTS} --horizon 14",
        "forgets_epoch": f"--set retry=20 {CLIENTS} --crashes 1 --horizon 10 --grain 10",
    },
    "leases/lease_service": {
        "no_reboot_wait": f"{LESSEES} --crashes 1 --horizon 12",
        "term_from_receipt": f"--set retry=20 {LESSEES} --horizon 10 --grain 5",
        "full_term": f"--set rho=0.5 {LESSEES} --drifts 1 --horizon 12",
        "same_life": f"--set retry=20 {LESSEES} --ask 'h1 Acquire' --crashes 1 --horizon 11 "
        "--grain 11",
        "same_epoch": f"{LESSEES} --ask 'h1 GiveUp' --ask 'h1 Acquire' --horizon 1",
    },
    "registers/abd_atomic": {
        "no_write_back": READERS,
        "forgets_time": f"{TWICE} --crashes 1",
        "takes_all_writes": f"{TWICE} --duplicates any",
    },
    "registers/abd_mwmr": {
        "counts_alone": f"--set servers=1 {WRITERS} --ask 'r1 Read' --timers 0",
        "no_name": f"--set servers=2 {WRITERS} --timers 0",
        "forgets_time": "--set servers=2 --set writers=1 --ask 'w1 Write value=A' "
        "--ask 'w1 Write value=B' --timers 0 --crashes 1",
        "no_write_back": f"--set writers=1 {READERS} --walks 100000 --seed 14",
    },
    "registers/abd_regular": {
        "writes_to_one": ONCE,
        "reads_from_one": ONCE,
        "takes_any_answer": f"{ONCE} --ask 'r1 Read'",
        "counts_answers": f"{ONCE} --duplicates 1",
        "forgets_time": f"{TWICE} --crashes 1",
        "takes_all_writes": f"{TWICE} --duplicates any",
        "memory_only": f"{ONCE} --crashes 1",
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
        "tie_own": "--set n=5 --corrupt c --forgeries 2 --walks 20000 --seed 5",
        "takes_late": "--corrupt c --forgeries 3",
        "trusts_path": "--corrupt l3 --forgeries 2",
    },
    "synchronous/sm": {
        "takes_short": "--corrupt c --forgeries 2",
        "counts_again": "--corrupt c --forgeries 2",
        "anyone_commands": "--corrupt l2 --forgeries 2",
    },
}
"""The options for those that need more: another set-up, other asks, traitors, time, or luck."""

TOO_LONG = "the run needs two writes and three reads, one after the other"
BEYOND: dict[tuple[str, str, str], str] = {
    ("registers/abd_mwmr", "no_name", "atomic"): TOO_LONG,
}
"""The bugs that no search finds, and why: scripts in `tests/protocols` show them."""


class Row(NamedTuple):
    """A search for a bug; one that does not find it has no steps.

    outside  the run leaves the model, and the right protocol breaks nothing
    """

    protocol: str
    bug: str
    property: str
    options: str
    steps: int | None
    states: int
    shortest: bool = True
    outside: bool = False

    def __str__(self) -> str:
        steps = f"{'' if self.shortest else '~'}{self.steps}{'°' if self.outside else ''}"
        options = " ".join(arguments(self.bug, self.property, self.options))
        return f"| {self.bug} | {self.property} | {steps} | {self.states:,} | `{options}` |"


def arguments(bug: str, broken: str, options: str) -> list[str]:
    """What comes after the name of the protocol; or, where the options begin with a scenario, which
    has the bug in it, after `search`."""
    scenario = not options.startswith("-")
    return [options, f"--property {broken}"] if scenario else [
        f"--set bug={bug}", f"--property {broken}", options
    ]  # fmt: skip


def rows() -> Iterator[Row]:
    """Every known bug, with each property that it breaks, but for those that are beyond it."""
    for name in names():
        file = load(name)
        for bug in file.bugs.values():
            known = (b for b in bug.breaks if (name, bug.name, b) not in BEYOND)
            yield from (row(file, bug, broken) for broken in known)


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
    lines = arguments(bug, broken, options)
    if lines[0] != options:
        lines = [protocol, *lines]
    report = report_of(" ".join(lines))
    violation = report["violation"]
    if violation is None or not (violation["bug"] or harmless(lines)):
        return Row(protocol, bug, broken, options, None, report["states"])
    shortest = violation["minimal"] == "shortest"
    steps = len(violation["trace"])
    outside = not violation["bug"]
    return Row(protocol, bug, broken, options, steps, report["states"], shortest, outside)


def harmless(lines: list[str]) -> bool:
    """Does the right protocol break nothing, searched in the same way?"""
    protocol, bug, *rest = lines
    if bug.startswith("--set bug="):
        return report_of(" ".join([protocol, *rest]))["violation"] is None
    name, _, options = protocol.partition(" ")
    text = find(name).read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        right = Path(folder) / "right.toml"
        right.write_text(re.sub(r"^bug *=.*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
        lines = [str(right), options, bug, *rest]
        return report_of(" ".join(lines))["violation"] is None


def report_of(command: str) -> dict[str, Any]:
    """What `playground search --json` says.  Raises ValueError for bad input."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(shlex.split(f"search {command} {LIMIT} --json"))
    if status == 2:
        raise ValueError(f"{command}: {err.getvalue().strip()}")
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def page() -> str:
    """Every bug that is found, by protocol, and those that are not.  Raises ValueError if a search
    does not find what it should."""
    text = HEAD
    for protocol, found in groupby(rows(), key=lambda row: row.protocol):
        known = list(found)
        if missing := [f"{r.bug} ({r.property})" for r in known if r.steps is None]:
            raise ValueError(f"{protocol}: no search finds {', '.join(missing)}")
        text += TABLE.format(protocol) + "".join(f"{row}\n" for row in known)
    text += "\n## Beyond these searches\n\n"
    text += "Scripts in `tests/protocols` show these:\n\n"
    for (protocol, bug, broken), why in BEYOND.items():
        text += f"- {protocol} {bug} ({broken}): {why}\n"
    return text


def main() -> None:
    FILE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
