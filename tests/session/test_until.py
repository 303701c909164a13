"""Running until something is so, and what changed between two moments."""

from __future__ import annotations

import pytest

from playground.session.catalog import load
from playground.session.cells import plain
from playground.session.conditions import read
from playground.session.errors import BadInput
from playground.session.hunt import way_to
from playground.session.moments import branches, changed, changes, state_at
from playground.session.session import Session
from playground.session.until import until


def paxos(*lines: str) -> Session:
    session = Session(load("consensus/paxos"), {"proposers": 2, "acceptors": 3})
    for line in lines:
        session.say(line)
    return session


@pytest.mark.parametrize(
    ("wanted", "steps"),
    [
        ("p1.phase == accept", 5),
        ("p1.phase != prepare", 5),
        ("Promise in flight", 1),
        ("2a in flight", 5),
        ("no Prepare in flight", 3),
        ("p1.n == (1, p1)", 1),
        ("p1 decided", 11),
        ("CHOSEN reached", 8),
    ],
)
def test_a_run_stops_when_the_condition_is_true_for_the_first_time(wanted: str, steps: int) -> None:
    session = paxos("ask p1 Propose value=A")
    command = until(session, wanted)
    assert (str(command), session.state.step) == (f"run fifo {steps}", 1)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("", "is no condition"),
        ("p9.phase == done", "p9"),
        ("p1.fase == done", "did you mean phase?"),
        ("p1.phase == done)", "left over"),
        ("Promiss in flight", "did you mean Promise?"),
        ("agreemnt violated", "did you mean agreement?"),
        ("a1 down", "never a1 down"),
        ("agreement violated", "never agreement violated"),
    ],
)
def test_what_makes_no_sense_or_never_comes_is_refused_and_nothing_is_done(
    wanted: str, why: str
) -> None:
    session = paxos("ask p1 Propose value=A")
    with pytest.raises(BadInput, match=why.replace("?", r"\?")):
        until(session, wanted)
    assert session.state.step == 1


def test_branches_are_told_and_goto_takes_to_the_end_of_one() -> None:
    session = paxos("ask p1 Propose value=A", "run fifo 5", "undo 4", "drop m2", "step")
    told = [(plain(cells), where) for cells, where in branches(session.history)]
    assert "steps 1 to 6" in told[0][0] and told[0][1] == "b1"
    assert "steps 3 to 4, from step 2 of branch 1" in told[1][0] and told[1][0].startswith("▸")
    session.say("goto b1")
    assert session.state.step == 6
    session.say("goto b2.3")
    assert (session.state.step, session.history.branch.number) == (3, 2)
    with pytest.raises(BadInput, match="there is no branch b7; the last one is b2"):
        session.say("goto b7")


def test_what_changed_between_two_moments_is_told_also_across_branches() -> None:
    session = paxos("ask p1 Propose value=A", "bookmark asked", "run fifo 1", "undo", "crash a3")
    before = state_at(session.history, session.history.branches[0], 2)
    told = [plain(cells) for cells in changes(before, session.state)]
    assert told[:2] == ["a1", "  promised (1,p1) → (0,none)"]
    assert told[2:4] == ["a3", "  ✖ down"]
    assert "no longer in flight: 1" in told and "in flight now: 1" in told
    assert session.moment("asked") == (session.history.branches[0], 1)
    assert session.state.step == 2 and "a3" in session.world.down


@pytest.mark.parametrize(
    ("where", "number", "step"), [("1", 2, 1), ("b1", 1, 3), ("b1.2", 1, 2), ("b2.0", 2, 0)]
)
def test_a_moment_is_a_step_or_a_branch_with_or_without_a_step(
    where: str, number: int, step: int
) -> None:
    session = paxos("ask p1 Propose value=A", "deliver m1", "deliver m2", "undo 1", "drop m3")
    assert session.moment(where) == (session.history.branches[number - 1], step)
    assert session.history.branches[1].begun == "drop m3"


@pytest.mark.parametrize("where", ["", "b", "b3", "b0", "b1.", "b1.9", ".2", "9", "asked", "-1"])
def test_what_is_no_moment_is_told(where: str) -> None:
    session = paxos("ask p1 Propose value=A", "deliver m1", "undo 1", "drop m3")
    with pytest.raises(BadInput):
        session.moment(where)


def test_on_another_line_another_message_may_have_the_same_name() -> None:
    session = paxos("ask p1 Propose value=A", "deliver m1", "undo 1", "deliver m2")
    told = [plain(cells) for cells in changed(session, "b1")]
    assert told[:2] == ["a1", "  promised (1,p1) → (0,none)"]
    assert "  m4 Promise (1,p1) - a1>p1" in told and "  m4 Promise (1,p1) - a2>p1" in told
    assert not changed(session, "b2", "2")


@pytest.mark.parametrize(
    ("wanted", "steps"),
    [
        ("p1.phase == accept", 4),
        ("Promise in flight", 1),
        ("p1.phase == accept and p1.accepts != {}", 6),
        ("CHOSEN reached", 6),
        ("a1 decided", 9),
    ],
)
def test_a_search_finds_the_shortest_way_to_a_condition(wanted: str, steps: int) -> None:
    session = paxos("ask p1 Propose value=A")
    found = way_to(session, read(session, wanted).goal())
    assert found.result.violation is not None
    for line in found.trace:
        session.say(line)
    assert read(session, wanted).holds(session.state)
    assert len(found.trace) == steps


@pytest.mark.parametrize(
    "wanted", ["no Prepare in flight", "agreement reached", "Promise in flight and a1 up"]
)
def test_what_a_search_cannot_see_is_refused(wanted: str) -> None:
    session = paxos("ask p1 Propose value=A")
    with pytest.raises(BadInput, match=f"a search can't look for {wanted}"):
        read(session, wanted).goal()
