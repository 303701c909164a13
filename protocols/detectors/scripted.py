"""The scripted oracle: a failure detector that believes what the user makes it believe.

Promise  None.  You are the detector: `suspect p1 p2`, `trust p1 p2` and `leader * p1` say what each
         process believes.  So whatever is built on a detector can be shown what it has to bear:
         two leaders, none, a dead one; suspicions that are wrong, or never come.
Model    Asynchronous, and since nothing is ever sent links may do what they want.  Processes crash.
Why      What a detector promises is all that a protocol above may count on.  As long as your words
         are complete and accurate it could be a perfect one, and no protocol can tell that there is
         a user behind it.
Roles    p1.. pn each hold their own opinions, which may differ.  `finish` makes you tell the truth:
         who is down is suspected, who is up is not, and a leader on whom all agree stays if it is
         up; else the first who is up leads.
Cost     No messages.
Source   Chandra and Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996);
         Chandra, Hadzilacos and Toueg, "The Weakest Failure Detector for Solving Consensus" (1996),
         for Omega; the lecture A:245-248, B:180-198.
"""

from playground.protocol import Ask, Model, Nodes, Pid, pids, stable, upon
from playground.protocol import detector
from playground.protocol.detector import Accuse, Appoint, Clear, Detector, Leader, Suspect, Trust


class Process(Detector):
    """Holds the opinions that it is told to hold."""

    incarnation: int = stable(0)
    suspected: frozenset[Pid] = frozenset()
    leader: Pid | None = None

    def recover(self) -> None:
        """It has forgotten its opinions, and counts its restarts."""
        self.incarnation += 1

    @upon(Accuse)
    def suspect(self, who: Pid) -> None:
        """Take it for dead."""
        if who not in self.suspected:
            self.suspected |= {who}
            self.output(Suspect(who))

    @upon(Clear)
    def trust(self, who: Pid) -> None:
        """Think better of it."""
        if who in self.suspected:
            self.suspected -= {who}
            self.output(Trust(who))

    @upon(Appoint)
    def follow(self, who: Pid) -> None:
        """Follow another leader."""
        if who != self.leader:
            self.leader = who
            self.output(Leader(who))


def setup(n: int = 3) -> Nodes:
    """Processes p1.. pn."""
    if n < 1:
        raise ValueError("there must be a process that can be told something")
    return [Process(pid) for pid in pids("p", n)]


def model(nodes: Nodes) -> Model:
    """Anybody may crash, and come back."""
    return Model(links=("lossy", "duplicating", "reordering"), crashes=len(nodes))


def workload(nodes: Nodes) -> list[Ask]:
    """Everybody follows p1."""
    return [(node.pid, Appoint("p1")) for node in nodes]


accuracy = detector.accuracy
completeness = detector.completeness
eventual_accuracy = detector.eventual_accuracy
leadership = detector.leadership
