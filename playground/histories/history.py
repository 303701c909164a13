"""Histories: operations of clients as intervals of time.

An operation begins with its call and ends with its answer.  In between it takes effect, at a moment
that nobody sees.  Two operations are ordered only if one had its answer before the other was
called; else they are concurrent.

Source  Herlihy and Wing, Linearizability (1990), section 2; Jepsen's words for outcomes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from playground.histories.errors import BadHistory
from playground.values import text

Outcome = Literal["ok", "fail", "info"]


class Unknown:
    """What an operation answered when nobody knows: it agrees with every answer."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()

READS = frozenset({"read", "r"})
WRITES = frozenset({"write", "w"})
"""What the parts of a transaction are called."""


class Call(NamedTuple):
    """What is asked of an object: `write` with 3.  Keys are names of independent objects."""

    f: str
    value: Hashable = None
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one process.

    value      what was passed to it, None if nothing
    result     what it answered, UNKNOWN if that is not known, or says nothing
    outcome    "ok": it took effect between `invoked` and `responded`; "fail": it never took effect;
               "info": it takes effect at any time after `invoked`, or never
    invoked    position of its call in the history
    responded  position of its answer, None if there was none (always so for "info")
    key        the object that it is about, None if there is only one
    """

    process: Hashable
    f: str
    value: Hashable = None
    result: Any = UNKNOWN
    outcome: Outcome = "ok"
    invoked: int = 0
    responded: int | None = None
    key: Hashable = None

    def __post_init__(self) -> None:
        if (self.responded is None) != (self.outcome == "info"):
            raise ValueError(f"an operation with outcome {self.outcome!r} and this answer: {self}")
        if self.responded is not None and self.responded < self.invoked:
            raise ValueError(f"an operation that is answered before it is called: {self}")

    @property
    def call(self) -> Call:
        return Call(self.f, self.value, self.key)

    def before(self, other: Operation) -> bool:
        """Had this one ended when the other began?"""
        return self.responded is not None and self.responded < other.invoked

    def concurrent(self, other: Operation) -> bool:
        return not self.before(other) and not other.before(self)


History = Sequence[Operation]


@dataclass(frozen=True)
class Judgement:
    """What a checker says of a history: true, false, or not known (`holds` is None).

    clash       one sentence about why it is false, or why it is not known
    operations  those that the sentence is about
    """

    holds: bool | None
    clash: str = ""
    operations: tuple[Operation, ...] = ()

    def __bool__(self) -> bool:
        return self.holds is True


class Recorder:
    """Puts calls and answers together, as they come.  Positions count them from 0, unless given.

    A process waits for its answer before it asks again; only after an unknown outcome it goes on
    while the old operation may still take effect.
    """

    def __init__(self) -> None:
        self._operations: list[Operation] = []
        self._open: dict[Hashable, int] = {}
        self._next = 0

    def invoke(
        self,
        process: Hashable,
        f: str,
        value: Hashable = None,
        key: Hashable = None,
        at: int | None = None,
    ) -> None:
        """Raises BadHistory if the process still waits for an answer."""
        if process in self._open:
            raise BadHistory(
                f"{named(process)} calls {f}, but its {self.pending(process).f} is still open"
            )
        self._open[process] = len(self._operations)
        self._operations.append(
            Operation(process, f, value, UNKNOWN, "info", self._position(at), None, key)
        )

    def pending(self, process: Hashable) -> Operation:
        """The operation of the process that has no answer yet.  Raises BadHistory without one."""
        try:
            return self._operations[self._open[process]]
        except KeyError:
            raise BadHistory(f"{named(process)} gets an answer, but has called nothing") from None

    def ok(self, process: Hashable, result: Any = UNKNOWN, at: int | None = None) -> None:
        """It took effect, and answered `result`."""
        self._close(process, outcome="ok", result=result, responded=self._position(at))

    def fail(self, process: Hashable, at: int | None = None) -> None:
        """It did not take effect, and never will."""
        self._close(process, outcome="fail", responded=self._position(at))

    def info(self, process: Hashable, at: int | None = None) -> None:
        """Nobody knows, and the process asks no more about it."""
        self._position(at)
        self._close(process)

    def history(self) -> tuple[Operation, ...]:
        """All operations so far in the order of their calls; what is open may yet take effect."""
        return tuple(self._operations)

    def amend(self, process: Hashable, value: Hashable) -> None:
        """The value of its open operation became known with the answer only."""
        operation = self.pending(process)
        self._operations[self._open[process]] = replace(operation, value=value)

    def _close(self, process: Hashable, **known: Any) -> None:
        operation = self.pending(process)
        self._operations[self._open.pop(process)] = replace(operation, **known)

    def _position(self, at: int | None) -> int:
        position = self._next if at is None else at
        self._next = position + 1
        return position


def until(history: History, position: int) -> tuple[Operation, ...]:
    """The history as it was known at a position: what had no answer yet is of unknown outcome."""
    return tuple(
        op
        if op.responded is not None and op.responded <= position
        else replace(op, result=UNKNOWN, outcome="info", responded=None)
        for op in history
        if op.invoked <= position
    )


def by_key(history: History) -> dict[Hashable, tuple[Operation, ...]]:
    """The operations on each object, in the order in which the objects are first called."""
    parts: dict[Hashable, list[Operation]] = {}
    for op in history:
        parts.setdefault(op.key, []).append(op)
    return {key: tuple(part) for key, part in parts.items()}


def by_process(history: History) -> dict[Hashable, tuple[Operation, ...]]:
    """What each process did, in its own order; what never took effect is left out."""
    parts: dict[Hashable, list[Operation]] = {}
    for op in sorted(history, key=lambda op: op.invoked):
        if op.outcome != "fail":
            parts.setdefault(op.process, []).append(op)
    return {process: tuple(part) for process, part in parts.items()}


# ---- in words


def named(process: Hashable) -> str:
    """ "process 3", or the name of a node as it is."""
    return f"process {process}" if isinstance(process, int) else str(process)


def said(value: Any) -> str:
    """A value for people; long ones by their ends, which is where they differ."""
    words = "nothing" if value is None else repr(value) if value is UNKNOWN else text(value)
    return words if len(words) <= 60 else f"{words[:20]} ... {words[-36:]}"


def told(op: Operation) -> str:
    """ "process 3 read 2": what was done, and what came of it, as far as it is known."""
    return f"{named(op.process)} {_deed(op)}"


def _deed(op: Operation) -> str:
    key = "" if op.key is None else said(op.key)
    of, to = f" of {key}" * bool(key), f" to {key}" * bool(key)
    known = op.result is not UNKNOWN
    match op.f, op.value:
        case (("read" | "get"), _):
            return f"read {said(op.result)}{of}" if known else f"wanted to read {key}".rstrip()
        case (("write" | "put"), value):
            return f"{_done(op, 'wrote', 'write')} {said(value)}{to}"
        case "append", value:
            return f"{_done(op, 'appended', 'append')} {said(value)}{to}"
        case "cas", (old, new):
            if op.result is False:
                return f"could not change {said(old)}{of} to {said(new)}"
            return f"{_done(op, 'changed', 'change')} {said(old)}{of} to {said(new)}"
        case (("acquire" | "release"), _):
            return f"{_done(op, op.f + 'd', op.f)} the lock"
        case "txn", ((_, _, _), *_):
            return f"{_parts(op)} in one step"
        case f, value:
            what = "" if value is None else f" {said(value)}"
            answer = f", answer {said(op.result)}" if known else ""
            return f"{_done(op, 'did', 'do')} {f}{what}{of}{answer}"


def _parts(op: Operation) -> str:
    """ "read 1 of x, and wrote 2 to y": what a transaction did, as far as it is known."""
    asked: Any = op.value
    results = op.result if op.result is not UNKNOWN else (UNKNOWN,) * len(asked)
    write = "wrote" if op.outcome == "ok" else "write"
    parts = []
    for (f, key, value), result in zip(asked, results, strict=False):
        if f in WRITES:
            parts.append(f"{write} {said(value)} to {said(key)}")
        elif result is UNKNOWN:
            parts.append(f"read {said(key)}")
        else:
            parts.append(f"read {said(result)} of {said(key)}")
    return f"{'wanted to ' * (op.outcome != 'ok')}{_joined(parts)}"


def _done(op: Operation, past: str, verb: str) -> str:
    return past if op.outcome == "ok" else f"wanted to {verb}"


def listed(operations: Iterable[Operation]) -> str:
    """ "process 1 wrote 2, and process 2 read 1"."""
    return _joined([told(op) for op in operations])


def _joined(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)}, and {last}" if most else last
