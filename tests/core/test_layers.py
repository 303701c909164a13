"""Layers: a node may be a stack, and all that happens inside it is one atomic step."""

from __future__ import annotations

import pytest

from playground.core import (
    Ask,
    Crash,
    Deliver,
    Envelope,
    Fire,
    Forge,
    HandlerFailed,
    Impossible,
    Recover,
    World,
    begin,
    step,
)
from playground.core.ranks import canonical
from playground.core.step import perform
from playground.protocol import (
    Input,
    Message,
    Model,
    Output,
    Pid,
    Role,
    Timer,
    ever,
    inputs,
    layer,
    outputs,
    stable,
    upon,
)
from playground.protocol.events import Emit, Indicate, Request
from playground.protocol.roles import variables


class Ping(Message):
    k: int


class Go(Input):
    k: int


class Start(Input):
    pass


class Heard(Output):
    k: int


class Sum(Output):
    total: int


class Beat(Timer):
    pass


class Low(Role):
    others: tuple[Pid, ...]
    boots: int = stable(0)
    seen: int = 0

    def start(self) -> None:
        self.set_timer(Beat())

    def recover(self) -> None:
        self.boots += 1
        self.set_timer(Beat())

    @upon(Go)
    def go(self, k: int) -> None:
        self.send(Ping(k), to=self.others)

    @upon(Beat)
    def beat(self) -> None:
        self.go(1)

    @upon(Ping)
    def ping(self, src: Pid, k: int) -> None:
        self.seen += k
        self.output(Heard(k))


class Mid(Role):
    low: Role = layer()
    heard: int = 0

    @upon(Heard)
    def hear(self, k: int) -> None:
        self.heard += 1
        self.output(Heard(10 * k))


class Top(Role):
    mid: Role = layer()
    total: int = stable(0)

    @upon(Start)
    def begin(self) -> None:
        self.request("mid", Go(7))

    @upon(Heard)
    def hear(self, k: int) -> None:
        self.total += k
        self.output(Sum(self.total))


class Passing(Role):
    """It has nothing to say to what the layer below tells."""

    low: Role = layer()


def stacked() -> World:
    nodes = [Top(p, Mid(p, Low(p, (q,)))) for p, q in (("p", "q"), ("q", "p"))]
    return begin(nodes, Model(), [ever(Low, "seen"), inputs(Go), outputs(Heard)])


def values(world: World, pid: Pid) -> dict[str, object]:
    return {name: value for name, value, _ in variables(world.nodes[pid])}


def pinged() -> World:
    """q's stack has heard the 5 that the lowest layer of p was asked to send."""
    world = step(stacked(), Ask("p", Go(5)))
    return step(world, Deliver(world.network.heads()[0]))


def test_a_forgery_is_for_the_layer_that_takes_such_a_message() -> None:
    world = step(stacked(), Forge(Envelope("q", "p", Ping(5))))
    [forged] = world.network.heads()
    assert forged.path == ("mid", "low")
    assert values(step(world, Deliver(forged)), "p")["mid.low.seen"] == 5


def test_an_input_finds_the_highest_layer_that_takes_it() -> None:
    [envelope] = step(stacked(), Ask("p", Go(5))).network.heads()
    assert (envelope.message, envelope.path) == (Ping(5), ("mid", "low"))


def test_a_message_finds_its_layer_and_what_it_tells_goes_up_in_the_same_step() -> None:
    assert values(pinged(), "q") == {
        "total": 50, "mid.heard": 1, "mid.low.boots": 0, "mid.low.seen": 5,
    }  # fmt: skip


def test_the_steps_between_layers_are_told_and_only_the_top_speaks_for_the_node() -> None:
    world = step(stacked(), Ask("p", Go(5)))
    [happening] = perform(world, Deliver(world.network.heads()[0])).happenings
    told = [e for e in happening.effects if isinstance(e, Emit | Indicate)]
    assert told == [Indicate("mid.low", Heard(5)), Indicate("mid", Heard(50)), Emit(Sum(50))]


def test_what_no_layer_above_hears_leaves_the_node() -> None:
    world = begin([Passing("p", Low("p", ("q",))), Passing("q", Low("q", ("p",)))])
    world = step(world, Ask("p", Go(5)))
    [happening] = perform(world, Deliver(world.network.heads()[0])).happenings
    assert list(happening.effects) == [Emit(Heard(5))]


def test_a_request_that_the_layer_does_not_take_is_a_mistake_of_the_protocol() -> None:
    with pytest.raises(HandlerFailed, match="Mid takes no Go"):
        step(stacked(), Ask("p", Start()))


def test_a_request_goes_down_in_the_same_step() -> None:
    class Asking(Role):
        low: Role = layer()

        @upon(Start)
        def begin(self) -> None:
            self.request("low", Go(3))

    world = begin([Asking("p", Low("p", ("q",))), Asking("q", Low("q", ()))])
    outcome = perform(world, Ask("p", Start()))
    assert Request("low", Go(3)) in outcome.happenings[0].effects
    assert [e.message for e in outcome.world.network.heads()] == [Ping(3)]


def test_a_timer_wakes_the_layer_that_set_it() -> None:
    world = stacked()
    [timer] = [t for pid, t in world.timers if pid == "p"]
    assert (timer.path, timer.bare, str(timer)) == (("mid", "low"), Beat(), "mid.low.Beat()")
    assert [e.message for e in step(world, Fire("p", timer)).network.heads()] == [Ping(1)]


def test_a_crash_forgets_the_volatile_fields_of_all_layers() -> None:
    world = step(step(pinged(), Crash("q")), Recover("q"))
    assert values(world, "q") == {
        "total": 50, "mid.heard": 0, "mid.low.boots": 1, "mid.low.seen": 0,
    }  # fmt: skip


def test_amnesia_erases_the_disks_of_all_layers() -> None:
    world = step(pinged(), Crash("q"))
    world = step(world, Recover("q", amnesia=True))
    assert values(world, "q")["total"] == 0 and values(world, "q")["mid.low.boots"] == 1


@pytest.mark.parametrize(("after", "total"), [(2, 0), (3, 50)])
def test_a_crash_in_mid_step_keeps_what_the_layers_had_written_by_then(
    after: int, total: int
) -> None:
    world = step(step(stacked(), Ask("p", Go(5))), Crash("q", after))
    world = step(world, Deliver(world.network.heads()[0]))
    assert world.down == {"q"}
    assert (values(world, "q")["total"], values(world, "q")["mid.heard"]) == (total, 0)


def test_observers_and_properties_see_into_the_layers() -> None:
    world = pinged()
    assert world.seen(ever(Low, "seen")) == {("q", 5)}
    assert world.seen(inputs(Go)) == {("p", Go(5))}
    assert world.seen(outputs(Heard)) == {("q", Heard(5)), ("q", Heard(50))}
    assert [low.seen for low in world.all(Low)] == [0, 5]


def test_worlds_of_stacks_have_a_canonical_form() -> None:
    assert canonical(pinged()) == canonical(pinged()) != canonical(stacked())


def test_an_input_that_no_layer_takes_is_refused() -> None:
    class Other(Input):
        pass

    with pytest.raises(Impossible, match="p is a top, which takes no Other"):
        step(stacked(), Ask("p", Other()))
