"""Recorded histories of Jepsen, Knossos and Porcupine, as operations that a checker can judge.

Their words: `:invoke` is a call; `:ok` its answer, and it did happen; `:fail`, it did not happen;
`:info`, nobody knows, and it may still happen, as may a call without any of these.  In a log
`:fail :cas [2 3]` is an answer: the comparison failed.  `:fail :read :timed-out` says nothing
there, and whatever else timed out may still happen.

Source  jepsen.io, knossos.core; the logs and key-value histories that come with Porcupine.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playground.formats.edn import Keyword
from playground.formats.entries import Entry, Notation, entries, open_source
from playground.formats.models import MODELS, Model, guess
from playground.formats.places import Source
from playground.histories.errors import BadHistory
from playground.histories.history import Operation, Recorder, named, said
from playground.histories.objects import Sequential
from playground.session.errors import BadInput, unknown


@dataclass(frozen=True)
class Recording:
    """A history with what is needed to judge it, and to show it.

    operations  their positions count the entries of clients from 0
    lines       the line of the file where each entry stands
    model       its name; `guessed` if nobody gave it
    obj         the object, in its first state
    """

    operations: tuple[Operation, ...]
    lines: tuple[int, ...]
    notation: Notation
    model: str
    guessed: bool
    obj: Sequential[Any]


def load(path: Path, model: str | None = None, init: str | None = None) -> Recording:
    """Reads a file.  Raises BadInput: one sentence, with the line and the nearest right thing."""
    source = open_source(path)
    notation, found = entries(source)
    chosen = _model(found, model, source)
    found = _by_key(found) if chosen in ("register", "cas-register") else found
    reader = MODELS[chosen](found, init)
    operations = _Reading(source, reader, notation).all(found)
    lines = tuple(source.line(entry.at) for entry in found)
    return Recording(operations, lines, notation, chosen, model is None, reader.obj)


def _model(found: Sequence[Entry], wanted: str | None, source: Source) -> str:
    every = dict.fromkeys(call for model in MODELS.values() for call in model.calls)
    for entry in found:
        if entry.f not in every:
            raise source.bad(unknown("operation", entry.f, every), entry.at)
    calls = dict.fromkeys(entry.f for entry in found)
    if wanted is None:
        guessed = guess(set(calls))
        if guessed is None:
            raise BadInput(
                f"{source.file}: no model has the operations {' and '.join(calls)} together"
            )
        return guessed
    if wanted not in MODELS:
        raise BadInput(unknown("model", wanted, MODELS))
    for entry in found:
        if entry.f not in MODELS[wanted].calls:
            hint = unknown(f"operation of a {wanted}", entry.f, MODELS[wanted].calls)
            right = guess(set(calls))
            raise source.bad(hint + (f"; try --model {right}" if right else ""), entry.at)
    return wanted


def _by_key(found: list[Entry]) -> list[Entry]:
    """Many registers in one history: Jepsen's `independent` makes [key value] of each value.

    It shows in the calls of reads, which say nothing else: [key nil].
    """
    reads = [e for e in found if e.f == "read" and e.type == "invoke"]
    told = [e for e in found if e.value is not None and not isinstance(e.value, Keyword)]
    if (
        not reads
        or any(e.key is not None for e in found)
        or not all(isinstance(e.value, tuple) and e.value[1:] == (None,) for e in reads)
        or not all(isinstance(e.value, tuple) and len(e.value) == 2 for e in told)
    ):
        return found
    return [
        replace(e, key=e.value[0], value=e.value[1]) if isinstance(e.value, tuple) else e
        for e in found
    ]


class _Reading:
    """Goes through the entries once."""

    def __init__(self, source: Source, model: Model, notation: Notation) -> None:
        self.source = source
        self.model = model
        self.log = notation == "log"
        self.recorder = Recorder()
        self.since: dict[Hashable, Entry] = {}

    def all(self, found: Sequence[Entry]) -> tuple[Operation, ...]:
        for position, entry in enumerate(found):
            try:
                self._entry(entry, position)
            except BadInput as bad:
                raise bad.at(self.source.place(entry.at)) from None
            except BadHistory as bad:
                raise BadInput(str(bad), self.source.place(entry.at)) from None
        return self.recorder.history()

    def _entry(self, entry: Entry, position: int) -> None:
        who = entry.process
        if entry.type == "invoke":
            if who in self.since:
                line = self.source.line(self.since[who].at)
                raise BadInput(
                    f"{named(who)} calls {entry.f}, but its {self.since[who].f} of line {line} "
                    "has no answer yet"
                )
            self.since[who] = entry
            value = self.model.argument(entry)
            self.recorder.invoke(who, entry.f, value, entry.key, position)
            return
        op = self._called(entry)
        match self._outcome(entry):
            case "ok":
                self._complete(entry, op)
                self.recorder.ok(who, self.model.result(entry, op), position)
            case "no":
                self.recorder.ok(who, False, position)
            case "fail":
                self.recorder.fail(who, position)
            case _:
                self.recorder.info(who, position)
        del self.since[who]

    def _called(self, entry: Entry) -> Operation:
        """The operation that this entry answers."""
        op = self.recorder.pending(entry.process)
        if entry.f != op.f:
            raise self._mismatch(entry, entry.f, op.f)
        if entry.key not in (None, op.key):
            raise self._mismatch(entry, f"key {said(entry.key)}", f"key {said(op.key)}")
        return op

    def _complete(self, entry: Entry, op: Operation) -> None:
        """An answer repeats what was passed, or tells what the call left open."""
        told = entry.value is not None
        value = self.model.argument(replace(entry, key=op.key)) if told else None
        if value is not None and op.value is None:
            self.recorder.amend(op.process, value)
        elif value not in (None, op.value):
            raise self._mismatch(entry, f"{op.f} {said(value)}", f"{op.f} {said(op.value)}")

    def _mismatch(self, entry: Entry, answered: str, called: str) -> BadInput:
        line = self.source.line(self.since[entry.process].at)
        return BadInput(
            f"{named(entry.process)} gets an answer to {answered}, but what it called in line "
            f"{line} is {called}"
        )

    def _outcome(self, entry: Entry) -> str:
        """What the entry means; "no" is the answer of a comparison that failed."""
        if entry.type != "fail" or not self.log:
            return entry.type
        if entry.f == "read":
            return "fail"
        if any(isinstance(v, Keyword) and "time" in v.name for v in (entry.value, *entry.more)):
            return "info"
        compared = entry.f == "cas" and isinstance(entry.value, tuple) and not entry.more
        return "no" if compared else "fail"
