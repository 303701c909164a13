"""Deeds: what a session does, with its messages as individuals.  `advance` carries one out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

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
    Elapse,
    Envelope,
    Fire,
    Forge,
    Heal,
    Impossible,
    Recover,
    Replay,
    SetClock,
    Tick,
)
from playground.core.monitor import Monitor
from playground.core.outside import breaches
from playground.core.step import Step, perform
from playground.core.world import World
from playground.protocol import Message, Pid, Property, Verdict
from playground.protocol.detector import Oracle
from playground.protocol.events import Emit, Send, Write
from playground.session.state import Broken, Depth, Flight, Outside, State, Told, is_decision
from playground.values import Record, replace

Verb = Literal["deliver", "drop", "duplicate", "hold", "release"]
VERBS: tuple[Verb, ...] = Verb.__args__  # type: ignore[attr-defined]


class OnFlight(Record):
    verb: Verb
    key: int


class EditFlight(Record):
    key: int
    message: Message


class ReplayMessage(Record):
    number: int
    envelope: Envelope


class CrashInStep(Record):
    """The step just taken was cut short: `pid` did only its first `after` effects."""

    pid: Pid
    after: int


Deed = (
    OnFlight
    | EditFlight
    | ReplayMessage
    | CrashInStep
    | Fire
    | Ask
    | Forge
    | Crash
    | Recover
    | Cut
    | Heal
    | Corrupt
    | Tick
    | Elapse
    | SetClock
)


class Advance(Record):
    """The state after a deed; the action that the core took (None: hold, release) and its step."""

    state: State
    action: Action | None
    step: Step


def start(world: World, monitor: Monitor) -> State:
    """The state in which nothing has been done.  What the nodes sent on starting is in flight."""
    state = State(world)
    for envelope in world.network:
        state = _launch(state, envelope, Depth(1, 0), "")
        kind = type(envelope.message).__name__
        state = replace(state, sent=state.sent.set(kind, state.sent.get(kind, 0) + 1))
    goals = state.goals
    broken = []
    for p, verdict in monitor.first(world):
        if p.kind == "eventually":
            goals = goals.set(p.name, 0) if verdict else goals
        elif not verdict:
            broken.append(Broken(0, p.name, p.why(verdict)))
    return replace(state, goals=goals, broken=tuple(broken))


def advance(state: State, deed: Any, monitor: Monitor) -> Advance:
    """Raises Impossible or HandlerFailed; `state` stays as it is."""
    flight: Flight | None = None
    match deed:
        case OnFlight("deliver" | "drop" | "duplicate" as verb, key):
            flight = _flight(state, key)
            if verb == "deliver" and flight.held:
                raise Impossible(f"{flight.name} is held; release it first")
            action = _ACTIONS[verb](flight.envelope)
        case OnFlight(verb, key):
            marked = replace(_flight(state, key), held=verb == "hold")
            flights = state.flights.set(key, marked)
            after = replace(state, flights=flights, step=state.step + 1)
            return Advance(after, None, Step(state.world))
        case EditFlight(key, message):
            flight = _flight(state, key)
            action = Edit(flight.envelope, message)
        case ReplayMessage(_, envelope):
            action = Replay(envelope)
        case _:
            action = deed
    step = perform(state.world, action)
    after = _follow(state, deed, action, flight, step)
    after = judge(after, monitor.next(state.world, step))
    found = breaches(state.world, action, step)
    if found:
        news = tuple(Outside(after.step, breach) for breach in found)
        after = replace(after, outside=state.outside + news)
    return Advance(after, action, step)


_ACTIONS: dict[str, Any] = {"deliver": Deliver, "drop": Drop, "duplicate": Duplicate}


def _flight(state: State, key: int) -> Flight:
    flight = state.flights.get(key)
    if flight is None:
        raise Impossible("that message is no longer in flight")
    return flight


def _follow(state: State, deed: Any, action: Action, flight: Flight | None, step: Step) -> State:
    """Keep ids, provenance and costs up with what happened."""
    flights, base = state.flights, NOWHERE
    if flight is not None and not isinstance(action, Duplicate):
        flights, base = flights.delete(flight.key), Depth(flight.depth, flight.writes)
    after = replace(state, world=step.world, step=state.step + 1, flights=flights)
    match action:
        case Deliver() | Drop():
            pass
        case Duplicate() if flight is not None:
            after = _launch_copy(after, flight, f"copy of {flight.name}")
        case Edit() if flight is not None:
            after = _launch(after, step.sent[0], base, f"edited from {flight.name}")
        case Replay():
            after = _launch(after, step.sent[0], Depth(1, 0), f"replay of m{deed.number}")
        case Forge():
            after = _launch(after, step.sent[0], Depth(1, 0), "forged")
        case Ask(_, asked) if not isinstance(asked, Oracle):  # a belief is no demand
            after = replace(after, asks=after.asks + 1)
        case Tick():  # in rounds a delay is a round, also for who hears nothing in it
            after = replace(after, ticks=after.ticks + 1)
            base = Depth(state.ticks, 0)
        case Fire(pid, timer):
            after = replace(after, fired=after.fired.set((pid, timer), after.step))
        case _:
            pass
    swallowed: list[Envelope] = []
    if step.lost:
        after, swallowed = _forget_lost(after, step.lost)
    if step.happenings:
        after = _react(after, base, step, swallowed)
    return after


def _react(state: State, base: Depth, step: Step, swallowed: list[Envelope]) -> State:
    """What the nodes did, at the end of the chain of causes `base`; `swallowed` is what was lost as
    it was sent."""
    envelopes = iter(step.sent)
    flights, keys, numbers, depths = state.flights, state.keys, state.numbers, state.depths
    sent, writes, decisions, told = state.sent, state.writes, state.decisions, state.told
    for happening in step.happenings:
        pid = happening.pid
        own = depths.get(pid, NOWHERE)
        delays, written = max(own.delays, base.delays), max(own.writes, base.writes)
        for effect in happening.effects:
            if isinstance(effect, Send):
                if effect.to == pid:
                    continue
                envelope = next(envelopes)
                name = type(envelope.message).__name__
                sent = sent.set(name, sent.get(name, 0) + 1)
                numbers += 1
                if swallowed and envelope in swallowed:
                    swallowed.remove(envelope)
                    continue
                flights = flights.set(
                    keys, Flight(keys, numbers, 0, envelope, state.step, delays + 1, written)
                )
                keys += 1
            elif isinstance(effect, Write):
                written += 1
                writes = writes.set(pid, writes.get(pid, 0) + 1)
            elif isinstance(effect, Emit):
                news = Told(effect.output, state.step, delays, written)
                told = told.set(pid, news)
                if is_decision(news.output) and pid not in decisions:
                    decisions = decisions.set(pid, news)
        if delays != own.delays or written != own.writes:
            depths = depths.set(pid, Depth(delays, written))
    return replace(
        state,
        flights=flights,
        keys=keys,
        numbers=numbers,
        depths=depths,
        sent=sent,
        writes=writes,
        decisions=decisions,
        told=told,
    )


NOWHERE = Depth()


def _launch(state: State, envelope: Envelope, depth: Depth, origin: str) -> State:
    """A message that gets an id of its own."""
    number = state.numbers + 1
    flight = Flight(state.keys, number, 0, envelope, state.step, depth.delays, depth.writes, origin)
    return replace(
        state, flights=state.flights.set(state.keys, flight), keys=state.keys + 1, numbers=number
    )


def _launch_copy(state: State, flight: Flight, origin: str) -> State:
    """One more copy of a message: m12'."""
    primes = 1 + max(
        (f.primes for f in state.flights.values() if f.number == flight.number), default=0
    )
    copy = replace(
        flight, key=state.keys, primes=primes, step=state.step, origin=origin, held=False
    )
    return replace(state, flights=state.flights.set(state.keys, copy), keys=state.keys + 1)


