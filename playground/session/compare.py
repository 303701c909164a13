"""Side by side: one script of faults played on several protocols.

A comparison file names lanes, each a protocol with its set-up, and has steps as a scenario does.
What is called differently in the protocols is a word of the script, `$leader`, and each lane says
what it means there: a name, or whole lines of the notation, or "" where there is no such thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from playground.protocol import registers
from playground.session import catalog, expectations, scenarios
from playground.session.errors import BadInput, unknown
from playground.session.expectations import Expectation, flat
from playground.session.files import place, read, text_of
from playground.session.grammar import parse
from playground.session.scenario import Assumptions
from playground.session.session import Session
from playground.values import text

Words = dict[str, str | list[str]]


class Lane(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    protocol: str
    setup: dict[str, Any] = {}
    model: Assumptions = msgspec.field(default_factory=Assumptions)
    words: Annotated[Words, msgspec.Meta(description="what the words of the script mean here")] = {}
    end: Annotated[dict[str, Any], msgspec.Meta(description="what must be true at the end")] = {}


class Step(msgspec.Struct, forbid_unknown_fields=True):
    say: str = ""
    do: list[str] = []
    expect: dict[str, dict[str, Any]] = {}  # by the name of the lane


class Comparison(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    lane: Annotated[list[Lane], msgspec.Meta(min_length=2)]
    step: list[Step]
    lesson: str = ""
    seeds: list[str] = []


@dataclass(frozen=True)
class View:
    """What can be seen of a lane: its goals by a word each, what its nodes told last, which clients
    of a register are not served, what broke, and the lines that were refused in the last step, with
    the reason."""

    goals: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, str], ...]
    waiting: tuple[str, ...]
    broken: tuple[str, ...]
    refused: tuple[str, ...]

    def __str__(self) -> str:
        told = ", ".join(f"{pid} {what}" for pid, what in self.told)
        parts = [", ".join(f"{goal} {word}" for goal, word in self.goals), told]
        parts += [f"{pid} waits" for pid in self.waiting]
        parts += [f"{name} violated" for name in self.broken]
        parts += [f"refused: {line}" for line in self.refused]
        return "; ".join(p for p in parts if p) or "nothing yet"


@dataclass(frozen=True)
class Row:
    """A step of the script in all lanes, and what was expected of them."""

    number: int
    say: str
    views: dict[str, View]
    expectations: list[tuple[str, Expectation]]

    @property
    def differs(self) -> bool:
        """Do the lanes differ in what they came to: in the word of a goal that all of them have,
        in whether anybody told anything, in what broke or was refused?"""
        views = list(self.views.values())
        shared = set.intersection(*({name for name, _ in v.goals} for v in views))
        seen = {
            (
                tuple(sorted((n, w) for n, w in v.goals if n in shared)),
                bool(v.told),
                bool(v.broken),
                bool(v.refused),
            )
            for v in views
        }
        return len(seen) > 1


class SideBySide:
    """A comparison and its sessions, one for each lane."""

    def __init__(self, path: Path, lanes: list[str] | None = None) -> None:
        """With the named lanes only (by name, or by protocol), in that order.  Raises BadInput."""
        self.path = path
        self.source = text_of(path)
        self.comparison = read(self.source, path, Comparison)
        self._numbers = {lane.name: i for i, lane in enumerate(self.comparison.lane)}
        self.lanes = [self._chosen(name) for name in lanes or self._numbers]
        if len(self.lanes) < 2:
            raise BadInput(f"one lane can't be compared; there are {', '.join(self._numbers)}")
        self.sessions = {lane.name: self._opened(lane) for lane in self.lanes}
        self._check()

    def play(self) -> Iterator[Row]:
        """The script, step by step."""
        for number, step in enumerate(self.comparison.step):
            views: dict[str, View] = {}
            compared: list[tuple[str, Expectation]] = []
            for lane in self.lanes:
                session = self.sessions[lane.name]
                views[lane.name] = look(session, self._do(session, lane, number, step))
                for what, expected in flat(session, step.expect.get(lane.name, {})):
                    found = expectations.compare(session, number + 1, what, expected)
                    compared += [(lane.name, e) for e in found]
            yield Row(number + 1, step.say, views, compared)

    def end(self) -> list[tuple[str, Expectation]]:
        """What each lane is expected to come to, compared with what it is."""
        return [
            (lane.name, e)
            for lane in self.lanes
            for what, expected in flat(self.sessions[lane.name], lane.end)
            for e in expectations.compare(self.sessions[lane.name], 0, what, expected)
        ]

    def _do(self, session: Session, lane: Lane, number: int, step: Step) -> tuple[str, ...]:
        """Carry out the lines of a step; returns those that were refused here."""
        refused = []
        for i, written in enumerate(step.do):
            for line in self._meant(lane, written, number, i):
                try:
                    session.do(parse(line))
                except BadInput as error:
                    refused.append(error.sentence)
        return tuple(refused)

    def _meant(self, lane: Lane, line: str, number: int, i: int) -> list[str]:
        """A line of the script in the words of a lane: none or several, if it is one word."""
        for word in re.findall(r"\$(\w+)", line):
            if word not in lane.words:
                sentence = unknown(f"word of lane {lane.name}", word, lane.words)
                raise BadInput(sentence, place(self.source, self.path, "step", number, "do", i))
        if re.fullmatch(r"\$\w+", line):
            meant = lane.words[line[1:]]
            return meant if isinstance(meant, list) else [meant] * bool(meant)
        return [re.sub(r"\$(\w+)", lambda m: str(lane.words[m.group(1)]), line)]

    def _chosen(self, name: str) -> Lane:
        for lane in self.comparison.lane:
            if name in (lane.name, lane.protocol, lane.protocol.split("/")[-1]):
                return lane
        known = [n for lane in self.comparison.lane for n in (lane.name, lane.protocol)]
        raise BadInput(unknown(f"lane of {self.path.stem}", name, known))

    def _opened(self, lane: Lane) -> Session:
        try:
            protocol = catalog.load(lane.protocol, self.path.parent)
            model = lane.model.over(protocol.model(protocol.setup(lane.setup)))
            return Session(protocol, lane.setup, model)
        except BadInput as error:
            where = place(self.source, self.path, "lane", self._numbers[lane.name])
            raise error.at(where) from None

    def _check(self) -> None:
        """Every line must be of the notation, and every expectation known, in every lane."""
        for number, step in enumerate(self.comparison.step):
            for name in step.expect:
                if name not in self._numbers:
                    where = place(self.source, self.path, "step", number, "expect", name)
                    raise BadInput(unknown("lane", name, self._numbers), where)
            for lane in self.lanes:
                for i, written in enumerate(step.do):
                    for line in self._meant(lane, written, number, i):
                        self._parsed(line, "step", number, "do", i)
                expected = step.expect.get(lane.name, {})
                self._known(lane, expected, "step", number, "expect", lane.name)
        for lane in self.lanes:
            self._known(lane, lane.end, "lane", self._numbers[lane.name], "end")

    def _parsed(self, line: str, *keys: str | int) -> None:
        try:
            parse(line)
        except BadInput as error:
            raise error.at(place(self.source, self.path, *keys)) from None

    def _known(self, lane: Lane, table: dict[str, Any], *keys: str | int) -> None:
        session = self.sessions[lane.name]
        for what, expected in flat(session, table):
            try:
                expectations.check(session, what, expected)
            except BadInput as error:
                raise error.at(place(self.source, self.path, *keys, what)) from None


def look(session: Session, refused: tuple[str, ...] = ()) -> View:
    """What can be seen of a session now."""
    words = session.verdicts()
    goals = [p.name for p in session.properties if p.kind == "eventually"]
    told = session.state.told
    return View(
        goals=tuple((name, words[name]) for name in goals if words[name] != "violated"),
        told=tuple(
            (pid, text(told[pid].output)) for pid in session.world.rules.pids if pid in told
        ),
        waiting=tuple(_waiting(session)),
        broken=tuple(name for name, word in words.items() if word == "violated"),
        refused=refused,
    )


def _waiting(session: Session) -> list[str]:
    if not any(registers.operations in p.sees for p in session.properties):
        return []  # it is no register
    return registers.waiting(session.world)


FOLDER = scenarios.ROOT / "compare"


def names() -> list[str]:
    """The comparisons that ship."""
    return sorted(p.stem for p in FOLDER.glob("*.toml"))


def find(name: str) -> Path:
    """The file of a comparison that ships, or the one at this path.  Raises BadInput."""
    if name.endswith(".toml"):
        if not Path(name).is_file():
            raise BadInput(f"there is no file {name}")
        return Path(name)
    if name not in names():
        raise BadInput(unknown("script", name, names()))
    return FOLDER / f"{name}.toml"
