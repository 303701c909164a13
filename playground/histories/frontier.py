"""The search behind linearizability: which orders of effects are still possible at each answer.

A configuration says which of the open operations have taken effect, and in which state the object
is.  From one answer to the next it is enough to know configurations, so the search goes from answer
to answer, depth first, and remembers those from which there was no way on.  An operation takes
effect only when an answer needs it (just in time), and these observations keep the search small:

-  An open operation that leaves every state as it is (a read) takes effect as soon as it fits.
-  Of equal open operations, the one that must answer first goes first; one that may never happen
   goes last.
-  A step that makes a later answer impossible is not taken (`lookahead`).
-  What may never happen does not happen unless somebody makes use of it.
-  Who has used fewer of the operations that may never happen, and is otherwise equal, can do more.
-  States that no answer tells apart are one state (`lookahead`).
-  What nobody sees is done as soon as something else covers it.
-  States and calls are numbered, and each step of the object is computed once.

Source  Wing and Gong, Testing and verifying concurrent objects (1993); Lowe, Testing for
        linearizability (2017), sections 3 (memo) and 5 (just-in-time linearization).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

from playground.histories.history import UNKNOWN, Call, History, Operation
from playground.histories.lookahead import NEVER, Outlook
from playground.histories.objects import Sequential


class OutOfTime(Exception):
    """The search was stopped before it knew."""


class GaveUp(Exception):
    """The search has looked at as many configurations as it was allowed to."""


class Kind(NamedTuple):
    """Operations that differ in nothing but time: the same call, and the same answer."""

    call: Call
    result: Any


class Open(NamedTuple):
    """An operation that is open at some answer; `bit` is its own among all that are open then."""

    bit: int
    kind: int
    call: int  # the number of its call, whatever it answers
    op: Operation
    pure: bool
    hidden: bool


class Stage(NamedTuple):
    """The answer of one operation, and what is open just before."""

    bit: int
    op: Operation
    pures: tuple[Open, ...]
    hidden: tuple[Open, ...]
    changers: tuple[Open, ...]  # all that are not pure; whoever must answer first comes first


Path = tuple[Any, Operation] | None
"""The operations in the order of their effects, last one first: (path before, operation)."""


class Node(NamedTuple):
    """A configuration at a stage: `done` of the open operations, `spent` of those without end.

    `before` is the state before something of unknown outcome happened last, if nobody has made use
    of that yet; else -1.
    """

    stage: int
    state: int
    done: int
    spent: int
    path: Path
    before: int = -1


class Step(NamedTuple):
    """The state after it (-1: it would not answer so), and the last call that it rules out."""

    after: int
    rules_out: int = NEVER


IMPOSSIBLE = Step(-1)


class Steps:
    """The object as a table: numbered states, numbered kinds, each step computed once."""

    def __init__(self, obj: Sequential[Any], outlook: Outlook) -> None:
        self.obj = obj
        self.outlook = outlook
        self.unshown = -1  # the number of all states that are not shown
        self._numbers: dict[Any, int] = {}
        self.states: list[Any] = []
        self.rows: list[dict[int, Step]] = []  # by state and kind
        self.kinds: list[Kind] = []
        self._kind_numbers: dict[Kind, int] = {}
        self._call_numbers: dict[Call, int] = {}

    def number(self, state: Any) -> int:
        found = self._numbers.get(state)
        if found is None:
            shown = self.outlook.shown(state)
            if not shown and self.unshown >= 0:
                return self.unshown
            found = self._numbers[state] = len(self.states)
            self.states.append(state)
            self.rows.append({})
            if not shown:
                self.unshown = found
        return found

    def kind(self, op: Operation) -> tuple[int, int]:
        """The numbers of its kind and of its call."""
        kind = Kind(op.call, op.result)
        number = self._kind_numbers.setdefault(kind, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        return number, self._call_numbers.setdefault(op.call, len(self._call_numbers))

    def take(self, state: int, kind: int) -> Step:
        row = self.rows[state]
        step = row.get(kind)
        if step is None:
            step = row[kind] = self._step(self.states[state], *self.kinds[kind])
        return step

    def _step(self, state: Any, call: Call, result: Any) -> Step:
        after, answer = self.obj.apply(state, call)
        if not self.obj.agrees(answer, result):
            return IMPOSSIBLE
        number = self.number(after)
        return Step(number, self.outlook.rules_out(state, call, self.states[number]))


class Endless(NamedTuple):
    """Equal operations that take effect at some time after their call, or never; oldest first."""

    kind: int
    call: int
    members: tuple[tuple[int, int, Operation], ...]  # bit, first stage where it is open, operation


@dataclass(frozen=True)
class Found:
    """What a search came to.

    path     of an order that explains all answers; None if there is none
    reached  if there is none: the position of the last answer that any configuration came to;
             `certain` if all before it can be explained
    states   if there is none: those in which the object could be then, as far as they are shown
    unshown  if there is none: could it be in one that no answer shows?
    tried    how many configurations were looked at
    """

    possible: bool
    path: Path = None
    reached: int = 0
    certain: bool = True
    states: tuple[Any, ...] = ()
    unshown: bool = False
    tried: int = 0


class Frontier:
    """The search over one object's history.

    deadline  a time of `time.monotonic()`
    outlook   what its answers show of the object; by default all that can be known of them
    reuse     may what is of unknown outcome take effect several times?  That is not so; but what is
              impossible even then is impossible, and hardly anything has to be remembered
    """

    def __init__(
        self,
        history: History,
        obj: Sequential[Any],
        deadline: float | None = None,
        outlook: Outlook | None = None,
        reuse: bool = False,
    ) -> None:
        self.reuse = reuse
        self.steps = Steps(obj, outlook or obj.outlook(history))
        self.deadline = deadline
        relevant = [op for op in history if op.outcome != "fail" and not _idle(obj, op)]
        self.stages = self._stages(relevant)
        doubtful = [op for op in relevant if op.outcome == "info"]
        self.endless = self._endless(
            [op for op in doubtful if not self.steps.outlook.hidden(op.call)]
        )

    def search(self, most: int | None = None) -> Found:
        """Raises OutOfTime; or GaveUp after an effort of `most`.

        Effort is about how many operations were looked at.  It is counted, not timed, so that who
        limits it gets the same on every machine.
        """
        tried = effort = 0
        seen: list[dict[tuple[int, int], list[int]]] = [{} for _ in self.stages]
        stack = [Node(0, self.steps.number(self.steps.obj.initial), 0, 0, None)]
        while stack:
            node = self._settled(stack.pop())
            if node.stage == len(self.stages):
                return Found(True, node.path, tried=tried)
            spent = seen[node.stage].setdefault((node.state, node.done), [])
            effort += 1 + len(spent)
            if _less(spent, node.spent):
                continue
            effort += len(self.stages[node.stage].changers) + len(self.endless)
            if most is not None and effort > most:
                raise GaveUp
            tried += 1
            if tried % 256 == 0 and self.deadline is not None and monotonic() > self.deadline:
                raise OutOfTime
            stack.extend(self._next(node))
        last = max(i for i, nodes in enumerate(seen) if nodes)
        numbers = sorted({state for state, _ in seen[last]} - {self.steps.unshown})
        return Found(
            possible=False,
            reached=self.stages[last].op.responded or 0,
            states=tuple(self.steps.states[n] for n in numbers),
            unshown=len(numbers) < len({state for state, _ in seen[last]}),
            tried=tried,
        )

    def _settled(self, node: Node) -> Node:
        """Reads take effect where they fit, and answers pass that need nothing more."""
        stage, state, done, spent, path, before = node
        take, stages = self.steps.take, self.stages
        while stage < len(stages):
            bit, _, pures, hidden, _ = stages[stage]
            if state == self.steps.unshown:
                done, path = _all(hidden, done, path)
            for read in pures:
                if not done & read.bit and take(state, read.kind).after >= 0:
                    done |= read.bit
                    path = (path, read.op)
            if not done & bit:
                break
            done ^= bit
            stage += 1
        if done != node.done or stage != node.stage:
            before = -1
        return Node(stage, state, done, spent, path, before)

    def _next(self, node: Node) -> Iterable[Node]:
        """One more operation takes effect; the last of these is the first to be tried."""
        stage, state, done, spent, path, origin = node
        take, now = self.steps.take, self.stages[stage].op.responded or 0
        hidden = [one for one in self.stages[stage].hidden if not done & one.bit]
        nowhere = take(state, hidden[0].kind).after if hidden else -1
        kinds, calls, found = set(), set(), []
        for one in self.stages[stage].changers:
            if done & one.bit or one.kind in kinds:
                continue
            kinds.add(one.kind)
            after, rules_out = take(state, one.kind)
            if origin >= 0 and take(origin, one.kind).after == after:
                continue
            if after >= 0 and rules_out <= now:
                calls.add(one.call)
                before = done, path
                if hidden and take(nowhere, one.kind).after == after:
                    before = _all(hidden, done, path)
                found.append(Node(stage, after, before[0] | one.bit, spent, (before[1], one.op)))
        for group in self.endless:
            if group.call in calls:
                continue
            for bit, since, op in group.members:
                if not spent & bit:
                    after, rules_out = take(state, group.kind) if since <= stage else IMPOSSIBLE
                    if origin >= 0 and take(origin, group.kind).after == after:
                        break
                    if after >= 0 and after != state and rules_out <= now:
                        used = spent if self.reuse else spent | bit
                        found.append(Node(stage, after, done, used, (path, op), state))
                    break
        return reversed(found)

    def _stages(self, history: History) -> list[Stage]:
        """One for each answer, in the order of time; at one position calls come before answers."""
        events = sorted(
            [(op.responded, 1, i) for i, op in enumerate(history) if op.responded is not None]
            + [(op.invoked, 0, i) for i, op in enumerate(history) if op.responded is not None]
        )
        stages: list[Stage] = []
        opened: dict[int, Open] = {}
        free: list[int] = []
        for _, answer, i in events:
            if not answer:
                bit = free.pop() if free else 1 << len(opened)
                opened[i] = self._open(history[i], bit)
                continue
            rank = sorted(opened.values(), key=lambda o: o.op.responded or 0)
            pures = tuple(o for o in rank if o.pure)
            hidden = tuple(o for o in rank if o.hidden)
            changers = tuple(o for o in rank if not o.pure)
            stages.append(Stage(opened[i].bit, history[i], pures, hidden, changers))
            free.append(opened.pop(i).bit)
        return stages

    def _open(self, op: Operation, bit: int) -> Open:
        pure, hidden = self.steps.obj.pure(op.call, op.result), self.steps.outlook.hidden(op.call)
        return Open(bit, *self.steps.kind(op), op, pure, hidden)

    def _endless(self, operations: list[Operation]) -> tuple[Endless, ...]:
        """Those of unknown outcome, equal ones together."""
        groups: dict[tuple[int, int], list[tuple[int, int, Operation]]] = {}
        ends = [stage.op.responded or 0 for stage in self.stages]
        since = 0
        for i, op in enumerate(sorted(operations, key=lambda op: op.invoked)):
            while since < len(ends) and ends[since] < op.invoked:
                since += 1
            groups.setdefault(self.steps.kind(op), []).append((1 << i, since, op))
        return tuple(Endless(*numbers, tuple(group)) for numbers, group in groups.items())


def unwound(path: Path) -> list[Operation]:
    """The operations of a path, first one first."""
    order = []
    while path is not None:
        path, op = path
        order.append(op)
    return order[::-1]


def _all(some: Iterable[Open], done: int, path: Path) -> tuple[int, Path]:
    """Those of them that are not done yet are done now."""
    for one in some:
        if not done & one.bit:
            done, path = done | one.bit, (path, one.op)
    return done, path


def _idle(obj: Sequential[Any], op: Operation) -> bool:
    """It changes nothing, and says nothing."""
    return op.result is UNKNOWN and obj.pure(op.call, UNKNOWN)


def _less(spent: list[int], now: int) -> bool:
    """Have we been here with no more spent?  If not, we have now."""
    if any(less & ~now == 0 for less in spent):
        return True
    spent[:] = [more for more in spent if now & ~more]
    spent.append(now)
    return False
