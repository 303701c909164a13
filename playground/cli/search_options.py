"""The options of playground search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from playground.cli import names

Target = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|PROTOCOL",
        help="A name or a file (.toml, .py).",
        autocompletion=names.anything,
    ),
]
Until = Annotated[
    int,
    typer.Option(
        min=0, metavar="N", help="Play a scenario's script up to step N, and search from there."
    ),
]
Properties = Annotated[
    list[str] | None,
    typer.Option("--property", metavar="P", help="A name or an id; all by default. Repeatable."),
]
Depth = Annotated[int | None, typer.Option(min=0, metavar="N", help="Steps of a run, at most.")]
States = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Stop when so many states are known, or soon after."),
]
Seconds = Annotated[float, typer.Option("--time", min=0, metavar="S", help="Seconds, at most.")]
Memory = Annotated[int, typer.Option(min=1, metavar="MB", help="Megabytes of states, at most.")]
Drops = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="N",
        help="Losses that are steps of their own; without, what is lost just never arrives.",
    ),
]
Copies = Annotated[
    str, typer.Option(metavar="N|any", help="Copies that the links make in a run, or any number.")
]
Crashes = Annotated[
    int, typer.Option(min=0, metavar="N", help="Crashes in a run, also in the middle of a step.")
]
Recoveries = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Recoveries in a run; as many as crashes, if any may."),
]
Timers = Annotated[
    str,
    typer.Option(
        metavar="N|any",
        help="How often timers fire in a run, or any number. Where there is time: when due.",
    ),
]
Forgeries = Annotated[
    int, typer.Option(min=0, metavar="N", help="Forgeries in a run, of those the protocol offers.")
]
Corrupt = Annotated[
    str,
    typer.Option(
        metavar="N|NODE,...",
        help="Traitors: so many, any of them, or these. They say nothing but forgeries.",
    ),
]
Horizon = Annotated[
    str,
    typer.Option(metavar="T|any", help="Where there is time: how much passes; 30 if not said."),
]
Grain = Annotated[
    str,
    typer.Option(
        metavar="T",
        help="A span that may always pass; without, time passes until the next thing is due.",
    ),
]
Drifts = Annotated[
    int,
    typer.Option(
        min=0, metavar="N", help="How often a clock goes faster or slower, as the model allows."
    ),
]
Exact = Annotated[
    bool,
    typer.Option("--exact", help="Leave out no step, not even those that can't break anything."),
]
Symmetry = Annotated[
    str,
    typer.Option(
        metavar="ROLE",
        help="Its nodes are interchangeable: count worlds that differ by their names as one.",
    ),
]
Fast = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="On arrays: several times as fast, with tiny odds of a miss, which it tells. "
        "Needs numpy.",
    ),
]
Walks = Annotated[
    int, typer.Option(min=0, metavar="N", help="So many random walks instead of everything.")
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Draw the lots of the walks with it.")]
Cluster = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Let the workers of this Dask scheduler search. Needs the extra cluster.",
    ),
]
Save = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Keep the run: as a scenario (.toml) or as a pytest test (.py)."
    ),
]
