"""Causal consistency, session guarantees, convergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from playground.histories.causality import (
    causal,
    convergent,
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)
from playground.histories.history import UNKNOWN, Call, History, Judgement, Operation
from playground.histories.objects import Register
from playground.histories.orders import sequential
from tests.histories.histories import REGISTER, TWO_KEYS, brute_causal, history, simulated, small

GUARANTEES = [read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads]


def keyed(**lines: tuple[str, ...]) -> History:
    """Histories of several keys at the same time."""
    ops = [replace(op, key=key) for key, part in lines.items() for op in history(*part)]
    return tuple(sorted(ops, key=lambda op: op.invoked))


LOST_RING = keyed(
    ring=(
        "p1: [write lost] [write found]",
        "p2:                            [read =found]",
        "p3:                                                     [read =lost]",
    ),
    chat=(
        "p2:                                         [write glad]",
        "p3:                                                     ",
        "p4:",
    ),
)


def test_an_answer_that_is_seen_before_its_question_is_not_causal() -> None:
    """cs_lost_ring: p3 reads that p2 is glad, and then that the ring is still lost."""
    answer = Operation("p3", "read", None, "glad", "ok", 54, 55, "chat")
    judged = causal([*LOST_RING, answer])
    assert not judged
    assert judged.clash == (
        "p3 read lost of ring, though it knows that p1 wrote found to ring after that"
    )
    assert causal(LOST_RING), "who has not seen the answer may still read the old question"


def test_concurrent_writes_may_be_seen_in_any_order() -> None:
    ops = history(
        "0: [write 1]",
        "1: [write 2]",
        "2:           [read =1] [read =2]",
        "3:           [read =2] [read =1]",
    )
    assert causal(ops)
    assert not sequential(ops, Register())


def test_a_stale_read_is_causal_until_one_knows_better() -> None:
    """cs_not_linearizable: written at one replica, read late at another."""
    assert causal(history("1: [write 1]", "2:              [read =nil]"))
    assert not causal(history("1: [write 1] [read =nil]"))


def test_what_nobody_wrote_is_not_causal() -> None:
    judged = causal(history("1: [read =7]"))
    assert judged.clash == "1 read 7, which nobody wrote"


def test_to_read_what_is_written_later_because_of_it_is_not_causal() -> None:
    judged = causal(history("1: [read =1] [write 2]", "2: [read =2] [write 1]"))
    assert judged.clash == "1 read 1, and knows what comes of it"


def test_if_two_wrote_the_same_value_either_may_have_been_read() -> None:
    ops = history(
        "1: [write 1]            [write 2]",
        "2:           [read =1]            [read =2] [read =1]",
        "3:                                [write 1]",
    )
    assert causal(ops)
    assert not causal([op for op in ops if op.process != "3"])


def test_a_write_of_unknown_outcome_can_be_read_but_need_not() -> None:
    for seen in ("1", "nil"):
        assert causal(history("1: [write 1", f"2:               [read ={seen}]"))


def test_who_does_not_know_whether_its_write_took_effect_need_not_see_it() -> None:
    ops = [
        Operation(0, "write", 1, UNKNOWN, "info", 0),
        Operation(0, "read", None, None, "ok", 1, 2),
    ]
    assert causal(ops)
    assert read_your_writes(ops)


# ---- session guarantees: each is broken alone


def test_who_does_not_read_its_own_write() -> None:
    ops = history("1: [write 1] [write 2] [read =1]")
    judged = read_your_writes(ops)
    assert judged.clash == "1 read 1, which is older than that 1 wrote 2"
    broken_only_by(read_your_writes, ops)


def test_who_reads_something_newer_than_its_own_write_does_read_its_write() -> None:
    assert read_your_writes(history("1: [write 1]           [read =2]", "2:          [write 2]"))


def test_who_reads_first_the_new_and_then_the_old() -> None:
    broken_only_by(
        monotonic_reads,
        history("1: [write 1] [write 2]", "2:                      [read =2] [read =1]"),
    )
    broken_only_by(
        monotonic_reads,
        history("1: [write 1]", "2:            [read =1] [read =nil]"),
    )


def test_who_sees_the_second_write_and_then_misses_the_first() -> None:
    ops = keyed(
        x=("1: [write 1]", "2:                                     [read =nil]"),
        y=("1:           [write 1]", "2:                       [read =1]"),
    )
    broken_only_by(monotonic_writes, ops)


def test_who_sees_the_answer_and_then_misses_the_question() -> None:
    ops = keyed(
        x=("1: [write 1]", "2:           [read =1]", "3:                           [read =nil]"),
        y=(
            "2:                     [write 1]",
            "3:                               ",
        ),
    )
    saw = Operation("3", "read", None, 1, "ok", 25, 26, "y")
    broken_only_by(writes_follow_reads, [*ops, saw])


def broken_only_by(
    guarantee: Callable[[History], Judgement],
    ops: History,
) -> None:
    broken = {g.__name__ for g in GUARANTEES if g(ops).holds is False}
    assert broken == {guarantee.__name__}
    assert not causal(ops)


@given(small(REGISTER))
def test_sequential_is_causal_and_causal_gives_all_session_guarantees(ops: History) -> None:
    if sequential(ops, Register()):
        assert causal(ops)
    if causal(ops):
        assert all(guarantee(ops) for guarantee in GUARANTEES)


@given(small(TWO_KEYS))
@settings(max_examples=400)
def test_causal_is_judged_as_the_slow_way_does(ops: History) -> None:
    assert causal(ops).holds == brute_causal(ops)


def test_values_that_come_again_and_again_are_judged_in_time() -> None:
    fine = simulated(Register(), few_values, operations=40, processes=3, seed=5)
    assert causal(fine)
    last = max(op.responded or 0 for op in fine)
    strange = Operation(0, "read", None, 7, "ok", last + 1, last + 2)
    assert causal([*fine, strange]).clash == "process 0 read 7, which nobody wrote"


def few_values(draw: Random) -> Call:
    return Call("read") if draw.random() < 0.5 else Call("write", draw.randrange(3))


def test_what_takes_too_many_ways_is_not_known() -> None:
    ops = simulated(Register(), few_values, operations=40, processes=3, seed=5)
    judged = causal(ops, most=3)
    assert judged.holds is None
    assert judged.clash == "no answer after 3 ways in which reads may see writes"


# ---- convergence


def test_replicas_that_agree_in_the_end_have_converged() -> None:
    ops = history(
        "1: [write 1] [read =1]          [read =2]",
        "2: [write 2] [read =2]             [read =2]",
    )
    assert convergent(ops)


def test_replicas_that_differ_for_ever_have_not_converged() -> None:
    judged = convergent(history("1: [write 1] [read =1]", "2: [write 2] [read =2]"))
    assert judged.clash == "1 read 1, but 2 read 2, and nothing is written any more"


@pytest.mark.parametrize(
    "lines",
    [
        ("1: [write 1] [read =1]", "2: [write 2"),
        ("1: [write 1] [read =1]",),
        ("1: [write 1]           [write 2]", "2:           [read =1]"),
    ],
)
def test_before_all_writes_have_ended_convergence_is_not_known(lines: tuple[str, ...]) -> None:
    assert convergent(history(*lines)).holds is None


def test_a_last_read_counts_and_no_earlier_one() -> None:
    ops = history(
        "1: [write 1] [read =1] [read =2]",
        "2: [write 2] [read =2] [read =2]",
    )
    assert convergent(ops)
