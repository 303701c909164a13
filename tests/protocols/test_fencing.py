"""Facts about fencing: what it costs, that no old owner writes over a new one, and which slip
breaks what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
from protocols.leases.fencing import Store
from tests.helpers import played, session
from tests.search.plain import Faults, Report, explore

FENCING = load("leases/fencing")
FIRST = ("deliver LeaseReq c1>g", "deliver LeaseGrant g>c1", "fire c1 Act")
BOTH = ("ask c1 Store value=A", "ask c2 Store value=B")
LATE = (BOTH[0], *FIRST, "advance 2", BOTH[1])
KILLED = (*LATE, "deliver LeaseReq c2>g", "deliver Kill g>s", "deliver Killed s>g", "advance 2")


def run(*lines: str, **setup: Any) -> Session:
    return played("leases/fencing", *lines, setup=setup)


def fields(run: Session, pid: str) -> dict[str, Any]:
    return vars(run.world.nodes[pid])


# ---- costs


def test_a_first_write_costs_4_messages_4_delays_and_2_writes_in_a_row() -> None:
    costs = cost(run(BOTH[0], "finish").state)
    assert set(costs["messages"].values()) == {1}
    assert (costs["total"], costs["delays"], costs["write_delays"]) == (4, 4, 2)
    assert costs["stable_writes_by_node"] == {"g": 1, "s": 1}


def test_another_one_under_the_same_lease_costs_2_messages_and_1_write() -> None:
    costs = cost(run(BOTH[0], "finish", "ask c1 Store value=C", "finish").state)
    assert costs["messages"] == {"LeaseGrant": 1, "LeaseReq": 1, "Write": 2, "Written": 2}
    assert costs["stable_writes"] == 3


def test_a_kill_costs_2_messages_more() -> None:
    lines = (*LATE, "deliver Write c1>s", "deliver Written s>c1", "finish")
    setup = {"term": 2, "retry": 4}
    kill = cost(run(*lines, **setup, policy="kill").state)
    assert (kill["messages"]["Kill"], kill["messages"]["Killed"]) == (1, 1)


# ---- every run of a small system, counted

SMALL = {"term": 2, "retry": 100}
KILL = {"term": 2, "retry": 2, "policy": "kill"}
TIME = Faults(until=Instant(2), grain=Instant(2))


def search(setup: Mapping[str, Any], lines: tuple[str, ...], faults: Faults, *ids: str) -> Report:
    checked = [FENCING.property(p) for p in ids] or FENCING.properties
    start: World = run(*lines, **setup).world
    return explore(start, checked, faults, limit=100_000)


@pytest.mark.parametrize(
    ("setup", "lines", "faults", "worlds"),
    [
        pytest.param(SMALL, BOTH, TIME, 280, id="tokens"),
        pytest.param(
            SMALL, BOTH[:1], replace(TIME, crashes=1, recoveries=1), 212, id="one crashes"
        ),
        pytest.param(KILL, KILLED, Faults(until=Instant(4), timers=3), 182, id="kill"),
    ],
)
def test_no_old_owner_writes_over_a_new_one(
    setup: Mapping[str, Any], lines: tuple[str, ...], faults: Faults, worlds: int
) -> None:
    report = search(setup, lines, faults)
    assert report.complete and report.violation is None
    assert report.reached == {"stored"}
    assert report.worlds == worlds


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_old_owner_writes_over_a_new_one_before_it_is_dead() -> None:
    report = search(KILL, BOTH, TIME)
    assert report.complete and report.violation is None
    assert report.worlds == 17_707


# ---- known bugs

FOUND_BY_SEARCH: dict[str, tuple[Mapping[str, Any], tuple[str, ...], Faults, int]] = {
    "no_fencing": (SMALL, LATE, Faults(until=Instant(2)), 5),
    "no_gate": (KILL, KILLED, Faults(until=Instant(4), timers=3), 6),
    "forgets_epoch": (
        SMALL,
        (BOTH[0], *FIRST, "crash g", "recover g", "advance 2", BOTH[1]),
        Faults(until=Instant(2)),
        5,
    ),
}


def test_there_is_a_search_for_every_known_bug() -> None:
    assert set(FOUND_BY_SEARCH) == set(FENCING.bugs)


@pytest.mark.parametrize("bug", FOUND_BY_SEARCH)
def test_a_search_finds_what_a_known_bug_breaks(bug: str) -> None:
    setup, lines, faults, length = FOUND_BY_SEARCH[bug]
    for broken in FENCING.bugs[bug].breaks:
        report = search({**setup, "bug": bug}, lines, faults, broken)
        assert report.violation is not None
        assert len(report.violation.trace) == length


@pytest.mark.parametrize("bug", FOUND_BY_SEARCH)
def test_without_its_bug_the_same_search_finds_nothing(bug: str) -> None:
    setup, lines, faults, _ = FOUND_BY_SEARCH[bug]
    assert search(setup, lines, faults).violation is None


# ---- random runs with every fault of the model


def stormy(setup: Mapping[str, Any], seed: int) -> Session:
    storm = session("leases/fencing", setup)
    for i in range(4):
        for node in storm.nodes[1:-1]:
            if node.pid not in storm.world.down:
                storm.history.do(Ask(node.pid, Store(f"{node.pid}.{i}")))
        storm.run(Chance(seed + i, Odds(loss=0.1, duplicate=0.1, crashes=1)), 40)
    return storm


@settings(max_examples=20)
@given(
    st.sampled_from([{}, {"policy": "kill"}, {"clients": 3, "rho": "1/3"}]), st.integers(0, 2**32)
)
def test_no_storm_brings_an_old_owner_through(setup: Mapping[str, Any], seed: int) -> None:
    storm = stormy(setup, seed)
    assert (storm.outside(), storm.state.broken) == ([], ())


@settings(max_examples=10)
@given(st.sampled_from(["token", "kill"]), st.integers(0, 2**32))
def test_after_a_storm_everybody_who_lives_gets_its_work_done(policy: str, seed: int) -> None:
    storm = stormy({"policy": policy}, seed)
    for down in sorted(storm.world.down):
        storm.say(f"recover {down}")
    storm.say("finish")
    assert storm.verdicts()["stored"] == "reached"


def test_not_even_wrong_clocks_bring_an_old_owner_through() -> None:
    wrong = run("clock c1 rate=0.01", BOTH[0], *FIRST, "advance 10", BOTH[1])
    for line in ("deliver LeaseReq c2>g", "deliver LeaseGrant g>c2", "fire c2 Act"):
        wrong.say(line)
    wrong.say("deliver Write c2>s")
    wrong.say("deliver Write c1>s")
    assert (fields(wrong, "s")["value"], wrong.state.broken) == ("B", ())


# ---- the rules, one by one


def test_who_is_refused_starts_anew() -> None:
    late = run(*LATE, "deliver LeaseReq c2>g", "deliver LeaseGrant g>c2", term=2)
    late.say("fire c2 Act")
    late.say("deliver Write c2>s")
    late.say("deliver Write c1>s")
    late.say("deliver Refused s>c1")
    assert fields(late, "c1")["expiry"] is None
    late.say("finish")
    assert (fields(late, "s")["epoch"], fields(late, "s")["value"]) == (3, "A")


def test_a_refusal_of_an_epoch_that_is_over_takes_nothing_from_the_next() -> None:
    late = run(*LATE, "deliver LeaseReq c2>g", "deliver LeaseGrant g>c2", "fire c2 Act", term=2)
    late.say("deliver Write c2>s")
    late.say("deliver Write c1>s")
    for line in ("advance 2", "fire c1 Retry", "deliver LeaseReq c1>g", "deliver LeaseGrant g>c1"):
        late.say(line)
    late.say("deliver Refused s>c1")
    assert fields(late, "c1")["expiry"] is not None


def test_a_copy_of_a_write_that_was_overwritten_is_confirmed_and_changes_nothing() -> None:
    copied = run(BOTH[0], *FIRST, "duplicate m3", "deliver m3", "deliver Written s>c1")
    for line in ("ask c1 Store value=C", "fire c1 Act", "deliver Write c1>s value=C"):
        copied.say(line)
    copied.say("deliver m3'")
    assert fields(copied, "s")["value"] == "C"


def test_who_was_killed_does_nothing_more_not_even_after_a_restart() -> None:
    dead = run(*LATE, "deliver LeaseReq c2>g", "deliver Kill g>s", term=2, policy="kill")
    for line in ("deliver Write c1>s", "deliver Dead s>c1", "crash c1", "recover c1"):
        dead.say(line)
    dead.say("ask c1 Store value=C")
    assert (fields(dead, "c1")["dead"], fields(dead, "c1")["todo"]) == (True, None)
    assert fields(dead, "s")["value"] == ""


def test_until_the_kill_is_confirmed_nobody_else_gets_the_lease() -> None:
    kill = run(*LATE, "deliver LeaseReq c2>g", "deliver Kill g>s", term=2, policy="kill")
    kill.say("advance 4")
    kill.say("fire c2 Retry")
    kill.say("deliver LeaseReq c2>g")
    assert fields(kill, "g")["holder"] == "c1"


@pytest.mark.parametrize("setup", [{"clients": 0}, {"term": 0}, {"rho": 1}, {"retry": 0}])
def test_a_lease_without_a_client_a_term_or_clocks_is_refused(setup: Mapping[str, Any]) -> None:
    with pytest.raises(BadInput, match="a lease needs a client, a term, and clocks that go on"):
        session("leases/fencing", setup)
