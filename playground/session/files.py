"""Reads TOML files into records, and tells what is wrong with them: the place, what was found, what
is possible there, and the nearest right spelling."""

from __future__ import annotations

import re
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import tomli

from playground.session.errors import BadInput, Place, nearest
from playground.session.places import locate

S = TypeVar("S", bound=msgspec.Struct)


def text_of(path: Path) -> str:
    """The text of a file.  Raises BadInput."""
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        raise BadInput(f"this is no UTF-8 text (byte {error.start})", Place(str(path))) from None
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from None


def read(source: str, path: Path, kind: type[S]) -> S:
    """The record that a TOML text says, which stands, or would stand, at `path`.  Raises BadInput,
    with the place."""
    try:
        table = tomli.loads(source)
    except tomli.TOMLDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        raise BadInput(f"this is no TOML: {_lower(error.msg)}", place) from None
    except RecursionError:
        raise BadInput("this is no TOML: it is nested too deeply", Place(str(path))) from None
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise _explained(str(error), source, path, kind) from None


def place(source: str, path: Path, *keys: str | int) -> Place:
    """Where the thing of these keys stands: place(..., "step", 2, "do", 0)."""
    return Place(str(path), *(locate(source, keys) or (None, None)))


def _explained(message: str, source: str, path: Path, kind: type[msgspec.Struct]) -> BadInput:
    """A validator's message as a sentence."""
    sentence, _, where = message.partition(" - at `")
    keys = _keys(where.rstrip("`"))
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", sentence):
        name = unknown.group(1)
        sentence = f"unknown key {name!r}; {_hint(name, _names(_type_at(kind, keys)))}"
        keys = [*keys, name]
    elif missing := re.fullmatch(r"Object missing required field `(.*)`", sentence):
        sentence = f"the key {missing.group(1)!r} is missing"
    elif value := re.fullmatch(r"Invalid enum value '(.*)'", sentence):
        choices = [str(c) for c in get_args(_type_at(kind, keys))]
        sentence = f"{value.group(1)!r} is not possible here; {_hint(value.group(1), choices)}"
    else:
        name = ".".join(str(k) for k in keys) or "the file"
        sentence = f"{name}: {_lower(sentence).replace('`', '')}"
    return BadInput(sentence, Place(str(path), *(locate(source, keys) or (1, 1))))


def _hint(found: str, possible: list[str]) -> str:
    near = nearest(found, possible)
    return f"did you mean {near}?" if near else f"possible are {', '.join(possible)}"


def _keys(where: str) -> list[str | int]:
    """`$.step[2].do` as ["step", 2, "do"]."""
    keys: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", where):
        if name:
            keys.append(name)
        elif index.isdigit():
            keys.append(int(index))
    return keys


def _type_at(kind: Any, keys: list[str | int]) -> Any:
    """The type that is wanted at the end of these keys."""
    kind = _plain(kind)
    for key in keys:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            kind = _plain(get_type_hints(kind, include_extras=True)[str(key)])
        else:  # an item of a list, or a value of a table
            kind = _plain(get_args(kind)[-1])
    return kind


def _plain(kind: Any) -> Any:
    """Without annotations, and without "or nothing"."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        arms = [_plain(a) for a in get_args(kind) if a is not type(None)]
        return next((a for a in arms if get_origin(a) is Literal), arms[0])
    return kind


def _names(kind: Any) -> list[str]:
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    return list(kind.__struct_fields__) if is_struct else []


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
