"""What can't be judged: a history that makes no sense, or asks of an object what it can't do."""

from __future__ import annotations

from collections.abc import Iterable


class BadHistory(ValueError):
    """The message is one sentence about what is wrong with the history."""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """ "unknown operation of a mutex 'read'; there are acquire, release"."""
    return f"unknown {what} {name!r}; there are {', '.join(known)}"
