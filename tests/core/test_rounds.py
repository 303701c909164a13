"""Facts about lock-step rounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground.core import (
    Corrupt,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Impossible,
    Tick,
    World,
    begin,
    enabled,
    step,
)
from playground.core import actions as core
from playground.core.outside import breaches
from playground.core.step import perform
from playground.protocol import Message, Model, Pid, Role, pids, upon
from playground.protocol import Tick as TickEvent


class Hello(Message):
    round: int


class Node(Role):
    others: tuple[Pid, ...]
    round: int = 0
    heard: frozenset[tuple[Pid, int]] = frozenset()

    @upon(TickEvent)
    def tick(self) -> None:
        self.round += 1
        self.send(Hello(self.round), to=self.others)

    @upon(Hello)
    def hear(self, src: Pid, round: int) -> None:
        self.heard |= {(src, round)}


ROUNDS = Model(timing="rounds", crashes=1)


def started(model: Model = ROUNDS, n: int = 3) -> World:
    p = pids("p", n)
    return begin([Node(pid, tuple(q for q in p if q != pid)) for pid in p], model)


def after(world: World, *actions: core.Action) -> World:
    for action in actions:
        world = step(world, action)
    return world


def delivered(world: World) -> World:
    while arriving := [a for a in enabled(world) if isinstance(a, Deliver)]:
        world = step(world, arriving[0])
    return world


def left(world: World, action: core.Action) -> list[str]:
    """The assumptions that the action leaves, and how."""
    found = breaches(world, action, perform(world, action))
    return [f"{b.assumption}: {b.what}" for b in found]


def hello(src: Pid, dst: Pid, round: int = 1) -> Envelope:
    return Envelope(src, dst, Hello(round))


def heard(world: World, pid: Pid) -> frozenset[tuple[Pid, int]]:
    node = world.nodes[pid]
    assert isinstance(node, Node)
    return node.heard


def test_a_round_ends_when_its_messages_have_arrived_or_are_lost() -> None:
    world = started()
    assert list(enabled(world)) == [Tick()]
    world = after(world, Tick())
    assert len(list(enabled(world))) == 6 and Tick() not in enabled(world)
    assert list(enabled(delivered(after(world, Drop(hello("p1", "p2")))))) == [Tick()]


def test_all_that_are_up_hear_the_tick_at_once_and_what_they_send_arrives_in_the_new_round() -> (
    None
):
    world = delivered(after(started(), Crash("p3"), Tick()))
    assert [node.round for node in world.up(Node)] == [1, 1]
    assert heard(world, "p1") == {("p2", 1)}
    assert heard(delivered(after(world, Tick())), "p1") == {("p2", 1), ("p2", 2)}


def test_without_rounds_there_is_no_tick() -> None:
    world = started(Model())
    assert list(enabled(world)) == []
    with pytest.raises(Impossible, match="timing is async"):
        step(world, Tick())


def test_what_is_on_its_way_at_a_tick_is_late() -> None:
    world = after(started(), Tick())
    assert left(delivered(world), Tick()) == []
    assert left(world, Tick()) == ["synchrony: 6 messages late for the round"]
    one = delivered(after(world, Cut(frozenset({("p1", "p2")}))))
    assert left(one, Tick()) == ["synchrony: 1 message late for the round"]


def test_what_a_traitor_sent_is_never_late() -> None:
    cut = Cut(frozenset({("p1", "p2")}))
    world = delivered(after(started(), Corrupt("p1"), Tick(), cut))
    assert left(world, Tick()) == []


def test_what_was_for_a_node_that_is_down_vanishes_at_the_tick() -> None:
    world = delivered(after(started(), Tick(), Crash("p3")))
    assert {e.dst for e in world.network} == {"p3"}
    assert left(world, Tick()) == []
    ended = perform(world, Tick())
    assert len(ended.lost) == 2
    assert {e.message.round for e in ended.world.network if isinstance(e.message, Hello)} == {2}


def test_a_node_that_crashes_in_a_round_reaches_any_of_the_others_in_it() -> None:
    """Its messages may be lost: they count as never sent."""
    world = after(started(n=4), Tick(), Crash("p1"))
    assert left(world, Drop(hello("p1", "p2"))) == []
    assert left(world, Drop(hello("p1", "p4"))) == []
    assert left(world, Drop(hello("p2", "p4"))) == ["reliable links: drop on a reliable link"]


def test_without_rounds_what_a_node_sent_before_it_crashed_is_on_its_way() -> None:
    world = after(started(replace(ROUNDS, timing="async")), core.Forge(hello("p1", "p2")))
    assert left(after(world, Crash("p1")), Drop(hello("p1", "p2"))) != []


def test_a_crash_in_the_middle_of_a_tick_cuts_the_sends_of_one_node_short() -> None:
    world = after(started(n=4), Crash("p2", after=1), Tick())
    assert sorted(e.dst for e in world.network if e.src == "p2") == ["p1"]
    assert len([e for e in world.network if e.src == "p3"]) == 3
    assert world.down == {"p2"}


# ---- a crash is the mildest of treasons


GENERALS = Model(timing="rounds", byzantine=1)


def test_where_traitors_are_allowed_one_may_crash_instead() -> None:
    assert left(started(GENERALS), Crash("p1")) == []


@pytest.mark.parametrize(
    ("before", "then", "told"),
    [
        (Crash("p1"), Crash("p2"), "2 crashes > 1"),
        (Corrupt("p1"), Crash("p2"), "1 traitor and 1 crash > 1"),
        (Crash("p1"), Corrupt("p2"), "1 traitor and 1 crash > 1"),
        (Corrupt("p1"), Corrupt("p2"), "2 traitors > 1"),
    ],
)
def test_traitors_and_crashes_share_a_bound(
    before: core.Action, then: core.Action, told: str
) -> None:
    assert left(after(started(GENERALS), before), then) == [f"byzantine bound: {told}"]


@pytest.mark.parametrize(
    ("before", "then"), [(Corrupt("p1"), Crash("p1")), (Crash("p1"), Corrupt("p1"))]
)
def test_a_traitor_that_crashes_counts_once(before: core.Action, then: core.Action) -> None:
    assert left(after(started(GENERALS), before), then) == []


def test_where_nobody_may_lie_crashes_have_a_bound_of_their_own() -> None:
    assert left(started(), Crash("p1")) == []
    assert left(after(started(), Crash("p1")), Crash("p2")) == ["crash bound: 2 crashes > 1"]
    assert left(after(started(), Crash("p1")), Corrupt("p2")) == ["byzantine bound: 1 traitor > 0"]


def test_a_traitor_may_say_the_same_twice() -> None:
    world = after(started(), Corrupt("p1"), Tick())
    assert left(world, Duplicate(hello("p1", "p2"))) == []
    assert left(world, Duplicate(hello("p2", "p1"))) != []
