"""Eventually perfect: whoever was suspected by mistake is given more time.

Promise  Complete, and accurate in the end: who crashes is suspected by everybody who is up, and
         after some time nobody who is up is suspected.  Until then there may be any number of
         mistakes, but each is made good when the next beat comes.
Model    Partially synchronous.  There is a bound on delays, but nobody knows it; or it holds only
         from some time on, and nobody knows when.  Links lose nothing; they may reorder and
         duplicate.  Nodes crash and come back.
Why      A mistake costs `delta` more patience with its victim.  So if the delays have any bound,
         there can be only so many mistakes before the timeout has outgrown it; and no patience lets
         a dead process beat.  If delays grow for ever, so do the mistakes: that is asynchrony.
Roles    p1.. pn, all alike.  `Beat` is when to beat next, `Check` when to wait for one no more.
         Who comes back from a crash was not suspected by mistake: it starts with the first timeout.
Cost     n(n-1) messages for each period.
Source   Chandra and Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996),
         for the class, and the algorithm for partial synchrony; the lecture A:252-257, B:189-192.
"""

from playground.protocol import Ask, Clash, Instant, Map, Message, Model, Nodes, Pid, System, Timer
from playground.protocol import Verdict, between, detector, pids, stable, upon
from playground.protocol.detector import Detector, Recovered, Seq, Sign, Suspect, Trust

NEVER: Sign = (0, 0)  # before every sign of life


# fmt: off
class Heartbeat(Message, label="HB"):      incarnation: int; seq: Seq
class Beat(Timer,        label="send_hb"): pass
class Check(Timer,       label="check"):   of: Pid
# fmt: on


class Process(Detector):
    """Beats, and listens to the others, with patience that grows."""

    others: tuple[Pid, ...]
    period: Instant
    timeout: Instant  # to begin with
    delta: Instant
    incarnation: int = stable(0)
    seq: Seq = 0
    last: Map[Pid, Sign] = Map()
    timeouts: Map[Pid, Instant] = Map()  # of those to whom more was given
    suspected: frozenset[Pid] = frozenset()

    def start(self) -> None:
        """Show that you are there, and expect the same of the others."""
        self.beat()
        for other in self.others:
            self.set_timer(Check(other), after=self.timeout)

    def recover(self) -> None:
        """A new life: its first beat is newer than the last one of the life before."""
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
            self.output(Recovered(src))
        elif src in self.suspected:
            self.timeouts |= {src: self.patience(src) + self.delta}
        self.trust(src)
        self.last |= {src: (incarnation, seq)}
        self.set_timer(Check(src), after=self.patience(src))

    def trust(self, who: Pid) -> None:
        if who in self.suspected:
            self.suspected -= {who}
            self.output(Trust(who))

    def patience(self, who: Pid) -> Instant:
        return self.timeouts.get(who, self.timeout)

    @upon(Check)
    def suspect(self, of: Pid) -> None:
        """It has been silent for longer than it ever was."""
        self.suspected |= {of}
        self.output(Suspect(of))


def setup(
    n: int = 3,
    period: Instant = Instant(10),
    timeout: Instant = Instant(12),
    delta: Instant = Instant(5),
) -> Nodes:
    """Processes p1.. pn."""
    if n < 1 or min(period, timeout, delta) <= 0:
        raise ValueError("there must be a process, and period, timeout and delta must be above 0")
    p = pids("p", n)
    return [Process(q, tuple(o for o in p if o != q), period, timeout, delta) for q in p]


def model(nodes: Nodes) -> Model:
    """No bound on delays is known; anybody may crash, and come back."""
    return Model(timing="timed", links=("duplicating", "reordering"), crashes=len(nodes))


def workload(nodes: Nodes) -> list[Ask]:
    """Nothing has to be asked of a detector."""
    return []


accuracy = detector.accuracy
freshness = detector.freshness


@between()
def fresh_start(before: System, after: System) -> Verdict:
    """Who is back from a crash has no mistakes behind it: it gets the first timeout."""
    known = {p.pid: p for p in before.all(Process)}
    for p in after.up(Process):
        for who in p.timeouts:
            if p.known(who) > known[p.pid].known(who):
                return Clash(f"{p.pid} waits {p.timeouts[who]} for {who}, which has just restarted")
    return True


completeness = detector.completeness
eventual_accuracy = detector.eventual_accuracy
acquaintance = detector.acquaintance
