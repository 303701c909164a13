"""Facts about the numbers of states, which other checkers have counted too."""

from __future__ import annotations

import pytest

from playground.search.engine import run
from tests.search.models import agreement, consistent, paxos, two_phase

# 277 in PERFORMANCE.md; counted by hand, the reference model puts 230 events to its nodes, too.
PAXOS_CALLS = 230


def test_paxos_has_101408_states() -> None:
    result = run(paxos(), [agreement], exact=True)
    assert result.complete
    assert (result.states, result.transitions, result.depth) == (101_408, 518_682, 23)
    assert result.calls == PAXOS_CALLS


def test_paxos_has_31329_states_without_steps_that_have_no_effect() -> None:
    result = run(paxos(), [agreement])
    assert result.complete
    assert (result.states, result.transitions) == (31_329, 101_361)
    assert result.calls == PAXOS_CALLS


def test_paxos_over_fifo_links_has_38837_states() -> None:
    result = run(paxos(fifo=True), [agreement])
    assert result.complete
    assert (result.states, result.transitions) == (38_837, 175_011)


@pytest.mark.parametrize(("managers", "states"), [(3, 288), (5, 8_832)])
def test_two_phase_commit_of_lamport_has_so_many_states(managers: int, states: int) -> None:
    result = run(two_phase(managers), [consistent], copies=True)
    assert result.complete and result.states == states


@pytest.mark.slow
def test_two_phase_commit_of_lamport_with_7_managers_has_296448_states() -> None:
    result = run(two_phase(7), [consistent], copies=True)
    assert result.complete and result.states == 296_448


@pytest.mark.slow
def test_paxos_with_4_acceptors_has_1945556_states() -> None:
    result = run(paxos(acceptors=4), [agreement], exact=True)
    assert (result.states, result.transitions) == (1_945_556, 12_316_276)
    assert run(paxos(acceptors=4), [agreement]).states == 508_369


@pytest.mark.parametrize("exact", [True, False])
def test_the_stubborn_leader_is_found_out_after_18_steps(exact: bool) -> None:
    result = run(paxos(bug=True), [agreement], exact=exact)
    assert result.violation is not None
    assert result.violation.property is agreement
    assert result.violation.minimal == "shortest" and len(result.violation.trace) == 18
