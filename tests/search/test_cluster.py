"""Facts about searches on a cluster: they come to what the search on one machine comes to."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from playground.core import step
from playground.protocol import Instant, System, Verdict, always, between
from playground.search import Bounds, Faults, Progress, SearchError, search
from playground.search.behaviour import Behaviour
from playground.search.cluster import frontier
from playground.search.cluster.batch import packed, unpacked
from playground.search.cluster.job import Job, close, nothing
from playground.search.cluster.owners import Deal
from playground.search.cluster.part import Segment, begin, expand, merge
from playground.search.engine import Search
from playground.search.errors import Stopped
from playground.search.networks import Overflow, Widths
from playground.search.result import Result
from playground.search.space import Space
from playground.session.hunt import hunt
from playground.session.quarry import Quarry
from protocols.consensus import paxos as full_paxos
from protocols.leases import lease_service
from protocols.registers import abd_atomic
from protocols.synchronous import flood_set
from tests.helpers import session
from tests.search import models
from tests.search.models import Proposer, agreement, paxos

ROOT = Path(__file__).parents[2]
ANY = Faults()  # any timer may fire at any time


@between()
def faithful(before: System, after: System) -> Verdict:
    """Who has commanded something never begins again."""
    pairs = zip(before.all(Proposer), after.all(Proposer), strict=True)
    return all(new.phase >= 2 for old, new in pairs if old.phase == 2)


@always()
def cautious(system: System) -> Verdict:
    """Nobody succeeds; or else to look at it raises."""
    if any(p.phase == 3 for p in system.all(Proposer)):
        raise ValueError("somebody has")
    return True


def facts(result: Result) -> dict[str, Any]:
    """All that does not depend on how fast it was, nor where."""
    behaviour = result.behaviour
    assert behaviour is not None
    return {
        "outcome": result.outcome,
        "stopped": result.stopped,
        "states": result.states,
        "transitions": result.transitions,
        "depth": result.depth,
        "frontier": result.frontier,
        "calls": result.calls,
        "never_reached": result.never_reached,
        "unseen": result.unseen,
        "effective": behaviour.effective,
    }


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few worlds are enough to be dealt out."""
    monkeypatch.setattr(frontier, "ENOUGH", 20)


def test_paxos_has_31329_states_there_too(cluster: str) -> None:
    here = search(paxos(), [agreement], ANY)
    there = search(paxos(), [agreement], ANY, cluster=cluster)
    assert (there.states, there.transitions) == (31_329, 101_361)
    assert there.complete and there.workers == 2
    assert facts(there) == facts(here)


@pytest.mark.slow
def test_paxos_has_101408_states_there_too_and_1945556_with_4_acceptors(cluster: str) -> None:
    small = search(paxos(), [agreement], ANY, exact=True, cluster=cluster)
    assert (small.states, small.transitions, small.depth) == (101_408, 518_682, 23)
    unbounded = Bounds()
    large = search(paxos(acceptors=4), [agreement], ANY, unbounded, exact=True, cluster=cluster)
    assert (large.states, large.transitions) == (1_945_556, 12_316_276)


ROUNDS = Faults(crashes=1, crash_points=9)
TIMED = Faults(until=Instant(12), crashes=1, recoveries=1, duplicates=1)
CRASHES = Faults(timers=0, crashes=1, duplicates=1)


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize(
    ("module", "faults", "setup", "depth"),
    [
        (flood_set, ROUNDS, {}, 9),
        (lease_service, TIMED, {}, 10),
        (abd_atomic, Faults(timers=1), {}, None),  # its properties judge histories
        (full_paxos, CRASHES, {"proposers": 1, "acceptors": 2}, 9),
    ],
    ids=["rounds", "time", "history", "crashes"],
)
def test_all_that_a_world_holds_finds_its_way(
    cluster: str, module: ModuleType, faults: Faults, setup: dict[str, Any], depth: int | None
) -> None:
    here, there = (
        search(module, faults=faults, setup=setup, bounds=Bounds(depth=depth), cluster=at)
        for at in ("", cluster)
    )
    assert there.workers == 2
    assert facts(there) == facts(here)


@pytest.mark.usefixtures("early")
def test_traitors_and_signatures_find_their_way(cluster: str) -> None:
    quarry = Quarry(corrupt=("l1",), forgeries=2)
    here, there = (
        hunt(session("synchronous/sm"), replace(quarry, cluster=at)) for at in ("", cluster)
    )
    assert there.result.workers == 2
    assert facts(there.result) == facts(here.result)
    assert there.never_taken() == here.never_taken() and there.never_run() == here.never_run()


