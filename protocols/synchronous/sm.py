"""SM(m), signed messages: generals agree on a commander's order, however many of them are traitors.

Orders are signed, so a lieutenant can pass one on but not change it.  A commander that signs two
orders gives the proof of its treason out of its hand.

Promise  IC1: all loyal lieutenants decide the same.  IC2: if the commander is loyal, they decide
         what it ordered.  After m+1 rounds every loyal general has decided.
Model    Lock-step rounds, reliable links, and signatures that nobody can forge and everybody can
         check (`sig`).  At most m of the n generals are traitors, for any n.  With a single loyal
         lieutenant, or none, IC1 says nothing.
Order    `Order(Signed(Signed(ATTACK, c), l2))`: l2 has signed what c has signed.  In round r an
         order counts if it carries r signatures, the commander's first, of r different generals.
         Each lieutenant keeps the set V of all values that it has such an order for.
Why      IC2: nobody but the commander can start a chain.  IC1: a value that comes to a loyal l1
         before the last round is passed on by l1, and comes to all.  One that comes in round m+1
         carries m+1 signatures, so a loyal general is among them, and has passed it on to all.  So
         all loyal lieutenants have the same V in the end, and choose from it in the same way: the
         only value there is, or else RETREAT.
Bound    Signatures lift n > 3m because silence speaks in rounds.  Where time is uncertain, n > 3m
         is needed with signatures, too; that is what "not affected" in the lecture is about.
Proof    With proof "authenticator" an order carries a code for each receiver in place of a
         signature (`mac`).  IC2 still holds: a traitor can't make codes of others.  IC1 does not: a
         commander may give l1 an order whose code for l2 is wrong; then l1 can't convince l2.
Cost     (n-1) + (n-1)(n-2) = (n-1)^2 messages if all are loyal and m > 0, as each value is passed
         on once; m+1 delays.
Source   Lamport, Shostak and Pease, "The Byzantine Generals Problem" (1982); lecture A:686-687.
         Orders would also have to name the battle: a chain that was signed for another one is good.
"""

from collections.abc import Iterable
from itertools import product
from typing import Literal, get_args

from playground.protocol import Ask, Message, Model, Nodes, Pid, Signed, Tagged, Tick
from playground.protocol import byzantine, pids, signatures, upon
from playground.protocol.byzantine import RETREAT, Command, Decided, Value


# fmt: off
class Order(Message, label="SORDER"): order: Signed
# fmt: on


def opened(order: Signed) -> tuple[Value, list[Pid]]:
    """What was signed first, and by whom, from the first to the last."""
    body, chain = order.body, [order.by]
    while isinstance(body, Signed):
        body, chain = body.body, [body.by, *chain]
    return body, chain


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
        """Round 1: sign your order for every lieutenant, and act by it."""
        if self.decision is None:
            self.decision = self.order
            self.send(Order(self.vouch()), to=self.lieutenants)
            self.output(Decided(self.order))

    def vouch(self) -> Signed:
        return self.sign(self.order)


class Lieutenant(byzantine.Lieutenant):
    generals: tuple[Pid, ...]  # the commander first
    m: int
    r: int = 0  # the round that goes on; 0 before the first
    V: frozenset[Value] = frozenset()  # what the commander has signed
    fresh: tuple[Signed, ...] = ()  # what to pass on in the next round
    decision: Value | None = None

    @upon(Order)
    def hear(self, src: Pid, order: Signed) -> None:
        """A value that it has not got yet, duly signed by as many as there were rounds."""
        value, chain = opened(order)
        if self.proper(value, chain) and value not in self.V:
            self.V |= {value}
            self.fresh = (*self.fresh, order)

    def proper(self, value: Value, chain: list[Pid]) -> bool:
        return value in get_args(Value) and chain[0] == self.generals[0] and self.enough(chain)

    def enough(self, chain: list[Pid]) -> bool:
        """One signature for each round, of as many other generals."""
        signers = set(chain) & set(self.generals) - {self.pid}
        return len(chain) == len(signers) == self.r

    @upon(Tick)
    def tick(self) -> None:
        """Sign what was new in the round that is over, and pass it on to all that have not; or
        decide, when all that can come has come."""
        if self.r > self.m + 1:
            return
        self.r += 1
        fresh, self.fresh = self.fresh, ()
        if self.r <= self.m + 1:
            self.pass_on(fresh)
        else:
            self.decision = self.choice()
            self.output(Decided(self.decision))

    def pass_on(self, orders: tuple[Signed, ...]) -> None:
        for order in orders:
            _, chain = opened(order)
            self.send(Order(self.vouch(order)), to=set(self.generals) - {*chain, self.pid})

    def vouch(self, order: Signed) -> Signed:
        return self.sign(order)

    def choice(self) -> Value:
        """The only value; if there is none, or more than one, RETREAT for all."""
        return next(iter(self.V)) if len(self.V) == 1 else RETREAT


