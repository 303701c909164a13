"""A tree of moments.  It keeps what was done, and recomputes states from checkpoints.

A step costs a few bytes, so a run of a million steps fits, and every moment of it can be visited:
the last few thousand states are at hand, others are replayed from the checkpoint before them.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from playground.core import Crash, Impossible
from playground.session.deeds import VERBS, Advance, CrashInStep, Deed, OnFlight
from playground.session.state import State

RECENT = 4096
"""How many states are kept at hand."""

SPACING = 1024
"""The least number of steps between two checkpoints.  With many messages in flight it is wider,
since a checkpoint shares little with the one before it."""


@dataclass(eq=False)
class Branch:
    """A line of deeds that leaves its parent after step `fork`; the trunk has no parent."""

    number: int
    parent: Branch | None = None
    fork: int = 0
    codes: array[int] = field(default_factory=lambda: array("q"))
    checkpoints: dict[int, State] = field(default_factory=dict)

    @property
    def tip(self) -> int:
        """The number of its last step."""
        return self.fork + len(self.codes)

    def owner(self, step: int) -> Branch:
        """The branch that holds the deed of this step: itself, or an ancestor."""
        branch = self
        while step <= branch.fork and branch.parent:
            branch = branch.parent
        return branch


class History:
    """Where we are (a step of a branch), how we got there, and what else was tried."""

    def __init__(self, start: State, advance: Callable[[State, Deed], Advance]) -> None:
        self._advance = advance
        self._deeds: list[Deed] = []  # those that are no OnFlight, each once
        self._index: dict[Deed, int] = {}
        self.branch = Branch(1)
        self.branch.checkpoints[0] = start
        self.branches = [self.branch]
        self.bookmarks: dict[str, tuple[Branch, int]] = {}
        self.step = 0
        self.state = start
        self._recent: dict[int, State] = {0: start}
        self._spaced = 0  # the step of the last checkpoint on this line

    def do(self, deed: Deed) -> Advance:
        """Take a step; the same step again from here finds the same moment again."""
        result = self._carry_out(self.branch, self.step, self.state, deed)
        self._extend(deed)
        self._arrive(self.step + 1, result.state)
        return result

    def again(self) -> Advance | None:
        """What the last step was, as `do` told it; None at the start."""
        if not self.step:
            return None
        before = self.at(self.step - 1)
        return self._carry_out(self.branch, self.step - 1, before, self.deed(self.step))

    def go(self, step: int, branch: Branch | None = None) -> State:
        """To a moment of this line, or of another branch."""
        branch = branch or self.branch
        if not 0 <= step <= branch.tip:
            raise Impossible(f"there is no step {step}; this line has 0 to {branch.tip}")
        if branch is not self.branch:
            self._recent.clear()
            self._turn_to(branch)
        self._arrive(step, self.at(step))
        return self.state

    def undo(self, steps: int = 1) -> State:
        if steps > self.step:
            raise Impossible(
                f"only {self.step} can be undone" if self.step else "there is nothing to undo"
            )
        return self.go(self.step - steps)

    def redo(self, steps: int = 1) -> State:
        left = self.branch.tip - self.step
        if steps > left:
            raise Impossible(f"only {left} can be redone" if left else "there is nothing to redo")
        return self.go(self.step + steps)

    def bookmark(self, name: str) -> None:
        self.bookmarks[name] = self.branch, self.step

    def deed(self, step: int) -> Deed:
        """What this line did at `step` (from 1)."""
        return self._deed(self.branch, step)

    def deeds(self) -> Iterator[Deed]:
        """What led here, in order."""
        return (self.deed(i) for i in range(1, self.step + 1))

    def at(self, step: int) -> State:
        """The state after `step` of this line; here and now stay as they are."""
        if (recent := self._recent.get(step)) is not None:
            return recent
        near, state = self._checkpoint(self.branch, step)
        for i in range(near, step):
            state = self._carry_out(self.branch, i, state, self.deed(i + 1)).state
        return state

    def walk(self, first: int, last: int) -> Iterator[tuple[int, Advance]]:
        """Steps `first` to `last` of this line as they happened, each with its number."""
        state = self.at(first - 1)
        for i in range(first, last + 1):
            result = self._carry_out(self.branch, i - 1, state, self.deed(i))
            yield i, result
            state = result.state

    def _carry_out(self, branch: Branch, step: int, state: State, deed: Deed) -> Advance:
        if not isinstance(deed, CrashInStep):
            return self._advance(state, deed)
        if not step:
            raise Impossible("no step has been taken yet that could be cut short")
        before = self.at(step - 1) if branch is self.branch else self._checkpoint(branch, step)[1]
        lit = self._advance(before, Crash(deed.pid, deed.after))
        return self._advance(lit.state, self._deed(branch, step))

    def _extend(self, deed: Deed) -> None:
        """Along the line if it goes on like that, along a twin, or on a new branch."""
        if self.step < self.branch.tip:
            if self.deed(self.step + 1) == deed:
                return
            owner = self.branch.owner(self.step)
            for twin in self.branches:
                same_fork = twin.fork == self.step and twin.parent is owner
                if same_fork and twin.codes and self._deed(twin, self.step + 1) == deed:
                    self._turn_to(twin)
                    return
            self.branches.append(Branch(len(self.branches) + 1, owner, self.step))
            self._turn_to(self.branches[-1])
        self.branch.codes.append(self._encode(deed))

    def _encode(self, deed: Deed) -> int:
        if isinstance(deed, OnFlight):
            return deed.key * len(VERBS) + VERBS.index(deed.verb)
        if deed not in self._index:
            self._index[deed] = len(self._deeds)
            self._deeds.append(deed)
        return -1 - self._index[deed]

    def _deed(self, branch: Branch, step: int) -> Deed:
        owner = branch.owner(step)
        code = owner.codes[step - owner.fork - 1]
        if code < 0:
            return self._deeds[-1 - code]
        key, verb = divmod(code, len(VERBS))
        return OnFlight(VERBS[verb], key)

    def _checkpoint(self, branch: Branch, step: int) -> tuple[int, State]:
        """The last checkpoint on the line of `branch` that is not after `step`."""
        owner: Branch | None = branch
        while owner:
            steps = [s for s in owner.checkpoints if s <= step]
            if steps:
                return max(steps), owner.checkpoints[max(steps)]
            step = min(step, owner.fork)
            owner = owner.parent
        raise AssertionError("the trunk begins with a checkpoint")

    def _turn_to(self, branch: Branch) -> None:
        """To a line that shares its steps with this one as far as we have come."""
        self._recent = {s: state for s, state in self._recent.items() if s <= self.step}
        self.branch = branch
        self._spaced = max(branch.checkpoints, default=branch.fork)

    def _arrive(self, step: int, state: State) -> None:
        if step == self.step + 1 and step == self.branch.tip:
            spacing = max(SPACING, 4 * len(state.flights))
            if step - self._spaced >= spacing:
                self.branch.checkpoints[step] = state
                self._spaced = step
        self.step, self.state = step, state
        self._recent[step] = state
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
