"""Facts about the search as others use it, in their own tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playground.core import HandlerFailed, begin, step
from playground.protocol import System, Verdict, always
from playground.protocol.consensus import Propose
from playground.search import Bounds, Faults, Progress, SearchError, search
from playground.search.errors import Raised, Stopped
from playground.session.catalog import load
from protocols.consensus import omega_consensus, paxos
from protocols.detectors import scripted
from protocols.registers import abd_atomic
from tests.cli.test_search_faults import RAISING
from tests.search import models

ANY = Faults()  # any timer may fire at any time


def test_a_protocol_is_searched_in_one_line() -> None:
    result = search(paxos, setup={"proposers": 1, "acceptors": 2}).check()
    assert result.complete and result.never_reached == ()


@pytest.mark.parametrize("omega", [None, scripted, "detectors/scripted"])
def test_layers_of_other_protocols_come_along(omega: Any) -> None:
    setup = {"n": 2} if omega is None else {"n": 2, "omega": omega}
    result = search(omega_consensus, setup=setup, bounds=Bounds(depth=4)).check(complete=False)
    assert len(result.start.nodes) == 2 and result.states == 20


def test_a_register_is_searched_as_it_is() -> None:
    assert search(abd_atomic).check().complete


def test_a_handler_that_raises_is_told_with_the_run_to_it(tmp_path: Path) -> None:
    file = tmp_path / "counts.py"
    file.write_text(RAISING)
    module = load(str(file)).module
    with pytest.raises(Raised, match=r"Node\.hit raised ValueError: two is too many") as raised:
        search(module)
    *way, last = raised.value.actions
    world = begin(module.setup(), module.model(()))
    for action in way:
        world = step(world, action)
    with pytest.raises(HandlerFailed):
        step(world, last)


def test_a_failure_tells_the_run() -> None:
    with pytest.raises(AssertionError) as failed:
        search(models.paxos(bug=True), [models.agreement], ANY).check()
    told = str(failed.value).splitlines()
    assert told[0].startswith("agreement is violated: No two proposers succeed")
    assert told[1] == "a shortest run to it:"
    assert told[2] == "  1. fire p1 Retry()" and len(told) == 20


def test_a_search_that_was_cut_short_is_a_failure_unless_that_is_fine() -> None:
    result = search(models.paxos(), [models.agreement], ANY, Bounds(states=500))
    assert (result.outcome, result.stopped) == ("bounded", "states")
    assert result.frontier > 0
    with pytest.raises(AssertionError, match="stopped by its bound of states"):
        result.check()
    result.check(complete=False)


@pytest.mark.parametrize(
    ("bounds", "stopped"),
    [
        (Bounds(depth=4), "depth"),
        (Bounds(seconds=0), "seconds"),
        (Bounds(memory=1), "memory"),
    ],
)
def test_every_bound_ends_it(bounds: Bounds, stopped: str) -> None:
    result = search(models.paxos(), [models.agreement], ANY, bounds)
    assert (result.outcome, result.stopped) == ("bounded", stopped)


def test_a_bound_that_is_not_reached_leaves_it_complete() -> None:
    result = search(models.paxos(), (), ANY, Bounds(states=31_330, depth=23))
    assert result.complete and result.states == 31_329


def test_whoever_hears_of_its_progress_may_stop_it() -> None:
    heard: list[Progress] = []

    def hear(progress: Progress) -> None:
        heard.append(progress)
        if progress.states > 3_000:
            raise Stopped

    result = search(models.paxos(), (), ANY, progress=hear)
    assert (result.outcome, result.stopped) == ("bounded", "interrupt")
    assert 3_000 < result.states < 31_329
    assert [p.states for p in heard] == sorted(p.states for p in heard)


def test_walks_are_never_complete() -> None:
    result = search(models.paxos(), [models.agreement], walks=10)
    assert result.stopped == "walks"
    result.check(complete=False)


def test_a_property_of_facts_that_never_were_is_named() -> None:
    idle = search(paxos, setup={"proposers": 1, "acceptors": 1}, asks=[])
    assert "validity" in idle.unseen and idle.never_reached == ("chosen", "decided")
    silent = search(abd_atomic, asks=[])
    assert silent.unseen == ("atomic", "regular", "safe")
    busy = search(paxos, setup={"proposers": 1, "acceptors": 1}, asks=[("p1", Propose("A"))])
    assert busy.unseen == () and busy.never_reached == ()


@pytest.mark.parametrize(
    ("faults", "bounds", "sentence"),
    [
        (Faults(crashes=-1), Bounds(), "a bound can't be below 0: crashes is -1"),
        (Faults(), Bounds(depth=-1), "a bound can't be below 0: depth is -1"),
        (Faults(forgeries=1), Bounds(), "offers no finite forgeries"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(faults: Faults, bounds: Bounds, sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        search(models.paxos(), [models.agreement], faults, bounds)


def test_a_parameter_that_there_is_not_is_named() -> None:
    with pytest.raises(SearchError, match="has no parameter acceptor; it has proposers, acceptors"):
        search(paxos, setup={"acceptor": 3})


def test_what_the_module_offers_is_forged() -> None:
    setup = {"proposers": 1, "acceptors": 1}
    forged = search(paxos, [paxos.validity], Faults(timers=0, forgeries=1), setup=setup)
    assert forged.violation is not None
    assert "it leaves the model: forged Accept" in str(forged)


def test_a_property_that_raises_is_named() -> None:
    @always()
    def hasty(system: System) -> Verdict:
        return system.all(models.Proposer)[7].k == 0

    with pytest.raises(SearchError, match="the property hasty raised IndexError"):
        search(models.paxos(), [hasty], ANY)


def test_a_world_that_does_not_observe_what_is_asked_is_refused() -> None:
    with pytest.raises(SearchError, match="agreement sees what the world does not observe"):
        search(models.paxos(), [paxos.agreement])
