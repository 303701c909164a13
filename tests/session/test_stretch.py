"""Facts about stretches: a run that goes on in place comes to the same as one by values."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, HandlerFailed, begin
from playground.core.monitor import Monitor
from playground.protocol import (
    Message,
    Model,
    Pid,
    Role,
    System,
    Verdict,
    always,
    eventually,
    upon,
)
from playground.session.catalog import ProtocolFile, load, names
from playground.session.deeds import OnFlight, start
from playground.session.errors import BadInput
from playground.session.history import History
from playground.session.schedule import Chance, Fair, Odds
from playground.session.session import Session
from playground.session.state import State
from playground.session.stretch import begin_stretch

GOSSIP = str(Path(__file__).parents[2] / "benchmarks" / "gossip.py")
each_protocol = pytest.mark.parametrize("name", [GOSSIP, *names()])

STEPS = 80


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
@settings(max_examples=4)
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


@each_protocol
def test_what_breaks_in_place_breaks_as_it_does_by_values(name: str) -> None:
    for bug in protocol(name).bugs:
        try:
            one, two = asked(name, bug), asked(name, bug)
        except BadInput:  # a bug of roles that the default setup has not
            continue
        states = by_values(one.history, Chance(5, ODDS), STEPS)
        two.history.run(Chance(5, ODDS), STEPS)
        assert two.state == states[-1], bug


def test_nearly_all_of_a_gossip_goes_on_in_place() -> None:
    session = asked(GOSSIP)
    stretch = begin_stretch(session.state, session.monitor)
    assert stretch is not None
    fair = Fair()
    for _ in range(100):
        deed = fair.next(stretch)
        assert isinstance(deed, OnFlight) and stretch.deliver(deed.key)
    session.history.run(Fair(), 100)
    assert stretch.state() == session.state


@pytest.mark.parametrize("model", [Model(links=("fifo",)), Model(auth="sig")])
def test_there_is_no_stretch_where_a_delivery_is_not_plain(model: Model) -> None:
    session = Session(protocol(GOSSIP), {}, model)
    assert begin_stretch(session.state, session.monitor) is None


class Word(Message):
    left: int


class Talker(Role):
    peer: Pid
    heard: int = 0

    def start(self) -> None:
        self.send(Word(20), to=self.peer)

    @upon(Word)
    def hear(self, src: Pid, left: int) -> None:
        """Talks to itself every fifth time, and fails in the end."""
        self.heard += 1
        if not left:
            raise ValueError("no more words")
        self.send(Word(left - 1), to=self.pid if left % 5 == 0 else self.peer)


@always()
def few(system: System) -> Verdict:
    """Nobody hears more than nine words."""
    return all(node.heard < 10 for node in system.all(Talker))


@eventually()
def some(system: System) -> Verdict:
    """Everybody hears five words."""
    return all(node.heard >= 5 for node in system.all(Talker))


def talk() -> History:
    monitor = Monitor([few, some], ())
    return History(start(begin([Talker("p", "q"), Talker("q", "p")]), monitor), monitor)


def test_a_handler_that_fails_ends_a_run_at_the_step_before() -> None:
    one, two = talk(), talk()
    with pytest.raises(HandlerFailed, match="no more words") as error:
        one.run(Fair(), 1000)
    with pytest.raises(HandlerFailed, match="no more words"):
        by_values(two, Fair(), 1000)
    assert error.value.pid in ("p", "q")
    assert one.state == two.state and one.step == one.branch.tip > 20


def test_verdicts_of_a_run_in_place_tell_the_step() -> None:
    line = talk()
    line.run(Fair(), 30)
    [broken] = line.state.broken
    first = next(i for i in range(30) if any(n.heard > 9 for n in nodes(line.at(i))))
    assert (broken.property, broken.step) == ("few", first)
    reached = next(i for i in range(30) if all(n.heard >= 5 for n in nodes(line.at(i))))
    assert line.state.goals["some"] == reached


def nodes(state: State) -> list[Talker]:
    return [node for node in state.world.nodes.values() if isinstance(node, Talker)]
