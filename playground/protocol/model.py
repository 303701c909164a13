"""What a theory assumes of its world.  Whatever goes beyond is allowed, and told as "outside"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from playground.values import Instant

Timing = Literal["async", "rounds", "timed"]
Link = Literal["lossy", "duplicating", "reordering", "fifo"]
Auth = Literal["none", "channel", "mac", "sig"]
Assumption = Literal[
    "synchrony",
    "drift",
    "reliable links",
    "no duplication",
    "fifo",
    "crash bound",
    "byzantine bound",
    "auth",
    "stable memory",
    "crash-stop",
    "operator",
]
"""What an action can leave; the sheet's names, so that a scenario can say `outside = ["auth"]`."""

LINKS: tuple[Link, ...] = Link.__args__  # type: ignore[attr-defined]
AUTHS: tuple[Auth, ...] = Auth.__args__  # type: ignore[attr-defined]

TRUST: frozenset[Assumption] = frozenset({"auth", "stable memory", "byzantine bound", "operator"})
"""What the safety of a crash-tolerant asynchronous protocol needs: nothing of links or timing."""

LOCK_STEP: frozenset[Assumption] = TRUST | {
    "synchrony",
    "reliable links",
    "crash bound",
    "crash-stop",
}
"""What the safety of a protocol in rounds needs: where silence speaks, it must not lie."""

EVERYTHING: frozenset[Assumption] = frozenset(Assumption.__args__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Model:
    """The assumptions of a theory.

    links       what links may do to messages; reordering is allowed unless they are "fifo"
    crashes     how many nodes may be down at the same time
    byzantine   how many nodes may lie; one more that is down counts as a liar who keeps silent
    auth        what a receiver knows of a sender
    partitions  messages across a cut are held, or dropped
    recovery    whether a crashed node may come back (with its stable fields)
    delay       in timed worlds, how long a message may take (None: no bound is known)
    drift       in timed worlds, how far the rate of a clock may be from 1
    resilience  how many nodes it takes for each one that lies, and one more: 3 for n > 3f; 0 if any
                number will do
    gives_up    properties of the problem that are not promised: they may break inside the model
    """

    timing: Timing = "async"
    links: tuple[Link, ...] = ()
    crashes: int = 0
    byzantine: int = 0
    auth: Auth = "channel"
    partitions: Literal["hold", "drop"] = "hold"
    recovery: bool = True
    delay: Instant | None = None
    drift: Fraction = Fraction(0)
    resilience: int = 0
    gives_up: tuple[str, ...] = ()

    @property
    def fifo(self) -> bool:
        return "fifo" in self.links

    def over(self, below: Model) -> Model:
        """What a stack assumes whose upper part assumes this and whose lower part assumes `below`:
        all that either of them does.  Raises ValueError if no world can be like that."""
        if {self.timing, below.timing} == {"rounds", "timed"}:
            raise ValueError("one layer works in rounds and another one by clocks")
        timed = [m for m in (self, below) if m.timing == "timed"]
        links: set[Link] = {*self.links} & {*below.links}
        if self.fifo or below.fifo:
            links = links - {"reordering"} | {"fifo"}
        return replace(
            self,
            timing=self.timing if self.timing != "async" else below.timing,
            links=tuple(link for link in LINKS if link in links),
            crashes=min(self.crashes, below.crashes),
            byzantine=min(self.byzantine, below.byzantine),
            auth=max(self.auth, below.auth, key=AUTHS.index),
            recovery=self.recovery and below.recovery,
            delay=min((m.delay for m in timed if m.delay is not None), default=None),
            drift=min((m.drift for m in timed), default=Fraction(0)),
            resilience=max(self.resilience, below.resilience),
        )

    def makes(self, assumption: Assumption) -> bool:
        """Is it one of the assumptions of this theory?  A property that needs another one is not
        promised here: two generals could agree, if only their messengers always came through."""
        match assumption:
            case "synchrony":
                return self.timing == "rounds" or self.delay is not None
            case "drift":
                return self.timing == "timed"
            case "reliable links":
                return "lossy" not in self.links
            case "no duplication":
                return "duplicating" not in self.links
            case "fifo":
                return self.fifo
            case "crash-stop":
                return not self.recovery
            case _:
                return True
