"""Facts about OM: whatever one traitor says to whom, and what it takes to fool three generals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import perm
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, Corrupt, Envelope, Forge, Tick, World, step
from playground.protocol import Pid
from playground.protocol.byzantine import Command, Decided, Value
from playground.session.catalog import load
from playground.session.deeds import EditFlight
from playground.session.errors import BadInput
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import bugs
from protocols.synchronous.om import Lieutenant, Order
from tests.adversaries import delivered, done, lies, started
from tests.helpers import played, session

OM = load("synchronous/om")
VALUES: tuple[Value, ...] = get_args(Value)
WORDS: tuple[Value | None, ...] = (*VALUES, None)


def ordered(value: Value, n: int, m: int = 1, **setup: Any) -> World:
    return started(OM, [("c", Command(value))], n=n, m=m, **setup)


def broken(world: World) -> set[str]:
    return {p.name for p in OM.properties if p.kind != "between" and not p(world)}


def says(world: World, traitor: Pid, words: Sequence[Value | None]) -> Iterator[World]:
    """All that the messages which the traitor has just sent may say instead, each to its receiver;
    None: it is not sent."""
    sent = [e for e in world.network if e.src == traitor]
    paths = {e.message.path for e in sent if isinstance(e.message, Order)} or {()}
    [path] = paths  # in OM(1) a general tells each thing in one round only
    yield from lies(world, sent, [Order(path, word) if word else None for word in words])


def behaviours(
    n: int, traitor: Pid, order: Value, words: Sequence[Value | None] = WORDS, **setup: Any
) -> list[World]:
    """How OM(1) ends with this traitor, once for each way in which it may behave."""
    worlds = [step(ordered(order, n, **setup), Corrupt(traitor))]
    for _ in range(2):
        begun = [done(world, Tick()) for world in worlds]
        worlds = [delivered(lie) for world in begun for lie in says(world, traitor, words)]
    return [done(world, Tick()) for world in worlds]


def breaking(
    n: int, traitor: Pid, words: Sequence[Value | None] = WORDS, **setup: Any
) -> Counter[str]:
    """In how many behaviours of this traitor, for both orders, each property breaks."""
    ends = [end for order in VALUES for end in behaviours(n, traitor, order, words, **setup)]
    return Counter(name for end in ends for name in broken(end))


def lieutenants(n: int) -> list[Pid]:
    return [f"l{i}" for i in range(1, n)]


# ---- costs


def formula(n: int, m: int) -> int:
    return sum(perm(n - 1, k) for k in range(1, m + 2))


def commanded(n: int, m: int) -> Session:
    return played("synchronous/om", "ask c Command value=ATTACK", "finish", setup={"n": n, "m": m})


@pytest.mark.parametrize(
    ("n", "m", "messages"),
    [(2, 0, 1), (5, 0, 4), (4, 1, 9), (5, 1, 16), (7, 1, 36), (7, 2, 156), (8, 2, 259)],
)
def test_it_costs_exponentially_many_messages_and_m_plus_1_delays(
    n: int, m: int, messages: int
) -> None:
    run = commanded(n, m)
    assert formula(n, m) == messages
    assert (cost(run.state)["total"], cost(run.state)["delays"]) == (messages, m + 1)
    assert {told.output for told in run.state.told.values()} == {Decided("ATTACK")}


@pytest.mark.slow
def test_three_traitors_among_ten_cost_3609_messages() -> None:
    test_it_costs_exponentially_many_messages_and_m_plus_1_delays(10, 3, 3609)


# ---- every behaviour of one traitor


@pytest.mark.parametrize(("n", "each"), [(4, 3**3), (5, 3**4)])
def test_no_behaviour_of_a_commander_breaks_a_property_if_there_are_four(n: int, each: int) -> None:
    assert len(behaviours(n, "c", "ATTACK")) == each
    assert breaking(n, "c") == {}


@pytest.mark.parametrize(("n", "each"), [(4, 3**2), (5, 3**3)])
def test_no_behaviour_of_a_lieutenant_breaks_a_property_if_there_are_four(
    n: int, each: int
) -> None:
    for traitor in lieutenants(n):
        assert len(behaviours(n, traitor, "ATTACK")) == each
        assert breaking(n, traitor) == {}


def test_among_three_a_lieutenant_that_denies_an_attack_makes_the_other_disobey() -> None:
    """It says RETREAT, or nothing.  An order to retreat is obeyed, as RETREAT wins a tie."""
    for traitor in lieutenants(3):
        assert breaking(3, traitor) == {"validity": 2}
        assert breaking(3, traitor, VALUES) == {"validity": 1}
    assert breaking(3, "c") == {}


# ---- a tie that everybody breaks for itself


def test_if_ties_go_to_the_own_value_a_commander_splits_an_even_number_of_votes() -> None:
    """Among five there are 6 ways to tell half of the four lieutenants to attack and half not to,
    and the commander may have had either order: 12.  With silence in the place of RETREAT, 48."""
    assert breaking(5, "c", VALUES, bug="tie_own") == {"agreement": 12}
    assert breaking(5, "c", bug="tie_own") == {"agreement": 48}
    assert breaking(3, "c", VALUES, bug="tie_own") == {"agreement": 4}


def test_an_odd_number_of_votes_has_no_tie() -> None:
    assert breaking(4, "c", bug="tie_own") == {}


@pytest.mark.parametrize("n", [3, 4, 5])
def test_no_lieutenant_gains_from_ties_that_go_to_the_own_value(n: int) -> None:
    for traitor in lieutenants(n):
        assert breaking(n, traitor, bug="tie_own") == {}


# ---- anything that traitors may say


def bold(data: st.DataObject, run: Session, traitors: Sequence[Pid]) -> None:
    """Traitors change, withhold and invent whatever they like, in every round."""
    generals = run.world.rules.pids
    m = next(node.m for node in run.world.all(Lieutenant))
    for _ in range(m + 2):
        run.say("tick")
        for flight in [f for f in run.state.in_flight() if f.envelope.src in traitors]:
            if (deed := data.draw(st.sampled_from(["", "drop", "ATTACK", "RETREAT"]))) == "drop":
                run.say(f"drop {flight.name}")
            elif deed:
                run.say(f"edit {flight.name} value={deed}")
        for _ in range(data.draw(st.integers(0, 3))):
            liar = data.draw(st.sampled_from(traitors))
            to = data.draw(st.sampled_from([g for g in generals if g != liar]))
            way = data.draw(st.permutations(generals[1:]))[: data.draw(st.integers(0, m))]
            path = ("c", *way)
            order = Order(data.draw(st.sampled_from([path, (*path, liar), ()])), data.draw(words))
            run.history.do(Forge(Envelope(liar, to, order)))
        if run.state.flights:
            run.say("deliver * *>*")


words: Any = st.sampled_from([*VALUES, "FLEE"])


@settings(max_examples=40)
@given(st.data())
def test_nothing_that_a_traitor_says_breaks_a_property(data: st.DataObject) -> None:
    n = data.draw(st.sampled_from([4, 5]))
    run = session("synchronous/om", {"n": n, "m": 1})
    run.history.do(Ask("c", Command(data.draw(st.sampled_from(VALUES)))))
    traitors = [data.draw(st.sampled_from(run.world.rules.pids))]
    run.say(f"corrupt {traitors[0]}")
    bold(data, run, traitors)
    assert (run.outside(), run.state.broken) == ([], ())
    assert run.verdicts()["decided"] == "reached"


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_nor_does_what_two_say_among_seven(data: st.DataObject) -> None:
    run = session("synchronous/om", {"n": 7, "m": 2})
    run.history.do(Ask("c", Command(data.draw(st.sampled_from(VALUES)))))
    traitors = data.draw(st.permutations(run.world.rules.pids))[:2]
    for traitor in traitors:
        run.say(f"corrupt {traitor}")
    bold(data, run, traitors)
    assert (run.outside(), run.state.broken) == ([], ())
    assert run.verdicts()["decided"] == "reached"


@settings(max_examples=30)
@given(st.data())
def test_strategies_and_crashes_within_the_bound_break_nothing(data: st.DataObject) -> None:
    n, m = data.draw(st.sampled_from([(4, 1), (7, 2)]))
    run = played("synchronous/om", "ask c Command value=ATTACK", setup={"n": n, "m": m})
    for traitor in data.draw(st.permutations(run.world.rules.pids))[:m]:
        known = run.protocol.strategies(type(run.world.nodes[traitor]))
        strategy = data.draw(st.sampled_from([*known, None]))
        run.say(f"corrupt {traitor} {strategy}" if strategy else f"crash {traitor}")
    run.say("finish")
    assert (run.outside(), run.state.broken) == ([], ())


# ---- known bugs


def late_order() -> tuple[str, ...]:
    """The commander says nothing to l1 in round 1, and makes up for it in round 2."""
    return (
        "corrupt c", "ask c Command value=ATTACK", "tick", "edit m3 value=RETREAT", "drop m1",
        "deliver * *>*", "tick", "deliver * *>*", "forge Order c>l1 path=(c,) value=ATTACK",
        "deliver * *>*", "tick",
    )  # fmt: skip


def false_path() -> tuple[str, ...]:
    """l3 tells l2 what l1 is said to have said, before l1 can say it."""
    return (
        "corrupt l3", "ask c Command value=ATTACK", "tick", "deliver * *>*", "tick",
        "forge Order l3>l2 path=(c, l1) value=RETREAT", "edit m9 value=RETREAT",
        "deliver m10", "deliver m11", "deliver * *>*", "tick",
    )  # fmt: skip


def halves() -> tuple[str, ...]:
    return (
        "corrupt c", "ask c Command value=ATTACK", "tick", "edit m3 value=RETREAT",
        "deliver * *>*", "tick", "deliver * *>*", "tick",
    )  # fmt: skip


FOUND: dict[str, tuple[int, tuple[str, ...]]] = {
    "tie_own": (
        5,
        (
            "corrupt c",
            "ask c Command value=ATTACK",
            "tick",
            "edit m3 value=RETREAT",
            "edit m4 value=RETREAT",
            "finish",
        ),
    ),
    "counts_itself": (4, halves()),
    "takes_late": (4, late_order()),
    "trusts_path": (4, false_path()),
}


def test_there_is_a_run_for_every_known_bug() -> None:
    assert set(FOUND) == set(OM.bugs)


@pytest.mark.parametrize("bug", FOUND)
def test_a_known_bug_breaks_what_it_should(bug: str) -> None:
    n, lines = FOUND[bug]
    run = played("synchronous/om", *lines, setup={"n": n, "bug": bug})
    found = {i for b in bugs(run.state, run.properties) for i in OM.property(b.property).ids}
    assert (found, run.outside()) == (set(OM.bugs[bug].breaks), [])
    right = played("synchronous/om", *lines, setup={"n": n})
    assert (right.state.broken, right.outside()) == ((), [])


# ---- rules


def heard(run: Session, pid: Pid) -> dict[Any, Value]:
    node = run.world.nodes[pid]
    assert isinstance(node, Lieutenant)
    return dict(node.heard)


@pytest.mark.parametrize(
    ("n", "m", "bound"), [(4, 1, 1), (3, 1, 0), (6, 2, 1), (7, 2, 2), (7, 1, 1)]
)
def test_the_theory_bears_less_than_a_third_of_traitors_and_no_more_than_m(
    n: int, m: int, bound: int
) -> None:
    run = session("synchronous/om", {"n": n, "m": m})
    assert run.world.rules.model.byzantine == bound


def test_only_the_first_word_counts_and_only_of_its_sender_in_its_round() -> None:
    run = played("synchronous/om", "corrupt c", "ask c Command value=ATTACK", "tick")
    for line in (
        "forge Order c>l1 path=(c,) value=RETREAT",
        "forge Order c>l1 path=(c, l2) value=RETREAT",
        "forge Order c>l1 path=() value=RETREAT",
        "corrupt l2",
        "forge Order l2>l1 path=(c,) value=RETREAT",
        "forge Order l2>l1 path=(c, l2) value=RETREAT",
    ):
        run.say(line)
    run.say("deliver * *>l1")
    assert heard(run, "l1") == {("c",): "ATTACK"}


def test_nonsense_counts_as_retreat() -> None:
    run = played("synchronous/om", "corrupt c", "tick")
    [flee] = [Order(("c",), word) for word in cast("list[Value]", ["FLEE"])]
    for f in run.state.in_flight():
        run.history.do(EditFlight(f.key, flee))
    run.say("deliver * *>*")
    assert heard(run, "l1") == {}
    run.say("tick")
    assert heard(run, "l1") == {("c",): "RETREAT"}


def test_without_a_command_the_order_is_to_retreat() -> None:
    run = played("synchronous/om", "finish")
    assert {told.output for told in run.state.told.values()} == {Decided("RETREAT")}
    assert run.verdicts()["validity"] == "holds"


def test_a_command_comes_too_late_when_the_order_is_given() -> None:
    run = played("synchronous/om", "tick", "ask c Command value=ATTACK", "finish")
    assert {told.output for told in run.state.told.values()} == {Decided("RETREAT")}


@pytest.mark.parametrize("sizes", [{"n": 1}, {"m": -1}])
def test_no_army_without_a_lieutenant(sizes: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="at least one lieutenant"):
        session("synchronous/om", sizes)
