"""Searches in a process of their own, so that whoever asks for one is free for other things.

The parent writes requests to the child's standard input and reads what it tells from its standard
output, each a pickle after its length.  The child ends with its input, so it never outlives the
parent.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, BinaryIO, Literal, NamedTuple

from playground.core import Ask
from playground.protocol import Model
from playground.search.result import Progress
from playground.session import catalog
from playground.session.aims import pursue, read
from playground.session.answers import Answer, answer, troubled, valence
from playground.session.catalog import ProtocolFile
from playground.session.errors import BadInput
from playground.session.history import History
from playground.session.hunt import valence as find_valence
from playground.session.session import Session
from playground.session.state import State
from playground.session.trouble import Trouble
from playground.values import replace

LENGTH = struct.Struct(">I")

PACE = 0.2
"""Seconds between two words about the progress."""

VALENCE_STATES = 20_000

COMMAND = "import sys; sys.path[:] = sys.argv[1:]; import playground.session.job as j; j.serve()"


@dataclass(frozen=True)
class Moment:
    """A moment of a session, for another process.

    protocol  the name by which it is found from any folder
    state     pickled, with what may still be asked: to read it the protocol must be loaded
    """

    protocol: str
    setup: Mapping[str, Any]
    model: Model
    state: bytes

    @classmethod
    def of(cls, session: Session, asks: tuple[Ask, ...] = ()) -> Moment:
        """Raises BadInput if it can't go to another process."""
        try:
            state = pickle.dumps((session.state, asks))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise BadInput(f"this can't be searched in the background: {error}") from error
        return cls(session.protocol.place, session.setup, session.world.rules.model, state)


class Request(NamedTuple):
    """line: what to search for, as `aims` reads it; "" for the valence."""

    moment: Moment
    line: str = ""


class Told(NamedTuple):
    """progress  there is more to come
    answer    of a search
    valence   in words
    wrong     a sentence: it makes no sense, or it has failed
    """

    kind: Literal["progress", "answer", "valence", "wrong"]
    what: Any


def argv() -> list[str]:
    """The command that starts a child, which finds the same modules."""
    return [sys.executable, "-c", COMMAND, *sys.path]


def framed(message: Any) -> bytes:
    data = pickle.dumps(message)
    return LENGTH.pack(len(data)) + data


class Searcher:
    """Answers requests, each from a session that begins at its moment."""

    def __init__(self) -> None:
        self._protocols: dict[str, ProtocolFile] = {}

    def answer(self, request: Request, progress: Any) -> Told:
        try:
            session, asks = self._begin(request.moment)
            if not request.line:
                return Told("valence", valence(find_valence(session, VALENCE_STATES, asks=asks)))
            aim = read(session, request.line)
            found: Answer = answer(session, aim, pursue(session, aim, asks, progress))
        except Trouble as trouble:
            return Told("answer", troubled(trouble))
        except BadInput as error:
            return Told("wrong", error.sentence)
        except Exception as error:  # noqa: BLE001 - the screen tells of it in one sentence
            return Told("wrong", f"the search has failed: {type(error).__name__}: {error}")
        return Told("answer", found)

    def _begin(self, moment: Moment) -> tuple[Session, tuple[Ask, ...]]:
        name = moment.protocol
        if name not in self._protocols:
            self._protocols[name] = catalog.load(name).whole()
        session = Session(self._protocols[name], moment.setup, moment.model)
        state, asks = pickle.loads(moment.state)
        session.history = History(_as_start(state), session.monitor)
        return session, asks


def _as_start(state: State) -> State:
    """The same moment as the first one of a history: what has happened was before."""
    return replace(
        state,
        step=0,
        outside=tuple(replace(o, step=0) for o in state.outside),
        broken=tuple(replace(b, step=0) for b in state.broken),
    )


def serve() -> None:
    """What the child does, until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        os.nice(5)  # the screen goes first
    requests, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a protocol prints does not get in the way
    waiting: SimpleQueue[Request] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    searcher = Searcher()
    while True:
        request = waiting.get()
        told = searcher.answer(request, _Teller(out))
        _say(out, told)


def _listen(requests: BinaryIO, waiting: SimpleQueue[Request]) -> None:
    while head := requests.read(LENGTH.size):
        if len(head) < LENGTH.size:
            break
        waiting.put(pickle.loads(requests.read(*LENGTH.unpack(head))))
    os._exit(0)


class _Teller:
    """Tells of the progress, but not too often."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PACE
            _say(self._out, Told("progress", progress))


def _say(out: BinaryIO, told: Told) -> None:
    try:
        out.write(framed(told))
        out.flush()
    except OSError:  # nobody listens any more
        os._exit(0)
