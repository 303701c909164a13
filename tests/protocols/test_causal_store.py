"""Facts about the causal store: always there, causal, and the same everywhere in the end."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask
from playground.protocol.registers import Get, Put
from playground.session.catalog import load
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.available.causal_store import Move
from tests.helpers import played, session
from tests.search.plain import Faults, explore

NAME = "available/causal_store"
STORE = load(NAME)
QUIET = Faults(timers=0)
KEPT = [p for p in STORE.properties if p.name not in ("fifo", "sequential", "regular", "atomic")]

WRITE = "ask p1 Put key=x value=A"


@pytest.mark.parametrize("n", range(1, 8))
def test_a_write_costs_n_less_1_messages_and_its_client_does_not_wait(n: int) -> None:
    costs = cost(played(NAME, WRITE, "finish", setup={"n": n}).state)
    assert (costs["total"], costs["delays"], costs["stable_writes"]) == (n - 1, 0, n)
    assert cost(played(NAME, "ask p1 Get key=x", setup={"n": n}).state)["total"] == 0


SEARCHES: list[Any] = [
    pytest.param(3, [WRITE, "ask p2 Put key=x value=B"], QUIET, 16, id="two writes of a key"),
    pytest.param(
        3,
        [WRITE, "ask p1 Put key=y value=B"],
        replace(QUIET, extra=(Ask("p3", Get("y")), Ask("p3", Get("x")))),
        120,
        id="a later write is never seen without the earlier one",
    ),
    pytest.param(
        2, [WRITE], Faults(timers=0, crashes=1, recoveries=1, crash_points=3), 29, id="one down"
    ),
    pytest.param(
        3,
        [WRITE],
        replace(QUIET, duplicates=1, extra=(Ask("p2", Put("B", "x")),)),
        158,
        id="a copy",
    ),
]


@pytest.mark.parametrize(("n", "lines", "faults", "worlds"), SEARCHES)
def test_no_run_breaks_a_property(n: int, lines: list[str], faults: Faults, worlds: int) -> None:
    report = explore(played(NAME, *lines, setup={"n": n}).world, KEPT, faults)
    assert report.complete and report.violation is None
    assert report.worlds == worlds


def stormy(seed: int, n: int) -> Session:
    """Everybody writes and reads, crashes, and comes back."""
    run, random = session(NAME, {"n": n}), Random(seed)
    odds = Odds(duplicate=0.1, crashes=n)
    for i in range(12):
        up = [pid for pid in run.world.rules.pids if pid not in run.world.down]
        if up:
            key = random.choice("xy")
            asked = random.choice([Put(f"v{i}", key), Get(key)])
            run.history.do(Ask(random.choice(up), asked))
        run.run(Chance(seed + i, odds), random.randrange(20))
        for down in sorted(run.world.down):
            if random.random() < 0.5:
                run.say(f"recover {down}")
    return run


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), n=st.integers(2, 4))
def test_after_any_storm_all_who_are_up_come_to_the_same(seed: int, n: int) -> None:
    run = stormy(seed, n)
    for down in sorted(run.world.down):
        run.say(f"recover {down}")
    run.say("ask p1 Put key=x value=last")
    run.say("finish")
    assert (run.outside(), bugs(run.state, run.properties)) == ([], [])
    assert run.verdicts()["converged"] == "reached"


def test_each_side_of_a_partition_serves_its_clients() -> None:
    run = played(NAME, "cut {p1} | {p2,p3}", WRITE, "ask p2 Put key=x value=B", "ask p3 Get key=x")
    assert run.verdicts()["answered"] == "reached"
    assert run.verdicts()["converged"] == "blocked"
    run.say("finish")
    assert run.verdicts()["converged"] == "reached"


# ---- clients that move

MOVING = ["ask c1 Put key=x value=A", "finish", "ask c1 Move to=p2", "ask c1 Get key=x"]


def test_an_operation_of_a_client_that_moves_costs_2_messages_and_2_delays_more() -> None:
    costs = cost(played(NAME, MOVING[0], "finish", setup={"n": 3, "clients": 1}).state)
    assert (costs["messages"], costs["delays"]) == (
        {"Reply": 1, "Request": 1, "Update": 2},
        2,
    )


def test_a_client_that_has_moved_waits_for_what_it_has_seen() -> None:
    run = played(NAME, *MOVING[:1], "deliver Request c1>p1", "deliver Reply p1>c1",
                 "hold Update p1>p2", *MOVING[2:], "run fifo 30",
                 setup={"n": 2, "clients": 1})  # fmt: skip
    assert run.verdicts()["answered"] == "livelock"  # it asks again and again
    run.say("finish")
    assert str(run.state.told["c1"].output) == "Returned(A)"


def test_a_request_is_carried_out_once_however_often_it_comes() -> None:
    run = played(NAME, MOVING[0], "fire c1 Retry", "deliver Request c1>p1", "deliver Request c1>p1",
                 "duplicate Reply p1>c1", "finish", setup={"n": 2, "clients": 1})  # fmt: skip
    assert vars(run.world.nodes["p1"])["vt"] == {"p1": 1}
    assert run.verdicts()["converged"] == "reached" and run.outside() == []


def test_a_replica_that_crashes_forgets_who_waits_and_is_asked_again() -> None:
    run = played(NAME, MOVING[0], "deliver Request c1>p1", "crash p1 after=0", "recover p1",
                 "finish", setup={"n": 2, "clients": 1})  # fmt: skip
    assert run.verdicts()["answered"] == "reached"


def test_no_run_of_a_client_that_moves_breaks_a_property() -> None:
    start = played(NAME, "ask c1 Put key=x value=A", setup={"n": 2, "clients": 1}).world
    extra = (Ask("c1", Move("p2")), Ask("c1", Get("x")))
    report = explore(start, KEPT, Faults(timers=1, duplicates=1, extra=extra))
    assert report.complete and report.violation is None
    assert report.worlds == 2010


def test_a_write_that_comes_when_it_is_overwritten_is_causal_but_not_fifo() -> None:
    """p2's write of x wins over p1's, which it has not seen; then p1's writes come, in order."""
    ahead = [f"ask p2 Put key=w value={v}" for v in "abc"]
    p1 = [f"ask p1 Put key={key} value=A" for key in "zxy"]
    heard = [f"deliver UPD p1>p2 key={key}" for key in "zxy"]
    looks = ["ask p2 Get key=z", *heard, "ask p2 Get key=y", "ask p2 Get key=x"]
    run = played(NAME, *ahead, *p1, "ask p2 Put key=x value=B", *looks, setup={"n": 2})
    words = run.verdicts()
    assert (words["causal"], words["fifo"], words["sequential"]) == (
        "holds",
        "violated",
        "violated",
    )
    assert bugs(run.state, run.properties) == [] and run.outside() == []


