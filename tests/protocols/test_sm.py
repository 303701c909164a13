"""Facts about SM: whatever traitors sign for whom, and what their keys are good for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import permutations, product
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Action, Ask, Corrupt, Envelope, Forge, Impossible, Tick, World, step
from playground.protocol import Pid, Signed
from playground.protocol.byzantine import Command, Decided, Value
from playground.session.catalog import load, silent
from playground.session.errors import BadInput
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.synchronous.sm import Lieutenant, Order
from tests.adversaries import delivered, done, started, subsets
from tests.helpers import played, session

SM = load("synchronous/sm")
VALUES: tuple[Value, ...] = get_args(Value)


def ordered(value: Value, n: int, m: int, **setup: Any) -> World:
    return started(SM, [("c", Command(value))], n=n, m=m, **setup)


def broken(world: World) -> set[str]:
    return {p.name for p in SM.properties if p.kind != "between" and not p(world)}


def signed(value: Value, chain: Sequence[Pid]) -> Signed:
    order = Signed(value, chain[0])
    for pid in chain[1:]:
        order = Signed(order, pid)
    return order


def makeable(world: World, r: int, traitors: Sequence[Pid], to: Pid) -> list[Forge]:
    """The orders that count in round r, and that a traitor can be the last to sign."""
    found = []
    others = [g for g in world.rules.pids if g not in ("c", to)]
    for way, value in product(permutations(others, r - 1), VALUES):
        chain = ("c", *way)
        if chain[-1] in traitors:
            forgery = Forge(Envelope(chain[-1], to, Order(signed(value, chain))))
            try:
                step(world, forgery)
            except Impossible:
                continue
            found.append(forgery)
    return found


def lying(world: World, r: int, traitors: Sequence[Pid]) -> Iterator[World]:
    """Each loyal lieutenant gets any of the orders that there can be, or any two, or none."""
    loyal = [l.pid for l in world.correct(Lieutenant)]
    choices = [list(subsets(makeable(world, r, traitors, to))) for to in loyal]
    for chosen in product(*choices):
        forgeries: list[Action] = [forgery for some in chosen for forgery in some]
        yield done(world, *forgeries)


def outcome(
    order: Value, n: int, m: int, traitors: Sequence[Pid], **setup: Any
) -> tuple[int, set[str]]:
    """How many worlds there are at the end, and what is broken in some of them.  The traitors do
    nothing of themselves; what they might is tried."""
    world = ordered(order, n, m, **setup)
    for traitor in traitors:
        role: Any = type(world.nodes[traitor])
        world = step(world, Corrupt(traitor, silent(role)))
    worlds = {world}
    for r in range(1, m + 2):
        begun = {done(world, Tick()) for world in worlds}
        worlds = {delivered(lie) for world in begun for lie in lying(world, r, traitors)}
    ends = {done(world, Tick()) for world in worlds}
    return len(ends), set().union(*map(broken, ends))


# ---- costs


@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, 1), (4, 1), (4, 2), (5, 3), (7, 2), (10, 3)])
def test_it_costs_n_less_1_squared_messages_and_m_plus_1_delays(n: int, m: int) -> None:
    lines = "ask c Command value=ATTACK", "finish"
    run = played("synchronous/sm", *lines, setup={"n": n, "m": m})
    assert (cost(run.state)["total"], cost(run.state)["delays"]) == ((n - 1) ** 2, m + 1)
    assert {told.output for told in run.state.told.values()} == {Decided("ATTACK")}


def test_without_traitors_to_fear_the_order_alone_is_enough() -> None:
    run = played("synchronous/sm", "ask c Command value=ATTACK", "finish", setup={"n": 5, "m": 0})
    assert (cost(run.state)["total"], cost(run.state)["delays"]) == (4, 1)


# ---- everything that traitors can sign

ONE = [(2, 1), (3, 1), (4, 1), (5, 1)]


@pytest.mark.parametrize(("n", "m"), ONE)
def test_nothing_that_a_commander_signs_breaks_a_property(n: int, m: int) -> None:
    """Each lieutenant gets one order, the other, both or none."""
    assert outcome("ATTACK", n, m, ["c"]) == (4 ** (n - 1), set())


@pytest.mark.parametrize(("n", "m"), ONE)
@pytest.mark.parametrize("order", VALUES)
def test_nothing_that_a_lieutenant_signs_breaks_a_property(n: int, m: int, order: Value) -> None:
    assert outcome(order, n, m, [f"l{n - 1}"])[1] == set()


@pytest.mark.parametrize("traitors", [("c", "l3"), ("l2", "l3")])
def test_nothing_that_two_of_four_sign_breaks_a_property_of_sm_2(traitors: Sequence[Pid]) -> None:
    assert outcome("ATTACK", 4, 2, traitors)[1] == set()


def test_two_are_one_too_many_for_sm_1() -> None:
    assert outcome("ATTACK", 4, 1, ("c", "l3"))[1] == {"agreement"}
    assert outcome("ATTACK", 4, 1, ("l2", "l3"))[1] == set()


def test_any_traitor_is_one_too_many_for_sm_0() -> None:
    assert outcome("ATTACK", 3, 0, ("c",))[1] == {"agreement"}


def scribbled(data: st.DataObject, run: Session, traitors: Sequence[Pid]) -> None:
    """Traitors sign and send whatever they like, of any length and in any round."""
    generals = run.world.rules.pids
    m = next(node.m for node in run.world.all(Lieutenant))
    for _ in range(m + 2):
        run.say("tick")
        for _ in range(data.draw(st.integers(0, 6))):
            way = data.draw(st.lists(st.sampled_from(generals), max_size=m + 1))
            order = signed(data.draw(words), [data.draw(st.sampled_from(generals)), *way])
            to = data.draw(st.sampled_from(generals[1:]))
            liar = data.draw(st.sampled_from(traitors))
            with suppress(Impossible):  # a key is missing
                run.history.do(Forge(Envelope(liar, to, Order(order))))
        if run.state.flights:
            run.say("deliver * *>*")


words: Any = st.sampled_from([*VALUES, "FLEE"])


@settings(max_examples=40)
@given(st.data())
def test_nothing_that_traitors_scribble_breaks_a_property(data: st.DataObject) -> None:
    n, m = data.draw(st.sampled_from([(3, 1), (4, 1), (4, 2), (5, 2), (5, 3)]))
    run = session("synchronous/sm", {"n": n, "m": m})
    run.history.do(Ask("c", Command(data.draw(st.sampled_from(VALUES)))))
    traitors = data.draw(st.permutations(run.world.rules.pids))[:m]
    for traitor in traitors:
        strategies = ["", *run.protocol.strategies(type(run.world.nodes[traitor]))]
        run.say(f"corrupt {traitor} {data.draw(st.sampled_from(strategies))}")
    scribbled(data, run, traitors)
    assert (run.outside(), run.state.broken) == ([], ())
    assert run.verdicts()["decided"] == "reached"


# ---- keys


def test_without_a_key_an_order_can_be_passed_on_but_not_changed() -> None:
    run = played("synchronous/sm", "corrupt l2", "ask c Command value=ATTACK", "tick")
    why = "refused: c never signed RETREAT, and you do not hold its key"
    assert run.refusal("forge Order l2>l1 order=Signed(RETREAT, c)") == why
    assert run.refusal("forge Order l2>l1 order=Signed(Signed(RETREAT, c), l2)") == why
    assert run.refusal("forge Order l2>l1 order=Signed(Signed(ATTACK, c), l2)") is None


def test_where_signatures_prove_nothing_one_lieutenant_undoes_an_order() -> None:
    lines = (
        "corrupt l2", "ask c Command value=ATTACK", "tick", "deliver * *>*", "tick",
        "forge Order l2>l1 order=Signed(Signed(RETREAT, c), l2)", "finish",
    )  # fmt: skip
    model = SM.model(SM.setup({"n": 3}))
    run = Session(SM, {"n": 3}, replace(model, auth="channel"))
    for line in lines:
        run.say(line)
    assert run.verdicts()["validity"] == "violated"


# ---- known bugs

SPLIT = "corrupt c", "ask c Command value=ATTACK", "tick"
FOUND: dict[str, tuple[str, ...]] = {
    "takes_short": (*SPLIT, "deliver * *>*", "tick", "forge Order c>l1 order=Signed(RETREAT, c)"),
    "counts_again": (
        *SPLIT, "deliver * *>*", "tick", "forge Order c>l1 order=Signed(Signed(RETREAT, c), c)",
    ),
    "keeps_itself": (*SPLIT, "edit m2 order=Signed(RETREAT, c)"),
    "anyone_commands": (
        "corrupt l2", "ask c Command value=ATTACK", "tick",
        "forge Order l2>l1 order=Signed(RETREAT, l2)",
    ),
}  # fmt: skip


def test_there_is_a_run_for_every_known_bug() -> None:
    assert set(FOUND) == set(SM.bugs)


@pytest.mark.parametrize("bug", FOUND)
def test_a_known_bug_breaks_what_it_should(bug: str) -> None:
    run = played("synchronous/sm", *FOUND[bug], "finish", setup={"bug": bug})
    found = {i for b in bugs(run.state, run.properties) for i in SM.property(b.property).ids}
    assert (found, run.outside()) == (set(SM.bugs[bug].breaks), [])
    right = played("synchronous/sm", *FOUND[bug], "finish")
    assert (right.state.broken, right.outside()) == ((), [])


# ---- rules


def test_nonsense_is_not_obeyed_though_it_is_signed() -> None:
    run = played("synchronous/sm", "corrupt c silent", "tick")
    run.history.do(Forge(Envelope("c", "l1", Order(Signed("FLEE", "c")))))
    run.say("finish")
    assert run.state.told["l1"].output == Decided("RETREAT")


def test_who_hears_nothing_retreats() -> None:
    run = played("synchronous/sm", "corrupt c silent", "finish")
    assert {run.state.told[l].output for l in ("l1", "l2")} == {Decided("RETREAT")}


@pytest.mark.parametrize("sizes", [{"n": 1}, {"m": -1}])
def test_no_army_without_a_lieutenant(sizes: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="at least one lieutenant"):
        session("synchronous/sm", sizes)