@pytest.mark.usefixtures("early")
def test_links_that_keep_their_order_and_links_that_copy_do_so_there(cluster: str) -> None:
    fifo = search(paxos(fifo=True), [agreement], ANY, cluster=cluster)
    assert (fifo.states, fifo.transitions, fifo.workers) == (38_837, 175_011, 2)
    copies = search(models.two_phase(5), [models.consistent], ANY, copies=True, cluster=cluster)
    assert (copies.states, copies.workers) == (8_832, 2)


def test_the_stubborn_leader_is_found_out_after_18_steps_there_too(cluster: str) -> None:
    result = search(paxos(bug=True), [agreement], ANY, cluster=cluster)
    broken = result.violation
    assert broken is not None and broken.minimal == "shortest" and result.workers == 2
    assert broken.property is agreement and len(broken.trace) == 18
    world = result.start
    for action in broken.trace:
        world = step(world, action)
    assert world == broken.world and not agreement(world)


@pytest.mark.usefixtures("early")
def test_a_step_that_breaks_something_is_found_there_too(cluster: str) -> None:
    start = paxos(K=2, acceptors=2)
    here, there = (search(start, [faithful], ANY, cluster=at) for at in ("", cluster))
    assert here.violation is not None and there.violation is not None
    assert there.workers == 2 and here.depth == there.depth
    assert len(here.violation.trace) == len(there.violation.trace)


@pytest.mark.usefixtures("early")
def test_a_property_that_raises_is_named(cluster: str) -> None:
    with pytest.raises(SearchError, match="the property cautious raised ValueError: somebody has"):
        search(paxos(), [cautious], ANY, cluster=cluster)


def test_walks_are_those_of_one_machine(cluster: str) -> None:
    here, there = (
        search(paxos(), [agreement], ANY, walks=2_000, seed=7, cluster=at) for at in ("", cluster)
    )
    assert there.workers == 2 and here.transitions > 20_000
    assert facts(there) == facts(here)


def test_walks_end_there_where_they_end_here(cluster: str) -> None:
    bounds = Bounds(states=9_000, depth=30)
    here, there = (
        search(paxos(), [agreement], ANY, bounds, walks=2_000, cluster=at) for at in ("", cluster)
    )
    assert (there.stopped, there.transitions) == (here.stopped, here.transitions)
    assert here.stopped == "states" and here.depth == there.depth


def test_the_walk_with_the_lowest_number_tells_what_it_found(cluster: str) -> None:
    here, there = (
        search(paxos(bug=True), [agreement], ANY, walks=5_000, seed=2, cluster=at)
        for at in ("", cluster)
    )
    assert there.violation is not None and there.violation == here.violation
    assert (there.transitions, there.depth) == (here.transitions, here.depth)


def killing(local_cluster: Any, after: int) -> Callable[[Progress], None]:
    """Hears of the progress, and kills a worker when so many states are known."""
    victims = [local_cluster.workers[0].pid]

    def hear(progress: Progress) -> None:
        if progress.states >= after and victims:
            os.kill(victims.pop(), signal.SIGKILL)

    return hear


@pytest.mark.parametrize("after", [2_000, 15_000])
def test_a_worker_that_is_killed_costs_work_and_not_the_result(
    local_cluster: Any, cluster: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontier, "ROUND", 500)  # in the middle of a level
    victim = local_cluster.workers[0].pid
    hear = killing(local_cluster, after)
    result = search(paxos(), [agreement], ANY, cluster=cluster, progress=hear)
    assert (result.states, result.transitions, result.depth) == (31_329, 101_361, 22)
    assert result.complete and result.workers == 2
    assert local_cluster.workers[0].pid != victim


def test_walks_that_a_killed_worker_took_are_taken_again(local_cluster: Any, cluster: str) -> None:
    hear = killing(local_cluster, 5_000)
    there = search(paxos(), [agreement], ANY, walks=3_000, cluster=cluster, progress=hear)
    assert facts(there) == facts(search(paxos(), [agreement], ANY, walks=3_000))


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize(
    ("bounds", "stopped"),
    [
        (Bounds(depth=9), "depth"),
        (Bounds(states=3_000), "states"),
        (Bounds(memory=100_000), "memory"),
        (Bounds(seconds=0.5), "seconds"),
    ],
)
def test_every_bound_ends_it(cluster: str, bounds: Bounds, stopped: str) -> None:
    result = search(paxos(K=2), [agreement], ANY, bounds, cluster=cluster)
    assert (result.outcome, result.stopped, result.workers) == ("bounded", stopped, 2)
    assert result.frontier > 0
    if bounds.states is not None:
        assert bounds.states <= result.states < 3 * bounds.states


