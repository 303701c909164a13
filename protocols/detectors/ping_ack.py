"""Ping and acknowledge: whoever leaves some pings in a row unanswered is dead.

Promise  Complete and accurate, as heartbeats are, for twice the messages.  It pays where one asks
         only now and then, or only those that one needs.
Model    Synchronous.  A message takes at most `delay`, none is lost, nodes do at once what is due,
         and clocks go at the rate 1.  Messages may be reordered and duplicated.  Nodes crash and
         come back.
Why      A ping and its answer take at most 2 * delay.  Whoever lives has answered before the next
         ping is sent, if the period is longer than that.
Roles    p1.. pn, all alike.  `Next` is when to ask next.  An answer names its ping, so that
         an old one is no sign of life.
Cost     2n(n-1) messages for each period, 2 delays.
Source   The lecture A:240, A:257, A:261; Chandra and Toueg (1996) for completeness and accuracy.
"""

from playground.protocol import Ask, Instant, Map, Message, Model, Nodes, Pid, Timer
from playground.protocol import detector, pids, stable, upon
from playground.protocol.detector import Detector, Seq, Sign, Suspect, Trust
from playground.protocol.model import Link


# fmt: off
class Ping(Message, label="PING"): k: Sign
class Pong(Message, label="PONG"): k: Sign; incarnation: int
class Next(Timer,   label="ping"): pass
# fmt: on


class Process(Detector):
    """Asks, answers, and counts what is not answered."""

    others: tuple[Pid, ...]
    period: Instant
    retries: int
    delay: Instant  # the bound that it builds on
    incarnation: int = stable(0)
    k: Seq = 0
    answered: Map[Pid, Seq] = Map()  # the last ping of this life that each has answered
    missed: Map[Pid, int] = Map()  # pings in a row that each has left unanswered so far
    last: Map[Pid, Sign] = Map()
    suspected: frozenset[Pid] = frozenset()

    def start(self) -> None:
        self.ask()

    def recover(self) -> None:
        """A new life: answers to the pings of the life before are none to those of this one."""
        self.incarnation += 1
        self.start()

    @upon(Next)
    def ask(self) -> None:
        """Suspect those that have left too many pings unanswered, and ask everybody again."""
        for other in self.others:
            self.count(other)
        self.k += 1
        self.send(Ping((self.incarnation, self.k)), to=self.others)
        self.set_timer(Next(), after=self.period)

    def count(self, other: Pid) -> None:
        if other in self.suspected:
            return
        missed = self.missed.get(other, 0)
        if missed >= self.retries:
            self.suspected |= {other}
            self.output(Suspect(other))
        self.missed |= {other: missed + 1}

    @upon(Ping)
    def answer(self, src: Pid, k: Sign) -> None:
        """Yes, I am here."""
        self.send(Pong(k, self.incarnation), to=src)

    @upon(Pong)
    def hear(self, src: Pid, k: Sign, incarnation: int) -> None:
        """It lives; but an answer to an older ping than the last that it answered says nothing."""
        life, number = k
        if life != self.incarnation or number <= self.answered.get(src, 0):
            return
        self.answered |= {src: number}
        self.missed = self.missed.without(src)
        self.last |= {src: (incarnation, number)}
        if src in self.suspected:
            self.suspected -= {src}
            self.output(Trust(src))


def setup(
    n: int = 3, period: Instant = Instant(10), delay: Instant = Instant(2), retries: int = 1
) -> Nodes:
    """Processes p1.. pn, which suspect whoever leaves so many pings unanswered in a row."""
    if n < 1 or retries < 1 or delay < 0:
        raise ValueError("there must be a process, and retries must be at least 1")
    if period * retries <= 2 * delay:
        raise ValueError(f"period * retries must be above {2 * delay}, or the living are suspected")
    p = pids("p", n)
    return [Process(q, tuple(o for o in p if o != q), period, retries, delay) for q in p]


def model(nodes: Nodes) -> Model:
    """A known bound on delays; anybody may crash, and come back."""
    p1 = nodes[0]
    assert isinstance(p1, Process)
    links: tuple[Link, ...] = ("duplicating", "reordering")
    return Model(timing="timed", links=links, crashes=len(nodes), delay=p1.delay)


def workload(nodes: Nodes) -> list[Ask]:
    """Nothing has to be asked of a detector."""
    return []


accuracy = detector.accuracy
freshness = detector.freshness
completeness = detector.completeness
eventual_accuracy = detector.eventual_accuracy
acquaintance = detector.acquaintance
