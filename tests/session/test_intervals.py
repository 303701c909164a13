"""Operations drawn as intervals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.histories.history import History
from playground.session.intervals import COLUMNS, drawn, relevant
from tests.histories.histories import REGISTER, history, small


def position(at: int) -> int:
    return at


def test_each_line_says_in_words_what_it_shows() -> None:
    ops = history(
        "0: [write 1]",
        "1:    [write 2",
        "2:           [read =1]",
    )
    assert drawn(ops, position, clash=ops[2], unit="step") == [
        "0 wrote 1            [--------]             steps 3 to 11",
        "1 wanted to write 2      [--------------->  step 6, no answer",
        "2 read 1                           [----]   steps 13 to 21, the clash",
    ]


def test_what_overlaps_the_clash_comes_first_and_then_what_ended_last() -> None:
    ops = history(
        "a: [write 1] [write 2] [write 3]",
        "b:                          [write 4]",
        "c:  [write 5",
        "d:                                 [read =1]",
    )
    clash = ops[-1]
    near = relevant(ops, 4)
    assert [op.value for op in near] == [5, 3, 4, None]
    assert near[-1] is clash
    assert relevant(ops, 100) == list(ops)


@given(small(REGISTER, most=10), st.integers(2, 8))
def test_any_history_fits_and_every_bar_has_its_place(ops: History, most: int) -> None:
    near = relevant(ops, most)
    assert len(near) == min(most, len(ops))
    lines = drawn(near, position)
    begins = [line.index("[") for line in lines]
    order = sorted(range(len(near)), key=lambda i: near[i].invoked)
    assert [begins[i] for i in order] == sorted(begins)
    assert all(len(line) < COLUMNS + 100 for line in lines)
