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

from playground.session.checkers.history import UNKNOWN, Call, History, Operation

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
    """

    shown: Callable[[Any], bool] = lambda state: True
    hidden: Callable[[Call], bool] = lambda call: False
    rules_out: Callable[[Any, Call, Any], int] = lambda state, call, after: NEVER


# ---- registers


def of_values(history: History, initial: Hashable) -> Outlook:
    """A value is shown if somebody reads it, or a compare-and-set waits for it."""
    compared = {op.value[0] for op in history if op.f == "cas" and isinstance(op.value, tuple)}
    written = Counter(map(_written, filter(_writes, history)))
    written[initial] += 1
    last: dict[Hashable, int] = {}
    for op in _answered(history, "read"):
        last[op.result] = max(last.get(op.result, NEVER), op.invoked)
    shown = frozenset(compared | last.keys())

    def hidden(call: Call) -> bool:
        """A failed compare-and-set could miss a value that is not the one it waits for."""
        return call.f == "write" and call.value not in shown and not compared

    def rules_out(state: Any, call: Call, after: Any) -> int:
        """A value that only one operation can have written stays until it was read."""
        return last.get(state, NEVER) if state != after and written[state] == 1 else NEVER

    return Outlook(shown.__contains__, hidden, rules_out)


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
    """A text that was read: when for the last time, and of which pieces it must be made."""

    called: int
    text: str
    pieces: tuple[str, ...]
    ends: frozenset[int]  # where its pieces end


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

    return Outlook(shown, hidden, _growth(history, str(initial), called))


def _growth(
    history: History, begin: str, called: dict[str, int]
) -> Callable[[Any, Call, Any], int]:
    """A text that was read tells in which order its pieces came, if they are all different."""
    written = Counter(
        str(op.value) for op in history if op.outcome != "fail" and op.f in ("put", "append")
    )
    if any(op.f == "put" and op.value == "" for op in history):
        return Outlook.rules_out  # the text that is there can have begun at any time
    answers = _answers(called, frozenset(written) - {""}, begin)
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


def _answers(called: dict[str, int], pieces: frozenset[str], begin: str) -> list[Answer]:
    """Those that can be made of the pieces in one way only."""
    puzzle = _Puzzle(pieces, begin)
    return [
        Answer(called[text], text, *solved)
        for text in sorted(called)
        if (solved := puzzle.solve(text)) is not None
    ]


class _Puzzle:
    """Of which pieces is a text made?  Texts that begin alike are solved quickly one by one."""

    def __init__(self, pieces: frozenset[str], begin: str) -> None:
        self.pieces = pieces
        self.begin = begin
        self.lengths = sorted(set(map(len, pieces)))
        self.text = ""
        self.ways = [1]  # to make text[:i]: 0, 1 or 2 for more
        self.last = [0]  # length of its last piece, if there is one way

    def solve(self, text: str) -> tuple[tuple[str, ...], frozenset[int]] | None:
        """The pieces, and where they end; None if there is no way, or more than one."""
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
            return None
        ends, found = [len(text)], []
        while ends[-1]:
            start = ends[-1] - self.last[ends[-1]]
            found.append(text[start : ends[-1]])
            ends.append(start)
        return tuple(reversed(found)), frozenset(ends)

    def _keep(self, text: str) -> None:
        """What is known of the text before, as far as it is the same."""
        same = min(len(text), len(self.text))
        if text[:same] != self.text[:same]:
            same = next(i for i in range(same) if text[i] != self.text[i])
        del self.ways[same + 1 :], self.last[same + 1 :]
        self.text = text
