"""What a scenario expects: read, checked for sense, and compared with the present moment.

"p1.n" = "(1, p1)"        a field of a node, in the notation; "p1.output" is what it told last
"p1.clock" = "5.5"        what its clock shows, where there is time
p1 = "down"               a node is up or down
agreement = "holds"       a property, by its name or an id of the sheet
in_flight = {Accept = 3}  messages in flight; of these kinds, or in all if it is a number
messages = {Prepare = 6}  messages sent so far
total = 15                a cost: total, delays, first_decision, stable_writes, write_delays
outside = ["auth"]        exactly these assumptions were left; or how: "forged Accept"
refused = ["tick"]        lines of the notation that can't be carried out now
detector = ["Omega"]      exactly these classes of detectors may have told what was told so far
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from playground.protocol import Instant, Message, Property
from playground.protocol.detector import CLASSES, classes
from playground.protocol.model import Assumption
from playground.protocol.roles import part_of, stack
from playground.session.errors import BadInput, nearest, unknown
from playground.session.grammar import parse
from playground.session.notation import Misfit, fields_of, value
from playground.session.oracle import scenes
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import Word
from playground.values import text

COUNTS = ("in_flight", "messages")
LISTS = ("outside", "refused", "detector")
COSTS = ("total", "delays", "first_decision", "stable_writes", "write_delays")

WORDS: dict[str, tuple[Word, ...]] = {
    "always": ("holds", "violated"),
    "between": ("holds", "violated"),
    "eventually": ("reached", "blocked", "livelock", "open", "violated"),
}


@dataclass(frozen=True)
class Expectation:
    """What a scenario says must be true, and what is.  `step` counts from 1; 0 is the end."""

    step: int
    what: str
    expected: str
    got: str
    ok: bool


def flat(session: Session, expected: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The expectations of a table; `p1.n` without quotes is a table in a table for TOML."""
    for what, wanted in expected.items():
        if what in session.world.nodes and isinstance(wanted, Mapping):
            yield from ((f"{what}.{field}", value) for field, value in wanted.items())
        else:
            yield what, wanted


def check(session: Session, what: str, expected: Any) -> None:
    """Raises BadInput if this makes no sense here, whatever the moment."""
    if what in COUNTS:
        for kind, n in _table(what, expected).items():
            session.protocol.event(Message, kind)
            _number(f"{what}.{kind}", n)
    elif what in LISTS:
        for line in _lines(what, expected):
            _LINES[what](line)
    elif what in COSTS:
        if expected is not None:
            _number(what, expected)
    elif what in session.world.nodes:
        _one_of(what, expected, ("up", "down"))
    elif what.partition(".")[0] in session.world.nodes:
        _wanted(session, what, expected)
    else:
        p = _property(session, what)
        _one_of(what, expected, WORDS[p.kind])


def compare(session: Session, step: int, what: str, expected: Any) -> list[Expectation]:
    """One expectation and the present moment.  Raises BadInput if it makes no sense."""
    check(session, what, expected)
    if what == "in_flight":
        return _counts(session, step, what, expected, _in_flight(session))
    if what == "messages":
        return _counts(session, step, what, expected, cost(session.state)["messages"])
    if what == "outside":
        return [_outside(session, step, expected)]
    if what == "refused":
        return [_refused(session, step, line) for line in expected]
    if what == "detector":
        return [_detector(session, step, expected)]
    if what in COSTS:
        got = cost(session.state)[what]
        return [Expectation(step, what, text(expected), text(got), got == expected)]
    if what in session.world.nodes:
        got = "down" if what in session.world.down else "up"
        return [Expectation(step, what, expected, got, got == expected)]
    if what.partition(".")[0] in session.world.nodes:
        return [_field(session, step, what, expected)]
    got = session.verdicts()[_property(session, what).name]
    return [Expectation(step, what, expected, got, got == expected)]


def _property(session: Session, name: str) -> Property:
    try:
        return session.protocol.property(name)
    except BadInput:
        pids = session.world.rules.pids
        if "." in name:
            raise BadInput(unknown("node", name.partition(".")[0], pids)) from None
        names = [p.name for p in session.properties]
        raise BadInput(
            unknown("expectation", name, [*names, *COUNTS, *LISTS, *COSTS, *pids])
        ) from None


def _one_of(what: str, expected: Any, words: tuple[str, ...]) -> None:
    if expected not in words:
        near = nearest(str(expected), words)
        hint = f"did you mean {near}?" if near else f"possible are {', '.join(words)}"
        raise BadInput(f"{what} can't be {text(expected)}; {hint}")


