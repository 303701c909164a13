"""A witness of detectors says what `classes` says of the whole run, wherever the session goes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.protocol.detector import classes
from playground.session import oracle
from playground.session.cells import plain
from playground.session.errors import BadInput
from playground.session.oracle import Witness, scenes
from playground.session.session import Session
from playground.session.view import badges
from tests.helpers import played

LINES = (
    "suspect p1 p2", "suspect p3 p2", "trust p1 p2", "leader * p3", "leader p1 p1", "crash p2",
    "crash p3", "recover p2", "undo", "undo 3", "redo", "finish",
)  # fmt: skip


def whole(session: Session) -> tuple[str, ...]:
    return classes(scenes(session.history))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_a_witness_keeps_up_with_all_that_is_done_and_undone(lines: list[str]) -> None:
    run = played("detectors/scripted")
    witness = Witness(run.history)
    for line in lines:
        try:
            run.say(line)
        except BadInput:
            continue
        assert witness.classes() == whole(run)


def test_a_mistake_leaves_only_what_may_make_mistakes() -> None:
    run = played("detectors/scripted", "leader * p1")
    witness = Witness(run.history)
    assert plain(badges(witness.classes() or ())).endswith("✓P ✓S ✓◇P ✓◇S ✓Ω ")
    run.say("suspect p1 p2")
    assert plain(badges(witness.classes() or ())).endswith("✗P ✓S ✗◇P ✓◇S ✓Ω ")
    run.say("trust p1 p2")
    assert plain(badges(witness.classes() or ())).endswith("✗P ✓S ✓◇P ✓◇S ✓Ω ")


def test_a_witness_that_would_have_to_hear_too_much_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = played("detectors/scripted", "leader * p1", "leader * p2", "crash p3")
    monkeypatch.setattr(oracle, "PATIENCE", 3)
    assert Witness(run.history).classes() is None


def test_where_there_is_no_detector_nothing_is_said_of_one() -> None:
    assert not Witness(played("consensus/paxos").history).needed
    assert Witness(played("consensus/omega_consensus").history).needed
