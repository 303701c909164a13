"""How operations are recorded, and told."""

from __future__ import annotations

import pytest

from playground.histories.errors import BadHistory
from playground.histories.history import UNKNOWN, Operation, Recorder, told, until


def test_a_recorder_puts_calls_and_answers_together() -> None:
    recorder = Recorder()
    recorder.invoke("p", "write", 1)
    recorder.invoke("q", "read")
    recorder.ok("p")
    recorder.ok("q", 1)
    assert recorder.history() == (
        Operation("p", "write", 1, UNKNOWN, "ok", 0, 2),
        Operation("q", "read", None, 1, "ok", 1, 3),
    )


def test_what_is_open_at_the_end_may_still_take_effect() -> None:
    recorder = Recorder()
    recorder.invoke("p", "write", 1)
    [open_one] = recorder.history()
    assert (open_one.outcome, open_one.responded) == ("info", None)


def test_after_an_unknown_outcome_a_process_goes_on() -> None:
    recorder = Recorder()
    recorder.invoke(0, "write", 1)
    recorder.info(0)
    recorder.invoke(0, "write", 2)
    recorder.fail(0)
    assert [op.outcome for op in recorder.history()] == ["info", "fail"]


def test_a_process_waits_for_its_answer() -> None:
    recorder = Recorder()
    recorder.invoke(3, "write", 1)
    with pytest.raises(BadHistory, match="process 3 calls read, but its write is still open"):
        recorder.invoke(3, "read")


def test_an_answer_has_a_call() -> None:
    with pytest.raises(BadHistory, match="process 3 gets an answer, but has called nothing"):
        Recorder().ok(3, 1)


def test_an_operation_has_an_answer_exactly_if_its_outcome_is_known() -> None:
    with pytest.raises(ValueError, match="outcome"):
        Operation(0, "read", responded=None)
    with pytest.raises(ValueError, match="outcome"):
        Operation(0, "read", outcome="info", responded=3)
    with pytest.raises(ValueError, match="before it is called"):
        Operation(0, "read", invoked=3, responded=2)


def test_a_history_until_then_knows_nothing_of_later_answers() -> None:
    ops = [
        Operation(0, "write", 1, UNKNOWN, "ok", 0, 5),
        Operation(1, "read", None, 1, "ok", 1, 2),
        Operation(2, "read", None, 1, "ok", 3, 4),
    ]
    assert until(ops, 2) == (Operation(0, "write", 1, UNKNOWN, "info", 0, None), ops[1])


def test_operations_that_touch_are_concurrent() -> None:
    one = Operation(0, "write", 1, UNKNOWN, "ok", 0, 5)
    for invoked, before in ((5, False), (6, True)):
        other = Operation(1, "read", None, 1, "ok", invoked, 9)
        assert one.before(other) is before
        assert one.concurrent(other) is not before


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation(3, "read", None, 2, "ok", 0, 1), "process 3 read 2"),
        (Operation("r1", "read", None, None, "ok", 0, 1), "r1 read nothing"),
        (Operation(3, "get", None, "ab", "ok", 0, 1, "k"), "process 3 read ab of k"),
        (Operation(3, "read", outcome="info"), "process 3 wanted to read"),
        (Operation(3, "get", outcome="info", key="k"), "process 3 wanted to read k"),
        (Operation(3, "put", 2, UNKNOWN, "ok", 0, 1, "k"), "process 3 wrote 2 to k"),
        (Operation(3, "write", 2, outcome="info"), "process 3 wanted to write 2"),
        (Operation(3, "append", "c", UNKNOWN, "ok", 0, 1, "k"), "process 3 appended c to k"),
        (Operation(3, "cas", (1, 2), True, "ok", 0, 1), "process 3 changed 1 to 2"),
        (Operation(3, "cas", (1, 2), False, "ok", 0, 1), "process 3 could not change 1 to 2"),
        (Operation(3, "acquire", None, True, "ok", 0, 1), "process 3 acquired the lock"),
        (Operation(3, "dequeue", None, 4, "ok", 0, 1), "process 3 did dequeue, answer 4"),
    ],
)
def test_an_operation_is_told_in_words(operation: Operation, words: str) -> None:
    assert told(operation) == words
