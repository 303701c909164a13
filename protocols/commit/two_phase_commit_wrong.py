"""Two-phase commit gone wrong: each class is one mistake, and breaks one promise."""

from typing import Literal

from playground.protocol import Pid, breaks, upon
from playground.protocol.commit import Ballot, Outcome, Voted

from protocols.commit.two_phase_commit import Ack, Coordinator, Decision, DecisionTimeout, Inquire
from protocols.commit.two_phase_commit import Participant, Status, Vote, VoteTimeout


@breaks("AC.S1", "AC.S5")
class VoteBeforeLog(Participant):
    """It votes "yes" before PREPARED is on its disk: after a crash in between it knows of nothing,
    and aborts what the others commit."""

    def cast(self, first: bool = False) -> None:
        if self.state != "working" or self.vote != "yes":
            return super().cast(first)
        self.send(Vote("yes"), to=self.coordinator)
        self.output(Voted("yes"))
        self.validate()


@breaks("AC.S1", "AC.S5")
class CoopGuess(Participant):
    """Uncertain like all that it can reach, it concludes that nobody has committed."""

    @upon(Status)
    def guess(self, src: Pid, state: Literal["uncertain"]) -> None:
        if self.state == "prepared":
            self.carry_out("abort")


@breaks("AC.S1", "AC.S5")
class TimeoutAborts(Participant):
    """Prepared, it takes a timeout for an abort."""

    @upon(DecisionTimeout)
    def inquire(self) -> None:
        if self.state == "prepared":
            self.carry_out("abort")


@breaks("AC.S4")
class LostLocks(Participant):
    """It comes back prepared, and without its locks."""

    def recover(self) -> None:
        super().recover()
        self.locked = False


@breaks("AC.S1", "AC.S3")
class EagerPrepare(Participant):
    """Under presumed commit it prepares unasked: nothing on the coordinator's disk tells of it, and
    what is not there was committed."""

    def may_prepare_unasked(self) -> bool:
        return self.state == "working"


@breaks("AC.S1")
class ReaderTestifies(Participant):
    """With nothing in its log it tells the others that the transaction is aborted.  But it may have
    voted "readonly", which leaves nothing in the log either."""

    @upon(Inquire)
    def testify(self, src: Pid) -> None:
        if self.state == "aborted":
            self.send(Decision("abort"), to=src)
        else:
            super().testify(src)


@breaks("AC.S1", "AC.S6")
class TellBeforeLog(Coordinator):
    """It tells of the commit before COMMIT is on its disk."""

    def decide(self, outcome: Outcome) -> None:
        self.send(Decision(outcome), to=self.concerned())
        super().decide(outcome)


@breaks("AC.S1")
class HastyAnswer(Coordinator):
    """Asked while it is still collecting votes, it answers "abort", and goes on collecting."""

    @upon(Inquire)
    def answer(self, src: Pid) -> None:
        if self.phase == "waiting":
            self.send(Decision("abort"), to=src)
        else:
            super().answer(src)


@breaks("AC.S3")
class CountsTwice(Coordinator):
    """It counts votes, not voters: a vote that arrives twice counts twice."""

    count: int = 0

    @upon(Vote)
    def collect(self, src: Pid, vote: Ballot) -> None:
        if self.phase == "waiting" and vote == "yes":
            self.count += 1
            if self.count == len(self.participants):
                self.decide("commit")
        else:
            super().collect(src, vote)


@breaks("AC.S1")
class ForgetsEarly(Coordinator):
    """It forgets a commit at the first acknowledgement; who asks after that is told "abort"."""

    @upon(Ack)
    def acknowledge(self, src: Pid) -> None:
        if self.phase in ("committed", "aborted"):
            self.log += ("END",)
            self.forget()


@breaks("AC.S1")
class BeginsAgain(Coordinator):
    """What it does not remember it takes for a new transaction, as if a number were used again: old
    votes count, though it has told some of the voters to abort."""

    def recover(self) -> None:
        super().recover()
        if self.phase == "forgotten":
            self.phase = "idle"

    def forget(self) -> None:
        super().forget()
        self.phase = "idle"


@breaks("AC.S1", "AC.S3")
class CollectsUnlogged(Coordinator):
    """Presumed commit without COLLECT on its disk: after a crash in phase 1 it remembers nothing,
    and presumes a commit."""

    def open(self) -> None:
        if self.phase == "idle":
            self.phase = "waiting"
            self.set_timer(VoteTimeout())


@breaks("AC.S1")
class TwoFaced(Coordinator):
    """A liar (A:632): it tells the first participant to commit, and the others to abort.  All of it
    is said in its own name, so no signature gives it away."""

    def announce(self, outcome: Outcome) -> None:
        first, *others = self.participants
        self.forget()
        self.cancel_timer(VoteTimeout())
        self.send(Decision("commit"), to=first)
        self.send(Decision("abort"), to=others)
