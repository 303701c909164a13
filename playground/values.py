"""Immutable, hashable values: what the fields of a node and of a message may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

import msgspec
from msgspec.structs import replace as replace  # replace(record, field=value)

K = TypeVar("K")
V = TypeVar("V")


Instant = Fraction
"""A time, or a span of time, by some clock; exact, so that runs repeat to the last digit."""


@dataclass_transform(frozen_default=True)
class Record(msgspec.Struct, frozen=True, gc=False):
    """A record that cannot change, compared by type and fields.

    Worlds, messages and actions are made by the million.  msgspec makes a record in a third of the
    time of a NamedTuple, and in an eighth of that of a frozen dataclass.  The garbage collector
    need not know of them: who never changes is part of no cycle.
    """


class Map(dict[K, V]):
    """A dict that cannot change: `m |= {k: v}` rebinds `m` to a new Map.

    It iterates in the order of its keys, so equal maps behave equally whatever their history.
    """

    __slots__ = ("_hash",)

    _hash: int

    @overload
    def __init__(self, items: Mapping[K, V]) -> None: ...
    @overload
    def __init__(self, items: Iterable[tuple[K, V]] = ()) -> None: ...
    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        super().__init__(_ordered(dict(items)))

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a Map cannot change; `m |= {k: v}` rebinds m to a new one")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse

    def __or__(self, other: Mapping[K, V]) -> Map[K, V]:  # type: ignore[override]
        items = {**self, **other}
        return _map(items if len(items) == len(self) else _ordered(items))

    __ior__ = __or__  # type: ignore[assignment]

    def without(self, *keys: K) -> Map[K, V]:
        """The same map but for `keys`; keys that are not there do not matter."""
        return _map({k: v for k, v in self.items() if k not in keys})

    def __hash__(self) -> int:  # type: ignore[override]
        try:
            return self._hash
        except AttributeError:
            self._hash = hash(frozenset(self.items()))
            return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Map, (dict(self),)

    def __repr__(self) -> str:
        return text(self)


def _map(items: dict[K, V]) -> Map[K, V]:
    """A Map of items that are in order already."""
    result: Map[K, V] = Map.__new__(Map)
    dict.update(result, items)
    return result


def _ordered(items: dict[K, V]) -> dict[K, V]:
    by_text = any(map(_holds_sets, items))
    try:
        keys = sorted(items, key=text if by_text else None)  # type: ignore[type-var, arg-type]
    except TypeError:  # keys of several types have no order of their own
        keys = sorted(items, key=text)
    return {key: items[key] for key in keys}


def _holds_sets(key: object) -> bool:
    """For sets `<` means something else, so that sorting them would not put them in order."""
    return isinstance(key, frozenset) or (isinstance(key, tuple) and any(map(_holds_sets, key)))


_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.?!]*")
_RESERVED = {"true", "false", "None"}


def text(value: Any) -> str:
    """A value in the notation: what is printed can be typed, and equal values print equally."""
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case str():
            bare = _BARE.fullmatch(value) and value not in _RESERVED
            return value if bare else json.dumps(value, ensure_ascii=not value.isprintable())
        case Fraction():
            return _decimal(value)
        case tuple():
            inner = ", ".join(map(text, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case frozenset():
            return "{" + ", ".join(sorted(map(text, value), key=_natural)) + "}"
        case Map():
            return "{" + ", ".join(f"{text(k)}: {text(v)}" for k, v in value.items()) + "}"
        case _:
            return repr(value)


def _decimal(number: Fraction) -> str:
    """3, 2.5, or 10/3 where no decimal is exact."""
    exact = Fraction(f"{float(number):.9f}")
    if number != exact:
        return str(number)
    return f"{float(number):.9f}".rstrip("0").rstrip(".")


def _natural(word: str) -> list[tuple[int, int, str]]:
    """A key under which a2 comes before a10."""
    parts = re.split(r"(\d+)", word)
    return [(1, int(p), "") if p.isdigit() else (0, 0, p) for p in parts]
