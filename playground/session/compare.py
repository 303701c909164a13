"""Side by side: one script of faults played on several protocols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.session import catalog, expectations
from playground.session.comparison import Lane, load
from playground.session.errors import BadInput, unknown
from playground.session.expectations import Expectation, flat
from playground.session.grammar import parse
from playground.session.seats import Seating, seating
from playground.session.session import Session
from playground.values import text


@dataclass(frozen=True)
class View:
    """What can be seen of a lane: its goals by a word each, what its nodes told last, what broke,
    the lines that were refused in the last step, with the reason, and of a register who is served
    and told right."""

    goals: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, str], ...]
    broken: tuple[str, ...]
    refused: tuple[str, ...]
    seating: Seating

    def __str__(self) -> str:
        told = ", ".join(f"{pid} {what}" for pid, what in self.told)
        parts = [", ".join(f"{goal} {word}" for goal, word in self.goals), told]
        parts += [f"{pid} waits" for pid in self.seating.waiting]
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
        in whether anybody told anything, in what broke or was refused, in who is served and told
        right?"""
        views = list(self.views.values())
        shared = set.intersection(*({name for name, _ in v.goals} for v in views))
        register = all(v.seating.totals for v in views)
        seen = {
            (
                tuple(sorted((n, w) for n, w in v.goals if n in shared)),
                bool(v.told),
                bool(v.broken),
                bool(v.refused),
                tuple((s.available, s.consistent) for s in v.seating.totals if register),
            )
            for v in views
        }
        return len(seen) > 1


@dataclass(frozen=True)
class Turn:
    """Something that was done in all lanes: a step of the script, or a line that was typed.

    before  the step of its session at which each lane was
    lines   what each lane carried out
    """

    scripted: bool
    before: dict[str, int]
    lines: dict[str, tuple[str, ...]]


