"""What a search from a session is after, and how far it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playground.core import Ask
from playground.protocol import Instant, Pid
from playground.search.result import Bounds

HORIZON = Instant(30)
"""So much time passes, at most, if nobody says."""


@dataclass(frozen=True)
class Quarry:
    """What to search for, and how far.

    properties   names or ids; all safety properties and goals of the protocol if there are none
    asks         what may be asked once each, at any time; in lock-step rounds, before the first
    drops        how many losses are steps of their own (else what is lost never arrives)
    duplicates   how many copies the links make; None: any number
    recoveries   None: as many as crashes, if the model allows recovery
    timers       how many times any timer fires; None: any number of times
    exact        leave out no step, also none that no safety property can miss
    corrupt      how many nodes are traitors, any of them; or their names
    horizon      in timed worlds, how much time may pass; None: any amount
    grain        in timed worlds, a span that may pass at any time, also if nothing is due then
    drifts       in timed worlds, how often a clock may go at another rate
    symmetry     a role whose nodes are interchangeable: worlds that differ by their names are one
    fast         on arrays, if the model fits; it needs numpy
    walks        so many random walks instead of a search of everything
    cluster      the address of a Dask scheduler, whose workers search; "": this process
    """

    properties: Sequence[str] = ()
    asks: Sequence[Ask] = ()
    drops: int = 0
    duplicates: int | None = 0
    crashes: int = 0
    recoveries: int | None = None
    timers: int | None = 1
    forgeries: int = 0
    corrupt: int | tuple[Pid, ...] = 0
    horizon: Instant | None = HORIZON
    grain: Instant | None = None
    drifts: int = 0
    bounds: Bounds = Bounds()
    exact: bool = False
    symmetry: str = ""
    fast: bool = False
    walks: int = 0
    seed: int = 0
    cluster: str = ""
