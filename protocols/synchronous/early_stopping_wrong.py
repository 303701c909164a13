"""Early stopping gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import breaks
from protocols.synchronous.early_stopping import Process


@breaks("plain_agreement", "agreement")
class NothingNew(Process):
    """It decides when a round brought no news; but what it lacks may be on its way by others."""

    known: int = 0

    def knows_all(self) -> bool:
        knew, self.known = self.known or 1, len(self.W)
        return knew == self.known


@breaks("plain_agreement")
class FallsSilent(Process):
    """It decides, and then tells nobody any more what it knows.  With rule "uniform" it has told
    all of it by then."""

    def tell(self) -> None:
        if self.decision is None:
            super().tell()
