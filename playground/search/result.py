"""What a search found, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from playground.core import (
    Action,
    Ask,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Elapse,
    Fire,
    Forge,
    Recover,
    Replay,
    SetClock,
    World,
    perform,
)
from playground.core.outside import breaches
from playground.protocol import Property, Verdict
from playground.search.behaviour import Behaviour
from playground.search.errors import Mismatch, SearchError

AGAIN = 20
"""How often a property is asked that says now this, now that."""

Outcome = Literal["complete", "bounded", "violation"]
Bound = Literal["states", "depth", "seconds", "memory", "walks", "interrupt"]
Minimal = Literal["shortest", "1-minimal", "circle", "long"]


@dataclass(frozen=True)
class Bounds:
    """Where a search stops; None: nowhere.

    depth    steps from the start
    memory   bytes, of the worlds that it remembers
    """

    states: int | None = None
    depth: int | None = None
    seconds: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Violation:
    """A run, from where the search began, that breaks a property.

    trace     the actions of the core that lead there
    world     the world there
    outside   how it leaves the model, if it does
    minimal   "shortest": no run has fewer steps; "1-minimal": no event can be left out; "circle":
              its last steps go round for ever; "long": nobody has waited until it was minimal
    """

    property: Property
    verdict: Verdict
    trace: tuple[Action, ...]
    world: World
    minimal: Minimal = "shortest"
    outside: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, start: World, broken: Property, trace: tuple[Action, ...], minimal: Minimal
    ) -> Violation:
        """Raises Mismatch if the run does not break the property, and SearchError if the property
        says now this, now that."""
        worlds, left = [start], dict[str, None]()
        for action in trace:
            done = perform(worlds[-1], action)
            left |= {breach.what: None for breach in breaches(worlds[-1], action, done)}
            worlds.append(done.world)
        systems = worlds[-2:] if broken.kind == "between" else worlds[-1:]
        verdict = broken(*systems)
        if verdict and not all(broken(*systems) for _ in range(AGAIN)):
            said = "asked twice about the same nodes, it says two different things"
            raise SearchError(f"the property {broken.name} is not deterministic: {said}")
        if verdict:
            said = f"the search says that {broken.name} is broken, and core.step that it is not"
            raise Mismatch(said)
        return cls(broken, verdict, trace, worlds[-1], minimal, tuple(left))

    def why(self) -> str:
        return self.property.why(self.verdict)


class Progress(NamedTuple):
    """frontier: worlds that are known, but not yet what may happen in them."""

    states: int
    transitions: int
    depth: int
    frontier: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.states / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Result:
    """What a search saw.

    states        distinct worlds, each counted once for every budget of faults left in it
    depth         of the deepest of them
    stopped       by which bound it stopped, if it is not complete
    calls         how many different events were put to a node in how many different states
    never_reached goals that were true in no world
    unseen        properties that see facts of which there never were any
    odds          that a world was missed, as only 64 bits are remembered of each; None if all are
    unfit         what kept a fast search from working on arrays
    workers       that took part, if it needed a cluster
    behaviour     what the nodes were seen to do
    """

    outcome: Outcome
    start: World
    states: int
    transitions: int
    depth: int
    frontier: int
    seconds: float
    calls: int
    stopped: Bound | None = None
    violation: Violation | None = None
    never_reached: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    odds: float | None = None
    unfit: str = ""
    workers: int = 0
    behaviour: Behaviour | None = field(default=None, repr=False)

    @property
    def complete(self) -> bool:
        """Was every world within the bounds seen?"""
        return self.outcome == "complete"

    @property
    def rate(self) -> float:
        """States per second."""
        return self.states / self.seconds if self.seconds else 0.0

    def check(self, complete: bool = True) -> Result:
        """Itself, if nothing is broken and everything was tried; else raises AssertionError, which
        tells the run.  `complete=False` is content with what was tried."""
        __tracebackhide__ = True  # pytest shows the line that called it
        if self.violation is not None or (complete and not self.complete):
            raise AssertionError(str(self))
        return self

    def __str__(self) -> str:
        if self.violation is None:
            how = f"stopped by its bound of {self.stopped}" if self.stopped else "complete"
            return f"{self.states} states, {how}; nothing is broken"
        broken = self.violation
        kind = {
            "shortest": "a shortest run",
            "1-minimal": "a run without detours",
            "circle": "a run",
            "long": "a run, not made shorter,",
        }
        head = f"{broken.property.name} is violated: {broken.why()}"
        steps = "\n".join(f"  {i}. {told(a)}" for i, a in enumerate(broken.trace, 1))
        left = f"\nit leaves the model: {', '.join(broken.outside)}" if broken.outside else ""
        return f"{head}{left}\n{kind[broken.minimal]} to it:\n{steps}"


def told(action: Action) -> str:
    """An action in about the words of the notation; only a session knows it well."""
    verb = type(action).__name__.lower()
    match action:
        case Ask(pid, what) | Fire(pid, what):
            return f"{verb} {pid} {what!r}"
        case Crash(pid, after):
            return f"crash {pid}" if after is None else f"crash {pid} after={after}"
        case Elapse(by):
            return f"{by} passes"
        case SetClock(pid, rate):
            return f"the clock of {pid} goes at {rate}"
        case Recover(pid, amnesia):
            return f"recover {pid} amnesia" if amnesia else f"recover {pid}"
        case Deliver(e) | Drop(e) | Duplicate(e) | Forge(e) | Replay(e):
            return f"{verb} {e!r}"
    return verb
