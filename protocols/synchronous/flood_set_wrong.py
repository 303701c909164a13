"""FloodSet gone wrong: slips that are easily made, each in the one rule that it bends."""

from playground.protocol import breaks
from protocols.synchronous.flood_set import Process, Thrifty, Vals


@breaks("agreement", "plain_agreement")
class RoundShort(Process):
    """It decides after F rounds, and in each of them there may be a crash."""

    def rounds(self) -> int:
        return self.f


@breaks("agreement", "plain_agreement")
class OnlyRoundOne(Process):
    """It tells its own proposal, and does not pass on what it learns."""

    def tell(self) -> None:
        if self.r == 1:
            super().tell()


@breaks("agreement", "plain_agreement")
class FirstTwo(Thrifty):
    """It passes on no more than two values, though the third may be the least.  That is enough for
    those alone that decide a default as soon as they know two."""

    def tell(self) -> None:
        news = sorted(self.W - self.told)[-(2 - len(self.told)) :] if len(self.told) < 2 else []
        self.told |= frozenset(news)
        if news:
            self.send(Vals(self.r, frozenset(news)), to=self.others())
