"""Searches of protocols on a cluster: how one is reached, and what its workers need."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from playground.core import World
from playground.protocol import Property
from playground.search.errors import SearchError
from playground.search.faults import Faults
from playground.search.result import Bounds, Result
from playground.session import catalog
from playground.session.catalog import ProtocolFile
from playground.session.errors import BadInput

if TYPE_CHECKING:
    from playground.search.cluster.reach import Cluster


@contextmanager
def reached(address: str, symmetry: str, fast: bool) -> Iterator[Cluster | None]:
    """The cluster at `address`; None if that is "".  Raises BadInput if there is none, or if it
    can't search in these ways."""
    if not address:
        yield None
        return
    from playground.search.cluster.reach import reach

    try:
        with reach(address, symmetry, fast) as cluster:
            yield cluster
    except SearchError as error:
        raise BadInput(str(error)) from error


def search_on(
    cluster: Cluster, protocol: ProtocolFile, start: World, properties: Iterable[Property],
    faults: Faults, bounds: Bounds, **how: Any,
) -> Result:  # fmt: skip
    """`search.cluster` of a protocol, which workers load by its name."""
    from playground.search.cluster.everything import search

    load_it = partial(load, protocol.place, _digest(protocol.module))
    homes = [protocol.module]
    return search(cluster, start, properties, faults, bounds, load=load_it, homes=homes, **how)


def load(place: str, digest: bytes) -> dict[str, ModuleType]:
    """The modules of a protocol from a file, under names from which nobody could import them;
    others are found by their names.  Raises SearchError if it is not here, or another one is."""
    try:
        protocol = catalog.load(place).whole()
    except BadInput as error:
        raise SearchError(f"a worker can't load the protocol: {error}") from error
    if _digest(protocol.module) != digest:
        raise SearchError(f"a worker has another version of {place}")
    name = protocol.module.__name__
    names = (name, f"{name}_wrong", f"{name}_traitor") if place.endswith(".py") else ()
    return {name: sys.modules[name] for name in names if name in sys.modules}


def _digest(module: ModuleType) -> bytes:
    """Of its text."""
    return blake2b(Path(str(module.__file__)).read_bytes(), digest_size=16).digest()
