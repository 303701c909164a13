"""Why a search can't go on."""

from __future__ import annotations


class SearchError(Exception):
    """What was asked of a search, or the protocol that it searches, makes no sense: one sentence
    that names it."""


class Mismatch(AssertionError):
    """The search and `core.step` disagree: a bug of the search."""


class Stopped(Exception):
    """Whoever hears of the progress of a search may raise it to end the search; what it has covered
    by then is told."""
