"""Simulations: seeded, repeatable, with faults, and always with a fair end."""

from __future__ import annotations

import pytest

from playground.session.catalog import load, names
from playground.session.errors import BadInput
from playground.session.schedule import Odds
from playground.session.simulate import Plan, run, simulate
from tests.helpers import played

PAXOS = load("consensus/paxos")
DUEL = ("p1 Propose value=A", "p2 Propose value=B")
BAD_LUCK = Odds(loss=0.1, duplicate=0.1, crashes=1)


def test_the_same_seed_gives_the_same_run() -> None:
    plan = Plan(PAXOS, asks=DUEL, policy="random", odds=BAD_LUCK)
    assert run(plan, 5) == run(plan, 5)
    assert run(plan, 5).cost != run(plan, 6).cost


def test_run_i_of_several_uses_the_seed_plus_i() -> None:
    plan = Plan(PAXOS, policy="random", odds=BAD_LUCK)
    assert simulate(plan, runs=3, seed=7).outcomes[2] == run(plan, 9)


def test_each_run_is_heard_of_as_it_ends() -> None:
    heard: list[int] = []
    simulate(Plan(PAXOS), runs=3, heard=lambda outcome: heard.append(outcome.seed))
    assert heard == [0, 1, 2]


def test_the_fifo_schedule_without_faults_draws_no_lots() -> None:
    assert run(Plan(PAXOS), 1).cost == run(Plan(PAXOS), 2).cost


def test_the_fifo_schedule_knows_faults_too() -> None:
    lossy = simulate(Plan(PAXOS, odds=Odds(loss=0.5)), runs=5)
    assert len({outcome.cost["total"] for outcome in lossy.outcomes}) > 1
    assert lossy.verdicts()["decided"] == {"reached": 5}


@pytest.mark.parametrize("name", names())
def test_every_goal_gets_a_verdict_after_a_workload_without_faults(name: str) -> None:
    protocol = load(name)
    verdicts = run(Plan(protocol)).verdicts
    assert {verdicts[p.name] for p in protocol.properties} <= {"holds", "reached"}


def test_a_majority_of_crashes_blocks() -> None:
    plan = Plan(PAXOS, {"acceptors": "1"}, odds=Odds(crashes=1, recover=0.0))
    summary = simulate(plan, runs=20)
    assert "blocked" in summary.verdicts()["decided"]
    assert not summary.bug


def test_a_known_bug_is_found_inside_the_model_and_its_trace_replays() -> None:
    two = ("p1 Propose value=A", "p2 Propose value=B")
    plan = Plan(PAXOS, {"bug": "decide_on_accept"}, two, "random", Odds(loss=0.2))
    summary = simulate(plan, runs=40)
    assert summary.bug
    first = next(v for v in summary.violations if v.bug)
    replayed = played("consensus/paxos", *first.trace, setup={"bug": "decide_on_accept"})
    assert first.property in {b.property for b in replayed.state.broken}
    assert replayed.outside() == first.outside == []


def test_more_crashes_than_the_model_bears_are_told() -> None:
    plan = Plan(PAXOS, odds=Odds(crashes=5, recover=0.0), policy="random")
    summary = simulate(plan, runs=5)
    assert not summary.bug


def test_a_bad_ask_changes_nothing_and_is_told() -> None:
    with pytest.raises(BadInput, match="unknown node 'p9'"):
        run(Plan(PAXOS, asks=["p9 Propose value=A"]))
