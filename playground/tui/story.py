"""What the story pane says: where the script is, what it asks, what it expected."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from playground.session.cells import Line, line, prose, visible
from playground.session.expectations import Expectation
from playground.session.playback import Played
from playground.session.scenario import Question
from playground.tui.game import Game
from playground.tui.lazy import later

if TYPE_CHECKING:
    from playground.session import page_text
    from playground.session.answers import Answer, Trail
    from playground.session.catalog import ProtocolFile
else:
    page_text = later("playground.session.page_text")


class Story:
    """Follows the script of a game.  A question is asked first, and answered at the next `next`."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._failed: dict[int, list[Expectation]] = {}
        self._answered: set[int] = set()
        self.trail: Trail | None = None  # what a search has found

    @property
    def heading(self) -> str:
        if self.trail is not None and (done := self.trail.at(self._game.session)) is not None:
            return f"{self.trail.answer.name} · {done} of {len(self.trail.answer.told)}"
        playback = self._game.playback
        if playback is None:
            return "narration"
        return f"narration · {playback.done} of {playback.total}"

    def reveal(self) -> bool:
        """Answer the question that is open; False if there is none."""
        question, number = self._question()
        if question is None or number in self._answered:
            return False
        self._answered.add(number)
        return True

    def heard(self, played: Played) -> list[Expectation]:
        """Remember how a step went; returns the expectations that it did not meet."""
        failed = [e for e in played.expectations if not e.ok]
        self._failed[played.number] = failed
        self._answered.discard(played.number)
        return failed

    @property
    def question(self) -> Question | None:
        """What the present step of the script asks."""
        return self._question()[0]

    @property
    def answered(self) -> bool:
        """Has the answer been shown?"""
        return self._question()[1] in self._answered

    @property
    def proof(self) -> int | None:
        """The step that shows the answer, once it is given."""
        question, number = self._question()
        if question is None or number not in self._answered or self._game.playback is None:
            return None
        return self._game.playback.proof(number)

    @property
    def open(self) -> bool:
        """Is there a question whose answer has not been shown?"""
        return self.question is not None and not self.answered

    def told(self) -> list[Line]:
        """The narration of the present step alone; before the first one, what it is all about."""
        playback = self._game.playback
        assert playback is not None
        if not playback.done:
            return paragraphs(playback.scenario.lesson)
        return paragraphs(playback.scenario.step[playback.done - 1].say)

    def _question(self) -> tuple[Question | None, int]:
        playback = self._game.playback
        if playback is None or not playback.done:
            return None, 0
        return playback.scenario.step[playback.done - 1].ask, playback.done

    def lines(self) -> list[Line]:
        if self.trail is not None and (done := self.trail.at(self._game.session)) is not None:
            return way(self.trail.answer, done)
        playback = self._game.playback
        if playback is None:
            return self._protocol
        done = playback.done
        if not done:
            return self._opening()
        step = playback.scenario.step[done - 1]
        lines = paragraphs(step.say) if step.say else []
        lines += self._asked()
        lines += [failure(e) for e in self._failed.get(done, [])]
        lines += [()] if lines else []
        lines += [line(("did ", "dim"), (visible(each), "code")) for each in step.do]
        if done == playback.total:
            lines += [(), line(("That was the whole script. ", "strong"), "Go on as you like.")]
        return lines

    @property
    def asking(self) -> bool:
        """Does the present step ask something?"""
        return self._question()[0] is not None

    def _asked(self) -> list[Line]:
        question, number = self._question()
        if question is None:
            return []
        lines: list[Line] = [(), line(("? ", "now"), *prose(question.question))]
        known = number in self._answered
        for choice in question.choices:
            right = known and choice == question.answer
            mark = ("  ✓ ", "good") if right else ("  · ", "dim")
            lines.append(line(mark, (visible(choice), "good" if right else "")))
        if not known:
            lines.append(line(("  space shows the answer", "dim")))
        return lines

    def _opening(self) -> list[Line]:
        playback = self._game.playback
        assert playback is not None
        scenario = playback.scenario
        lines = [line((visible(scenario.title), "strong")), *paragraphs(scenario.lesson)]
        if scenario.seeds:
            lines.append(line((f"From {', '.join(map(visible, scenario.seeds))}.", "dim")))
        return [*lines, (), line(("space ", "key"), "begins.")]

    @cached_property
    def _protocol(self) -> list[Line]:
        """Without a script: the promise of the protocol, and how to begin."""
        protocol = self._game.session.protocol
        lines = [line((visible(protocol.title), "strong")), *promise(protocol)]
        hint = line(
            ("space ", "key"),
            "takes a step, ",
            ("enter ", "key"),
            "delivers, ",
            ("? ", "key"),
            "tells all keys.",
        )
        return [hint, (), *lines]


def promise(protocol: ProtocolFile) -> list[Line]:
    """The docstring of a protocol, a line for each of its paragraphs and sections."""
    lines: list[Line] = []
    for label, texts in page_text.sections(protocol.doc):
        head = line((f"{label}. " if label else "", "strong"))
        lines += [(), (*head, *prose(texts[0])), *map(prose, texts[1:])]
    return lines


def way(answer: Answer, done: int) -> list[Line]:
    """Where one is on a way that was found: what has just happened, and what comes next."""
    total = len(answer.told)
    head = line((visible(answer.head), "bad" if answer.bug else "strong"))
    lines = [prose(answer.told[done - 1])] if done else [head]
    if done < total:
        following = (visible(answer.lines[done]), "code"), (f", {done + 1} of {total}", "dim")
        return [*lines, (), line(("space ", "key"), *following)]
    grounds = [line((visible(each), "dim")) for each in answer.grounds]
    return [*lines, (), head, *grounds, line(("u ", "key"), "goes back, step by step.")]


def paragraphs(text: str) -> list[Line]:
    """Markdown paragraphs and lists, a line each."""
    lines: list[Line] = []
    for block in text.strip().split("\n\n"):
        part: list[str] = []
        for row in block.splitlines():
            if row.lstrip().startswith(("- ", "* ")) and part:
                lines.append(prose(" ".join(part)))
                part = []
            part.append(row)
        lines.append(prose(" ".join(part)))
    return lines


def failure(expected: Expectation) -> Line:
    return line(
        ("✗ expected ", "bad"),
        f"{visible(expected.what)} = {visible(expected.expected)}, ",
        ("and it is ", "bad"),
        visible(expected.got),
    )
