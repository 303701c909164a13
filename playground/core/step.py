"""`step(world, action)` is the only way a world comes from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from playground.core.actions import (
    Action,
    Ask,
    Corrupt,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Edit,
    Elapse,
    Fire,
    Forge,
    Heal,
    Recover,
    Replay,
    SetClock,
    Tick,
)
from playground.core.adversary import corrupted, made
from playground.core.clocks import Clock, Time
from playground.core.errors import HandlerFailed, Impossible
from playground.core.faults import (
    crashed,
    require_known,
    require_up,
    swallowed,
    time_of,
    unknown,
    without,
    without_timer,
)
from playground.core.layers import Call, reaction
from playground.core.network import Bag, Envelope, Fifo
from playground.core.world import Rules, Sight, World
from playground.protocol import Event, Input, Instant, Message, Model, Pid, Role, Signed
from playground.protocol.crypto import needed, unproved
from playground.protocol.events import CancelTimer, Effect, Path, Send, SetTimer, Write
from playground.protocol.events import Tick as TickEvent
from playground.protocol.model import Auth
from playground.protocol.observations import Happening, Observation
from playground.protocol.roles import erased, part_of, stack, written
from playground.values import Map, Record, replace

ENDLESS = 1_000
"""So many reactions of a node to itself can't be meant."""


class Step(Record):
    """A world, and what happened on the way to it: one happening per reaction of a node."""

    world: World
    happenings: tuple[Happening, ...] = ()
    sent: tuple[Envelope, ...] = ()  # put on its way, in order, also if it was lost at once
    lost: tuple[Envelope, ...] = ()  # what a cut that drops swallowed
    rejected: Envelope | None = None  # its receiver saw that its tag was bad


def begin(
    nodes: Sequence[Role],
    model: Model = Model(),
    observed: Iterable[Observation[Any]] = (),
) -> World:
    """The world in which every node has just started."""
    twice = {a.pid for i, a in enumerate(nodes) for b in nodes[:i] if a.pid == b.pid}
    if twice:
        raise Impossible(f"two nodes are called {min(twice)}")
    pids = tuple(node.pid for node in nodes)
    rules = Rules(model, pids, tuple(dict.fromkeys(observed)))
    world = World(
        rules=rules,
        nodes=Map((node.pid, node) for node in nodes),
        network=Fifo() if model.fifo else Bag(),
        ghosts=tuple(o.none for o in rules.observed),
        time=Time(Map((pid, Clock()) for pid in pids)) if model.timing == "timed" else None,
    )
    for node in nodes:
        world = _run(world, node.pid, None, Call("start")).world
    return world


def step(world: World, action: Action) -> World:
    """The world after `action`.  Raises Impossible, or HandlerFailed; `world` stays as it is."""
    return perform(world, action).world


def perform(world: World, action: Action) -> Step:
    """Like `step`, and tells what happened."""
    match action:
        case Deliver(envelope):
            return _deliver(world, envelope)
        case Fire(pid, timer):
            if (pid, timer) not in world.timers:
                raise Impossible(f"{pid} has not set {timer}")
            return _react(without_timer(world, pid, timer), pid, timer.bare, path=timer.path)
        case Ask(pid, asked):
            require_up(world, pid)
            return _react(world, pid, asked, path=_takes(world.nodes[pid], asked))
        case Drop(envelope):
            return Step(replace(world, network=world.network.take(envelope)))
        case Duplicate(envelope):
            world.network.take(envelope)
            return _put(world, envelope)
        case Replay(envelope):
            return _put(world, envelope)
        case Forge(envelope):
            require_known(world, envelope.dst)
            return _put(world, made(world, envelope))
        case Edit(envelope, message):
            rest = replace(world, network=world.network.take(envelope))
            return _put(rest, made(world, replace(envelope, message=message)))
        case Crash(pid, None):
            require_up(world, pid)
            return Step(crashed(world, pid, world.nodes[pid]))
        case Crash(pid, after):
            require_up(world, pid)
            return Step(replace(world, fuses=world.fuses | {pid: after or 0}))
        case Recover(pid, amnesia):
            return _recover(world, pid, amnesia)
        case Cut(links):
            return _cut(world, links)
        case Heal(links):
            mended = world.cuts if links is None else links
            return Step(replace(world, cuts=world.cuts - mended))
        case Corrupt(pid, strategy):
            require_known(world, pid)
            return Step(corrupted(world, pid, strategy))
        case Tick():
            return _tick(world)
        case Elapse(by):
            return _elapse(world, by)
        case SetClock(pid, rate, offset, strobe):
            require_known(world, pid)
            return Step(replace(world, time=time_of(world).adjust(pid, rate, offset, strobe)))


