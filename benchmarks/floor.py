"""The floor: a bare heap of messages and the very same handlers, in place.  It keeps no history, no
ids, no costs, and checks nothing."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Any

from playground.protocol import Nodes
from playground.protocol.roles import awake

Delay = Callable[[], float]


def fifo() -> Delay:
    """Every message takes as long, so they arrive in the order of sending."""
    return lambda: 0


def random(in_flight: int) -> Delay:
    """A message is passed by about as many as are in flight."""
    draw = Random(1).random
    return lambda: draw() * in_flight


class Floor:
    """A run that only goes forward."""

    def __init__(self, nodes: Nodes, delay: Delay) -> None:
        self.nodes: dict[str, Any] = {node.pid: awake(node) for node in nodes}
        self._heap: list[tuple[float, int, str, str, Any]] = []
        self._number = 0
        self._delay = delay
        for pid, (node, effects) in self.nodes.items():
            node.start()
            for send in effects:
                heappush(self._heap, (delay(), self._number, pid, send.to, send.message))
                self._number += 1
            effects.clear()

    def run(self, steps: int) -> None:
        heap, nodes, number, delay = self._heap, self.nodes, self._number, self._delay
        for _ in range(steps):
            _, _, src, dst, message = heappop(heap)
            node, effects = nodes[dst]
            getattr(node, node.handlers[type(message)])(src, *message)
            for send in effects:
                heappush(heap, (number + delay(), number, dst, send.to, send.message))
                number += 1
            effects.clear()
        self._number = number