def _forget_lost(state: State, lost: tuple[Envelope, ...]) -> tuple[State, list[Envelope]]:
    """Messages that were in flight are lost; what is left of `lost` was so as it was sent."""
    gone = list(lost)
    flights = state.flights
    for flight in state.in_flight():
        if flight.envelope in gone:
            gone.remove(flight.envelope)
            flights = flights.delete(flight.key)
    return replace(state, flights=flights), gone


def judge(state: State, verdicts: Iterable[tuple[Property, Verdict]]) -> State:
    """What has been broken or reached by the step that led to `state`."""
    for p, verdict in verdicts:
        if p.kind == "eventually":
            state = _judge_goal(state, p, bool(verdict))
        elif not verdict and all(b.property != p.name for b in state.broken):
            news = Broken(state.step, p.name, p.why(verdict))
            state = replace(state, broken=(*state.broken, news))
    return state


def _judge_goal(state: State, p: Property, holds: bool) -> State:
    since = state.goals.get(p.name)
    if holds and since is None:
        return replace(state, goals=state.goals.set(p.name, state.step))
    if holds or since is None:
        return state
    if not p.lasting:
        return replace(state, goals=state.goals.delete(p.name))
    if any(b.property == p.name for b in state.broken):
        return state
    why = f"it was reached at step {since}, and lost again"
    return replace(state, broken=(*state.broken, Broken(state.step, p.name, why)))
