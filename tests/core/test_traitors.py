"""Facts about traitors, and about the keys that they have and have not."""

from __future__ import annotations

from typing import cast

import pytest

from playground.core import (
    Action,
    Ask,
    Corrupt,
    Deliver,
    Drop,
    Edit,
    Envelope,
    Forge,
    Impossible,
    World,
    begin,
    step,
)
from playground.core.outside import breaches
from playground.core.step import perform
from playground.protocol import Input, Message, Model, Pid, Role, Signed, Tagged, pids, upon
from playground.protocol.model import Auth


class Go(Input):
    word: str


class Tell(Input):
    word: str


class Say(Message):
    word: Signed


class Node(Role):
    others: tuple[Pid, ...]
    mood: str = "honest"
    got: frozenset[Signed] = frozenset()

    @upon(Go)
    def go(self, word: str) -> None:
        self.send(Say(self.sign(word)), to=self.others)

    @upon(Tell)
    def tell(self, word: str) -> None:
        self.send(Say(self.tag(word, to=self.others)), to=self.others)

    @upon(Say)
    def hear(self, src: Pid, word: Signed) -> None:
        self.got |= {word}


class Liar(Node):
    mood: str = "sly"
    lies: int = 0

    @upon(Go)
    def go(self, word: str) -> None:
        self.lies += 1
        self.send(Say(self.sign(f"not {word}")), to=self.others)


def started(auth: Auth = "sig", byzantine: int = 1) -> World:
    p = pids("p", 3)
    nodes = [Node(pid, tuple(q for q in p if q != pid)) for pid in p]
    return begin(nodes, Model(auth=auth, byzantine=byzantine))


def after(world: World, *actions: Action) -> World:
    for action in actions:
        world = step(world, action)
    return world


def left(world: World, action: Action) -> list[str]:
    return [f"{b.assumption}: {b.what}" for b in breaches(world, action, perform(world, action))]


def said(word: str, by: Pid, src: Pid = "", dst: Pid = "p2") -> Envelope:
    return Envelope(src or by, dst, Say(Signed(word, by)))


def got(world: World, pid: Pid) -> frozenset[Signed]:
    return cast(Node, world.nodes[pid]).got


GO = Ask("p1", Go("A"))


def test_a_traitor_without_a_strategy_goes_on_as_before() -> None:
    world = after(started(), Corrupt("p1"), GO)
    assert world.network.count(said("A", "p1")) == 1
    assert [node.pid for node in world.correct(Node)] == ["p2", "p3"]


def test_with_a_strategy_it_keeps_its_fields_and_gets_those_of_the_strategy() -> None:
    world = after(started(), Corrupt("p1", Liar), GO)
    node = cast(Liar, world.nodes["p1"])
    assert (node.mood, node.lies, node.others) == ("honest", 1, ("p2", "p3"))
    assert world.network.count(said("not A", "p1")) == 1


def test_its_messages_are_the_users_to_edit_drop_and_forge() -> None:
    world = after(started("channel"), Corrupt("p1"), GO)
    for action in (
        Edit(said("A", "p1"), Say(Signed("B", "p1"))),
        Drop(said("A", "p1")),
        Forge(said("C", "p1")),
    ):
        assert left(world, action) == []


def test_those_of_others_are_not() -> None:
    world = after(started("channel"), Corrupt("p2"), GO)
    assert left(world, Edit(said("A", "p1"), Say(Signed("B", "p1")))) == ["auth: edited Say"]
    assert left(world, Drop(said("A", "p1"))) == ["reliable links: drop on a reliable link"]
    assert left(world, Forge(said("C", "p1"))) == ["auth: forged Say"]


def test_there_are_no_more_traitors_than_the_theory_bears() -> None:
    assert left(started(), Corrupt("p1")) == []
    assert left(after(started(), Corrupt("p1")), Corrupt("p1", Liar)) == []
    assert left(after(started(), Corrupt("p1")), Corrupt("p2")) == [
        "byzantine bound: 2 traitors > 1"
    ]
    assert left(started(byzantine=0), Corrupt("p1")) == ["byzantine bound: 1 traitor > 0"]


