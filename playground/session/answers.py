"""What a search has come to, in words; and the way that it found, to be walked."""

from __future__ import annotations

from dataclasses import dataclass

from playground.protocol import Property
from playground.search.result import Bound, Progress, Result, Violation
from playground.search.valency import Valence
from playground.session.aims import BOUNDS, BUDGETS, Aim, goal, spelled, usual
from playground.session.branch import Branch
from playground.session.cells import short
from playground.session.errors import BadInput
from playground.session.hunt import Found
from playground.session.session import Session
from playground.session.trouble import Trouble

MINIMAL = {
    "shortest": "A shortest run",
    "1-minimal": "A run that needs each of its steps",
    "circle": "A run that then goes round and round",
    "long": "A run that may be longer than it need be",
}


@dataclass(frozen=True)
class Answer:
    """name      of a bookmark for the way that was found; "" if none was
    head      one sentence
    grounds   more of them: why, whose fault, how far it looked
    lines     the way, in the notation
    told      one sentence for each of them
    bug       whether a property broke although nothing was missing for it to hold
    """

    name: str
    head: str
    grounds: tuple[str, ...]
    lines: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    bug: bool = False


def answer(session: Session, aim: Aim, found: Found) -> Answer:
    broken = found.result.violation
    if broken is None:
        return _nothing(session, aim, found)
    grounds = [f"{MINIMAL[broken.minimal]}; {_effort(found.result)}."]
    if aim.verb == "search":
        grounds[:0] = _blame(found)
        name, head = f"breaks-{broken.property.name}", _breaks(broken, len(found.trace))
    else:
        name, head = _name(aim), _reached(goal(session, aim), len(found.trace))
    return Answer(name, head, tuple(grounds), found.trace, found.sentences, found.bug)


def troubled(trouble: Trouble) -> Answer:
    """A handler raised, on the last line of the run to it."""
    *lines, last = trouble.trace
    grounds = (f"It comes of {last}, which can't be carried out.", "A shortest run to it.")
    return Answer("raises", f"{trouble.sentence}.", grounds, tuple(lines), trouble.sentences, True)


def valence(found: Valence) -> str:
    """ "bivalent A|B", "A-valent", "no decision"; or, unknown within the bound, "valence ?" """
    values = [short(value) for value in found.values]
    if len(values) > 1:
        return f"bivalent {'|'.join(values)}"
    if not found.complete:
        return f"valence {'|'.join([*values, '?'])}"
    return f"{values[0]}-valent" if values else "no decision"


def underway(p: Progress) -> str:
    """Where a search is."""
    rate = f"{p.rate / 1000:,.0f}k" if p.rate >= 10_000 else f"{p.rate:,.0f}"
    return f"{p.states:,} states · {rate}/s · depth {p.depth} · {p.frontier:,} to be tried"


def _name(aim: Aim) -> str:
    return aim.what if aim.verb != "way" else "way"


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _breaks(broken: Violation, steps: int) -> str:
    name, why = broken.property.name, broken.why()
    if broken.property.kind == "eventually":
        return f"{name} may never be reached, after {_steps(steps)}: {why}."
    return f"{name} breaks, after {_steps(steps)}: {why}."


def _reached(wanted: Property, steps: int) -> str:
    if not steps:
        return f"It is so already: {wanted.name}."
    return f"It is {_steps(steps)} from here: {wanted.doc.split(chr(10))[0].removesuffix('.')}."


def _blame(found: Found) -> list[str]:
    if found.outside:
        return [f"The run leaves the model: {', '.join(found.outside)}."]
    if found.bug:
        return ["BUG: the run is inside the model of this property."]
    return ["As the theory says: it is not promised here."]


def _nothing(session: Session, aim: Aim, found: Found) -> Answer:
    result = found.result
    bounds = _scope(session, aim)
    what = goal(session, aim).name if aim.verb != "search" else ""
    if result.complete and aim.verb == "search":
        head = "Nothing breaks within these bounds: everything was tried."
    elif result.complete:
        head = f"It can't be reached from here, within these bounds: {what}."
    elif aim.verb == "search":
        head = f"Nothing broke in what was seen: {_stopped(result)}."
    else:
        head = f"No way was found to {what}: {_stopped(result)}."
    proof = ["This is complete: a proof within the bounds."] if result.complete else []
    grounds = [*proof, f"{_effort(result)}.", f"Bounds: {bounds}."]
    if result.never_reached:
        grounds.append(f"Never reached on the way: {', '.join(result.never_reached)}.")
    return Answer("", head, tuple(grounds))


def _effort(result: Result) -> str:
    return (
        f"{result.states:,} states, {result.transitions:,} transitions, depth {result.depth}, "
        f"{result.seconds:.1f} s"
    )


def _stopped(result: Result) -> str:
    why: dict[Bound | None, str] = {
        "seconds": "the time was over",
        "interrupt": "it was stopped",
        "memory": "the memory was full",
        None: "it was stopped",
    }
    bound = why.get(result.stopped) or f"the bound of {result.stopped} stopped it"
    return f"{bound}, with {result.frontier:,} states to be tried"


def _scope(session: Session, aim: Aim) -> str:
    limits = usual(session, aim) | aim.given
    known = [name for name in BOUNDS if name in limits]
    told = [n for n in known if limits[n] or (n in BUDGETS and limits[n] is None)]
    return ", ".join(f"{name} {spelled(limits[name])}" for name in told)


@dataclass(frozen=True)
class Trail:
    """A way that a search found, on the session: it can be walked step by step.

    branch  whose steps from `first` on, as far as `told` goes, they are
    """

    answer: Answer
    branch: Branch
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.answer.told)

    def at(self, session: Session) -> int | None:
        """How many of its steps are done here; None if the session is elsewhere."""
        history = session.history
        here = history.branch is self.branch and self.first <= history.step <= self.last
        return history.step - self.first if here else None


def walk(session: Session, found: Answer, branch: Branch, step: int) -> Trail:
    """Go to the moment where the search began, take the way that it found, and give its end a name.
    Raises BadInput if a step of it can't be taken here; what came before it stays done."""
    history = session.history
    if (history.branch, history.step) != (branch, step):
        session.say(f"goto b{branch.number}.{step}")
    try:
        for line in found.lines:
            session.say(line)
    except BadInput as error:
        raise BadInput(f"the way that was found can't be walked: {error.sentence}") from error
    session.say(f"bookmark {_free(session, found.name)}")
    return Trail(found, history.branch, step)


def _free(session: Session, name: str) -> str:
    """The name of a bookmark that is not taken yet."""
    taken = session.history.bookmarks
    names = (f"{name}-{n}" if n > 1 else name for n in range(1, len(taken) + 2))
    return next(each for each in names if each not in taken)
