"""Immutable, hashable containers: what the fields of a node and of a message may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Map(Mapping[K, V]):
    """A dict that cannot change: `m |= {k: v}` rebinds `m` to a new Map.

    It iterates in the order of its keys, so equal maps behave equally whatever their history.
    """

    __slots__ = ("_hash", "_items")

    _items: dict[K, V]
    _hash: int | None

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        self._items = _ordered(dict(items))
        self._hash = None

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __or__(self, other: Mapping[K, V]) -> Map[K, V]:
        items = {**self._items, **other}
        return _wrap(items if len(items) == len(self._items) else _ordered(items))

    def without(self, *keys: K) -> Map[K, V]:
        """The same map but for `keys`; keys that are not there do not matter."""
        return _wrap({k: v for k, v in self._items.items() if k not in keys})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Map) and self._items == other._items

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Map, (self._items,)

    def __repr__(self) -> str:
        return text(self)


def _wrap(items: dict[K, V]) -> Map[K, V]:
    result: Map[K, V] = Map.__new__(Map)
    result._items = items
    result._hash = None
    return result


def _ordered(items: dict[K, V]) -> dict[K, V]:
    try:
        return {k: items[k] for k in sorted(items)}  # type: ignore[type-var]
    except TypeError:  # keys of several types have no order of their own
        return {k: items[k] for k in sorted(items, key=repr)}


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
        case tuple():
            inner = ", ".join(map(text, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case frozenset():
            return "{" + ", ".join(sorted(map(text, value), key=_natural)) + "}"
        case Map():
            return "{" + ", ".join(f"{text(k)}: {text(v)}" for k, v in value.items()) + "}"
        case _:
            return repr(value)


def _natural(word: str) -> list[tuple[int, int, str]]:
    """A key under which a2 comes before a10."""
    parts = re.split(r"(\d+)", word)
    return [(1, int(p), "") if p.isdigit() else (0, 0, p) for p in parts]
