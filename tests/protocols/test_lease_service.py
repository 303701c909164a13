"""Facts about leases: what they cost, what no clock inside its bounds can break, and which slip
breaks what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, World
from playground.protocol import Instant
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.leases.lease_service import Acquire, GiveUp
from tests.helpers import played, session
from tests.search.plain import Faults, Report, explore

LEASES = load("leases/lease_service")
GRANT = ("ask h1 Acquire", "deliver LeaseReq h1>g", "deliver LeaseGrant g>h1")
H1, H2, DONE = Ask("h1", Acquire()), Ask("h2", Acquire()), Ask("h1", GiveUp())


def run(*lines: str, **setup: Any) -> Session:
    return played("leases/lease_service", *lines, setup=setup)


def fields(run: Session, pid: str) -> dict[str, Any]:
    return vars(run.world.nodes[pid])


# ---- costs


def test_a_grant_costs_2_messages_2_delays_and_a_write_of_the_grantor() -> None:
    costs = cost(run("ask h1 Acquire", "finish").state)
    assert costs["messages"] == {"LeaseGrant": 1, "LeaseReq": 1}
    assert (costs["delays"], costs["stable_writes_by_node"]) == (2, {"g": 1})


def test_a_renewal_costs_2_messages_and_no_write() -> None:
    costs = cost(run(*GRANT, "ask h1 Acquire", "deliver * *>*", "deliver * *>*").state)
    assert costs["messages"] == {"LeaseGrant": 2, "LeaseReq": 1, "Renew": 1}
    assert costs["stable_writes"] == 1


# ---- every run of a small system, counted

SMALL = {"term": 2, "retry": 100}
THIRD = SMALL | {"rho": "1/3"}
WORST = ("clock h1 rate=2/3", "clock g rate=4/3")
TWO = ("ask h1 Acquire", "ask h2 Acquire")
TIME = Faults(until=Instant(4), grain=Instant(1))


def search(setup: Mapping[str, Any], lines: tuple[str, ...], faults: Faults, *ids: str) -> Report:
    checked = [LEASES.property(p) for p in ids] or LEASES.properties
    start: World = run(*lines, **setup).world
    return explore(start, checked, faults, limit=100_000)


@pytest.mark.parametrize(
    ("setup", "lines", "faults", "worlds"),
    [
        pytest.param(SMALL, TWO, TIME, 433, id="two want it"),
        pytest.param(
            THIRD, (*TWO, *WORST), replace(TIME, grain=Instant(1, 2)), 1_597, id="worst clocks"
        ),
        pytest.param(
            SMALL, TWO, replace(TIME, until=Instant(3), duplicates=1), 1_792, id="one doubled"
        ),
        pytest.param(
            SMALL | {"renew": True},
            TWO,
            replace(TIME, until=Instant(2)),
            961,
            id="one keeps it",
        ),
        pytest.param(
            SMALL,
            TWO[:1],
            Faults(until=Instant(3), crashes=1, recoveries=1, extra=(H2,)),
            368,
            id="one crashes",
        ),
        pytest.param(
            SMALL, TWO[:1], Faults(until=Instant(0), extra=(DONE, H1, H2)), 346, id="returned"
        ),
    ],
)
def test_at_no_time_there_are_two_owners(
    setup: Mapping[str, Any], lines: tuple[str, ...], faults: Faults, worlds: int
) -> None:
    report = search(setup, lines, faults)
    assert report.complete and report.violation is None
    assert report.worlds == worlds


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_at_no_time_there_are_two_owners_whoever_crashes_when() -> None:
    faults = replace(TIME, crashes=1, recoveries=1, extra=(H2,))
    report = search(SMALL, TWO[:1], faults)
    assert report.complete and report.violation is None
    assert report.worlds == 10_281


# ---- known bugs

FOUND_BY_SEARCH: dict[str, tuple[Mapping[str, Any], tuple[str, ...], Faults, int]] = {
    "no_reboot_wait": (SMALL, TWO, Faults(until=Instant(0), crashes=1, recoveries=1), 6),
    "term_from_receipt": (SMALL, TWO[:1], replace(TIME, extra=(H2,)), 7),
    "full_term": (THIRD, (*TWO[:1], *WORST), replace(TIME, extra=(H2,)), 7),
    "same_life": (
        SMALL,
        ("ask h1 Acquire", "deliver LeaseReq h1>g", "crash h1", "recover h1", "advance 2"),
        Faults(until=Instant(2), extra=(H1, H2)),
        5,
    ),
    "same_epoch": (SMALL, TWO[:1], Faults(until=Instant(0), extra=(DONE, H1, H2)), 10),
}


def test_there_is_a_search_for_every_known_bug() -> None:
    assert set(FOUND_BY_SEARCH) == set(LEASES.bugs)


@pytest.mark.parametrize("bug", FOUND_BY_SEARCH)
def test_a_search_finds_what_a_known_bug_breaks(bug: str) -> None:
    setup, lines, faults, length = FOUND_BY_SEARCH[bug]
    for broken in LEASES.bugs[bug].breaks:
        report = search({**setup, "bug": bug}, lines, faults, broken)
        assert report.violation is not None
        assert len(report.violation.trace) == length


@pytest.mark.parametrize("bug", FOUND_BY_SEARCH)
def test_without_its_bug_the_same_search_finds_nothing(bug: str) -> None:
    setup, lines, faults, _ = FOUND_BY_SEARCH[bug]
    assert search(setup, lines, faults).violation is None


# ---- random runs with every fault of the model


def stormy(setup: Mapping[str, Any], seed: int, steps: int) -> Session:
    storm = session("leases/lease_service", setup)
    for i in range(4):
        for node in storm.nodes[1:]:
            if node.pid not in storm.world.down:
                again = GiveUp() if (seed + i) % 3 == 0 else Acquire()
                storm.history.do(Ask(node.pid, again))
        storm.run(Chance(seed + i, Odds(loss=0.1, duplicate=0.1, crashes=1)), steps)
    return storm


@settings(max_examples=25)
@given(
    st.sampled_from([{}, {"rho": "1/3"}, {"renew": True}, {"holders": 3, "rho": "1/2"}]),
    st.integers(0, 2**32),
)
def test_no_storm_makes_two_owners(setup: Mapping[str, Any], seed: int) -> None:
    storm = stormy(setup, seed, 40)
    assert (storm.outside(), storm.state.broken) == ([], ())


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_after_a_storm_whoever_wants_the_lease_gets_it(seed: int) -> None:
    storm = stormy({}, seed, 20)
    for down in sorted(storm.world.down):
        storm.say(f"recover {down}")
    storm.say("ask h1 Acquire")
    storm.say("ask h2 Acquire")
    storm.say("finish")
    assert storm.verdicts()["served"] == "reached"


@settings(max_examples=20)
@given(st.fractions(0, Fraction(3, 4), max_denominator=8), st.integers(0, 2**32))
def test_whatever_the_drift_is_the_holder_gives_up_in_time(rho: Fraction, seed: int) -> None:
    storm = stormy({"rho": str(rho)}, seed, 30)
    assert bugs(storm.state, storm.properties) == []


# ---- the rules, one by one


@pytest.mark.parametrize(
    ("rho", "expiry"), [("0", 10), ("1/3", 5), ("0.5", Fraction(10, 3)), ("0.9", Fraction(10, 19))]
)
def test_the_term_of_the_holder_is_shorter_by_twice_the_drift(rho: str, expiry: Fraction) -> None:
    assert fields(run(*GRANT, rho=rho), "h1")["expiry"] == expiry


@pytest.mark.parametrize("rho", ["0", "1/3", "0.5"])
def test_a_lease_of_a_silent_holder_is_free_after_the_term_by_the_slowest_clock(rho: str) -> None:
    """LS.L1: within term / (1-rho) of real time."""
    slow = 1 - Fraction(rho)
    silent = run(f"clock g rate={slow}", *GRANT, "crash h1", f"advance {10 / slow}", rho=rho)
    silent.say("ask h2 Acquire")
    silent.say("deliver LeaseReq h2>g")
    assert fields(silent, "g")["holder"] == "h2"


def test_until_then_it_is_not() -> None:
    early = run(*GRANT, "crash h1", "advance 9.99", "ask h2 Acquire", "deliver LeaseReq h2>g")
    assert [str(f.envelope.message) for f in early.state.in_flight()] == ["Deny((0, 1))"]


def test_a_copy_of_a_question_that_was_answered_begins_no_new_epoch() -> None:
    copied = run("ask h1 Acquire", "duplicate m1", "deliver LeaseReq *>g")
    assert fields(copied, "g")["epoch"] == 1
    assert cost(copied.state)["messages"]["LeaseGrant"] == 1


def test_every_other_question_does_so_that_nothing_old_can_end_it() -> None:
    again = run(*GRANT, "ask h1 GiveUp", "ask h1 Acquire", "deliver LeaseReq h1>g")
    assert fields(again, "g")["epoch"] == 2
    again.say("deliver Release h1>g")
    assert fields(again, "g")["holder"] == "h1"


def test_a_renewal_of_an_epoch_that_is_over_is_denied() -> None:
    late = run(*GRANT, "ask h1 Acquire", "advance 11", "ask h2 Acquire", "deliver LeaseReq h2>g")
    late.say("deliver Renew h1>g")
    late.say("deliver Deny g>h1")
    assert (fields(late, "g")["holder"], fields(late, "h1")["asked"]) == ("h2", None)


def test_a_holder_that_wants_to_keep_it_asks_at_half_time() -> None:
    kept = run(*GRANT, "advance 5", "fire h1 RenewNow", renew=True)
    assert [str(f.envelope.message) for f in kept.state.in_flight()] == ["Renew(1, (0, 2))"]


def test_one_who_keeps_the_lease_for_ever_lets_others_starve_and_the_run_repeats() -> None:
    kept = run(*GRANT, "ask h2 Acquire", "run fifo 40", renew=True)
    assert kept.verdicts()["served"] == "livelock"


def test_a_lease_that_nobody_can_grant_is_out_of_reach() -> None:
    assert run("crash g", "ask h1 Acquire").verdicts()["served"] == "blocked"


def test_a_crash_of_the_holder_takes_the_lease_from_it() -> None:
    crashed = run(*GRANT, "crash h1", "recover h1")
    left = {
        k: v for k, v in fields(crashed, "h1").items() if k in ("expiry", "epoch", "incarnation")
    }
    assert left == {"expiry": None, "epoch": 0, "incarnation": 1}


@pytest.mark.parametrize("setup", [{"holders": 0}, {"term": 0}, {"rho": 1}, {"retry": 0}])
def test_a_lease_without_a_holder_a_term_or_clocks_is_refused(setup: Mapping[str, Any]) -> None:
    with pytest.raises(BadInput, match="a lease needs a holder, a term, and clocks that go on"):
        session("leases/lease_service", setup)
