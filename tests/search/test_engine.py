"""Facts about the search: it sees what the plain search sees, and never more than `core.step`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import perm
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Action, Ask, Envelope, World, begin, step
from playground.protocol import Input, Instant, Model, Output, System, always
from playground.protocol.byzantine import Command
from playground.protocol.commit import Begin, Refuse
from playground.protocol.consensus import Propose
from playground.protocol.observations import trace
from playground.search import behaviour
from playground.search.behaviour import Behaviour
from playground.search.engine import run
from playground.search.faults import Faults
from playground.search.networks import Widths
from playground.search.result import Bounds, Result
from playground.search.space import Space
from playground.session.catalog import ProtocolFile, load, names
from protocols.commit.two_phase_commit import Decision
from protocols.leases.lease_service import Acquire
from tests.search import models
from tests.search.models import Log
from tests.search.plain import Report, explore


@dataclass(frozen=True)
class Instance:
    protocol: str
    asks: tuple[Ask, ...]
    faults: Faults
    setup: dict[str, Any] = field(default_factory=dict)
    fifo: bool = False

    @property
    def file(self) -> ProtocolFile:
        return load(self.protocol)

    def start(self) -> World:
        nodes = self.file.setup(self.setup)
        model = self.file.model(nodes)
        if self.fifo:
            model = replace(model, links=("lossy", "duplicating", "fifo"))
        observed = dict.fromkeys(o for p in self.file.properties for o in p.sees)
        return asked(begin(nodes, model, observed), self.asks)


def asked(world: World, asks: Iterable[Action]) -> World:
    for ask in asks:
        world = step(world, ask)
    return world


A, B = Ask("p1", Propose("A")), Ask("p2", Propose("B"))
C = Ask("c", Begin())
SMALL = {"proposers": 2, "acceptors": 1}
FORGERIES = tuple(Envelope("c", p, Decision("commit")) for p in ("p1", "p2"))

INSTANCES = {
    "paxos": Instance("consensus/paxos", (A, B), Faults(timers=0), SMALL),
    "paxos, a timer": Instance("consensus/paxos", (A, B), Faults(timers=1), SMALL),
    "paxos, asked late": Instance("consensus/paxos", (A,), Faults(timers=1, extra=(B,)), SMALL),
    "paxos, crashes": Instance(
        "consensus/paxos",
        (A,),
        Faults(timers=0, crash_points=2, crashes=1, recoveries=1),
        {"proposers": 1, "acceptors": 2},
    ),
    "paxos, fifo": Instance(
        "consensus/paxos", (A, B), Faults(timers=0, drops=1, duplicates=1), SMALL, fifo=True
    ),
    "paxos, colocated": Instance("consensus/paxos", (A,), Faults(timers=1), {"n": 2}),
    "synod": Instance("consensus/synod_ofcons", (A, B), Faults(), {"n": 2}),
    "synod, crash": Instance(
        "consensus/synod_ofcons", (A,), Faults(crash_points=3, crashes=1, recoveries=1), {"n": 2}
    ),
    "2pc, loss and copies": Instance(
        "commit/two_phase_commit",
        (C,),
        Faults(timers=0, drops=1, duplicates=1),
        {"participants": 2},
    ),
    "2pc, crash": Instance(
        "commit/two_phase_commit",
        (C,),
        Faults(timers=0, crash_points=3, extra=(Ask("p2", Refuse()),), crashes=1, recoveries=1),
        {"participants": 2},
    ),
    "2pc, forgery": Instance(
        "commit/two_phase_commit",
        (C,),
        Faults(timers=0, forgeries=1, forgeable=FORGERIES),
        {"participants": 2},
    ),
    "flooding, crash": Instance(
        "synchronous/flood_set",
        (A, B, Ask("p3", Propose("B"))),
        Faults(crashes=1),
        {"f": 1},
    ),
    "flooding a round short": Instance(
        "synchronous/flood_set",
        (A, B, Ask("p3", Propose("B"))),
        Faults(crashes=1),
        {"f": 1, "bug": "round_short"},
    ),
    "generals, a loss": Instance(
        "synchronous/om", (Ask("c", Command("ATTACK")),), Faults(drops=1), {"n": 3}
    ),
    "a lease": Instance(
        "leases/lease_service",
        (),
        Faults(
            extra=(Ask("h1", Acquire()), Ask("h2", Acquire())),
            until=Instant(8),
        ),
        {"term": 4, "retry": 8},
    ),
    "a lease, a crash": Instance(
        "leases/lease_service",
        (Ask("h1", Acquire()),),
        Faults(crashes=1, recoveries=1, until=Instant(10)),
        {"holders": 1, "retry": 6},
    ),
    "a lease, drifting clocks": Instance(
        "leases/lease_service",
        (Ask("h1", Acquire()),),
        Faults(drifts=1, until=Instant(6), grain=Instant(3)),
        {"holders": 1, "rho": Fraction(1, 10), "renew": True},
    ),
    "heartbeats": Instance(
        "detectors/heartbeat", (), Faults(crashes=1, recoveries=1, until=Instant(11)), {"n": 2}
    ),
    "omega": Instance(
        "detectors/omega", (), Faults(crashes=1, recoveries=1, until=Instant(11)), {"n": 2}
    ),
}
each_instance = pytest.mark.parametrize("instance", INSTANCES.values(), ids=list(INSTANCES))


def both(instance: Instance, **options: Any) -> tuple[Report, Result]:
    start, properties = instance.start(), instance.file.properties
    plain = explore(start, properties, instance.faults, limit=20_000)
    return plain, run(start, properties, instance.faults, **options)


@each_instance
def test_it_counts_what_the_plain_search_counts(instance: Instance) -> None:
    plain, result = both(instance, exact=True)
    if plain.violation is None:
        assert plain.complete and result.complete
        assert (result.states, result.transitions) == (plain.worlds, plain.transitions)
        goals = {p.name for p in instance.file.properties if p.kind == "eventually"}
        assert goals - set(result.never_reached) == plain.reached
    else:
        assert result.violation is not None
        assert len(result.violation.trace) == len(plain.violation.trace)


PINNED = {
    # states and steps when nothing is left out, and states without what can't break anything
    "paxos": (56, 86, 55),
    "paxos, a timer": (673, 1499, 602),
    "paxos, asked late": (706, 1581, 631),
    "paxos, crashes": (313, 625, 156),
    "paxos, fifo": (847, 2220, 847),
    "paxos, colocated": (33, 49, 29),
    "synod": (27, 45, 18),
    "synod, crash": (130, 206, 51),
    "2pc, loss and copies": (279, 700, 97),
    "2pc, crash": (1937, 4904, 1055),
    "flooding, crash": (648, 2215, 648),
}


@pytest.mark.parametrize("name", PINNED)
def test_our_protocols_have_so_many_states(name: str) -> None:
    instance = INSTANCES[name]
    arguments = instance.start(), instance.file.properties, instance.faults
    exact, fewer = run(*arguments, exact=True), run(*arguments)
    assert exact.complete and fewer.complete
    assert (exact.states, exact.transitions, fewer.states) == PINNED[name]


@pytest.mark.slow
def test_two_leaders_and_three_acceptors_have_977689_states() -> None:
    """All that two ballots of our Paxos can come to: every promise is kept."""
    instance = Instance(
        "consensus/paxos", (), Faults(timers=0, extra=(A, B)), {"proposers": 2, "acceptors": 3}
    )
    result = run(instance.start(), instance.file.properties, instance.faults)
    assert result.complete and result.states == 977_689


@each_instance
def test_what_it_leaves_out_breaks_nothing(instance: Instance) -> None:
    plain, result = both(instance)
    assert (result.violation is None) == (plain.violation is None)
    assert result.violation is not None or result.states <= plain.worlds


@each_instance
def test_what_was_told_in_order_is_part_of_a_world(instance: Instance) -> None:
    history = trace(Input, Output)

    @always(sees=[history])
    def short(system: System) -> bool:
        return len(system.told(history)) < 9

    nodes = instance.file.setup(instance.setup)
    model = replace(instance.file.model(nodes), links=("fifo",) if instance.fifo else ())
    start = asked(begin(nodes, model, [history]), instance.asks)
    plain = explore(start, [short], instance.faults)
    result = run(start, [short], instance.faults, exact=True)
    assert (result.states, result.transitions) == (plain.worlds, plain.transitions)


def bugs(protocol: str) -> list[str]:
    return list(load(protocol).bugs)


@pytest.mark.parametrize("bug", bugs("consensus/synod_ofcons"))
def test_a_bug_takes_as_many_steps_as_the_plain_search_says(bug: str) -> None:
    instance = Instance("consensus/synod_ofcons", (A, B), Faults(), {"n": 2, "bug": bug})
    plain, result = both(instance, exact=True)
    if plain.violation is None:
        assert result.states == plain.worlds
    else:
        assert result.violation is not None
        assert len(result.violation.trace) == len(plain.violation.trace)
        assert not result.violation.property(*last_systems(result))


def last_systems(result: Result) -> list[World]:
    assert result.violation is not None
    worlds = [result.start]
    for action in result.violation.trace:
        worlds.append(step(worlds[-1], action))
    return worlds[-2:] if result.violation.property.kind == "between" else worlds[-1:]


@each_instance
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_on_random_walks_each_packed_step_is_that_of_the_core(
    instance: Instance, seed: int
) -> None:
    """Also that packing loses nothing."""
    random = Random(seed)
    start = instance.start()
    for exact in (False, True):
        space = Space(Behaviour(start), instance.faults, exact)
        packed, world = space.first, start
        for _ in range(30):
            moves = list(space.moves(packed))
            if not moves:
                break
            move = random.choice(moves)
            packed = space.after(packed, move)
            world = asked(world, move.actions)
            assert space.unpack(packed) == world


EVERYTHING = Faults(
    drops=1, duplicates=1, crashes=1, recoveries=1, timers=3, crash_points=2, until=Instant(25)
)


@pytest.mark.parametrize("fifo", [False, True], ids=["", "fifo"])
@pytest.mark.parametrize("name", names())
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32), exact=st.booleans())
def test_of_every_protocol_each_packed_step_is_that_of_the_core(
    name: str, fifo: bool, seed: int, exact: bool
) -> None:
    """With its own workload, its own timing, and all faults that there are."""
    file = load(name)
    nodes = file.setup({})
    asks = tuple(Ask(pid, asked) for pid, asked in file.workload(nodes))
    drift = file.model(nodes).drift
    model = file.model(nodes)
    faults = replace(EVERYTHING, drifts=1 if drift else 0)
    instance = Instance(name, (), faults, fifo=fifo)
    start = instance.start()
    if model.timing == "rounds":
        start = asked(start, asks)
    else:
        faults = replace(faults, extra=asks)
    space = Space(Behaviour(start), faults, exact, widths=Widths(copies=6))
    random, packed, world = Random(seed), space.first, start
    for _ in range(60):
        moves = list(space.moves(packed))
        if not moves:
            break
        move = random.choice(moves)
        packed = space.after(packed, move)
        world = asked(world, move.actions)
        assert space.unpack(packed) == world


def test_it_is_the_same_search_every_time() -> None:
    instance = INSTANCES["2pc, crash"]
    results = [run(instance.start(), instance.file.properties, instance.faults) for _ in range(2)]
    assert results[0].states == results[1].states
    assert results[0].transitions == results[1].transitions


def test_signatures_decide_what_may_be_forged() -> None:
    """A forgery is tried only where the adversary can make it."""
    instance = INSTANCES["2pc, forgery"]
    nodes = instance.file.setup(instance.setup)
    model: Model = replace(instance.file.model(nodes), auth="mac")
    start = asked(begin(nodes, model), instance.asks)
    plain = explore(start, (), instance.faults)
    assert run(start, (), instance.faults, exact=True).states == plain.worlds


def test_where_nothing_comes_up_again_it_remembers_nothing_and_finds_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behaviour, "FRUITLESS", 50)

    @always()
    def unsorted(system: System) -> bool:
        """The numbers are never heard in falling order."""
        return all(log.heard != (4, 3, 2, 1, 0) for log in system.all(Log))

    result = run(models.log(5), [])
    assert result.states == sum(perm(5, k) for k in range(6)) == 326
    assert result.calls > 50
    found = run(models.log(5), [unsorted]).violation
    assert found is not None and len(found.trace) == 5


def test_the_bound_of_memory_counts_the_states_of_nodes_too() -> None:
    """A node with as many states as there are worlds needs more memory than the worlds."""
    result = run(models.log(7), [], bounds=Bounds(memory=5_000_000))
    assert (result.outcome, result.stopped) == ("bounded", "memory")
    assert result.states < run(models.log(7), []).states
