"""Facts about stretches: a run that goes on in place comes to the same as one by values."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask
from playground.session.catalog import ProtocolFile, load, names
from playground.session.history import History
from playground.session.schedule import Chance, Fair, Odds
from playground.session.session import Session
from playground.session.state import State

GOSSIP = str(Path(__file__).parents[2] / "benchmarks" / "gossip.py")
each_protocol = pytest.mark.parametrize("name", [GOSSIP, *names()])

STEPS = 120


@cache
def protocol(name: str) -> ProtocolFile:
    return load(name)


def asked(name: str, bug: str = "") -> Session:
    """A session in which the default workload has been asked for twice."""
    session = Session(protocol(name), {"bug": bug} if bug else {})
    for pid, asked in 2 * session.protocol.workload(session.nodes):
        if not session.world.nodes[pid].layers:
            session.history.do(Ask(pid, asked))
    return session


def by_values(history: History, schedule: Fair | Chance, steps: int) -> list[State]:
    """The states of a run that makes a value of every moment."""
    states = [history.state]
    while len(states) <= steps and (deed := schedule.next(history.state)):
        history.do(deed)
        states.append(history.state)
    return states


ODDS = Odds(loss=0.05, duplicate=0.05, crashes=1)


@each_protocol
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_a_run_in_place_comes_to_the_same_as_one_by_values(name: str, seed: int) -> None:
    one, two = asked(name), asked(name)
    states = by_values(one.history, Chance(seed, ODDS), STEPS)
    done = two.history.run(Chance(seed, ODDS), STEPS)
    assert done == len(states) - 1
    assert two.state == states[-1]
    assert list(two.history.deeds()) == list(one.history.deeds())
    for step in range(states[0].step, two.state.step + 1, 7):
        assert two.history.at(step) == states[step - states[0].step]


@each_protocol
def test_so_does_a_fair_run(name: str) -> None:
    one, two = asked(name), asked(name)
    states = by_values(one.history, Fair(), STEPS)
    assert two.history.run(Fair(), STEPS) == len(states) - 1
    assert two.state == states[-1]
