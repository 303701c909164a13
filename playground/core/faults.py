"""What a world that goes wrong looks like: nodes that are down, links that are cut; and what is
refused because of it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from playground.core.clocks import Time
from playground.core.errors import Impossible
from playground.core.network import Envelope
from playground.core.world import World
from playground.protocol import Pid, Role, Timer
from playground.protocol.roles import forgotten
from playground.values import replace


def crashed(world: World, pid: Pid, node: Role) -> World:
    """Down, with its volatile fields and its timers forgotten."""
    return replace(
        world,
        nodes=world.nodes | {pid: forgotten(node)},
        timers=frozenset(t for t in world.timers if t[0] != pid),
        down=world.down | {pid},
        fuses=world.fuses.without(pid),
        time=world.time and world.time.forget(pid),
    )


def without_timer(world: World, pid: Pid, timer: Timer) -> World:
    time = world.time and world.time.unset(pid, timer)
    return replace(world, timers=world.timers - {(pid, timer)}, time=time)


def without(world: World, lost: Iterable[Envelope]) -> World:
    """The same world, but for some messages."""
    network = world.network
    for envelope in lost:
        network = network.take(envelope)
    return replace(world, network=network)


def time_of(world: World) -> Time:
    """Raises Impossible where there is none."""
    if world.time is None:
        raise Impossible(f"there is no time here: timing is {world.rules.model.timing}")
    return world.time


def swallowed(world: World, envelope: Envelope) -> bool:
    """Is it lost in a cut that drops?"""
    drops = world.rules.model.partitions == "drop"
    return drops and (envelope.src, envelope.dst) in world.cuts


def require_known(world: World, pid: Pid) -> None:
    if pid not in world.nodes:
        raise unknown(world, pid)


def unknown(world: World, pid: Pid) -> Impossible:
    """That there is no such node, and which there may be."""
    near = get_close_matches(pid, world.nodes, 1)
    hint = f"did you mean {near[0]}?" if near else f"the nodes are {', '.join(world.rules.pids)}"
    return Impossible(f"there is no node {pid}; {hint}")


def require_up(world: World, pid: Pid) -> None:
    require_known(world, pid)
    if pid in world.down:
        raise Impossible(f"{pid} is down")
