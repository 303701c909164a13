"""Sequential, FIFO and one-copy serializable histories."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from playground.histories.history import UNKNOWN, History, Operation
from playground.histories.linear import linearizable
from playground.histories.objects import (
    CasRegister,
    Keyed,
    KeyValue,
    MultiRegister,
    Queue,
    Register,
    Sequential,
)
from playground.histories.orders import fifo, find_order, one_copy_serializable, sequential
from tests.histories.histories import CAS, QUEUE, REGISTER, brute, explains, history, small


def on(key: str, ops: History) -> list[Operation]:
    return [replace(op, key=key) for op in ops]


def test_a_stale_read_of_another_process_is_sequentially_consistent() -> None:
    ops = history("0: [write 1]", "1:            [read =0]")
    assert sequential(ops, Register(0))
    assert not linearizable(ops, Register(0))


def test_a_stale_read_of_ones_own_write_is_not() -> None:
    judged = sequential(history("0: [write 1] [read =0]"), Register(0))
    assert not judged
    assert judged.clash.endswith("explains all answers; but for this one: 0 read 0")


def test_nothing_waits_for_what_may_never_happen() -> None:
    ops = [
        Operation(0, "write", 1, UNKNOWN, "info", 0),
        Operation(0, "read", None, 0, "ok", 1, 2),
        Operation(0, "read", None, 1, "ok", 3, 4),
    ]
    assert sequential(ops, Register(0))
    assert fifo(ops, Register(0))


def test_two_that_each_miss_the_write_of_the_other_have_no_common_order() -> None:
    """Dekker's algorithm: what store buffers do."""
    ops = [
        *on("x", history("0: [write 1]")),
        *on("y", history("1: [write 1]")),
        *on("y", history("0:           [read =0]")),
        *on("x", history("1:           [read =0]")),
    ]
    assert not sequential(ops, Register(0))
    assert fifo(ops, Register(0))


def test_sequential_consistency_can_not_be_judged_key_by_key() -> None:
    """Herlihy and Wing, section 3.3: each queue alone is in order."""
    ops = [
        *on("p", history("a: [enqueue x]")),
        *on("q", history("b:             [enqueue y]")),
        *on("q", history("a:                         [enqueue x]")),
        *on("p", history("b:                                     [enqueue y]")),
        *on("p", history("a:                                                 [dequeue =y]")),
        *on(
            "q",
            history("b:                                                            [dequeue =x]"),
        ),
    ]
    assert not sequential(ops, Queue())
    for key in "pq":
        assert sequential([op for op in ops if op.key == key], Queue())


def test_two_readers_may_see_two_writers_in_different_orders_only_if_fifo_is_all() -> None:
    ops = history(
        "0: [write 1]",
        "1: [write 2]",
        "2:           [read =1] [read =2]",
        "3:           [read =2] [read =1]",
    )
    assert fifo(ops, Register(0))
    assert not sequential(ops, Register(0))


def test_the_writes_of_one_process_are_seen_in_their_order() -> None:
    ops = history("0: [write 1] [write 2]", "1:                      [read =2] [read =1]")
    judged = fifo(ops, Register(0))
    assert not judged
    assert judged.clash == "no order of all writes explains what 1 saw: 1 read 2, and 1 read 1"


def test_a_split_brain_is_not_one_copy() -> None:
    """ca_split_brain: the last seat is sold on both sides of a partition."""
    ops = history("0: [cas free ann =true]", "1: [cas free bob =true]")
    judged = one_copy_serializable(ops, CasRegister("free"))
    assert not judged
    assert judged.operations


def test_one_copy_asks_for_no_order_in_time() -> None:
    ops = history("0: [write 1] [read =0]")
    assert one_copy_serializable(ops, Register(0))


def test_write_skew_has_no_order() -> None:
    look = ("read", "x", None), ("write", "y", 1)
    other = ("read", "y", None), ("write", "x", 1)
    ops = [
        Operation(0, "txn", look, (0, UNKNOWN), "ok", 0, 9),
        Operation(1, "txn", other, (0, UNKNOWN), "ok", 1, 8),
    ]
    assert not one_copy_serializable(ops, MultiRegister(default=0))


# ---- against the slow way


def in_line(a: Operation, b: Operation) -> bool:
    return a.process == b.process and a.invoked < b.invoked


def brute_sequential(ops: History, obj: Sequential[Any]) -> bool:
    return brute(ops, obj, in_line)


@given(small(REGISTER))
def test_sequential_is_judged_as_the_slow_way_does(ops: History) -> None:
    assert sequential(ops, Register()).holds == brute_sequential(ops, Register())


@given(small(CAS))
def test_sequential_cas_is_judged_as_the_slow_way_does(ops: History) -> None:
    assert sequential(ops, CasRegister(1)).holds == brute_sequential(ops, CasRegister(1))


@given(small(QUEUE))
def test_one_copy_is_judged_as_the_slow_way_does(ops: History) -> None:
    expected = brute(ops, Queue(), lambda a, b: False)
    assert one_copy_serializable(ops, Queue()).holds == expected


@given(small(REGISTER))
def test_fifo_is_judged_as_the_slow_way_does(ops: History) -> None:
    def as_seen_by(process: object) -> list[Operation]:
        return [
            op if op.process == process else replace(op, result=UNKNOWN)
            for op in ops
            if op.process == process or op.f != "read"
        ]

    expected = all(brute_sequential(as_seen_by(p), Register()) for p in {op.process for op in ops})
    assert fifo(ops, Register()).holds == expected


@given(small(CAS))
def test_linearizable_is_sequential_and_sequential_is_serializable(ops: History) -> None:
    if linearizable(ops, CasRegister()):
        assert sequential(ops, CasRegister())
    if sequential(ops, CasRegister()):
        assert one_copy_serializable(ops, CasRegister())


@given(st.lists(st.sampled_from(["put", "append", "get"]), max_size=12), st.integers(1, 3))
def test_an_order_that_was_found_explains_all(calls: list[str], keys: int) -> None:
    numbers = count()
    ops = [
        Operation(
            i % 3, f, None if f == "get" else f"{next(numbers)}", UNKNOWN, "ok", i, i, i % keys
        )
        for i, f in enumerate(calls)
    ]
    order = find_order([ops], Keyed(each=KeyValue()))
    assert order is not None
    assert explains(order, Keyed(each=KeyValue()))


def test_what_takes_too_long_is_not_known() -> None:
    ops = [Operation(i, "enqueue", i, UNKNOWN, "ok", 0, 1) for i in range(30)]
    ops.append(Operation(99, "dequeue", None, 77, "ok", 2, 3))
    judged = sequential(ops, Queue(), 0.1)
    assert judged.holds is None
    assert judged.clash == "no answer within 0.1 seconds"
    assert sequential(ops, Queue(), most=100).clash == "no answer after 100 configurations"
    assert fifo(ops, Queue(), most=100).holds is None


def test_what_is_refuted_stays_so_if_there_is_no_time_to_say_which_answer_is_to_blame() -> None:
    ops = history("1: [write 1] [read =nil] [write 3]", "2:   [write 2] [write 3]")
    assert [op.result for op in sequential(ops, Register()).operations] == [None]
    judged = sequential(ops, Register(), most=8)
    assert judged.holds is False and judged.operations == ()
