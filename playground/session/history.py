"""A tree of moments.  It keeps what was done, and recomputes states from checkpoints.

A step costs a few bytes, so a run of a million steps fits, and every moment of it can be visited:
the states of the last steps are at hand, others are replayed from the checkpoint before them.
"""

from __future__ import annotations

import gc
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

from playground.core import Crash, Impossible
from playground.core.monitor import Monitor
from playground.session.branch import EVERYBODY, NOBODY, Branch
from playground.session.checkpoint import Checkpoint, pack
from playground.session.deeds import VERBS, Advance, CrashInStep, Deed, OnFlight, advance
from playground.session.schedule import Chance, Fair
from playground.session.state import State
from playground.session.stretch import Stretch, begin_stretch

RECENT = 4096
"""How many states are kept at hand."""

LAST = 128
"""How many are at hand at least, after a long run or a seek: undo goes on from there at once."""

SPACING = 1024
"""The least number of steps between two checkpoints."""

PER_FLIGHT = 2
"""With many messages in flight, so many steps for each of them: a checkpoint shares little with the
one before it.  More would take less memory, and make a seek slower."""

_DELIVER = VERBS.index("deliver")


class Mark(NamedTuple):
    """A place in a history; `tips` are the last steps of its branches."""

    branch: Branch
    step: int
    tips: list[int]