# ---- signatures


def test_nobody_can_sign_for_a_node_whose_key_it_lacks() -> None:
    with pytest.raises(Impossible, match="refused: p1 never signed B, and you do not hold its key"):
        step(after(started(), GO, Corrupt("p3")), Forge(said("B", "p1", src="p3")))


def test_nor_hide_such_a_signature_under_an_own_one() -> None:
    inner = Signed(Signed("B", "p1"), "p3")
    with pytest.raises(Impossible, match="p1 never signed B"):
        step(after(started(), Corrupt("p3")), Forge(Envelope("p3", "p2", Say(inner))))


def test_a_traitor_can_pass_on_what_others_have_signed() -> None:
    world = after(started(), GO, Corrupt("p3"), Forge(said("A", "p1", src="p3")))
    world = after(world, Deliver(said("A", "p1", src="p3")))
    assert got(world, "p2") == {Signed("A", "p1")}


def test_with_the_key_anything_can_be_signed() -> None:
    world = after(started(), Corrupt("p1"), Forge(said("B", "p1")), Deliver(said("B", "p1")))
    assert got(world, "p2") == {Signed("B", "p1")}


def tagged(word: str, by: Pid, good: str, src: Pid = "", dst: Pid = "p2") -> Envelope:
    return Envelope(src or by, dst, Say(Tagged(word, by, frozenset(good.split()))))


@pytest.mark.parametrize("auth", ["mac", "sig"])
def test_a_code_is_made_by_its_author_or_its_receiver(auth: Auth) -> None:
    world = after(started(auth), Corrupt("p1"))
    step(world, Forge(tagged("A", "p1", "p2 p3")))
    step(world, Forge(tagged("A", "p3", "p1", src="p1")))
    with pytest.raises(Impossible, match="refused: p3 never tagged A for p2, and you do not hold"):
        step(world, Forge(tagged("A", "p3", "p2", src="p1")))


@pytest.mark.parametrize("auth", ["mac", "sig"])
def test_codes_that_were_sent_may_be_passed_on_all_or_some_of_them(auth: Auth) -> None:
    world = after(started(auth), Corrupt("p1"), Ask("p3", Tell("A")))
    for good in ("p1 p2", "p2", ""):
        step(world, Forge(tagged("A", "p3", good, src="p1")))
    with pytest.raises(Impossible, match="p3 never tagged B for p2"):
        step(world, Forge(tagged("B", "p3", "p2", src="p1")))


@pytest.mark.parametrize(("good", "heard"), [("p2", True), ("p3", False), ("", False)])
def test_who_finds_no_good_code_for_itself_rejects_the_message(good: str, heard: bool) -> None:
    world = after(started("mac"), Corrupt("p1"), Forge(letter := tagged("A", "p1", good)))
    arrived = perform(world, Deliver(letter))
    assert (arrived.rejected is None) == heard == bool(got(arrived.world, "p2"))


def test_where_there_are_no_tags_nobody_looks_at_codes() -> None:
    world = after(started("channel"), Forge(letter := tagged("A", "p3", "", src="p1")))
    assert got(step(world, Deliver(letter)), "p2")


def test_without_signatures_a_claim_is_but_a_claim() -> None:
    world = after(started("channel"), Corrupt("p3"), Forge(said("B", "p1", src="p3")))
    assert world.network.count(said("B", "p1", src="p3")) == 1


@pytest.mark.parametrize("auth", ["mac", "sig"])
def test_what_pretends_to_be_from_another_is_rejected_as_it_arrives(auth: Auth) -> None:
    world = after(started(auth), GO, Corrupt("p3"))
    forgery = Forge(said("A", "p1"))
    assert left(world, forgery) == []
    [bad] = [e for e in step(world, forgery).network if not e.genuine]
    arrived = perform(step(world, forgery), Deliver(bad))
    assert arrived.rejected == bad and got(arrived.world, "p2") == frozenset()
