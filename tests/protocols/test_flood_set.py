"""Facts about FloodSet: whoever crashes in whichever round, reaching whomever."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from playground.core import Tick, World
from playground.protocol.consensus import Decided, Propose
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.state import cost
from tests.adversaries import crash_runs, done, started
from tests.helpers import played, session

FLOOD_SET = load("synchronous/flood_set")


def flooding(inputs: str, f: int, **setup: Any) -> World:
    """p1 proposes the first letter, p2 the second, ..."""
    asks = [(f"p{i}", Propose(value)) for i, value in enumerate(inputs, 1)]
    return started(FLOOD_SET, asks, n=len(inputs), f=f, **setup)


def inputs_of(n: int) -> list[str]:
    return ["".join(letters) for letters in product("AB", repeat=n)]


def outcome(inputs: str, f: int, rounds: int, **setup: Any) -> tuple[int, set[str]]:
    """How many worlds there are at the ends of rounds, and what is broken once all have decided."""
    runs = list(crash_runs(flooding(inputs, f, **setup), rounds, f))
    ends = {done(world, Tick()) for world in runs[-1]}
    broken = {p.name for p in FLOOD_SET.properties for world in ends if not p(world)}
    return sum(map(len, runs)), broken


# ---- costs


@pytest.mark.parametrize(
    ("n", "f"), [(2, 0), (2, 1), (3, 1), (3, 2), (4, 1), (4, 2), (5, 3), (7, 2)]
)
def test_it_takes_f_plus_1_rounds_of_n_times_n_less_1_messages(n: int, f: int) -> None:
    asks = [f"ask p{i} Propose value={'AB'[i % 2]}" for i in range(1, n + 1)]
    run = played("synchronous/flood_set", *asks, "finish", setup={"n": n, "f": f})
    costs = cost(run.state)
    assert (costs["total"], costs["delays"]) == ((f + 1) * n * (n - 1), f + 1)
    assert (costs["first_decision"], costs["stable_writes"]) == (f + 1, 0)


@pytest.mark.parametrize(("inputs", "messages"), [("AAAA", 12), ("ABBB", 24), ("ABCD", 24)])
def test_if_each_value_is_told_once_messages_are_saved(inputs: str, messages: int) -> None:
    asks = [f"ask p{i} Propose value={v}" for i, v in enumerate(inputs, 1)]
    run = played("synchronous/flood_set", *asks, "finish", setup={"n": 4, "f": 3, "opt": True})
    assert cost(run.state)["total"] == messages
    assert {run.state.told[f"p{i}"].output for i in range(1, 5)} == {Decided("A")}


# ---- every run


@pytest.mark.parametrize("opt", [False, True], ids=["all", "opt"])
@pytest.mark.parametrize(
    ("n", "f", "worlds"), [(2, 1, 32), (3, 0, 8), (3, 1, 100), (3, 2, 468), (4, 1, 272)]
)
def test_no_pattern_of_crashes_breaks_a_property(n: int, f: int, worlds: int, opt: bool) -> None:
    outcomes = [outcome(inputs, f, f + 1, opt=opt) for inputs in inputs_of(n)]
    assert set().union(*(broken for _, broken in outcomes)) == set()
    assert opt or sum(count for count, _ in outcomes) == worlds


def test_nor_does_any_of_two_crashes_among_four() -> None:
    outcomes = [outcome(inputs, 2, 3) for inputs in inputs_of(4)]
    assert set().union(*(broken for _, broken in outcomes)) == set()
    assert sum(count for count, _ in outcomes) == 1_788


def test_three_values_are_no_harder_than_two() -> None:
    for inputs in ("ABC", "CBA", "BCA"):
        assert outcome(inputs, 2, 3)[1] == outcome(inputs, 2, 3, opt=True)[1] == set()


# ---- one round less is too few


def test_f_rounds_are_too_few_for_f_crashes() -> None:
    assert outcome("ABB", 1, 1, bug="round_short")[1] == {"agreement", "plain_agreement"}
    assert outcome("ABBB", 2, 2, bug="round_short")[1] == {"agreement", "plain_agreement"}


def test_but_not_if_all_propose_the_same() -> None:
    assert outcome("AAA", 1, 1, bug="round_short")[1] == set()


FOUND = {
    "round_short": ("ABB", 1, 1, {}),
    "only_round_one": ("ABB", 1, 2, {}),
    "first_two": ("CBA", 1, 2, {"opt": True}),
}


def test_there_is_an_instance_for_every_known_bug() -> None:
    assert set(FOUND) == set(FLOOD_SET.bugs)


@pytest.mark.parametrize("bug", FOUND)
def test_a_known_bug_breaks_what_it_should(bug: str) -> None:
    inputs, f, rounds, setup = FOUND[bug]
    broken = outcome(inputs, f, rounds, bug=bug, **setup)[1]
    assert broken == set(FLOOD_SET.bugs[bug].breaks)
    assert outcome(inputs, f, f + 1, **setup)[1] == set()


# ---- rules


def test_who_has_nothing_to_propose_only_listens() -> None:
    run = played("synchronous/flood_set", "ask p2 Propose value=X", "finish")
    assert {told.output for told in run.state.told.values()} == {Decided("X")}
    assert run.verdicts()["decided"] == "reached"


def test_a_proposal_comes_too_late_when_the_rounds_have_begun() -> None:
    run = played(
        "synchronous/flood_set", "ask p1 Propose value=B", "tick", "ask p2 Propose value=A"
    )
    run.say("finish")
    assert {told.output for told in run.state.told.values()} == {Decided("B")}


def test_what_comes_late_is_not_taken_in() -> None:
    asks = [f"ask p{i} Propose value={v}" for i, v in enumerate("ABB", 1)]
    run = played("synchronous/flood_set", *asks, "tick", "hold Vals p1>p3", "deliver * *>*", "tick")
    assert run.outside() == ["1 message late for the round"]
    run.say("release m2")
    run.say("deliver m2")
    assert vars(run.world.nodes["p3"])["W"] == frozenset("B")


@pytest.mark.parametrize("sizes", [{"n": 0}, {"n": 3, "f": 3}, {"n": 3, "f": -1}])
def test_more_crashes_than_can_be_survived_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="f must be from 0 to"):
        session("synchronous/flood_set", sizes)
