"""Facts about `playground compare`: a script on several protocols, as text and as JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.session import comparisons
from tests.cli.conftest import Cli

TOUR = ("compare", "--script", "cap_tour")


@pytest.mark.parametrize("name", comparisons.names())
def test_every_comparison_reads_well(cli: Cli, name: str) -> None:
    ran = cli("compare", "--script", name)
    assert (ran.status, ran.err) == (0, "")
    assert "$" not in ran.out and "()" not in ran.out and ".." not in ran.out


def test_the_cap_tour_ends_with_a_table_of_who_was_served_and_told_right(cli: Cli) -> None:
    said = cli(*TOUR).out
    assert "side 1 (w1 S1 S2 r1): not available, consistent.\n" in said
    assert "side 1 (p1 p2): available, not consistent (p2).\n" in said
    table = said[said.index("Available, consistent?") :].split("\n\n")[0]
    assert [line.split("  ")[0] for line in table.splitlines()[1:]] == [
        "ABD (CP)",
        "Causal store (AP)",
        "Read one, write all (CA)",
    ]
    cells = ["yes, yes", "no, yes", "yes, yes", "yes, yes", "yes"]
    assert re.split(r"  +", table.splitlines()[1])[1:] == cells


def test_sides_of_lanes_that_are_alike_are_told_without_names(cli: Cli) -> None:
    second = cli(*TOUR).out.split("\n\n")[2]
    assert "They are alike" in second and "    side 2: available." in second


def test_for_programs_each_side_and_each_client_is_told(cli: Cli) -> None:
    told = cli(*TOUR, "--json").json
    assert told["verdict"] == "pass" and set(told["lanes"]) == set(told["steps"][0]["lanes"])
    ends = [lane["agreed"] for lane in told["steps"][-1]["lanes"].values()]
    assert ends == [True, True, True]
    lane = told["steps"][4]["lanes"]["Read one, write all (CA)"]
    assert [(s["available"], s["consistent"]) for s in lane["served"]] == [
        (True, False),
        (True, True),
    ]
    [c2] = [seat for seat in lane["clients"] if seat["who"] == "c2"]
    assert c2 == {
        "who": "c2",
        "side": 0,
        "asked": "Read",
        "answer": "B",
        "available": True,
        "consistent": False,
    }


def test_without_a_cut_there_is_no_table(cli: Cli) -> None:
    ran = cli("compare", "--script", "coordinator_dies")
    assert ran.status == 0 and "Available, consistent?" not in ran.out


def test_two_protocols_are_compared_by_lines_of_a_file(cli: Cli, tmp_path: Path) -> None:
    script = tmp_path / "faults.txt"
    script.write_text("ask w1 Write value=A\nfinish\nask r1 Read\nfinish\n")
    ran = cli("compare", "abd_regular", "abd_atomic", "--script", script)
    assert ran.status == 0 and "Step 4 of 4. finish." in ran.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--script", "cap_tuor"), "did you mean cap_tour?"),
        (("--script", "px_duel"), "name two protocols to compare"),
        (("paxos", "paxso", "--script", "px_duel"), "did you mean paxos?"),
        (("paxos", "om"), "missing option '--script'"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    cli: Cli, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = cli("compare", *arguments)
    assert ran.status == 2 and ran.out == "" and sentence in ran.err
    assert ran.err.count("\n") == 1
