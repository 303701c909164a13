"""What the adversary may do in one run, and how often."""

from __future__ import annotations

from dataclasses import dataclass

from playground.core import Action, Envelope
from playground.protocol import Instant


@dataclass(frozen=True)
class Faults:
    """How often the adversary may do what, in one run.

    timers        how many times any timer may fire (None: as often as it likes)
    crash_points  crash also after the first 0, 1, ... effects of a step, up to this many
    extra         actions that may be taken once each, at any time (asks, forgeries)
    forgeries     how many of `forgeable` may be forged, each as often as that allows
    drifts        in timed worlds, how often a clock may go at another rate: the fastest or slowest
                  that the model allows
    until         in timed worlds, how far time may go (None: for ever)
    grain         in timed worlds time passes till the next thing is due; also by so much, if any
    """

    drops: int = 0
    duplicates: int = 0
    crashes: int = 0
    recoveries: int = 0
    timers: int | None = None
    crash_points: int = 0
    extra: tuple[Action, ...] = ()
    forgeries: int = 0
    forgeable: tuple[Envelope, ...] = ()
    drifts: int = 0
    until: Instant | None = None
    grain: Instant | None = None
