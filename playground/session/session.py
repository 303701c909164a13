"""A session: one protocol, set up, with a present moment and a history, driven by commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from playground.core import (
    CannotStep,
    Crash,
    Elapse,
    Heal,
    Recover,
    Tick,
    World,
    begin,
)
from playground.core.monitor import Monitor
from playground.protocol import Map, Model, Property
from playground.session import commands as c
from playground.session.branch import Branch
from playground.session.catalog import ProtocolFile
from playground.session.deeds import (
    CrashInStep,
    Deed,
    OnFlight,
    ReplayMessage,
    Verb,
    advance,
    start,
)
from playground.session.errors import BadInput
from playground.session.events import Event, tell
from playground.session.grammar import parse
from playground.session.history import LAST, History, uninterrupted
from playground.session.oracle import truth
from playground.session.resolve import Resolver
from playground.session.schedule import (
    OUT_OF_ORDER,
    Chance,
    Fair,
    Schedule,
    scheduled,
    why_not,
)
from playground.session.state import Flight, State
from playground.session.verdicts import PATIENCE, FairRun, Slowly, Word, at_once, verdicts
from playground.values import replace


class Session:
    """Commands go in, moments come out.  Bad commands raise BadInput and change nothing."""

    def __init__(
        self,
        protocol: ProtocolFile,
        setup: Mapping[str, Any] = Map(),
        model: Model | None = None,
    ) -> None:
        self.setup = dict(setup)
        self.nodes = protocol.setup(setup)
        self.protocol = protocol.over(self.nodes)
        self.properties: tuple[Property, ...] = protocol.properties
        observed = dict.fromkeys(o for p in self.properties for o in p.sees)
        try:
            world = begin(self.nodes, model or protocol.model(self.nodes), observed)
            self.monitor = Monitor(self.properties, world.rules.observed)
            self.history = History(start(world, self.monitor), self.monitor)
        except CannotStep as error:
            raise BadInput(f"{protocol.name} can't be set up: {error}") from error
        self.resolver = Resolver(self.protocol, world.rules.pids)
        self._judged: tuple[State, dict[str, Word]] | None = None
        self._fair: tuple[State | None, Fair] = None, Fair()  # it has led to this state
        self.listeners: list[Callable[[str], None]] = []  # hear each command that was carried out

    @property
    def state(self) -> State:
        return self.history.state

    @property
    def world(self) -> World:
        return self.history.state.world

    def say(self, line: str) -> range:
        """Carry out one line of the notation."""
        return self.do(parse(line))

    def do(self, command: c.Command) -> range:
        """Carry out a command, wholly or not at all.  Returns the numbers of the steps taken, which
        `past` tells; moves through the history take none."""
        mark = self.history.mark()
        try:
            self._carry_out(command)
        except CannotStep as error:
            self.history.roll_back(mark)
            raise BadInput(str(error)) from error
        except BadInput:
            self.history.roll_back(mark)
            raise
        self.tell(command)
        moved = isinstance(command, c.Undo | c.Redo | c.GoTo)
        return range(0) if moved else range(mark.step + 1, self.history.step + 1)

    def tell(self, command: c.Command) -> None:
        """This was carried out, and may have begun a branch."""
        for branch in self.history.branches[1:]:
            branch.begun = branch.begun or str(command)
        for listener in self.listeners:
            listener(str(command))

    def refusal(self, line: str) -> str | None:
        """Why this can't be done now, or None if it can.  Nothing is done; a line that makes no
        sense raises BadInput."""
        deeds = list(self._deeds(parse(line)))
        try:
            for deed in deeds:
                advance(self.state, deed, self.monitor)
        except CannotStep as error:
            return str(error)
        return None

    def verdicts(self) -> dict[str, Word]:
        """One word for each property, of the run that led here."""
        return at_once(self.judging())

    def judging(self) -> Slowly[dict[str, Word]]:
        """The verdicts, made step by step: they may take a second, and a screen has keys to wait
        for.  Not to be gone on with once the session is elsewhere."""
        if self._judged is None or self._judged[0] is not self.state:
            words = yield from verdicts(self.history, self.properties)
            self._judged = self.state, words
        return dict(self._judged[1])

    def outside(self) -> list[str]:
        """The assumptions that the run has left, each told once, in the order of leaving."""
        return list(dict.fromkeys(o.breach.what for o in self.state.outside))

    def last(self) -> Event | None:
        """What happened in the step that led here; None at the start."""
        result = self.history.again()
        if result is None:
            return None
        step = self.state.step
        return tell(self.history.at(step - 1), self.history.deed(step), result)

    def past(self, steps: range | None = None) -> Iterator[Event]:
        """These steps of this line (by default all that led here), told."""
        steps = range(1, self.state.step + 1) if steps is None else steps
        if not steps:
            return
        before = self.history.at(steps[0] - 1)
        for step, result in self.history.walk(steps[0], steps[-1]):
            yield tell(before, self.history.deed(step), result)
            before = result.state

    def _carry_out(self, command: c.Command) -> None:
        match command:
            case c.OnMessages(verb, which):
                self._on_messages(verb, which)
            case c.Step():
                if not self._step():
                    raise BadInput("nothing can happen now; ask, recover or heal something")
            case c.Run(_, steps):
                self.run(scheduled(command), steps)
            case c.Finish():
                self._finish()
            case c.Undo(steps):
                self.history.undo(steps)
            case c.Redo(steps):
                self.history.redo(steps)
            case c.GoTo(where):
                branch, step = self.moment(where)
                self.history.go(step, branch)
            case c.Bookmark(name):
                self.history.bookmark(name)
            case _:
                for deed in self._deeds(command):
                    self.history.do(deed)

    def _deeds(self, command: c.Command) -> Iterable[Deed]:
        state = self.state
        match command:
            case c.Edit():
                return [self.resolver.edit(state, command)]
            case c.Forge():
                return self.resolver.forge(command)
            case c.Replay(name):
                return [self._replay(name)]
            case c.Fire():
                return self.resolver.fire(state, command)
            case c.Ask():
                return [self.resolver.ask(command)]
            case c.Oracle():
                return self.resolver.oracle(state, command)
            case c.Crash(pid, after):
                return [self._crash(self.resolver.node(pid), after)]
            case c.Recover(pid, amnesia):
                return [Recover(self.resolver.node(pid), amnesia)]
            case c.Cut():
                return [self.resolver.cut(command)]
            case c.Heal():
                return [self.resolver.heal(state, command)]
            case c.Corrupt():
                return [self.resolver.corrupt(state, command)]
            case c.Tick():
                return [Tick()]
            case c.Advance(by):
                return [Elapse(by)]
            case c.Clock():
                return self.resolver.clock(command)
        raise BadInput(f"{command} can't be done here")

    def _on_messages(self, verb: Verb, which: c.Selector) -> None:
        """A wild selector means those that the verb applies to; at least one."""
        if not which.wild and len(which.dsts) > 1:  # each receiver that is named must get one
            for dst in which.dsts:
                self._on_messages(verb, replace(which, dsts=(dst,)))
            return
        found = self.resolver.flights(self.state, which)
        why: str | None = None
        done = False
        for flight in found:
            why = self._objection(verb, flight, which.wild)
            if why is None:
                self.history.do(OnFlight(verb, flight.key))
                done = True
            elif not which.wild:
                raise BadInput(f"can't {verb} {flight.name} {flight.envelope}: {why}")
        if not done:
            raise BadInput(f"can't {verb} any {which}; {found[-1].name} can't be, since {why}")

    def _objection(self, verb: Verb, flight: Flight, wild: bool) -> str | None:
        """Why the verb does not apply to this copy.  To break the order of a FIFO link is possible,
        and outside, but never what a wild selector means."""
        if verb == "deliver":
            why = why_not(self.state, flight)
            return None if why is not None and not wild and why.startswith(OUT_OF_ORDER) else why
        if verb in ("hold", "release") and flight.held == (verb == "hold"):
            return "it is held" if flight.held else "it is not held"
        return None

    def _crash(self, pid: str, after: int | None) -> Deed:
        """A crash after some effects cuts short the step that `pid` has just taken; if it has
        taken none, its next."""
        if after is None:
            return Crash(pid)
        last = self.history.again()
        ran = last is not None and any(h.pid == pid for h in last.step.happenings)
        if ran and not isinstance(self.history.deed(self.state.step), CrashInStep):
            return CrashInStep(pid, after)
        return Crash(pid, after)

    def _replay(self, name: str) -> ReplayMessage:
        """The message of this name is looked up in the past, where it was sent."""
        number = int(name.strip("m'"))
        if not 1 <= number <= self.state.numbers:
            known = f"; there are m1 to m{self.state.numbers}" if self.state.numbers else ""
            raise BadInput(f"no message {name} has been sent yet{known}")
        low, high = 0, self.state.step
        while low < high:
            middle = (low + high) // 2
            if self.history.at(middle).numbers >= number:
                high = middle
            else:
                low = middle + 1
        sent = self.history.at(low).flight(f"m{number}")
        if sent is None:
            raise BadInput(f"{name} was lost as it was sent, and can't be replayed")
        return ReplayMessage(number, sent.envelope)

    def moment(self, where: str) -> tuple[Branch, int]:
        """The branch and the step that "7", a bookmark, "b2" (its end) or "b2.7" mean.  Raises
        BadInput."""
        history = self.history
        if where in history.bookmarks:
            return history.bookmarks[where]
        match = re.fullmatch(r"(?:b(\d{1,6})\.)?(\d{1,9})|b(\d{1,6})", where)
        if match is None:
            names = ", ".join(history.bookmarks) or "none yet"
            raise BadInput(f"{where} is no step and no bookmark; the bookmarks are {names}")
        number, step = match[1] or match[3], match[2]
        if number is not None and not 1 <= int(number) <= len(history.branches):
            raise BadInput(f"there is no branch {where}; the last one is b{len(history.branches)}")
        branch = history.branches[int(number) - 1] if number else history.branch
        if step is not None and int(step) > branch.tip:
            line = branch.name if number else "this line"
            raise BadInput(f"there is no step {step}; {line} has 0 to {branch.tip}")
        return branch, branch.tip if step is None else int(step)

    def run(self, schedule: Schedule, steps: int) -> int:
        """Up to so many steps of a schedule, fewer if nothing more can happen; says how many."""
        with uninterrupted():
            done = 0
            if isinstance(schedule, Fair | Chance) and steps > LAST:
                done = self.history.run(schedule, steps - LAST)
            while done < steps and (deed := schedule.next(self.state)) is not None:
                self.history.do(deed)
                done += 1
        return done

    def _step(self) -> int:
        """One step of the schedule that led here, if one did: a new one looks through all that is
        in flight."""
        left, fair = self._fair
        if left is not self.state:
            fair = Fair()
        done = self.run(fair, 1)
        self._fair = self.state, fair
        return done

    def _finish(self) -> None:
        """Heal, release what is held, have the oracle tell the truth, and run fairly till every
        goal is reached, or nothing new happens any more."""
        if self.world.cuts:
            self.history.do(Heal())
        for flight in self.state.in_flight():
            if flight.held:
                self.history.do(OnFlight("release", flight.key))
        for belief in truth(self.world):
            self.history.do(belief)
        goals = {p.name for p in self.properties if p.kind == "eventually"}
        self.run(FairRun(lambda state: goals <= set(state.goals)), PATIENCE)
