"""Bad input: one clear sentence, with the place and the nearest right thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MANY = 20
"""How many names a person reads in one sentence."""


@dataclass(frozen=True)
class Place:
    """Where something stands in a file; line and column count from 1, None if unknown."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(x) for x in (self.file, self.line, self.column) if x is not None)


class BadInput(Exception):
    """What a person or a file asked for can't be had; the message is one sentence for them."""

    def __init__(self, sentence: str, place: Place | None = None) -> None:
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.sentence = sentence
        self.place = place

    def at(self, place: Place) -> BadInput:
        """The same, said of a place, unless it has one already."""
        return self if self.place else BadInput(self.sentence, place)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """ "unknown field 'vlaue'; did you mean value?", or a list of what there is."""
    names = list(known)
    near = nearest(name, names)
    if near:
        hint = f"did you mean {near}?"
    elif names:
        more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
        hint = f"there {'is' if len(names) == 1 else 'are'} {', '.join(names[:MANY])}{more}"
    else:
        hint = "there are none"
    return f"unknown {what} {name!r}; {hint}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely stands for, in any case of letters."""
    by_lower = {k.lower(): k for k in known}
    near = get_close_matches(name.lower(), by_lower, 1, 0.6)
    return by_lower[near[0]] if near else None
