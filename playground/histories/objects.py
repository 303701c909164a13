"""Sequential objects: what an object does if its operations come one after the other.

`apply(state, call) -> (state, result)` is all there is; states are immutable and hashable.  Each
object can also tell what makes judging fast: which operations never change it, and what the answers
of a history show of it.

Source  The sheet, section 1.4; for recorded histories the models of Knossos and Porcupine.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from playground.histories.errors import BadHistory, unknown
from playground.histories.history import READS, UNKNOWN, WRITES, Call, History, said
from playground.histories.lookahead import Outlook, of_texts, of_values
from playground.values import Map

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True)
class Sequential(Generic[S]):
    """An object, with the state in which it starts."""

    initial: S
    name: ClassVar[str]
    calls: ClassVar[tuple[str, ...]]
    verb: ClassVar[str] = "hold"

    def apply(self, state: S, call: Call) -> tuple[S, Any]:
        """The state after the call, and its answer.  None as an answer: done, nothing to say."""
        raise NotImplementedError

    def agrees(self, answer: Any, result: Any) -> bool:
        """Can an operation that answers `answer` have been seen to answer `result`?"""
        return result is UNKNOWN or answer == result

    def pure(self, call: Call, result: Any) -> bool:
        """Does it leave every state as it is in which it gives this result?"""
        return False

    def outlook(self, history: History) -> Outlook:
        """What the answers of this history show of it: see `lookahead`."""
        return Outlook()

    def words(self, state: S) -> str:
        """What it holds, or is (`verb`), in this state."""
        return said(state)

    def unknown_call(self, call: Call) -> BadHistory:
        return BadHistory(unknown(f"operation of a {self.name}", call.f, self.calls))


@dataclass(frozen=True)
class Register(Sequential[Hashable]):
    """read, write v."""

    initial: Hashable = None
    name = "register"
    calls: ClassVar[tuple[str, ...]] = ("read", "write")

    def apply(self, state: Hashable, call: Call) -> tuple[Hashable, Any]:
        match call.f:
            case "read":
                return state, state
            case "write":
                return call.value, None
        raise self.unknown_call(call)

    def pure(self, call: Call, result: Any) -> bool:
        return call.f == "read"

    def outlook(self, history: History) -> Outlook:
        return of_values(history, self.initial)


@dataclass(frozen=True)
class CasRegister(Register):
    """read, write v, and cas (old, new): it writes new if it holds old, and says whether it did."""

    name = "cas-register"
    calls = ("read", "write", "cas")

    def apply(self, state: Hashable, call: Call) -> tuple[Hashable, Any]:
        if call.f != "cas":
            return super().apply(state, call)
        old, new = _pair(call)
        return (new, True) if state == old else (state, False)

    def pure(self, call: Call, result: Any) -> bool:
        return call.f == "read" or (call.f == "cas" and result is False)


@dataclass(frozen=True)
class KeyValue(Sequential[Hashable]):
    """get, put v, append v, of one key; `Keyed` makes a store of them.  A missing key holds ""."""

    initial: Hashable = ""
    name = "kv"
    calls = ("get", "put", "append")

    def apply(self, state: Hashable, call: Call) -> tuple[Hashable, Any]:
        match call.f:
            case "get":
                return state, state
            case "put":
                return call.value, None
            case "append":
                return f"{state}{call.value}", None
        raise self.unknown_call(call)

    def pure(self, call: Call, result: Any) -> bool:
        return call.f == "get"

    def outlook(self, history: History) -> Outlook:
        return of_texts(history, self.initial)


@dataclass(frozen=True)
class MultiRegister(Sequential[Map[Hashable, Hashable]]):
    """txn ((f, key, value), ...): reads and writes of several registers in one step.

    Its answer is the values, in the order of the reads and writes.  `default` is what a register
    holds that `initial` does not name.
    """

    initial: Map[Hashable, Hashable] = Map()
    default: Hashable = None
    name = "multi-register"
    calls = ("txn",)

    def apply(
        self, state: Map[Hashable, Hashable], call: Call
    ) -> tuple[Map[Hashable, Hashable], Any]:
        if call.f != "txn":
            raise self.unknown_call(call)
        answers = []
        for f, key, value in _parts(call):
            if f in WRITES:
                state |= {key: value}
            elif f not in READS:
                raise BadHistory(unknown("part of a transaction", str(f), ("read", "write")))
            answers.append(state.get(key, self.default))
        return state, tuple(answers)

    def agrees(self, answer: Any, result: Any) -> bool:
        if result is UNKNOWN:
            return True
        pairs = zip(answer, result, strict=False)
        return len(answer) == len(result) and all(r is UNKNOWN or a == r for a, r in pairs)

    def pure(self, call: Call, result: Any) -> bool:
        return call.f == "txn" and all(f in READS for f, _, _ in _parts(call))

    def words(self, state: Map[Hashable, Hashable]) -> str:
        return " and ".join(f"{said(k)} = {said(v)}" for k, v in state.items()) or "nothing"


@dataclass(frozen=True)
class Mutex(Sequential[bool]):
    """acquire, release: true if it could be done.  Who holds it is not asked, as in Knossos: after
    a crash a process goes on under another name."""

    initial: bool = False
    name = "mutex"
    calls = ("acquire", "release")
    verb = "be"

    def apply(self, state: bool, call: Call) -> tuple[bool, Any]:
        match call.f:
            case "acquire":
                return True, not state
            case "release":
                return False, state
        raise self.unknown_call(call)

    def words(self, state: bool) -> str:
        return "locked" if state else "free"


@dataclass(frozen=True)
class Queue(Sequential[tuple[Hashable, ...]]):
    """enqueue v, dequeue: the oldest value, None if there is none."""

    initial: tuple[Hashable, ...] = ()
    name = "queue"
    calls = ("enqueue", "dequeue")

    def apply(self, state: tuple[Hashable, ...], call: Call) -> tuple[tuple[Hashable, ...], Any]:
        match call.f:
            case "enqueue":
                return (*state, call.value), None
            case "dequeue":
                return (state[1:], state[0]) if state else ((), None)
        raise self.unknown_call(call)

    def pure(self, call: Call, result: Any) -> bool:
        return call.f == "dequeue" and result is None


@dataclass(frozen=True)
class Counter(Sequential[int]):
    """add n: the sum after it; read."""

    initial: int = 0
    name = "counter"
    calls = ("add", "read")

    def apply(self, state: int, call: Call) -> tuple[int, Any]:
        match call.f, call.value:
            case "read", _:
                return state, state
            case "add", int(n):
                return state + n, state + n
            case "add", other:
                raise BadHistory(f"a counter adds whole numbers, not {said(other)}")
        raise self.unknown_call(call)

    def pure(self, call: Call, result: Any) -> bool:
        return call.f == "read"


@dataclass(frozen=True)
class Keyed(Sequential[Map[Hashable, Any]]):
    """One object of a kind for each key, as a single object.

    Linearizability can look at each key alone; sequential and causal consistency can't.
    """

    initial: Map[Hashable, Any] = Map()
    each: Sequential[Any] = Register()
    name = "store"

    def apply(self, state: Map[Hashable, Any], call: Call) -> tuple[Map[Hashable, Any], Any]:
        before = state.get(call.key, self.each.initial)
        after, answer = self.each.apply(before, call)
        return (state if after == before else state | {call.key: after}), answer

    def agrees(self, answer: Any, result: Any) -> bool:
        return self.each.agrees(answer, result)

    def pure(self, call: Call, result: Any) -> bool:
        return self.each.pure(call, result)


def _pair(call: Call) -> tuple[Hashable, Hashable]:
    match call.value:
        case (old, new):
            return old, new
    raise BadHistory(f"cas needs a pair, the old and the new value, not {said(call.value)}")


def _parts(call: Call) -> tuple[tuple[Any, Hashable, Hashable], ...]:
    if isinstance(call.value, tuple) and all(
        isinstance(part, tuple) and len(part) == 3 for part in call.value
    ):
        return call.value
    raise BadHistory(f"txn needs a list of triples such as (read, x, -), not {said(call.value)}")
