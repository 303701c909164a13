"""Side by side: one script of faults on several protocols."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.session import catalog, comparisons
from playground.session.compare import SideBySide
from playground.session.errors import BadInput
from playground.session.seats import phases, seating
from playground.session.session import Session

SCRIPT = """\
title = "Who survives"

[[lane]]
name = "2PC"
protocol = "commit/two_phase_commit"
words = { ask = "ask c Begin", boss = "c", help = "" }
end = { decided = "blocked" }

[[lane]]
name = "Paxos"
protocol = "consensus/paxos"
words = { ask = "ask p1 Propose value=A", boss = "p1", help = ["ask p2 Propose value=B", "step"] }

[[step]]
do = ["$ask", "crash $boss"]

[[step]]
do = ["$help", "ask $boss Propose value=C", "finish"]
expect = { Paxos = { decided = "reached" } }
"""


def opened(tmp_path: Path, source: str = SCRIPT, lanes: list[str] | None = None) -> SideBySide:
    path = tmp_path / "script.toml"
    path.write_text(source)
    return SideBySide(path, lanes)


@pytest.mark.parametrize("name", comparisons.names())
def test_every_comparison_that_ships_comes_out_as_it_says(name: str) -> None:
    side_by_side = SideBySide(comparisons.find(name))
    rows = list(side_by_side.play())
    compared = [e for row in rows for e in row.expectations] + side_by_side.end()
    assert compared and [e for e in compared if not e[1].ok] == []
    assert any(row.differs for row in rows)
    assert side_by_side.comparison.lesson and side_by_side.comparison.seeds


def test_each_lane_has_its_own_words_and_may_have_none(tmp_path: Path) -> None:
    first, second = opened(tmp_path).play()
    assert not first.differs and second.differs
    assert dict(second.views["Paxos"].goals)["decided"] == "reached"
    assert dict(second.views["2PC"].goals)["decided"] == "blocked"


def test_what_a_lane_refuses_is_seen_and_stops_nothing(tmp_path: Path) -> None:
    _, second = opened(tmp_path).play()
    [why] = second.views["2PC"].refused
    assert why.startswith("unknown input 'Propose'")
    assert "refused: p1 is down" in str(second.views["Paxos"])


def test_lanes_are_chosen_by_name_or_protocol(tmp_path: Path) -> None:
    side_by_side = opened(tmp_path, lanes=["consensus/paxos", "2PC"])
    assert list(side_by_side.sessions) == ["Paxos", "2PC"]


def test_the_tour_through_a_partition_tells_which_clients_are_not_served() -> None:
    tour = list(SideBySide(comparisons.find("cap_tour")).play())
    served = [{name: view.seating.waiting for name, view in row.views.items()} for row in tour]
    both = ("w1", "r1")
    expected = [(), (), ("w1",), ("w1",), both, both, (), ()]
    assert [step["ABD (CP)"] for step in served] == expected
    others = ("Causal store (AP)", "Read one, write all (CA)")
    assert not any(step[name] for step in served for name in others)
    cut_off = tour[4].views
    assert "w1 waits; r1 waits" in str(cut_off["ABD (CP)"]) and not cut_off["ABD (CP)"].broken
    assert all("atomic" in cut_off[name].broken for name in others)


def test_the_tour_tells_who_was_served_and_told_right_before_during_and_after_the_cut() -> None:
    tour = list(SideBySide(comparisons.find("cap_tour")).play())
    told = {
        name: [
            (when, seat.available, seat.consistent)
            for when, seat in phases(row.views[name].seating for row in tour)
        ]
        for name in tour[0].views
    }
    gives_up_consistency = [
        ("before", True, True),
        ("side 1", True, False),
        ("side 2", True, True),
        ("after", True, False),
    ]
    assert told == {
        "ABD (CP)": [
            ("before", True, True),
            ("side 1", False, True),
            ("side 2", True, True),
            ("after", True, True),
        ],
        "Causal store (AP)": gives_up_consistency,
        "Read one, write all (CA)": gives_up_consistency,
    }


def test_a_side_on_which_nobody_was_asked_is_neither_available_nor_not() -> None:
    session = Session(catalog.load("registers/abd_mwmr"))
    for line in ("ask w1 Write value=A", "finish", "cut {w1,S1,S2} | {r1,r2,w2,S3}"):
        session.say(line)
    left, right = seating(session).totals
    assert (left.verdict, right.verdict) == ("available", "not asked")
    assert [name for name, _ in phases([seating(session)])] == ["side 1", "side 2"]


BAD = [
    (SCRIPT.replace("$boss", "$bos"), ":15:", "did you mean boss?"),
    (SCRIPT.replace("crash $boss", "crsh $boss"), ":15:", "did you mean crash?"),
    (SCRIPT.replace("{ Paxos =", "{ Paxo ="), ":19:", "did you mean Paxos?"),
    (SCRIPT.replace('{ decided = "reached"', '{ decidd = "reached"'), ":19:", "decided"),
    (SCRIPT.replace('end = { decided', "end = { decidd"), ":7:", "decided"),
    (SCRIPT.replace("consensus/paxos", "consensus/paxso"), ":9:", "consensus/paxos"),
    (SCRIPT.replace("words = { ask = \"ask c", "wrds = { ask = \"ask c"), ":6:", "words"),
    (SCRIPT.split("[[lane]]\nname = \"Paxos\"")[0] + "[[step]]\n", "", "length"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "where", "sentence"), BAD, ids=[b[2] for b in BAD])
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, source: str, where: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as error:
        list(opened(tmp_path, source).play())
    assert where in str(error.value) and sentence in str(error.value)


def test_a_lane_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="did you mean Paxos"):
        opened(tmp_path, lanes=["2PC", "Paxoss"])
    with pytest.raises(BadInput, match="lane Paxos is there twice"):
        opened(tmp_path, SCRIPT.replace('name = "2PC"', 'name = "Paxos"'))
    with pytest.raises(BadInput, match="one lane can't be compared"):
        opened(tmp_path, lanes=["2PC"])


FAULTS = """\
# the same faults for both

