"""playground compare: one script of faults, played on several protocols side by side"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground.cli.listing import JSON
from playground.cli.out import emit, listed, say, table
from playground.session.cells import plain, prose

if TYPE_CHECKING:
    from playground.session.compare import Row, SideBySide
    from playground.session.comparison import Step
    from playground.session.seats import Seating

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
    if comparison.lesson:
        say(comparison.lesson)
    failed, rows = False, []
    for row in side_by_side.play():
        rows.append(row)
        _tell_row(row, comparison.step)
        for name, compared in row.expectations:
            failed |= not compared.ok
            if not compared.ok:
                say(f"In {name}: {expectation(compared)}", "bad", indent=2, hang=2)
    _tell_phases(rows)
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
    views = row.views if row.differs else {"They are alike": next(iter(row.views.values()))}
    for name, view in views.items():
        say(f"{name}: {view}.", indent=2, hang=2)
        for line in _served(view.seating, named=row.differs):
            say(f"{line}.", indent=4, hang=2)


def _served(seating: Seating, named: bool) -> Iterator[str]:
    """Each side: is it served, and who was told wrong?  Sides of lanes that are alike are not the
    same nodes, so they are not named."""
    for seat in seating.totals:
        wrong = [c.who for c in seating.clients if c.side == seat.side and c.consistent is False]
        whom = f" ({listed(wrong)})" if wrong and named else ""
        cut = len(seating.sides) > 1
        who = f"side {seat.side + 1}" if cut and not named else seat.who
        yield f"{who}: {seat.verdict}{whom}"


def _tell_phases(rows: list[Row]) -> None:
    """Who was served and told right before, during and after the cuts, if there were any; and do
    all read the same in the end?"""
    from playground.session.seats import phases

    tables: dict[tuple[str, ...], list[list[str]]] = {}
    for name in rows[0].views if rows else ():
        past = phases(row.views[name].seating for row in rows)
        if len(past) > 1:
            cells = [f"{_yes(seat.available)}, {_yes(seat.consistent)}" for _, seat in past]
            agreed = _yes(rows[-1].views[name].seating.agreed)
            tables.setdefault(tuple(n for n, _ in past), []).append([name, *cells, agreed])
    for labels, lanes in tables.items():
        say()
        table(["Available, consistent?", *labels, "last reads agree?"], lanes)


def _yes(holds: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[holds]


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
                "waiting": list(view.seating.waiting),
                "served": [asdict(seat) for seat in view.seating.totals],
                "agreed": view.seating.agreed,
                "clients": [asdict(seat) for seat in view.seating.clients],
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
