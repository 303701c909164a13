"""Linearizability: against the slow way, on histories of the literature, and on long ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from playground.histories import linear
from playground.histories.history import UNKNOWN, Call, History, Operation, told, until
from playground.histories.linear import Linearity, linearizable
from playground.histories.objects import (
    CasRegister,
    Counter,
    KeyValue,
    MultiRegister,
    Mutex,
    Queue,
    Register,
    Sequential,
)
from playground.values import Map
from tests.histories.histories import (
    CAS,
    COUNTER,
    KV,
    MUTEX,
    QUEUE,
    REGISTER,
    TXN,
    broken,
    brute_linearizable,
    cas_calls,
    doubtful,
    explains,
    history,
    kv_calls,
    register_calls,
    simulated,
    small,
    texts,
)

# ---- against the slow way


def agrees_with_the_slow_way(ops: History, obj: Sequential[Any]) -> None:
    judged = linearizable(ops, obj)
    assert judged.holds == brute_linearizable(ops, obj)
    if judged.holds:
        is_witness(judged.order, ops, obj)
    else:
        is_shortest(judged, ops, obj)


def is_witness(order: History, ops: History, obj: Sequential[Any]) -> None:
    """It leaves out nothing that was answered (but what says nothing), and explains all."""
    assert explains(order, obj)
    assert not any(b.before(a) for i, a in enumerate(order) for b in order[i + 1 :])
    assert {op for op in ops if op.outcome == "ok" and op.result is not UNKNOWN} <= set(order)


def is_shortest(judged: Linearity, ops: History, obj: Sequential[Any]) -> None:
    clash = judged.prefix[-1]
    assert clash.responded is not None
    assert not brute_linearizable(until(ops, clash.responded), obj)
    assert brute_linearizable(until(ops, clash.responded - 1), obj)


@given(small(REGISTER))
def test_a_register_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, Register())


@given(small(CAS))
@settings(max_examples=200)
def test_a_cas_register_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, CasRegister(1))


@given(small(KV))
@settings(max_examples=200)
def test_a_key_with_append_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, KeyValue())


@given(small(KV))
def test_a_key_that_holds_something_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, KeyValue("a"))


@given(small(QUEUE))
def test_a_queue_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, Queue())


@given(small(MUTEX))
def test_a_mutex_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, Mutex())


@given(small(COUNTER))
def test_a_counter_is_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, Counter())


@given(small(TXN))
def test_transactions_are_judged_as_the_slow_way_does(ops: History) -> None:
    agrees_with_the_slow_way(ops, MultiRegister())


SERVICES: dict[str, tuple[Callable[[Random], Call], Sequential[Any]]] = {
    "register": (register_calls(), Register(0)),
    "cas-register": (cas_calls, CasRegister(0)),
    "kv": (kv_calls(1), KeyValue()),
    "kv, two texts": (texts("a", "b"), KeyValue()),
    "kv, texts in texts": (texts("a", "b", "ab", ""), KeyValue()),
    "kv, not empty at first": (texts("a", "b", "ab"), KeyValue("a")),
}


@pytest.mark.parametrize("fair", [3, -3], ids=["exact", "loose"])
@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_did_is_judged_as_the_slow_way_does_and_so_is_a_change_of_it(
    service: str, fair: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if all that is of unknown outcome is first allowed to happen several times."""
    monkeypatch.setattr(linear, "FAIR", fair)
    ask, obj = SERVICES[service]
    for seed in range(60):
        lost, hurry = (0.0, 0.3, 0.6)[seed % 3], (0.2, 0.4, 0.6)[seed // 3 % 3]
        ops = simulated(obj, ask, operations=8, processes=4, seed=seed, lost=lost, hurry=hurry)
        assert linearizable(ops, obj)
        agrees_with_the_slow_way(doubtful(ops, seed), obj)


# ---- of the literature


def test_a_read_that_overlaps_a_write_may_return_the_old_or_the_new_value() -> None:
    for seen in (0, 1):
        ops = history("0: [write 1--------]", f"1:    [read ={seen}--]")
        assert linearizable(ops, Register(0))


def test_a_stale_read_is_not_linearizable() -> None:
    ops = history(
        "0: [write 1] [write 2]",
        "1:                      [read =1]",
    )
    judged = linearizable(ops, Register(0))
    assert judged.holds is False
    assert judged.clash == "1 read 1, but the register could only hold 2 then"
    assert [op.f for op in judged.prefix] == ["write", "write", "read"]
    assert judged.possible == (2,)


def test_first_the_new_value_and_then_the_old_one_is_not_linearizable() -> None:
    ops = history(
        "w: [write 2--------------------------------]",
        "1:     [read =2]",
        "2:                  [read =1]",
    )
    judged = linearizable(ops, Register(1))
    assert not judged
    assert judged.operations[0].process == "2"


def test_a_lost_update_is_not_linearizable() -> None:
    """Both add to what they read, and one of the sums is lost."""
    ops = history(
        "0: [cas 0 1 =true----]",
        "1:    [cas 0 2 =true----]",
    )
    assert not linearizable(ops, CasRegister(0))


def test_a_write_of_unknown_outcome_may_take_effect_much_later() -> None:
    ops = history(
        "0: [write 1",
        "1:           [read =0]           [read =1]",
        "2:                     [read =0]",
    )
    assert linearizable(ops, Register(0))


def test_a_write_of_unknown_outcome_takes_effect_only_once() -> None:
    ops = history(
        "0: [write 1",
        "1:           [read =1] [write 0] [read =1]",
    )
    assert not linearizable(ops, Register(0))


def test_it_matters_which_of_those_that_may_never_happen_has_happened() -> None:
    """Either makes it 1 for the first read; for the second one only the write can."""
    for first, second in (("write 1", "cas 0 1"), ("cas 0 1", "write 1")):
        ops = history(
            f"0: [{first}",
            f"1:   [{second}",
            "2:      [read =1] [write 5] [read =1]",
        )
        assert linearizable(ops, CasRegister(0))


def test_a_value_that_nobody_reads_may_be_what_a_failed_comparison_met() -> None:
    ops = history(
        "0: [write 7------------------------------------------------]",
        "1: [write 1]           [cas 1 2 =false]           [write 1]",
        "2:                                                          [read =1]",
    )
    assert linearizable(ops, CasRegister(1))


def test_a_write_that_failed_is_never_seen() -> None:
    failed = Operation(0, "write", 1, UNKNOWN, "fail", 0, 1)
    read = Operation(1, "read", None, 1, "ok", 2, 3)
    assert linearizable([failed], Register(0))
    assert not linearizable([failed, read], Register(0))


def test_the_news_that_a_write_failed_can_be_the_clash() -> None:
    failed = Operation(0, "write", 1, UNKNOWN, "fail", 0, 3)
    read = Operation(1, "read", None, 1, "ok", 1, 2)
    judged = linearizable([failed, read], Register(0))
    assert judged.operations == (failed,)
    assert "wanted to write 1, and did not" in judged.clash


def test_a_failed_comparison_says_that_the_register_held_something_else() -> None:
    ops = history("0: [write 1] [cas 1 2 =false]")
    assert not linearizable(ops, CasRegister(0))
    overlapping = history("0: [write 1------]", "1:     [cas 1 2 =false]")
    assert linearizable(overlapping, CasRegister(0))


def test_the_answer_to_a_comparison_that_is_still_open_does_not_shorten_the_prefix() -> None:
    """Until the comparison is said to have failed, it may be what the read saw."""
    ops = history(
        "0: [write 1] [cas 1 2 =false------------]",
        "1:                       [read =2]",
    )
    judged = linearizable(ops, CasRegister(0))
    assert judged.operations[0].f == "cas"


def test_what_was_enqueued_first_is_dequeued_first() -> None:
    right = history("0: [enqueue 1] [enqueue 2]", "1:                           [dequeue =1]")
    wrong = history("0: [enqueue 1] [enqueue 2]", "1:                           [dequeue =2]")
    assert linearizable(right, Queue())
    assert not linearizable(wrong, Queue())


def test_equal_calls_with_other_answers_are_told_apart() -> None:
    ops = history(
        "0: [enqueue 1] [enqueue 2] [dequeue =2---------]",
        "1:                           [dequeue =1---------]",
    )
    assert linearizable(ops, Queue())


def test_a_lock_is_held_by_one_at_a_time() -> None:
    twice = linearizable(history("0: [acquire =true]", "1:       [acquire =true]"), Mutex())
    assert twice.clash == "1 acquired the lock, but the mutex could only be locked then"
    again = history("0: [acquire =true] [release =true]", "1:        [acquire =true----------]")
    assert linearizable(again, Mutex())
    assert linearizable(history("0: [acquire =true]", "1:        [acquire"), Mutex())


def test_a_transaction_that_sees_half_of_another_is_not_linearizable() -> None:
    both = (("write", "x", 1), ("write", "y", 1))
    look = (("read", "x", None), ("read", "y", None))
    zeros = Map[Hashable, Hashable]((("x", 0), ("y", 0)))
    write = Operation(0, "txn", both, UNKNOWN, "ok", 0, 5)
    for seen, holds in (((0, 0), True), ((1, 1), True), ((1, 0), False)):
        read = Operation(1, "txn", look, seen, "ok", 1, 4)
        assert linearizable([write, read], MultiRegister(zeros)).holds is holds
    assert told(write) == "process 0 wrote 1 to x, and wrote 1 to y in one step"
    assert told(read) == "process 1 read 1 of x, and read 0 of y in one step"
    lost = replace(write, outcome="info", responded=None)
    assert told(lost) == "process 0 wanted to write 1 to x, and write 1 to y in one step"


def test_each_key_is_an_object_of_its_own_and_the_first_clash_of_any_counts() -> None:
    def at(key: str, wrong: int) -> list[Operation]:
        return [
            Operation(0, "put", "a", UNKNOWN, "ok", wrong - 3, wrong - 2, key),
            Operation(1, "get", None, "b", "ok", wrong - 1, wrong, key),
        ]

    judged = linearizable([*at("x", 20), *at("y", 10)], KeyValue())
    assert {op.key for op in judged.prefix} == {"y"}
    assert linearizable([*at("y", 10), *at("x", 20)], KeyValue()).prefix == judged.prefix
    assert judged.clash == "process 1 read b of y, which nobody had written: it could only hold a"


def test_an_empty_history_is_linearizable() -> None:
    assert linearizable([], Register())


# ---- long ones


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lost", [0.0, 0.1, 0.3])
def test_a_correct_service_is_linearizable_whatever_answers_are_lost(
    seed: int, lost: float
) -> None:
    ops = simulated(CasRegister(), cas_calls, operations=170, processes=5, seed=seed, lost=lost)
    judged = linearizable(ops, CasRegister(), 10)
    assert judged.holds
    is_witness_of_a_long_one(judged.order, CasRegister())


def is_witness_of_a_long_one(order: History, obj: Sequential[Any]) -> None:
    assert explains(order, obj)
    latest = -1
    for op in order:
        assert op.responded is None or op.responded > latest
        latest = max(latest, op.invoked)


@pytest.mark.parametrize("processes", [5, 50])
def test_one_changed_answer_among_2000_operations_is_found(processes: int) -> None:
    ops = simulated(KeyValue(), kv_calls(10), operations=2000, processes=processes, seed=1)
    assert linearizable(ops, KeyValue(), 10).holds
    assert linearizable(broken(ops, 1, "get"), KeyValue(), 10).holds is False


def test_twenty_processes_on_one_key_are_judged_in_time() -> None:
    ops = simulated(KeyValue(), kv_calls(1), operations=1000, processes=20, seed=1)
    assert linearizable(ops, KeyValue(), 10).holds
    assert linearizable(broken(ops, 1, "get"), KeyValue(), 10).holds is False


def test_twenty_thousand_operations_are_no_matter_of_recursion() -> None:
    ops = simulated(Register(), register_calls(), operations=20_000, processes=3, seed=1)
    assert linearizable(ops, Register(), 30).holds


def test_if_there_is_no_time_to_look_for_a_shorter_beginning_that_is_told() -> None:
    fine = simulated(CasRegister(0), cas_calls, operations=2_000, processes=5, seed=3)
    end = max(op.responded or 0 for op in fine)
    stray = Operation("stray", "read", None, 99, "ok", end + 1, end + 2)
    assert linearizable([*fine, stray], CasRegister(0)).shortest
    late = linearizable([*fine, stray], CasRegister(0), seconds=-1)
    assert late.holds is False and late.shortest is False and late.prefix[-1] is stray


def test_what_is_not_known_in_time_is_not_known() -> None:
    """Forty queues' worth of orders, and no answer that would tell them apart but a wrong one."""
    ops: list[Operation] = [
        Operation(i, "enqueue", i, UNKNOWN, "ok", i, 100 + i) for i in range(40)
    ]
    ops.append(Operation(99, "dequeue", None, 77, "ok", 200, 201))
    judged = linearizable(ops, Queue(), 0.1)
    assert judged.holds is None
    assert judged.clash == "no answer within 0.1 seconds"
