"""Facts about Echo.  Run them with `python -m pytest`."""

from __future__ import annotations

from pathlib import Path

from playground.search import Faults, search
from playground.session.catalog import load
from playground.session.schedule import Odds
from playground.session.simulate import Plan, run, simulate

PROTOCOL = load(str(Path(__file__).with_name("echo.py")))


def test_without_failures_it_costs_two_messages_and_two_delays() -> None:
    outcome = run(Plan(PROTOCOL))
    assert outcome.verdicts == {"right": "holds", "answered": "reached"}
    assert (outcome.cost["total"], outcome.cost["delays"]) == (2, 2)


def test_no_run_with_two_faults_breaks_anything() -> None:
    search(PROTOCOL.module, faults=Faults(drops=1, duplicates=1, timers=2)).check()


def test_an_answer_comes_however_unlucky_the_run() -> None:
    plan = Plan(PROTOCOL, {"clients": 2}, policy="random", odds=Odds(loss=0.3, duplicate=0.3))
    summary = simulate(plan, runs=20)
    assert summary.violations == []
    assert summary.verdicts()["answered"] == {"reached": 20}
