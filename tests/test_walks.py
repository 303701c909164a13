"""Facts about every protocol: whatever its model allows, nothing that it promises breaks."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask
from playground.protocol import Decision
from playground.protocol.events import Send, Write
from playground.session.catalog import load, names
from playground.session.deeds import OnFlight
from playground.session.schedule import Chance, Fair, Odds
from playground.session.session import Session
from playground.session.verdicts import bugs

each_protocol = pytest.mark.parametrize("name", names())

STEPS = 150


def asked(name: str) -> Session:
    """A session in which the default workload has been asked for."""
    session = Session(load(name))
    for pid, asked in session.protocol.workload(session.nodes):
        session.history.do(Ask(pid, asked))
    return session


def odds(session: Session) -> Odds:
    """All that the model allows."""
    model = session.world.rules.model
    return Odds(
        loss=0.1 if "lossy" in model.links else 0,
        duplicate=0.1 if "duplicating" in model.links else 0,
        crashes=model.crashes,
        recover=0.5 if model.recovery else 0,
    )


def bound(name: str) -> int:
    """How many traitors its model allows."""
    protocol = load(name)
    return protocol.model(protocol.setup()).byzantine


@each_protocol
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_no_random_run_inside_the_model_breaks_a_property(name: str, seed: int) -> None:
    session = asked(name)
    session.run(Chance(seed, odds(session)), STEPS)
    assert session.outside() == []
    assert bugs(session.state, session.properties) == []


@pytest.mark.parametrize("name", [n for n in names() if bound(n)])
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_no_traitors_that_the_model_bears_break_a_property(name: str, seed: int) -> None:
    random, session = Random(seed), asked(name)
    for pid in random.sample(session.world.rules.pids, bound(name)):
        known = session.protocol.strategies(type(session.world.nodes[pid]))
        session.say(f"corrupt {pid} {random.choice(['', *known])}")
    session.run(Chance(seed, odds(session)), STEPS)
    assert session.outside() == []
    assert bugs(session.state, session.properties) == []


@each_protocol
def test_the_workload_reaches_every_goal_when_nothing_fails(name: str) -> None:
    session = asked(name)
    session.say("finish")
    goals = {p.name for p in session.properties if p.kind == "eventually"}
    assert goals and {session.verdicts()[g] for g in goals} == {"reached"}
    decides = any(issubclass(e, Decision) for e in session.protocol.events.values())
    assert session.state.decisions or not decides  # a detector goes on for ever


@each_protocol
def test_replaying_every_message_of_a_happy_run_breaks_nothing(name: str) -> None:
    session = asked(name)
    session.run(Fair(), STEPS)
    for number in range(1, session.state.numbers + 1):
        session.say(f"replay m{number}")
    while session.state.flights:
        session.history.do(OnFlight("deliver", min(session.state.flights)))
        assert session.state.step < 100 * STEPS, "the replayed messages never die out"
    assert session.state.broken == ()


@each_protocol
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_a_node_writes_to_its_disk_before_it_sends(name: str, seed: int) -> None:
    """Else a crash in between would let the world know what the node has forgotten."""
    session = asked(name)
    session.run(Chance(seed, odds(session)), STEPS)
    for step, result in session.history.walk(1, session.state.step):
        for happening in result.step.happenings:
            kinds = [type(e) for e in happening.effects if isinstance(e, Write | Send)]
            assert kinds == sorted(kinds, key=lambda k: k is Send), (step, happening.event)
