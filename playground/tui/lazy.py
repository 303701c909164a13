"""Modules that the first screen can do without.

They are loaded when something of them is asked for, or when nobody has pressed a key for a moment:
whoever opens the screen need not wait for forms, searches and the lecture.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

_waiting: dict[str, None] = {}


class _Later(ModuleType):
    """Stands for the module of its name."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def later(name: str) -> ModuleType:
    """The module of this name, which is loaded when something of it is asked for."""
    _waiting[name] = None
    return _Later(name)


def load() -> Iterator[None]:
    """Load what is still to be loaded, a module at a time."""
    while _waiting:
        import_module(_waiting.popitem()[0])
        yield
