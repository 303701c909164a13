"""Playback of a scenario's script: one step after the other, each followed by its expectations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from playground.protocol.roles import part_of, stack
from playground.session import catalog
from playground.session import commands as c
from playground.session.errors import BadInput, Place, unknown
from playground.session.grammar import parse
from playground.session.history import Branch
from playground.session.notation import Misfit, fields_of, value
from playground.session.scenario import Scenario, ScenarioFile, Step
from playground.session.session import Session
from playground.session.state import cost
from playground.values import text

OTHERS = ("in_flight", "messages", "outside", "refused")
COSTS = ("total", "delays", "first_decision", "stable_writes", "write_delays")


@dataclass(frozen=True)
class Expectation:
    """What a scenario says must be true, and what is.  `step` counts from 1; 0 is the end."""

    step: int
    what: str
    expected: str
    got: str
    ok: bool


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
            protocol = catalog.load(self.scenario.protocol)
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
        step = self.scenario.step[number]
        taken = range(first, self.session.history.step + 1)
        return Played(number + 1, step, taken, self._check(number, step))

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
        found = []
        for what, expected in self.scenario.end.items():
            try:
                found += expectations(self.session, 0, what, expected)
            except BadInput as error:
                raise error.at(self.file.place("end", what)) from None
        return found

    def _check(self, number: int, step: Step) -> list[Expectation]:
        found = []
        for what, expected in step.expect.items():
            try:
                found += expectations(self.session, number + 1, what, expected)
            except BadInput as error:
                raise error.at(self.file.place("step", number, "expect", what)) from None
        return found

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
        """Everything that is expected must be known, also where a run will not come to it."""
        for number, step in enumerate(self.scenario.step):
            for what in step.expect:
                self._check_name(what, "step", number, "expect", what)
            if step.ask and step.ask.answer not in step.ask.choices:
                place = self.file.place("step", number, "ask", "answer")
                raise BadInput(f"the answer {step.ask.answer!r} is none of the choices", place)
        for what in self.scenario.end:
            self._check_name(what, "end", what)

    def _check_name(self, what: str, *path: str | int) -> None:
        try:
            check_expectation(self.session, what)
        except BadInput as error:
            raise error.at(self.file.place(*path)) from None

    def _setup_place(self, error: BadInput) -> Place:
        for name in self.scenario.setup:
            if f"{name!r}" in error.sentence or f"argument {name}:" in error.sentence:
                return self.file.place("setup", name)
        return self.file.place("setup")


def expectations(session: Session, step: int, what: str, expected: Any) -> list[Expectation]:
    """Compare one expectation with the present moment.  Raises BadInput if it makes no sense."""
    check_expectation(session, what)
    if what == "in_flight":
        return _counts(step, what, expected, _in_flight(session))
    if what == "messages":
        return _counts(step, what, expected, cost(session.state)["messages"])
    if what == "outside":
        return [_outside(session, step, expected)]
    if what == "refused":
        return [_refused(session, step, line) for line in _lines(what, expected)]
    if what in COSTS:
        got = cost(session.state)[what]
        return [Expectation(step, what, text(expected), text(got), got == expected)]
    if what in session.world.nodes:
        got = "down" if what in session.world.down else "up"
        return [Expectation(step, what, str(expected), got, got == expected)]
    if what.partition(".")[0] in session.world.nodes:
        return [_field(session, step, what, expected)]
    name = session.protocol.property(what).name
    got = session.verdicts()[name]
    return [Expectation(step, what, str(expected), got, got == expected)]


def check_expectation(session: Session, what: str) -> None:
    """Raises BadInput if nothing of this name can be expected here."""
    world = session.world
    pid, _, field = what.partition(".")
    if what in (*OTHERS, *COSTS, *world.nodes):
        return
    if field and pid in world.nodes:
        known = (
            *(".".join((*p, n)) for p, part in stack(world.nodes[pid]) for n in part.names()),
            "output",
        )
        if field not in known:
            raise BadInput(unknown(f"field of {pid}", field, known))
        return
    try:
        session.protocol.property(what)
    except BadInput:
        if field:
            raise BadInput(unknown("node", pid, world.rules.pids)) from None
        names = [p.name for p in session.properties]
        known = (*names, *OTHERS, *COSTS, *world.rules.pids)
        raise BadInput(unknown("expectation", what, known)) from None


def _field(session: Session, step: int, what: str, expected: Any) -> Expectation:
    pid, _, field = what.partition(".")
    if field == "output":
        told = session.state.told.get(pid)
        got = text(told.output if told else None)
        return Expectation(step, what, str(expected), got, got == str(expected))
    *path, name = field.split(".")
    node = part_of(session.world.nodes[pid], tuple(path))
    kind = fields_of(type(node))[name]
    line = expected if isinstance(expected, str) else text(expected)
    try:
        wanted = value(line, kind, session.protocol.events)
    except Misfit as misfit:
        raise BadInput(f"{what}: {misfit.sentence}") from None
    got = getattr(node, name)
    return Expectation(step, what, text(wanted), text(got), wanted == got)


def _in_flight(session: Session) -> Counter[str]:
    return Counter(type(f.envelope.message).__name__ for f in session.state.in_flight())


def _counts(step: int, what: str, expected: Any, got: Mapping[str, int]) -> list[Expectation]:
    """A table {kind: count}; an empty one means none at all, a number means all kinds together."""
    total = sum(got.values())
    if isinstance(expected, int):
        return [Expectation(step, what, str(expected), str(total), total == expected)]
    if not isinstance(expected, Mapping):
        raise BadInput(f"{what} takes a number or a table, as in {{ Accept = 3 }}")
    if not expected:
        return [Expectation(step, what, "0", str(total), not total)]
    return [
        Expectation(step, f"{what}.{kind}", str(n), str(got.get(kind, 0)), got.get(kind, 0) == n)
        for kind, n in expected.items()
    ]


def _outside(session: Session, step: int, expected: Any) -> Expectation:
    """Each entry names an assumption, or says how it was left; all that was left must be named."""
    left = {o.breach for o in session.state.outside}
    wanted = [e.lower() for e in _lines("outside", expected)]
    ok = all(b.assumption in wanted or b.what.lower() in wanted for b in left) and all(
        any(w in (b.assumption, b.what.lower()) for b in left) for w in wanted
    )
    return Expectation(step, "outside", _listed(expected), _listed(session.outside()), ok)


def _refused(session: Session, step: int, line: str) -> Expectation:
    """A line of the notation that can't be carried out now, and why."""
    why = session.refusal(line)
    return Expectation(step, "refused", line, why or "possible", why is not None)


def _lines(what: str, expected: Any) -> list[str]:
    if isinstance(expected, list) and all(isinstance(e, str) for e in expected):
        return expected
    example = '["auth"]' if what == "outside" else '["forge Accept p2>a1 n=(9, p2) value=X"]'
    raise BadInput(f"{what} takes a list of texts, as in {example}")


def _listed(entries: list[str]) -> str:
    return ", ".join(entries) or "nothing"
