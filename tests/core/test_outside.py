"""Facts about the model: which actions leave its assumptions, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.core import (
    Action,
    Ask,
    Corrupt,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Edit,
    Envelope,
    Forge,
    Heal,
    Impossible,
    Recover,
    Replay,
    Tick,
    World,
    begin,
    step,
)
from playground.core.outside import breaches
from playground.core.step import perform
from playground.protocol import Input, Message, Model, Pid, Role, pids, upon


class Say(Message):
    word: str


class Go(Input):
    word: str


class Cheat(Input, leaves="operator"):
    pass


class Node(Role):
    others: tuple[Pid, ...]

    @upon(Go)
    def go(self, word: str) -> None:
        self.send(Say(word), to=self.others)

    @upon(Cheat)
    def cheat(self) -> None:
        pass

    @upon(Say)
    def hear(self, src: Pid, word: str) -> None:
        pass


def started(**assumptions: Any) -> World:
    """Three nodes, and p1 has said A."""
    p = pids("p", 3)
    nodes = [Node(pid, tuple(q for q in p if q != pid)) for pid in p]
    return step(begin(nodes, Model(**assumptions)), Ask("p1", Go("A")))


def left(world: World, *actions: Action) -> list[str]:
    """What the actions leave, one after the other."""
    said = []
    for action in actions:
        result = perform(world, action)
        said += [f"{b.assumption}: {b.what}" for b in breaches(world, action, result)]
        world = result.world
    return said


A = Envelope("p1", "p2", Say("A"))
FORGED = Envelope("p3", "p2", Say("B"))


@pytest.mark.parametrize(
    "action",
    [Deliver(A), Ask("p2", Go("B")), Cut(frozenset({("p1", "p2")})), Heal()],
    ids=lambda a: type(a).__name__,
)
def test_what_every_model_allows(action: Action) -> None:
    assert left(started(), action) == []


def test_a_drop_leaves_reliable_links_only() -> None:
    assert left(started(), Drop(A)) == ["reliable links: drop on a reliable link"]
    assert left(started(links=("lossy",)), Drop(A)) == []


def test_a_drop_of_a_message_to_a_node_that_is_down_is_inside() -> None:
    assert left(started(crashes=1), Crash("p2"), Drop(A)) == []


@pytest.mark.parametrize("action", [Duplicate(A), Replay(A)], ids=lambda a: type(a).__name__)
def test_a_copy_leaves_links_that_do_not_duplicate(action: Action) -> None:
    what = type(action).__name__.lower()
    assert left(started(), action) == [f"no duplication: {what} on a link that does not duplicate"]
    assert left(started(links=("duplicating",)), action) == []


def test_overtaking_leaves_fifo_links() -> None:
    world = step(started(links=("fifo",)), Ask("p1", Go("B")))
    later = Envelope("p1", "p2", Say("B"))
    assert left(world, Deliver(later)) == ["fifo: reordering on a FIFO link"]
    assert left(world, Deliver(A), Deliver(later)) == []
    assert left(step(started(), Ask("p1", Go("B"))), Deliver(later)) == []


@pytest.mark.parametrize("auth", ["none", "channel"])
def test_a_forgery_or_an_edit_leaves_what_receivers_believe(auth: str) -> None:
    assert left(started(auth=auth), Forge(FORGED)) == ["auth: forged Say"]
    assert left(started(auth=auth), Edit(A, Say("B"))) == ["auth: edited Say"]


@pytest.mark.parametrize("auth", ["mac", "sig"])
def test_where_receivers_see_a_bad_tag_a_forgery_is_inside(auth: str) -> None:
    assert left(started(auth=auth), Forge(FORGED), Edit(A, Say("B"))) == []


def test_a_cut_that_drops_loses_what_reliable_links_would_not() -> None:
    cut = Cut(frozenset({("p1", "p2")}))
    lost = "reliable links: loss across a cut of reliable links"
    dropping = started(partitions="drop")
    assert left(dropping, cut) == [lost]
    assert left(dropping, Deliver(A), cut, Ask("p1", Go("B"))) == [lost]
    assert left(started(partitions="drop", links=("lossy",)), cut) == []
    assert left(started(partitions="hold"), cut) == []


def test_one_crash_more_than_the_model_bears_is_outside() -> None:
    assert left(started(), Crash("p1")) == ["crash bound: 1 crash > 0"]
    world = started(crashes=1)
    assert left(world, Crash("p1")) == []
    assert left(world, Crash("p1"), Crash("p2")) == ["crash bound: 2 crashes > 1"]
    assert left(world, Crash("p1"), Recover("p1"), Crash("p2")) == []


def test_a_crash_point_counts_when_it_is_reached() -> None:
    assert left(started(), Crash("p2", after=0)) == []
    assert left(started(), Crash("p2", after=0), Deliver(A)) == ["crash bound: 1 crash > 0"]


def test_a_recovery_leaves_a_crash_stop_model() -> None:
    world = step(started(crashes=1, recovery=False), Crash("p1"))
    assert left(world, Recover("p1")) == ["crash-stop: recovery of p1 in a crash-stop model"]
    assert left(step(started(crashes=1), Crash("p1")), Recover("p1")) == []


def test_amnesia_leaves_stable_memory() -> None:
    world = step(started(crashes=1), Crash("p1"))
    assert left(world, Recover("p1", amnesia=True)) == ["stable memory: amnesia of p1"]


def test_one_traitor_more_than_the_model_bears_is_outside() -> None:
    world = started(byzantine=1)
    assert left(world, Corrupt("p1")) == []
    assert left(world, Corrupt("p1"), Corrupt("p2")) == ["byzantine bound: 2 traitors > 1"]


def test_what_a_traitor_does_not_send_is_inside() -> None:
    world = step(started(byzantine=1), Corrupt("p1"))
    assert left(world, Drop(A)) == []
    assert left(world, Forge(Envelope("p1", "p3", Say("B")))) == []


def test_an_input_may_be_one_that_nobody_should_ask() -> None:
    assert left(started(), Ask("p1", Cheat())) == ["operator: Cheat at p1"]


def test_messages_that_are_late_leave_lock_step() -> None:
    world = started(timing="rounds")
    assert left(world, Tick()) == ["synchrony: 2 messages late for the round"]
    assert left(world, Deliver(A), Tick()) == ["synchrony: 1 message late for the round"]
    arrived = step(step(world, Deliver(A)), Deliver(Envelope("p1", "p3", Say("A"))))
    assert left(arrived, Tick()) == []


def test_rounds_end_only_where_there_are_some() -> None:
    with pytest.raises(Impossible, match="there are no rounds to end: timing is async"):
        step(started(), Tick())
