"""playground compare: one script of faults, played on several protocols side by side"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground.cli.listing import JSON
from playground.cli.out import emit, say
from playground.session.cells import plain, prose

if TYPE_CHECKING:
    from playground.session.compare import Row, SideBySide
    from playground.session.comparison import Step

Lanes = Annotated[
    list[str] | None,
    typer.Argument(metavar="[A B...]", help="Protocols, or lanes of the script; or all."),
]
Script = Annotated[
    str,
    typer.Option("--script", metavar="FILE", help="A comparison, a scenario, or lines to type."),
]


def command(script: Script, lane: Lanes = None, as_json: JSON = False) -> int:
    """Play one script of faults on several protocols, and tell at each step where they differ.

    Exits with 0 if all expectations are met, with 1 if some are not, and with 2 on bad input.
    """
    from playground.session.compare import SideBySide
    from playground.session.comparisons import find

    side_by_side = SideBySide(find(script), lane)
    return _as_json(script, side_by_side) if as_json else _tell(side_by_side)


def _tell(side_by_side: SideBySide) -> int:
    from playground.cli.narrate import expectation

    comparison = side_by_side.comparison
    say(f"{comparison.title}. Side by side: {', '.join(side_by_side.sessions)}.", "bold")
    say(comparison.lesson)
    failed = False
    for row in side_by_side.play():
        _tell_row(row, comparison.step)
        for name, compared in row.expectations:
            failed |= not compared.ok
            if not compared.ok:
                say(f"In {name}: {expectation(compared)}", "bad", indent=2, hang=2)
    end = side_by_side.end()
    if end:
        say()
        say("At the end:", "bold")
    for name, compared in end:
        failed |= not compared.ok
        say(f"In {name}: {expectation(compared)}", "" if compared.ok else "bad", indent=2, hang=2)
    return int(failed)


def _tell_row(row: Row, steps: list[Step]) -> None:
    say()
    told = plain(prose(row.say)) or f"{'; '.join(steps[row.number - 1].do)}."
    say(f"Step {row.number} of {len(steps)}. {told}", "bold")
    if not row.differs:
        say(f"They are alike: {next(iter(row.views.values()))}.", indent=2, hang=2)
        return
    for name, view in row.views.items():
        say(f"{name}: {view}.", indent=2, hang=2)
        for seat in view.served if len(view.served) > 1 else ():
            say(f"{seat.who}: {seat.verdict}.", indent=4, hang=2)


def _as_json(script: str, side_by_side: SideBySide) -> int:
    steps = [_row(row) for row in side_by_side.play()]
    end = [{"lane": name, **_expectation(e)} for name, e in side_by_side.end()]
    compared = [e for step in steps for e in step["expectations"]] + end
    passed = all(e["ok"] for e in compared)
    emit(
        {
            "script": script,
            "verdict": "pass" if passed else "fail",
            "lanes": {name: _lane(side_by_side, name) for name in side_by_side.sessions},
            "steps": steps,
            "expectations": compared,
        }
    )
    return int(not passed)


def _row(row: Row) -> dict[str, Any]:
    return {
        "step": row.number,
        "differs": row.differs,
        "lanes": {
            name: {
                "goals": dict(view.goals),
                "told": dict(view.told),
                "waiting": list(view.waiting),
                "served": [asdict(seat) for seat in view.served],
                "broken": list(view.broken),
                "refused": list(view.refused),
            }
            for name, view in row.views.items()
        },
        "expectations": [{"lane": name, **_expectation(e)} for name, e in row.expectations],
    }


def _lane(side_by_side: SideBySide, name: str) -> dict[str, Any]:
    from playground.session.state import cost

    session = side_by_side.sessions[name]
    return {
        "protocol": session.protocol.name,
        "properties": session.verdicts(),
        "outside": session.outside(),
        "cost": cost(session.state),
    }


def _expectation(e: Any) -> dict[str, Any]:
    return {"step": e.step, "what": e.what, "expected": e.expected, "got": e.got, "ok": e.ok}
