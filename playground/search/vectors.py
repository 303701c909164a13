"""Sets and tables of 64-bit numbers that are asked for many at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]

MIX = np.uint64(0x9E3779B97F4A7C15)
ODD = np.uint64(0xBF58476D1CE4E5B9)
HALF = np.uint64(32)


def salt(n: int) -> int:
    """An odd number of 64 bits that looks like any other (splitmix64)."""
    z = (n + 1) * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    z = (z ^ z >> 27) * 0x94D049BB133111EB & (1 << 64) - 1
    return z ^ z >> 31 | 1


def digest(rows: Words, mask: int = -1) -> Words:
    """A number for each column of words, of the bits under `mask`; never 0.  A further word of
    zeros changes nothing."""
    total = np.zeros(rows.shape[1], np.uint64)
    for k, row in enumerate(rows):
        bits = mask >> 64 * k & (1 << 64) - 1
        if bits:
            mixed = (row & np.uint64(bits)) * np.uint64(salt(k))
            mixed ^= mixed >> HALF
            mixed *= ODD
            total += mixed
    total ^= total >> HALF
    total *= MIX
    return np.maximum(total, np.uint64(1))


class Numbers:
    """A set.  Each number stands at its first bits, or as near behind as there is room."""

    def __init__(self, bits: int = 12) -> None:
        self.count = 0
        self._empty(bits)

    @property
    def nbytes(self) -> int:
        return self._held.nbytes + self._claims.nbytes

    def add(self, numbers: Words) -> Indices:
        """Where the new ones stand among `numbers`, each once, in order.  None of them is 0."""
        while 3 * (self.count + len(numbers)) > 2 * len(self._held):
            self._grow()
        new = self._insert(numbers)
        self.count += len(new)
        return new

    def _empty(self, bits: int) -> None:
        self._bits = bits
        self._held = np.zeros(1 << bits, np.uint64)
        self._claims = np.empty(1 << bits, np.int32)

    def _grow(self) -> None:
        old = self._held[self._held != 0]
        self._empty(self._bits + 1)
        self._insert(old)

    def _insert(self, numbers: Words) -> Indices:
        held, claims = self._held, self._claims
        last = len(held) - 1
        places = (numbers >> np.uint64(64 - self._bits)).astype(np.int64)
        todo = np.arange(len(numbers))
        wanted, found = numbers, []
        while len(todo):
            there = held[places]
            free = np.flatnonzero(there == 0)
            if len(free):
                at, who = places[free], todo[free]
                claims[at[::-1]] = who[::-1]  # of several that want a place the first gets it
                won = free[claims[at] == who]
                held[places[won]] = wanted[won]
                found.append(todo[won])
                there = held[places]
            left = np.flatnonzero(there != wanted)
            todo, wanted = todo[left], wanted[left]
            places = places[left] + 1 & last
        return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


class Lookup:
    """A table from numbers to small numbers."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._make(8)

    def find(self, numbers: Words) -> Indices:
        """What stands there for each; -1 for nothing."""
        last = len(self._keys) - 1
        places = (numbers >> np.uint64(64 - self._bits)).astype(np.int64)
        there = self._keys[places]
        found = np.where(there == numbers, self._values[places], -1)
        left = np.flatnonzero((there != numbers) & (there != 0))
        places = places[left]
        while len(left):
            places = places + 1 & last
            there = self._keys[places]
            hit = there == numbers[left]
            found[left[hit]] = self._values[places[hit]]
            on = ~hit & (there != 0)
            left, places = left[on], places[on]
        return found

    def put(self, number: int, value: int) -> None:
        self._known[number] = value
        if 4 * len(self._known) > len(self._keys):
            self._make(self._bits + 2)
        else:
            self._place(number, value)

    def _make(self, bits: int) -> None:
        self._bits = bits
        self._keys = np.zeros(1 << bits, np.uint64)
        self._values = np.zeros(1 << bits, np.int64)
        for number, value in self._known.items():
            self._place(number, value)

    def _place(self, number: int, value: int) -> None:
        at = number >> 64 - self._bits
        while self._keys[at]:
            at = at + 1 & len(self._keys) - 1
        self._keys[at], self._values[at] = number, value


class Rows:
    """Columns of words that grow at the end."""

    def __init__(self, words: int, kind: npt.DTypeLike = np.uint64) -> None:
        self._held = np.zeros((words, 64), kind)
        self._used = 0

    @property
    def all(self) -> npt.NDArray[np.uint64]:
        return self._held[:, : self._used]

    def widen(self, words: int) -> None:
        if words > len(self._held):
            self._held = widened(self._held, words)

    def add(self, column: list[int]) -> None:
        if self._used == self._held.shape[1]:
            self._held = np.concatenate([self._held, np.zeros_like(self._held)], axis=1)
        self._held[:, self._used] = column
        self._used += 1


def widened(rows: Words, words: int) -> Words:
    """The same with words of zeros behind, so that there are so many."""
    more = words - len(rows)
    return np.concatenate([rows, np.zeros((more, rows.shape[1]), rows.dtype)]) if more else rows


def split(world: int, words: int) -> list[int]:
    """Its words, the lowest first."""
    return [world >> 64 * k & (1 << 64) - 1 for k in range(words)]


def packed(rows: Words) -> list[int]:
    """The worlds of these columns, as single numbers."""
    size = 8 * len(rows)
    data = np.ascontiguousarray(rows.T, dtype="<u8").tobytes()
    return [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]
