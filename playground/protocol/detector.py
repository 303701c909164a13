"""The problem of failure detection: who has crashed, and whom shall we follow?

A detector tells the layer above whom it suspects, whom it trusts again, and who leads.  It may be
wrong; what it promises decides what can be built on it (Chandra and Toueg 1996):

    complete             whoever has crashed is suspected by everybody who is up (the lecture calls
                         this live)
    accurate             nobody is suspected who has not crashed
    eventually accurate  in the end nobody who is up is suspected
    Omega                in the end everybody who is up follows the same leader, who is up

Accuracy is safety: one mistake breaks it for good.  The others are goals.  `satisfied` tells which
of them the outputs of a run still satisfy, and so which classes of detectors it may come from.

The user may be the detector: a protocol that takes `Accuse`, `Clear` or `Appoint` hears of it by
`suspect p1 p2`, `trust p1 p2` and `leader * p1`.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Annotated, Literal

from playground.protocol.events import Input, Output, Pid, ranked
from playground.protocol.model import TRUST, Assumption
from playground.protocol.properties import Clash, System, Verdict, between, eventually
from playground.protocol.roles import Role
from playground.values import Map, Record

Seq = Annotated[int, ranked]
Sign = tuple[int, Seq]  # of life: which incarnation gave it, and which one it was of them

PUNCTUAL: frozenset[Assumption] = TRUST | {"synchrony", "drift", "reliable links"}
"""What must not be left if silence is to mean death."""


class Suspect(Output):
    """It seems to have crashed."""

    who: Pid


class Trust(Output):
    """It was a mistake: it is there."""

    who: Pid


class Recovered(Output):
    """It has been away, and is back."""

    who: Pid


class Leader(Output):
    """Follow this one."""

    who: Pid


class Oracle(Input):
    """What the user, in the place of a detector, makes a process believe."""

    who: Pid


class Accuse(Oracle, label="suspect"):
    """That this one has crashed."""


class Clear(Oracle, label="trust"):
    """That it has not."""


class Appoint(Oracle, label="leader"):
    """That this one leads."""


class Detector(Role):
    """A process that says who has crashed, as far as it can tell.  A detector has the fields that
    it needs of these."""

    @property
    def incarnation(self) -> int:
        """How often it has restarted."""
        return 0

    @property
    def last(self) -> Map[Pid, Sign]:
        """The last sign of life that it had of each."""
        return Map()

    @property
    def suspected(self) -> frozenset[Pid]:
        """Those that it takes for dead."""
        return frozenset()

    @property
    def leader(self) -> Pid | None:
        """Whom it follows."""
        return None

    def known(self, who: Pid) -> int:
        """The incarnation in which it last heard of that process."""
        incarnation, _ = self.last.get(who, (0, 0))
        return incarnation


@between(needs=PUNCTUAL)
def accuracy(before: System, after: System) -> Verdict:
    """Nobody is suspected who has not crashed since it was last heard of, and nobody is said to be
    back who was not away."""
    restarts = {q.pid: q.incarnation for q in after.all(Detector)}
    up = {q.pid for q in after.up(Detector)}
    for old, new in zip(before.all(Detector), after.all(Detector), strict=True):
        for who in sorted(new.suspected - old.suspected):
            if who in up and restarts[who] <= new.known(who):
                return Clash(f"{new.pid} suspects {who}, which is up")
        for who in new.last:
            if new.known(who) > restarts[who]:
                return Clash(f"{new.pid} takes {who} for restarted, which it is not")
    return True


@between()
def freshness(before: System, after: System) -> Verdict:
    """Only news is a sign of life: no copy of an old message counts."""
    for old, new in zip(before.all(Detector), after.all(Detector), strict=True):
        for who, sign in old.last.items():
            was, now = who in old.suspected, who in new.suspected
            heard = new.last.get(who)
            if heard is not None and (heard < sign or (was and not now and heard == sign)):
                return Clash(f"{new.pid} takes an old message of {who} for a sign of life")
    return True


@eventually(lasting=False)
def completeness(system: System) -> Verdict:
    """Everybody who is down is suspected by everybody who is up."""
    up = {p.pid for p in system.up(Detector)}
    down = {p.pid for p in system.all(Detector)} - up
    return all(down <= p.suspected for p in system.up(Detector))


@eventually(lasting=False)
def eventual_accuracy(system: System) -> Verdict:
    """Nobody who is up is suspected by anybody who is up."""
    up = {p.pid for p in system.up(Detector)}
    return not any(up & p.suspected for p in system.up(Detector))


@eventually(lasting=False)
def acquaintance(system: System) -> Verdict:
    """Everybody who is up has heard of everybody who is up, since it started last."""
    up = system.up(Detector)
    return all(
        q.pid in p.last and p.known(q.pid) == q.incarnation for p in up for q in up if p != q
    )


@eventually(lasting=False)
def leadership(system: System) -> Verdict:
    """Everybody who is up follows the same leader, who is up."""
    up = system.up(Detector)
    leaders = {p.leader for p in up}
    return len(leaders) <= 1 and leaders <= {p.pid for p in up}


# ---- what the outputs of a run still satisfy

Claim = Literal[
    "complete",
    "accurate",
    "weakly accurate",
    "eventually accurate",
    "eventually weakly accurate",
    "Omega",
]

CLASSES: dict[str, frozenset[Claim]] = {
    "perfect": frozenset({"complete", "accurate"}),
    "strong": frozenset({"complete", "weakly accurate"}),
    "eventually perfect": frozenset({"complete", "eventually accurate"}),
    "eventually strong": frozenset({"complete", "eventually weakly accurate"}),
    "Omega": frozenset({"Omega"}),
}
"""The classes of detectors by what they claim."""

LETTERS = {
    "perfect": "P",
    "strong": "S",
    "eventually perfect": "◇P",
    "eventually strong": "◇S",
    "Omega": "Ω",
}
"""What papers call them."""


class Scene(Record):
    """A moment of a run: who is up, and what was told since the last one, (process, output)."""

    up: frozenset[Pid]
    told: tuple[tuple[Pid, Output], ...] = ()


def satisfied(run: Iterable[Scene]) -> frozenset[Claim]:
    """The claims that the outputs of a run satisfy, if it goes on as it ends: those of safety as
    long as no output has broken them, goals if they are reached at the end."""
    return heard(run).claims()


def heard(run: Iterable[Scene]) -> Opinions:
    opinions = Opinions()
    for scene in run:
        opinions.hear(scene)
    return opinions


class Opinions:
    """What has been told, and what was wrong of it."""

    def __init__(self) -> None:
        self.up: frozenset[Pid] = frozenset()
        self.all: frozenset[Pid] = frozenset()
        self.suspected: set[tuple[Pid, Pid]] = set()  # who suspects whom
        self.leaders: dict[Pid, Pid] = {}
        self.wronged: set[Pid] = set()  # suspected though they were up all the while
        self._crashed: dict[Pid, set[Pid]] = {}  # those that were down since each trusted them last

    def copy(self) -> Opinions:
        """One that goes its own way from here."""
        return deepcopy(self)

    def classes(self) -> tuple[str, ...]:
        """The classes whose claims all that was told still satisfies."""
        claims = self.claims()
        return tuple(name for name, needed in CLASSES.items() if needed <= claims)

    def hear(self, scene: Scene) -> None:
        self.all |= scene.up
        self.up = scene.up
        down = self.all - scene.up
        for pid in down:
            self.leaders.pop(pid, None)
            self.suspected -= {(p, q) for p, q in self.suspected if p == pid}
        for pid in self.all:
            self._crashed.setdefault(pid, set()).update(down)
        for pid, output in scene.told:
            self._note(pid, output)

    def _note(self, pid: Pid, output: Output) -> None:
        crashed = self._crashed.setdefault(pid, set())
        match output:
            case Suspect(who):
                self.suspected.add((pid, who))
                if who in self.up and who not in crashed:
                    self.wronged.add(who)
            case Trust(who) | Recovered(who):
                self.suspected.discard((pid, who))
                crashed.discard(who)
            case Leader(who):
                self.leaders[pid] = who

    def claims(self) -> frozenset[Claim]:
        down = self.all - self.up
        mistaken = {q for p, q in self.suspected if p in self.up} & self.up
        leaders = {self.leaders.get(pid) for pid in self.up}
        claims: dict[Claim, bool] = {
            "complete": all((p, q) in self.suspected for p in self.up for q in down),
            "accurate": not self.wronged,
            "weakly accurate": bool(self.up - self.wronged) or not self.up,
            "eventually accurate": not mistaken,
            "eventually weakly accurate": bool(self.up - mistaken) or not self.up,
            "Omega": len(leaders) <= 1 and leaders <= self.up,
        }
        return frozenset(claim for claim, holds in claims.items() if holds)


def classes(run: Iterable[Scene]) -> tuple[str, ...]:
    """The classes of detectors whose claims the outputs of a run still satisfy."""
    return heard(run).classes()