class History:
    """Where we are (a step of a branch), how we got there, and what else was tried."""

    def __init__(
        self,
        start: State,
        monitor: Monitor,
        recent: int = RECENT,
        spacing: int = SPACING,
    ) -> None:
        self._monitor = monitor
        self._deeds: list[Deed] = []  # those that are no OnFlight, each once
        self._index: dict[Deed, int] = {}
        self.branch = Branch(1)
        self.branch.checkpoints[0] = pack(start, start.in_flight())
        self.branches = [self.branch]
        self.bookmarks: dict[str, tuple[Branch, int]] = {}
        self.step = 0
        self.state = start
        self._numbers = {pid: i for i, pid in enumerate(start.world.rules.pids)}
        self._at_hand: dict[int, State] = {0: start}  # successive steps of this line
        self._recent = recent
        self._spacing = spacing
        self._spaced = 0  # the step of the last checkpoint on this line
        self._due = spacing  # the step at which to think of the next one

    def do(self, deed: Deed) -> Advance:
        """Take a step; the same step again from here finds the same moment again."""
        step = self.step + 1
        result = self._carry_out(step, self.state, deed)
        if self._extend(deed, result) and self._is_due(step, result.state.flights):
            self._keep(step, pack(result.state, result.state.in_flight()))
        self._arrive(step, result.state)
        return result

    def run(self, schedule: Fair | Chance, steps: int) -> int:
        """So many steps of a schedule, fewer if nothing more can happen; says how many.  The states
        in between are not at hand then."""
        stretch: Stretch | None = None
        done = wait = 0
        try:
            while done < steps and (deed := schedule.next(stretch or self.state)) is not None:
                if stretch is None and self.step == self.branch.tip and self.step >= wait:
                    stretch = begin_stretch(self.state, self._monitor)
                done += 1
                if stretch is None:
                    self.do(deed)
                elif not self._goes_on(stretch, deed):
                    wait = stretch.pause()
                    self._leave(stretch)
                    stretch = None
                    self.do(deed)
        except BaseException:  # such as Ctrl-C in the middle of a step: what was done is on record
            del self.branch.ran[len(self.branch.codes) :]
            self._bring_back(self.branch.tip)
            raise
        if stretch is not None:
            self._leave(stretch)
        return done

    def again(self) -> Advance | None:
        """What the last step was, as `do` told it; None at the start."""
        if not self.step:
            return None
        [(_, result)] = self.walk(self.step, self.step)
        return result

    def go(self, step: int, branch: Branch | None = None) -> State:
        """To a moment of this line, or of another branch."""
        branch = branch or self.branch
        if not 0 <= step <= branch.tip:
            raise Impossible(f"there is no step {step}; this line has 0 to {branch.tip}")
        if branch is not self.branch:
            self._at_hand.clear()
            self._turn_to(branch)
        if step not in self._at_hand:
            with uninterrupted():
                self._bring_back(step)
        self.step, self.state = step, self._at_hand[step]
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

    def mark(self) -> Mark:
        """Where we are, and what there is, for `roll_back`."""
        return Mark(self.branch, self.step, [branch.tip for branch in self.branches])

    def roll_back(self, mark: Mark) -> None:
        """Be there again, as if nothing had been done since."""
        del self.branches[len(mark.tips) :]
        for branch, tip in zip(self.branches, mark.tips, strict=True):
            del branch.codes[tip - branch.fork :]
            del branch.ran[tip - branch.fork :]
            for kept in (branch.checkpoints, branch.downs, branch.cuts):
                for step in [s for s in kept if s > tip]:
                    del kept[step]
        if self.branch is mark.branch:
            self._at_hand = {s: state for s, state in self._at_hand.items() if s <= mark.step}
            self._spaced = max(self.branch.checkpoints, default=self.branch.fork)
        self.go(mark.step, mark.branch)

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
        if (state := self._at_hand.get(step)) is not None:
            return state
        with uninterrupted():
            near, state = self._nearest(step)
            return self._forward(near, state, step)

    def at_hand(self, step: int) -> State | None:
        """The state after `step` of this line, if it is known without computing it."""
        return self._at_hand.get(step)

    def walk(self, first: int, last: int) -> Iterator[tuple[int, Advance]]:
        """Steps `first` to `last` of this line as they happened, each with its number."""
        return self._follow(first - 1, self.at(first - 1), last)

    def _follow(self, step: int, state: State, last: int) -> Iterator[tuple[int, Advance]]:
        """The steps of this line after `step`, up to `last`, from its state on."""
        before: State | None = None
        for i in range(step + 1, last + 1):
            result = self._carry_out(i, state, self.deed(i), before)
            yield i, result
            before, state = state, result.state

    def _carry_out(
        self, step: int, state: State, deed: Deed, before: State | None = None
    ) -> Advance:
        """Take `step` from `state`; `before` is the state before that one, if it is known."""
        if not isinstance(deed, CrashInStep):
            return advance(state, deed, self._monitor)
        if step == 1:
            raise Impossible("no step has been taken yet that could be cut short")
        lit = advance(before or self.at(step - 2), Crash(deed.pid, deed.after), self._monitor)
        return advance(lit.state, self.deed(step - 1), self._monitor)

    def _goes_on(self, stretch: Stretch, deed: Deed) -> bool:
        """Take a step of this line in place, if it is a plain delivery."""
        if type(deed) is not OnFlight or deed.verb != "deliver" or not stretch.deliver(deed.key):
            return False
        self.branch.ran.append(self._numbers[stretch.ran])
        self.branch.codes.append(deed.key * len(VERBS) + _DELIVER)
        if stretch.step >= self._due and self._is_due(stretch.step, stretch.flights):
            self._keep(stretch.step, stretch.checkpoint())
        return True

    def _leave(self, stretch: Stretch) -> None:
        """Be where the stretch has come to."""
        if stretch.step != self.step:
            self._at_hand.clear()
            self._arrive(stretch.step, stretch.state())

    def _forward(self, step: int, state: State, last: int) -> State:
        """From one state of this line to a later one, as quickly as it gets."""
        before: State | None = None
        stretch: Stretch | None = None
        wait = 0
        codes = pairwise([*self.codes(step, last), 0])
        for i, (code, following) in enumerate(codes, step + 1):
            cut_short = following < 0 and isinstance(self.decode(following), CrashInStep)
            if code >= 0 and code % len(VERBS) == _DELIVER and not cut_short:
                if stretch is None and i >= wait:
                    stretch = begin_stretch(state, self._monitor)
                if stretch is not None and stretch.deliver(code // len(VERBS)):
                    continue
            if stretch is not None:
                wait = stretch.pause()
                before, state, stretch = None, stretch.state(), None
            result = self._carry_out(i, state, self.decode(code), before)
            before, state = state, result.state
        return state if stretch is None else stretch.state()

    def codes(self, first: int, last: int) -> array[int]:
        """What this line did after step `first`, up to `last`; `decode` makes deeds of it."""
        codes = array("q")
        for branch, part in self.branch.parts(first, last):
            codes = branch.codes[part] + codes
        return codes

    def ran(self, first: int, last: int) -> array[int]:
        """The numbers of the nodes that took these steps, NOBODY or EVERYBODY."""
        ran = array("H")
        for branch, part in self.branch.parts(first, last):
            ran = branch.ran[part] + ran
        return ran

    def _extend(self, deed: Deed, result: Advance) -> bool:
        """Along the line if it goes on like that, along a twin, or by a new step (True), which may
        begin a new branch."""
        if self.step < self.branch.tip:
            if self.deed(self.step + 1) == deed:
                return False
            owner = self.branch.owner(self.step)
            for twin in self.branches:
                kin = twin is owner or (twin.parent is owner and twin.fork == self.step)
                if kin and twin.tip > self.step and self._deed(twin, self.step + 1) == deed:
                    self._turn_to(twin)
                    return False
            self.branches.append(Branch(len(self.branches) + 1, owner, self.step))
            self._turn_to(self.branches[-1])
        self._note(deed, result)
        self.branch.codes.append(self._encode(deed))
        return True

    def _note(self, deed: Deed, result: Advance) -> None:
        """Which node a new step was about, and who is down after it."""
        pids = {happening.pid for happening in result.step.happenings}
        if isinstance(deed, OnFlight) and deed.verb == "deliver":
            pids.add(self.state.flights[deed.key].envelope.dst)
        who = EVERYBODY if len(pids) > 1 else NOBODY
        self.branch.ran.append(self._numbers[pids.pop()] if len(pids) == 1 else who)
        before, after, step = self.state.world, result.state.world, result.state.step
        if after.down != before.down:
            self.branch.downs[step] = after.down
        if bool(after.cuts) != bool(before.cuts):
            self.branch.cuts[step] = bool(after.cuts)

    def _encode(self, deed: Deed) -> int:
        if isinstance(deed, OnFlight):
            return deed.key * len(VERBS) + VERBS.index(deed.verb)
        if deed not in self._index:
            self._index[deed] = len(self._deeds)
            self._deeds.append(deed)
        return -1 - self._index[deed]

    def _deed(self, branch: Branch, step: int) -> Deed:
        owner = branch.owner(step)
        return self.decode(owner.codes[step - owner.fork - 1])

    def decode(self, code: int) -> Deed:
        """What a code of this history stands for."""
        if code < 0:
            return self._deeds[-1 - code]
        return OnFlight(VERBS[code % len(VERBS)], self.key(code))

    @staticmethod
    def key(code: int) -> int:
        """The flight that a code of at least 0 is about."""
        return code // len(VERBS)

    def _turn_to(self, branch: Branch) -> None:
        """To a line that shares its steps with this one as far as we have come."""
        self._at_hand = {s: state for s, state in self._at_hand.items() if s <= self.step}
        self.branch = branch
        self._spaced = max(branch.checkpoints, default=branch.fork)
        self._due = self._spaced + self._spacing

    def _arrive(self, step: int, state: State) -> None:
        """Be there, and forget the oldest state at hand if there are too many."""
        self.step, self.state = step, state
        self._at_hand[step] = state
        self._at_hand.pop(step - self._recent, None)

    def _is_due(self, step: int, flights: Sized) -> bool:
        """Is it time for a checkpoint?"""
        if step >= self._due:
            self._due = self._spaced + max(self._spacing, PER_FLIGHT * len(flights))
        return step >= self._due

    def _keep(self, step: int, checkpoint: Checkpoint) -> None:
        self.branch.checkpoints[step] = checkpoint
        self._spaced, self._due = step, step + self._spacing

    def _nearest(self, step: int) -> tuple[int, State]:
        """The last state that is known and not after `step`, a checkpoint or the present one."""
        branch, limit = self.branch, step
        while not (spaced := list(branch.checkpoints)) or spaced[0] > limit:
            assert branch.parent is not None, "the trunk begins with a checkpoint"
            branch, limit = branch.parent, min(limit, branch.fork)
        near = spaced[bisect_right(spaced, limit) - 1]
        if near <= self.step <= step and self.step in self._at_hand:
            return self.step, self.state
        return near, branch.checkpoints[near].state()

    def _bring_back(self, step: int) -> None:
        """Have this state at hand, and those before it: whoever goes there may undo more."""
        near, state = self._nearest(step)
        if step - near > LAST:
            near, state = step - LAST, self._forward(near, state, step - LAST)
        if near not in self._at_hand:
            self._at_hand = {near: state}
        for i, result in self._follow(near, state, step):
            self._arrive(i, result.state)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Without the garbage collector, which costs a run of small immutable values most of its time
    and finds nothing, since they make no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