class TaggingCommander(Commander):
    """Gives each lieutenant a code that this one can check, and codes for the others to pass on."""

    def vouch(self) -> Signed:
        return self.tag(self.order, to=self.lieutenants)


class TaggingLieutenant(Lieutenant):
    """Believes codes only: anybody may write a name under an order."""

    @upon(Order)
    def hear(self, src: Pid, order: Signed) -> None:
        """What has no good code for this lieutenant has been rejected before."""
        if all(isinstance(proof, Tagged) for proof in signatures(order)):
            super().hear(src, order)

    def vouch(self, order: Signed) -> Signed:
        return self.tag(order, to={*self.generals} - {self.pid})


def setup(
    n: int = 3, m: int = 1, proof: Literal["signature", "authenticator"] = "signature"
) -> Nodes:
    """A commander c and n - 1 lieutenants l1.., prepared for m traitors."""
    if n < 2 or m < 0:
        raise ValueError("there is a commander and at least one lieutenant, and m is not negative")
    l = pids("l", n - 1)
    if proof == "authenticator":
        return [TaggingCommander("c", l), *(TaggingLieutenant(pid, ("c", *l), m) for pid in l)]
    return [Commander("c", l), *(Lieutenant(pid, ("c", *l), m) for pid in l)]


def model(nodes: Nodes) -> Model:
    """Rounds, reliable links, signatures, and m traitors.  Authenticators give up IC1."""
    [m] = {node.m for node in nodes if isinstance(node, Lieutenant)}
    if any(isinstance(node, TaggingCommander) for node in nodes):
        gives_up = ("agreement",)
        return Model(timing="rounds", byzantine=m, auth="mac", recovery=False, gives_up=gives_up)
    return Model(timing="rounds", byzantine=m, auth="sig", recovery=False)


def workload(nodes: Nodes) -> list[Ask]:
    return [("c", Command("ATTACK"))]


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """All that one general may pass on to another: either value, signed by any, as often as there
    are rounds at most."""
    generals = [node.pid for node in nodes]
    [m] = {node.m for node in nodes if isinstance(node, Lieutenant)}
    chains = [chain for k in range(m + 1) for chain in product(generals, repeat=k + 1)]
    proof = tagged if any(isinstance(node, TaggingCommander) for node in nodes) else signed
    return [
        (src, dst, Order(proof(value, chain, dst)))
        for dst in generals[1:]
        for src in generals
        for chain in chains
        for value in get_args(Value)
        if src != dst
    ]


def signed(value: Value, chain: Iterable[Pid], reader: Pid) -> Signed:
    """The value, signed by one after the other; whoever reads it can check all of them."""
    first, *rest = chain
    order = Signed(value, first)
    for pid in rest:
        order = Signed(order, pid)
    return order


def tagged(value: Value, chain: Iterable[Pid], reader: Pid) -> Signed:
    """The same by codes that are good for one reader alone."""
    first, *rest = chain
    order = Tagged(value, first, frozenset({reader}))
    for pid in rest:
        order = Tagged(order, pid, frozenset({reader}))
    return order


agreement = byzantine.agreement
validity = byzantine.validity
irrevocable = byzantine.irrevocable
decided = byzantine.decided
