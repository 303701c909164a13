"""Histories for tests: written by hand, drawn at random, recorded from a simulated service."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations, count, permutations, product
from random import Random
from typing import Any

from hypothesis import strategies as st

from playground.histories.history import UNKNOWN, Call, History, Operation, Recorder
from playground.histories.objects import Sequential


def history(*lines: str) -> tuple[Operation, ...]:
    """One line for each process, time goes to the right: `0: [write 1--]   [read =2]  [write 3`.

    An operation without its closing bracket has no answer; what follows `=` is the answer.
    """
    operations = []
    for line in lines:
        process, _, rest = line.partition(":")
        start = len(process) + 1
        for chunk in rest.split("[")[1:]:
            at = line.index("[" + chunk, start)
            start = at + 1
            body, closed, _ = chunk.partition("]")
            words, answered, answer = body.strip(" -").partition("=")
            f, *values = words.split()
            arguments = tuple(map(_value, values))
            operations.append(
                Operation(
                    process.strip(),
                    f,
                    arguments if len(arguments) > 1 else arguments[0] if arguments else None,
                    _value(answer.strip(" -")) if answered else UNKNOWN,
                    "ok" if closed else "info",
                    at,
                    at + 1 + len(body) if closed else None,
                )
            )
    return tuple(sorted(operations, key=lambda op: op.invoked))


def _value(word: str) -> Hashable:
    if word.lstrip("-").isdigit():
        return int(word)
    return {"nil": None, "true": True, "false": False}.get(word, word)


# ---- drawn at random, with answers that may well be wrong

Calls = Sequence[tuple[Call, Sequence[Any]]]
"""Calls, each with answers that it may be said to have got."""


def small(calls: Calls, most: int = 6) -> st.SearchStrategy[History]:
    """Up to `most` operations of up to 3 processes; each call with one of its possible answers."""
    asked = st.sampled_from(calls).flatmap(
        lambda c: st.tuples(st.just(c[0]), st.sampled_from([*c[1], UNKNOWN]))
    )
    outcome = st.sampled_from(["ok", "ok", "ok", "ok", "info", "fail"])
    one = st.tuples(st.integers(0, 2), asked, outcome, st.integers(0, 3), st.integers(0, 3))
    return st.lists(one, min_size=1, max_size=most).map(_laid_out)


def _laid_out(drawn: list[tuple[int, tuple[Call, Any], str, int, int]]) -> History:
    """Each process does one thing after the other, with waits of the drawn lengths."""
    clock = {0: 0, 1: 0, 2: 0}
    operations = []
    for process, (call, result), outcome, wait, length in drawn:
        # Now and then one ends at the moment at which that of another process begins.
        invoked = (clock[process] + wait) * 2 + process % 2
        clock[process] += wait + length + 1
        ended = clock[process] * 2 + process % 2 - 1
        op = Operation(
            process, call.f, call.value, result, "ok", invoked, max(ended, invoked), call.key
        )
        if outcome == "info":
            op = replace(op, outcome="info", result=UNKNOWN, responded=None)
        elif outcome == "fail":
            op = replace(op, outcome="fail", result=UNKNOWN)
        operations.append(op)
    return tuple(sorted(operations, key=lambda op: op.invoked))


REGISTER: Calls = [
    (Call("read"), [None, 1, 2]),
    (Call("write", 1), [None]),
    (Call("write", 2), [None]),
]
CAS: Calls = [
    *REGISTER,
    (Call("cas", (1, 2)), [True, False]),
    (Call("cas", (2, 1)), [True, False]),
    (Call("write", 3), [None]),
]
KV: Calls = [
    (Call("get"), ["", "a", "b", "ab", "ba"]),
    (Call("put", "a"), [None]),
    (Call("append", "a"), [None]),
    (Call("append", "b"), [None]),
]
TWO_KEYS: Calls = [
    (Call("read", None, "x"), [None, 1, 2]),
    (Call("read", None, "y"), [None, 1]),
    (Call("write", 1, "x"), [None]),
    (Call("write", 2, "x"), [None]),
    (Call("write", 1, "y"), [None]),
]
QUEUE: Calls = [
    (Call("enqueue", 1), [None]),
    (Call("enqueue", 2), [None]),
    (Call("dequeue"), [None, 1, 2]),
]
MUTEX: Calls = [(Call("acquire"), [True]), (Call("release"), [True])]
COUNTER: Calls = [(Call("add", 1), [1, 2, 3]), (Call("read"), [0, 1, 2, 3])]
TXN: Calls = [
    (Call("txn", (("read", "x", None), ("read", "y", None))), [(None, None), (1, 1), (1, None)]),
    (Call("txn", (("write", "x", 1), ("write", "y", 1))), [(1, 1)]),
    (Call("txn", (("write", "x", 2), ("read", "y", None))), [(2, 1), (2, None), (2, UNKNOWN)]),
]


# ---- the slow way: every order of all that happened, and of some of what may have


def brute(
    ops: History, obj: Sequential[Any], precedes: Callable[[Operation, Operation], bool]
) -> bool:
    """Does some order explain all answers, in which nothing stands behind what it precedes?"""

    def goes_on(rest: list[Operation], state: Any) -> bool:
        if all(op.outcome == "info" for op in rest):
            return True
        for op in rest:
            others = [other for other in rest if other is not op]
            if not any(other.outcome == "ok" and precedes(other, op) for other in others):
                after, answer = obj.apply(state, op.call)
                if obj.agrees(answer, op.result) and goes_on(others, after):
                    return True
        return False

    return goes_on([op for op in ops if op.outcome != "fail"], obj.initial)


def explains(order: Iterable[Operation], obj: Sequential[Any]) -> bool:
    state = obj.initial
    for op in order:
        state, answer = obj.apply(state, op.call)
        if not obj.agrees(answer, op.result):
            return False
    return True


def brute_linearizable(ops: History, obj: Sequential[Any]) -> bool:
    return brute(ops, obj, Operation.before)


def brute_causal(ops: History) -> bool:
    """Did the reads see writes in such a way that for each of them some order of the writes that it
    knows, which keeps who knows whom, ends with the value that it read?"""
    known = [op for op in ops if op.outcome != "fail" and not _says_nothing(op)]
    numbers = range(len(known))
    lines = {
        (a, b)
        for a, b in permutations(numbers, 2)
        if known[a].process == known[b].process
        and known[a].invoked < known[b].invoked
        and known[a].outcome == "ok"
    }
    reads = [i for i in numbers if known[i].f == "read"]
    seen = [[j for j in (*numbers, -1) if _may_have_seen(known, i, j)] for i in reads]
    sights = ({(j, i) for i, j in zip(reads, c, strict=True) if j >= 0} for c in product(*seen))
    return any(_explained(known, reads, _closed(lines | saw)) for saw in sights)


def _says_nothing(op: Operation) -> bool:
    return op.f == "read" and op.result is UNKNOWN


def _may_have_seen(ops: Sequence[Operation], read: int, write: int) -> bool:
    """-1 is what was there at first."""
    if write < 0:
        return ops[read].result is None
    asked = (ops[write].f, ops[write].key, ops[write].value)
    return asked == ("write", ops[read].key, ops[read].result)


def _closed(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    more = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
    return _closed(pairs | more) if more else pairs


def _explained(ops: Sequence[Operation], reads: Iterable[int], knows: set[tuple[int, int]]) -> bool:
    def explained(read: int) -> bool:
        own = [i for i, op in enumerate(ops) if op.f == "write" and op.key == ops[read].key]
        return any(
            not any((b, a) in knows for a, b in combinations(order, 2))
            and (ops[order[-1]].value if order else None) == ops[read].result
            for order in permutations(i for i in own if (i, read) in knows)
        )

    return not any(a == b for a, b in knows) and all(map(explained, reads))


# ---- recorded from a service that is simulated


def simulated(
    obj: Sequential[Any],
    ask: Callable[[Random], Call],
    *,
    operations: int,
    processes: int,
    seed: int,
    lost: float = 0.0,
    hurry: float = 0.5,
) -> tuple[Operation, ...]:
    """A correct history: each operation takes effect at one random moment while it is open.

    lost   how often an answer is lost, with the process that waits for it; another takes its place
    hurry  how eager open operations are to take effect and to answer, against new calls
    """
    draw = Random(seed)
    recorder = Recorder()
    state: dict[Hashable, Any] = {}
    waiting: dict[int, Call] = {}
    answered: dict[int, Any] = {}
    idle = list(range(processes))
    fresh = processes
    called = 0
    while called < operations or waiting or answered:
        if idle and called < operations and (draw.random() > hurry or not (waiting or answered)):
            process = idle.pop(draw.randrange(len(idle)))
            call = ask(draw)
            recorder.invoke(process, call.f, call.value, call.key)
            waiting[process] = call
            called += 1
        elif waiting and (draw.random() < 0.5 or not answered):
            process = draw.choice(sorted(waiting))
            call = waiting.pop(process)
            if draw.random() < lost / 2:
                recorder.info(process)
                idle.append(fresh)
                fresh += 1
                continue
            key = call.key
            state[key], answered[process] = obj.apply(state.get(key, obj.initial), call)
        elif answered:
            process = draw.choice(sorted(answered))
            result = answered.pop(process)
            if draw.random() < lost / 2:
                recorder.info(process)
                idle.append(fresh)
                fresh += 1
            else:
                recorder.ok(
                    process, UNKNOWN if result is None and _silent(recorder, process) else result
                )
                idle.append(process)
    return recorder.history()


def _silent(recorder: Recorder, process: Hashable) -> bool:
    return recorder.pending(process).f not in ("read", "get", "dequeue")


def cas_calls(draw: Random) -> Call:
    f = draw.choice(["read", "write", "cas"])
    value = {
        "read": None,
        "write": draw.randrange(5),
        "cas": (draw.randrange(5), draw.randrange(5)),
    }
    return Call(f, value[f])


def kv_calls(keys: int) -> Callable[[Random], Call]:
    """Half of them gets, as in the histories that come with Porcupine; each value is new."""
    numbers = count()

    def ask(draw: Random) -> Call:
        f = draw.choice(["get", "get", "put", "append", "append"])
        return Call(f, None if f == "get" else f"x {next(numbers)} y", str(draw.randrange(keys)))

    return ask


def register_calls() -> Callable[[Random], Call]:
    """Values that are all different."""
    values = count(1)

    def ask(draw: Random) -> Call:
        f = draw.choice(["read", "write"])
        return Call(f, next(values) if f == "write" else None)

    return ask


def texts(*pieces: str) -> Callable[[Random], Call]:
    """Pieces of text that come several times."""

    def ask(draw: Random) -> Call:
        f = draw.choice(["get", "get", "put", "append", "append"])
        return Call(f, None if f == "get" else draw.choice(pieces))

    return ask


def broken(ops: History, seed: int, read: str = "read") -> tuple[Operation, ...]:
    """The same with one answer of a read changed to that of another one."""
    draw = Random(seed)
    reads = [i for i, op in enumerate(ops) if op.f == read and op.outcome == "ok"]
    one = draw.choice(reads[len(reads) // 2 :])
    other = draw.choice([op.result for op in ops if op.f == read and op.result != ops[one].result])
    return changed(ops, one, other)


def changed(ops: History, number: int, result: Any) -> tuple[Operation, ...]:
    return tuple(replace(op, result=result) if i == number else op for i, op in enumerate(ops))


def doubtful(ops: History, seed: int) -> tuple[Operation, ...]:
    """The same with one answer of a read changed to something that may well be possible, too."""
    draw = Random(seed)
    reads = [i for i, op in enumerate(ops) if op.f in ("read", "get") and op.outcome == "ok"]
    if not reads:
        return tuple(ops)
    values: list[Any] = [op.value for op in ops if op.value is not None]
    written = [value[1] if isinstance(value, tuple) else value for value in values]
    answer = draw.choice([*written, *(ops[i].result for i in reads)])
    if isinstance(answer, str) and draw.random() < 0.5:
        answer += draw.choice(written)
    return changed(ops, draw.choice(reads), answer)
