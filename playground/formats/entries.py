"""The entries of a recorded history: who called what, who was answered what, in order.

Four notations, told apart by what is in the file:

    {:process 0, :type :invoke, :f :read, :value nil}       EDN, as Jepsen, Knossos and Porcupine
                                                            write it: a vector or list of maps, or
                                                            one after the other
    {"process": 0, "type": "invoke", "f": "read"}           the same in JSON
    INFO  jepsen.util - 0 :invoke :read nil                 a log of Jepsen; with or without what
                                                            stands before the process
Entries of the nemesis are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playground.formats.edn import Keyword, Symbol, Tagged, read
from playground.formats.places import Source
from playground.session.errors import BadInput, Place, nearest, unknown
from playground.values import Map, text

Notation = Literal["EDN", "JSON", "log"]
TYPES = ("invoke", "ok", "fail", "info")
EXAMPLE = "{:process 0, :type :invoke, :f :read, :value nil}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history; `more` is what a log says after the value, mostly an error."""

    process: Hashable
    type: str
    f: str
    value: Hashable
    key: Hashable
    at: int
    more: tuple[Hashable, ...] = ()


def open_source(path: Path) -> Source:
    """Raises BadInput if it can't be read, or is no text."""
    try:
        content = path.read_bytes()
    except OSError as failed:
        raise BadInput(f"{path} can't be read: {failed.strerror or failed}") from None
    except ValueError as failed:  # a path with a null byte
        raise BadInput(f"{str(path)!r} can't be read: {failed}") from None
    try:
        return Source(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as failed:
        line = content.count(b"\n", 0, failed.start) + 1
        begin = content.rfind(b"\n", 0, failed.start) + 1
        column = len(content[begin : failed.start].decode("utf-8-sig")) + 1
        where = Place(str(path), line, column)
        raise BadInput("this is no text: a byte here is not UTF-8", where) from None


def entries(source: Source) -> tuple[Notation, list[Entry]]:
    """What the clients did, in the order of the file.  Raises BadInput, with the place."""
    notation = _notation(source.text)
    readers = {"EDN": _from_edn, "JSON": _from_json, "log": _from_log}
    found = list(readers[notation](source))
    if not found:
        raise BadInput(f"{source.file} holds no operations")
    return notation, found


_OPERATION = re.compile(r"(\S+)[ \t]+:([\w-]+)[ \t]+:([\w-]+)[ \t]*([^\r\n]*)")
_JEPSEN = re.compile(r".*?\bjepsen\.util\b[^\S\n]*[-:]?[^\S\n]+")
_LOGGED = re.compile(rf"(?m)^(?:{_JEPSEN.pattern})?[^\s{{}}()\[\]\"]+[ \t]+:[\w-]+[ \t]+:[\w-]+")


def _notation(string: str) -> Notation:
    if _LOGGED.search(string):
        return "log"
    return "JSON" if re.match(r'\s*\[?\s*(?:\{\s*")', string) else "EDN"


# ---- EDN and JSON


def _from_edn(source: Source) -> Iterator[Entry]:
    forms = read(source)
    if len(forms) == 1 and forms[0].parts is not None:
        forms = list(forms[0].parts)
    for form in forms:
        yield from _from_map(source, _untagged(form.value), form.at)


def _untagged(value: Hashable) -> Hashable:
    """Records are maps with the name of their type before them."""
    return value.value if isinstance(value, Tagged) else value


def _from_json(source: Source) -> Iterator[Entry]:
    for value, at in _json_values(source):
        yield from _from_map(source, value, at)


def _json_values(source: Source) -> Iterator[tuple[Hashable, int]]:
    """The elements of an array, or values one after the other."""
    string, decoder = source.text, json.JSONDecoder()
    at = _next(string, 0)
    array = string.startswith("[", at)
    at = _next(string, at + array)
    while at < len(string) and not (array and string[at] == "]"):
        try:
            value, end = decoder.raw_decode(string, at)
            yield frozen(value), at
        except json.JSONDecodeError as bad:
            raise source.bad(
                f"this is no JSON: {bad.msg[:1].lower()}{bad.msg[1:]}", bad.pos
            ) from None
        except RecursionError:
            raise source.bad("this value is nested too deep", at) from None
        except ValueError:  # Python refuses to read thousands of digits
            raise source.bad("a number here is too long", at) from None
        at = _next(string, end)
        if array and string.startswith(",", at):
            at = _next(string, at + 1)
        elif array and at < len(string) and string[at] != "]":
            raise source.bad("this is no JSON: expecting ',' or ']'", at)
    if array and at == len(string):
        raise source.bad("the array that begins here has no end", string.index("["))
    if array and _next(string, at + 1) < len(string):
        raise source.bad("something stands behind the end of the array", _next(string, at + 1))


def _next(string: str, at: int) -> int:
    while at < len(string) and string[at].isspace():
        at += 1
    return at


def frozen(value: Any) -> Hashable:
    """A value of JSON like one of EDN: immutable, and true is not 1."""
    match value:
        case bool():
            return Symbol("true" if value else "false")
        case list():
            return tuple(map(frozen, value))
        case dict():
            return Map((key, frozen(held)) for key, held in value.items())
    return value  # type: ignore[no-any-return]


def _from_map(source: Source, value: Hashable, at: int) -> Iterator[Entry]:
    if not isinstance(value, Map):
        raise source.bad(f"expected an operation such as {EXAMPLE}, not {_short(value)}", at)
    fields = {name(key): held for key, held in value.items()}
    for wanted in ("process", "type", "f"):
        if fields.get(wanted) is None:
            near = nearest(wanted, [f for f in fields if f not in ("process", "type", "f")])
            hint = f"; it has {near!r}, did you mean that?" if near else f", as {EXAMPLE} has"
            raise source.bad(f"this operation has no {wanted!r}{hint}", at)
    if name(fields["process"]) == "nemesis":
        return
    kind = name(fields["type"])
    if kind not in TYPES:
        raise source.bad(unknown("type", kind, TYPES), at)
    process = fields["process"]
    yield Entry(
        process if isinstance(process, int) else name(process),
        kind,
        name(fields["f"]),
        fields.get("value"),
        fields.get("key"),
        at,
    )


def name(value: Hashable) -> str:
    """Keywords, symbols and texts by their names alone; ":ok" in JSON, too."""
    if isinstance(value, (Keyword, Symbol)):
        return value.name
    return value.removeprefix(":") if isinstance(value, str) else text(value)


def _short(value: Hashable) -> str:
    words = text(value)
    return words if len(words) <= 60 else f"{words[:60]}..."


# ---- logs


def _from_log(source: Source) -> Iterator[Entry]:
    at = 0
    for line in source.text.split("\n"):
        if line.strip():
            yield from _from_line(source, line, at)
        at += len(line) + 1


def _from_line(source: Source, line: str, at: int) -> Iterator[Entry]:
    prefix = _JEPSEN.match(line)
    found = _OPERATION.match(line, prefix.end() if prefix else len(line) - len(line.lstrip()))
    if found is None:
        if prefix is None and not _of_another_logger(line):
            raise source.bad(
                f"expected a line such as `0 :invoke :read nil`, not {_short(line)}", at
            )
        return
    process, kind, f, _ = found.groups()
    if process in (":nemesis", "nemesis"):
        return
    if kind not in TYPES:
        raise source.bad(unknown("type", kind, TYPES), at + found.start(2))
    values = [form.value for form in read(source, at + found.start(4), at + found.end(4))]
    yield Entry(
        int(process) if process.isdecimal() and len(process) < 20 else process,
        kind,
        f,
        values[0] if values else None,
        None,
        at,
        tuple(values[1:]),
    )


def _of_another_logger(line: str) -> bool:
    """A line of the log that tells of something else, or goes on telling it."""
    words = r"\s|.*\b(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b|Caused by:|\S+(?:Exception|Error)\b"
    return re.match(words, line) is not None
