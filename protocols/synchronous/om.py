"""OM(m), oral messages: n generals agree on a commander's order though m are traitors, if n > 3m.

Whatever a general hears from one, it asks all the others what they heard, and takes the majority.
The answers may be lies as well, so each of them is checked in the same way, m levels deep.

Promise  IC1: all loyal lieutenants decide the same.  IC2: if the commander is loyal, they decide
         what it ordered.  After m+1 rounds every loyal general has decided.
Model    Lock-step rounds, reliable links, and a receiver knows who sent a message, but not whether
         what it relays is true: there is no proof of what anybody said (`channel`).  At most m of
         n > 3m generals are traitors.  A traitor says what it likes to whom it likes, or nothing.
Order    `Order(path, value)`: "the last of `path` says that the one before it says that ... the
         commander orders `value`".  What is missing at the end of its round, or makes no sense, is
         taken for RETREAT; so is a vote without a majority, since all must break a tie alike.
Why      m = 1, n = 4.  If a lieutenant is the traitor, each loyal one has the order from the
         commander and from the other loyal one: two of three.  If the commander is, the three
         lieutenants are loyal, and all vote on the same three values, whatever these are.
Bound    n = 3 is too few.  A lieutenant that has ATTACK from the commander and RETREAT from the
         other one can't tell which of them lies.  It has to obey, in case the commander is loyal;
         so has the other one with its RETREAT; and if the commander is the traitor, they disagree.
         More generals, of which a third are traitors, could as well be three groups (n <= 3m).
Cost     (n-1) + (n-1)(n-2) + ... + (n-1)...(n-m-1) messages, exponential in m: 9 for OM(1) of 4,
         156 for OM(2) of 7, 3609 for OM(3) of 10.  m+1 delays.
Source   Lamport, Shostak and Pease, "The Byzantine Generals Problem" (1982); Pease, Shostak and
         Lamport (1980) for n <= 3m; lecture A:641-688.
"""

from itertools import permutations
from typing import get_args

from playground.protocol import Ask, Map, Message, Model, Nodes, Pid, Tick
from playground.protocol import byzantine, pids, upon
from playground.protocol.byzantine import RETREAT, Command, Decided, Value

Path = tuple[Pid, ...]  # by whom an order came: from the commander to who tells it


# fmt: off
class Order(Message, label="ORDER"): path: Path; value: Value
# fmt: on


class Commander(byzantine.Commander):
    lieutenants: tuple[Pid, ...]
    order: Value = RETREAT
    decision: Value | None = None

    @upon(Command)
    def command(self, value: Value) -> None:
        """Without a command it orders a retreat."""
        if self.decision is None:
            self.order = value

    @upon(Tick)
    def give_order(self) -> None:
        """Round 1: tell every lieutenant, and act by your own order."""
        if self.decision is None:
            self.decision = self.order
            self.send(Order((self.pid,), self.order), to=self.lieutenants)
            self.output(Decided(self.order))


class Lieutenant(byzantine.Lieutenant):
    generals: tuple[Pid, ...]  # the commander first
    m: int
    r: int = 0  # the round that goes on; 0 before the first
    heard: Map[Path, Value] = Map()  # by each path, what its last general said
    decision: Value | None = None

    @upon(Order)
    def hear(self, src: Pid, path: Path, value: Value) -> None:
        """What comes in its round, from whom it claims to come, is heard; the first time."""
        if path in self.paths() and src == path[-1] and value in get_args(Value):
            self.heard = Map({path: value}) | self.heard

    def paths(self) -> list[Path]:
        """By which an order may come in this round, one general longer in each."""
        commander, *others = self.generals
        ways = permutations([g for g in others if g != self.pid], self.r - 1) if self.r else ()
        return [(commander, *way) for way in ways]

    @upon(Tick)
    def tick(self) -> None:
        """What was not said counts as RETREAT.  Tell the others what you heard in the round that is
        over, or decide when all has been told."""
        if self.r > self.m + 1:
            return
        told = self.paths()
        self.heard = Map(dict.fromkeys(told, RETREAT)) | self.heard
        self.r += 1
        if self.r <= self.m + 1:
            self.relay(told)
        else:
            self.decision = self.resolve(self.generals[:1])
            self.output(Decided(self.decision))

    def relay(self, told: list[Path]) -> None:
        """Be the commander of what you heard: tell it to all whom it has not passed."""
        for path in told:
            others = set(self.generals) - {*path, self.pid}
            self.send(Order((*path, self.pid), self.heard[path]), to=others)

    def resolve(self, path: Path) -> Value:
        """What to take for the word of the last general of `path`: the majority of what it told you
        and of what it told the others, as far as you can find that out."""
        if len(path) == self.m + 1:
            return self.heard[path]
        others = [g for g in self.generals if g not in path and g != self.pid]
        return self.majority(self.heard[path], [self.resolve((*path, g)) for g in others])

    def majority(self, own: Value, others: list[Value]) -> Value:
        """What more than half of them say; if there is no such thing, RETREAT for all."""
        votes = [own, *others]
        return next((v for v in get_args(Value) if 2 * votes.count(v) > len(votes)), RETREAT)


def setup(n: int = 4, m: int = 1) -> Nodes:
    """A commander c and n - 1 lieutenants l1.., prepared for m traitors."""
    if n < 2 or m < 0:
        raise ValueError("there is a commander and at least one lieutenant, and m is not negative")
    l = pids("l", n - 1)
    return [Commander("c", l), *(Lieutenant(pid, ("c", *l), m) for pid in l)]


def model(nodes: Nodes) -> Model:
    """Rounds, reliable links, and as many traitors as can be borne: m, but less than a third."""
    [m] = {node.m for node in nodes if isinstance(node, Lieutenant)}
    bearable = min(m, (len(nodes) - 1) // 3)
    return Model(timing="rounds", byzantine=bearable, resilience=3, recovery=False)


def workload(nodes: Nodes) -> list[Ask]:
    return [("c", Command("ATTACK"))]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """All that one general may tell another: either value, by any path that it has not passed."""
    commander, *others = [node.pid for node in nodes]
    [m] = {node.m for node in nodes if isinstance(node, Lieutenant)}
    ways = [way for k in range(m + 1) for way in permutations(others, k)]
    return [
        (src, dst, Order((commander, *way), value))
        for dst in others
        for src in (commander, *others)
        for way in ways
        for value in get_args(Value)
        if src != dst and dst not in way
    ]


agreement = byzantine.agreement
validity = byzantine.validity
irrevocable = byzantine.irrevocable
decided = byzantine.decided
