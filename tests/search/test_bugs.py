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
    "protocol", ["commit/two_phase_commit", "consensus/paxos", "consensus/synod_ofcons"]
)
def test_every_known_bug_is_found(protocol: str) -> None:
    found = {(row.bug, row.property) for row in rows() if row.protocol == protocol}
    known = {(bug.name, p) for bug in load(protocol).bugs.values() for p in bug.breaks}
    assert found == known


def test_the_page_names_no_bug_that_there_is_not() -> None:
    for name in set(re.findall(r"^## (\S+/\S+)$", PAGE, re.MULTILINE)):
        known = load(name).bugs
        assert {row.bug for row in rows() if row.protocol == name} <= set(known)