def enabled(world: World) -> Iterator[Action]:
    """What can happen next without anybody meddling, in an order that only contents decide."""
    arriving = [e for e in world.network.heads() if undeliverable(world, e) is None]
    yield from map(Deliver, arriving)
    if world.rules.model.timing == "rounds" and not arriving:
        yield Tick()
    time = world.time
    yield from (Fire(*t) for t in sorted(world.timers, key=repr) if not time or time.is_due(*t))
    if time and (by := until_due(world)):
        yield Elapse(by)


def until_due(world: World) -> Instant | None:
    """How long until the next thing is due: a timer, or a message where delays are bounded.  None
    if nothing ever will be.  Where delays are bounded, what is due can't wait: then it is 0; but
    what is late already may as well come later still."""
    time, delay = time_of(world), world.rules.model.delay
    due = [when for when in map(time.when, time.due) if when is not None]
    if delay is None:
        return min((when - time.now for when in due if when > time.now), default=None)
    due = [max(when, time.now) for when in due]
    due += [e.at + delay for e in world.network if e.at is not None and e.dst not in world.down]
    return min((when - time.now for when in due if when >= time.now), default=None)


def undeliverable(world: Sight, envelope: Envelope) -> str | None:
    """Why `envelope` can't arrive now, or None if it can."""
    if envelope.dst in world.down:
        return f"{envelope.dst} is down"
    if world.cuts and (envelope.src, envelope.dst) in world.cuts:
        return f"the link {envelope.src}>{envelope.dst} is cut"
    return None


def _tick(world: World) -> Step:
    """Every node that is up hears that the round is over.  What was for nodes that are down is lost
    then; what else is still on its way is late."""
    if world.rules.model.timing != "rounds":
        raise Impossible(f"there are no rounds to end: timing is {world.rules.model.timing}")
    lost = tuple(e for e in world.network if e.dst in world.down)
    world = without(world, lost)
    result = Step(world, lost=lost)
    for pid in world.rules.pids:
        if pid not in world.down:
            heard = _react(result.world, pid, TickEvent())
            happenings = result.happenings + heard.happenings
            sent, lost = result.sent + heard.sent, result.lost + heard.lost
            result = Step(heard.world, happenings, sent, lost)
    return result


def _elapse(world: World, by: Instant) -> Step:
    """Where delays are bounded, what should have come by then to a node that is down is lost."""
    time, delay = time_of(world).advance(by), world.rules.model.delay
    lost: tuple[Envelope, ...] = ()
    if delay is not None and world.down:
        old = time.now - delay
        waiting = [e for e in world.network if e.dst in world.down]
        lost = tuple(e for e in waiting if e.at is not None and e.at < old)
    return Step(replace(without(world, lost), time=time), lost=lost)


def _deliver(world: World, envelope: Envelope) -> Step:
    if why := undeliverable(world, envelope):
        raise Impossible(f"{envelope} can't arrive: {why}")
    rest = replace(world, network=world.network.take(envelope))
    auth = world.rules.model.auth
    if not envelope.genuine or unproved(envelope.message, auth, envelope.dst) is not None:
        return Step(rest, rejected=envelope)
    return _react(rest, envelope.dst, envelope.message, envelope.src, path=envelope.path)


def _react(world: World, pid: Pid, event: Event, *src: Pid, path: Path = ()) -> Step:
    handler = part_of(world.nodes[pid], path).handlers.get(type(event))
    if handler is None:  # nothing to do with this role: ignored
        return Step(world)
    return _run(world, pid, event, Call(handler, (*src, *event), path))


def _run(world: World, pid: Pid, event: Event | None, call: Call) -> Step:
    """One atomic step of a node: the handler, then what it sent to itself."""
    before = world.nodes[pid]
    if pid in world.fuses:
        return _burn(world, pid, event, call)
    clock = world.time.local(pid) if world.time else None
    after, effects = _called(before, event, call, clock)
    happenings = [Happening(pid, event, before, after, effects)]
    local = _local(pid, effects)
    for path, message in local:  # it grows as they are handled
        if len(happenings) > ENDLESS:
            raise HandlerFailed(pid, event, RecursionError("it sends to itself without end"))
        name = part_of(after, path).handlers.get(type(message))
        if name is None:
            continue
        last = after
        after, effects = _called(last, message, Call(name, (pid, *message), path), clock)
        happenings.append(Happening(pid, message, last, after, effects))
        local += _local(pid, effects)
    return _apply(world, pid, after, happenings)


def _called(
    before: Role, event: Event | None, call: Call, clock: Instant | None
) -> tuple[Role, list[Effect]]:
    try:
        return reaction(before, call, clock)
    except Exception as error:
        raise HandlerFailed(before.pid, event, error) from error


