"""Fixed timeout: wait for a while, wait again, and then hope that it is dead.

Promise  Complete, and right nearly always.  Who crashes is suspected by everybody who is up, and
         who is up is seldom suspected: if some beats in a row are slower than the timeout.
Model    No bound on delays is known.  Links lose nothing; they may reorder and duplicate.  Nodes
         crash and come back.
Why      This is how real systems do it: assume that delays are bounded, with several retries, and
         tune the timeout to what was observed.  Such a detector is live, but not accurate: no
         timeout is long enough for the slowest message.  So whoever acts on it needs a plan for the
         site that turns out to be alive: restore it, or kill it.
Roles    p1.. pn, all alike.  `Check` is when to miss a beat of somebody; `retries` beats missed in
         a row make a suspicion.  With `tuned` the timeout is the mean of the last gaps between
         beats plus four times their deviation, but at least `grain`, as TCP tunes its timer.
Cost     n(n-1) messages for each period.
Source   The lecture A:255-261; Jacobson, "Congestion Avoidance and Control" (1988), for the tuning.
"""

from playground.protocol import Ask, Instant, Map, Message, Model, Moment, Nodes, Pid, Timer
from playground.protocol import detector, pids, stable, upon
from playground.protocol.detector import Detector, Recovered, Seq, Sign, Suspect, Trust

NEVER: Sign = (0, 0)  # before every sign of life
WINDOW = 4  # gaps that are remembered


# fmt: off
class Heartbeat(Message, label="HB"):      incarnation: int; seq: Seq
class Beat(Timer,        label="send_hb"): pass
class Check(Timer,       label="check"):   of: Pid
# fmt: on


class Process(Detector):
    """Beats, and listens to the others."""

    others: tuple[Pid, ...]
    period: Instant
    timeout: Instant
    retries: int
    grain: Instant
    incarnation: int = stable(0)
    seq: Seq = 0
    last: Map[Pid, Sign] = Map()
    missed: Map[Pid, int] = Map()  # beats in a row
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
        """It lives, and is given the same time again."""
        if (incarnation, seq) <= self.last.get(src, NEVER):
            return
        if src in self.suspected:
            self.suspected -= {src}
            self.output(Trust(src))
        if incarnation > self.known(src):
            self.output(Recovered(src))
        self.last |= {src: (incarnation, seq)}
        self.missed = self.missed.without(src)
        self.set_timer(Check(src), after=self.patience(src))

    @upon(Check)
    def miss(self, of: Pid) -> None:
        """It is late.  Give it another chance, but not for ever."""
        missed = self.missed.get(of, 0) + 1
        self.missed |= {of: missed}
        if missed < self.retries:
            self.set_timer(Check(of), after=self.patience(of))
        else:
            self.suspected |= {of}
            self.output(Suspect(of))

    def patience(self, who: Pid) -> Instant:
        """How long to wait for the next beat."""
        return self.timeout


class Tuned(Process):
    """Learns how long to wait from how long it had to wait."""

    heard: Map[Pid, Moment] = Map()  # when each beat last, of those that are not suspected
    gaps: Map[Pid, tuple[Instant, ...]] = Map()  # the last ones between the beats of each

    @upon(Heartbeat)
    def hear(self, src: Pid, incarnation: int, seq: Seq) -> None:
        """It lives; and remember after how long it beat again."""
        now = self.local_time()
        if (incarnation, seq) > self.last.get(src, NEVER):
            if src in self.heard:
                gaps = (*self.gaps.get(src, ()), now - self.heard[src])
                self.gaps |= {src: gaps[-WINDOW:]}
            self.heard |= {src: now}
        super().hear(src, incarnation, seq)

    @upon(Check)
    def miss(self, of: Pid) -> None:
        """As long as it is suspected, what passes is no gap between two beats."""
        super().miss(of)
        if of in self.suspected:
            self.heard = self.heard.without(of)

    def patience(self, who: Pid) -> Instant:
        """The mean of the gaps, and four times as much as they deviate from it."""
        gaps = self.gaps.get(who)
        if not gaps:
            return self.timeout
        mean = sum(gaps) / Instant(len(gaps))
        deviation = sum(abs(gap - mean) for gap in gaps) / Instant(len(gaps))
        return mean + max(self.grain, 4 * deviation)


def setup(
    n: int = 3,
    period: Instant = Instant(10),
    timeout: Instant = Instant(15),
    retries: int = 1,
    tuned: bool = False,
    grain: Instant = Instant(1),
) -> Nodes:
    """Processes p1.. pn."""
    if n < 1 or retries < 1 or min(period, timeout, grain) <= 0:
        raise ValueError("there must be a process, and all times and retries must be above 0")
    p, role = pids("p", n), Tuned if tuned else Process
    return [role(q, tuple(o for o in p if o != q), period, timeout, retries, grain) for q in p]


def model(nodes: Nodes) -> Model:
    """No bound on delays is known; anybody may crash, and come back."""
    return Model(timing="timed", links=("duplicating", "reordering"), crashes=len(nodes))


def workload(nodes: Nodes) -> list[Ask]:
    """Nothing has to be asked of a detector."""
    return []


accuracy = detector.accuracy
freshness = detector.freshness
completeness = detector.completeness
eventual_accuracy = detector.eventual_accuracy
acquaintance = detector.acquaintance
