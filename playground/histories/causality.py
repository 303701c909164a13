"""What each process may know: causal consistency, session guarantees, convergence.

An operation *knows* another if that came before it at the same process, or is the write that it
reads, or is known by something that it knows.  No global time is asked for, and no order of writes
that do not know each other.

Which write a read saw is told by its value.  If several have written that value, the read proves
nothing against a session guarantee, and for causal consistency every one of them is tried.

Source  Ahamad et al., Causal memory (1995), with the bad patterns of Bouajjani et al., On verifying
        causal consistency (2017), section 4, for CC; Terry et al., Session guarantees (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
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


def causal(history: History, initial: Hashable = None, seconds: float | None = None) -> Judgement:
    """Does no read miss a write that it knows, whichever way the reads saw the writes?"""
    deadline = None if seconds is None else monotonic() + seconds
    judgement = Judgement(True)
    for past in _pasts(history, initial):
        judgement = _causal(past)
        if judgement:
            break
        if deadline is not None and monotonic() > deadline:
            return Judgement(None, f"no answer within {seconds:g} seconds")
    return judgement


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
    """The operations, and the number of the write that each read saw (None: the first value)."""

    ops: tuple[Operation, ...]
    sources: dict[int, int | None]
    initial: Hashable

    @cached_property
    def known(self) -> list[int]:
        """A bit for each operation that an operation knows."""
        known = [0] * len(self.ops)
        numbers = {id(op): i for i, op in enumerate(self.ops)}
        for line in by_process(self.ops).values():
            sure = 0
            for op in line:
                known[numbers[id(op)]] |= sure
                if op.outcome == "ok":
                    sure |= 1 << numbers[id(op)]
        for read, write in self.sources.items():
            if write is not None:
                known[read] |= 1 << write
        for middle in range(len(known)):
            for i in range(len(known)):
                if known[i] >> middle & 1:
                    known[i] |= known[middle]
        return known

    def knows(self, one: int, other: int) -> bool:
        return bool(self.known[one] >> other & 1)

    def older(self, one: int | None, other: int) -> bool:
        """Is what was written first surely older than what was written by the other?"""
        return one is None or (one != other and self.knows(other, one))

    def writes(self, key: Hashable) -> Iterator[int]:
        return (i for i, op in enumerate(self.ops) if not looks(op) and op.key == key)


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


def _pasts(history: History, initial: Hashable) -> Iterator[_Past]:
    ops = _relevant(history)
    candidates = _candidates(ops, initial)
    for i, found in candidates.items():
        if not found:
            candidates[i] = [i]  # it reads from itself, out of thin air
    for choice in product(*candidates.values()):
        yield _Past(ops, dict(zip(candidates, choice, strict=True)), initial)


def _causal(past: _Past) -> Judgement:
    ops = past.ops
    for read, write in past.sources.items():
        if write == read:
            return Judgement(False, f"{told(ops[read])}, which nobody wrote", (ops[read],))
    for i, op in enumerate(ops):
        if past.knows(i, i):
            return Judgement(False, f"{told(op)}, and knows what comes of it", (op,))
    for read, write in past.sources.items():
        for newer in past.writes(ops[read].key):
            if past.knows(read, newer) and past.older(write, newer):
                clash = f"{told(ops[read])}, though it knows that {told(ops[newer])} after that"
                return Judgement(False, clash, (ops[newer], ops[read]))
    return Judgement(True)


# ---- session guarantees

Demand = Callable[[_Past, list[int], int], Iterator[int]]
"""(past, what the process did before, its read) -> writes to that key that the read must see."""


def _session(history: History, initial: Hashable, demand: Demand) -> Judgement:
    ops = _relevant(history)
    candidates = _candidates(ops, initial)
    sure = {i: found[0] for i, found in candidates.items() if len(found) == 1}
    past = _Past(ops, sure, initial)
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