def _local(pid: Pid, effects: Iterable[Effect]) -> list[tuple[Path, Message]]:
    return [(e.path, e.message) for e in effects if type(e) is Send and e.to == pid]


def _takes(node: Role, asked: Input) -> Path:
    """The path to the highest layer that takes this input."""
    for path, part in stack(node):
        if type(asked) in part.handlers:
            return path
    raise Impossible(f"{node.pid} is {_a(node)}, which takes no {type(asked).__name__}")


def _apply(world: World, pid: Pid, after: Role, happenings: list[Happening]) -> Step:
    """Carry out the effects, in order, and let the observers look."""
    network, timers, time = world.network, world.timers, world.time
    sent, lost = [], []
    now = time.now if time else None
    for happening in happenings:
        for effect in happening.effects:
            if isinstance(effect, Send):
                to = effect.to
                if to == pid:
                    continue
                if to not in world.nodes:
                    raise HandlerFailed(pid, happening.event, unknown(world, to))
                path = effect.path
                envelope = Envelope(pid, to, effect.message, at=now, path=path)
                sent.append(envelope)
                if world.cuts and swallowed(world, envelope):
                    lost.append(envelope)
                else:
                    try:
                        network = network.put(envelope)
                    except TypeError as error:  # a list in a message, which could change unseen
                        raise HandlerFailed(pid, happening.event, error) from error
            elif isinstance(effect, SetTimer):
                timers |= {(pid, effect.timer)}
                time = time and time.set(pid, effect)
            elif isinstance(effect, CancelTimer):
                timers -= {(pid, effect.timer)}
                time = time and time.unset(pid, effect.timer)
    spoken = world.spoken
    if (auth := world.rules.model.auth) in ("mac", "sig"):
        spoken |= _signed(happenings, auth)
    world = replace(
        world,
        nodes=world.nodes | {pid: after},
        network=network,
        timers=timers,
        ghosts=observe(world, happenings),
        spoken=spoken,
        time=time,
    )
    return Step(world, tuple(happenings), tuple(sent), tuple(lost))


def _signed(happenings: list[Happening], auth: Auth) -> frozenset[Signed]:
    sends = [e for h in happenings for e in h.effects if type(e) is Send]
    return frozenset(s for e in sends for s in needed(e.message, auth, frozenset()))


def observe(world: Sight, happenings: list[Happening]) -> tuple[Any, ...]:
    """What the observers have seen then: the same tuple, if there is nothing new to see."""
    ghosts = world.ghosts
    for i, observation in enumerate(world.rules.observed):
        facts = ghosts[i]
        for happening in happenings:
            facts = observation.grow(facts, happening)
        if facts is not ghosts[i]:
            ghosts = (*ghosts[:i], facts, *ghosts[i + 1 :])
    return ghosts


def _burn(world: World, pid: Pid, event: Event | None, call: Call) -> Step:
    """The node performs only the first effects of its step, and is down then."""
    left = world.fuses[pid]
    unlit = replace(world, fuses=world.fuses.without(pid))
    whole = _run(unlit, pid, event, call)
    done: list[Happening] = []
    disk = world.nodes[pid]
    for happening in whole.happenings:
        effects = list(happening.effects)[:left]
        for effect in effects:
            if type(effect) is Write:
                disk = written(disk, effect.values)
        done.append(replace(happening, after=disk, effects=effects))
        left -= len(effects)
        if not left:
            break
    cut_short = _apply(unlit, pid, disk, done)
    return replace(cut_short, world=crashed(cut_short.world, pid, disk))


def _recover(world: World, pid: Pid, amnesia: bool) -> Step:
    if pid not in world.down:
        require_known(world, pid)
        raise Impossible(f"{pid} is not down")
    world = replace(world, down=world.down - {pid})
    if amnesia:
        world = replace(world, nodes=world.nodes | {pid: erased(world.nodes[pid])})
    return _run(world, pid, None, Call("recover"))


def _cut(world: World, links: frozenset[tuple[Pid, Pid]]) -> Step:
    for pid in sorted({pid for link in links for pid in link}):
        require_known(world, pid)
    world = replace(world, cuts=world.cuts | links)
    lost = tuple(e for e in world.network if swallowed(world, e))
    return Step(without(world, lost), lost=lost)


def _put(world: World, envelope: Envelope) -> Step:
    require_known(world, envelope.src)
    require_known(world, envelope.dst)
    return Step(replace(world, network=world.network.put(envelope)), sent=(envelope,))


def _a(role: Role) -> str:
    name = type(role).__name__.lower()
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
