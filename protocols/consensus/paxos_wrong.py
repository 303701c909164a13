"""Paxos gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import Pid, breaks, upon
from playground.protocol.consensus import Value
from protocols.consensus.paxos import Accept, AcceptRefused, Accepted, Acceptor, Number, Promise
from protocols.consensus.paxos import Proposal, Proposer, Round


@breaks("PX.S2", "PX.S1")
class NoLogRound(Proposer):
    """The leader does not log its round, and uses a ballot again after a crash."""

    round: Round = 0


@breaks("PX.S4", "PX.S1")
class PickFrequent(Proposer):
    """The leader takes the most frequent of the accepted values, not the most recent one."""

    def suitable_value(self) -> Value:
        values = [proposal[1] for proposal in self.promises.values() if proposal]
        return max(values, key=values.count, default=self.value)


@breaks("PX.S4")
class CountTwice(Proposer):
    """The leader counts the copies of a promise, not the acceptors that promised."""

    @upon(Promise)
    def command(self, src: Pid, n: Number, accepted: Proposal | None) -> None:
        super().command(f"{src}/{len(self.promises)}", n, accepted)


@breaks("PX.S2")
class SecondCommand(Proposer):
    """The leader thinks again when one more promise comes late, and commands another value."""

    @upon(Promise)
    def command(self, src: Pid, n: Number, accepted: Proposal | None) -> None:
        if n == self.n and self.phase == "accept":
            self.phase = "prepare"
        super().command(src, n, accepted)


@breaks("PX.S5", "PX.S1")
class ReplyBeforeLog(Acceptor):
    """The acceptor says that it has accepted, and only then writes so to its disk."""

    @upon(Accept)
    def accept(self, src: Pid, n: Number, value: Value) -> None:
        if n >= self.promised:
            self.send(Accepted(n, value), to=src)
            self.promised = n
            self.accepted = (n, value)
        else:
            self.send(AcceptRefused(n, self.promised), to=src)


@breaks("PX.S3")
class StalePromise(Acceptor):
    """The acceptor takes a command of a new leader, and goes on obeying the older ones."""

    @upon(Accept)
    def accept(self, src: Pid, n: Number, value: Value) -> None:
        if n >= self.promised:
            self.accepted = (n, value)
            self.send(Accepted(n, value), to=src)
        else:
            self.send(AcceptRefused(n, self.promised), to=src)


@breaks("PX.S5", "PX.S1")
class DecideOnAccept(Acceptor):
    """The acceptor takes what it accepts for decided, before it is chosen."""

    @upon(Accept)
    def accept(self, src: Pid, n: Number, value: Value) -> None:
        super().accept(src, n, value)
        if self.accepted == (n, value):
            self.learn(src, value)
