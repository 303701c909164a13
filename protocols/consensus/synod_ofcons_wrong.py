"""Synod, made wrong: what the lecture's remarks and the order of the disk writes are good for."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.consensus import Decided, Value

from protocols.consensus.synod_ofcons import Ack, Ballot, Impose, Literal, Process

__all__ = ["DecideOnAccept", "ForgottenBallot", "IdsFromZero", "Literal", "SkipAll"]


@breaks("OF.S2", "OF.S5")
class SkipAll(Process):
    """Everybody skips READ in its first ballot, but only ballot 1 has nothing before it (B:364)."""

    def may_skip(self) -> bool:
        return self.ballot == self.i


@breaks("OF.S2", "OF.S5")
class IdsFromZero(Process):
    """Processes are numbered from 0: a value imposed in ballot 0 looks like none."""

    def start(self) -> None:
        self.ballot = self.i - 1 - len(self.all)

    def may_skip(self) -> bool:
        return self.skip_first_read and self.ballot == 0


@breaks("OF.S3", "OF.S2")
class ForgottenBallot(Process):
    """The own ballot is not on disk: after a crash the same number is used for another value."""

    ballot: Ballot = 0


@breaks("OF.S2")
class DecideOnAccept(Process):
    """Decides when it accepts, though nobody else may have: if it crashes, the others are free."""

    @upon(Impose)
    def accept(self, src: Pid, ballot: Ballot, value: Value) -> None:
        if self.newest() > ballot:
            self.send(self.refusal(ballot), to=src)
            return
        self.impose_ballot, self.estimate = ballot, value
        self.send(Ack(ballot), to=src)
        if self.decided is None:
            self.decided, self.phase = value, "idle"
            self.output(Decided(value))
