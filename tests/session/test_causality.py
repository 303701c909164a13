"""Happened-before in the diagram, checked against vector clocks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.session.catalog import load
from playground.session.causality import EVERYBODY, places
from playground.session.diagram import Chronicle
from playground.session.session import Session


def paxos(*lines: str) -> Session:
    session = Session(load("consensus/paxos"), {"proposers": 2, "acceptors": 3})
    for line in lines:
        session.say(line)
    return session


def test_a_delivery_comes_after_the_step_that_sent_its_message() -> None:
    chronicle = Chronicle(paxos("ask p1 Propose value=A", "ask p2 Propose value=B", "deliver m2"))
    assert chronicle.orders(3, range(1, 4)) == {1: "past", 2: "concurrent", 3: "self"}
    assert chronicle.orders(1, range(1, 4)) == {1: "self", 2: "concurrent", 3: "future"}


def test_two_receivers_of_one_node_are_concurrent_until_they_answer() -> None:
    chronicle = Chronicle(paxos("ask p1 Propose value=A", "deliver m1", "deliver m2", "deliver m4"))
    assert chronicle.orders(3, range(1, 5)) == {1: "past", 2: "concurrent", 3: "self",
                                                4: "concurrent"}  # fmt: skip


def test_a_cut_is_in_no_order_and_a_loss_comes_after_the_sending() -> None:
    chronicle = Chronicle(paxos("ask p1 Propose value=A", "cut p1>a1", "drop m2"))
    assert chronicle.orders(1, range(1, 4)) == {1: "self", 2: "none", 3: "future"}


def test_copies_and_old_messages_that_come_again_have_the_cause_of_the_first() -> None:
    chronicle = Chronicle(
        paxos("ask p1 Propose value=A", "duplicate m1", "deliver m1'", "replay m2", "deliver m5")
    )
    assert [chronicle[n].cause for n in range(1, 6)] == [None, 1, 2, 1, 4]
    assert chronicle.orders(1, range(1, 6)) == dict.fromkeys(range(2, 6), "future") | {1: "self"}


def test_arrows_are_walked_in_both_directions() -> None:
    chronicle = Chronicle(paxos("ask p1 Propose value=A", "ask p2 Propose value=B", "deliver m2"))
    assert (chronicle.along(3, -1), chronicle.along(1, 1)) == (1, 3)
    assert (chronicle.along(1, -1), chronicle.along(2, 1)) == (None, None)


def test_a_vector_clock_counts_the_steps_of_each_node() -> None:
    chronicle = Chronicle(paxos("ask p1 Propose value=A", "deliver m1", "deliver m4"))
    assert [chronicle.clock(n) for n in (1, 2, 3)] == [(1, 0, 0, 0, 0), (1, 0, 1, 0, 0),
                                                       (2, 0, 1, 0, 0)]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_one_step_comes_after_another_just_when_its_vector_clock_is_greater(
    seed: int, here: int
) -> None:
    session = paxos("ask p1 Propose value=A", "ask p2 Propose value=B", f"seed {seed} random 40")
    chronicle = Chronicle(session)
    orders = chronicle.orders(here, range(1, len(chronicle) + 1))
    mine = chronicle.clock(here)
    assert mine is not None
    for n, order in orders.items():
        event, theirs = chronicle[n].event, chronicle.clock(n)
        assert theirs is not None
        if n == here or not places(event, session.world.rules.pids):
            continue
        assert event.action not in EVERYBODY
        below = all(a <= b for a, b in zip(theirs, mine, strict=True))
        above = all(a >= b for a, b in zip(theirs, mine, strict=True))
        assert order == ("past" if below else "future" if above else "concurrent")
