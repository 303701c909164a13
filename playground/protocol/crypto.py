"""Symbolic cryptography: a signature is a value that only the holder of the key can make.

Who receives a `Signed` may look at it, keep it and pass it on.  With auth "sig" the playground lets
nobody make one in another's name, so there is nothing to verify but who signed what; with any other
auth it is but a claim, which a liar can make up.

A `Tagged` carries an authenticator instead: a code for each receiver, made with the key that it
shares with the author.  With auth "mac" or "sig" nobody else can make one; but each receiver can
check its own code only, so who passes it on does not know whether others will believe it.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from playground.protocol.events import Event, Pid
from playground.protocol.model import Auth
from playground.values import Map


class Signed(Event):
    """`body`, signed by `by`.  The body may itself be signed: a chain of signatures."""

    body: Any
    by: Pid


class Tagged(Signed):
    """`body`, with the codes of `by` for its receivers, of which those for `good` are right."""

    good: frozenset[Pid]


def needed(value: Any, auth: Auth, keys: Set[Pid]) -> frozenset[Signed]:
    """What somebody who holds these keys must have seen to make the value: signatures of others,
    and each good code by itself.  The key of a code is its author's and its receiver's."""
    found: set[Signed] = set()
    for proof in signatures(value):
        if proof.by in keys:
            continue
        if isinstance(proof, Tagged):
            codes = {Tagged(proof.body, proof.by, frozenset({pid})) for pid in proof.good - keys}
            found |= codes if auth in ("mac", "sig") else set()
        elif auth == "sig":
            found.add(proof)
    return frozenset(found)


def unproved(value: Any, auth: Auth, reader: Pid) -> Pid | None:
    """In whose name there is an authenticator without a good code for this reader; None if all that
    is there is good."""
    if auth not in ("mac", "sig"):
        return None
    tags = (proof for proof in signatures(value) if isinstance(proof, Tagged))
    return next((tag.by for tag in tags if reader not in {*tag.good, tag.by}), None)


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
