"""Heartbeats: whoever is silent for too long is dead, if silence can mean nothing else.

Promise  Complete and accurate: a perfect detector.  Who crashes is suspected by everybody who is up
         within delay + timeout, and nobody is suspected who has not crashed.
Model    Synchronous.  A message takes at most `delay`, none is lost, nodes do at once what is due,
         and clocks go at a rate of 1, give or take `rho`.  Messages may be reordered and
         duplicated.  Nodes crash and come back.
Why      Each process beats every `period`, so there is never more than period + delay between two
         beats that arrive.  Whoever waits for longer than that, by the fastest clock, has heard the
         last of it.  In an asynchronous system no time is long enough: there a detector is accurate
         or live, but not both; else it would solve consensus, and FLP says that nothing can.
Roles    p1.. pn, all alike.  `Beat` is when to beat next, `Check` when to wait for one no more.
         A beat carries the sender's incarnation and its number, so that an old one, late or copied,
         is no sign of life.
Cost     n(n-1) messages for each period.
Source   Chandra and Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996);
         the lecture A:238-261.
"""

from fractions import Fraction
from itertools import permutations

from playground.protocol import Ask, Instant, Map, Message, Model, Nodes, Pid, Timer
from playground.protocol import detector, pids, stable, upon
from playground.protocol.model import Link
from playground.protocol.detector import Detector, Recovered, Seq, Sign, Suspect, Trust

NEVER: Sign = (0, 0)  # before every sign of life


# fmt: off
class Heartbeat(Message, label="HB"):    incarnation: int; seq: Seq
class Beat(Timer,        label="send_hb"): pass
class Check(Timer,       label="check"):   of: Pid
# fmt: on


class Process(Detector):
    """Beats, and listens to the others."""

    others: tuple[Pid, ...]
    period: Instant
    timeout: Instant
    delay: Instant  # the bounds that it builds on
    rho: Fraction
    incarnation: int = stable(0)
    seq: Seq = 0
    last: Map[Pid, Sign] = Map()
    suspected: frozenset[Pid] = frozenset()

    def start(self) -> None:
        """Show that you are there, and expect the same of the others."""
        self.beat()
        for other in self.others:
            self.expect(other)

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
        """It lives, and need not show it again for a while; but an old beat says nothing."""
        if (incarnation, seq) <= self.last.get(src, NEVER):
            return
        if src in self.suspected:
            self.suspected -= {src}
            self.output(Trust(src))
        if incarnation > self.known(src):
            self.output(Recovered(src))
        self.last |= {src: (incarnation, seq)}
        self.expect(src)

    def expect(self, who: Pid) -> None:
        self.set_timer(Check(who), after=self.timeout)

    @upon(Check)
    def suspect(self, of: Pid) -> None:
        """It has been silent for too long."""
        self.suspected |= {of}
        self.output(Suspect(of))


def setup(
    n: int = 3,
    period: Instant = Instant(10),
    delay: Instant = Instant(2),
    rho: Fraction = Fraction(0),
    timeout: Instant = Instant(0),
) -> Nodes:
    """Processes p1.. pn; the timeout is by default one more than the longest silence."""
    if n < 1 or period <= 0 or delay < 0 or not 0 <= rho < 1:
        raise ValueError("heartbeats need a process, a period, and clocks that go on")
    # Between two beats of the slowest clock, as the fastest one shows it.
    silence = (period / (1 - rho) + delay) * (1 + rho)
    timeout = timeout or silence + 1
    if timeout <= silence:
        raise ValueError(f"the timeout must be above {silence}, or the living are suspected")
    p = pids("p", n)
    return [Process(q, tuple(o for o in p if o != q), period, timeout, delay, rho) for q in p]


def model(nodes: Nodes) -> Model:
    """Known bounds on delays and clocks; anybody may crash, and come back."""
    p1 = nodes[0]
    assert isinstance(p1, Process)
    links: tuple[Link, ...] = ("duplicating", "reordering")
    return Model(timing="timed", links=links, crashes=len(nodes), delay=p1.delay, drift=p1.rho)


def workload(nodes: Nodes) -> list[Ask]:
    """Nothing has to be asked of a detector."""
    return []


def forgeries(nodes: Nodes) -> list[tuple[Pid, Pid, Message]]:
    """What a stranger may say: that somebody lives, by a beat that is newer than all real ones."""
    pairs = permutations([node.pid for node in nodes], 2)
    return [(src, dst, Heartbeat(0, 99)) for src, dst in pairs]


accuracy = detector.accuracy
freshness = detector.freshness
completeness = detector.completeness
eventual_accuracy = detector.eventual_accuracy
acquaintance = detector.acquaintance
