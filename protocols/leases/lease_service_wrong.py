"""Leases gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Instant, Pid, breaks, upon
from protocols.leases.lease_service import Deny, Epoch, Grantor, Holder, LeaseGrant, LeaseReq, Nonce


@breaks("LS.S1")
class NoRebootWait(Grantor):
    """The grantor comes back from a crash, remembers no expiry, and grants to the next who asks."""

    def recover(self) -> None:
        pass


@breaks("LS.S1")
class TermFromReceipt(Holder):
    """The holder counts its term from when the grant comes, not from when it asked."""

    @upon(LeaseGrant)
    def own(self, src: Pid, nonce: Nonce, epoch: Epoch, term: Instant) -> None:
        if nonce == self.asked:
            self.t0 = self.local_time()
        super().own(src, nonce, epoch, term)


@breaks("LS.S1")
class FullTerm(Holder):
    """The holder counts the full term, as if all clocks went at the same rate."""

    def expires(self, t0: Instant, term: Instant) -> Instant:
        return t0 + term


@breaks("LS.S1")
class SameLife(Holder):
    """The holder does not count its lives: after a crash it takes the answer to an old question for
    the answer to a new one."""

    def recover(self) -> None:
        pass


@breaks("LS.S1")
class SameEpoch(Grantor):
    """The grantor begins a new epoch only for another holder: so an old release of a holder gives
    away the lease that the same holder has got since."""

    @upon(LeaseReq)
    def grant(self, src: Pid, nonce: Nonce, term: Instant) -> None:
        if src != self.holder and not self.free():
            self.send(Deny(nonce), to=src)
            return
        self.epoch += src != self.holder
        self.holder = src
        self.lend(src, nonce, min(term, self.term))
