"""Lamport's three kinds of registers, judged read by read.

safe     a read that overlaps no write returns what was written last
regular  a read returns what was written last before it, or what a write that overlaps it writes
atomic   linearizable: regular, and never first the new value and then the old one

"Written last" is meant for one writer.  With several, a write may count as the last one unless some
other write lies wholly between it and the read.  A write of unknown outcome overlaps everything
after its call.

Source  Lamport, On interprocess communication (1986); several writers as in Shao, Pierce and Welch,
        Multi-writer consistency conditions (2003), the weakest of their definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from playground.histories.errors import BadHistory, unknown
from playground.histories.history import (
    UNKNOWN,
    History,
    Judgement,
    Operation,
    by_key,
    listed,
    said,
    told,
)
from playground.histories.linear import Linearity, linearizable
from playground.histories.objects import Register


def safe(history: History, initial: Hashable = None) -> Judgement:
    """Does each read that overlaps no write return what was written last?"""
    return _judged(history, initial, _safe)


def regular(history: History, initial: Hashable = None) -> Judgement:
    """Does each read return what was written last, or what a write that overlaps it writes?"""
    return _judged(history, initial, _regular)


def atomic(history: History, initial: Hashable = None, seconds: float | None = None) -> Linearity:
    """Does every operation seem to happen at one moment?"""
    plain = [replace(op, f="read" if looks(op) else "write") for op in history]
    return linearizable(plain, Register(initial), seconds)


def looks(op: Operation) -> bool:
    """Is it a read?  Else it is a write.  Raises BadHistory if it is neither."""
    if op.f in ("read", "get"):
        return True
    if op.f in ("write", "put"):
        return False
    raise BadHistory(unknown("operation of a register", op.f, ("read", "write")))


Check = Callable[[Operation, list[Operation], Hashable], Judgement]


def _judged(history: History, initial: Hashable, check: Check) -> Judgement:
    for part in by_key(history).values():
        writes = [op for op in part if not looks(op) and op.outcome != "fail"]
        for read in part:
            if looks(read) and read.outcome == "ok" and read.result is not UNKNOWN:
                judgement = check(read, writes, initial)
                if not judgement:
                    return judgement
    return Judgement(True)


def _safe(read: Operation, writes: list[Operation], initial: Hashable) -> Judgement:
    if any(read.concurrent(write) for write in writes):
        return Judgement(True)
    return _returns(read, _last(read, writes), initial)


def _regular(read: Operation, writes: list[Operation], initial: Hashable) -> Judgement:
    overlapping = [write for write in writes if read.concurrent(write)]
    return _returns(read, [*_last(read, writes), *overlapping], initial)


def _last(read: Operation, writes: list[Operation]) -> list[Operation]:
    """The writes before the read that no other write before it has replaced for certain."""
    before = [write for write in writes if write.before(read)]
    return [write for write in before if not any(write.before(other) for other in before)]


def _returns(read: Operation, allowed: list[Operation], initial: Hashable) -> Judgement:
    """One of these; the first value if nothing has been written for certain."""
    values = [write.value for write in allowed]
    if not any(write.before(read) for write in allowed):
        values.append(initial)
    if read.result in values:
        return Judgement(True)
    expected = " or ".join(dict.fromkeys(map(said, values)))
    why = f": {listed(allowed)}" if allowed else ""
    return Judgement(False, f"{told(read)}, and had to read {expected}{why}", (*allowed, read))
