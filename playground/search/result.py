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
    Fire,
    Forge,
    Recover,
    Replay,
    World,
)
from playground.protocol import Property, Verdict

Outcome = Literal["complete", "bounded", "violation"]
Bound = Literal["states", "depth", "seconds", "memory", "interrupt"]


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
    minimal   "shortest": no run has fewer steps; "1-minimal": no event can be left out
    """

    property: Property
    verdict: Verdict
    trace: tuple[Action, ...]
    world: World
    minimal: Literal["shortest", "1-minimal", "no"] = "shortest"

    def why(self) -> str:
        if isinstance(self.verdict, str):
            return self.verdict
        return self.property.doc.splitlines()[0] if self.property.doc else self.property.name


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
    never_taken   reactions that no step made: "Acceptor: Prepare"
    unseen        properties about facts of which there never was any
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
    never_taken: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    lines_never_run: tuple[str, ...] = field(default=(), repr=False)

    @property
    def complete(self) -> bool:
        """Was every world within the bounds seen?"""
        return self.outcome == "complete"

    @property
    def rate(self) -> float:
        """States per second."""
        return self.states / self.seconds if self.seconds else 0.0

    def check(self) -> Result:
        """Itself, if nothing is broken; else raises AssertionError, which tells the run."""
        if self.violation is not None:
            raise AssertionError(str(self))
        return self

    def __str__(self) -> str:
        if self.violation is None:
            how = f"stopped by its bound of {self.stopped}" if self.stopped else "complete"
            return f"{self.states} states, {how}; nothing is broken"
        broken = self.violation
        kind = {"shortest": "a shortest run", "1-minimal": "a run without detours", "no": "a run"}
        head = f"{broken.property.name} is violated: {broken.why()}"
        steps = "\n".join(f"  {i}. {told(a)}" for i, a in enumerate(broken.trace, 1))
        return f"{head}\n{kind[broken.minimal]} to it:\n{steps}"


def told(action: Action) -> str:
    """An action in about the words of the notation; only a session knows it well."""
    verb = type(action).__name__.lower()
    match action:
        case Ask(pid, what) | Fire(pid, what):
            return f"{verb} {pid} {what!r}"
        case Crash(pid, after):
            return f"crash {pid}" if after is None else f"crash {pid} after={after}"
        case Recover(pid, amnesia):
            return f"recover {pid} amnesia" if amnesia else f"recover {pid}"
        case Deliver(e) | Drop(e) | Duplicate(e) | Forge(e) | Replay(e):
            return f"{verb} {e!r}"
    return verb
