"""What traitors may do in OM.  Whatever else they like, you can do by hand: edit, drop and forge
what they say."""

from playground.protocol import Pid, Tick, upon
from playground.protocol.byzantine import ATTACK, RETREAT, Value
from protocols.synchronous.om import Commander, Lieutenant, Order, Path


class TwoFaced(Commander):
    """It orders the last lieutenant to retreat, and all others to attack."""

    @upon(Tick)
    def give_order(self) -> None:
        if self.decision is None:
            self.decision = self.order
            *some, last = self.lieutenants
            self.send(Order((self.pid,), ATTACK), to=some)
            self.send(Order((self.pid,), RETREAT), to=last)


class Turncoat(Lieutenant):
    """It says the opposite of whatever it has heard, to everybody."""

    @upon(Order)
    def hear(self, src: Pid, path: Path, value: Value) -> None:
        super().hear(src, path, RETREAT if value == ATTACK else ATTACK)
