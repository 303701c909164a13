"""Playback of a scenario's script: one step after the other, each followed by its expectations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from playground.session import catalog
from playground.session import commands as c
from playground.session.branch import Branch
from playground.session.errors import BadInput, Place
from playground.session.expectations import Expectation, check, compare, flat
from playground.session.grammar import parse
from playground.session.proof import proof
from playground.session.scenario import Question, Scenario, ScenarioFile, Step
from playground.session.session import Session
from playground.values import replace


class Played(NamedTuple):
    """A step of the script that was carried out: the numbers of the session's steps that it took,
    and its expectations."""

    number: int
    step: Step
    taken: range
    expectations: list[Expectation]


class _Mark(NamedTuple):
    branch: Branch
    step: int


class Playback:
    """A scenario on its session.  The place in the script follows the session's history: after an
    undo, the steps of the script that were undone come again."""

    def __init__(self, file: ScenarioFile, seed: int | None = None) -> None:
        self.file = file
        self.scenario: Scenario = file.scenario
        self._seed = seed
        self._marks: list[_Mark] = []
        try:
            protocol = catalog.load(self.scenario.protocol, file.path.parent)
        except BadInput as error:
            raise error.at(file.place("protocol")) from None
        try:
            nodes = protocol.setup(self.scenario.setup)
            model = self.scenario.model.over(protocol.model(nodes))
            self.session = Session(protocol, self.scenario.setup, model)
        except BadInput as error:
            raise error.at(self._setup_place(error)) from None
        self._commands = [self._parsed(i, step) for i, step in enumerate(self.scenario.step)]
        self._check_names()

    @property
    def total(self) -> int:
        """How many steps the script has."""
        return len(self.scenario.step)

    @property
    def done(self) -> int:
        """How many of them have been carried out on the line where the session is."""
        history = self.session.history
        count = 0
        for mark in self._marks:
            on_line = history.branch.owner(mark.step) is mark.branch
            if mark.step > history.step or not on_line:
                break
            count += 1
        return count

    @property
    def before(self) -> int:
        """The last step of the session before this moment with which a step of the script ended, or
        0: where going back in the script leads to."""
        here = self.session.history.step
        ends = (mark.step for mark in self._marks[: self.done])
        return max((step for step in ends if step < here), default=0)

    @property
    def told(self) -> list[tuple[int, Step]]:
        """The steps of the script that are done, each with the session's step that ended it."""
        done = self._marks[: self.done]
        return [(mark.step, step) for mark, step in zip(done, self.scenario.step, strict=False)]

    def next(self) -> Played:
        """Carry out the next step of the script.  Raises BadInput, with the place in the file; what
        came before the bad line in the step stays done."""
        number = self.done
        if number >= self.total:
            raise BadInput("the script is over")
        first = self.session.history.step + 1
        for i, command in enumerate(self._commands[number]):
            try:
                self.session.do(command)
            except BadInput as error:
                raise error.at(self.file.place("step", number, "do", i)) from error
        self.mark(number)
        self.proof(number + 1)
        step = self.scenario.step[number]
        taken = range(first, self.session.history.step + 1)
        expected = self._compared(number + 1, step.expect, "step", number, "expect")
        return Played(number + 1, step, taken, expected)

    def proof(self, number: int) -> int | None:
        """The session's step that shows the answer to what the script asks in its step `number`,
        which is done; None if it names none.  Raises BadInput if there is no such step."""
        asked = self.scenario.step[number - 1].ask
        if asked is None or not asked.proof:
            return None
        step = proof(self.session, asked.proof, self._marks[number - 1].step)
        if step is None:
            place = self.file.place("step", number - 1, "ask", "proof")
            raise BadInput(f"no step up to here did {asked.proof!r}", place)
        return step

    def mark(self, number: int) -> None:
        """The first `number` steps of the script, and one more, lead to the present moment."""
        history = self.session.history
        branch = history.branch.owner(history.step)
        self._marks[number:] = [_Mark(branch, history.step)]

    def play(self, until: int | None = None) -> Iterator[Played]:
        """The steps that are left, up to the one with the number `until`."""
        while self.done < min(self.total, self.total if until is None else until):
            yield self.next()

    def end(self) -> list[Expectation]:
        """What the scenario says of its end, compared with the present moment."""
        return self._compared(0, self.scenario.end, "end")

    def _compared(self, step: int, table: dict[str, Any], *keys: str | int) -> list[Expectation]:
        found = []
        for what, expected in flat(self.session, table):
            try:
                found += compare(self.session, step, what, expected)
            except BadInput as error:
                raise error.at(self._place(what, *keys)) from None
        return found

    def _place(self, what: str, *keys: str | int) -> Place:
        """Where an expectation stands, its key in quotes or not."""
        place = self.file.place(*keys, what)
        return (
            place if place != self.file.place(*keys) else self.file.place(*keys, *what.split("."))
        )

    def _parsed(self, number: int, step: Step) -> list[c.Command]:
        parsed = []
        for i, line in enumerate(step.do):
            try:
                command = parse(line)
            except BadInput as error:
                raise error.at(self.file.place("step", number, "do", i)) from None
            if isinstance(command, c.Run) and command.policy == "random" and self._seed is not None:
                command = replace(command, seed=self._seed)
            parsed.append(command)
        return parsed

    def _check_names(self) -> None:
        """Everything that is named must be known, also where a run will not come to it."""
        for number, step in enumerate(self.scenario.step):
            for i, command in enumerate(self._commands[number]):
                try:
                    self.session.resolver.check(command)
                except BadInput as error:
                    raise error.at(self.file.place("step", number, "do", i)) from None
            self._check_expected(step.expect, "step", number, "expect")
            if step.ask and step.ask.answer not in step.ask.choices:
                place = self.file.place("step", number, "ask", "answer")
                raise BadInput(f"the answer {step.ask.answer!r} is none of the choices", place)
            self._check_proof(number, step.ask)
        self._check_expected(self.scenario.end, "end")

    def _check_proof(self, number: int, asked: Question | None) -> None:
        if asked is not None and asked.proof:
            try:
                self.session.resolver.check(parse(asked.proof))
            except BadInput as error:
                raise error.at(self.file.place("step", number, "ask", "proof")) from None

    def _check_expected(self, table: dict[str, Any], *keys: str | int) -> None:
        for what, expected in flat(self.session, table):
            try:
                check(self.session, what, expected)
            except BadInput as error:
                raise error.at(self._place(what, *keys)) from None

    def _setup_place(self, error: BadInput) -> Place:
        for name in self.scenario.setup:
            if f"{name!r}" in error.sentence or f"argument {name}:" in error.sentence:
                return self.file.place("setup", name)
        return self.file.place("setup")
