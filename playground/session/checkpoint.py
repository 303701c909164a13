"""A moment that is kept for later, in half the room of a State.

There is one for every few thousand steps of a run, and the messages in flight are nearly all of it:
their numbers are packed into one array, and the network is made of them again.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import immutables

from playground.core import Envelope
from playground.core.network import Bag, Fifo, Network
from playground.session.state import Flight, State
from playground.values import replace

_ROW = 6
"""So many numbers has a flight."""


@dataclass(frozen=True)
class Checkpoint:
    """
    rest       the State, but for the messages in flight
    numbers    key, number, primes, step, depth and writes of each, oldest first
    envelopes  of each
    marks      origin and held, of those that have any
    """

    rest: State
    numbers: array[int]
    envelopes: tuple[Envelope, ...]
    marks: dict[int, tuple[str, bool]]

    def state(self) -> State:
        rows = zip(*[iter(self.numbers)] * _ROW, strict=True)
        flights = {}
        for row, envelope in zip(rows, self.envelopes, strict=True):
            key, number, primes, step, depth, writes = row
            marks = self.marks.get(key, ("", False))
            flights[key] = Flight(key, number, primes, envelope, step, depth, writes, *marks)
        world = replace(self.rest.world, network=self._network())
        return replace(self.rest, world=world, flights=immutables.Map(flights))

    def _network(self) -> Network:
        if isinstance(self.rest.world.network, Bag):
            return Bag(immutables.Map(Counter(self.envelopes)))
        network = Fifo()
        for envelope in self.envelopes:
            network = network.put(envelope)
        return network


def pack(state: State, flights: Sequence[Flight]) -> Checkpoint:
    """The moment of this state, with these messages in flight instead of its own."""
    numbers, marks = array("q"), {}
    for f in flights:
        numbers.extend((f.key, f.number, f.primes, f.step, f.depth, f.writes))
        if f.origin or f.held:
            marks[f.key] = f.origin, f.held
    world = replace(state.world, network=type(state.world.network)())
    rest = replace(state, world=world, flights=immutables.Map())
    return Checkpoint(rest, numbers, tuple(f.envelope for f in flights), marks)
