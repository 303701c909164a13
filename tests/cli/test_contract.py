"""What programs may rely on: the JSON of play and simulate, and the exit statuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from tests.cli.conftest import Cli

WRONG = """
title = "Wrong"
protocol = "consensus/paxos"
[[step]]
do = ["ask p1 Propose value=A", "finish"]
expect = { "p1.learned" = "B", agreement = "holds" }
[end]
decided = "open"
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A scenario that expects what is not so."""
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG)
    return path


def test_play_prints_one_object_with_everything_that_happened(cli: Cli) -> None:
    ran = cli("play", "px_happy", "--json")
    assert ran.status == 0 and ran.err == ""
    assert list(ran.json) == [
        "scenario", "protocol", "verdict", "events", "properties", "outside", "cost", "state",
        "expectations",
    ]  # fmt: skip
    assert ran.json["protocol"] == "consensus/paxos" and ran.json["verdict"] == "pass"
    assert ran.json["outside"] == []
    assert ran.json["properties"]["agreement"] == "holds"
    assert ran.json["cost"]["messages"] == {
        "Accept": 3, "Accepted": 3, "Decide": 3, "Prepare": 3, "Promise": 3,
    }  # fmt: skip
    assert ran.json["cost"]["total"] == 15


def test_an_event_tells_action_message_and_fields(cli: Cli) -> None:
    events = cli("play", "px_happy", "--json").json["events"]
    assert events[0] == {
        "n": 1, "action": "ask", "id": None, "kind": "Propose", "src": None, "dst": "p1",
        "fields": {"value": "A"},
    }  # fmt: skip
    assert events[1] == {
        "n": 2, "action": "deliver", "id": "m1", "kind": "Prepare", "src": "p1", "dst": "a1",
        "fields": {"n": [1, "p1"]},
    }  # fmt: skip


def test_values_are_those_of_json(cli: Cli) -> None:
    state = cli("play", "px_happy", "--json").json["state"]
    assert state["p1"]["n"] == [1, "p1"]
    assert state["p1"]["promises"] == {"a1": None, "a2": None}
    assert state["p1"]["accepts"] == ["a1", "a2"]
    assert state["a1"]["accepted"] == [[1, "p1"], "A"]


def test_several_scenarios_are_one_object_too(cli: Cli, wrong: Path) -> None:
    ran = cli("play", "px_happy", wrong, "--json")
    assert ran.status == 1
    assert ran.json["verdict"] == "fail"
    assert [r["verdict"] for r in ran.json["results"]] == ["pass", "fail"]


def test_an_expectation_that_is_not_met_fails_the_run(cli: Cli, wrong: Path) -> None:
    ran = cli("play", wrong, "--json")
    assert ran.status == 1 and ran.json["verdict"] == "fail"
    assert ran.json["expectations"] == [
        {"step": 1, "what": "p1.learned", "expected": "B", "got": "A", "ok": False},
        {"step": 1, "what": "agreement", "expected": "holds", "got": "holds", "ok": True},
        {"step": 0, "what": "decided", "expected": "open", "got": "reached", "ok": False},
    ]


def test_until_stops_the_script_and_leaves_its_end_unchecked(cli: Cli) -> None:
    played = cli("play", "px_happy", "--until", "1", "--json").json
    assert {e["n"] for e in played["events"]} == {1}
    assert {e["step"] for e in played["expectations"]} == {1}
    assert cli("play", "px_happy", "--until", "0", "--json").json["events"] == []


def test_a_seed_draws_other_lots_for_random_runs(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "lots.toml"
    path.write_text(
        'title = "Lots"\nprotocol = "consensus/paxos"\n'
        '[[step]]\ndo = ["ask p1 Propose value=A", "ask p2 Propose value=B", "seed 7 random 40"]\n'
    )
    runs = [cli("play", path, "--json", *seed).out for seed in ((), ("--seed", "7"))]
    assert runs[0] == runs[1]
    assert cli("play", path, "--json", "--seed", "8").out != runs[0]


def test_simulate_prints_one_object(cli: Cli) -> None:
    ran = cli("simulate", "consensus/paxos", "--json")
    assert ran.status == 0
    assert list(ran.json) == ["runs", "seed", "verdicts", "cost", "violations"]
    assert ran.json["verdicts"]["agreement"] == {"holds": 1}
    assert ran.json["verdicts"]["decided"] == {"reached": 1}
    assert ran.json["cost"]["total"] == 15 and ran.json["cost"]["delays"] == 5
    assert ran.json["violations"] == []


@pytest.mark.parametrize("acceptors", [1, 3, 5])
def test_n_acceptors_and_one_proposer_cost_5n_messages(cli: Cli, acceptors: int) -> None:
    size = ("--set", f"acceptors={acceptors}", "--set", "proposers=1")
    cost = cli("simulate", "consensus/paxos", *size, "--json").json["cost"]
    assert cost["total"] == 5 * acceptors


def test_several_runs_tell_least_median_and_most(cli: Cli) -> None:
    ran = cli(
        "simulate", "paxos", "--runs", "5", "--seed", "10", "--schedule", "random",
        "--loss", "0.2", "--duplicate", "0.2", "--json",
    )  # fmt: skip
    assert (ran.json["runs"], ran.json["seed"]) == (5, 10)
    total = ran.json["cost"]["total"]
    assert total["min"] <= total["median"] <= total["max"]
    assert set(ran.json["cost"]["messages"]["Prepare"]) == {"min", "median", "max"}
    assert sum(ran.json["verdicts"]["agreement"].values()) == 5


def test_a_property_that_breaks_inside_its_model_is_a_failure(cli: Cli, echo_wrong: Path) -> None:
    ran = cli("simulate", echo_wrong, "--json")
    assert ran.status == 1
    [violation] = ran.json["violations"]
    assert violation["property"] == "right" and violation["outside"] == []
    assert violation["trace"] == ['ask c1 Wonder text="hello c1"', *violation["trace"][1:]]


def test_a_property_that_breaks_for_want_of_an_assumption_is_a_lesson(cli: Cli) -> None:
    lossy = ("simulate", "two_generals", "--loss", "0.5", "--runs", "20")
    ran = cli(*lossy, "--json")
    assert ran.status == 0
    assert {v["property"] for v in ran.json["violations"]} == {"agreement"}
    told = cli(*lossy).out
    assert "It is not promised in this model: it needs reliable links and synchrony." in told
    assert told.endswith("No property broke inside its model.\n")


def test_asks_are_lines_of_the_notation(cli: Cli) -> None:
    two = ("--ask", "p1 Propose value=A", "--ask", "p2 Propose value=B")
    verdicts = cli("simulate", "paxos", *two, "--json").json["verdicts"]
    assert verdicts["agreement"] == {"holds": 1}


def test_list_names_protocols_and_scenarios(cli: Cli) -> None:
    listed = cli("list", "--json").json
    assert {"name": "consensus/px_duel", "family": "consensus", "title": "Dueling leaders"} in (
        listed["scenarios"]
    )
    assert "consensus/paxos" in {p["name"] for p in listed["protocols"]}


def test_schema_and_export_are_json(cli: Cli, tmp_path: Path) -> None:
    assert cli("schema").json["$defs"]["Scenario"]["required"] == ["title", "protocol"]
    exported = cli("export", "px_happy", "--to", "json")
    assert exported.json == cli("play", "px_happy", "--json").json
    assert cli("export", "px_happy", "--to", "json", "-o", tmp_path / "run.json").out == ""
    assert (tmp_path / "run.json").read_text() == exported.out


def test_explain_is_an_object_too(cli: Cli) -> None:
    page = cli("explain", "paxos", "--json").json
    assert page["name"] == "consensus/paxos"
    assert {"setup": "by default", "messages": 15, "delays": 5, "stable_writes": 7} in page["costs"]


def test_what_is_set_is_kept_as_a_scenario_file_has_it(cli: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "found.toml"
    given = ("bug=decide_on_accept", "proposers=1", "colocated=false")
    sets = [word for pair in given for word in ("--set", pair)]
    assert cli("search", "paxos", *sets, "--save", kept).status == 1
    setup = tomli.loads(kept.read_text(encoding="utf-8"))["setup"]
    assert setup == {"bug": "decide_on_accept", "proposers": 1, "colocated": False}
