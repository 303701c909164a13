"""A stretch of a long run: plain deliveries, one after the other, in place.

`advance` makes a value of every moment, which most moments of a million are not worth.  A stretch
changes one moment in place instead, and makes a value of it when asked.  It does nothing but plain
deliveries: messages that nobody forged or held arrive at nodes of one layer, in a world where no
link is cut and no clock ticks, and the node answers by messages to others, writes to its disk, and
news.  Anything else it leaves alone, for `advance` to do; and the tests compare the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import immutables
from msgspec.structs import astuple

from playground.core import Envelope
from playground.core.monitor import Change, Monitor, news
from playground.core.network import Bag
from playground.core.step import observe
from playground.core.world import Sight
from playground.protocol import Pid, Role, Timer
from playground.protocol.events import Effect, Emit, Send, Write
from playground.protocol.observations import Happening
from playground.protocol.roles import acted
from playground.session.checkpoint import Checkpoint, pack
from playground.session.deeds import NOWHERE, judge
from playground.session.state import Depth, Flight, State, Told, is_decision
from playground.values import Map, replace


def begin_stretch(state: State, monitor: Monitor) -> Stretch | None:
    """A stretch from this moment on, if there can be one."""
    world = state.world
    unusual = world.cuts or world.fuses or world.time or world.rules.model.auth in ("mac", "sig")
    ordered = not isinstance(world.network, Bag)
    return None if unusual or ordered else Stretch(state, monitor)


class _Stage(Sight):
    """The world of a stretch, but for its network."""

    __slots__ = ("corrupt", "cuts", "down", "ghosts", "nodes", "rules", "time", "timers")

    nodes: dict[Pid, Role]

    def __init__(self, world: Sight) -> None:
        self.rules, self.nodes, self.timers = world.rules, dict(world.nodes), world.timers
        self.down, self.cuts, self.ghosts = world.down, world.cuts, world.ghosts
        self.corrupt, self.time = world.corrupt, world.time


class Stretch:
    """A moment that moves on in place.  Its fields are those of a State."""

    def __init__(self, state: State, monitor: Monitor) -> None:
        self._start = state  # whatever a stretch does not change is still as it was there
        self._monitor = monitor
        self._compares = any(p.kind == "between" and p.each is None for p in monitor.properties)
        self.world = _Stage(state.world)
        self.flights = dict(state.flights)
        self.step, self.keys, self.numbers = state.step, state.keys, state.numbers
        self.ran: Pid = ""  # who took the last step
        self._depths, self._sent = dict(state.depths), dict(state.sent)
        self._writes, self._told = dict(state.writes), dict(state.told)
        self._decisions = dict(state.decisions)

    @property
    def fired(self) -> Mapping[tuple[Pid, Timer], int]:
        return self._start.fired

    def pause(self) -> int:
        """The step up to which it is not worth to begin another: that takes as long as one step by
        values for every few messages in flight."""
        return self.step + len(self.flights) // 4

    def in_flight(self) -> list[Flight]:
        return [self.flights[key] for key in sorted(self.flights)]

    def state(self) -> State:
        """The present moment as a value."""
        counts = Counter(flight.envelope for flight in self.flights.values())
        rest = self._rest()
        world = replace(rest.world, network=Bag(immutables.Map(counts)))
        return replace(rest, world=world, flights=immutables.Map(self.flights))

    def checkpoint(self) -> Checkpoint:
        """The present moment, to be kept."""
        return pack(self._rest(), self.in_flight())

    def _rest(self) -> State:
        """All but the messages in flight."""
        nodes, ghosts = Map(self.world.nodes), self.world.ghosts
        return replace(
            self._start,
            world=replace(self._start.world, nodes=nodes, ghosts=ghosts),
            step=self.step,
            keys=self.keys,
            numbers=self.numbers,
            depths=immutables.Map(self._depths),
            sent=immutables.Map(self._sent),
            writes=immutables.Map(self._writes),
            told=immutables.Map(self._told),
            decisions=immutables.Map(self._decisions),
        )

    def deliver(self, key: int) -> bool:
        """Deliver a message, if that is plain; if not (False), nothing is changed."""
        flight = self.flights.get(key)
        if flight is None or flight.held or not flight.envelope.genuine:
            return False
        envelope, stage = flight.envelope, self.world
        pid, message = envelope.dst, envelope.message
        before = stage.nodes[pid]
        handler = before.handlers.get(type(message))
        if handler is None or before.layers or envelope.path or pid in stage.down:
            return False
        try:
            after, effects = acted(before, handler, (envelope.src, *astuple(message)))
        except Exception:  # noqa: BLE001 - `advance` will raise it again, and tell of it
            return False
        for effect in effects:
            if isinstance(effect, Send):
                to = effect.to
                if to == pid or to not in stage.nodes:
                    return False
            elif not isinstance(effect, Write | Emit):
                return False
        del self.flights[key]
        self.step += 1
        self.ran = pid
        self._carry_out(pid, effects, flight)
        earlier = _Stage(stage) if self._compares else stage
        stage.nodes[pid] = after
        seen: Sequence[int] = ()
        if ghosts := stage.ghosts:
            stage.ghosts = observe(stage, [Happening(pid, message, before, after, effects)])
            seen = news(ghosts, stage.ghosts)
        verdicts = self._monitor.judge(earlier, stage, Change(((before, after),), seen))
        for p, verdict in verdicts:
            if bool(verdict) != (p.kind != "eventually" or p.name in self._start.goals):
                self._start = judge(replace(self._start, step=self.step), verdicts)
                break
        return True

    def _carry_out(self, pid: Pid, effects: list[Effect], cause: Flight) -> None:
        own = self._depths.get(pid, NOWHERE)
        delays = cause.depth if cause.depth > own.delays else own.delays
        written = cause.writes if cause.writes > own.writes else own.writes
        for effect in effects:
            if isinstance(effect, Send):
                envelope = Envelope(pid, effect.to, effect.message)
                name = type(envelope.message).__name__
                self._sent[name] = self._sent.get(name, 0) + 1
                self.numbers += 1
                key = self.keys
                self.keys = key + 1
                self.flights[key] = Flight(
                    key, self.numbers, 0, envelope, self.step, delays + 1, written
                )
            elif isinstance(effect, Write):
                written += 1
                self._writes[pid] = self._writes.get(pid, 0) + 1
            elif isinstance(effect, Emit):
                told = Told(effect.output, self.step, delays, written)
                self._told[pid] = told
                if is_decision(told.output):
                    self._decisions.setdefault(pid, told)
        if delays != own.delays or written != own.writes:
            self._depths[pid] = Depth(delays, written)
