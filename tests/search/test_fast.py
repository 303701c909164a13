"""Facts about the search on arrays: it sees what the exact search sees."""

from __future__ import annotations

import subprocess
import sys

import pytest

from playground.core import step
from playground.protocol import System, Verdict, between
from playground.search import Bounds, Faults, SearchError, engine, search
from playground.search.engine import run
from playground.search.networks import Widths
from playground.search.result import Result
from tests.search import models
from tests.search.models import agreement, consistent, paxos, two_phase
from tests.search.test_engine import INSTANCES

np = pytest.importorskip("numpy")

from playground.search import fast  # noqa: E402 - only where there is numpy
from playground.search.vectors import Lookup, Numbers, digest  # noqa: E402

UNFIT = ("fifo", "flooding", "generals", "lease", "heartbeats", "omega")


def told(result: Result) -> tuple[object, ...]:
    return result.outcome, result.states, result.transitions, result.depth, result.never_reached


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("name", INSTANCES)
def test_it_counts_what_the_exact_search_counts(name: str, exact: bool) -> None:
    """Also with properties of steps, goals, and facts that observers have seen."""
    instance = INSTANCES[name]
    given = instance.start(), instance.file.properties, instance.faults
    slow, quick = run(*given, exact=exact), run(*given, exact=exact, fast=True)
    assert quick.violation is None or quick.odds is not None or quick.unfit
    if slow.violation is None:
        assert told(quick) == told(slow)
    else:
        assert quick.violation is not None
        assert len(quick.violation.trace) == len(slow.violation.trace)
    assert bool(quick.unfit) == any(word in name for word in UNFIT)
    assert (quick.odds is None) == bool(quick.unfit)


def test_the_pinned_counts_are_the_same() -> None:
    full = run(paxos(), [agreement], exact=True, fast=True)
    assert (full.states, full.transitions, full.depth) == (101_408, 518_682, 23)
    assert full.odds is not None and 0 < full.odds < 1e-9
    assert run(paxos(), [agreement], fast=True).states == 31_329
    assert run(two_phase(5), [consistent], copies=True, fast=True).states == 8_832


@pytest.mark.slow
def test_the_large_pinned_counts_are_the_same() -> None:
    result = run(paxos(acceptors=4), [agreement], exact=True, fast=True)
    assert (result.states, result.transitions) == (1_945_556, 12_316_276)
    assert run(two_phase(7), [consistent], copies=True, fast=True).states == 296_448


@pytest.mark.parametrize("exact", [True, False])
def test_its_counterexample_is_a_shortest_one_and_true_in_the_core(exact: bool) -> None:
    result = run(paxos(bug=True), [agreement], exact=exact, fast=True)
    assert result.violation is not None and len(result.violation.trace) == 18
    world = result.start
    for action in result.violation.trace:
        world = step(world, action)
    assert not agreement(world)


def test_a_broken_step_is_found() -> None:
    @between()
    def never_accepts(before: System, after: System) -> Verdict:
        """No acceptor ever accepts."""
        old, new = before.all(models.Acceptor), after.all(models.Acceptor)
        return all(a.vb == b.vb for a, b in zip(old, new, strict=True))

    slow, quick = (run(paxos(), [never_accepts], fast=f) for f in (False, True))
    assert slow.violation is not None and quick.violation is not None
    assert len(quick.violation.trace) == len(slow.violation.trace)


@pytest.mark.parametrize(
    ("bounds", "stopped"),
    [
        (Bounds(depth=4), "depth"),
        (Bounds(seconds=0), "seconds"),
        (Bounds(memory=1), "memory"),
        (Bounds(states=500), "states"),
    ],
)
def test_every_bound_ends_it(bounds: Bounds, stopped: str) -> None:
    result = search(paxos(), [agreement], Faults(), bounds, fast=True)
    assert (result.outcome, result.stopped) == ("bounded", stopped)
    assert result.frontier > 0


def test_fields_that_are_too_narrow_are_widened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "Widths", lambda: Widths(body=2, ghost=1, copies=1))
    assert told(run(paxos(), [agreement], fast=True)) == told(run(paxos(), [agreement]))


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(run(paxos(), [agreement], fast=True))
    monkeypatch.setattr(fast, "CHUNK", 1_000)
    assert told(run(paxos(), [agreement], fast=True)) == whole


def test_where_nothing_comes_up_again_the_exact_search_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("playground.search.behaviour.FRUITLESS", 50)
    result = run(models.log(5), [], fast=True)
    assert result.states == 326 and result.odds is None
    assert "about as many states" in result.unfit


def test_a_set_of_numbers_says_which_are_new() -> None:
    random = np.random.default_rng(1)
    numbers, known = Numbers(4), set[int]()
    for _ in range(5):
        some = random.integers(1, 3_000, 500).astype(np.uint64) << np.uint64(48)
        new = numbers.add(some)
        assert {int(some[i]) for i in new} == {int(x) for x in some} - known
        assert all(int(some[i]) not in map(int, some[:i]) for i in new)
        known |= {int(x) for x in some}
    assert numbers.count == len(known)


def test_a_table_finds_what_was_put_there() -> None:
    lookup = Lookup()
    keys = digest(np.arange(1, 5_001, dtype=np.uint64)[None, :])
    for n, key in enumerate(keys[:2_500].tolist()):
        lookup.put(key, n)
    assert lookup.find(keys).tolist() == [*range(2_500), *[-1] * 2_500]


def test_a_digest_looks_at_the_bits_under_its_mask_alone() -> None:
    rows = np.array([[1, 3, 1], [7, 7, 8]], np.uint64)
    assert len(set(digest(rows).tolist())) == 3
    first, second, third = digest(rows, 1 | 255 << 64).tolist()
    assert first == second != third
    assert digest(rows[:, :1]) == digest(np.array([[1], [7], [0]], np.uint64))


def test_without_numpy_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from playground.search import SearchError, search\n"
        "from protocols.consensus import paxos\n"
        "try: search(paxos, fast=True)\n"
        "except SearchError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "a fast search needs numpy: pip install 'protocol-playground[fast]'\n"


def test_symmetry_is_for_the_exact_search() -> None:
    result = run(paxos(), [agreement], symmetry="Acceptor", fast=True)
    assert result.complete and result.unfit == "nodes that are interchanged"
    with pytest.raises(SearchError):
        run(paxos(), [agreement], symmetry="Nobody", fast=True)
