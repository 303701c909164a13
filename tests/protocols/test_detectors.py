"""Facts about failure detectors: what they cost, what they promise where, and which slip breaks
what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import World
from playground.protocol import Instant
from playground.protocol.detector import (
    CLASSES,
    Leader,
    Recovered,
    Scene,
    Suspect,
    Trust,
    classes,
    satisfied,
)
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from tests.helpers import played, session
from tests.search.plain import Faults, Report, explore

BEATING = ["heartbeat", "eventually_perfect", "omega", "fixed_timeout"]
PERFECT = ["heartbeat", "ping_ack"]
SUSPICIOUS = ["heartbeat", "ping_ack", "eventually_perfect", "fixed_timeout"]


def run(name: str, *lines: str, **setup: Any) -> Session:
    return played(f"detectors/{name}", *lines, setup=setup)


def fields(run: Session, pid: str) -> dict[str, Any]:
    return vars(run.world.nodes[pid])


# ---- costs


@pytest.mark.parametrize("n", range(2, 7))
@pytest.mark.parametrize("name", BEATING)
def test_heartbeats_cost_n_times_n_less_1_messages_and_1_delay_a_period(name: str, n: int) -> None:
    beats = run(name, "deliver * *>*", "advance 10", "fire * Beat", "deliver * *>*", n=n)
    costs = cost(beats.state)
    assert costs["messages"] == {"Heartbeat": 2 * n * (n - 1)}
    assert cost(run(name, "deliver * *>*", n=n).state)["delays"] == 1
    assert costs["stable_writes"] == 0


@pytest.mark.parametrize("n", range(2, 7))
def test_pings_cost_twice_as_many_and_2_delays(n: int) -> None:
    costs = cost(run("ping_ack", "deliver * *>*", "deliver * *>*", n=n).state)
    assert costs["messages"] == {"Ping": n * (n - 1), "Pong": n * (n - 1)}
    assert costs["delays"] == 2


@pytest.mark.parametrize("n", range(2, 7))
def test_a_beacon_costs_n_less_1_messages_a_period(n: int) -> None:
    lines = ["deliver * *>*", "advance 10", "fire * Beat", "deliver * *>*"]
    costs = cost(run("omega", *lines, n=n, mode="beacon").state)
    assert costs["messages"] == {"Heartbeat": 2 * (n - 1)}


@pytest.mark.parametrize("n", range(2, 7))
def test_a_recovery_costs_n_less_1_squared_messages(n: int) -> None:
    notice = run("recovery_notice", "crash p1", "recover p1", "run fifo 100", n=n)
    assert cost(notice.state)["messages"] == {"BackAgain": (n - 1) ** 2}


# ---- every run of a small system, counted

SMALL = {"n": 2, "period": 2, "delay": 1}
EAGER = {"n": 2, "period": 2, "timeout": 3, "delta": 1}


def search(name: str, setup: Mapping[str, Any], faults: Faults, *properties: str) -> Report:
    protocol = load(f"detectors/{name}")
    checked = [protocol.property(p) for p in properties] or protocol.properties
    start: World = session(f"detectors/{name}", setup).world
    return explore(start, checked, faults, limit=100_000)


def until(time: int, **faults: int) -> Faults:
    return replace(Faults(until=Instant(time)), **faults)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "setup", "faults", "worlds"),
    [
        pytest.param("heartbeat", SMALL, until(8), 157, id="heartbeats"),
        pytest.param("heartbeat", SMALL, until(7, crashes=1), 326, id="one down"),
        pytest.param("heartbeat", SMALL, until(6, crashes=1, recoveries=1), 1_695, id="and back"),
        pytest.param("heartbeat", SMALL, until(5, duplicates=1), 335, id="one doubled"),
        pytest.param("ping_ack", SMALL | {"period": 3}, until(7, crashes=1), 287, id="pings"),
    ],
)
def test_where_delays_are_bounded_no_run_makes_a_mistake(
    name: str, setup: Mapping[str, Any], faults: Faults, worlds: int
) -> None:
    report = search(name, setup, faults)
    assert report.complete and report.violation is None
    assert report.reached == {"completeness", "eventual_accuracy", "acquaintance"}
    assert report.worlds == worlds


def test_a_recovery_notice_is_never_wrong() -> None:
    report = search("recovery_notice", {"n": 3}, Faults(crashes=2, recoveries=2, duplicates=1))
    assert report.complete and report.violation is None
    assert report.worlds == 6_115


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "setup", "faults", "worlds"),
    [
        pytest.param("heartbeat", SMALL | {"n": 3}, until(2), 2_989, id="three"),
        pytest.param("omega", EAGER, until(4, crashes=1, recoveries=1), 58_846, id="Omega"),
        pytest.param(
            "omega",
            EAGER | {"mode": "beacon"},
            until(6, crashes=1, recoveries=1),
            47_370,
            id="beacon",
        ),
    ],
)
def test_no_run_of_a_larger_system_breaks_a_property(
    name: str, setup: Mapping[str, Any], faults: Faults, worlds: int
) -> None:
    report = search(name, setup, faults)
    assert report.complete and report.violation is None
    assert report.worlds == worlds


@pytest.mark.parametrize("name", ["eventually_perfect", "fixed_timeout"])
def test_without_a_known_bound_a_mistake_is_three_steps_away(name: str) -> None:
    setup = {k: v for k, v in EAGER.items() if k != "delta" or name == "eventually_perfect"}
    report = search(name, setup, until(4))
    assert report.violation is not None and report.violation.property.name == "accuracy"
    assert len(report.violation.trace) == 3


# ---- known bugs

FOUND_BY_SEARCH: dict[str, tuple[str, Mapping[str, Any], Faults, int]] = {
    "heartbeat/short_timeout": ("heartbeat", SMALL, until(5), 4),
    "heartbeat/same_life": ("heartbeat", SMALL, until(9, crashes=1, recoveries=1), 7),
    "heartbeat/any_beat_counts": ("heartbeat", SMALL | {"delay": 2}, until(5), 4),
    "eventually_perfect/keeps_patience": (
        "eventually_perfect",
        EAGER,
        until(6, crashes=1, recoveries=1),
        7,
    ),
    "omega/first_by_name": ("omega", EAGER, until(4, crashes=1, recoveries=1), 2),
    "omega/any_beat_counts": ("omega", EAGER, until(4), 4),
}
DETECTORS = [
    *("heartbeat", "ping_ack", "eventually_perfect", "fixed_timeout"),
    *("omega", "recovery_notice", "scripted"),
]


def test_there_is_a_search_or_a_run_for_every_known_bug() -> None:
    known = {f"{name}/{bug}" for name in DETECTORS for bug in load(f"detectors/{name}").bugs}
    assert known == {*FOUND_BY_SEARCH, "omega/asks_itself"}


def test_who_waits_for_its_own_beats_follows_somebody_who_does_the_same() -> None:
    right = run("omega", "run fifo 100", n=2)
    wrong = run("omega", "run fifo 100", n=2, bug="asks_itself")
    assert right.state.broken == ()
    assert [broken.property for broken in wrong.state.broken] == ["self_trust"]
    assert right.verdicts()["leadership"] == "reached"
    assert wrong.verdicts()["leadership"] != "reached"
    assert [fields(wrong, p)["leader"] for p in ("p1", "p2")] == ["p2", "p1"]


@pytest.mark.parametrize("bug", FOUND_BY_SEARCH)
def test_a_search_finds_what_a_known_bug_breaks(bug: str) -> None:
    name, setup, faults, length = FOUND_BY_SEARCH[bug]
    what = bug.split("/")[1]
    for broken in load(f"detectors/{name}").bugs[what].breaks:
        report = search(name, {**setup, "bug": what}, faults, broken)
        assert report.violation is not None
        assert len(report.violation.trace) == length


# ---- random runs with every fault of the model


@settings(max_examples=15)
@given(st.sampled_from(PERFECT), st.sampled_from([2, 3, 4]), st.integers(0, 2**32))
def test_no_storm_inside_the_bounds_misleads_a_perfect_detector(
    name: str, n: int, seed: int
) -> None:
    storm = session(f"detectors/{name}", {"n": n})
    storm.run(Chance(seed, Odds(duplicate=0.1, crashes=2 * n)), 200)
    assert (storm.outside(), storm.state.broken) == ([], ())


@settings(max_examples=10)
@given(st.integers(1, 3), st.integers(0, 2**32))
def test_clocks_that_drift_as_far_as_they_may_mislead_no_heartbeat(rho: int, seed: int) -> None:
    storm = session("detectors/heartbeat", {"rho": f"{rho}/4"})
    storm.run(Chance(seed, Odds(crashes=2)), 200)
    assert (storm.outside(), storm.state.broken) == ([], ())


@settings(max_examples=15)
@given(st.sampled_from(SUSPICIOUS), st.integers(0, 2**32))
def test_after_a_storm_who_is_down_is_suspected_and_who_is_up_is_not(name: str, seed: int) -> None:
    storm = session(f"detectors/{name}")
    storm.run(Chance(seed, Odds(duplicate=0.1, crashes=3)), 150)
    storm.say("finish")
    words = storm.verdicts()
    assert (words["completeness"], words["eventual_accuracy"]) == ("reached", "reached")
    assert bugs(storm.state, storm.properties) == []


@settings(max_examples=15)
@given(st.sampled_from(["all", "beacon"]), st.integers(0, 2**32))
def test_after_a_storm_there_is_one_leader_who_is_up(mode: str, seed: int) -> None:
    storm = session("detectors/omega", {"mode": mode, "n": 4})
    storm.run(Chance(seed, Odds(duplicate=0.1, crashes=3)), 150)
    storm.say("finish")
    assert storm.verdicts()["leadership"] == "reached"
    assert storm.state.broken == ()


# ---- goals, and what a run that only beats hearts says of them


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_a_run_that_only_beats_hearts_is_seen_to_repeat(name: str) -> None:
    beats = run(name, "cut {p1} | {p2,p3}", "run fifo 60")
    assert beats.verdicts()["eventual_accuracy"] == "blocked"


def test_a_link_that_is_dead_in_one_direction_keeps_a_leader_from_being_known() -> None:
    beats = run("omega", "deliver * *>*", "cut p1>p2", "run fifo 60")
    assert beats.verdicts()["leadership"] == "blocked"


def test_a_process_that_never_returns_is_never_reported_by_those_that_wait_for_proofs() -> None:
    notice = run("recovery_notice", "crash p3", "advance 1000")
    assert notice.verdicts() == {"accuracy": "holds", "completeness": "blocked"}


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_a_crash_that_is_not_yet_noticed_leaves_a_goal_open(name: str) -> None:
    beats = run(name, "run fifo 60", "crash p3")
    assert beats.verdicts()["completeness"] == "open"


# ---- the rules, one by one


def test_a_timeout_that_was_outgrown_by_a_mistake_starts_anew_after_a_restart() -> None:
    beats = run("eventually_perfect", "deliver * *>*", "advance 12", "fire p1 Check of=p2")
    beats.say("fire p2 Beat")
    beats.say("deliver Heartbeat p2>p1")
    assert fields(beats, "p1")["timeouts"] == {"p2": 17}
    beats.say("crash p2")
    beats.say("recover p2")
    beats.say("deliver Heartbeat p2>p1")
    assert fields(beats, "p1")["timeouts"] == {}


def test_who_was_suspected_and_is_back_was_no_mistake() -> None:
    beats = run("eventually_perfect", "deliver * *>*", "crash p2", "advance 12")
    for line in ("fire p1 Check of=p2", "recover p2", "deliver Heartbeat p2>p1 incarnation=1"):
        beats.say(line)
    assert fields(beats, "p1")["timeouts"] == {}
    assert fields(beats, "p1")["suspected"] == frozenset()


def test_a_tuned_timeout_is_the_mean_gap_and_four_times_its_deviation() -> None:
    beats = run("fixed_timeout", "deliver * *>*", n=2, tuned=True)
    for late in (4, 0):
        for line in ("advance 10", "fire * Beat", f"advance {late}", "deliver * *>*"):
            if line != "advance 0":
                beats.say(line)
        if late:
            beats.say(f"clock * offset=-{late}")
    assert fields(beats, "p1")["gaps"] == {"p2": (14, 6)}


def test_retries_are_beats_missed_in_a_row() -> None:
    beats = run("fixed_timeout", "deliver * *>*", "advance 15", n=2, retries=2)
    beats.say("fire p1 Check")
    assert fields(beats, "p1")["missed"] == {"p2": 1}
    beats.say("fire p2 Beat")
    beats.say("deliver Heartbeat p2>p1")
    assert fields(beats, "p1")["missed"] == {}
    beats.say("advance 15")
    beats.say("fire p1 Check")
    beats.say("advance 15")
    beats.say("fire p1 Check")
    assert fields(beats, "p1")["suspected"] == {"p2"}


def test_a_ping_of_an_earlier_life_has_no_answer_in_this_one() -> None:
    pings = run("ping_ack", "deliver Ping p1>p2", "crash p1", "recover p1", "deliver Pong p2>p1")
    assert fields(pings, "p1")["answered"] == {}


@pytest.mark.parametrize(
    ("name", "setup", "why"),
    [
        ("heartbeat", {"timeout": 12}, "the timeout must be above 12"),
        ("heartbeat", {"rho": 1}, "clocks that go on"),
        ("ping_ack", {"period": 4}, "must be above 4, or the living are suspected"),
        ("fixed_timeout", {"retries": 0}, "retries must be above 0"),
        ("omega", {"delta": 0}, "must be above 0"),
        ("recovery_notice", {"n": 0}, "there must be a process"),
        ("scripted", {"n": 0}, "there must be a process"),
    ],
)
def test_times_and_sizes_that_make_no_sense_are_refused(
    name: str, setup: Mapping[str, Any], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        session(f"detectors/{name}", setup)


# ---- the user as the detector


def test_what_the_oracle_says_prints_as_it_was_typed() -> None:
    lines = ["suspect p1 p2", "trust p1 p2", "leader p1 p3"]
    told = run("scripted", *lines)
    assert [event.command for event in told.past()] == lines


def test_the_oracle_speaks_to_all_that_are_up() -> None:
    told = run("scripted", "crash p2", "leader * p1")
    assert [event.command for event in told.past()][1:] == ["leader p1 p1", "leader p3 p1"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("leader * p9", "unknown node 'p9'"),
        ("suspect p1", "suspect p1 p2, or suspect \\* p2"),
        ("leader p9 p1", "unknown node 'p9'"),
    ],
)
def test_an_oracle_that_speaks_of_nobody_is_refused(line: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        run("scripted", line)


def test_where_the_detector_is_a_protocol_the_user_is_none() -> None:
    with pytest.raises(BadInput, match="you are not the failure detector here"):
        run("omega", "leader * p1")


def test_at_the_end_the_oracle_tells_the_truth_and_no_more_than_is_needed() -> None:
    told = run("scripted", "suspect p1 p2", "crash p3", "leader p1 p1", "finish")
    assert [event.command for event in told.past()][3:] == [
        *("trust p1 p2", "suspect p1 p3", "suspect p2 p3", "leader p2 p1"),
    ]
    assert set(told.verdicts().values()) == {"reached", "violated"}


# ---- what outputs satisfy

ALL = frozenset({"p1", "p2", "p3"})


def run_of(*moments: tuple[frozenset[str], list[tuple[str, Any]]]) -> list[Scene]:
    return [Scene(up, tuple(told)) for up, told in moments]


def test_silence_without_a_crash_could_be_that_of_a_perfect_detector() -> None:
    assert classes(run_of((ALL, []))) == (
        "perfect",
        "strong",
        "eventually perfect",
        "eventually strong",
    )


def test_one_mistake_rules_out_a_perfect_detector_for_good() -> None:
    scenes = run_of((ALL, [("p1", Suspect("p2"))]), (ALL, [("p1", Trust("p2"))]))
    assert classes(scenes[:1]) == ("strong", "eventually strong")
    assert classes(scenes) == ("strong", "eventually perfect", "eventually strong")


def test_mistakes_about_everybody_rule_out_a_strong_detector_too() -> None:
    wrong = [("p1", Suspect("p2")), ("p2", Suspect("p3")), ("p3", Suspect("p1"))]
    right = [("p1", Trust("p2")), ("p2", Trust("p3")), ("p3", Trust("p1"))]
    assert classes(run_of((ALL, wrong))) == ()
    assert classes(run_of((ALL, wrong), (ALL, right))) == (
        "eventually perfect",
        "eventually strong",
    )


def test_whoever_is_down_must_be_suspected_by_all_that_are_up() -> None:
    up = ALL - {"p3"}
    crash = run_of((ALL, []), (up, []))
    half = run_of((up, [("p1", Suspect("p3"))]))
    whole = run_of((up, [("p2", Suspect("p3"))]))
    assert "complete" not in satisfied(crash) and "complete" not in satisfied(crash + half)
    assert classes(crash + half + whole) == (
        "perfect",
        "strong",
        "eventually perfect",
        "eventually strong",
    )


def test_a_suspicion_that_comes_when_the_victim_is_back_was_none_too_early() -> None:
    up = ALL - {"p3"}
    scenes = run_of((ALL, []), (up, []), (ALL, [("p1", Suspect("p3"))]))
    assert "accurate" in satisfied(scenes)
    again = run_of((ALL, [("p1", Recovered("p3"))]), (ALL, [("p1", Suspect("p3"))]))
    assert "accurate" not in satisfied(scenes + again)


def test_omega_is_one_leader_for_all_that_are_up_who_is_up() -> None:
    all_follow = [(p, Leader("p1")) for p in sorted(ALL)]
    assert "Omega" in satisfied(run_of((ALL, all_follow)))
    assert "Omega" not in satisfied(run_of((ALL, all_follow[:2])))
    assert "Omega" not in satisfied(run_of((ALL, all_follow), (ALL - {"p1"}, [])))


def test_every_class_can_be_told_by_its_claims() -> None:
    assert len(set(CLASSES.values())) == len(CLASSES)
