"""Fencing gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from protocols.leases.fencing import Epoch, Gate, Grantor, Kill, Killed, Storage


@breaks("FN.S1")
class NoFencing(Storage):
    """The storage trusts its clients to look at their leases, and accepts whatever they write."""

    def fences(self, src: Pid, epoch: Epoch) -> bool:
        return False


@breaks("FN.S1")
class NoGate(Gate):
    """The one to be killed is switched off, but what it has sent still comes through."""

    @upon(Kill)
    def cut_off(self, src: Pid, who: Pid) -> None:
        self.send(Killed(who), to=src)


@breaks("FN.S2")
class ForgetsEpoch(Grantor):
    """The grantor does not write down its epoch, and counts anew after a crash: two clients hold
    the same token."""

    epoch: Epoch = 0
