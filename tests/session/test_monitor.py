"""Facts about monitors: what they do not ask again has not changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import Ask, Crash, World, begin, step
from playground.core.errors import PropertyFailed
from playground.core.monitor import Monitor
from playground.core.step import perform
from playground.protocol import (
    Input,
    Model,
    Pid,
    Property,
    Role,
    System,
    Verdict,
    always,
    between,
    monotone,
    never_changes,
    upon,
)
from playground.session.catalog import load, names
from playground.session.errors import BadInput
from playground.session.schedule import Chance, Odds
from playground.session.session import Session

ODDS = Odds(loss=0.05, duplicate=0.05, crashes=2)


def sessions(name: str) -> list[Session]:
    """One of the protocol, and one of each of its bugs; each has been asked for its workload."""
    protocol = load(name)
    found = []
    for bug in ("", *protocol.bugs):
        try:
            session = Session(protocol, {"bug": bug} if bug else {})
        except BadInput:  # a bug of roles that the default setup has not
            continue
        for pid, asked in session.protocol.workload(session.nodes):
            session.history.do(Ask(pid, asked))
        found.append(session)
    return found


@pytest.mark.parametrize("name", names())
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_a_monitor_knows_what_asking_everything_would_tell(name: str, seed: int) -> None:
    for session in sessions(name):
        session.run(Chance(seed, ODDS), 40)
        monitor = Monitor(session.properties, session.world.rules.observed)
        before = session.history.at(0).world
        known = {p.name: bool(v) for p, v in monitor.first(before)}
        for _, result in session.history.walk(1, session.history.step):
            after = result.state.world
            told = {p.name: bool(v) for p, v in monitor.next(before, result.step)}
            for p in session.properties:
                if p.kind == "between":
                    assert told.get(p.name, True) == bool(p(before, after)), p.name
                else:
                    known[p.name] = told.get(p.name, known[p.name])
                    assert known[p.name] == bool(p(after)), p.name
            before = after


# ---- what is asked


class Set(Input):
    to: int


class Dial(Role):
    shows: int = 0

    @upon(Set)
    def set(self, to: int) -> None:
        self.shows = to


class Knob(Role):
    turned: int = 0

    @upon(Set)
    def set(self, to: int) -> None:
        self.turned = to


def asked(check: Property, *steps: Ask | Crash, start: World | None = None) -> Sequence[Verdict]:
    """The verdicts on a dial d, another e, and a knob k, as far as there are new ones."""
    world = start or begin([Dial("d"), Dial("e"), Knob("k")], Model(crashes=3))
    monitor = Monitor([check], world.rules.observed)
    monitor.first(world)
    told: list[Verdict] = []
    for action in steps:
        result = perform(world, action)
        told += [verdict for _, verdict in monitor.next(world, result)]
        world = result.world
    return told


def setting(pid: Pid, to: int) -> Ask:
    return Ask(pid, Set(to))


@always()
def low(system: System) -> Verdict:
    """No dial shows more than 5."""
    return all(dial.shows <= 5 for dial in system.all(Dial))


@always()
def enough(system: System) -> Verdict:
    """There are two dials, and nobody looks at them."""
    return len(system.all(Dial)) == 2


@always()
def two_up(system: System) -> Verdict:
    """Two dials are up."""
    return len(system.up(Dial)) == 2


@always(each=Dial)
def small(dial: Dial) -> Verdict:
    """A dial shows no more than 5."""
    return dial.shows <= 5


@between()
def calm(before: System, after: System) -> Verdict:
    """A dial moves by no more than 5."""
    pairs = zip(before.all(Dial), after.all(Dial), strict=True)
    return all(abs(new.shows - old.shows) <= 5 for old, new in pairs)


@pytest.mark.parametrize("check", [low, small], ids=lambda p: p.name)
def test_a_property_is_asked_when_a_node_has_changed_that_it_looks_at(check: Property) -> None:
    assert asked(check, setting("d", 3), setting("k", 9), setting("e", 9)) == [True, False]


def test_who_looks_at_no_node_is_not_asked_though_it_counts_them() -> None:
    assert asked(enough, setting("d", 3), setting("e", 9)) == []
    assert asked(two_up, setting("d", 3), Crash("e")) == [False]


def test_a_property_of_two_worlds_sees_both() -> None:
    moves = setting("d", 4), setting("d", 12), setting("k", 1), setting("d", 10)
    assert asked(calm, *moves) == [True, False, True]


def test_a_property_of_each_node_sees_it_before_and_after() -> None:
    falls = asked(monotone(Dial, "shows"), setting("d", 4), setting("e", 1), setting("d", 3))
    assert [str(v) for v in falls] == ["True", "True", "d.shows fell from 4 to 3"]
    once = asked(never_changes(Dial, "shows", unset=0), setting("d", 4), setting("d", 5))
    assert [str(v) for v in once] == ["True", "d.shows was 4 and is 5"]


def test_a_property_of_each_node_is_one_of_the_whole_system_too() -> None:
    world = begin([Dial("d"), Dial("e")])
    assert small(world)
    assert not small(step(world, setting("e", 9)))
    assert not monotone(Dial, "shows")(step(world, setting("e", 9)), world)


@pytest.mark.parametrize("each", [None, Dial])
def test_a_check_that_raises_is_told_from_one_that_fails(each: type[Role] | None) -> None:
    @always(each=each)
    def broken(_: object) -> Verdict:
        raise ZeroDivisionError

    world = begin([Dial("d")])
    monitor = Monitor([broken], ())
    with pytest.raises(PropertyFailed, match="broken"):
        monitor.next(world, perform(world, setting("d", 1)))