def _number(what: str, expected: Any) -> None:
    if type(expected) is not int or expected < 0:
        raise BadInput(f"{what} is a count, not {text(expected)}")


def _table(what: str, expected: Any) -> Mapping[str, Any]:
    if type(expected) is int:
        _number(what, expected)
        return {}
    if not isinstance(expected, Mapping):
        raise BadInput(f"{what} takes a number or a table, as in {{ Accept = 3 }}")
    return expected


def _assumption(entry: str) -> None:
    """An assumption, or in words how one was left; what looks like a slip of a name is one."""
    names = get_args(Assumption)
    near = nearest(entry, names)
    if near and near != entry.lower() and " " not in entry.strip():
        raise BadInput(f"outside: {entry!r} is no assumption; did you mean {near}?")


def _wanted(session: Session, what: str, expected: Any) -> tuple[Any, Any]:
    """What a field is expected to be, and what it is."""
    pid, _, field = what.partition(".")
    if field == "output":
        told = session.state.told.get(pid)
        return str(expected), text(told.output if told else None)
    if field == "clock" and session.world.time:
        return _clock(what, expected), session.world.local_time(pid)
    parts = stack(session.world.nodes[pid])
    known = [".".join((*path, name)) for path, part in parts for name in part.names()]
    if field not in known:
        raise BadInput(unknown(f"field of {pid}", field, [*known, "output"]))
    *path, name = field.split(".")
    node = part_of(session.world.nodes[pid], tuple(path))
    line = expected if isinstance(expected, str) else text(expected)
    try:
        wanted = value(line, fields_of(type(node))[name], session.protocol.events)
    except Misfit as misfit:
        raise BadInput(f"{what}: {misfit.sentence}") from None
    return wanted, getattr(node, name)


def _clock(what: str, expected: Any) -> Any:
    try:
        return value(expected if isinstance(expected, str) else text(expected), Instant)
    except Misfit as misfit:
        raise BadInput(f"{what}: {misfit.sentence}") from None


def _field(session: Session, step: int, what: str, expected: Any) -> Expectation:
    wanted, got = _wanted(session, what, expected)
    said = str if what.endswith(".output") else text
    return Expectation(step, what, said(wanted), said(got), wanted == got)


def _in_flight(session: Session) -> Counter[str]:
    return Counter(type(f.envelope.message).__name__ for f in session.state.in_flight())


def _counts(
    session: Session, step: int, what: str, expected: Any, got: Mapping[str, int]
) -> list[Expectation]:
    """Of each kind that is named, by its name or its label; an empty table means none at all."""
    total = sum(got.values())
    if not expected or isinstance(expected, int):
        wanted = expected or 0
        return [Expectation(step, what, str(wanted), str(total), total == wanted)]
    found = []
    for kind, n in expected.items():
        count = got.get(session.protocol.event(Message, kind).__name__, 0)
        found.append(Expectation(step, f"{what}.{kind}", str(n), str(count), count == n))
    return found


def _outside(session: Session, step: int, expected: list[str]) -> Expectation:
    """Each entry names an assumption, or says how it was left; all that was left must be named."""
    left = {o.breach for o in session.state.outside}
    wanted = [e.lower() for e in expected]
    ok = all(b.assumption in wanted or b.what.lower() in wanted for b in left) and all(
        any(w in (b.assumption, b.what.lower()) for b in left) for w in wanted
    )
    return Expectation(step, "outside", _listed(expected), _listed(session.outside()), ok)


def _refused(session: Session, step: int, line: str) -> Expectation:
    """A line of the notation that can't be carried out now, and why."""
    why = session.refusal(line)
    return Expectation(step, "refused", line, why or "possible", why is not None)


def _detector(session: Session, step: int, expected: list[str]) -> Expectation:
    """The classes of detectors whose outputs these may be."""
    got = classes(scenes(session.history))
    ok = set(got) == set(expected)
    return Expectation(step, "detector", _listed(expected), _listed(list(got)), ok)


_LINES: dict[str, Callable[[str], object]] = {
    "outside": _assumption,
    "refused": parse,
    "detector": lambda name: _one_of("detector", name, tuple(CLASSES)),
}


def _lines(what: str, expected: Any) -> list[str]:
    if isinstance(expected, list) and all(isinstance(e, str) for e in expected):
        return expected
    raise BadInput(f"{what} takes a list of texts, as in {_EXAMPLES[what]}")


_EXAMPLES = {
    "outside": '["auth"]',
    "refused": '["forge Accept p2>a1 n=(9, p2) value=X"]',
    "detector": '["eventually perfect", "Omega"]',
}


def _listed(entries: list[str]) -> str:
    return ", ".join(entries) or "nothing"
