"""Modules that the first screen can do without.

They are loaded when something of them is asked for, or when nobody has pressed a key for a moment:
whoever opens the screen need not wait for forms, searches and the lecture.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec
from types import ModuleType

_waiting: list[ModuleType] = []


def later(name: str) -> ModuleType:
    """The module of this name, which runs when something of it is asked for."""
    if name in sys.modules:
        return sys.modules[name]
    spec = find_spec(name)
    assert spec is not None and spec.loader is not None, name
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[name] = module
    package, _, last = name.rpartition(".")
    setattr(import_module(package), last, module)
    spec.loader.exec_module(module)
    _waiting.append(module)
    return module


def load() -> Iterator[None]:
    """Load what is still to be loaded, a module at a time."""
    while _waiting:
        vars(_waiting.pop())["__doc__"]
        yield
