"""The problem of consensus: what is asked, what is told, and what must be true of it.

The properties speak of what was proposed and decided alone, so they hold or break alike for every
protocol that solves the problem.  Agreement is uniform: it counts those that decide and then crash;
plain agreement speaks of correct processes only.
"""

from __future__ import annotations

from dataclasses import replace

from playground.protocol.events import Decision, Input
from playground.protocol.observations import inputs, outputs
from playground.protocol.properties import (
    Clash,
    Property,
    System,
    Verdict,
    always,
    at_most_one,
    eventually,
)
from playground.protocol.roles import Role

Value = str


class Propose(Input):
    value: Value


class Decided(Decision):
    value: Value


proposals = inputs(Propose)
decisions = outputs(Decided)


@always(sees=[decisions])
def agreement(system: System) -> Verdict:
    """No two processes ever decide differently."""
    return at_most_one("decided", ((p, d.value) for p, d in system.seen(decisions)))


@always(sees=[decisions])
def plain_agreement(system: System) -> Verdict:
    """No two correct processes decide differently.  It does not count who decides and then crashes:
    as long as a process is up, it may yet prove correct."""
    correct = {p.pid for p in system.up(Role)} & {p.pid for p in system.correct(Role)}
    facts = ((p, d.value) for p, d in system.seen(decisions) if p in correct)
    return at_most_one("decided", facts)


@always(sees=[decisions, proposals])
def validity(system: System) -> Verdict:
    """Only a value that somebody proposed is decided."""
    proposed = {p.value for _, p in system.seen(proposals)}
    for pid, decided in sorted(system.seen(decisions), key=repr):
        if decided.value not in proposed:
            return Clash(f"{pid} decided {decided.value}, which nobody proposed")
    return True


@always(sees=[decisions])
def irrevocable(system: System) -> Verdict:
    """Nobody decides twice in different ways."""
    decided: dict[str, str] = {}
    for pid, decision in sorted(system.seen(decisions), key=repr):
        if decided.setdefault(pid, decision.value) != decision.value:
            return Clash(f"{pid} decided {decided[pid]} and {decision.value}")
    return True


def termination(*roles: type[Role]) -> Property:
    """Every node of these roles that is up has decided."""

    @eventually(sees=[decisions], lasting=False)
    def decided(system: System) -> Verdict:
        told = {pid for pid, _ in system.seen(decisions)}
        return all(node.pid in told for role in roles for node in system.up(role))

    names = " and ".join(role.__name__.lower() for role in roles)
    return replace(decided, doc=f"Every {names} that is up has decided.")
