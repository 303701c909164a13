"""Values as JSON knows them, for programs that know nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from playground.protocol import Event, Map
from playground.values import text


def native(value: Any) -> Any:
    """Tuples and sets as arrays (sets sorted), maps as objects with text keys, None as null, times
    as numbers, a message inside a value as an object that tells its kind first."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Fraction():
            return int(value) if value.denominator == 1 else float(value)
        case tuple() | list():
            return [native(v) for v in value]
        case frozenset():
            return [native(v) for v in sorted(value, key=_order)]
        case Map() | Mapping():
            return {k if isinstance(k, str) else text(k): native(v) for k, v in value.items()}
        case Event():
            return {"kind": type(value).__name__, **fields(value)}
        case _:
            return text(value)


def fields(event: Event) -> dict[str, Any]:
    """The fields of a message, timer, input or output."""
    return {name: native(getattr(event, name)) for name in event.names()}


def _order(value: Any) -> tuple[str, Any]:
    """Numbers by their size, all else by its text; any set has an order, the same everywhere."""
    if isinstance(value, int | float | Fraction):
        return "", (value, "")
    return type(value).__name__, (0, text(value))
