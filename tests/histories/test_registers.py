"""Safe, regular and atomic registers."""

from __future__ import annotations

from collections.abc import Hashable

import pytest
from hypothesis import given

from playground.histories.errors import BadHistory
from playground.histories.history import UNKNOWN, History, Operation
from playground.histories.objects import Register
from playground.histories.registers import atomic, regular, safe
from tests.histories.histories import (
    REGISTER,
    brute_linearizable,
    history,
    small,
)

INVERSION = history(
    "w:  [write 2---------------------------------",
    "r1:        [read =2]",
    "r2:                     [read =1]",
)
"""abd_inversion: the write reached one server only, and the second reader asked the other two."""


def test_new_and_then_old_is_regular_but_not_atomic() -> None:
    assert safe(INVERSION, 1)
    assert regular(INVERSION, 1)
    judged = atomic(INVERSION, 1)
    assert not judged
    assert judged.clash == "r2 read 1, but the register could only hold 2 then"


def test_one_reader_alone_can_see_new_and_then_old_too() -> None:
    ops = history("w: [write 2---------------------]", "r:    [read =2] [read =1]")
    assert regular(ops, 1)
    assert not atomic(ops, 1)


def test_after_half_a_write_a_regular_register_may_flip_for_ever_and_an_atomic_one_not() -> None:
    flips = history("w: [write 2", "r:           [read =2] [read =1] [read =2] [read =1]")
    assert regular(flips, 1)
    assert not atomic(flips, 1)
    settled = history("w: [write 2", "r:           [read =1] [read =2] [read =2]")
    assert atomic(settled, 1)


def test_the_old_value_after_a_write_has_ended_is_not_even_safe() -> None:
    ops = history("w: [write 2]", "r:              [read =1]")
    judged = safe(ops, 1)
    assert not judged
    assert judged.clash == "r read 1, and had to read 2: w wrote 2"
    assert not regular(ops, 1)


def test_a_read_that_overlaps_a_write_may_return_anything_if_safe_is_all_that_is_promised() -> None:
    ops = history("w: [write 2--------]", "r:    [read =7]")
    assert safe(ops, 1)
    assert not regular(ops, 1)


def test_with_two_writers_that_count_for_themselves_a_register_is_not_even_safe() -> None:
    """quiz1_two_writers: the second writer's first timestamp is lower than all of the first's."""
    ops = history(
        "w1: [write 1] [write 2] [write 3] [write 4] [write 5]",
        "w2:                                                   [write 9]",
        "r:                                                              [read =5]",
    )
    assert not safe(ops, 0)
    assert not regular(ops, 0)


def test_two_writes_at_the_same_time_may_both_be_the_last_one() -> None:
    for seen, holds in ((1, True), (2, True), (0, False)):
        ops = history(
            "w1: [write 1----]", "w2:    [write 2----]", f"r:                      [read ={seen}]"
        )
        assert regular(ops, 0).holds is holds
        assert safe(ops, 0).holds is holds


def test_the_first_value_is_gone_after_the_first_write() -> None:
    assert regular(history("r: [read =0]", "w:            [write 1]"), 0)
    assert not regular(history("r: [read =1]", "w:            [write 1]"), 0)


def test_a_write_that_failed_counts_for_nothing() -> None:
    write = Operation("w", "write", 1, UNKNOWN, "fail", 0, 1)
    for seen, holds in ((0, True), (1, False)):
        read = Operation("r", "read", None, seen, "ok", 2, 3)
        assert regular([write, read], 0).holds is holds


def test_puts_and_gets_of_several_keys_are_registers_too() -> None:
    x = Operation(0, "put", 1, UNKNOWN, "ok", 0, 1, "x")
    y = Operation(1, "get", None, None, "ok", 2, 3, "y")
    assert atomic([x, y])
    assert regular([x, y])
    assert not atomic([x, Operation(1, "get", None, None, "ok", 2, 3, "x")])


def test_a_register_knows_reads_and_writes_only() -> None:
    with pytest.raises(
        BadHistory, match="unknown operation of a register 'red'; there are read, write"
    ):
        safe(history("0: [red =1]"))


# ---- against the definitions


def one_order_per_read(ops: History, initial: Hashable) -> bool:
    """Regular: for each read alone, all writes and it have an order."""
    reads = [op for op in ops if op.f == "read" and op.outcome == "ok"]
    others = [op for op in ops if op.f != "read"]
    return all(brute_linearizable([*others, read], Register(initial)) for read in reads)


@given(small(REGISTER))
def test_regular_means_that_each_read_has_an_order_with_the_writes(ops: History) -> None:
    assert regular(ops).holds == one_order_per_read(ops, None)


@given(small(REGISTER))
def test_atomic_is_regular_and_regular_is_safe(ops: History) -> None:
    assert atomic(ops).holds == brute_linearizable(ops, Register())
    if atomic(ops):
        assert regular(ops)
    if regular(ops):
        assert safe(ops)


@given(small(REGISTER))
def test_safe_asks_only_reads_that_overlap_no_write(ops: History) -> None:
    writes = [op for op in ops if op.f == "write" and op.outcome != "fail"]
    alone = [
        op
        for op in ops
        if op.f == "read"
        and op.outcome == "ok"
        and not any(op.concurrent(write) for write in writes)
    ]
    expected = all(brute_linearizable([*writes, read], Register()) for read in alone)
    assert safe(ops).holds == expected
