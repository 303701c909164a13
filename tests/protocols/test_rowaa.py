"""Facts about read one, write all available: what it costs, and when it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from playground.core import Ask
from playground.protocol.registers import Read, Written
from playground.session.catalog import load
from playground.session.state import cost
from playground.session.verdicts import bugs
from tests.helpers import played
from tests.search.plain import Faults, explore

NAME = "available/rowaa"
ROWAA = load(NAME)
PATIENT = Faults(timers=0)
WRITE, READ = "ask c1 Write value=A", "ask c2 Read"


@pytest.mark.parametrize("n", range(1, 8))
def test_a_write_costs_2n_messages_and_n_more_that_tell_who_took_part(n: int) -> None:
    costs = cost(played(NAME, WRITE, "finish", setup={"servers": n}).state)
    assert costs["messages"] == {"WriteAll": n, "Stored": n, "TookPart": n}
    assert (costs["delays"], costs["stable_writes"]) == (2, 2 * n if n > 1 else 2)


@pytest.mark.parametrize("n", range(1, 8))
def test_a_read_costs_two_messages(n: int) -> None:
    costs = cost(played(NAME, READ, "finish", setup={"servers": n}).state)
    assert (costs["total"], costs["delays"], costs["stable_writes"]) == (2, 2, 0)


SEARCHES: list[Any] = [
    pytest.param(2, [WRITE, READ], PATIENT, 64, id="write and read"),
    pytest.param(
        2, [WRITE], replace(PATIENT, duplicates=1, extra=(Ask("c2", Read()),)), 785, id="a copy"
    ),
    pytest.param(
        2,
        [WRITE, "ask c2 Write value=B"],
        replace(PATIENT, extra=(Ask("c1", Read()),)),
        4_059,
        id="two writes, and a read",
    ),
]


@pytest.mark.parametrize(("servers", "lines", "faults", "worlds"), SEARCHES)
def test_as_long_as_nobody_loses_patience_it_is_regular(
    servers: int, lines: list[str], faults: Faults, worlds: int
) -> None:
    start = played(NAME, *lines, setup={"servers": servers}).world
    report = explore(start, [ROWAA.property("regular")], faults)
    assert report.complete and report.violation is None
    assert report.worlds == worlds


def test_impatience_alone_makes_a_read_miss_a_write() -> None:
    """No message is lost, nobody crashes: a search finds it, and it is no bug of the protocol."""
    start = played(NAME, WRITE, setup={"servers": 2}).world
    impatient = Faults(timers=1, extra=(Ask("c2", Read()),))
    report = explore(start, [ROWAA.property("regular")], impatient)
    assert report.violation is not None
    assert len(report.violation.trace) == 6


def test_with_a_quorum_it_takes_more_than_impatience() -> None:
    start = played(NAME, WRITE, setup={"servers": 2, "quorum": True}).world
    impatient = Faults(timers=1, extra=(Ask("c2", Read()),))
    report = explore(start, [ROWAA.property("regular")], impatient)
    assert report.complete and report.violation is None
    assert report.worlds == 5_188


@pytest.mark.parametrize("n", range(1, 8))
def test_with_a_quorum_a_read_costs_2_messages_for_each_of_a_majority(n: int) -> None:
    setup = {"servers": n, "quorum": True}
    costs = cost(played(NAME, READ, "finish", setup=setup).state)
    assert (costs["total"], costs["delays"]) == (2 * (n // 2 + 1), 2)
    assert cost(played(NAME, WRITE, "finish", setup=setup).state)["total"] == 3 * n


@pytest.mark.parametrize(("down", "word"), [(("S1",), "reached"), (("S1", "S3"), "livelock")])
def test_with_a_quorum_a_minority_of_the_servers_may_be_down(
    down: tuple[str, ...], word: str
) -> None:
    setup = {"servers": 3, "quorum": True}
    run = played(NAME, WRITE, "finish", *(f"crash {s}" for s in down), READ, "finish", setup=setup)
    assert run.verdicts()["answered"] == word
    assert run.outside() == ([] if word == "reached" else ["2 crashes > 1"])


def test_of_versions_that_a_majority_tells_the_newest_is_read() -> None:
    apart = ["deliver RWRITE c1>S2,S3 value=B", "deliver RACK *>c1", "fire c1 Silence"]
    lines = [WRITE, "finish", "ask c1 Write value=B", *apart, READ, "deliver RREAD c2>S1,S2"]
    for answers in (["S1>c2", "S2>c2"], ["S2>c2", "S1>c2"]):
        told = [f"deliver RVAL {link}" for link in answers]
        run = played(NAME, *lines, *told, setup={"servers": 3, "quorum": True})
        assert str(run.state.told["c2"].output) == "Returned(B)"


def test_an_empty_text_is_written_like_any_other_whoever_is_silent() -> None:
    acts = ("deliver RWRITE c1>S1", "deliver RACK S1>c1", "fire c1 Silence")
    run = played(NAME, 'ask c1 Write value=""', *acts, setup={"servers": 3})
    assert vars(run.world.nodes["c1"])["missing"] == {"S2", "S3"}
    assert run.state.told["c1"].output == Written("")


SPLIT = [
    *(WRITE, "finish", "cut {S1,c1} | {S2,S3,c2}"),
    *("ask c1 Write value=B", "run fifo 20", "ask c2 Write value=C", "run fifo 20"),
]


def test_in_a_partition_all_are_served_and_the_conflict_is_found_afterwards() -> None:
    run = played(NAME, *SPLIT, "ask c1 Read", "run fifo 20")
    assert run.verdicts()["answered"] == "reached"
    assert run.verdicts()["regular"] == "violated"
    assert (run.outside(), bugs(run.state, run.properties)) == ([], [])
    run.say("finish")
    servers = [vars(run.world.nodes[s]) for s in ("S1", "S2", "S3")]
    assert {(s["value"], s["conflict"]) for s in servers} == {("C", True)}


def test_who_wrote_alone_only_brings_the_others_up_to_date() -> None:
    run = played(NAME, *SPLIT[:4], "finish", "run fifo 30")
    servers = [vars(run.world.nodes[s]) for s in ("S1", "S2", "S3")]
    assert {(s["value"], s["conflict"]) for s in servers} == {("B", False)}
    assert vars(run.world.nodes["c1"])["missing"] == frozenset()


BACK = [
    *(WRITE, "finish", "crash S1", "ask c1 Write value=B", "drop RWRITE c1>S1"),
    *("deliver RWRITE *>*", "deliver RACK *>*", "fire c1 Silence", "recover S1"),
    *(READ, "deliver RREAD c2>S1"),
]


def test_a_server_that_is_back_serves_nobody_before_it_was_compared() -> None:
    run = played(NAME, *BACK)
    assert run.verdicts()["regular"] == "holds"
    assert vars(run.world.nodes["S1"])["stale"]
    run.say("finish")
    assert run.verdicts()["regular"] == "holds"
    assert not vars(run.world.nodes["S1"])["stale"]


def test_else_it_serves_what_is_old() -> None:
    assert set(ROWAA.bugs) == {"no_validate"}
    run = played(NAME, *BACK, "deliver RVAL S1>c2", setup={"bug": "no_validate"})
    assert ROWAA.bugs["no_validate"].breaks == ("RW.S1",)
    assert run.verdicts()["regular"] == "violated"
    assert run.outside() == []