class SideBySide:
    """A comparison and its sessions, one for each lane."""

    def __init__(self, path: Path, lanes: list[str] | None = None) -> None:
        """With the named lanes only (by name, or by protocol), in that order; a script that has no
        lanes is for the named protocols.  Raises BadInput."""
        self.path = path
        self.file = load(path, lanes or [])
        self.comparison = self.file.comparison
        self._numbers = {lane.name: i for i, lane in enumerate(self.comparison.lane)}
        self.lanes = [*map(self._chosen, lanes)] if lanes else self.comparison.lane
        names = [lane.name for lane in self.lanes]
        for name in names:
            if names.count(name) > 1:
                raise BadInput(f"lane {name} is there twice; give each lane a name of its own")
        if len(self.lanes) < 2:
            raise BadInput(f"one lane can't be compared; there are {', '.join(self._numbers)}")
        self.sessions = {lane.name: self._opened(lane) for lane in self.lanes}
        self.turns: list[Turn] = []
        self._check()

    @property
    def total(self) -> int:
        """How many steps the script has."""
        return len(self.comparison.step)

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(turn.scripted for turn in self.turns)

    def play(self) -> Iterator[Row]:
        """The script, step by step."""
        while self.done < self.total:
            yield self.next()

    def next(self) -> Row:
        """The next step of the script, in all lanes.  Raises BadInput if there is none."""
        number = self.done
        if number == self.total:
            raise BadInput("that was the whole script")
        step = self.comparison.step[number]
        refused = self._turn(step.do, scripted=True)
        compared = [
            (name, e)
            for name, session in self.sessions.items()
            for what, expected in flat(session, step.expect.get(name, {}))
            for e in expectations.compare(session, number + 1, what, expected)
        ]
        return Row(number + 1, step.say, self._views(refused), compared)

    def say(self, line: str) -> Row:
        """A line of the notation, in which lanes may have words of their own, in all lanes.  Raises
        BadInput, and nothing is done, if it makes no sense or all refuse it."""
        for lane in self.lanes:
            for meant in self._meant(lane, line):
                parse(meant)
        refused = self._turn([line], scripted=False)
        if all(refused.values()):
            self.back()
            raise BadInput(next(iter(refused.values()))[0])
        return Row(self.done, line, self._views(refused), [])

    def back(self) -> bool:
        """Undo what was done last, in all lanes; False if there is nothing."""
        if not self.turns:
            return False
        for name, step in self.turns.pop().before.items():
            self.sessions[name].history.go(step)
        return True

    def copy(self, name: str) -> Session:
        """A session that is where this lane is, and goes its own way from there."""
        lane = next(lane for lane in self.lanes if lane.name == name)
        session = self._opened(lane)
        for line in (line for turn in self.turns for line in turn.lines[name]):
            session.say(line)
        return session

    def _turn(self, lines: list[str], scripted: bool) -> dict[str, tuple[str, ...]]:
        """Do these, in all lanes; tells what each of them refused."""
        turn = Turn(scripted, {name: s.state.step for name, s in self.sessions.items()}, {})
        refused = {}
        for lane in self.lanes:
            done, refused[lane.name] = self._do(lane, lines)
            turn.lines[lane.name] = done
        self.turns.append(turn)
        return refused

    def _views(self, refused: dict[str, tuple[str, ...]]) -> dict[str, View]:
        return {name: look(s, refused.get(name, ())) for name, s in self.sessions.items()}

    def end(self) -> list[tuple[str, Expectation]]:
        """What each lane is expected to come to, compared with what it is."""
        return [
            (lane.name, e)
            for lane in self.lanes
            for what, expected in flat(self.sessions[lane.name], lane.end)
            for e in expectations.compare(self.sessions[lane.name], 0, what, expected)
        ]

    def _do(self, lane: Lane, lines: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines that a lane carried out, in its own words, and what was wrong with the rest."""
        done, refused = [], []
        for line in (meant for written in lines for meant in self._meant(lane, written)):
            try:
                self.sessions[lane.name].do(parse(line))
                done.append(line)
            except BadInput as error:
                refused.append(error.sentence)
        return tuple(done), tuple(refused)

    def _meant(self, lane: Lane, line: str, *keys: str | int) -> list[str]:
        """A line in the words of a lane: none or several, if it is one word.  `keys` say where in
        the file it stands."""
        for word in re.findall(r"\$(\w+)", line):
            if word not in lane.words:
                sentence = unknown(f"word of lane {lane.name}", word, lane.words)
                raise BadInput(sentence, self.file.place(*keys) if keys else None)
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
            where = self.file.place("lane", self._numbers[lane.name])
            raise error.at(where) from None

    def _check(self) -> None:
        """Every line must be of the notation, and every expectation known, in every lane."""
        for number, step in enumerate(self.comparison.step):
            for name in step.expect:
                if name not in self._numbers:
                    where = self.file.place("step", number, "expect", name)
                    raise BadInput(unknown("lane", name, self._numbers), where)
            for lane in self.lanes:
                for i, written in enumerate(step.do):
                    for line in self._meant(lane, written, "step", number, "do", i):
                        self._parsed(line, "step", number, "do", i)
                expected = step.expect.get(lane.name, {})
                self._known(lane, expected, "step", number, "expect", lane.name)
        for lane in self.lanes:
            self._known(lane, lane.end, "lane", self._numbers[lane.name], "end")

    def _parsed(self, line: str, *keys: str | int) -> None:
        try:
            parse(line)
        except BadInput as error:
            raise error.at(self.file.place(*keys)) from None

    def _known(self, lane: Lane, table: dict[str, Any], *keys: str | int) -> None:
        session = self.sessions[lane.name]
        for what, expected in flat(session, table):
            try:
                expectations.check(session, what, expected)
            except BadInput as error:
                raise error.at(self.file.place(*keys, what)) from None


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
        broken=tuple(name for name, word in words.items() if word == "violated"),
        refused=refused,
        seating=seating(session),
    )
