"""Facts about counterexamples: short, in a readable order, and always true in the core."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Action, Ask, Deliver, Drop, Duplicate, World, begin, enabled, step
from playground.protocol import System, Verdict, always
from playground.protocol.consensus import Propose
from playground.search.causality import causes, reordered
from playground.search.engine import run
from playground.search.faults import Faults
from playground.search.minimise import breaking, shrinking
from playground.search.result import Result, Violation
from playground.search.walk import walk
from playground.session.asks import asks
from playground.session.catalog import load
from playground.session.hunt import hunt
from playground.session.quarry import Quarry
from tests.helpers import session
from tests.search.models import Proposer, agreement, paxos


def violation(result: Result) -> Violation:
    assert result.violation is not None
    return result.violation


def a_random_run(start: World, seed: int, steps: int) -> list[Action]:
    random, world, actions = Random(seed), start, list[Action]()
    for _ in range(steps):
        possible: list[Action] = list(enabled(world))
        possible += [Duplicate(e) for e in world.network.heads()]
        possible += [Drop(e) for e in world.network.heads()]
        if not possible:
            break
        actions.append(random.choice(possible))
        world = step(world, actions[-1])
    return actions


def end(start: World, actions: tuple[Action, ...]) -> World:
    world = start
    for action in actions:
        world = step(world, action)
    return world


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), fifo=st.booleans())
def test_another_order_of_the_same_causes_leads_to_the_same_world(seed: int, fifo: bool) -> None:
    start = paxos(K=2, fifo=fifo)
    actions = a_random_run(start, seed, 40)
    order = reordered(start, actions)
    assert sorted(order, key=repr) == sorted(actions, key=repr)
    assert end(start, order) == end(start, tuple(actions))


def test_an_effect_follows_its_cause_where_it_can() -> None:
    start = paxos(bug=True)
    found = violation(run(start, [agreement]))
    needs = causes(start, found.trace)
    beside = sum(n - 1 in needs[n] for n in range(1, len(found.trace)))
    assert beside >= 10
    arrivals = [a.envelope.message for a in found.trace if isinstance(a, Deliver)]
    assert type(arrivals[0]).__name__ == "Prepare" and type(arrivals[1]).__name__ == "Promise"


@pytest.mark.parametrize("seed", range(5))
def test_what_a_random_walk_finds_is_1_minimal(seed: int) -> None:
    start = paxos(bug=True)
    found = violation(walk(start, [agreement], walks=20_000, seed=seed))
    assert found.minimal == "1-minimal"
    assert not agreement(found.world)
    for n in range(len(found.trace)):
        rest = found.trace[:n] + found.trace[n + 1 :]
        shorter = breaking(start, rest, agreement)
        assert shorter is None or len(shorter) >= len(found.trace)


def test_a_run_that_nobody_waits_for_is_told_as_it_is() -> None:
    """Ctrl-C while it is made shorter, which asks the property again and again."""
    asked = 0

    @always()
    def impatient(system: System) -> Verdict:
        nonlocal asked
        if agreement(system):
            return True
        asked += 1
        if asked == 3:
            raise KeyboardInterrupt
        return False

    found = violation(walk(paxos(bug=True), [impatient], walks=20_000, seed=1))
    assert found.minimal == "long" and asked > 3
    patient = violation(walk(paxos(bug=True), [agreement], walks=20_000, seed=1))
    assert len(found.trace) > len(patient.trace)


def test_a_run_inside_the_model_is_made_shorter_inside_it() -> None:
    """A round that ends before its messages have come is shorter, and no bug."""
    generals = session("synchronous/om", {"n": 5, "m": 1, "bug": "tie_own"})
    quarry = Quarry(
        properties=["IC1"],
        asks=asks(generals),
        corrupt=("c",),
        forgeries=2,
        walks=20_000,
        seed=5,
    )
    found = hunt(generals, quarry)
    assert found.bug and found.outside == ()


def test_a_walk_is_the_same_for_the_same_seed() -> None:
    start = paxos(bug=True)
    first, again = (walk(start, [agreement], walks=20_000, seed=3) for _ in range(2))
    assert violation(first).trace == violation(again).trace
    assert first.states == again.states


def test_a_walk_that_finds_nothing_says_that_it_has_not_seen_everything() -> None:
    result = walk(paxos(), [agreement], walks=20)
    assert (result.outcome, result.stopped) == ("bounded", "walks")


def test_minimising_leaves_out_what_does_not_matter() -> None:
    @always()
    def nobody_leads(system: System) -> Verdict:
        """No proposer ever sends its command."""
        return all(p.phase < 2 for p in system.all(Proposer))

    start = paxos()
    run_of_50 = a_random_run(start, 4, 200)
    *longer, short = shrinking(start, run_of_50, nobody_leads)
    assert all(not nobody_leads(end(start, each)) for each in longer)
    assert len(short) == 5  # a ballot, two arrivals, two promises
    assert not nobody_leads(end(start, short))


def test_minimising_a_run_that_breaks_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="does not break agreement"):
        next(shrinking(paxos(), [], agreement))


def test_what_arrives_twice_is_copied_first() -> None:
    """Messages that can arrive for ever are copies to the core."""
    file = load("consensus/paxos")
    nodes = file.setup({"proposers": 1, "bug": "count_twice"})
    p = file.property("safe_to_command")
    start = step(begin(nodes, file.model(nodes), p.sees), Ask("p1", Propose("A")))
    assert run(start, [p], Faults(timers=0)).complete
    found = violation(run(start, [p], Faults(timers=0), copies=True))
    assert [type(a) for a in found.trace] == [Deliver, Duplicate, Deliver, Deliver]


def test_every_step_of_a_counterexample_is_possible_when_it_is_taken() -> None:
    start = paxos(bug=True)
    worlds = [start]
    for action in violation(run(start, [agreement])).trace:
        worlds.append(step(worlds[-1], action))
    assert all(a != b for a, b in pairwise(worlds))
