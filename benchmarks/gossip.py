"""Gossip: every node passes on what it hears, round and round: a treadmill for the engine.

Promise  Nobody's clock is behind the number of peers that it has heard of.
Model    Reliable links.  The number of messages in flight never changes.
Source   PERFORMANCE.md, section 5: an update of a map, a logical clock, and one message sent, which
         is about what the handlers of real protocols do.
"""

from playground.protocol import (
    Ask,
    Map,
    Message,
    Model,
    Nodes,
    Pid,
    Role,
    Verdict,
    always,
    pids,
    upon,
)


class Rumour(Message):
    about: int
    time: int


class Gossip(Role):
    """Tells every rumour to the next of its peers."""

    peers: tuple[Pid, ...]
    rumours: int
    time: int = 0
    heard: Map[Pid, int] = Map()

    def start(self) -> None:
        for about in range(self.rumours):
            self.send(Rumour(about, 0), to=self.peers[about % len(self.peers)])

    @upon(Rumour)
    def hear(self, src: Pid, about: int, time: int) -> None:
        """Note it, let the clock pass it, and pass it on."""
        self.heard |= {src: time}
        self.time = max(self.time, time) + 1
        self.send(Rumour(about, self.time), to=self.peers[self.time % len(self.peers)])


def setup(n: int = 5, each: int = 2, times: int = 1) -> Nodes:
    """n nodes, each of which spreads `each` × `times` rumours."""
    everybody = pids("n", n)
    return [
        Gossip(pid, tuple(peer for peer in everybody if peer != pid), each * times)
        for pid in everybody
    ]


def model(nodes: Nodes) -> Model:
    return Model(links=("reordering",))


def workload(nodes: Nodes) -> list[Ask]:
    return []


@always(each=Gossip)
def ahead(node: Gossip) -> Verdict:
    """A node's clock is not behind the number of peers that it has heard of."""
    return node.time >= len(node.heard)