# ---- known bugs

BREAKING = {
    "applies_on_receipt": [
        *(WRITE, "deliver UPD p1>p2", "ask p2 Get key=x", "ask p2 Put key=y value=B"),
        *("deliver UPD p2>p3", "ask p3 Get key=y", "ask p3 Get key=x"),
    ],
    "last_comes": [WRITE, "ask p2 Put key=x value=B", "deliver UPD p1>p2", "deliver UPD p2>p1"],
    "forgets_store": [WRITE, "crash p1", "recover p1", "ask p1 Get key=x"],
    "no_session_vt": [
        *("ask c1 Put key=x value=A", "deliver Request c1>p1", "deliver Reply p1>c1"),
        *("ask c1 Move to=p2", "ask c1 Get key=x", "deliver Request c1>p2"),
        "deliver * p2>c1",
    ],
}


def test_there_is_a_run_for_every_known_bug() -> None:
    assert set(BREAKING) == set(STORE.bugs)


@pytest.mark.parametrize("bug", BREAKING)
def test_a_known_bug_breaks_what_it_says_and_without_it_nothing_breaks(bug: str) -> None:
    broken = {STORE.property(p).name for p in STORE.bugs[bug].breaks}
    clients = int(bug == "no_session_vt")
    run = played(NAME, *BREAKING[bug], setup={"bug": bug, "clients": clients})
    assert broken <= {b.property for b in bugs(run.state, run.properties)}
    assert run.outside() == []
    right = session(NAME, {"clients": clients})
    for line in BREAKING[bug][: -clients or None]:  # without it there is no reply yet
        right.say(line)
    assert bugs(right.state, right.properties) == []
