"""The worlds within reach, each packed into one integer, and the steps between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from playground.core import (
    Action,
    Ask,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Fire,
    Forge,
    Recover,
    Tick,
    World,
    step,
)
from playground.core import network as core
from playground.core.errors import Impossible
from playground.protocol import Pid
from playground.search.behaviour import Behaviour, Body, Reaction
from playground.search.errors import SearchError
from playground.search.faults import Faults
from playground.search.fields import Facts, Field, Ghost
from playground.search.networks import (
    Bag,
    Bits,
    Fifo,
    Grown,
    Move,
    Overflow,
    Situations,
    Table,
    Traces,
    Widths,
)
from playground.search.story import Story, Telling
from playground.values import Map

BUDGETS = ("drops", "duplicates", "crashes", "recoveries", "timers", "forgeries")


class Space:
    """Packs and unpacks worlds, and says what may happen in them.

    exact   every action of the core is a step of its own.  Else steps that no safety property can
            miss are left out: arrivals without effect, and losses (what is lost never arrives); a
            copy, a forgery or a crash in the middle of a step is one step with the event itself
    copies  any message that was sent may arrive any number of times
    """

    def __init__(
        self,
        behaviour: Behaviour,
        faults: Faults,
        exact: bool = False,
        copies: bool = False,
        widths: Widths = Widths(),
    ) -> None:
        self.behaviour = behaviour
        self.faults = faults
        self.start = start = behaviour.start
        self.pids = start.rules.pids
        self.rounds = start.rules.model.timing == "rounds"
        self.fifo = isinstance(start.network, core.Fifo)
        self.exact = exact or self.fifo or self.rounds
        self.copies = copies
        self._signed = start.rules.model.auth == "sig"
        bits = Bits()
        self._limit = 1 << widths.body
        self.bodies = [Field(bits, widths.body) for _ in self.pids]
        nothing = behaviour.no_facts
        width = widths.ghost if len(nothing) > 1 or self._signed else 0
        self.ghosts = [Field(bits, width) for _ in self.pids]
        self.ghost = [Ghost(1 << width, nothing) for _ in self.pids]
        self._budget = {name: Field(bits, n.bit_length()) for name, n in _limited(faults)}
        self._extras = [(a, self._owner(a), Field(bits, 1)) for a in faults.extra]
        self.network = self._network(bits, widths)
        self._own = [
            self.bodies[i].mask
            | self.ghosts[i].mask
            | sum(f.mask for f in self._budget.values())
            | sum(f.mask for _, owner, f in self._extras if owner == i)
            for i in range(len(self.pids))
        ]
        self.situations = [Situations(self._consequences(i)) for i in range(len(self.pids))]
        self._everywhere = Situations(self._common, remember=False)
        self._everywhere.mask = -1
        self.first = self.pack(start)

    def _network(self, bits: Bits, widths: Widths) -> Bag | Grown | Fifo | Telling:
        network: Bag | Grown | Fifo
        if self.fifo:
            network = Fifo(self.pids, bits, widths.queue)
        elif self.copies:
            network = Grown(self.pids, bits)
        else:
            network = Bag(self.pids, bits, widths.copies)
        if not self.behaviour.no_traces:
            return network
        return Telling(network, Story(bits, widths.story, self.behaviour.no_traces))

    def table(self) -> Table:
        """What the inner loop needs; good until the next message of a new kind."""
        for i, situations in enumerate(self.situations):
            situations.mask = self.mask(i)
        common = (
            [self._everywhere] if self.rounds or (self._signed and self.faults.forgeries) else []
        )
        return [(s.mask, s) for s in (*self.situations, *common)]

    def mask(self, i: int) -> int:
        """The bits that decide what node `i` may do next."""
        return self._own[i] | self.network.inbox[i]

    def forget(self) -> None:
        """Empty the memory of consequences; they can be worked out again."""
        for situations in self.situations:
            situations.clear()

    # ---- between worlds and integers

    def pack(self, world: World) -> int:
        """The integer of a world of this run, its faults still to come."""
        packed = 0
        facts, told = self.behaviour.seen(world.ghosts, world.spoken)
        for i, body in enumerate(self.behaviour.split(world)):
            own = self._facts_of(facts, self.pids[i])
            packed |= self._body_id(self.behaviour.body_id(i, body)) << self.bodies[i].at
            packed |= self.ghost[i].number(own) << self.ghosts[i].at
        if isinstance(self.network, Telling) and told != self.behaviour.no_traces:
            packed = self.network.story.longer(packed, told)
        for name, total in _limited(self.faults):
            packed |= total << self._budget[name].at
        for _, _, bit in self._extras:
            packed |= bit.mask
        return self.network.put(packed, world.network)

    def unpack(self, packed: int) -> World:
        """The world of an integer."""
        bodies = [self.body(i, packed) for i in range(len(self.pids))]
        seen = [self.ghost[i].facts[self.ghosts[i].of(packed)] for i in range(len(self.pids))]
        facts = tuple(frozenset[Any]().union(*parts) for parts in zip(*seen, strict=True))
        network: core.Network = type(self.start.network)()
        for envelope in self.network.contents(packed):
            network = network.put(envelope)
        each = list(zip(self.pids, bodies, strict=True))
        return World(
            rules=self.start.rules,
            nodes=Map((pid, body.role) for pid, body in each),
            network=network,
            timers=frozenset((pid, t) for pid, body in each for t in body.timers),
            down=frozenset(pid for pid, body in each if body.down),
            cuts=self.start.cuts,
            fuses=Map((pid, body.fuse) for pid, body in each if body.fuse is not None),
            ghosts=self.behaviour.ghosts(facts, self.told(packed)),
            corrupt=self.start.corrupt,
            spoken=facts[-1],
        )

    @property
    def story(self) -> int:
        """The bits that hold what was told."""
        return self.network.story.mask if isinstance(self.network, Telling) else 0

    def told(self, packed: int) -> Traces:
        """What was told in order, for each trace that is observed."""
        return self.network.story.of(packed) if isinstance(self.network, Telling) else ()

    def body(self, i: int, packed: int) -> Body:
        return self.behaviour.bodies[i][self.bodies[i].of(packed)]

    def _body_id(self, number: int) -> int:
        if number >= self._limit:
            raise Overflow("body")
        return number

    def _facts_of(self, facts: Facts, pid: Pid) -> Facts:
        """Each fact belongs to the node that it is about."""
        seen = [frozenset(f for f in kind if f[0] == pid) for kind in facts[:-1]]
        return (*seen, frozenset(s for s in facts[-1] if s.by == pid))

    def _owner(self, action: Action) -> int:
        if isinstance(action, Forge):
            return self.pids.index(action.envelope.dst)
        if isinstance(action, Ask | Crash | Recover):
            return self.pids.index(action.pid)
        raise SearchError(f"a search can't take the action {action}; it takes asks and forgeries")

    # ---- what may happen next

    def moves(self, world: int) -> Iterator[Move]:
        """All that may happen next in a world."""
        for i in range(len(self.pids)):
            yield from self.local_moves(i, world & self.mask(i))
        yield from self.common_moves(world)

    def after(self, world: int, move: Move) -> int:
        return self.network.after(world, self.network.compile(move))

    def _consequences(self, i: int) -> Any:
        def work_out(bits: int) -> tuple[Any, ...]:
            return tuple([self.network.compile(move) for move in self.local_moves(i, bits)])

        return work_out

    def _common(self, world: int) -> tuple[Any, ...]:
        return tuple([self.network.compile(move) for move in self.common_moves(world)])

    def local_moves(self, i: int, bits: int) -> Iterator[Move]:
        number = self.bodies[i].of(bits)
        body = self.behaviour.bodies[i][number]
        pid = self.pids[i]
        arriving = list(self.network.heads(i, bits))
        if not body.down:
            for e in arriving:
                if (e.src, pid) not in self.start.cuts:
                    yield from self._event(i, bits, number, Deliver(e), self.network.take(e, bits))
            if self._left(bits, "timers"):
                cost = self._cost("timers")
                for timer in sorted(body.timers, key=repr):
                    yield from self._event(i, bits, number, Fire(pid, timer), cost)
        yield from self._lost_and_copied(i, bits, number, arriving)
        yield from self._crashes(i, bits, number, body)
        yield from self._forgeries(i, bits, number, body)
        yield from self._extra(i, bits, number, body)

    def _event(
        self, i: int, bits: int, number: int, action: Action, cost: int, *before: Action
    ) -> Iterator[Move]:
        """The node hears of it, and perhaps crashes over it."""
        reaction = self.behaviour.react(i, number, action)
        changed = self._change(i, bits, number, reaction)
        if not (self.exact or changed or reaction.sent or reaction.told):
            return
        yield Move((*before, action), cost + changed, reaction.sent, reaction.told)
        if self.exact or not self._left(bits, "crashes"):
            return
        cost += self._cost("crashes")
        for k in range(1, min(reaction.effects, self.faults.crash_points)):
            fused = self.behaviour.fused(i, number, k)
            cut = self.behaviour.react(i, fused, action)
            actions = (*before, Crash(self.pids[i], k), action)
            yield Move(actions, cost + self._change(i, bits, number, cut), cut.sent, cut.told)

    def _change(self, i: int, bits: int, number: int, reaction: Reaction) -> int:
        """What a reaction adds to the fields of its node."""
        delta = 0
        if reaction.body != number:
            delta = self._body_id(reaction.body) - number << self.bodies[i].at
        if reaction.facts is not None:
            old = self.ghosts[i].of(bits)
            delta += self.ghost[i].more(old, reaction.facts) - old << self.ghosts[i].at
        return delta

    def _lost_and_copied(
        self, i: int, bits: int, number: int, arriving: list[Envelope]
    ) -> Iterator[Move]:
        drops = self.exact and self._left(bits, "drops") and not self.copies
        copies = self._left(bits, "duplicates") and not self.copies
        for e in arriving:
            if drops:
                yield Move((Drop(e),), self.network.take(e, bits) + self._cost("drops"))
            if copies and self.exact:
                yield Move((Duplicate(e),), self._cost("duplicates"), (e,))
            elif copies and self._hears(i, bits, e):
                cost = self._cost("duplicates")
                yield from self._event(i, bits, number, Deliver(e), cost, Duplicate(e))

    def _crashes(self, i: int, bits: int, number: int, body: Body) -> Iterator[Move]:
        pid = self.pids[i]
        if body.down:
            if self._left(bits, "recoveries"):
                yield self._local(i, bits, number, Recover(pid), self._cost("recoveries"))
        elif self._left(bits, "crashes"):
            cost = self._cost("crashes")
            yield self._local(i, bits, number, Crash(pid), cost)
            if self.exact and body.fuse is None:
                for k in range(self.faults.crash_points):
                    yield self._local(i, bits, number, Crash(pid, k), cost)

    def _local(self, i: int, bits: int, number: int, action: Action, cost: int) -> Move:
        reaction = self.behaviour.react(i, number, action)
        delta = cost + self._change(i, bits, number, reaction)
        return Move((action,), delta, reaction.sent, reaction.told)

    def _forgeries(self, i: int, bits: int, number: int, body: Body) -> Iterator[Move]:
        if self._signed or not self._left(bits, "forgeries"):
            return
        cost = self._cost("forgeries")
        for e in self.faults.forgeable:
            if e.dst == self.pids[i]:
                made = _forged(self.start, e)
                if self.exact:
                    yield Move((Forge(e),), cost, (made,))
                elif self._hears(i, bits, made):
                    yield from self._event(i, bits, number, Deliver(made), cost, Forge(e))

    def _extra(self, i: int, bits: int, number: int, body: Body) -> Iterator[Move]:
        for action, owner, bit in self._extras:
            if owner != i or not bits & bit.mask:
                continue
            if isinstance(action, Forge):
                yield Move((action,), -bit.mask, (_forged(self.start, action.envelope),))
            elif isinstance(action, Recover) == body.down:
                yield self._local(i, bits, number, action, -bit.mask)

    def common_moves(self, world: int) -> Iterator[Move]:
        """What is not of one node alone: the end of a round; what needs signatures of others."""
        if self.rounds and not self._arriving(world):
            yield self._tick(world)
        if self._signed and self._left(world, "forgeries"):
            whole = self.unpack(world)
            for e in self.faults.forgeable:
                try:
                    made = _forged(whole, e)
                except Impossible:
                    continue
                yield Move((Forge(e),), self._cost("forgeries"), (made,))

    def _arriving(self, world: int) -> bool:
        return any(
            (e.src, e.dst) not in self.start.cuts
            for i in range(len(self.pids))
            if not self.body(i, world).down
            for e in self.network.heads(i, world)
        )

    def _tick(self, world: int) -> Move:
        """All that are up hear it in one step; what was for those that are down is lost."""
        delta = 0
        sent: list[Envelope] = []
        told = self.behaviour.no_traces
        for i in range(len(self.pids)):
            number = self.bodies[i].of(world)
            if not self.behaviour.bodies[i][number].down:
                reaction = self.behaviour.react(i, number, Tick())
                delta += self._change(i, world, number, reaction)
                sent += reaction.sent
                if reaction.told:
                    told = tuple((*a, *b) for a, b in zip(told, reaction.told, strict=True))
        rest = world
        for e in list(self.network.contents(world)):
            if self.body(self.pids.index(e.dst), world).down:
                rest += self.network.take(e, rest)
        news = () if told == self.behaviour.no_traces else told
        return Move((Tick(),), delta + rest - world, tuple(sent), news)

    def _hears(self, i: int, bits: int, e: Envelope) -> bool:
        return not self.behaviour.bodies[i][self.bodies[i].of(bits)].down and (
            (e.src, e.dst) not in self.start.cuts
        )

    def _left(self, bits: int, budget: str) -> bool:
        field = self._budget.get(budget)
        return getattr(self.faults, budget) is None if field is None else bool(bits & field.mask)

    def _cost(self, budget: str) -> int:
        field = self._budget.get(budget)
        return 0 if field is None else -(1 << field.at)


def _limited(faults: Faults) -> list[tuple[str, int]]:
    """The budgets that are numbers, and not 0."""
    names = [f.name for f in fields(Faults) if f.name in BUDGETS]
    return [(name, getattr(faults, name)) for name in names if getattr(faults, name)]


def _forged(world: World, envelope: Envelope) -> Envelope:
    """The envelope as the adversary can make it.  Raises Impossible."""
    world = step(
        World(
            rules=world.rules,
            nodes=world.nodes,
            network=type(world.network)(),
            corrupt=world.corrupt,
            spoken=world.spoken,
        ),
        Forge(envelope),
    )
    [made] = world.network
    return made
