"""What each process may know: causal consistency, session guarantees, convergence.

An operation *knows* another if that came before it at the same process, or is the write that it
reads, or is known by something that it knows.  No global time is asked for, and no order of writes
that do not know each other.  Each read may be explained by an order of its own, which is less
than causal memory asks for: that wants one order for all reads of a process.

Which write a read saw is told by its value.  If several have written that value, the read proves
nothing against a session guarantee, and for causal consistency every one of them is tried.

Source  Ahamad et al., Causal memory (1995), with the bad patterns of Bouajjani et al., On verifying
        causal consistency (2017), section 4, for CC; Terry et al., Session guarantees (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from time import monotonic

from playground.histories.history import (
    UNKNOWN,
    History,
    Judgement,
    Operation,
    by_process,
    told,
)
from playground.histories.registers import looks
from playground.values import Map

WAYS = 5_000
"""So many ways in which reads may have seen writes, or some of them, `causal` tries at most."""


def causal(
    history: History, initial: Hashable = None, seconds: float | None = None, most: int = WAYS
) -> Judgement:
    """Does no read miss a write that it knows, whichever way the reads saw the writes?

    The ways are tried read by read; one that goes wrong is not followed any further, as to know
    more does not help.  Not known if that takes more than `seconds`, or `most` ways.
    """
    deadline = None if seconds is None else monotonic() + seconds
    ops = _relevant(history)
    candidates = _candidates(ops, initial)
    for read, found in candidates.items():
        if not found:
            return Judgement(False, f"{told(ops[read])}, which nobody wrote", (ops[read],))
    reads = sorted(candidates, key=lambda i: (len(candidates[i]) > 1, ops[i].invoked))
    judgement, tried, ways = Judgement(True), 0, [_Past.of(ops)]
    while ways:
        past = ways.pop()
        judgement, tried = _causal(past), tried + 1
        if judgement and len(past.sources) == len(reads):
            return judgement
        if tried > most:
            return Judgement(None, f"no answer after {most} ways in which reads may see writes")
        if deadline is not None and monotonic() > deadline:
            return Judgement(None, f"no answer within {seconds:g} seconds")
        if judgement:
            read = reads[len(past.sources)]
            ways += [past.seeing(read, write) for write in _likely(past, read, candidates[read])]
    return judgement


def _likely(past: _Past, read: int, writes: list[int | None]) -> list[int | None]:
    """The most likely one last: the latest that was called before the read had its answer."""
    end = past.ops[read].responded or 0
    called = {w: -1 if w is None else past.ops[w].invoked for w in writes}
    return sorted(writes, key=lambda w: (called[w] < end, called[w]))


def read_your_writes(history: History, initial: Hashable = None) -> Judgement:
    """Who has written reads that, or something newer."""
    return _session(history, initial, _own_writes)


def monotonic_reads(history: History, initial: Hashable = None) -> Judgement:
    """Who has read reads that again, or something newer."""
    return _session(history, initial, _own_reads)


def monotonic_writes(history: History, initial: Hashable = None) -> Judgement:
    """Who sees a write also sees those that its writer wrote before."""
    return _session(history, initial, _writes_before)


def writes_follow_reads(history: History, initial: Hashable = None) -> Judgement:
    """Who sees a write also sees what its writer had read before."""
    return _session(history, initial, _reads_before)


def convergent(history: History) -> Judgement:
    """Does everybody read the same of a key, once nothing is written to it any more?

    Of each process its last read counts, if it begins after all writes have ended.  Without two
    such processes the judgement is not known yet.
    """
    last: dict[Hashable, dict[Hashable, Operation]] = {}
    for op in sorted(history, key=lambda op: op.invoked):
        writes = [w for w in history if w.key == op.key and not looks(w) and w.outcome != "fail"]
        if looks(op) and op.result is not UNKNOWN and all(w.before(op) for w in writes):
            last.setdefault(op.key, {})[op.process] = op
    for reads in last.values():
        for one, other in combinations(reads.values(), 2):
            if one.result != other.result:
                clash = f"{told(one)}, but {told(other)}, and nothing is written any more"
                return Judgement(False, clash, (one, other))
    if any(len(reads) > 1 for reads in last.values()):
        return Judgement(True)
    return Judgement(None, "no two processes have read the same key since the last write")


# ---- who knows what


@dataclass(frozen=True)
class _Past:
    """The operations, the number of the write that each read saw (None: the first value), as far
    as that is settled, and a bit for each operation that an operation knows."""

    ops: tuple[Operation, ...]
    sources: Map[int, int | None]
    known: tuple[int, ...]
    writes: Map[Hashable, tuple[int, ...]]  # by their keys

    @classmethod
    def of(cls, ops: tuple[Operation, ...]) -> _Past:
        """All that is known before any read has seen anything: what the same process did before."""
        known = [0] * len(ops)
        numbers = {id(op): i for i, op in enumerate(ops)}
        for line in by_process(ops).values():
            sure = 0
            for op in line:
                known[numbers[id(op)]] = sure
                if op.outcome == "ok":
                    sure |= 1 << numbers[id(op)]
        writes: dict[Hashable, tuple[int, ...]] = {op.key: () for op in ops}
        for i, op in enumerate(ops):
            if not looks(op):
                writes[op.key] += (i,)
        return cls(ops, Map(), tuple(known), Map(writes))

    def seeing(self, read: int, write: int | None) -> _Past:
        """This read, and all that know it, know the write that it saw, and what that knew."""
        sources = self.sources | {read: write}
        if write is None or self.knows(read, write):
            return replace(self, sources=sources)
        new, bit = self.known[write] | 1 << write, 1 << read
        known = [k | new if i == read or k & bit else k for i, k in enumerate(self.known)]
        return replace(self, sources=sources, known=tuple(known))

    def knows(self, one: int, other: int) -> bool:
        return bool(self.known[one] >> other & 1)

    def older(self, one: int | None, other: int) -> bool:
        """Is what was written first surely older than what was written by the other?"""
        return one is None or (one != other and self.knows(other, one))

    def missed(self, read: int) -> int | None:
        """A write that the read knows, and that is surely newer than the one which it saw."""
        write, known = self.sources[read], self.known
        for newer in self.writes[self.ops[read].key]:
            if known[read] >> newer & 1 and self.older(write, newer):
                return newer
        return None


def _relevant(history: History) -> tuple[Operation, ...]:
    return tuple(
        op for op in history if op.outcome != "fail" and not (looks(op) and op.result is UNKNOWN)
    )


def _candidates(ops: Sequence[Operation], initial: Hashable) -> dict[int, list[int | None]]:
    """For each read the writes that it may have seen."""
    found: dict[int, list[int | None]] = {}
    for i, read in enumerate(ops):
        if looks(read):
            found[i] = [
                j
                for j, op in enumerate(ops)
                if not looks(op) and op.key == read.key and op.value == read.result
            ]
            if read.result == initial:
                found[i].append(None)
    return found


def _causal(past: _Past) -> Judgement:
    ops = past.ops
    for i, op in enumerate(ops):
        if past.knows(i, i):
            return Judgement(False, f"{told(op)}, and knows what comes of it", (op,))
    for read in past.sources:
        if (newer := past.missed(read)) is not None:
            clash = f"{told(ops[read])}, though it knows that {told(ops[newer])} after that"
            return Judgement(False, clash, (ops[newer], ops[read]))
    return Judgement(True)


# ---- session guarantees

Demand = Callable[[_Past, list[int], int], Iterator[int]]
"""(past, what the process did before, its read) -> writes to that key that the read must see."""


def _session(history: History, initial: Hashable, demand: Demand) -> Judgement:
    ops = _relevant(history)
    candidates = _candidates(ops, initial)
    past = _Past.of(ops)
    for read, found in candidates.items():
        if len(found) == 1:
            past = past.seeing(read, found[0])
    sure = past.sources
    numbers = {id(op): i for i, op in enumerate(ops)}
    for line in by_process(ops).values():
        mine = [numbers[id(op)] for op in line if op.outcome == "ok"]
        for n, read in enumerate(mine):
            if read not in sure:
                continue
            for write in demand(past, mine[:n], read):
                if ops[write].key == ops[read].key and past.older(sure[read], write):
                    clash = f"{told(ops[read])}, which is older than that {told(ops[write])}"
                    return Judgement(False, clash, (ops[write], ops[read]))
    return Judgement(True)


def _own_writes(past: _Past, before: list[int], read: int) -> Iterator[int]:
    return (i for i in before if not looks(past.ops[i]))


def _own_reads(past: _Past, before: list[int], read: int) -> Iterator[int]:
    return (seen for i in before if (seen := past.sources.get(i)) is not None)


def _writes_before(past: _Past, before: list[int], read: int) -> Iterator[int]:
    """What the writers of the values that it has read had written before those."""
    for seen in _own_reads(past, before, read):
        yield from (i for i in _earlier(past, seen) if not looks(past.ops[i]))


def _reads_before(past: _Past, before: list[int], read: int) -> Iterator[int]:
    """What the writers of the values that it has read had read before those."""
    for seen in _own_reads(past, before, read):
        reads = (i for i in _earlier(past, seen) if looks(past.ops[i]))
        yield from (source for i in reads if (source := past.sources.get(i)) is not None)


def _earlier(past: _Past, write: int) -> Iterator[int]:
    """What the same process did before."""
    own = past.ops[write]
    return (
        i
        for i, op in enumerate(past.ops)
        if op.process == own.process and op.invoked < own.invoked and op.outcome == "ok"
    )
