"""Tells a scenario's playback as plain text."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence

from playground.cli.narrate import expectation, sentences
from playground.cli.out import costs, listed, say
from playground.session.cells import plain, prose
from playground.session.events import Event
from playground.session.expectations import Expectation
from playground.session.playback import Playback, Played
from playground.session.state import cost
from playground.session.view import judged, property_rows


class Teller:
    """`speed` is in events per second; None: without a pause."""

    def __init__(self, playback: Playback, speed: float | None = None) -> None:
        self._playback = playback
        self._pause = 1 / speed if speed else 0.0

    def play(self, until: int | None = None) -> int:
        """To the end, or to the step `until` of the script; returns the exit status."""
        playback = self._playback
        try:
            self._open()
            compared: list[Expectation] = []
            for played in playback.play(until):
                self._step(played)
                compared += played.expectations
            if playback.done == playback.total:
                compared += playback.end()
            return self._close(compared)
        except KeyboardInterrupt:
            told = f"Interrupted at step {playback.done} of {playback.total}."
            raise KeyboardInterrupt(told) from None

    def _open(self) -> None:
        scenario = self._playback.scenario
        say(f"{scenario.title}. A scenario of {scenario.protocol}.", "bold")
        _paragraphs(scenario.lesson)

    def _step(self, played: Played) -> None:
        say()
        first, *rest = _split(played.step.say) or [""]
        said = f"Step {played.number} of {self._playback.total}. {first}"
        say(said.rstrip(), "bold")
        for paragraph in rest:
            say(paragraph, "bold")
        if question := played.step.ask:
            say(f"Question: {question.question}")
            say(f"Possible answers: {'; '.join(question.choices)}.", indent=2)
            proof = self._playback.proof(played.number)
            shown = f" Step {proof} shows it." if proof else ""
            say(f"The answer: {question.answer}.{shown}", indent=2)
        for event in self._playback.session.past(played.taken):
            self._event(event)
        for compared in played.expectations:
            say(expectation(compared), "" if compared.ok else "bad", indent=2, hang=2)

    def _event(self, event: Event) -> None:
        style = "bad" if event.broken else "warn" if event.outside else ""
        say(f"{event.n}. {' '.join(sentences(event))}", style, indent=2, hang=len(str(event.n)) + 2)
        if self._pause:
            sys.stdout.flush()
            time.sleep(self._pause)

    def _close(self, compared: Sequence[Expectation]) -> int:
        say()
        say("At the end:" if self._playback.done == self._playback.total else "So far:", "bold")
        for e in compared:
            if not e.step and not e.ok:
                say(expectation(e), "bad", indent=2, hang=2)
        for line in self._summary():
            say(line, indent=2, hang=2)
        return _judge(compared)

    def _summary(self) -> Iterable[str]:
        session = self._playback.session
        words: dict[str, list[str]] = {}
        for name, word in session.verdicts().items():
            words.setdefault(word, []).append(name)
        for said, names in words.items():
            if said != "violated":
                yield f"{said.capitalize()}: {listed(names)}."
        for row in property_rows(session, session.verdicts()):
            if row.word == "violated":
                yield f"Violated: {row.name}, {judged(row, session.outside())}."
        yield f"Outside the model: {listed(session.outside() or ['nothing'])}."
        yield costs(cost(session.state))


def _judge(compared: Sequence[Expectation]) -> int:
    failed = [e for e in compared if not e.ok]
    if not compared:
        say("Nothing was expected.")
    elif failed:
        where = listed(dict.fromkeys(f"step {e.step}" if e.step else "the end" for e in failed))
        say(f"{len(failed)} of {len(compared)} expectations are not met: see {where}.", "bad")
    else:
        say(_met(len(compared)), "good")
    return int(bool(failed))


def _met(count: int) -> str:
    return "The one expectation is met." if count == 1 else f"All {count} expectations are met."


def _paragraphs(text: str) -> None:
    for paragraph in _split(text):
        say(paragraph)


def _split(text: str) -> list[str]:
    """The paragraphs, each as one line, without the marks of Markdown."""
    return [plain(prose(p)) for p in text.split("\n\n") if p.strip()]
