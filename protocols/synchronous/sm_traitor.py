"""What traitors may do in SM.  Whatever else they like, you can do by hand, as far as their keys
go: edit, drop and forge what they say."""

from playground.protocol import Signed, Tick, upon
from playground.protocol.byzantine import ATTACK, RETREAT
from protocols.synchronous.sm import Commander, Lieutenant, Order


class TwoFaced(Commander):
    """It signs ATTACK for all but the last lieutenant, and RETREAT for that one."""

    @upon(Tick)
    def give_order(self) -> None:
        if self.decision is None:
            self.decision = self.order
            *some, last = self.lieutenants
            self.send(Order(self.sign(ATTACK)), to=some)
            self.send(Order(self.sign(RETREAT)), to=last)


class Whisperer(Lieutenant):
    """It passes what it has got on to the first lieutenant only."""

    def pass_on(self, orders: tuple[Signed, ...]) -> None:
        for order in orders:
            self.send(Order(self.sign(order)), to=self.generals[1])
