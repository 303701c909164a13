"""The journal: every command goes to disk at once, so a killed terminal loses nothing.

A journal is a text file: a line of JSON that says what is played, then one command a line in the
notation.  A line that was cut short by a crash counts as not written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from platformdirs import user_data_path

from playground.session import catalog, scenario
from playground.session.errors import BadInput, Place
from playground.session.playback import Playback
from playground.session.scenario import Assumptions, assumptions_of
from playground.session.session import Session

if sys.platform != "win32":
    import fcntl

KEPT = 20
"""How many journals are kept; older ones go when a new one begins."""

SCRIPT = "# script "
"""Begins a line that says how many steps of the scenario's script were done by then."""


def folder() -> Path:
    """Where journals are kept: the user's data folder of the system."""
    return user_data_path("playground", appauthor=False) / "journals"


@dataclass(frozen=True)
class Left:
    """A journal that is left from an earlier session."""

    path: Path
    title: str
    steps: int


class Journal:
    """Writes down what a session does.  If the disk refuses, the session goes on without, and
    `problem` says why."""

    def __init__(self, path: Path, problem: str | None = None) -> None:
        self.path = path
        self.problem = problem
        self._file: int | None = None

    @classmethod
    def begin(
        cls,
        session: Session,
        playback: Playback | None,
        where: Path | None = None,
        past: Iterable[str] = (),
    ) -> Journal:
        """A new journal of this session, which has done `past` so far; in `where` (by default the
        user's data folder)."""
        where = where or folder()
        name = f"{datetime.now():%Y%m%d-%H%M%S-%f}.journal"
        journal = cls(where / name)
        try:
            where.mkdir(parents=True, exist_ok=True)
            for old in sorted(where.glob("*.journal"))[: -KEPT + 1]:
                old.unlink(missing_ok=True)
        except OSError as error:
            journal._give_up(error)
            return journal
        journal._open()
        journal._write(json.dumps(_header(session, playback)))
        for line in past:
            journal._write(line)
        session.listeners.append(journal._write)
        return journal

    @classmethod
    def go_on(cls, path: Path, resumed: Resumed) -> Journal:
        """Goes on writing the journal that a session was resumed from; a new one, if that one says
        more than could be carried out again."""
        if resumed.problem:
            return cls.begin(resumed.session, resumed.playback, path.parent, resumed.lines)
        journal = cls(path)
        journal._open()
        resumed.session.listeners.append(journal._write)
        return journal

    def script(self, done: int) -> None:
        """So many steps of the script are done now."""
        self._write(f"{SCRIPT}{done}")

    def close(self) -> None:
        """Nothing more will be written; a journal without a command is not worth keeping."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            if self.path.read_bytes().count(b"\n") <= 1:
                self.path.unlink()

    def _open(self) -> None:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(self.path, flags, 0o600)
            if sys.platform != "win32":
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._give_up(error)

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        data = line.encode() + b"\n"
        try:
            if os.write(self._file, data) < len(data):
                raise OSError(0, "no space is left")
        except OSError as error:
            os.close(self._file)
            self._file = None
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.problem = f"the journal {self.path} can't be written ({error.strerror}); play goes on"


def left(where: Path | None = None) -> Left | None:
    """The newest journal that an earlier session left, unless there is none."""
    for path in sorted((where or folder()).glob("*.journal"), reverse=True):
        try:
            header, *lines = _lines(path)
            steps = len([line for line in lines if not line.startswith(SCRIPT)])
            title = json.loads(header)["title"]
        except (OSError, ValueError, KeyError):
            continue
        if steps and not _alive(path):
            return Left(path, title, steps)
    return None


class Resumed(NamedTuple):
    """A session as its journal left it; `problem` says why it ends before the journal does, such as
    a protocol that has changed since."""

    session: Session
    playback: Playback | None
    lines: list[str]  # that were carried out again
    problem: str | None


def resume(path: Path) -> Resumed:
    """The session of a journal, as it was after its last whole line.  Raises BadInput."""
    try:
        header, *lines = _lines(path)
        about: dict[str, Any] = json.loads(header)
    except (OSError, ValueError) as error:
        raise BadInput(f"this journal can't be read: {error}", Place(str(path))) from None
    session, playback = _opened(about)
    for number, line in enumerate(lines):
        try:
            if not line.startswith(SCRIPT):
                session.say(line)
            elif playback:
                playback.mark(int(line.removeprefix(SCRIPT)) - 1)
        except BadInput as error:
            left = len(lines) - number
            problem = f"{left} of {len(lines)} lines can't be carried out again: {error}"
            return Resumed(session, playback, lines[:number], problem)
    return Resumed(session, playback, lines, None)


def _header(session: Session, playback: Playback | None) -> dict[str, Any]:
    return {
        "title": playback.scenario.title if playback else session.protocol.title,
        "scenario": str(playback.file.path.resolve()) if playback else None,
        "source": playback.file.source if playback else None,
        "protocol": session.protocol.place,
        "setup": session.setup,
        "model": msgspec.to_builtins(assumptions_of(session.world.rules.model)),
    }


def _opened(about: dict[str, Any]) -> tuple[Session, Playback | None]:
    """The scenario comes from the journal itself: its file may have changed since."""
    try:
        if about["scenario"]:
            playback = Playback(scenario.parse(about["source"], Path(about["scenario"])))
            return playback.session, playback
        protocol, setup = catalog.load(about["protocol"]), about["setup"]
        model = msgspec.convert(about["model"], Assumptions).over(
            protocol.model(protocol.setup(setup))
        )
        return Session(protocol, setup, model), None
    except (KeyError, msgspec.ValidationError) as error:
        raise BadInput(f"this is no journal: {error}") from None


def _lines(path: Path) -> list[str]:
    """The whole lines; one that a crash cut short has no end."""
    whole, _, _torn = path.read_text(encoding="utf-8").rpartition("\n")
    if not whole:
        raise ValueError("it is empty")
    return whole.split("\n")


def _alive(path: Path) -> bool:
    """Is the session that writes this journal still running?  It holds a lock as long as it is.
    Windows has no such locks: there the newest journal counts as left."""
    if sys.platform == "win32":
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