ask p1 Propose value=A
crash p1
finish
"""


def test_a_script_without_lanes_is_for_the_protocols_that_are_named(tmp_path: Path) -> None:
    path = tmp_path / "faults.txt"
    path.write_text(FAULTS)
    rows = list(SideBySide(path, ["paxos", "consensus/synod_ofcons"]).play())
    assert [list(row.views) for row in rows] == [["paxos", "consensus/synod_ofcons"]] * 3
    assert [lane.protocol for lane in SideBySide(path, ["paxos", "om"]).lanes] == ["paxos", "om"]


def test_a_scenario_is_played_on_other_protocols_as_well() -> None:
    duel = comparisons.find("px_duel")
    [first, *_] = SideBySide(duel, ["consensus/paxos", "omega_consensus"]).play()
    assert first.views["consensus/paxos"].refused == ()
    assert "unknown message 'Prepare'" in first.views["omega_consensus"].refused[0]


@pytest.mark.parametrize(
    ("source", "lanes", "sentence"),
    [
        (FAULTS, ["paxos"], "name two protocols to compare"),
        (FAULTS, ["paxos", "paxso"], "did you mean paxos?"),
        (FAULTS, ["paxos", "paxos"], "lane paxos is there twice"),
        ("# nothing\n", ["paxos", "om"], "holds no lines to play"),
        (f"{FAULTS}crahs p1\n", ["paxos", "om"], "faults.txt:6: unknown command 'crahs'"),
    ],
)
def test_a_bad_script_without_lanes_is_told_in_a_sentence(
    tmp_path: Path, source: str, lanes: list[str], sentence: str
) -> None:
    path = tmp_path / "faults.txt"
    path.write_text(source)
    with pytest.raises(BadInput, match=sentence.replace("?", r"\?")):
        SideBySide(path, lanes)
