"""Facts about sessions in timed worlds: what can be typed, what the schedules do, and when a run
that only repeats itself is told from one that gets somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.protocol import Instant
from playground.session.errors import BadInput
from playground.session.grammar import parse
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from tests.helpers import playback, played, session

HEARTBEAT = "detectors/heartbeat"


def now(run: Session) -> Instant:
    assert run.world.time is not None
    return run.world.time.now


# ---- the notation


@pytest.mark.parametrize(
    "line",
    [
        "advance 10",
        "advance 0.5",
        "advance 1/3",
        "clock p1 rate=0.5",
        "clock p1 offset=-2",
        "clock * strobe",
        "clock p1 rate=1/3 offset=2 strobe",
        "suspect p1 p2",
        "trust * p2",
        "leader * p1",
    ],
)
def test_what_is_printed_can_be_typed(line: str) -> None:
    assert str(parse(line)) == line


@pytest.mark.parametrize(
    "line", ["advance", "advance soon", "advance -1", "clock p1", "clock rate=2", "leader p1"]
)
def test_what_makes_no_sense_is_refused_with_an_example(line: str) -> None:
    with pytest.raises(BadInput, match=line.split()[0]):
        parse(line)


def test_where_there_is_no_time_none_can_pass() -> None:
    with pytest.raises(BadInput, match="there is no time here: timing is async"):
        played("consensus/paxos", "advance 1")


def test_a_step_of_a_timed_run_prints_as_it_was_typed() -> None:
    lines = ["advance 1/3", "clock p1 rate=0.5", "clock p2 offset=-2", "clock p3 strobe"]
    run = played(HEARTBEAT, *lines)
    assert [event.command for event in run.past()] == lines


# ---- what a scenario may say of it


SCENARIO = """
title = "Time"
protocol = "detectors/heartbeat"
[setup]
n = 2
[model]
delay = {delay}
drift = "1/3"
[[step]]
say = "A third of the time goes by."
do = ["clock p1 rate=4/3", "advance 3"]
[step.expect]
"p1.clock" = "{clock}"
detector = ["{kind}"]
"""


def test_a_scenario_may_bound_delays_and_expect_what_a_clock_shows() -> None:
    lesson = playback(SCENARIO.format(delay=2.5, clock=4, kind="perfect"))
    [step] = lesson.play()
    assert lesson.session.world.rules.model.delay == Instant(5, 2)
    got = {e.what: (e.ok, e.got) for e in step.expectations}
    assert got["p1.clock"] == (True, "4")
    assert got["detector"] == (False, "perfect, strong, eventually perfect, eventually strong")


@pytest.mark.parametrize(
    ("delay", "clock", "kind", "why"),
    [
        ('"soon"', 4, "perfect", "model.delay: soon is no number"),
        (2, "late", "perfect", "p1.clock: late is not a number, such as 10, 0.5 or 1/3"),
        (2, 4, "prefect", "did you mean perfect"),
    ],
)
def test_a_scenario_that_says_nonsense_of_time_is_refused(
    delay: str | int, clock: str | int, kind: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        list(playback(SCENARIO.format(delay=delay, clock=clock, kind=kind)).play())


# ---- schedules


def test_the_fair_schedule_delivers_then_fires_what_is_due_then_lets_time_pass() -> None:
    run = played(HEARTBEAT, "run fifo 7")
    assert [event.action for event in run.past()] == [*["deliver"] * 6, "advance"]
    run.say("run fifo 3")
    assert [event.action for event in run.past()][7:] == ["fire", "deliver", "deliver"]


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_chance_lets_time_pass_while_messages_are_on_their_way_but_never_too_long(
    seed: int,
) -> None:
    run = session(HEARTBEAT, {"rho": "1/3"})
    run.run(Chance(seed, Odds(duplicate=0.1)), 150)
    assert now(run) > 0
    assert run.outside() == []
    ages = [now(run) - (f.envelope.at or 0) for f in run.state.in_flight()]
    assert all(age <= 2 for age in ages)


def test_chance_knows_messages_that_took_all_the_time_they_may() -> None:
    slowest = Instant(0)
    run = session(HEARTBEAT)
    run.run(Chance(1), 300)
    for event, state in zip(run.past(), (run.history.at(i) for i in range(300)), strict=True):
        if event.action == "deliver" and event.id and state.world.time:
            flight = state.flight(event.id)
            assert flight is not None and flight.envelope.at is not None
            slowest = max(slowest, state.world.time.now - flight.envelope.at)
    assert slowest == 2


# ---- verdicts


def test_beating_hearts_alone_do_not_make_a_goal_open_for_ever() -> None:
    run = played(HEARTBEAT, "cut p1>p2", "run fifo 90")
    assert run.verdicts()["eventual_accuracy"] == "blocked"


def test_a_clock_of_another_rate_makes_the_circle_longer_but_not_endless() -> None:
    run = played(HEARTBEAT, "clock p1 rate=0.9", "cut p1>p2", "run fifo 90")
    assert run.verdicts()["eventual_accuracy"] in ("blocked", "livelock")


def test_what_went_round_before_a_fault_says_nothing_of_a_goal_that_was_reached_then() -> None:
    run = played(HEARTBEAT, "run fifo 90")
    assert run.verdicts()["completeness"] == "reached"
    run.say("crash p3")
    assert run.verdicts()["completeness"] == "open"


def test_finishing_a_timed_run_ends_when_its_goals_are_reached() -> None:
    run = played(HEARTBEAT, "deliver * *>*", "crash p3", "finish")
    assert run.verdicts()["completeness"] == "reached"
    assert now(run) == 13
