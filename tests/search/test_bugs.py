"""Facts about docs/bugs.md: every known bug is found as it says."""

from __future__ import annotations

import pytest

from docs import bugs
from playground.session.catalog import load, names

PAGE = bugs.FILE.read_text(encoding="utf-8")
FEW = 2_000
"""A search that sees no more states than this is done again each time."""


def rows() -> list[bugs.Row]:
    """The table, read."""
    found, protocol = [], ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            protocol = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 5 and cells[4].startswith("`"):
            bug, broken, steps, states, options = cells
            for said in (f"--set bug={bug}", f"--property {broken}"):
                options = options.replace(f"{said}", "", 1)
            found.append(
                bugs.Row(
                    protocol, bug, broken, options.strip("` "),
                    steps=int(steps.strip("~°")),
                    states=int(states.replace(",", "")),
                    shortest=not steps.startswith("~"),
                    outside=steps.endswith("°"),
                )
            )  # fmt: skip
    return found


QUICK = [row for row in rows() if row.states <= FEW]


@pytest.mark.parametrize("row", QUICK, ids=lambda r: f"{r.protocol} {r.bug} {r.property}")
def test_a_bug_is_found_as_the_page_says(row: bugs.Row) -> None:
    assert bugs.searched(row.protocol, row.bug, row.property, row.options) == row


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_page_is_what_the_searches_say() -> None:
    assert bugs.page() == PAGE


def test_every_known_bug_is_on_the_page() -> None:
    """Of every protocol that there is; and no bug that there is not."""
    found = {(row.protocol, row.bug, row.property) for row in rows()}
    known = {
        (name, bug.name, broken)
        for name in names()
        for bug in load(name).bugs.values()
        for broken in bug.breaks
    }
    assert found | set(bugs.BEYOND) == known
    assert not found & set(bugs.BEYOND)


def test_almost_every_known_bug_is_found_within_seconds() -> None:
    assert len(bugs.BEYOND) <= 1
    assert max(row.states for row in rows()) < 250_000
