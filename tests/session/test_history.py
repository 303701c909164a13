"""Facts about the tree of moments: undo is exact, and every moment is found again."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, Crash, HandlerFailed, Heal, Impossible, Recover
from playground.core.actions import Cut
from playground.protocol import Model
from playground.protocol.consensus import Propose
from playground.session.catalog import load
from playground.session.checkpoint import pack
from playground.session.deeds import (
    CrashInStep,
    Deed,
    EditFlight,
    OnFlight,
    ReplayMessage,
    Verb,
    start,
)
from playground.session.errors import BadInput
from playground.session.history import History
from playground.session.schedule import Chance, Fair, Odds
from playground.session.session import Session
from playground.session.state import State
from tests.helpers import played, session

SMALL = {"recent": 4, "spacing": 5}
"""So few states are at hand, and so narrow are the checkpoints, that short runs meet their ends."""


def history(recent: int = 4096, spacing: int = 1024) -> History:
    """Of a Paxos with two leaders, nothing done yet."""
    paxos = session()
    return History(start(paxos.world, paxos.monitor), paxos.monitor, recent, spacing)


ASK = Ask("p1", Propose("A")), Ask("p2", Propose("B"))

CHOICES = st.lists(
    st.tuples(
        st.sampled_from(
            ["deliver"] * 8
            + ["drop", "duplicate", "hold", "release", "edit", "replay", "fire", "crash", "recover"]
            + ["cut", "heal", "ask", "cut short"]
        ),
        st.integers(0, 99),
    ),
    max_size=40,
)


def deeds(state: State, last: Deed | None, which: int) -> dict[str, Deed]:
    """One deed of each kind, as far as there is something that it could be done with."""
    flights = state.in_flight()
    pids = state.world.rules.pids
    pid = pids[which % len(pids)]
    other = pids[(which + 1) % len(pids)]
    found: dict[str, Deed] = {
        "ask": ASK[which % 2],
        "crash": Crash(pid, None if which % 3 else which % 5),
        "recover": Recover(pid, amnesia=which % 7 == 0),
        "cut": Cut(frozenset({(pid, other)})),
        "heal": Heal(),
    }
    if flights:
        flight = flights[which % len(flights)]
        for verb in ("deliver", "drop", "duplicate", "hold", "release"):
            found[verb] = OnFlight(verb, flight.key)
        found["edit"] = EditFlight(flight.key, flights[0].envelope.message)
        found["replay"] = ReplayMessage(flight.number, flight.envelope)
    if isinstance(last, OnFlight):
        found["cut short"] = CrashInStep(pid, which % 3)
    return found


def wander(line: History, choices: Iterable[tuple[str, int]]) -> list[State]:
    """Do what is chosen, as far as it is possible.  Returns the states from the present on."""
    states = [line.state]
    for kind, which in choices:
        last = line.deed(line.step) if line.step else None
        deed = deeds(line.state, last, which).get(kind)
        if deed is None:
            continue
        try:
            line.do(deed)
        except (Impossible, HandlerFailed):
            assert line.state is states[-1]
            continue
        states.append(line.state)
    return states


# ---- there and back


@given(CHOICES)
def test_undo_is_exact_and_redo_takes_it_back(choices: list[tuple[str, int]]) -> None:
    line = history()
    states = wander(line, choices)
    for state in reversed(states[:-1]):
        assert line.undo() == state
    for state in states[1:]:
        assert line.redo() == state


@given(CHOICES, st.randoms())
def test_a_seek_equals_a_fresh_run(choices: list[tuple[str, int]], random: object) -> None:
    line = history(**SMALL)
    states = wander(line, choices)
    for step in random.sample(range(len(states)), len(states)):  # type: ignore[attr-defined]
        assert line.at(step) == states[step]
        assert line.go(step) == states[step]
        assert line.state.step == line.step == step


@given(CHOICES, st.integers(0, 40))
def test_after_a_seek_the_states_before_it_can_be_undone(
    choices: list[tuple[str, int]], where: int
) -> None:
    line = history(**SMALL)
    states = wander(line, choices)
    line.go(min(where, len(states) - 1))
    while line.step:
        assert line.undo() == states[line.step]


@given(CHOICES)
def test_the_past_is_told_as_it_happened(choices: list[tuple[str, int]]) -> None:
    line = history(**SMALL)
    results = []
    for kind, which in choices:
        last = line.deed(line.step) if line.step else None
        deed = deeds(line.state, last, which).get(kind)
        try:
            results += [line.do(deed)] if deed else []
        except (Impossible, HandlerFailed):
            continue
        assert line.again() == (results[-1] if results else None)
    assert [result for _, result in line.walk(1, line.step)] == results


def test_nothing_is_before_the_start_nor_after_the_tip() -> None:
    line = history()
    line.do(ASK[0])
    with pytest.raises(Impossible, match="there is nothing to redo"):
        line.redo()
    with pytest.raises(Impossible, match="only 1 can be undone"):
        line.undo(2)
    line.undo()
    with pytest.raises(Impossible, match="there is nothing to undo"):
        line.undo()
    with pytest.raises(Impossible, match="only 1 can be redone"):
        line.redo(2)
    with pytest.raises(Impossible, match="there is no step 7; this line has 0 to 1"):
        line.go(7)
    assert line.again() is None


def test_a_deed_that_is_refused_leaves_no_trace() -> None:
    line = history()
    state = line.do(ASK[0]).state
    with pytest.raises(Impossible):
        line.do(OnFlight("deliver", 99))
    assert (line.state, line.branch.tip) == (state, 1)


# ---- branches


def test_another_step_from_the_past_begins_a_branch() -> None:
    line = history()
    line.do(ASK[0])
    line.undo()
    line.do(ASK[1])
    assert (line.branch.number, line.branch.fork, line.branch.tip) == (2, 0, 1)
    assert line.deed(1) == ASK[1]


def test_the_same_step_from_the_past_goes_on_along_the_line() -> None:
    line = history()
    wander(line, [("ask", 0), ("deliver", 0), ("deliver", 0)])
    tip = line.state
    line.go(1)
    line.do(OnFlight("deliver", 0))
    assert len(line.branches) == 1 and line.redo() == tip


def test_twins_are_found_again_also_the_trunk() -> None:
    line = history()
    line.do(ASK[0])
    trunk = line.branch
    verbs: tuple[Verb, ...] = ("drop", "deliver", "hold", "drop", "deliver")
    for verb in ("deliver", "drop", "hold"):
        line.do(OnFlight(verb, 0))
        line.undo()
    numbers = []
    for verb in verbs:
        line.do(OnFlight(verb, 0))
        numbers.append(line.branch.number)
        line.undo()
    assert numbers == [2, 1, 3, 2, 1] and len(line.branches) == 3
    assert line.branches[0] is trunk


def test_branches_of_branches_share_their_past() -> None:
    line = history(**SMALL)
    wander(line, [("ask", 0), *[("deliver", 0)] * 8])
    line.go(6)
    wander(line, [("drop", 1), *[("deliver", 0)] * 6])
    line.go(9)
    states = wander(line, [("crash", 1), ("recover", 1), ("ask", 1)])
    third = line.branch
    assert (third.number, third.parent, third.fork) == (3, line.branches[1], 9)
    assert [third.owner(step).number for step in (1, 6, 7, 9, 10)] == [1, 1, 2, 2, 3]
    line.go(0, line.branches[0])
    assert line.go(12, third) == states[-1]
    line.go(3)
    assert line.redo(9) == states[-1]


@given(CHOICES, CHOICES, st.integers(0, 40))
def test_every_branch_stays_as_it_was(
    first: list[tuple[str, int]], second: list[tuple[str, int]], fork: int
) -> None:
    line = history(**SMALL)
    trunk = wander(line, first)
    line.go(min(fork, len(trunk) - 1))
    back = line.step
    twig = trunk[:back] + wander(line, second)
    branch = line.branch
    assert line.go(len(trunk) - 1, line.branches[0]) == trunk[-1]
    assert line.go(len(twig) - 1, branch) == twig[-1]
    assert [line.at(step) for step in range(len(twig))] == twig


def test_bookmarks_name_moments_of_any_branch() -> None:
    paxos = played("consensus/paxos", "ask p1 Propose value=A", "deliver Prepare p1>a1")
    paxos.say("bookmark promised")
    there = paxos.state
    for line in ("undo 1", "drop Prepare p1>a1", "bookmark lost"):
        paxos.say(line)
    lost = paxos.state
    paxos.say("goto promised")
    assert paxos.state == there
    paxos.say("goto lost")
    assert paxos.state == lost
    with pytest.raises(BadInput, match="the bookmarks are promised, lost"):
        paxos.say("goto nowhere")


# ---- what is kept


def test_only_so_many_states_are_at_hand() -> None:
    line = history(recent=4, spacing=1024)
    wander(line, [("ask", 0), *[("deliver", 0)] * 15])
    assert sorted(line._at_hand) == list(range(line.step - 3, line.step + 1))


@pytest.mark.parametrize(("copies", "gap"), [(0, 10), (20, 46)])
def test_checkpoints_stand_apart_and_further_with_many_messages_in_flight(
    copies: int, gap: int
) -> None:
    line = history(recent=4, spacing=10)
    line.do(ASK[0])
    for _ in range(copies):
        line.do(OnFlight("duplicate", 0))
    for _ in range(100):
        line.do(OnFlight("hold", 0))
        line.do(OnFlight("release", 0))
    *_, one, two = line.branch.checkpoints
    assert two - one == gap


@given(CHOICES)
def test_a_checkpoint_holds_the_whole_state(choices: list[tuple[str, int]]) -> None:
    for state in wander(history(), choices):
        assert pack(state, state.in_flight()).state() == state


def test_in_fifo_worlds_a_checkpoint_keeps_the_order_of_links() -> None:
    paxos = Session(load("consensus/paxos"), {}, Model(links=("fifo",)))
    for line in ("ask p1 Propose value=A", "fire p1 Retry", "duplicate m1", "fire p1 Retry"):
        paxos.say(line)
    state = paxos.state
    again = pack(state, state.in_flight()).state()
    assert again == state
    assert list(again.world.network) == list(state.world.network)


# ---- crashes in the middle of the step that was just taken


def test_a_step_that_is_cut_short_is_as_if_the_crash_had_come_in_it() -> None:
    line = history()
    wander(line, [("ask", 0), ("deliver", 0)])
    state = line.do(CrashInStep("a1", 1)).state
    assert state.world.nodes["a1"].promised == (1, "p1")  # type: ignore[attr-defined]
    assert state.world.down == {"a1"} and len(state.flights) == 2
    assert line.undo().world.down == frozenset()
    assert line.redo() == state


def test_many_steps_that_were_cut_short_replay_in_linear_time() -> None:
    line = history(recent=2, spacing=10_000)
    line.do(ASK[0])
    for _ in range(60):
        line.do(Ask("p1", Propose("A")))
        line.do(CrashInStep("p1", 1))
        line.do(Recover("p1"))
    tip = line.state
    line.go(0)
    assert line.go(line.branch.tip) == tip


def test_a_checkpoint_may_stand_right_before_a_step_that_is_cut_short() -> None:
    line = history(recent=1, spacing=1)
    line.do(ASK[0])
    states = [line.state]
    for _ in range(5):
        states.append(line.do(Ask("p1", Propose("A"))).state)
        states.append(line.do(CrashInStep("p1", 1)).state)
        states.append(line.do(Recover("p1")).state)
    for step in (7, 2, 15, 3, 9):
        line.go(0)
        assert line.go(step) == states[step - 1]


def test_no_step_is_cut_short_before_the_first() -> None:
    with pytest.raises(Impossible, match="no step has been taken yet"):
        history().do(CrashInStep("p1", 1))


# ---- long runs


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(0, 200))
def test_a_moment_of_a_long_run_is_found_again(seed: int, step: int) -> None:
    line, values = history(**SMALL), history()
    for asked in ASK:
        line.do(asked)
        values.do(asked)
    odds = Odds(loss=0.1, duplicate=0.1, crashes=1)
    done = line.run(Chance(seed, odds), 150)
    chance = Chance(seed, odds)
    while values.step < done + 2 and (deed := chance.next(values.state)):
        values.do(deed)
    assert line.state == values.state
    step = min(step, line.step)
    assert line.go(step) == values.at(step)
    line.go(line.branch.tip)
    assert list(line.deeds()) == list(values.deeds())


def test_a_run_from_the_past_begins_a_branch_and_a_fair_one_finds_it_again() -> None:
    line = history()
    for deed in ASK:
        line.do(deed)
    line.run(Fair(), 20)
    fair = line.state
    line.go(5)
    line.run(Chance(1), 10)
    assert line.branch.number == 2 and line.branch.tip == 15
    line.go(5)
    assert line.run(Fair(), 17) == 17
    assert line.branch.number == 1 and line.state == fair


def test_what_was_done_before_a_run_was_stopped_is_on_record() -> None:
    class Stopped(Fair):
        def next(self, state: object) -> Deed | None:
            if getattr(state, "step", 0) == 17:
                raise KeyboardInterrupt
            return super().next(state)  # type: ignore[arg-type]

    line, values = history(**SMALL), history()
    for deed in ASK:
        line.do(deed)
        values.do(deed)
    with pytest.raises(KeyboardInterrupt):
        line.run(Stopped(), 100)
    values.run(Fair(), 15)
    assert line.step == 17 and line.state == values.state
    assert line.undo() == values.undo()
