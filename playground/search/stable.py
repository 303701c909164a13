"""The same text for equal values in every process: what order and ownership can be decided by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from numbers import Number
from typing import Any

import msgspec


def stable(value: Any) -> str:
    """Equal values have equal texts, whatever the hash seed and the order in which they came to be.
    Of what is no value of a protocol only the type is told, so some that differ have the same."""
    match value:
        case None:
            return "-"
        case str():
            return repr(value)
        case Enum():
            return f"{_name(value)}.{value.name}"
        case int() | float() | Fraction() if math.isfinite(value):
            return str(Fraction(value))  # so that 1, 1.0 and true, which are equal, stay so
        case Number():
            return repr(value)
        case tuple():
            return f"({','.join(map(stable, value))})"
        case frozenset():
            return f"{{{','.join(sorted(map(stable, value)))}}}"
        case Mapping():
            items = sorted(f"{stable(k)}:{stable(v)}" for k, v in value.items())
            return f"{{{','.join(items)}}}"
        case type():
            return value.__qualname__
        case msgspec.Struct():
            return _record(value, type(value).__struct_fields__)
    if is_dataclass(value):
        return _record(value, (f.name for f in fields(value)))
    return _name(value)


def _record(value: Any, names: Iterable[str]) -> str:
    return f"{_name(value)}({','.join(stable(getattr(value, name)) for name in names)})"


def _name(value: Any) -> str:
    return type(value).__qualname__
