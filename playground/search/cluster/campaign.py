"""Random walks on a cluster.

A walk depends on the seed and its number alone, so workers take some numbers each, and the result
is that of the same walks on one machine, whoever takes which: the violation that is told is that of
the walk with the lowest number.
"""

from __future__ import annotations

import pickle
import time
from array import array
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from playground.search.behaviour import Behaviour
from playground.search.cluster.desk import Desk, News, at_desk
from playground.search.cluster.hearing import Hearing
from playground.search.cluster.job import Job, close
from playground.search.cluster.reach import GRACE, Cluster, Future, Late
from playground.search.errors import Raised, SearchError, Stopped
from playground.search.result import Bounds, Progress, Result, Violation
from playground.search.walk import Tally, Walker, found

AHEAD = 3
"""Tasks for each worker that are under way."""

TASK = 500
"""Walks that a worker takes at once, at most."""


class Taken(NamedTuple):
    """What some walks in a row came to.

    lengths  the steps of each; of fewer walks if time was up, or if one found something
    broken   by the last of them, pickled: the number of the property, and the run
    raised   by the walk after the last, pickled: the sentence, the last moment, and the run
    wrong    a sentence: nothing else counts
    """

    lengths: array[int] = array("q")
    broken: bytes = b""
    raised: bytes = b""
    news: News | None = None
    wrong: str = ""


def take(
    job: bytes, seed: int, first: int, count: int, depth: int | None, seconds: float | None,
) -> Taken:  # fmt: skip
    """The walks from number `first` on."""
    try:
        with at_desk(job, f"walks {seed}") as desk:
            return desk.fitting(lambda: _take(desk, seed, first, count, depth, seconds))
    except SearchError as error:
        return Taken(wrong=str(error))


def _take(
    desk: Desk, seed: int, first: int, count: int, depth: int | None, seconds: float | None,
) -> Taken:  # fmt: skip
    began = time.monotonic()
    walker = desk.walker or Walker(desk.space, desk.job.properties, seed)
    desk.walker, desk.checks = walker, walker.checks
    lengths, broken, raised = array("q"), b"", b""
    for number in range(first, first + count):
        try:
            walked = walker.walk(number, depth)
        except Raised as error:
            raised = pickle.dumps((str(error), error.moment, error.actions))
            break
        lengths.append(walked.steps)
        if walked.broken is not None:
            broken = pickle.dumps((desk.job.properties.index(walked.broken), walked.actions))
            break
        if seconds is not None and time.monotonic() - began >= seconds:
            break
    return Taken(lengths, broken, raised, desk.news())


class Campaign:
    """The walks of `search.walk.walk`, on a cluster."""

    def __init__(
        self, cluster: Cluster, job: Job, sent: bytes, bounds: Bounds, walks: int, seed: int,
        progress: Callable[[Progress], None],
    ) -> None:  # fmt: skip
        self.cluster = cluster
        self.job = job
        self.bounds = bounds
        self.walks = walks
        self.seed = seed
        self.tell = progress
        self.tally = Tally(bounds)
        self.hearing = Hearing(Behaviour(job.start))
        self._sent = sent
        share = walks // (2 * AHEAD * len(cluster.workers))
        self._size = max(1, min(TASK, share))
        self._next = 0
        self._under_way: deque[Future] = deque()

    def run(self) -> Result:
        violation = None
        try:
            self._job = self.cluster.submit(bytes, self._sent)
            violation = self._search()
        except Late:
            self.tally.stopped = "seconds"
        except (KeyboardInterrupt, Stopped):
            self.tally.stopped = "interrupt"
        finally:
            self.cluster.cancel(self._under_way)
            self.cluster.everywhere(close, self._sent)
        hearing, properties = self.hearing, self.job.properties
        hearing.settle()
        safe = (p for p in properties if p.kind != "eventually")
        unseen, workers = hearing.unseen(safe), len(self.cluster.workers)
        return self.tally.result(
            hearing.behaviour, properties, violation, hearing.reached, unseen, workers
        )

    def _search(self) -> Violation | None:
        """Hears of the walks in the order of their numbers."""
        tally = self.tally
        self._send()
        while self._under_way:
            [taken] = self.cluster.results([self._under_way[0]], self._tick)
            self._under_way.popleft()
            if (ended := self._hear(taken)) is not None:
                return ended
            tally.look()
            self.tell(tally.progress())
            if tally.stopped:
                self._hear_out()
                return None
            self._send()
        return None

    def _hear_out(self) -> None:
        """What is still under way does not count, but what it found out about nodes was perhaps
        not told again by those that do."""
        for taken in self.cluster.results(list(self._under_way), self._tick):
            self.hearing.hear(taken.news)

    def _send(self) -> None:
        """So many tasks are under way that nobody has to wait."""
        while self._next < self.walks and len(self._under_way) < AHEAD * len(self.cluster.workers):
            count = min(self._size, self.walks - self._next)
            left, depth = self._left(), self.bounds.depth
            task = self.cluster.submit(take, self._job, self.seed, self._next, count, depth, left)
            self._under_way.append(task)
            self._next += count

    def _hear(self, taken: Taken) -> Violation | None:
        if taken.wrong:
            raise SearchError(taken.wrong)
        self.hearing.hear(taken.news)
        tally = self.tally
        last = len(taken.lengths) - 1
        for i, steps in enumerate(taken.lengths):
            tally.count(steps, broken=bool(taken.broken) and i == last)
            if tally.stopped:  # what comes after this walk does not count
                return None
        if taken.raised:
            said, moment, actions = pickle.loads(taken.raised)
            raised = Raised(said, moment[-1])
            raised.moment, raised.actions = moment, actions
            raise raised
        if taken.broken:
            which, actions = pickle.loads(taken.broken)
            return found(self.job.start, self.job.properties[which], actions)
        return None

    def _tick(self) -> None:
        self.tell(self.tally.progress())
        seconds = self.bounds.seconds
        if seconds is not None and self.tally.seconds >= seconds + GRACE:
            raise Late

    def _left(self) -> float | None:
        """Seconds."""
        seconds = self.bounds.seconds
        return None if seconds is None else max(0.0, seconds - self.tally.seconds)
