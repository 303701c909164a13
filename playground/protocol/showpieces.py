"""Showpieces: what is worth seeing of a protocol, such as two leaders at once.

A protocol says when it is there, and the playground finds the shortest way to it from wherever the
user is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from playground.protocol.observations import Observation
from playground.protocol.properties import Check
from playground.protocol.roles import Ask


@dataclass(frozen=True)
class Showpiece:
    """A condition of a system that is worth bringing about.

    check       is it there?
    sees        the observations that the check reads, from where the user is on
    asks        what may be asked once each on the way; the workload, if there is nothing
    crashes     how many nodes may crash on the way, also in the middle of a step
    recoveries  how many of them may come back
    timers      how many times any timer may fire; None: any number of times
    """

    name: str
    check: Check
    sees: tuple[Observation[Any], ...] = ()
    asks: tuple[Ask, ...] = ()
    crashes: int = 0
    recoveries: int = 0
    timers: int | None = 0
    doc: str = ""


def showpiece(
    *asks: Ask,
    sees: Sequence[Observation[Any]] = (),
    crashes: int = 0,
    recoveries: int = 0,
    timers: int | None = 0,
) -> Callable[[Check], Showpiece]:
    """Of a function that takes a System and says whether it is there.  Its docstring tells the user
    what is to be seen."""

    def make(check: Check) -> Showpiece:
        doc = cleandoc(check.__doc__ or "")
        return Showpiece(check.__name__, check, tuple(sees), asks, crashes, recoveries, timers, doc)

    return make
