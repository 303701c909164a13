"""The problem of atomic commit: all resource managers of a transaction commit it, or all abort it.

It differs from consensus by the veto: one "no" must abort, whatever the others want.
"""

from __future__ import annotations

from typing import Literal

from playground.protocol.events import Output
from playground.protocol.observations import outputs
from playground.protocol.properties import Clash, System, Verdict, always, at_most_one

Outcome = Literal["commit", "abort"]


class Decided(Output):
    outcome: Outcome


class Voted(Output):
    vote: Literal["yes", "no"]


decisions = outputs(Decided)
votes = outputs(Voted)


@always("AC.S1", sees=[decisions])
def agreement(system: System) -> Verdict:
    """No two resource managers ever decide differently, also counting those that crash later."""
    return at_most_one("decided", ((p, d.outcome) for p, d in system.seen(decisions)))


@always("AC.S2", sees=[decisions])
def irrevocable(system: System) -> Verdict:
    """Nobody decides twice in different ways."""
    decided: dict[str, str] = {}
    for pid, decision in sorted(system.seen(decisions), key=repr):
        if decided.setdefault(pid, decision.outcome) != decision.outcome:
            return Clash(f"{pid} decided to {decided[pid]} and to {decision.outcome}")
    return True
