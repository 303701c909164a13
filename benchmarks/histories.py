"""Judging histories, beside carrying them out; reading them, beside JSON.

The floor applies the operations to the object in an order that is known to be right.  A judge has
to find such an order, or to be sure that there is none.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from typing import Any

from benchmarks.measure import Figure, paired
from playground.formats.edn import read
from playground.formats.places import Source
from playground.histories.history import History
from playground.histories.linear import linearizable
from playground.histories.objects import CasRegister, KeyValue, Sequential
from tests.histories.histories import broken, cas_calls, kv_calls, simulated

TARGETS = {"cas 170, 5 processes": (50, 300)} | {
    "kv 2000, 10 keys, 10 processes": (100, 200),
    "kv 2000, 10 keys, 50 processes": (200, 400),
    "kv 2000, 1 key, 10 processes": (200, 600),
}
"""Times the floor: for a correct history, and for one of which one answer was changed."""

READING = 30
"""Times as long as the JSON reader, which is written in C."""


def figures(scale: float) -> Iterator[Figure]:
    turns = max(3, int(7 * scale))
    for name, (right, wrong) in TARGETS.items():
        history, obj, asks = recorded(name)
        order = linearizable(history, obj).order
        changed = broken(history, 1, asks)
        assert linearizable(changed, obj).holds is False
        yield judged(name, history, order, obj, right, turns)
        yield judged(f"{name}, wrong", changed, order, obj, wrong, turns)
    yield reading(turns)


def recorded(name: str) -> tuple[History, Sequential[Any], str]:
    """The history, its object, and what a read is called there."""
    numbers = [int(word) for word in name.replace(",", "").split() if word.isdecimal()]
    if name.startswith("cas"):
        operations, processes = numbers
        one = CasRegister()
        done = simulated(one, cas_calls, operations=operations, processes=processes, seed=1)
        return done, one, "read"
    operations, keys, processes = numbers
    each = KeyValue()
    done = simulated(each, kv_calls(keys), operations=operations, processes=processes, seed=1)
    return done, each, "get"


def judged(
    name: str, history: History, order: History, obj: Sequential[Any], target: int, turns: int
) -> Figure:
    ours, least, ratio = paired(
        lambda: linearizable(history, obj, 60), lambda: carried_out(order, obj), turns
    )
    return Figure(name, f"{1e3 * ours:.0f} ms", f"{1e3 * least:.2f} ms", ratio, target)


def carried_out(order: History, obj: Sequential[Any]) -> None:
    states: dict[Hashable, Any] = {}
    for op in order:
        state, answer = obj.apply(states.get(op.key, obj.initial), op.call)
        assert obj.agrees(answer, op.result)
        states[op.key] = state


def reading(turns: int) -> Figure:
    entries = [
        {"process": i % 50, "type": "ok", "f": "append", "key": str(i % 10), "value": f"x {i} y"}
        for i in range(4000)
    ]
    lines = [json.dumps(entry) for entry in entries]
    maps = [
        f'{{:process {e["process"]}, :type :ok, :f :append, :key "{e["key"]}", '
        f':value "{e["value"]}"}}'
        for e in entries
    ]
    source = Source("\n".join(maps), "benchmark")
    ours, least, ratio = paired(
        lambda: read(source), lambda: [json.loads(line) for line in lines], turns
    )
    return Figure(
        "4000 entries of EDN, beside JSON",
        f"{1e3 * ours:.0f} ms",
        f"{1e3 * least:.2f} ms",
        ratio,
        READING,
    )
