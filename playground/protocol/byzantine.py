"""The problem of the Byzantine generals: a commander's order must come to the same for all who are
loyal, though some generals, perhaps the commander itself, are traitors.

A protocol derives its roles from `Commander` and `Lieutenant`.  The commander takes `Command`, and
every general tells `Decided`; the commander decides by its own order.  The properties speak of what
loyal generals told alone, so they hold or break alike for every protocol that solves the problem.
There is no uniform form: nothing can be asked of what a traitor decides.  Whoever is down counts as
a traitor, who might have kept silent as well.
"""

from __future__ import annotations

from typing import Literal

from playground.protocol.events import Decision, Input, Pid
from playground.protocol.model import LOCK_STEP
from playground.protocol.observations import outputs
from playground.protocol.properties import (
    Clash,
    System,
    Verdict,
    always,
    at_most_one,
    between,
    eventually,
)
from playground.protocol.roles import Role

Value = Literal["ATTACK", "RETREAT"]
ATTACK: Value = "ATTACK"
RETREAT: Value = "RETREAT"  # also what silence and nonsense are taken for


class Command(Input):
    """What the commander is to order."""

    value: Value


class Decided(Decision):
    value: Value


class Commander(Role):
    """Gives the order."""


class Lieutenant(Role):
    """Gets the order, and hears from the others what they got."""


decisions = outputs(Decided)


@always("IC1", sees=[decisions], needs=LOCK_STEP)
def agreement(system: System) -> Verdict:
    """No two loyal lieutenants decide differently."""
    return at_most_one("decided", _decided(system, Lieutenant))


@always("IC2", sees=[decisions], needs=LOCK_STEP)
def validity(system: System) -> Verdict:
    """If the commander is loyal, every loyal lieutenant obeys its order."""
    for _, order in _decided(system, Commander):
        for pid, value in _decided(system, Lieutenant):
            if value != order:
                return Clash(f"the loyal commander ordered {order}, and {pid} decided {value}")
    return True


@between(sees=[decisions], needs=LOCK_STEP)
def irrevocable(before: System, after: System) -> Verdict:
    """No loyal general decides twice in different ways."""
    decided = dict(_decided(before, Role))
    for pid, value in _decided(after, Role):
        if decided.get(pid, value) != value:
            return Clash(f"{pid} decided {decided[pid]} and {value}")
    return True


@eventually(sees=[decisions], lasting=False)
def decided(system: System) -> Verdict:
    """Every loyal general has decided."""
    done = {pid for pid, _ in system.seen(decisions)}
    return _loyal(system, Role) <= done


def _decided(system: System, role: type[Role]) -> list[tuple[Pid, Value]]:
    loyal = _loyal(system, role)
    return sorted((pid, d.value) for pid, d in system.seen(decisions) if pid in loyal)


def _loyal(system: System, role: type[Role]) -> set[Pid]:
    return {g.pid for g in system.correct(role)} & {g.pid for g in system.up(role)}
