"""What is searched, on its way to a worker.

Values travel pickled, functions by the names of their modules: no code is sent.  A job is unpickled
only when the protocol that it is of has been loaded.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from types import ModuleType
from typing import Any

from playground import __version__
from playground.core import World
from playground.protocol import Property
from playground.search.errors import SearchError
from playground.search.faults import Faults

KEPT = 2
"""Jobs that a worker keeps open."""

Modules = Mapping[str, ModuleType]
Load = Callable[[], Modules]
"""Loads on a worker what can't be imported there by its name; returns the modules by the names
under which values of theirs are pickled.  A function of a module, perhaps a partial one."""


def nothing() -> Modules:
    """All is there already."""
    return {}


@dataclass(frozen=True)
class Job:
    """start observes no more than what the properties see."""

    start: World
    properties: tuple[Property, ...]
    faults: Faults
    exact: bool
    copies: bool

    def pickled(self, load: Load, homes: Iterable[ModuleType]) -> bytes:
        """homes: modules at the top of which the properties may stand.  Raises SearchError if a
        part of it has no name by which a worker could find it."""
        names = [_name(p, homes) for p in self.properties]
        try:
            inner = pickle.dumps((names, self.start, self.faults, self.exact, self.copies))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise SearchError(f"this can't be sent to another process: {error}") from error
        return pickle.dumps((__version__, load, inner))


def _name(p: Property, homes: Iterable[ModuleType]) -> tuple[str, str]:
    """The module of a property, and its name there."""
    own = sys.modules.get(p.check.__module__)
    for home in (*homes, *((own,) if own else ())):
        for name, value in vars(home).items():
            if value is p:
                return home.__name__, name
    raise SearchError(
        f"the property {p.name} can't be found by a worker; give it a name at the top of a module"
    )


class OpenJob:
    """A job on a worker.

    desks  where its parts are worked on here
    """

    def __init__(self, pickled: bytes) -> None:
        try:
            version, load, inner = pickle.loads(pickled)
            if version != __version__:
                raise SearchError(f"a worker has the playground {__version__}, and not {version}")
            self._modules = load()
            names, start, faults, exact, copies = pickle.loads(inner)
            properties = tuple(getattr(import_module(module), name) for module, name in names)
        except (ImportError, AttributeError, pickle.UnpicklingError) as error:
            raise SearchError(
                f"a worker can't load what is searched: {error}; workers need the same packages "
                "and files as whoever searches"
            ) from error
        self.job = Job(start, properties, faults, exact, copies)
        self.desks: dict[str, Any] = {}

    def enter(self) -> None:
        """From now on names of modules are those of this job: another one may have loaded another
        file of the same name."""
        sys.modules.update(self._modules)


_open: dict[bytes, OpenJob] = {}


def opened(pickled: bytes) -> OpenJob:
    """The job: the same one for the same bytes, while it is among the last that were opened here.
    Raises SearchError if it can't be loaded."""
    key = _key(pickled)
    found = _open.pop(key, None) or OpenJob(pickled)
    _open[key] = found
    if len(_open) > KEPT:
        del _open[next(iter(_open))]
    found.enter()
    return found


def close(pickled: bytes) -> None:
    """Forgets the job, and all that was remembered of it."""
    _open.pop(_key(pickled), None)


def _key(pickled: bytes) -> bytes:
    return blake2b(pickled, digest_size=16).digest()
