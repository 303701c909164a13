"""Facts about symmetry: interchangeable nodes make fewer worlds, and break no less."""

from __future__ import annotations

from contextlib import suppress

import pytest

from playground.core import begin
from playground.protocol import Message, Pid, Role, System, Verdict, always, upon
from playground.search import Faults, SearchError, search
from playground.search.engine import run
from tests.search.models import agreement, consistent, paxos, two_phase


@pytest.mark.parametrize(
    ("exact", "all_", "classes"), [(True, 101_408, 18_202), (False, 31_329, 5_489)]
)
def test_paxos_has_a_sixth_of_its_states(exact: bool, all_: int, classes: int) -> None:
    assert run(paxos(), [agreement], exact=exact).states == all_
    result = run(paxos(), [agreement], exact=exact, symmetry="Acceptor")
    assert result.complete and result.states == classes


@pytest.mark.slow
def test_with_4_acceptors_a_twentieth() -> None:
    assert run(paxos(acceptors=4), [agreement], symmetry="acceptor").states == 25_403


def test_resource_managers_are_alike_too() -> None:
    plain = run(two_phase(5), [consistent], copies=True)
    result = run(two_phase(5), [consistent], copies=True, symmetry="ResourceManager")
    assert result.complete and result.states * 10 < plain.states == 8_832


@pytest.mark.parametrize("exact", [True, False])
def test_a_bug_is_found_as_soon_and_told_by_true_names(exact: bool) -> None:
    found = run(paxos(bug=True), [agreement], exact=exact, symmetry="Acceptor").violation
    assert found is not None
    assert len(found.trace) == 18 and not agreement(found.world)


def test_a_role_that_there_is_not_twice_is_refused() -> None:
    with pytest.raises(SearchError, match="no two nodes of a role Learner"):
        search(paxos(), [agreement], symmetry="Learner")


def test_links_that_keep_their_order_are_refused() -> None:
    with pytest.raises(SearchError, match="keep no order"):
        run(paxos(fifo=True), [agreement], symmetry="Acceptor")


class Go(Message):
    pass


class Sender(Role):
    peers: tuple[Pid, ...]

    def start(self) -> None:
        self.send(Go(), to=self.peers)


class Odd(Role):
    """Only the node called b ever gets excited."""

    excited: bool = False

    @upon(Go)
    def hear(self, src: Pid) -> None:
        self.excited = self.pid == "b"


@always()
def calm(system: System) -> Verdict:
    """Nobody but a is excited."""
    return all(node.pid == "a" for node in system.all(Odd) if node.excited)


def test_nodes_that_are_not_alike_give_no_false_alarm() -> None:
    """The search is told that they are alike; then a run is told by true names, or none."""
    start = begin([Sender("s", ("a", "b", "c")), Odd("a"), Odd("b"), Odd("c")])
    with suppress(SearchError):  # "these nodes can't be interchanged"
        result = run(start, [calm], Faults(), symmetry="Odd")
        assert result.violation is None or not calm(result.violation.world)
