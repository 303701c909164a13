"""Facts about the one step function: what each action does to a world, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core import (
    Action,
    Ask,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Edit,
    Envelope,
    Fire,
    Forge,
    HandlerFailed,
    Heal,
    Impossible,
    Recover,
    Replay,
    World,
    begin,
    enabled,
    step,
    undeliverable,
)
from playground.core.step import perform
from playground.protocol import (
    Decision,
    Input,
    Message,
    Model,
    Pid,
    Role,
    Timer,
    outputs,
    pids,
    sent,
    stable,
    upon,
)


class Ping(Message):
    n: int


class Pong(Message):
    n: int


class Echo(Message):
    left: int


class Unheard(Message):
    pass


class Wake(Timer):
    n: int


class Go(Input):
    n: int


class Talk(Input):
    left: int


class Fail(Input):
    how: str


class Stray(Input):
    to: Pid


class Heard(Decision):
    n: int


class Node(Role):
    """Writes down what it is told, answers, and is easily upset."""

    others: tuple[Pid, ...]
    log: tuple[int, ...] = stable(())
    starts: int = stable(0)
    seen: frozenset[int] = frozenset()
    echoes: int = 0

    def recover(self) -> None:
        self.starts += 1
        self.set_timer(Wake(self.starts))

    @upon(Go)
    def go(self, n: int) -> None:
        self.send(Ping(n), to=self.others)
        self.set_timer(Wake(n))

    @upon(Ping)
    def ping(self, src: Pid, n: int) -> None:
        self.log += (n,)
        self.seen |= {n}
        self.send(Pong(n), to=src)

    @upon(Pong)
    def pong(self, src: Pid, n: int) -> None:
        self.cancel_timer(Wake(n))
        self.output(Heard(n))

    @upon(Wake)
    def wake(self, n: int) -> None:
        self.send(Ping(n), to=self.others)

    @upon(Talk)
    def talk(self, left: int) -> None:
        self.send(Echo(left), to=(self.pid, *self.others))

    @upon(Echo)
    def echo(self, src: Pid, left: int) -> None:
        self.echoes += 1
        if src == self.pid and left > 0:
            self.send(Echo(left - 1), to=self.pid)

    @upon(Fail)
    def fail(self, how: str) -> None:
        self.log += (0,)
        self.send(Ping(0), to=self.others)
        raise ValueError(how)

    @upon(Stray)
    def stray(self, to: Pid) -> None:
        self.log += (0,)
        self.send(Ping(0), to=to)


heard = outputs(Heard)
pings = sent(Ping)
everybody = pids("p", 3)


def started(model: Model = Model(), n: int = 3) -> World:
    p = pids("p", n)
    nodes = [Node(pid, tuple(q for q in p if q != pid)) for pid in p]
    return begin(nodes, model, [heard, pings])


def after(world: World, *actions: Action) -> World:
    for action in actions:
        world = step(world, action)
    return world


def node(world: World, pid: Pid) -> Any:
    return world.nodes[pid]


def flying(world: World) -> list[str]:
    return sorted(map(repr, world.network))


def ping(src: Pid = "p1", dst: Pid = "p2", n: int = 1) -> Envelope:
    return Envelope(src, dst, Ping(n))


def link(src: Pid, dst: Pid) -> frozenset[tuple[Pid, Pid]]:
    return frozenset({(src, dst)})


ASKED = step(started(), Ask("p1", Go(1)))


# ---- messages


def test_what_is_sent_is_in_flight_until_it_arrives() -> None:
    assert flying(ASKED) == ["Ping(1) p1>p2", "Ping(1) p1>p3"]
    world = step(ASKED, Deliver(ping()))
    assert flying(world) == ["Ping(1) p1>p3", "Pong(1) p2>p1"]
    assert (node(world, "p2").log, node(world, "p2").seen) == ((1,), {1})


def test_a_dropped_message_is_gone_and_nothing_else_changes() -> None:
    world = step(ASKED, Drop(ping()))
    assert flying(world) == ["Ping(1) p1>p3"]
    assert world.nodes == ASKED.nodes


def test_a_duplicate_arrives_as_often_as_there_are_copies() -> None:
    world = after(ASKED, Duplicate(ping()), Deliver(ping()), Deliver(ping()))
    assert node(world, "p2").log == (1, 1)
    assert flying(world) == ["Ping(1) p1>p3", "Pong(1) p2>p1", "Pong(1) p2>p1"]


def test_a_replay_is_one_more_copy_of_what_is_gone() -> None:
    world = after(ASKED, Deliver(ping()), Replay(ping()), Deliver(ping()))
    assert node(world, "p2").log == (1, 1)


def test_a_forgery_arrives_like_any_message() -> None:
    forged = Envelope("p3", "p2", Ping(9))
    assert node(after(ASKED, Forge(forged), Deliver(forged)), "p2").log == (9,)


def test_an_edited_message_says_something_else() -> None:
    world = after(ASKED, Edit(ping(), Ping(9)), Deliver(ping(n=9)))
    assert node(world, "p2").log == (9,)
    assert world.network.count(ping()) == 0


@pytest.mark.parametrize("auth", ["mac", "sig"])
def test_the_receiver_sees_a_bad_tag_and_does_nothing(auth: Any) -> None:
    before = started(Model(auth=auth))
    forged = step(before, Forge(ping()))
    [envelope] = forged.network
    assert not envelope.genuine
    result = perform(forged, Deliver(envelope))
    assert result.rejected == envelope and result.happenings == ()
    assert result.world == before


def test_a_message_that_a_role_does_not_know_is_ignored() -> None:
    unheard = Envelope("p1", "p2", Unheard())
    world = step(ASKED, Forge(unheard))
    result = perform(world, Deliver(unheard))
    assert result.happenings == () and result.world == ASKED


@pytest.mark.parametrize("action", [Deliver, Drop, Duplicate])
def test_what_is_not_in_flight_can_not_be_delivered_dropped_or_duplicated(action: Any) -> None:
    with pytest.raises(Impossible, match=r"Ping\(7\) p1>p2 is not in flight"):
        step(ASKED, action(ping(n=7)))


def test_a_step_tells_what_it_sent() -> None:
    assert perform(started(), Ask("p1", Go(1))).sent == (ping(), ping(dst="p3"))
    assert perform(ASKED, Forge(ping(n=9))).sent == (ping(n=9),)


# ---- networks in order


FIFO = Model(links=("fifo",))


def test_on_a_fifo_link_only_the_oldest_message_is_next() -> None:
    world = after(started(FIFO), Ask("p1", Go(1)), Ask("p1", Go(2)))
    delivered = [a.envelope for a in enabled(world) if isinstance(a, Deliver)]
    assert delivered == [ping(), ping(dst="p3")]
    assert world.network.is_next(ping()) and not world.network.is_next(ping(n=2))


def test_links_do_not_wait_for_each_other() -> None:
    world = after(started(FIFO), Ask("p1", Go(1)), Deliver(ping(dst="p3")), Deliver(ping()))
    assert flying(world) == ["Pong(1) p2>p1", "Pong(1) p3>p1"]


def test_who_meddles_may_break_the_order_of_a_fifo_link() -> None:
    world = after(started(FIFO), Ask("p1", Go(1)), Ask("p1", Go(2)), Deliver(ping(n=2)))
    assert node(world, "p2").log == (2,)
    assert world.network.is_next(ping())


def test_a_duplicate_stands_at_the_end_of_its_link() -> None:
    world = after(started(FIFO), Ask("p1", Go(1)), Ask("p1", Go(2)), Duplicate(ping()))
    assert [e.message for e in world.network if e.dst == "p2"] == [Ping(1), Ping(2), Ping(1)]


# ---- what a node sends to itself


def test_what_a_node_sends_to_itself_it_handles_in_the_same_step() -> None:
    result = perform(started(), Ask("p1", Talk(2)))
    assert node(result.world, "p1").echoes == 3
    assert flying(result.world) == ["Echo(2) p1>p2", "Echo(2) p1>p3"]
    assert [type(h.event).__name__ for h in result.happenings] == ["Talk", "Echo", "Echo", "Echo"]


def test_a_node_that_sends_to_itself_without_end_fails() -> None:
    with pytest.raises(HandlerFailed, match="without end"):
        step(started(), Ask("p1", Talk(10_000)))


# ---- handlers that fail


def test_a_handler_that_raises_leaves_the_world_as_it_was() -> None:
    before = after(ASKED, Ask("p2", Go(2)))
    nodes, messages = dict(before.nodes), flying(before)
    with pytest.raises(
        HandlerFailed, match=r"p1 failed on Fail\(boom\): ValueError: boom"
    ) as error:
        step(before, Ask("p1", Fail("boom")))
    assert isinstance(error.value.__cause__, ValueError)
    assert dict(before.nodes) == nodes and flying(before) == messages
    assert node(before, "p1").log == ()


def test_a_message_to_nobody_fails_and_tells_who_is_near() -> None:
    with pytest.raises(HandlerFailed, match=r"there is no node p33; did you mean p3\?"):
        step(ASKED, Ask("p1", Stray("p33")))


def test_two_nodes_can_not_have_one_name() -> None:
    with pytest.raises(Impossible, match="two nodes are called p1"):
        begin([Node("p1", ()), Node("p1", ())])


# ---- inputs and timers


def test_nobody_can_be_asked_what_it_does_not_take() -> None:
    class Other(Input):
        pass

    with pytest.raises(Impossible, match="p1 is a node, which takes no Other"):
        step(ASKED, Ask("p1", Other()))


@pytest.mark.parametrize("action", [Ask("p9", Go(1)), Crash("p9"), Recover("p9")])
def test_an_absent_node_is_told_from_those_that_there_are(action: Action) -> None:
    with pytest.raises(Impossible, match="there is no node p9"):
        step(ASKED, action)


def test_a_timer_fires_once_and_only_if_it_is_set() -> None:
    world = step(ASKED, Fire("p1", Wake(1)))
    assert world.network.count(ping()) == 2
    with pytest.raises(Impossible, match=r"p1 has not set Wake\(1\)"):
        step(world, Fire("p1", Wake(1)))


def test_a_cancelled_timer_does_not_fire() -> None:
    world = after(ASKED, Deliver(ping()), Deliver(Envelope("p2", "p1", Pong(1))))
    assert world.timers == frozenset()


# ---- crashes


def test_a_crash_forgets_volatile_fields_and_timers_and_keeps_the_disk() -> None:
    world = after(ASKED, Deliver(ping()), Ask("p2", Go(5)), Crash("p2"))
    assert (node(world, "p2").log, node(world, "p2").seen) == ((1,), frozenset())
    assert world.down == {"p2"} and all(pid != "p2" for pid, _ in world.timers)


def test_messages_to_a_node_that_is_down_stay_in_flight() -> None:
    world = step(ASKED, Crash("p2"))
    assert undeliverable(world, ping()) == "p2 is down"
    with pytest.raises(Impossible, match=r"Ping\(1\) p1>p2 can't arrive: p2 is down"):
        step(world, Deliver(ping()))
    assert node(after(world, Recover("p2"), Deliver(ping())), "p2").log == (1,)


@pytest.mark.parametrize("action", [Ask("p2", Go(1)), Crash("p2"), Crash("p2", 1)])
def test_who_is_down_does_nothing(action: Action) -> None:
    with pytest.raises(Impossible, match="p2 is down"):
        step(step(ASKED, Crash("p2")), action)


@pytest.mark.parametrize(
    ("k", "log", "in_flight"),
    [
        (0, (), ["Ping(1) p1>p3"]),
        (1, (1,), ["Ping(1) p1>p3"]),  # logged, but not sent
        (2, (1,), ["Ping(1) p1>p3", "Pong(1) p2>p1"]),
        (7, (1,), ["Ping(1) p1>p3", "Pong(1) p2>p1"]),
    ],
)
def test_a_crash_point_lets_the_first_effects_pass(
    k: int, log: tuple[int, ...], in_flight: list[str]
) -> None:
    world = after(ASKED, Crash("p2", after=k), Deliver(ping()))
    assert world.down == {"p2"} and world.fuses == {}
    assert (node(world, "p2").log, node(world, "p2").seen) == (log, frozenset())
    assert flying(world) == in_flight


@pytest.mark.parametrize(("k", "reached"), [(0, []), (1, ["p2"]), (2, ["p2", "p3"])])
def test_a_crash_in_the_middle_of_a_broadcast_reaches_some(k: int, reached: list[Pid]) -> None:
    result = perform(after(started(), Crash("p1", after=k)), Ask("p1", Go(1)))
    assert [e.dst for e in result.world.network] == reached
    assert result.world.seen(pings) == ({("p1", Ping(1))} if reached else frozenset())
    assert result.world.timers == frozenset()


def test_what_an_observer_has_seen_of_a_crashed_node_stays_seen() -> None:
    world = after(ASKED, Deliver(ping()), Deliver(Envelope("p2", "p1", Pong(1))), Crash("p1"))
    assert world.seen(heard) == {("p1", Heard(1))}


# ---- recoveries


def test_a_node_comes_back_with_its_disk_and_its_recovery_runs() -> None:
    world = after(ASKED, Deliver(ping()), Crash("p2"), Recover("p2"))
    assert (node(world, "p2").log, node(world, "p2").starts) == ((1,), 1)
    assert ("p2", Wake(1)) in world.timers and world.down == frozenset()


def test_amnesia_loses_the_disk_too() -> None:
    world = after(ASKED, Deliver(ping()), Crash("p2"), Recover("p2", amnesia=True))
    assert (node(world, "p2").log, node(world, "p2").starts) == ((), 1)


def test_only_a_node_that_is_down_recovers() -> None:
    with pytest.raises(Impossible, match="p2 is not down"):
        step(ASKED, Recover("p2"))


# ---- cuts


def test_a_cut_works_in_one_direction() -> None:
    world = after(ASKED, Cut(link("p2", "p1")), Deliver(ping()))
    assert undeliverable(world, Envelope("p2", "p1", Pong(1))) == "the link p2>p1 is cut"


def test_what_is_held_at_a_cut_arrives_when_it_is_mended() -> None:
    world = step(ASKED, Cut(link("p1", "p2")))
    with pytest.raises(Impossible, match="the link p1>p2 is cut"):
        step(world, Deliver(ping()))
    assert node(after(world, Heal(link("p1", "p2")), Deliver(ping())), "p2").log == (1,)
    assert step(world, Heal()).cuts == frozenset()


def test_a_cut_that_drops_swallows_what_is_in_flight_and_what_is_sent() -> None:
    asked = step(started(Model(partitions="drop")), Ask("p1", Go(1)))
    cut = perform(asked, Cut(link("p1", "p2")))
    assert cut.lost == (ping(),) and flying(cut.world) == ["Ping(1) p1>p3"]
    again = perform(cut.world, Ask("p1", Go(2)))
    assert again.lost == (ping(n=2),)
    assert again.sent == (ping(n=2), ping(dst="p3", n=2))
    assert flying(step(again.world, Heal())) == ["Ping(1) p1>p3", "Ping(2) p1>p3"]


# ---- worlds are values


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "drop", "duplicate", "crash", "recover", "ask", "cut", "fuse"]),
        st.integers(0, 99),
    ),
    max_size=25,
)


def meddled(world: World, choices: Iterable[tuple[str, int]]) -> World:
    """What comes of these choices, as far as they are possible."""
    for what, which in choices:
        pid = everybody[which % 3]
        messages = list(world.network) or [ping()]
        envelope = messages[which % len(messages)]
        actions: dict[str, Action] = {
            "deliver": Deliver(envelope),
            "drop": Drop(envelope),
            "duplicate": Duplicate(envelope),
            "crash": Crash(pid),
            "fuse": Crash(pid, which % 4),
            "recover": Recover(pid, amnesia=which % 2 == 0),
            "ask": Ask(pid, Go(which)),
            "cut": Heal() if which % 4 == 0 else Cut(link(pid, everybody[(which + 1) % 3])),
        }
        try:
            world = step(world, actions[what])
        except Impossible:
            continue
    return world


@given(ACTIONS, st.sampled_from([Model(), FIFO, Model(partitions="drop")]))
def test_the_same_actions_lead_to_equal_worlds(
    choices: list[tuple[str, int]], model: Model
) -> None:
    one, two = meddled(started(model), choices), meddled(started(model), choices)
    assert one == two and hash(one) == hash(two)
    assert list(enabled(one)) == list(enabled(two))


@given(ACTIONS)
def test_a_step_changes_no_world_that_was_there_before(choices: list[tuple[str, int]]) -> None:
    before = meddled(started(), choices)
    shown, value = repr(before), hash(before)
    for action in enabled(before):
        step(before, action)
    assert (repr(before), hash(before)) == (shown, value)


@given(ACTIONS)
def test_what_is_enabled_is_possible(choices: list[tuple[str, int]]) -> None:
    world = meddled(started(), choices)
    for action in enabled(world):
        step(world, action)


def test_worlds_are_equal_whatever_the_order_in_which_messages_were_sent() -> None:
    one = after(started(), Ask("p1", Go(1)), Ask("p2", Go(2)))
    two = after(started(), Ask("p2", Go(2)), Ask("p1", Go(1)))
    assert one == two and hash(one) == hash(two)
    assert list(enabled(one)) == list(enabled(two))


def test_what_happens_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from tests.core.test_step import *\n"
        "world = after(started(), Ask('p1', Go(1)), Ask('p2', Go(2)), Ask('p3', Talk(1)))\n"
        "while actions := list(enabled(world)):\n"
        "    print(actions)\n"
        "    world = step(world, actions[len(actions) // 2])\n"
        "    if len(world.network) > 20: break\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(["", *sys.path])},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1 and printed != {""}
