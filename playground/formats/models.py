"""What the entries of a recorded history mean to the object that was tested.

A model says which calls belong to it, what is passed to them, and what their answers say.  `nil` as
the answer of a read says nothing if the object can't hold nil, as in Knossos ("we don't know what
the read was"); if it starts with nil, or somebody writes nil, it is a value.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, TypeGuard

from playground.formats.edn import Symbol, read
from playground.formats.entries import Entry, frozen, name
from playground.formats.places import Source
from playground.histories.history import READS, UNKNOWN, WRITES, Operation
from playground.histories.objects import (
    CasRegister,
    KeyValue,
    MultiRegister,
    Mutex,
    Register,
    Sequential,
)
from playground.session.errors import BadInput, unknown
from playground.values import Map, text


@dataclass
class Model:
    """`entries` is all of the history, `init` what was given as the first state, if anything."""

    entries: Sequence[Entry]
    init: str | None = None
    obj: Sequential[Any] = field(init=False)
    name: ClassVar[str]
    calls: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        self.obj = self.start(None if self.init is None else first_state(self.init))

    def start(self, init: Hashable) -> Sequential[Any]:
        """The object in its first state; `init` is None if it was not given, or nil."""
        raise NotImplementedError

    def argument(self, entry: Entry) -> Hashable:
        """What is passed, as a call or its answer tells it; None if it does not."""
        return entry.value

    def result(self, entry: Entry, op: Operation) -> Any:
        """What an "ok" says."""
        return UNKNOWN


class RegisterModel(Model):
    name = "register"
    calls: ClassVar[tuple[str, ...]] = ("read", "write")
    obj: Register

    def start(self, init: Hashable) -> Register:
        return Register(init)

    def argument(self, entry: Entry) -> Hashable:
        return None if entry.f == "read" else entry.value

    def result(self, entry: Entry, op: Operation) -> Any:
        if entry.f == "read" and (entry.value is not None or self.may_hold_nil):
            return entry.value
        return UNKNOWN

    @cached_property
    def may_hold_nil(self) -> bool:
        return self.obj.initial is None or any(
            e.type == "invoke" and e.f != "read" and self._written(e) is None for e in self.entries
        )

    def _written(self, entry: Entry) -> Hashable:
        return entry.value


class CasRegisterModel(RegisterModel):
    name = "cas-register"
    calls = ("read", "write", "cas")

    def start(self, init: Hashable) -> Register:
        return CasRegister(init)

    def argument(self, entry: Entry) -> Hashable:
        if entry.f == "cas" and not _is_pair(entry.value):
            value = "nil" if entry.value is None else text(entry.value)
            raise BadInput(f"cas needs the old and the new value, as in [2 3], not {value}")
        return super().argument(entry)

    def result(self, entry: Entry, op: Operation) -> Any:
        return True if entry.f == "cas" else super().result(entry, op)

    def _written(self, entry: Entry) -> Hashable:
        return entry.value[-1] if entry.f == "cas" and _is_pair(entry.value) else entry.value


class KeyValueModel(Model):
    name = "kv"
    calls = ("get", "put", "append")

    def start(self, init: Hashable) -> KeyValue:
        return KeyValue("" if init is None else init if isinstance(init, str) else text(init))

    def argument(self, entry: Entry) -> Hashable:
        if entry.key is None:
            raise BadInput(f'{entry.f} needs a :key, as in {{:f :{entry.f}, :key "x", ...}}')
        if entry.f == "get":
            return None
        if entry.type == "invoke" and entry.value is None:
            raise BadInput(f'{entry.f} needs a :value, as in {{:f :{entry.f}, :value "a", ...}}')
        if entry.f == "append" and entry.value is not None and not isinstance(entry.value, str):
            raise BadInput(f"append needs a text, not {text(entry.value)}")
        return entry.value

    def result(self, entry: Entry, op: Operation) -> Any:
        if entry.f != "get":
            return UNKNOWN
        return "" if entry.value is None else entry.value


class MultiRegisterModel(Model):
    name = "multi-register"
    calls = ("txn",)
    obj: MultiRegister

    def start(self, init: Hashable) -> MultiRegister:
        if not isinstance(init, Map):
            return MultiRegister(default=init)
        known = {name(key): key for e in self.entries for _, key, _ in _sound_parts(e)}
        return MultiRegister(Map((known.get(name(key), key), v) for key, v in init.items()))

    def argument(self, entry: Entry) -> Hashable:
        if entry.value is None:
            return None
        return tuple((f, key, v if f in WRITES else None) for f, key, v in _parts(entry))

    def result(self, entry: Entry, op: Operation) -> Any:
        return tuple(
            UNKNOWN if f in WRITES or (value is None and not self._may_hold_nil(key)) else value
            for f, key, value in _parts(entry)
        )

    def _may_hold_nil(self, key: Hashable) -> bool:
        return self.obj.initial.get(key, self.obj.default) is None or key in self._nil_written

    @cached_property
    def _nil_written(self) -> set[Hashable]:
        return {
            key
            for e in self.entries
            for f, key, value in _sound_parts(e)
            if e.type == "invoke" and f in WRITES and value is None
        }


class MutexModel(Model):
    name = "mutex"
    calls = ("acquire", "release")

    def start(self, init: Hashable) -> Mutex:
        words = {"locked": True, "true": True, "free": False, "false": False}
        if init is None:
            return Mutex()
        if name(init) not in words:
            raise BadInput(unknown("state of a mutex", name(init), ("free", "locked")))
        return Mutex(words[name(init)])

    def argument(self, entry: Entry) -> Hashable:
        return None

    def result(self, entry: Entry, op: Operation) -> Any:
        return True


def _is_pair(value: Hashable) -> TypeGuard[tuple[Hashable, Hashable]]:
    return isinstance(value, tuple) and len(value) == 2


def _parts(entry: Entry) -> list[tuple[str, Hashable, Hashable]]:
    """The reads and writes of a transaction.  Raises BadInput if it has another form."""
    parts = []
    for part in entry.value if isinstance(entry.value, tuple) else (entry.value,):
        if not isinstance(part, tuple) or len(part) != 3:
            raise BadInput(
                "txn needs a list of reads and writes, as in [[:read :x nil] [:write :y 1]], "
                f"not {text(entry.value)}"
            )
        f = name(part[0])
        if f not in READS | WRITES:
            raise BadInput(unknown("part of a transaction", f, ("read", "write", "r", "w")))
        parts.append((f, part[1], part[2]))
    return parts


def _sound_parts(entry: Entry) -> list[tuple[str, Hashable, Hashable]]:
    """None if it has another form: that is told when its turn comes."""
    try:
        return _parts(entry)
    except BadInput:
        return []


MODELS: dict[str, type[Model]] = {
    m.name: m
    for m in (RegisterModel, CasRegisterModel, KeyValueModel, MultiRegisterModel, MutexModel)
}


def guess(calls: set[str]) -> str | None:
    """The first model that has all of these calls."""
    return next((m.name for m in MODELS.values() if calls <= set(m.calls)), None)


def first_state(words: str) -> Hashable:
    """A value as somebody types it: EDN, JSON, or a bare word, which is a text.

    Raises BadInput if it is none.
    """
    try:
        return frozen(json.loads(words))
    except (ValueError, RecursionError):
        pass
    forms = read(Source(words, "--init"))
    if len(forms) != 1:
        raise BadInput(f"--init needs one value, such as 0, nil or {{:x 0}}, not {words!r}")
    value = forms[0].value
    return (
        value.name if isinstance(value, Symbol) and value.name not in ("true", "false") else value
    )
