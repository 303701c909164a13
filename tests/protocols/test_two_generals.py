"""Facts about Two Generals: which runs there are, and that no rule gets all three wishes."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from playground.core import Ask, Deliver, Drop, Fire, World, begin, enabled, step
from playground.protocol.observations import Observation
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.impossibility.two_generals import (
    Start,
    agreement,
    decided,
    model,
    nontriviality,
    setup,
    validity,
)
from tests.helpers import played, session
from tests.protocols.chain import Run, chain_view
from tests.search.plain import Faults, explore

WISHES = (agreement, validity, nontriviality)
OBSERVED: list[Observation[object]] = [*dict.fromkeys(o for p in WISHES for o in p.sees)]
LENGTHS = range(1, 9)


def no_plan(K: int, tA: int | None = None, tB: int | None = None, copies: int = 1) -> World:
    nodes = setup(K, tA, tB, copies)
    return begin(nodes, model(nodes), OBSERVED)


def planned(K: int, tA: int | None = None, tB: int | None = None, copies: int = 1) -> World:
    return step(no_plan(K, tA, tB, copies), Ask("A", Start("dawn")))


def chain(K: int, tA: int | None = None, tB: int | None = None) -> list[Run]:
    """R_0 to R_K."""
    return chain_view(planned(K, tA, tB), WISHES)


def actions(world: World) -> tuple[object, object]:
    """What A and B have decided."""
    a, b = (vars(node)["decision"] for node in world.nodes.values())
    return a, b


def splits(runs: list[Run]) -> list[int]:
    return [run.delivered for run in runs if "agreement" in run.broken]


# ---- the chain of runs


@pytest.mark.parametrize("K", LENGTHS)
def test_by_the_natural_rule_only_the_loss_of_the_last_message_splits(K: int) -> None:
    runs = chain(K)
    assert len(runs) == K + 1
    assert splits(runs) == [K - 1]
    assert actions(runs[K].world) == ("attack", "attack")
    assert {name for run in runs for name in run.broken} == {"agreement"}


@pytest.mark.parametrize("K", LENGTHS)
def test_whoever_sends_a_message_cannot_tell_whether_it_arrives(K: int) -> None:
    for run in chain(K)[1:]:
        sender = "A" if run.delivered % 2 else "B"
        assert run.alike == {sender}


@pytest.mark.parametrize("K", LENGTHS)
def test_b_cannot_tell_a_lost_plan_from_none(K: int) -> None:
    lost, none = chain(K)[0], chain_view(no_plan(K))[0]
    assert lost.world.nodes["B"] == none.world.nodes["B"]


@pytest.mark.parametrize("K", LENGTHS)
def test_the_chain_holds_every_run_that_ends_before_the_deadline(K: int) -> None:
    """Any pattern of losses ends the conversation at the first loss."""
    report = explore(planned(K), WISHES, Faults(drops=K, timers=0))
    assert report.complete and report.worlds == 2 * K + 1
    heard = {tuple(vars(node)["got"] for node in end.nodes.values()) for end in report.ends}
    assert heard == {tuple(vars(n)["got"] for n in run.world.nodes.values()) for run in chain(K)}


def test_a_chain_of_runs_that_has_no_end_is_refused() -> None:
    with pytest.raises(ValueError, match="after 3 deliveries"):
        chain_view(planned(8), limit=3)


# ---- no rule gets all three wishes


def broken_wishes(K: int, tA: int, tB: int) -> frozenset[str]:
    runs = [*chain(K, tA, tB), chain_view(no_plan(K, tA, tB), WISHES)[0]]
    return frozenset(name for run in runs for name in run.broken)


def test_whatever_the_thresholds_some_wish_breaks() -> None:
    """Every K up to 8, and all thresholds up to one that nothing can reach."""
    rules = [(K, tA, tB) for K in LENGTHS for tA in range(K + 2) for tB in range(K + 2)]
    count = Counter(broken_wishes(*rule) for rule in rules)
    assert count == {
        frozenset({"agreement"}): 200,
        frozenset({"nontriviality"}): 16,  # nobody ever attacks
        frozenset({"agreement", "nontriviality"}): 112,
        frozenset({"agreement", "validity"}): 40,
        frozenset({"agreement", "nontriviality", "validity"}): 12,
    }


@pytest.mark.parametrize(("tA", "tB", "split"), [(0, 1, 0), (2, 1, 1), (2, 3, 2)])
def test_other_thresholds_move_the_split_along_the_chain(tA: int, tB: int, split: int) -> None:
    assert splits(chain(3, tA, tB)) == [split]


@pytest.mark.parametrize(("K", "worlds"), [(1, 40), (2, 90), (3, 146), (5, 288), (8, 576)])
def test_validity_and_nontriviality_hold_whatever_is_lost_and_whenever_the_deadline_comes(
    K: int, worlds: int
) -> None:
    faults = Faults(drops=K, duplicates=1)
    report = explore(planned(K), [validity, nontriviality, decided], faults)
    assert (report.complete, report.violation, report.worlds) == (True, None, worlds)
    assert report.reached == {"decided"}


def test_a_deadline_that_comes_too_early_splits_like_a_loss() -> None:
    report = explore(planned(3), WISHES)
    assert report.violation is not None
    assert report.violation.property == agreement
    assert [type(action) for action in report.violation.trace] == [Deliver, Deliver, Fire, Fire]


# ---- in a session


@pytest.mark.parametrize("K", LENGTHS)
@pytest.mark.parametrize("copies", [1, 3])
def test_it_costs_k_messages_and_k_delays(K: int, copies: int) -> None:
    run = played(
        "impossibility/two_generals",
        "ask A Start plan=dawn",
        "finish",
        setup={"K": K, "copies": copies},
    )
    spent = cost(run.state)
    assert (spent["total"], spent["delays"], spent["stable_writes"]) == (K + copies - 1, K, 0)
    assert set(run.verdicts().values()) == {"holds", "reached"}


def test_a_split_is_no_bug_as_the_model_does_not_make_the_links_reliable() -> None:
    run = session("impossibility/two_generals")
    for line in ("ask A Start plan=dawn", "drop M A>B", "fire A Deadline", "fire B Deadline"):
        run.say(line)
    assert run.verdicts()["agreement"] == "holds"  # K = 3: both stay
    for line in ("undo 3", "deliver M A>B", "deliver M B>A", "drop M A>B", "finish"):
        run.say(line)
    assert run.verdicts()["agreement"] == "violated"
    assert run.outside() == []
    assert bugs(run.state, run.properties) == []


@pytest.mark.parametrize("sizes", [{"K": 0}, {"copies": 0}])
def test_a_chain_without_messages_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one message"):
        setup(**sizes)


# ---- with chance: how much more messages, or more copies, help


def by_chance(random: Random, p: float, K: int, copies: int = 1) -> World:
    """The end of a run in which each message is lost with probability p."""
    world = planned(K, copies=copies)
    while deliveries := [a for a in enabled(world) if isinstance(a, Deliver)]:
        lost = random.random() < p
        world = step(world, Drop(deliveries[0].envelope) if lost else deliveries[0])
    for pid, timer in sorted(world.timers):
        world = step(world, Fire(pid, timer))
    return world


def outcomes(seed: int, p: float, K: int, copies: int = 1, runs: int = 1000) -> dict[str, float]:
    """How often, of `runs` runs: the generals split, both attack, all but the last message came."""
    random = Random(seed)
    ends = [by_chance(random, p, K, copies) for _ in range(runs)]
    pairs = [actions(end) for end in ends]
    close = [max(vars(n)["got"] for n in end.nodes.values()) >= K - 1 for end in ends]
    return {
        "split": sum(a != b for a, b in pairs) / runs,
        "both": sum(a == b == "attack" for a, b in pairs) / runs,
        "close": sum(close) / runs,
    }


@pytest.mark.parametrize("K", [1, 2, 3, 6])
def test_a_longer_chain_makes_the_split_rarer_only_by_making_the_attack_rarer(K: int) -> None:
    """p is the probability that a message is lost, and still that of a split once all but the last
    have come."""
    p = 0.3
    seen = outcomes(seed=7, p=p, K=K)
    assert seen["both"] == pytest.approx((1 - p) ** K, abs=0.04)
    assert seen["split"] == pytest.approx(p * (1 - p) ** (K - 1), abs=0.04)
    assert seen["split"] / seen["close"] == pytest.approx(p, abs=0.08)


@pytest.mark.parametrize("copies", [1, 2, 4])
def test_copies_of_the_last_message_make_the_split_rare_but_never_impossible(copies: int) -> None:
    p = 0.5
    seen = outcomes(seed=11, p=p, K=2, copies=copies)
    assert seen["split"] / seen["close"] == pytest.approx(p**copies, abs=0.06)
    assert seen["split"] > 0
