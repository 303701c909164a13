"""The problem of atomic commit: all resource managers of a transaction commit it, or all abort it.

It differs from consensus by the veto: one "no" must abort, whatever the others want.  A resource
manager that has voted "yes" has given its freedom away: it keeps its locks, and waits to be told.

A commit protocol derives its roles from `TransactionManager` and `ResourceManager`, which take
these inputs as far as they apply.  Both tell `Decided`, and a resource manager also `Voted` and
`Granted`.  The properties speak of what was told alone, so they hold or break alike for every such
protocol.
"""

from __future__ import annotations

from typing import Literal

from playground.protocol.events import Decision, Input, Output, Pid
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
from playground.protocol.showpieces import showpiece

Ballot = Literal["yes", "no", "readonly"]
Outcome = Literal["commit", "abort"]


class Begin(Input):
    """Commit the transaction, please."""


class PrepareNow(Input):
    """A deadline, or the end of its work: it may prepare without being asked (A:353)."""


class Refuse(Input):
    """It can't commit its part, and will vote "no" when it is asked."""


class ReadOnly(Input):
    """It has nothing to commit, and nothing to undo: either outcome is fine."""


class LocalAbort(Input):
    """It aborts on its own, which it may do as long as it has not voted "yes"."""


class Heuristic(Input, leaves="operator"):
    """An operator, tired of waiting, decides by hand."""

    outcome: Outcome


class Lock(Input):
    """Another transaction asks for the locks that this one takes."""

    tx: str


class Voted(Output):
    vote: Ballot


class Decided(Decision):
    outcome: Outcome


class Granted(Output):
    """The locks are free: another transaction has them now, and sees what this one did."""

    tx: str


class TransactionManager(Role):
    """A node that may decide for all, by the rules of the protocol."""


class ResourceManager(Role):
    """A node with a share in the transaction, and a vote on it."""


votes = outputs(Voted)
decisions = outputs(Decided)
grants = outputs(Granted)


@always("AC.S1", sees=[decisions, votes])
def agreement(system: System) -> Verdict:
    """No two nodes ever decide differently, also counting those that crash later.  Who only read
    has left before the decision, and does not count."""
    readers = _voters(system, "readonly")
    facts = ((p, d.outcome) for p, d in system.seen(decisions) if p not in readers)
    return at_most_one("decided", facts)


@always("AC.S2", sees=[decisions])
def irrevocable(system: System) -> Verdict:
    """Nobody decides twice in different ways."""
    decided: dict[str, str] = {}
    for pid, decision in sorted(system.seen(decisions), key=repr):
        if decided.setdefault(pid, decision.outcome) != decision.outcome:
            return Clash(f"{pid} decided to {decided[pid]} and to {decision.outcome}")
    return True


@always("AC.S3", sees=[decisions, votes])
def unanimity(system: System) -> Verdict:
    """Somebody commits only if every resource manager has voted for it."""
    commits = _deciders(system, "commit")
    missing = {rm.pid for rm in system.all(ResourceManager)}
    missing -= _voters(system, "yes") | _voters(system, "readonly")
    if commits and missing:
        return Clash(f"{min(commits)} committed, {min(missing)} has not voted yes")
    return True


@between("AC.S4", sees=[decisions, grants, votes])
def isolation(before: System, after: System) -> Verdict:
    """From its "yes" to its decision, a resource manager gives its locks to nobody else."""
    bound = _voters(before, "yes") - {p for p, _ in after.seen(decisions)}
    for pid, granted in sorted(after.seen(grants) - before.seen(grants), key=repr):
        if pid in bound:
            return Clash(f"{pid} is undecided, and gave its locks to {granted.tx}")
    return True


@always("AC.S5", sees=[decisions, votes])
def no_unilateral_abort(system: System) -> Verdict:
    """Who has voted "yes" never aborts by itself: a manager has, or somebody who has not."""
    aborted = _deciders(system, "abort")
    managers = {tm.pid for tm in system.all(TransactionManager)}
    if aborted and aborted <= _voters(system, "yes") - managers:
        return Clash(f"{min(aborted)} voted yes, and aborted by itself")
    return True


@eventually("AC.L3", sees=[decisions, votes])
def decided(system: System) -> Verdict:
    """Every resource manager has decided, but for those that only read."""
    done = _voters(system, "readonly") | {p for p, _ in system.seen(decisions)}
    return all(rm.pid in done for rm in system.all(ResourceManager))


@showpiece(sees=[decisions, votes], crashes=1)
def in_doubt(system: System) -> Verdict:
    """All have voted yes and the manager is down: nobody may decide, and nobody may unlock."""
    ready = {rm.pid for rm in system.all(ResourceManager)} <= _voters(system, "yes")
    return ready and not system.seen(decisions) and not system.up(TransactionManager)


@showpiece(sees=[decisions, votes], crashes=1)
def half_told(system: System) -> Verdict:
    """The manager has crashed in the middle of telling: one site knows the outcome, and another is
    still in doubt."""
    sites = {rm.pid for rm in system.up(ResourceManager)} & _voters(system, "yes")
    know = sites & {pid for pid, _ in system.seen(decisions)}
    return bool(know) and know != sites and not system.up(TransactionManager)


def _voters(system: System, vote: Ballot) -> set[Pid]:
    return {p for p, v in system.seen(votes) if v.vote == vote}


def _deciders(system: System, outcome: Outcome) -> set[Pid]:
    return {p for p, d in system.seen(decisions) if d.outcome == outcome}
