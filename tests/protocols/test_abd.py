"""Facts about the three ABD registers: what they cost, what no adversary inside their models can
break, and which slip breaks what."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, World
from playground.protocol.registers import Read, Write
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.schedule import Chance, Odds
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from tests.helpers import played, session
from tests.search.plain import Faults, explore

REGULAR, ATOMIC, MWMR = "registers/abd_regular", "registers/abd_atomic", "registers/abd_mwmr"
ALL = (REGULAR, ATOMIC, MWMR)


# ---- costs


def paid(name: str, *lines: str, **setup: Any) -> tuple[int, int, int]:
    """Messages, delays, and disk writes."""
    costs = cost(played(name, *lines, "finish", setup=setup).state)
    return costs["total"], costs["delays"], costs["stable_writes"]


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize(
    ("name", "write", "read"),
    [(REGULAR, (2, 2), (2, 2)), (ATOMIC, (2, 2), (4, 4)), (MWMR, (4, 4), (4, 4))],
)
def test_operations_cost_as_many_messages_per_server_as_delays(
    name: str, write: tuple[int, int], read: tuple[int, int], n: int
) -> None:
    """At n servers; a write is one disk write at the writer and at each server."""
    assert paid(name, "ask w1 Write value=A", servers=n) == (write[0] * n, write[1], n + 1)
    assert paid(name, "ask r1 Read", servers=n) == (read[0] * n, read[1], 0)


@pytest.mark.parametrize("n", range(2, 8))
def test_a_reader_that_may_skip_what_is_unanimous_costs_half(n: int) -> None:
    half = ["ask w1 Write value=A", "deliver W w1>S1", "drop W w1>*", "ask r1 Read"]
    skip = {"servers": n, "skip_unanimous": True}
    assert paid(ATOMIC, "ask r1 Read", **skip) == (2 * n, 2, 0)
    run = played(ATOMIC, *half, "deliver R r1>*", "deliver RVAL *>r1", setup=skip)
    assert cost(run.state)["messages"] == {
        "Store": 2 * n,
        "Stored": 1,
        "Query": n,
        "Present": n,
    }


# ---- every run of a small system, counted

QUIET = Faults(timers=0)
W, R1, R2 = "ask w1 Write value=A", "ask r1 Read", Ask("r2", Read())
THEN_R2 = replace(QUIET, extra=(R2,))
THEN_W = replace(QUIET, extra=(Ask("w1", Write("B")),))
DOWN = Faults(timers=1, crashes=1, recoveries=1)


def promised(name: str, world: World) -> list[Any]:
    gives_up = world.rules.model.gives_up
    return [p for p in load(name).properties if p.name not in gives_up]


SEARCHES = [
    pytest.param(REGULAR, {}, [W, R1], QUIET, 2_309, id="write and read"),
    pytest.param(REGULAR, {"servers": 1}, [W, R1], THEN_R2, 162, id="two reads of one server"),
    pytest.param(REGULAR, {"servers": 2}, [W], THEN_W, 99, id="a write, and another one"),
    pytest.param(REGULAR, {"servers": 2}, [W], DOWN, 460, id="a write, one down"),
    pytest.param(ATOMIC, {"servers": 1}, [W, R1], THEN_R2, 368, id="two atomic reads"),
    pytest.param(ATOMIC, {"servers": 2}, [W, R1], QUIET, 363, id="atomic write and read"),
    pytest.param(MWMR, {"servers": 1}, [W, "ask w2 Write value=B"], THEN_R2, 711, id="duel"),
    pytest.param(MWMR, {"servers": 2}, [W, "ask w2 Write value=B"], QUIET, 580, id="duel for two"),
]
SLOW = [
    pytest.param(REGULAR, {"servers": 2}, [W, R1], THEN_R2, 3_914, id="two reads"),
    pytest.param(
        ATOMIC, {}, [W, "deliver W w1>S1", R1], QUIET, 12_540, id="half a write, atomic read"
    ),
    pytest.param(ATOMIC, {"servers": 2}, [W, R1], THEN_R2, 19_514, id="two reads, atomic"),
]


@pytest.mark.parametrize(("name", "setup", "lines", "faults", "worlds"), SEARCHES)
def test_no_run_breaks_what_is_promised(
    name: str, setup: dict[str, Any], lines: list[str], faults: Faults, worlds: int
) -> None:
    start = played(name, *lines, setup=setup).world
    report = explore(start, promised(name, start), faults)
    assert report.complete and report.violation is None
    assert report.worlds == worlds


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "setup", "lines", "faults", "worlds"), SLOW)
def test_no_run_of_a_larger_system_breaks_what_is_promised(
    name: str, setup: dict[str, Any], lines: list[str], faults: Faults, worlds: int
) -> None:
    test_no_run_breaks_what_is_promised(name, setup, lines, faults, worlds)


HALF = [W, "deliver W w1>S1", R1, "deliver R r1>S1,S2", "deliver RVAL *>r1"]


def test_the_shortest_inversion_is_found_in_the_regular_register() -> None:
    """r2 asks, two servers answer: seven steps after r1 has read half a write."""
    start = played(REGULAR, *HALF, "drop R r1>S3").world
    report = explore(start, [load(REGULAR).property("atomic")], THEN_R2)
    assert report.violation is not None and len(report.violation.trace) == 5


# ---- random runs with every fault of the model

sizes = st.sampled_from([{"servers": 3}, {"servers": 4, "readers": 1}, {"servers": 5}])


def stormy(name: str, setup: dict[str, Any], seed: int, rounds: int = 12) -> Session:
    """Everybody writes and reads, again and again, in a network that does its worst."""
    run, random = session(name, setup), Random(seed)
    clients = [node.pid for node in run.nodes if node.pid[0] in "wr"]
    odds = Odds(loss=0.1, duplicate=0.1, crashes=run.world.rules.model.crashes)
    for i in range(rounds):
        pid = random.choice([c for c in clients if c not in run.world.down])
        asked = Write("ABCDEFGHIJKL"[i]) if pid[0] == "w" else Read()
        run.history.do(Ask(pid, asked))
        run.run(Chance(seed + i, odds), random.randrange(40))
        for down in sorted(run.world.down):
            run.say(f"recover {down}")
    return run


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=10)
@given(setup=sizes, seed=st.integers(0, 2**32))
def test_no_storm_breaks_what_is_promised(name: str, setup: dict[str, Any], seed: int) -> None:
    run = stormy(name, setup, seed)
    assert (run.outside(), bugs(run.state, run.properties)) == ([], [])
    run.say("finish")
    assert run.verdicts()["answered"] == "reached"


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_one_reader_that_remembers_reads_an_atomic_register(seed: int) -> None:
    run = stormy(REGULAR, {"readers": 1, "remember": True}, seed)
    assert run.world.rules.model.gives_up == ()
    assert bugs(run.state, run.properties) == []


@pytest.mark.parametrize("name", ALL)
def test_replaying_all_messages_of_a_run_changes_no_answer(name: str) -> None:
    run = played(name, W, "finish", R1, "finish", "ask w1 Write value=B", "finish")
    for number in range(1, run.state.numbers + 1):
        run.say(f"replay m{number}")
    run.say("finish")
    run.say("ask r1 Read")
    run.say("finish")
    assert str(run.state.told["r1"].output) == "Returned(B)"
    assert run.state.broken == ()


# ---- known bugs


def written(value: str, *servers: str) -> list[str]:
    """w1 writes at these servers alone; what it sends to others stays on its way."""
    where = ",".join(servers)
    done = [f"deliver W w1>{where} v={value}", "deliver WACK *>w1"]
    return [f"ask w1 Write value={value}", *(done if servers else ())]


def got(reader: str, *servers: str, back: bool = False) -> list[str]:
    """A read that hears of these servers alone, and perhaps writes back to them."""
    where = ",".join(servers)
    lines = [f"ask {reader} Read", f"deliver R {reader}>{where}", f"deliver RVAL *>{reader}"]
    return lines + back * [f"deliver W {reader}>{where}", f"deliver WACK *>{reader}"]


EVERYWHERE = ("S1", "S2", "S3")
REBORN = ["crash w1", "recover w1"]
LATE = [*written("A", "S1", "S2"), *written("B", "S2", "S3"), "deliver m3"]
HALF_B = [*written("A", *EVERYWHERE), *written("B"), "deliver W w1>S1"]

BREAKING: dict[tuple[str, str], list[str]] = {
    (REGULAR, "writes_to_one"): [*HALF_B, "deliver WACK *>w1", *got("r1", "S2", "S3")],
    (REGULAR, "reads_from_one"): [*written("A", "S1", "S2"), *got("r1", "S3")],
    (REGULAR, "takes_any_answer"): [
        *("ask r1 Read", "deliver R r1>*"),
        *written("A", *EVERYWHERE),
        *("ask r1 Read", "deliver RVAL *>r1"),
    ],
    (REGULAR, "counts_answers"): [
        *written("A", "S1", "S2"),
        *("ask r1 Read", "deliver R r1>S3", "duplicate RVAL S3>r1", "deliver RVAL *>r1"),
    ],
    (REGULAR, "forgets_time"): [
        *written("A", *EVERYWHERE),
        *REBORN,
        *written("B", *EVERYWHERE),
        *got("r1", "S1", "S2"),
    ],
    (REGULAR, "takes_all_writes"): [*LATE, *got("r1", "S1", "S3")],
    (REGULAR, "memory_only"): [
        *written("A", "S1", "S2"),
        *("crash S2", "recover S2"),
        *got("r1", "S2", "S3"),
    ],
    (ATOMIC, "no_write_back"): [*HALF_B, *got("r1", "S1", "S2"), *got("r2", "S2", "S3")],
    (ATOMIC, "forgets_time"): [
        *written("A", *EVERYWHERE),
        *REBORN,
        *written("B", *EVERYWHERE),
        *got("r1", "S1", "S2", back=True),
    ],
    (ATOMIC, "takes_all_writes"): [*LATE, *got("r1", "S1", "S3", back=True)],
    (MWMR, "counts_alone"): [
        line.format(*of)
        for of in (("w1", "A"), ("w1", "B"), ("w2", "C"))
        for line in ("ask {} Write value={}", "finish")
    ]
    + ["ask r1 Read", "finish"],
    (MWMR, "no_name"): [
        *("ask w1 Write value=A", "ask w2 Write value=B", "deliver R *>*", "deliver RVAL *>*"),
        *("deliver W w1>S1", "deliver W w2>S2", "deliver W *>*", "deliver WACK *>*"),
        *got("r1", "S1", "S3", back=True),
        "drop * *>*",
        *got("r2", "S2", "S3", back=True),
        "drop * *>*",
        *got("r1", "S1", "S3", back=True),
    ],
    (MWMR, "forgets_time"): [
        *("ask w1 Write value=A", "deliver R w1>S1,S2", "deliver RVAL *>w1", "deliver W w1>S1"),
        *REBORN,
        "drop * w1>*",
        *("ask w1 Write value=B", "deliver R w1>S2,S3", "deliver RVAL *>w1", "deliver W w1>S2"),
    ],
    (MWMR, "no_write_back"): [
        *("ask w1 Write value=A", "finish", "ask w1 Write value=B"),
        *("deliver R w1>*", "deliver RVAL *>w1", "deliver W w1>S1"),
        *got("r1", "S1", "S2"),
        *got("r2", "S2", "S3"),
    ],
}


def test_there_is_a_run_for_every_known_bug() -> None:
    assert set(BREAKING) == {(name, bug) for name in ALL for bug in load(name).bugs}


@pytest.mark.parametrize(("name", "bug"), BREAKING)
def test_a_known_bug_breaks_what_it_says_inside_the_model(name: str, bug: str) -> None:
    run = played(name, *BREAKING[name, bug], setup={"bug": bug})
    broken = {b.property for b in bugs(run.state, run.properties)}
    protocol = load(name)
    assert {protocol.property(p).name for p in protocol.bugs[bug].breaks} <= broken
    assert run.outside() == []


@pytest.mark.parametrize(("name", "bug"), BREAKING)
def test_without_its_bug_the_same_run_breaks_nothing(name: str, bug: str) -> None:
    run = session(name)
    for line in BREAKING[name, bug]:
        with suppress(BadInput):  # what the bug alone would have sent is not in flight
            run.say(line)
    assert bugs(run.state, run.properties) == []


# ---- the rules, one by one


def test_a_write_that_is_known_already_is_acknowledged_again() -> None:
    """The lecture leaves it open.  Else the writer would wait for ever for a WACK that is lost."""
    run = played(REGULAR, "ask w1 Write value=A", "deliver W w1>S1,S2", "drop WACK *>w1", "finish")
    assert run.verdicts()["answered"] == "reached"
    assert cost(run.state)["stable_writes_by_node"] == {"S1": 1, "S2": 1, "S3": 1, "w1": 1}


def test_a_client_that_is_asked_for_more_gives_up_what_it_has_begun() -> None:
    run = played(REGULAR, "ask w1 Write value=A", "deliver W w1>S1", "ask w1 Write value=B")
    run.say("drop W w1>* v=A")
    run.say("deliver WACK *>w1")
    assert vars(run.world.nodes["w1"])["acks"] == frozenset()
    run.say("finish")
    assert str(run.state.told["w1"].output) == "Written(B)"


def test_a_read_that_was_crashed_away_is_not_answered() -> None:
    run = played(REGULAR, "ask r1 Read", "deliver R r1>*", "crash r1", "recover r1", "ask r1 Read")
    run.say("drop R r1>*")
    run.say("deliver RVAL *>r1")
    assert run.verdicts()["answered"] == "open" and "r1" not in run.state.told


@pytest.mark.parametrize(("servers", "minority"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2)])
@pytest.mark.parametrize("name", ALL)
def test_a_minority_of_the_servers_may_be_down(name: str, servers: int, minority: int) -> None:
    run = session(name, {"servers": servers})
    assert run.world.rules.model.crashes == minority


@pytest.mark.parametrize("name", ALL)
def test_a_register_without_servers_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="at least one server"):
        session(name, {"servers": 0})
