"""playground lincheck: judges histories that were recorded elsewhere"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground.cli.listing import JSON
from playground.cli.out import emit, say, shown
from playground.session.errors import BadInput

if TYPE_CHECKING:
    from playground.formats.jepsen import Recording
    from playground.histories.history import Operation
    from playground.histories.linear import Linearity

DRAWN = 24
"""Operations that are drawn at most; all are in the JSON."""

MODELS = ("register", "cas-register", "kv", "multi-register", "mutex")
STATUS = {True: 0, False: 1, None: 3}
VERDICT = {True: "linearizable", False: "not linearizable", None: "unknown"}


def files(incomplete: str) -> list[str]:
    """None: the shell completes files by itself."""
    return []


def models(incomplete: str) -> list[str]:
    return [name for name in MODELS if name.startswith(incomplete)]


File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A history of Jepsen, Knossos or Porcupine: EDN, JSON or a log.",
        autocompletion=files,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help=f"What was tested: {', '.join(MODELS)}. Guessed from the operations else.",
        autocompletion=models,
    ),
]
Init = Annotated[
    str | None,
    typer.Option(metavar="V", help="Its first state, such as 0, nil or '{:x 0 :y 0}'."),
]
Time = Annotated[float, typer.Option(min=0.001, metavar="S", help="Give up after so many seconds.")]


def command(
    file: File, model: Model = None, init: Init = None, time: Time = 60.0, as_json: JSON = False
) -> int:
    """Judge whether a recorded history is linearizable.

    Exits with 0 if it is, with 1 if it is not, with 3 if that is not known in time, and with 2 on
    a bad file.  If it is not, the shortest beginning that is not is shown as intervals.
    """
    from time import perf_counter

    from playground.formats.jepsen import load
    from playground.histories.errors import BadHistory
    from playground.histories.linear import linearizable

    if not time > 0:  # the shell's "nan" is a number, too
        raise BadInput("--time needs a number of seconds above 0")
    recording = load(file, model, init)
    began = perf_counter()
    try:
        judged = linearizable(recording.operations, recording.obj, time)
    except BadHistory as bad:
        raise BadInput(f"{file}: {bad}") from None
    seconds = perf_counter() - began
    if as_json:
        emit(report(str(file), recording, judged, seconds))
    else:
        tell(str(file), recording, judged, seconds)
    return STATUS[judged.holds]


# ---- for programs


def report(name: str, recording: Recording, judged: Linearity, seconds: float) -> dict[str, Any]:
    """The judgement as one JSON object."""
    return {
        "file": name,
        "model": recording.model,
        "guessed": recording.guessed,
        "notation": recording.notation,
        "verdict": VERDICT[judged.holds],
        "operations": len(recording.operations),
        "processes": len({op.process for op in recording.operations}),
        "seconds": round(seconds, 6),
        "configurations": judged.tried,
        "clash": judged.clash or None,
        "possible": [native(state) for state in judged.possible],
        "shortest": None if judged.holds is not False else judged.shortest,
        "prefix": [operation(op, recording) for op in judged.prefix] or None,
    }


def operation(op: Operation, recording: Recording) -> dict[str, Any]:
    """One operation of the prefix; the last of them clashes.  Lines are those of the file."""
    from playground.histories.history import UNKNOWN

    answered = None if op.responded is None else recording.lines[op.responded]
    return {
        "process": native(op.process),
        "f": op.f,
        "key": native(op.key),
        "value": native(op.value),
        "result": None if op.result is UNKNOWN else native(op.result),
        "outcome": op.outcome,
        "invoked": recording.lines[op.invoked],
        "responded": answered,
    }


def native(value: Any) -> Any:
    """A value of EDN as one of JSON: keywords by their names, anything strange as it prints."""
    from playground.formats.edn import Keyword, Symbol
    from playground.values import Map, text

    match value:
        case None | bool() | int() | float() | str():
            return value
        case Keyword(name):
            return name
        case Symbol("true") | Symbol("false"):
            return value.name == "true"
        case tuple() | frozenset():
            return [native(part) for part in value]
        case Map():
            return {
                k if isinstance(k, str) else text(native(k)): native(v) for k, v in value.items()
            }
    return text(value)


# ---- for people


def tell(name: str, recording: Recording, judged: Linearity, seconds: float) -> None:
    """The judgement in sentences; a history that is not linearizable is drawn, too."""
    processes = len({op.process for op in recording.operations})
    guessed = ", guessed from its operations" if recording.guessed else ""
    say(
        f"{name}: {_counted(len(recording.operations), 'operation')} of "
        f"{_counted(processes, 'process', 'processes')}; the model is {recording.model}{guessed}."
    )
    if judged.holds is None:
        say(f"Not known: there was {judged.clash}; --time S gives it more.", "warn")
    elif judged.holds:
        say(f"Linearizable ({seconds:.2f} seconds).", "good")
    else:
        say(f"Not linearizable ({seconds:.2f} seconds).", "bad")
        _draw(recording, judged)


def _draw(recording: Recording, judged: Linearity) -> None:
    from playground.session.intervals import drawn, relevant

    clash = judged.prefix[-1]
    line = recording.lines[clash.responded or 0]
    say(f"{judged.clash[:1].upper()}{judged.clash[1:]}.")
    about = f" on {native(clash.key)}" if clash.key is not None else ""
    number = len(judged.prefix)
    first = "first operation" if number == 1 else f"first {number} operations"
    known = (
        "; without that answer one does."
        if judged.shortest
        else ". There was no time to look for a shorter beginning; --time S gives it more."
    )
    say(f"So no order explains the {first}{about}, up to line {line}{known}")
    say()
    say("Each took effect at some moment between [ and ]; > is one without an answer so far.")
    near = relevant(judged.prefix, DRAWN)
    for row in drawn(near, recording.lines.__getitem__, clash):
        print(shown(row))
    if hidden := len(judged.prefix) - len(near):
        say(f"{_counted(hidden, 'operation')} before or beside these are not drawn.")


def _counted(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
