"""Linearizable: every operation seems to take effect at one moment between its call and its answer.

Linearizability is local (a history is linearizable if each object's part of it is), so each key is
judged alone; and a history that is not linearizable has a shortest beginning that is not.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from playground.histories.frontier import Found, Frontier, GaveUp, OutOfTime, unwound
from playground.histories.history import (
    History,
    Judgement,
    Operation,
    by_key,
    told,
    until,
)
from playground.histories.lookahead import NEVER, Outlook
from playground.histories.objects import Sequential


@dataclass(frozen=True)
class Linearity(Judgement):
    """What `linearizable` says.

    order     if it holds: all operations that took effect, in an order that explains all answers
              (key by key)
    prefix    if not: the shortest beginning that is not linearizable, of the operations on one key;
              what had no answer yet is of outcome "info"; the one that clashes is the last
    shortest  if not: is the prefix known to be the shortest one, or was there no time to find out?
    possible  if not: the states in which the object could be when it should have answered so
    tried     how many configurations were looked at
    """

    order: tuple[Operation, ...] = ()
    prefix: tuple[Operation, ...] = ()
    shortest: bool = True
    possible: tuple[Any, ...] = ()
    tried: int = 0


def linearizable(history: History, obj: Sequential[Any], seconds: float | None = None) -> Linearity:
    """Is there an order of all operations that explains all answers, and keeps the order in time?

    obj      one such object for each key
    seconds  give up after so many; the judgement is then not known
    """
    deadline = None if seconds is None else monotonic() + seconds
    order: list[Operation] = []
    worst: _Prefix | None = None
    tried, late = 0, False
    for part in by_key(history).values():
        if worst is not None:
            part = until(part, worst.end - 1)
        try:
            found = _decide(part, obj, deadline)
        except OutOfTime:
            late = True
            continue
        tried += found.tried
        if found.possible:
            order += unwound(found.path)
        else:
            worst = _shortest(part, obj, deadline, found)
    if worst is not None:
        return _refuted(replace(worst, shortest=worst.shortest and not late), obj, tried)
    if late:
        return Linearity(None, f"no answer within {seconds:g} seconds", tried=tried)
    return Linearity(True, order=tuple(order), tried=tried)


@dataclass(frozen=True)
class _Prefix:
    """A beginning that can't be explained, up to the answer at position `end`; the shortest one, as
    far as that is known."""

    operations: tuple[Operation, ...]
    end: int
    shortest: bool = True

    @property
    def clash(self) -> Operation:
        return next(op for op in self.operations if op.responded == self.end)


def _decide(history: History, obj: Sequential[Any], deadline: float | None) -> Found:
    """Can the history be explained?  Raises OutOfTime.

    What is of unknown outcome makes a refutation expensive, so after a fair try we ask whether it
    would be impossible even if all that could happen several times.
    """
    exact = Frontier(history, obj, deadline)
    if exact.steps.outlook.strange != NEVER:
        return Found(False, reached=exact.steps.outlook.strange, certain=False)
    if not exact.endless:
        return exact.search()
    try:
        return exact.search(FAIR * (len(exact.stages) + 500) * (len(exact.endless) + 1))
    except GaveUp:
        loose = Frontier(history, obj, deadline, reuse=True).search()
        return exact.search() if loose.possible else replace(loose, certain=False)


FAIR = 3
"""So many configurations for each answer are worth the effort, before another way is tried."""


def _shortest(
    history: History, obj: Sequential[Any], deadline: float | None, found: Found
) -> _Prefix:
    """The shortest beginning that can't be explained.

    The search over all came as far as `found.reached`, knowing what open operations would answer
    later; without that knowledge the same answer may still be possible.  Whatever follows a
    beginning that can't be explained does not help, so we bisect; but the first guess is good.
    """
    ends = sorted({op.responded for op in history if op.responded is not None})
    guess = bisect_left(ends, found.reached)
    low, high = guess if found.certain else 0, len(ends) - 1
    best = _Prefix(tuple(history), ends[high])
    for first in (guess, guess - 1, None):
        while low <= high:
            middle = (low + high) // 2 if first is None else first
            if not low <= middle <= high:
                break
            cut = until(history, ends[middle])
            try:
                possible = _decide(cut, obj, deadline).possible
            except OutOfTime:
                return replace(best, shortest=False)
            if possible:
                low = middle + 1
            else:
                high = middle - 1
                best = _Prefix(cut, ends[middle])
            if first is not None:
                break
    return best


def _refuted(prefix: _Prefix, obj: Sequential[Any], tried: int) -> Linearity:
    clash, found = prefix.clash, _explained(prefix, obj)
    others = [op for op in prefix.operations if op is not clash and op.outcome != "fail"]
    order = (*sorted(others, key=lambda op: op.invoked), clash)
    sentence = _sentence(prefix, obj, found)
    possible = found.states if found else ()
    return Linearity(
        False, sentence, (clash,), (), order, prefix.shortest, possible=possible, tried=tried
    )


PATIENCE = 30_000
"""The effort, at most, to explain what is known to be wrong."""


def _explained(prefix: _Prefix, obj: Sequential[Any]) -> Found | None:
    """In which states the object could be at the clash; None if that takes too long to tell.

    Told exactly if the history is short; else as far as other answers show states; else all that
    could be if what may have happened could have happened several times.
    """
    ops, plain = prefix.operations, Outlook()
    others = obj.outlook([op for op in ops if op is not prefix.clash])
    for outlook, reuse, effort in (plain, False, 1), (others, False, 5), (plain, True, 1):
        try:
            found = Frontier(ops, obj, None, outlook, reuse).search(PATIENCE * effort)
        except GaveUp:
            continue
        return found if found.reached == prefix.end else None
    return None


def _sentence(prefix: _Prefix, obj: Sequential[Any], found: Found | None) -> str:
    clash = prefix.clash
    if clash.outcome == "fail":
        return f"{told(clash)}, and did not; but other answers can only be explained if it did"
    strange = obj.outlook(prefix.operations).strange == prefix.end
    if not found or (strange and not found.states):
        return f"{told(clash)}, which {'nobody had written' if strange else 'no order explains'}"
    could = _could(clash, obj, found)
    if strange:
        return f"{told(clash)}, which nobody had written: {could}"
    return f"{told(clash)}, but {could} then"


def _could(clash: Operation, obj: Sequential[Any], found: Found) -> str:
    """ "the register could only hold 2 or 3"."""
    it = "it" if clash.key is not None else f"the {obj.name}"
    choice = sorted(map(obj.words, found.states))
    if len(choice) > 6:
        choice[6:] = [f"one of {len(choice) - 6} other values"]
    if found.unshown:
        choice.append("what nobody has read")
    *most, last = choice
    return f"{it} could only {obj.verb} {', '.join(most)}{' or ' * bool(most)}{last}"
