"""What may happen next in a packed world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from playground.core import (
    Action,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Fire,
    Forge,
    Recover,
    SetClock,
    Tick,
    World,
    step,
)
from playground.protocol import Signed, Timer
from playground.protocol.crypto import needed
from playground.search.behaviour import Behaviour, Body, Reaction
from playground.search.errors import Raised
from playground.search.faults import Faults
from playground.search.layout import Layout
from playground.search.networks import Move, Situations, Steps, Table, Widths
from playground.search.spans import Spans
from playground.search.stable import stable
from playground.values import replace

TOGETHER = 50_000
"""More pairs of situations than this are not remembered as pairs."""


class Space(Layout):
    """The worlds within reach, and the steps between them.

    exact    every action of the core is a step of its own.  Else a crash in the middle of a step is
             one step with it; so is the arrival of a copy or a forgery; and what no safety property
             can miss is left out: arrivals without effect, and losses (what is lost never arrives)
    ordered  steps come in an order that does not depend on what was found before: that of the texts
             of their actions
    patient  what arrives without effect, or never, is not left out: others wait for it, on a link
             that keeps its order, or at the end of a round
    """

    def __init__(
        self,
        behaviour: Behaviour,
        faults: Faults,
        exact: bool = False,
        copies: bool = False,
        widths: Widths = Widths(),
        ordered: bool = False,
    ) -> None:
        super().__init__(behaviour, faults, copies, widths)
        self.rounds = self.start.rules.model.timing == "rounds"
        self.exact = exact
        self.ordered = ordered
        self._texts: dict[tuple[Action, ...], str] = {}
        model = self.start.rules.model
        punctual = self.timed and model.delay is not None
        self.patient = exact or self.fifo or self.rounds or punctual
        self.spans = Spans(self) if self.timed else None
        self._rates = (1 - model.drift, 1 + model.drift) if faults.drifts else ()
        everywhere = sum(f.mask for f in self.budgets.values())
        self._own = [
            self.bodies[i].mask
            | self.ghosts[i].mask
            | everywhere
            | self.now.mask
            | sum(f.mask for _, owner, f in self.extras if owner == i)
            for i in range(len(self.pids))
        ]
        self.situations = [Situations(self._consequences(i)) for i in range(len(self.pids))]
        self._improvising: set[int] = set()
        self._groups = self._one_by_one()
        self._signed = self._with_signatures()
        self._everywhere = Situations(self._common, remember=False)
        self._everywhere.mask = -1

    def table(self) -> Table:
        """What the inner loop needs; good until the next message of a new kind."""
        found: Table = []
        for members, situations in self._groups:
            situations.mask = 0
            for i in members:
                situations.mask |= self.mask(i)
            found.append((situations.mask, situations))
        if self.rounds or self.timed or (self.signed and self.faults.forgeries):
            found.append((-1, self._everywhere))
        return found

    def regroup(self, states: int) -> None:
        """Nodes with few situations are looked up together, which is faster than one by one, once
        so many states are known that each pair of situations comes up again and again.  Where
        steps are ordered, nodes stay in their order."""
        if self.ordered:
            return
        tame = [group for group in self._groups if self._improvising.isdisjoint(group[0])]
        if len(tame) < 2:
            return
        (a, few), (b, more), *rest = sorted(tame, key=lambda group: len(group[1]))
        rest += [group for group in self._groups if group not in tame]
        if len(few) * len(more) <= min(states // 8, TOGETHER):
            members = tuple(sorted((*a, *b)))
            together = Situations(self._together(members))
            self._groups = sorted([*rest, (members, together)], key=lambda group: group[0])

    def mask(self, i: int) -> int:
        """The bits that decide what node `i` may do next."""
        return self._own[i] | self.network.inbox[i]

    def forget(self) -> None:
        """Empty the memory of consequences; they can be worked out again."""
        for situations in self.situations:
            situations.clear()
        self._groups = self._one_by_one()

    def improvise(self, i: int) -> None:
        """From now on remember no consequences for this node, as nothing comes up again: it has
        about as many states as there are worlds."""
        self.behaviour.forget(i)
        self._improvising.add(i)
        self.situations[i] = Situations(self._consequences(i), remember=False)
        self._groups = self._one_by_one()

    @property
    def remembered(self) -> int:
        """How many situations are remembered."""
        return sum(len(situations) for _, situations in self._groups)

    def moves(self, world: int) -> Iterator[Move]:
        """All that may happen next in a world."""
        for i in range(len(self.pids)):
            yield from self.local_moves(i, world & self.mask(i))
        yield from self.common_moves(world)

    def after(self, world: int, move: Move) -> int:
        return self.network.after(world, self.network.compile(move))

    def _consequences(self, i: int) -> Callable[[int], Steps]:
        def work_out(bits: int) -> Steps:
            return self._compiled(self.local_moves(i, bits))

        return work_out

    def _one_by_one(self) -> list[tuple[tuple[int, ...], Situations]]:
        return [((i,), situations) for i, situations in enumerate(self.situations)]

    def _together(self, members: tuple[int, ...]) -> Callable[[int], Steps]:
        def work_out(bits: int) -> Steps:
            parts = [self.situations[i][bits & self.mask(i)] for i in members]
            return tuple(step for steps in parts for step in steps)

        return work_out

    def _common(self, world: int) -> Steps:
        return self._compiled(self.common_moves(world))

    def _compiled(self, moves: Iterable[Move]) -> Steps:
        if self.ordered:
            moves = sorted(moves, key=lambda move: self._text(move.actions))
        return tuple([self.network.compile(move) for move in moves])

    def _text(self, actions: tuple[Action, ...]) -> str:
        found = self._texts.get(actions)
        if found is None:
            found = self._texts[actions] = stable(actions)
        return found

    def local_moves(self, i: int, bits: int) -> Iterator[Move]:
        number = self.bodies[i].of(bits)
        body = self.behaviour.bodies[i][number]
        pid = self.pids[i]
        arriving = list(self.network.heads(i, bits))
        yield from self._crashes(i, bits, number, body)  # first, as they are simpler than others
        if not body.down:
            for e in arriving:
                if (e.src, pid) not in self.start.cuts:
                    yield from self._event(i, bits, number, Deliver(e), self.network.take(e, bits))
            if self._left(bits, "timers"):
                cost = self._cost("timers")
                for timer in self._ringing(body, bits):
                    yield from self._event(i, bits, number, Fire(pid, timer), cost)
        yield from self._lost_and_copied(i, bits, number, arriving)
        yield from self._forgeries(i, bits, number, body)
        yield from self._extra(i, bits, number, body)
        yield from self._drifting(i, bits, number, body)

    def _ringing(self, body: Body, bits: int) -> list[Timer]:
        """The timers that may fire: where there is time, those that are due."""
        now = self.time(bits)
        if now is None:
            return sorted(body.timers, key=repr)
        assert body.clock is not None
        local = body.clock.shows(now)
        return sorted((timer for timer, when in body.due if when <= local), key=repr)

    def _drifting(self, i: int, bits: int, number: int, body: Body) -> Iterator[Move]:
        if self._rates and body.clock is not None and self._left(bits, "drifts"):
            for rate in self._rates:
                if rate != body.clock.rate:
                    action = SetClock(self.pids[i], rate)
                    yield self._local(i, bits, number, action, self._cost("drifts"))

    def _reaction(self, i: int, bits: int, number: int, *actions: Action) -> Reaction:
        """To the last of these actions; the others come before it."""
        try:
            return self.behaviour.react(i, number, actions[-1], self.time(bits))
        except Raised as raised:
            raised.moment = actions
            raise

    def _event(
        self, i: int, bits: int, number: int, action: Action, cost: int, *before: Action
    ) -> Iterator[Move]:
        """The node hears of it, and perhaps crashes over it."""
        reaction = self._reaction(i, bits, number, *before, action)
        changed = self._change(i, bits, number, reaction)
        if not (self.patient or changed or reaction.sent or reaction.told):
            return
        yield Move((*before, action), cost + changed, reaction.sent, reaction.told)
        if self.exact or not self._left(bits, "crashes"):
            return
        cost += self._cost("crashes")
        for k in range(1, min(reaction.effects, self.faults.crash_points)):
            fused = self.behaviour.fused(i, number, k)
            cut = self._reaction(i, bits, fused, action)
            actions = (*before, Crash(self.pids[i], k), action)
            yield Move(actions, cost + self._change(i, bits, number, cut), cut.sent, cut.told)

    def _change(self, i: int, bits: int, number: int, reaction: Reaction) -> int:
        """What a reaction adds to the fields of its node."""
        delta = 0
        if reaction.body != number:
            delta = self.body_id(reaction.body) - number << self.bodies[i].at
        if reaction.facts is not None:
            old = self.ghosts[i].of(bits)
            delta += self.ghost[i].more(old, reaction.facts) - old << self.ghosts[i].at
        return delta

    def _lost_and_copied(
        self, i: int, bits: int, number: int, arriving: list[Envelope]
    ) -> Iterator[Move]:
        drops = self.patient and self._left(bits, "drops") and not self.copies
        copies = self._left(bits, "duplicates") and not self.copies
        for e in arriving:
            if drops:
                yield Move((Drop(e),), self.network.take(e, bits) + self._cost("drops"))
            if copies and self.patient:
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
        reaction = self._reaction(i, bits, number, action)
        delta = cost + self._change(i, bits, number, reaction)
        return Move((action,), delta, reaction.sent, reaction.told)

    def _forgeries(self, i: int, bits: int, number: int, body: Body) -> Iterator[Move]:
        if self.signed or not self._left(bits, "forgeries"):
            return
        cost = self._cost("forgeries")
        for e in self.faults.forgeable:
            if e.dst == self.pids[i]:
                made = _forged(self.start, e)
                if self.patient:
                    yield Move((Forge(e),), cost, (made,))
                elif self._hears(i, bits, made):
                    yield from self._event(i, bits, number, Deliver(made), cost, Forge(e))

    def _extra(self, i: int, bits: int, number: int, body: Body) -> Iterator[Move]:
        for action, owner, bit in self.extras:
            if owner != i or not bits & bit.mask:
                continue
            if isinstance(action, Forge):
                yield Move((action,), -bit.mask, (_forged(self.start, action.envelope),))
            elif isinstance(action, Recover) == body.down:
                yield self._local(i, bits, number, action, -bit.mask)

    def common_moves(self, world: int) -> Iterator[Move]:
        """What is not of one node alone: the end of a round; what needs signatures of others."""
        if self.rounds:
            yield from self._unsent(world)
            if not self._arriving(world):
                yield self._tick(world)
        if self.spans is not None:
            yield from self.spans.moves(world)
        if self.signed and self._left(world, "forgeries"):
            spoken = self._spoken(world)
            cost = self._cost("forgeries")
            for e, made, foreign in self._signed:
                if foreign <= spoken:
                    yield Move((Forge(e),), cost, (made,))

    def _spoken(self, world: int) -> frozenset[Signed]:
        """The signatures that were ever sent."""
        parts = [g.facts[at.of(world)][-1] for g, at in zip(self.ghost, self.ghosts, strict=True)]
        return frozenset[Signed]().union(*parts)

    def _with_signatures(self) -> list[tuple[Envelope, Envelope, frozenset[Signed]]]:
        """Each forgery, what the adversary makes of it, and the signatures that it must have seen
        for that."""
        found, corrupt = [], self.start.corrupt
        for e in self.faults.forgeable if self.signed else ():
            foreign = needed(e.message, self.start.rules.model.auth, corrupt)
            made = _forged(replace(self.start, spoken=foreign), e)
            found.append((e, made, foreign))
        return found

    def _arriving(self, world: int) -> bool:
        return any(
            (e.src, e.dst) not in self.start.cuts
            for i in range(len(self.pids))
            if not self.body(i, world).down
            for e in self.network.heads(i, world)
        )

    def _unsent(self, world: int) -> Iterator[Move]:
        """What a node that is down was about to send may not have gone out."""
        down = {p for i, p in enumerate(self.pids) if self.body(i, world).down}
        for i in range(len(self.pids)) if down else ():
            for e in list(self.network.heads(i, world)):
                if e.src in down:
                    yield Move((Drop(e),), self.network.take(e, world))

    def _tick(self, world: int) -> Move:
        """All that are up hear it in one step; what was for those that are down is lost."""
        delta = 0
        sent: list[Envelope] = []
        told = self.behaviour.no_traces
        for i in range(len(self.pids)):
            number = self.bodies[i].of(world)
            if not self.behaviour.bodies[i][number].down:
                reaction = self._reaction(i, world, number, Tick())
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
        field = self.budgets.get(budget)
        return getattr(self.faults, budget) is None if field is None else bool(bits & field.mask)

    def _cost(self, budget: str) -> int:
        field = self.budgets.get(budget)
        return 0 if field is None else -(1 << field.at)


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
