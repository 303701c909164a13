"""A line of deeds, kept in a few bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from playground.protocol import Pid
from playground.session.checkpoint import Checkpoint

NOBODY, EVERYBODY = 0xFFFF, 0xFFFE
"""In the place of the node that took a step: the network did, or several nodes."""


@dataclass(eq=False)
class Branch:
    """A line of deeds that leaves its parent after step `fork`; the trunk has no parent.  `given`
    is its name, if it has one, and `begun` the command by which it left its parent."""

    number: int
    parent: Branch | None = None
    fork: int = 0
    given: str = ""
    begun: str = ""
    codes: array[int] = field(default_factory=lambda: array("q"))
    ran: array[int] = field(default_factory=lambda: array("H"))  # a node of each step, or NOBODY
    downs: dict[int, frozenset[Pid]] = field(default_factory=dict)  # where that changes
    cuts: dict[int, bool] = field(default_factory=dict)  # where it changes whether a link is cut
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)

    @property
    def tip(self) -> int:
        """The number of its last step."""
        return self.fork + len(self.codes)

    @property
    def name(self) -> str:
        return self.given or f"branch {self.number}"

    def owner(self, step: int) -> Branch:
        """The branch that holds the deed of this step: itself, or an ancestor."""
        branch = self
        while step <= branch.fork and branch.parent:
            branch = branch.parent
        return branch

    def parts(self, first: int, last: int) -> Iterator[tuple[Branch, slice]]:
        """Where the steps after `first` up to `last` are kept, the latest first."""
        while first < last:
            owner = self.owner(last)
            begin = max(first, owner.fork)
            yield owner, slice(begin - owner.fork, last - owner.fork)
            last = begin

    def chain(self, step: int) -> Iterator[tuple[Branch, int]]:
        """Itself and its ancestors, each with the last of its steps that lead to `step`."""
        yield self, step
        if self.parent:
            yield from self.parent.chain(min(step, self.fork))

    def downs_until(self, step: int) -> Iterator[tuple[int, frozenset[Pid]]]:
        """Who is down, and since when just those, the latest first; 0 is the beginning."""
        for branch, last in self.chain(step):
            for since in sorted(branch.downs, reverse=True):
                if since <= last:
                    yield since, branch.downs[since]
        yield 0, frozenset()

    def cut(self, step: int) -> bool:
        """Is a link cut after this step?"""
        for branch, last in self.chain(step):
            changed = [since for since in branch.cuts if since <= last]
            if changed:
                return branch.cuts[changed[-1]]
        return False
