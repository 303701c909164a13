"""Facts about early stopping: what it saves, and what uniformity costs."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from playground.core import Tick, World
from playground.protocol.consensus import Propose, decisions
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.state import cost
from protocols.synchronous.early_stopping import Process
from tests.adversaries import crash_runs, done, started
from tests.helpers import played, session

EARLY = load("synchronous/early_stopping")


def early(inputs: str, f: int, **setup: Any) -> World:
    asks = [(f"p{i}", Propose(value)) for i, value in enumerate(inputs, 1)]
    return started(EARLY, asks, n=len(inputs), f=f, **setup)


def inputs_of(n: int) -> list[str]:
    return ["".join(letters) for letters in product("AB", repeat=n)]


def ended(inputs: str, f: int, **setup: Any) -> list[set[World]]:
    """The worlds in which round 1, 2, ..., F+1 has just ended, for all that may have crashed."""
    runs = crash_runs(early(inputs, f, **setup), f + 1, f)
    return [{done(world, Tick()) for world in worlds} for worlds in runs]


def broken(ends: list[set[World]]) -> set[str]:
    """What is broken after some round; goals are judged after the last one."""
    always = [p for p in EARLY.properties if p.kind == "always"]
    goals = [p for p in EARLY.properties if p.kind == "eventually"]
    found = {p.name for worlds in ends for world in worlds for p in always if not p(world)}
    return found | {p.name for world in ends[-1] for p in goals if not p(world)}


def undecided(world: World) -> bool:
    told = {pid for pid, _ in world.seen(decisions)}
    return any(p.pid not in told for p in world.up(Process))


# ---- costs


@pytest.mark.parametrize(("n", "f"), [(2, 1), (3, 1), (3, 2), (4, 2), (5, 3)])
@pytest.mark.parametrize(("rule", "rounds"), [("nonuniform", 1), ("uniform", 2)])
def test_without_a_crash_one_round_is_enough_and_one_more_for_uniformity(
    n: int, f: int, rule: str, rounds: int
) -> None:
    asks = [f"ask p{i} Propose value={'AB'[i % 2]}" for i in range(1, n + 1)]
    setup = {"n": n, "f": f, "rule": rule}
    run = played("synchronous/early_stopping", *asks, "finish", setup=setup)
    assert cost(run.state)["delays"] == rounds
    run.say("run fifo 200")  # those that have decided go on telling
    assert cost(run.state)["total"] == (f + 1) * n * (n - 1)


@pytest.mark.parametrize("n", [3, 4])
@pytest.mark.parametrize(("rule", "more"), [("nonuniform", 1), ("uniform", 2)])
def test_with_so_many_crashes_it_ends_so_many_rounds_later_at_the_latest(
    n: int, rule: str, more: int
) -> None:
    """min(f+1, F+1) and min(f+2, F+1) rounds, and neither can be less."""
    late = {
        (len(world.down), rounds)
        for rounds, worlds in enumerate(ended("A" + "B" * (n - 1), 2, rule=rule), 1)
        for world in worlds
        if undecided(world)
    }
    assert late == {(f, r) for f in range(3) for r in range(1, 3) if r < f + more}


# ---- every run

WORLDS = {
    ("uniform", 3, 1): 280,
    ("uniform", 3, 2): 1_260,
    ("uniform", 4, 1): 1_504,
    ("nonuniform", 3, 1): 238,
    ("nonuniform", 3, 2): 1_110,
    ("nonuniform", 4, 1): 1_128,
}


@pytest.mark.parametrize(("rule", "n", "f"), WORLDS)
def test_no_pattern_of_crashes_breaks_what_the_rule_promises(rule: str, n: int, f: int) -> None:
    """The rule "nonuniform" can break uniform agreement, and that alone, if two may crash."""
    runs = [ended(inputs, f, rule=rule) for inputs in inputs_of(n)]
    given_up = {"agreement"} if rule == "nonuniform" and f > 1 else set()
    assert set().union(*map(broken, runs)) == given_up
    assert sum(len(worlds) for run in runs for worlds in run) == WORLDS[rule, n, f]


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "given_up"), [("uniform", set()), ("nonuniform", {"agreement"})])
def test_nor_do_two_crashes_among_four(rule: str, given_up: set[str]) -> None:
    runs = [ended(inputs, 2, rule=rule) for inputs in inputs_of(4)]
    assert set().union(*map(broken, runs)) == given_up


@pytest.mark.parametrize(("rule", "given_up"), [("uniform", set()), ("nonuniform", {"agreement"})])
def test_nor_do_two_crashes_among_four_of_whom_one_wants_less(
    rule: str, given_up: set[str]
) -> None:
    assert broken(ended("ABBB", 2, rule=rule)) == given_up


# ---- known bugs

FOUND = {"nothing_new": ("uniform", "ABBB", 2), "falls_silent": ("nonuniform", "ABB", 1)}


def test_there_is_an_instance_for_every_known_bug() -> None:
    assert set(FOUND) == set(EARLY.bugs)


@pytest.mark.parametrize("bug", FOUND)
def test_a_known_bug_breaks_what_it_should(bug: str) -> None:
    rule, inputs, f = FOUND[bug]
    given_up = set(EARLY.model(EARLY.setup({"rule": rule})).gives_up)
    assert broken(ended(inputs, f, rule=rule, bug=bug)) - given_up == set(EARLY.bugs[bug].breaks)
    assert broken(ended(inputs, f, rule=rule)) == set()


# ---- rules


@pytest.mark.parametrize("rule", ["uniform", "nonuniform"])
def test_what_comes_late_is_not_taken_in_and_its_sender_not_heard(rule: str) -> None:
    asks = [f"ask p{i} Propose value={v}" for i, v in enumerate("ABB", 1)]
    lines = "tick", "hold Vals p1>p3", "deliver * *>*", "tick", "release m2", "deliver m2"
    run = played("synchronous/early_stopping", *asks, *lines, setup={"rule": rule})
    assert run.outside() == ["1 message late for the round"]
    p3 = vars(run.world.nodes["p3"])
    assert (p3["W"], p3["heard"], p3["before"]) == ({"B"}, {"p3"}, {"p2", "p3"})


@pytest.mark.parametrize("sizes", [{"n": 0}, {"n": 3, "f": 3}, {"n": 3, "f": -1}])
def test_more_crashes_than_can_be_survived_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="f must be from 0 to"):
        session("synchronous/early_stopping", sizes)
