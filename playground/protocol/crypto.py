"""Symbolic cryptography: a signature is a value that only the holder of the key can make.

Who receives a `Signed` may look at it, keep it and pass it on.  With auth "sig" the playground lets
nobody make one in another's name, so there is nothing to verify but who signed what; with any other
auth it is but a claim, which a liar can make up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.protocol.events import Event, Pid
from playground.values import Map


class Signed(Event):
    """`body`, signed by `by`.  The body may itself be signed: a chain of signatures."""

    body: Any
    by: Pid


def signatures(value: Any) -> Iterator[Signed]:
    """Every signature in a value, the outer ones before those that they enclose."""
    if isinstance(value, Signed):
        yield value
    match value:
        case Event() | tuple() | frozenset():
            for part in value:
                yield from signatures(part)
        case Map():
            for key, held in value.items():
                yield from signatures(key)
                yield from signatures(held)
