"""Omega: in the end everybody follows the same leader, who is up.

Promise  After some time all processes that are up output the same leader for ever, and it is up.
         Until then they may follow several, or somebody who is dead.  Consensus needs no more than
         that, and nothing weaker will do.
Model    Partially synchronous.  Messages between those that are up are timely in the end, by a
         bound that nobody knows.  Links lose nothing; they may reorder and duplicate.  Nodes crash
         and come back, but not for ever: at least one stays up.
Why      In the end each process suspects exactly the others that are down, so all choose among the
         same: the one that has restarted least often, and of several the first by name.  Restarts
         come first, or a process that crashes and comes back again and again would be leader again
         and again.
Roles    p1.. pn, all alike.  With mode "all" everybody beats; with "beacon" only who believes to be
         the leader, and the others listen to their leader alone.
Cost     n(n-1) messages for each period; with mode "beacon" n-1, as soon as there is one leader.
Source   Chandra, Hadzilacos and Toueg, "The Weakest Failure Detector for Solving Consensus" (1996);
         Aguilera, Chen and Toueg, "Failure Detection and Consensus in the Crash-Recovery Model"
         (1998), for restarts; the lecture B:180-198.
"""

from itertools import permutations
from typing import Literal

from playground.protocol import Ask, Instant, Map, Message, Model, Nodes, Pid, Timer
from playground.protocol import Clash, System, Verdict, always
from playground.protocol import detector, pids, stable, upon
from playground.protocol.detector import Detector, Leader, Seq, Sign

NEVER: Sign = (0, 0)  # before every sign of life


# fmt: off
class Heartbeat(Message, label="HB"):      incarnation: int; seq: Seq
class Beat(Timer,        label="send_hb"): pass
class Check(Timer,       label="check"):   of: Pid
# fmt: on


class Process(Detector):
    """Beats, listens to all others, and follows the best of those that it does not suspect."""

    others: tuple[Pid, ...]
    period: Instant
    timeout: Instant  # to begin with
    delta: Instant
    incarnation: int = stable(0)
    seq: Seq = 0
    last: Map[Pid, Sign] = Map()
    timeouts: Map[Pid, Instant] = Map()  # of those to whom more was given
    suspected: frozenset[Pid] = frozenset()
    leader: Pid | None = None

    def start(self) -> None:
        """All seem to be there; show that you are."""
        self.elect()
        self.beat()
        for other in self.others:
            self.expect(other)

    def recover(self) -> None:
        """Count the restart: it is a reason to follow somebody else."""
        self.incarnation += 1
        self.start()

    @upon(Beat)
    def beat(self) -> None:
        """Once in every period, a sign of life for everybody."""
        self.seq += 1
        self.send(Heartbeat(self.incarnation, self.seq), to=self.others)
        self.set_timer(Beat(), after=self.period)

    @upon(Heartbeat)
    def hear(self, src: Pid, incarnation: int, seq: Seq) -> None:
        """It lives; if you thought otherwise, be more patient with it from now on."""
        if (incarnation, seq) <= self.last.get(src, NEVER):
            return
        if incarnation > self.known(src):
            self.timeouts = self.timeouts.without(src)
        elif src in self.suspected:
            self.timeouts |= {src: self.patience(src) + self.delta}
        self.last |= {src: (incarnation, seq)}
        self.suspected -= {src}
        self.elect()
        self.expect(src)

    def expect(self, who: Pid) -> None:
        self.set_timer(Check(who), after=self.patience(who))

    def patience(self, who: Pid) -> Instant:
        return self.timeouts.get(who, self.timeout)

    @upon(Check)
    def suspect(self, of: Pid) -> None:
        """It has been silent for longer than it ever was: follow it no more."""
        self.suspected |= {of}
        self.elect()

    def elect(self) -> None:
        """Follow the best of those that you do not suspect; never suspect yourself."""
        best = min({self.pid, *self.others} - self.suspected, key=self.rank)
        if best != self.leader:
            self.leader = best
            self.output(Leader(best))

    def rank(self, who: Pid) -> tuple[int, Pid]:
        """The fewest restarts are best; of several that have as few, the first by name."""
        return (self.incarnation if who == self.pid else self.known(who)), who


class Beacon(Process):
    """Beats as long as it leads, and else listens to its leader alone."""

    def start(self) -> None:
        """All seem to be there, so the best of them should lead."""
        self.elect()
        self.beat()

    @upon(Beat)
    def beat(self) -> None:
        """Once in every period, a sign of life of the leader."""
        if self.leader == self.pid:
            self.seq += 1
            self.send(Heartbeat(self.incarnation, self.seq), to=self.others)
        self.set_timer(Beat(), after=self.period)

    def elect(self) -> None:
        before = self.leader
        super().elect()
        if self.leader != before:
            if before is not None:
                self.cancel_timer(Check(before))
            self.expect(self.leader)

    def expect(self, who: Pid | None) -> None:
        """Of those that do not lead silence is all that can be expected."""
        if who is not None and who == self.leader != self.pid:
            super().expect(who)


def setup(
    n: int = 3,
    period: Instant = Instant(10),
    timeout: Instant = Instant(12),
    delta: Instant = Instant(5),
    mode: Literal["all", "beacon"] = "all",
) -> Nodes:
    """Processes p1.. pn, of which all beat, or only the leader."""
    if n < 1 or min(period, timeout, delta) <= 0:
        raise ValueError("there must be a process, and period, timeout and delta must be above 0")
    p, role = pids("p", n), Process if mode == "all" else Beacon
    return [role(q, tuple(o for o in p if o != q), period, timeout, delta) for q in p]


def model(nodes: Nodes) -> Model:
    """No bound on delays is known; all but one may be down."""
    return Model(timing="timed", links=("duplicating", "reordering"), crashes=len(nodes) - 1)


def workload(nodes: Nodes) -> list[Ask]:
    """Nothing has to be asked of a detector."""
    return []


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say: that somebody lives, by a beat that is newer than all real ones."""
    pairs = permutations([node.pid for node in nodes], 2)
    return [(src, dst, Heartbeat(0, 99)) for src, dst in pairs]


freshness = detector.freshness


@always()
def fewest_restarts(system: System) -> Verdict:
    """Nobody follows a process of which it knows more restarts than of another one that it does
    not suspect."""
    for p in system.up(Process):
        restarts = {q: p.known(q) for q in p.others if q not in p.suspected}
        restarts[p.pid] = p.incarnation
        if p.leader is not None and restarts.get(p.leader, 0) > min(restarts.values()):
            return Clash(f"{p.pid} follows {p.leader}, which restarted {restarts[p.leader]} times")
    return True


@always()
def self_trust(system: System) -> Verdict:
    """Nobody takes itself for dead: that it lives it knows without asking."""
    for p in system.up(Process):
        if p.pid in p.suspected:
            return Clash(f"{p.pid} suspects itself")
    return True


leadership = detector.leadership