def test_whoever_hears_of_its_progress_may_stop_it(cluster: str) -> None:
    def hear(progress: Progress) -> None:
        if progress.states > 5_000:
            raise Stopped

    result = search(paxos(), (), ANY, progress=hear, cluster=cluster)
    assert (result.outcome, result.stopped) == ("bounded", "interrupt")
    assert 5_000 < result.states < 31_329
    began = time.monotonic()
    assert search(paxos(), (), ANY, cluster=cluster).complete  # nobody is at the old one any more
    assert time.monotonic() - began < 30


def test_what_has_no_name_can_t_be_sent(cluster: str) -> None:
    nameless = replace(agreement, name="nameless")
    with pytest.raises(SearchError, match="give it a name at the top of a module"):
        search(paxos(), [nameless], ANY, cluster=cluster)


@pytest.mark.parametrize(
    ("address", "how", "sentence"),
    [
        ("nowhere", {}, "'nowhere' is no address of a cluster; one looks like tcp://"),
        ("127.0.0.1:1", {}, "no Dask scheduler answers at 127.0.0.1:1; start one by"),
        ("127.0.0.1:1", {"symmetry": "Acceptor"}, "leave out the symmetry"),
        ("127.0.0.1:1", {"fast": True}, "leave out either fast or the cluster"),
    ],
)
def test_what_is_no_cluster_is_a_sentence(address: str, how: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        search(paxos(), [agreement], ANY, cluster=address, **how)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SearchError, match=r"pip install 'protocol-playground\[cluster\]'"):
        search(paxos(), [agreement], ANY, cluster="127.0.0.1:8786")


def explored(space: Space) -> list[int]:
    engine = Search(space, (agreement,), Bounds(), lambda _: None, time.monotonic(), None)
    engine.run()
    return list(engine.seen)


def test_packed_worlds_are_the_same_in_another_space() -> None:
    start = paxos(acceptors=2)
    space = Space(Behaviour(start), ANY)
    worlds = explored(space)
    other = Space(Behaviour(start), ANY, widths=Widths(body=20, copies=4))
    found = unpacked(other, packed(space, worlds))
    assert len(set(found)) == len(worlds)
    assert [other.unpack(w) for w in found[::7]] == [space.unpack(w) for w in worlds[::7]]
    narrow = Space(Behaviour(start), ANY, widths=Widths(body=2))
    with pytest.raises(Overflow):
        unpacked(narrow, packed(space, worlds))


def expanded(job: bytes, head: Segment, slices: Iterable[tuple[int, int]]) -> Segment:
    """The next level of a search that has one part."""
    deal, before = Deal(1, (0,)), head
    for at, count in slices:
        expansion = expand(job, 0, deal, before, at, count)
        head = merge(job, 0, deal, head, before.level + 1, expansion.boxes)
    return head


def test_what_another_worker_finds_again_has_the_same_places() -> None:
    start = paxos(K=2)
    space = Space(Behaviour(start), ANY)
    job = Job(start, (agreement,), ANY, False, False).pickled(nothing, [models])
    first = begin(0, packed(space, []), packed(space, [space.first]))
    found = []
    for detour in (False, True):
        close(job)
        if detour:  # the other worker knows messages in another order
            way = [space.first]
            for _ in range(8):
                way.append(space.after(way[-1], list(space.moves(way[-1]))[-1]))
            expanded(job, begin(0, packed(space, []), packed(space, way[::-1])), [(0, 9)])
        head = first
        for _ in range(6):
            size = sum(len(s.worlds.within(space)) for s in copied(head).of(head.level))
            head = expanded(job, head, [(0, size // 2), (size // 2, size)])
        found.append(
            [[space.unpack(w) for w in s.worlds.within(space)] for s in copied(head).chain()]
        )
    assert found[0] == found[1] and len(found[0][-1]) > 50


def copied(segment: Segment) -> Segment:
    """As it arrives in another process."""
    there: Segment = pickle.loads(pickle.dumps(segment))
    return there


OWNERS = """
from playground.search.cluster.owners import Deal, Owners
from tests.search.test_cluster import *
space = Space(Behaviour(paxos(acceptors=2)), ANY)
owners = Owners(space, Deal(5, (0, 1, 2, 3)))
counts = [0] * 5
for world in explored(space):
    counts[owners[world & owners.mask]] += 1
print(counts)
"""


def test_a_world_belongs_to_the_same_part_under_every_hash_seed() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", OWNERS], cwd=ROOT, check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1 and "[0" not in told.pop()
