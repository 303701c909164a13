"""Why a search can't go on."""

from __future__ import annotations

from playground.core import Action


class SearchError(Exception):
    """What was asked of a search, or the protocol that it searches, makes no sense: one sentence
    that names it."""


class Raised(SearchError):
    """A handler of the protocol raised.

    moment   what was put to the node then, and how it came to that
    actions  the whole run, from where the search began; it ends with `moment`
    """

    def __init__(self, said: str, moment: Action) -> None:
        super().__init__(said)
        self.moment: tuple[Action, ...] = (moment,)
        self.actions: tuple[Action, ...] = ()


class Unfit(Exception):
    """This model is not for arrays; the message says what is not."""


class Mismatch(AssertionError):
    """The search and `core.step` disagree: a bug of the search."""


class Stopped(Exception):
    """Whoever hears of the progress of a search may raise it to end the search; what it has covered
    by then is told."""
