"""Gossip: every node tells what it has heard to the next one, for ever."""
from playground.protocol import Ask, Map, Message, Model, Nodes, Pid, Role, System, Verdict, always, pids, upon


class Rumour(Message):
    about: int
    time: int


class Gossip(Role):
    peers: tuple[Pid, ...]
    rumours: int
    time: int = 0
    heard: Map[Pid, int] = Map()

    def start(self) -> None:
        for about in range(self.rumours):
            self.send(Rumour(about, 0), to=self.peers[about % len(self.peers)])

    @upon(Rumour)
    def hear(self, src: Pid, about: int, time: int) -> None:
        self.heard |= {src: time}
        self.time = max(self.time, time) + 1
        self.send(Rumour(about, self.time), to=self.peers[self.time % len(self.peers)])


def setup(n: int = 5, messages: int = 10, times: int = 1) -> Nodes:
    everybody = pids("n", n)
    messages *= times
    return [
        Gossip(
            pid,
            tuple(peer for peer in everybody if peer != pid),
            messages // n + (i < messages % n),
        )
        for i, pid in enumerate(everybody)
    ]


def model(nodes: Nodes) -> Model:
    return Model(links=("reordering",))


def workload(nodes: Nodes) -> list[Ask]:
    return []


@always(each=Gossip)
def ahead(node: Gossip) -> Verdict:
    """Nobody's clock stands still once it has heard something."""
    return node.time >= len(node.heard)
