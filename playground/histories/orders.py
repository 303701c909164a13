"""Consistency models that ask for an order of operations, with less respect for time than
linearizability has.

one_copy_serializable   some order of all operations explains all answers
sequential              ... and keeps the order of each process (Lamport 1979)
fifo                    for each process some order of all writes explains its own answers, and
                        keeps the order of each process (PRAM: Lipton and Sandberg 1988)

None of them can be judged key by key, so the object is a store of all keys.  To decide them takes
exponential time at worst (Gibbons and Korach 1997): they are meant for the histories of lessons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, NamedTuple

from playground.histories.frontier import GaveUp, OutOfTime, Path, Steps, unwound
from playground.histories.history import (
    UNKNOWN,
    History,
    Judgement,
    Operation,
    by_process,
    listed,
    named,
    told,
)
from playground.histories.lookahead import Outlook
from playground.histories.objects import Keyed, Sequential

Chain = Sequence[Operation]
"""Operations that must take effect in this order."""


class Budget:
    """What a judgement may cost: so many seconds, or so many configurations, which gives the same
    answer on every machine."""

    def __init__(self, seconds: float | None = None, most: int | None = None) -> None:
        self.most = most
        self.tried = 0
        self._deadline = None if seconds is None else monotonic() + seconds
        self.over = f"within {seconds:g} seconds" if seconds else f"after {most} configurations"

    def spend(self) -> None:
        """Raises OutOfTime or GaveUp."""
        self.tried += 1
        if self.most is not None and self.tried > self.most:
            raise GaveUp
        if self.tried % 256 == 0 and self._deadline is not None and monotonic() > self._deadline:
            raise OutOfTime


def one_copy_serializable(
    history: History, obj: Sequential[Any], seconds: float | None = None, most: int | None = None
) -> Judgement:
    """Is there one order that explains all answers, whoever asked, and whenever?

    seconds, most  give up after so much time, or so many configurations; it is then not known
    """
    chains = [(op,) for op in history if op.outcome != "fail"]
    return _judged("one order of all operations explains", chains, obj, Budget(seconds, most))


def sequential(
    history: History, obj: Sequential[Any], seconds: float | None = None, most: int | None = None
) -> Judgement:
    """Is there one order that explains all answers, and keeps the order of each process?"""
    what, chains = "one order that keeps that of each process explains", by_process(history)
    return _judged(what, list(chains.values()), obj, Budget(seconds, most))


def fifo(
    history: History, obj: Sequential[Any], seconds: float | None = None, most: int | None = None
) -> Judgement:
    """Does each process see the writes of every process in the order in which they were asked?"""
    lines, budget = by_process(history), Budget(seconds, most)
    for process, own in lines.items():
        others = (map(_unasked, line) for other, line in lines.items() if other != process)
        try:
            if find_order([own, *map(tuple, others)], Keyed(each=obj), budget) is None:
                clash = f"no order of all writes explains what {named(process)} saw: {listed(own)}"
                return Judgement(False, clash, own)
        except (OutOfTime, GaveUp):
            return Judgement(None, f"no answer {budget.over}")
    return Judgement(True)


def _judged(what: str, chains: Sequence[Chain], obj: Sequential[Any], budget: Budget) -> Judgement:
    store = Keyed(each=obj)
    try:
        if find_order(chains, store, budget) is not None:
            return Judgement(True)
    except (OutOfTime, GaveUp):
        return Judgement(None, f"no answer {budget.over}")
    guilty = _guilty(chains, store, budget)
    clash = f"not {what} all answers"
    if guilty:
        clash += f"; but for this one: {told(guilty[0])}"
    return Judgement(False, clash, guilty)


def _guilty(chains: Sequence[Chain], obj: Sequential[Any], budget: Budget) -> tuple[Operation, ...]:
    """An answer without which all would be well: the last such, none if there is not one, or if it
    can't be found in time."""
    answers = [op for chain in chains for op in chain if op.result is not UNKNOWN]
    for guilty in sorted(answers, key=lambda op: -op.invoked):
        without = [[_unasked(op) if op is guilty else op for op in chain] for chain in chains]
        try:
            if find_order(without, obj, budget) is not None:
                return (guilty,)
        except (OutOfTime, GaveUp):
            break
    return ()


def _unasked(op: Operation) -> Operation:
    return replace(op, result=UNKNOWN)


# ---- the search


class _Node(NamedTuple):
    done: int
    state: int
    path: Path


class _Task(NamedTuple):
    """An operation that may take effect once all of `needs` have."""

    bit: int
    needs: int
    kind: int
    pure: bool
    op: Operation


def find_order(
    chains: Iterable[Chain], obj: Sequential[Any], budget: Budget | None = None
) -> tuple[Operation, ...] | None:
    """An order of all operations that keeps each chain and explains all answers, or None.

    What is of unknown outcome may be left out, and nothing waits for it.  Raises OutOfTime or
    GaveUp.
    """
    steps = Steps(obj, Outlook())
    tasks, due = _tasks(chains, steps)
    seen: set[tuple[int, int]] = set()
    stack = [_Node(0, steps.number(obj.initial), None)]
    while stack:
        node = _settled(stack.pop(), tasks, steps)
        if node.done & due == due:
            return tuple(unwound(node.path))
        if (node.done, node.state) in seen:
            continue
        seen.add((node.done, node.state))
        if budget is not None:
            budget.spend()
        for task in reversed(tasks):
            if not node.done & task.bit and task.needs & ~node.done == 0:
                after = steps.take(node.state, task.kind).after
                if after >= 0:
                    stack.append(_Node(node.done | task.bit, after, (node.path, task.op)))
    return None


def _settled(node: _Node, tasks: Sequence[_Task], steps: Steps) -> _Node:
    """Reads take effect where they fit: to wait would not help them, nor anybody else."""
    done, state, path = node
    reads = [task for task in tasks if task.pure and steps.take(state, task.kind).after >= 0]
    while ready := [t for t in reads if not done & t.bit and t.needs & ~done == 0]:
        for task in ready:
            done, path = done | task.bit, (path, task.op)
    return _Node(done, state, path)


def _tasks(chains: Iterable[Chain], steps: Steps) -> tuple[list[_Task], int]:
    """In the order of their calls, and the bits of those that can't be left out."""
    tasks: list[_Task] = []
    due = 0
    for chain in chains:
        needs = 0
        for op in chain:
            pure = steps.obj.pure(op.call, op.result)
            if pure and op.result is UNKNOWN:
                continue
            bit = 1 << len(tasks)
            tasks.append(_Task(bit, needs, steps.kind(op)[0], pure, op))
            if op.outcome == "ok":
                needs = bit
                due |= bit
    return sorted(tasks, key=lambda task: task.op.invoked), due
