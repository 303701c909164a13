"""What the answers of a history show of an object, and what they demand of it.

A state is *shown* if an answer can tell it from those that are not; all others are one state.

If only one operation can have written what a later read answers, then that operation may take
effect only where it leads there, and what it wrote must stay until the read is called.  A step that
breaks this is a dead end.  In histories whose values are all different this leaves hardly anything
to search.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from playground.histories.history import UNKNOWN, Call, History, Operation

NEVER = -1


@dataclass(frozen=True)
class Outlook:
    """The knowledge that comes from all answers of a history.

    shown      can an answer tell this state from those that are not shown?
    hidden     does this call lead from every state to one that is not shown, and would nobody miss
               it?  (From a state that is not shown nothing can be done that can't be done from all
               others, as long as some such call is open.)
    rules_out  (state, call, state after): the position of the last call that can't get its answer
               after this step, NEVER if there is none
    strange    the position of the first answer that comes out of thin air: no operation that was
               called before can have caused it; NEVER if there is none
    """

    shown: Callable[[Any], bool] = lambda state: True
    hidden: Callable[[Call], bool] = lambda call: False
    rules_out: Callable[[Any, Call, Any], int] = lambda state, call, after: NEVER
    strange: int = NEVER


# ---- registers


def of_values(history: History, initial: Hashable) -> Outlook:
    """A value is shown if somebody reads it, or a compare-and-set waits for it."""
    compared = {op.value[0] for op in history if op.f == "cas" and isinstance(op.value, tuple)}
    written = Counter(map(_written, filter(_writes, history)))
    written[initial] += 1
    last: dict[Hashable, int] = {}
    strange = []
    first = {initial: NEVER}
    for op in filter(_writes, history):
        first[_written(op)] = min(first.get(_written(op), op.invoked), op.invoked)
    for op in _answered(history, "read"):
        last[op.result] = max(last.get(op.result, NEVER), op.invoked)
        if op.result not in first or first[op.result] > (op.responded or 0):
            strange.append(op.responded or 0)
    shown = frozenset(compared | last.keys())

    def hidden(call: Call) -> bool:
        """A failed compare-and-set could miss a value that is not the one it waits for."""
        return call.f == "write" and call.value not in shown and not compared

    def rules_out(state: Any, call: Call, after: Any) -> int:
        """A value that only one operation can have written stays until it was read."""
        return last.get(state, NEVER) if state != after and written[state] == 1 else NEVER

    return Outlook(shown.__contains__, hidden, rules_out, min(strange, default=NEVER))


def _writes(op: Operation) -> bool:
    return op.outcome != "fail" and (op.f == "write" or (op.f == "cas" and op.result is not False))


def _written(op: Operation) -> Hashable:
    match op.f, op.value:
        case "cas", (_, new):
            return new
    return op.value


def _answered(history: History, f: str) -> Iterator[Operation]:
    return (op for op in history if op.f == f and op.outcome == "ok" and op.result is not UNKNOWN)


# ---- texts that grow


class Answer(NamedTuple):
    """A text that was read: when for the last time, and of which pieces it is made."""

    called: int
    text: str
    ways: int  # to make it: 0, 1 or 2 for more
    pieces: tuple[str, ...]  # if there is one way
    ends: frozenset[int]  # of the pieces


def of_texts(history: History, initial: Hashable) -> Outlook:
    """A text is shown if an answer begins with it: whatever is appended to another is not."""
    called: dict[str, int] = {}
    for op in _answered(history, "get"):
        called[str(op.result)] = max(called.get(str(op.result), NEVER), op.invoked)
    texts = sorted(called)
    together = "\0".join(t for t, u in zip_longest(texts, texts[1:]) if not (u or "").startswith(t))

    def shown(state: Any) -> bool:
        at = bisect_left(texts, str(state))
        return at < len(texts) and texts[at].startswith(str(state))

    def hidden(call: Call) -> bool:
        if call.f == "append":
            return str(call.value) not in together
        return call.f == "put" and not shown(call.value)

    written = Counter(
        str(op.value) for op in history if op.outcome != "fail" and op.f in ("put", "append")
    )
    puzzle = _Puzzle(frozenset(written) - {""}, str(initial))
    answers = [Answer(called[text], text, *puzzle.solve(text)) for text in texts]
    made = {answer.text for answer in answers if answer.ways}
    strange = (op.responded for op in _answered(history, "get") if str(op.result) not in made)
    rules_out = Outlook.rules_out
    if not any(op.f == "put" and op.value == "" for op in history):  # else it began at any time
        rules_out = _growth(written, str(initial), [a for a in answers if a.ways == 1])
    return Outlook(shown, hidden, rules_out, min((s or 0 for s in strange), default=NEVER))


def _growth(
    written: Counter[str], begin: str, answers: list[Answer]
) -> Callable[[Any, Call, Any], int]:
    """A text that was read tells in which order its pieces came, if they are all different."""
    written[begin] += 1
    parts: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        for piece in answer.pieces:
            parts[piece].append(answer)
    grown: dict[str, list[Answer]] = {}

    def growing(here: str) -> list[Answer]:
        """Answers that can only grow from what is there now."""
        if here not in grown:
            grown[here] = [
                a
                for a in answers
                if a.text.startswith(here)
                and (written[a.pieces[0]] == 1 and len(here) in a.ends if here else not a.text)
            ]
        return grown[here]

    def rules_out(state: Any, call: Call, after: Any) -> int:
        piece, there = str(call.value), str(after)
        needing = parts[piece] if written[piece] == 1 and call.f != "get" else []
        lost = (a.called for a in (*needing, *growing(str(state))) if not a.text.startswith(there))
        return max(lost, default=NEVER)

    return rules_out


class _Puzzle:
    """Of which pieces is a text made?  Texts that begin alike are solved quickly one by one."""

    def __init__(self, pieces: frozenset[str], begin: str) -> None:
        self.pieces = pieces
        self.begin = begin
        self.lengths = sorted(set(map(len, pieces)))
        self.text = ""
        self.ways = [1]  # to make text[:i]: 0, 1 or 2 for more
        self.last = [0]  # length of its last piece, if there is one way

    def solve(self, text: str) -> tuple[int, tuple[str, ...], frozenset[int]]:
        """The number of ways; the pieces, and where they end, if there is one way."""
        self._keep(text)
        for end in range(len(self.ways), len(text) + 1):
            fits = [n for n in self.lengths if n <= end and text[end - n : end] in self.pieces]
            ways = sum(self.ways[end - n] for n in fits)
            last = next((n for n in fits if self.ways[end - n]), 0)
            if end == len(self.begin) and text.startswith(self.begin):
                ways, last = ways + 1, end
            self.ways.append(min(ways, 2))
            self.last.append(last)
        if self.ways[-1] != 1:
            return self.ways[-1], (), frozenset()
        ends, found = [len(text)], []
        while ends[-1]:
            start = ends[-1] - self.last[ends[-1]]
            found.append(text[start : ends[-1]])
            ends.append(start)
        return 1, tuple(reversed(found)), frozenset(ends)

    def _keep(self, text: str) -> None:
        """What is known of the text before, as far as it is the same."""
        same = min(len(text), len(self.text))
        if text[:same] != self.text[:same]:
            same = next(i for i in range(same) if text[i] != self.text[i])
        del self.ways[same + 1 :], self.last[same + 1 :]
        self.text = text
