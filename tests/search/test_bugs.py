"""Facts about docs/bugs.md: every known bug is found as it says."""

from __future__ import annotations

import re

import pytest

from docs import bugs
from playground.session.catalog import load

PAGE = bugs.FILE.read_text(encoding="utf-8")
FEW = 500
"""A search that sees no more states than this is done again each time."""


def rows() -> list[bugs.Row]:
    """The table, read."""
    found, protocol = [], ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            protocol = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 5 and cells[4].startswith("`--set"):
            bug, broken, steps, states, options = cells
            options = options.strip("`").partition(f"--property {broken} ")[2]
            number = int(steps.strip("~"))
            count = int(states.replace(",", ""))
            found.append(
                bugs.Row(protocol, bug, broken, options, number, count, not steps.startswith("~"))
            )
    return found


QUICK = [row for row in rows() if row.states <= FEW]


@pytest.mark.parametrize("row", QUICK, ids=lambda r: f"{r.protocol} {r.bug} {r.property}")
def test_a_bug_is_found_as_the_page_says(row: bugs.Row) -> None:
    assert bugs.searched(row.protocol, row.bug, row.property, row.options) == row


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_page_is_what_the_searches_say() -> None:
    assert bugs.page() == PAGE


@pytest.mark.parametrize(
    "protocol",
    [
        "commit/two_phase_commit",
        "consensus/omega_consensus",
        "consensus/paxos",
        "consensus/synod_ofcons",
        "detectors/eventually_perfect",
        "detectors/heartbeat",
        "detectors/omega",
        "leases/fencing",
        "leases/lease_service",
        "synchronous/early_stopping",
        "synchronous/flood_set",
        "synchronous/om",
        "synchronous/sm",
    ],
)
def test_every_known_bug_is_found_or_keeps_a_goal_from_being_reached(protocol: str) -> None:
    found = {(row.bug, row.property) for row in rows() if row.protocol == protocol}
    known = load(protocol).bugs.values()
    goals = set(re.findall(rf"^- `{protocol}` (\w+) ", PAGE, re.MULTILINE))
    assert found == {(bug.name, p) for bug in known for p in bug.breaks if bug.name not in goals}


def test_the_page_names_no_bug_that_there_is_not() -> None:
    for name in set(re.findall(r"^## (\S+/\S+)$", PAGE, re.MULTILINE)):
        known = load(name).bugs
        assert {row.bug for row in rows() if row.protocol == name} <= set(known)
