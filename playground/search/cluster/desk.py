"""Where a worker does its part of a search."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import NamedTuple, TypeVar

from playground.search.behaviour import Behaviour
from playground.search.checks import Checks
from playground.search.cluster.job import Job, opened
from playground.search.cluster.owners import Deal, Owners
from playground.search.engine import REMEMBERED, no_garbage
from playground.search.networks import Overflow, Widths
from playground.search.space import Space
from playground.search.walk import Walker

T = TypeVar("T")

TURN = RLock()
"""Who works in this process, or reads what is worked on.  Threads of Python don't work at the same
time anyway, and so two searches don't get in each other's way."""


class News(NamedTuple):
    """What a desk has found out about nodes and goals.

    desk       whose news
    questions  that it has put to nodes for the first time, and what had an effect so far; pickled
    reached    goals that were true in some world
    unseen     properties that see facts of which there never were any
    """

    desk: str
    questions: bytes
    reached: frozenset[str]
    unseen: frozenset[str]


class Desk:
    """A space of its own, and what is remembered of it.  Nothing here is needed: whoever comes to
    an empty desk finds all that matters in what it is given."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.behaviour = Behaviour(job.start)
        self._widths = Widths()
        self._name = os.urandom(8).hex()
        self._told = 0  # questions
        self._settle()

    def _settle(self) -> None:
        job = self.job
        self.space = Space(
            self.behaviour, job.faults, job.exact, job.copies, self._widths, ordered=True
        )
        self.checks = Checks(self.space, job.properties)
        self._owners: Owners | None = None
        self.walker: Walker | None = None
        self.level: tuple[object, list[int]] | None = None  # the last one that was expanded
        self.head: object = None  # up to where `seen` is true
        self.seen: set[int] = set()

    def fitting(self, work: Callable[[], T]) -> T:
        """What `work` returns; if the space is too narrow for it, it begins again in a wider."""
        while True:
            try:
                return work()
            except Overflow as overflow:
                self._widths = self._widths.wider(str(overflow))
                self._settle()

    def owners(self, deal: Deal) -> Owners:
        if self._owners is None:
            self._owners = Owners(self.space, deal)
        return self._owners

    def tidy(self) -> None:
        """What is remembered should be of use."""
        if self.space.remembered > REMEMBERED:
            self.space.forget()
        for node in self.behaviour.restless(len(self.seen)):
            self.space.improvise(node)
            self._told, _ = self.behaviour.asked()

    def news(self) -> News:
        """What was not told yet.  If it gets lost with a worker, so does the desk, and what is done
        again elsewhere is told from there."""
        asked, questions = self.behaviour.asked(self._told)
        self._told = asked
        new = pickle.dumps((questions, self.behaviour.effective)) if questions else b""
        reached, unseen = frozenset(self.checks.reached), frozenset(self.checks.unseen())
        return News(self._name, new, reached, unseen)


@contextmanager
def at_desk(pickled: bytes, name: str) -> Iterator[Desk]:
    """The desk of a part of a job.  Raises SearchError if the job can't be loaded here."""
    with TURN, no_garbage():
        job = opened(pickled)
        desk = job.desks.get(name)
        if desk is None:
            desk = job.desks[name] = Desk(job.job)
        yield desk
