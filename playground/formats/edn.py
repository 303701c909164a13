"""A strict reader of EDN, the notation of Clojure's data, that knows where everything stands.

    nil 1 -2.5 0x1f 1/2 "text" \\a :keyword symbol [vector] (list) {:key value} #{set} #tag value
    ; comment            #_ a form that is left out            , is a blank

Values are immutable: vectors and lists are tuples, maps are `Map`, sets are frozensets.  `true` and
`false` are symbols, because in Python true equals 1, and in EDN it does not.

Of the libraries that are kept up, edn-format 0.8 tells no places, lets a key stand twice in a map,
takes true for 1, refuses tags that it does not know, and needs three times as long.

Source  The EDN specification (github.com/edn-format/edn), and what Clojure prints beyond it:
        ratios, hexadecimal numbers, records such as #jepsen.history.Op{...}, and maps with a
        name space, #:a{:b 1}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from playground.formats.places import Source
from playground.session.errors import BadInput
from playground.values import Map, text

DEEPEST = 200
"""How deep forms may be nested: deeper ones would exhaust Python's own stack when hashed."""


@dataclass(frozen=True, slots=True)
class Keyword:
    name: str

    def __repr__(self) -> str:
        return f":{self.name}"

    def __lt__(self, other: object) -> bool:
        return self.name < other.name if isinstance(other, Keyword) else NotImplemented


@dataclass(frozen=True, slots=True)
class Symbol:
    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Tagged:
    """`#tag value`; what a tag means is the affair of whoever reads it."""

    tag: str
    value: Hashable

    def __repr__(self) -> str:
        return f"#{self.tag} {text(self.value)}"


class Form(NamedTuple):
    """A value, where it begins, and the forms in it if it is a vector or a list."""

    value: Hashable
    at: int
    parts: tuple[Form, ...] | None = None


def read(source: Source, begin: int = 0, end: int | None = None) -> list[Form]:
    """All forms of a text, or of a part of it, one after the other.  Raises BadInput, with the
    place."""
    return _Reader(source).read(begin, len(source.text) if end is None else end)


_TOKEN = re.compile(
    r"""
    [\s,]* (?:
      (?P<open>    \#\{ | [\[({] )
    | (?P<close>   [\])}] )
    | (?P<text>    "[^"\\]*(?:\\.[^"\\]*)*" )
    | (?P<skip>    \#_ )
    | (?P<special> \#\#\w+ )
    | (?P<tag>     \#:?[^\W\d_][^\s,()\[\]{}";\\]* )
    | (?P<char>    \\(?:[^\s\w] | \w+) )
    | (?P<word>    [^\s,()\[\]{}";\\\#]+[^\s,()\[\]{}";\\]* )
    | (?P<blank>   ;[^\n]* | \Z )
    )""",
    re.VERBOSE | re.DOTALL,
)
_INTEGER = re.compile(r"([+-]?(?:0|[1-9]\d*))N?")
_HEXADECIMAL = re.compile(r"([+-]?0[xX][0-9a-fA-F]+)N?")
_DECIMAL = re.compile(r"([+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?)(M?)")
_RATIO = re.compile(r"([+-]?(?:0|[1-9]\d*))/([1-9]\d*)")
_NUMBER = re.compile(r"[+-]?\d")
_NAME = re.compile(r"(?!\d)[\w.*+!\-?$%&=<>|/:#']+")
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "b": "\b", "f": "\f", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CHARACTERS = {
    "newline": "\n",
    "return": "\r",
    "space": " ",
    "tab": "\t",
    "backspace": "\b",
    "formfeed": "\f",
}
_CLOSING = {"[": "]", "(": ")", "{": "}", "#{": "}"}
_CALLED = {"[": "vector", "(": "list", "{": "map", "#{": "set"}


@dataclass(slots=True)
class _Frame:
    """Something that has begun: a bracket, a tag, or `#_`, with what is in it so far."""

    sign: str
    at: int
    forms: list[Form]


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.frames = [_Frame("", 0, [])]
        self.words: dict[str, Hashable] = {}

    def read(self, at: int, end: int) -> list[Form]:
        string, words = self.source.text, self.words
        while at < end:
            token = _TOKEN.match(string, at, end)
            if token is None:
                raise self._strange(at)
            kind = str(token.lastgroup)
            at, found = token.start(kind), token[kind]
            if kind == "word":
                if found not in words:
                    words[found] = self._word(found, at)
                self._add(Form(words[found], at))
            elif kind == "open" or kind in ("skip", "tag"):
                self._open(found, at)
            elif kind == "close":
                self._close(found, at)
            elif kind != "blank":
                self._add(Form(self._atom(kind, found, at), at))
            at = token.end()
        if len(self.frames) > 1:
            frame = self.frames[-1]
            raise self.source.bad(
                f"the {self._called(frame)} that begins here has no end", frame.at
            )
        return self.frames[0].forms

    def _open(self, sign: str, at: int) -> None:
        if len(self.frames) > DEEPEST:
            raise self.source.bad(f"forms are nested more than {DEEPEST} deep", at)
        self.frames.append(_Frame(sign, at, []))

    def _close(self, sign: str, at: int) -> None:
        frame = self.frames.pop()
        wanted = _CLOSING.get(frame.sign)
        if wanted is None and self.frames:
            raise self.source.bad(f"{frame.sign} needs a form after it, not {sign}", frame.at)
        if wanted is None:
            raise self.source.bad(f"this {sign} closes nothing", at)
        if sign != wanted:
            raise self.source.bad(
                f"found {sign}, but the {self._called(frame)} of line {self.source.line(frame.at)} "
                f"ends with {wanted}",
                at,
            )
        parts = tuple(frame.forms) if frame.sign in "[(" else None
        self._add(Form(self._collection(frame), frame.at, parts))

    def _add(self, form: Form) -> None:
        """It belongs to what has begun last; tags and `#_` end with their form."""
        while (frame := self.frames[-1]).sign.startswith("#") and frame.sign != "#{":
            self.frames.pop()
            if frame.sign == "#_":
                return
            form = Form(self._tagged(frame, form), frame.at, form.parts)
        frame.forms.append(form)

    def _collection(self, frame: _Frame) -> Hashable:
        values = [form.value for form in frame.forms]
        match frame.sign:
            case "#{":
                self._all_different(frame.forms, "set")
                return frozenset(values)
            case "{":
                if len(values) % 2:
                    raise self.source.bad("this map has a key without a value", frame.forms[-1].at)
                self._all_different(frame.forms[::2], "map")
                return Map(zip(values[::2], values[1::2], strict=True))
        return tuple(values)

    def _all_different(self, forms: list[Form], where: str) -> None:
        seen: set[Hashable] = set()
        for form in forms:
            if form.value in seen:
                raise self.source.bad(f"{text(form.value)} is twice in this {where}", form.at)
            seen.add(form.value)

    def _tagged(self, frame: _Frame, form: Form) -> Hashable:
        name, value = frame.sign[1:], form.value
        if not name.startswith(":"):
            return Tagged(name, value)
        if not isinstance(value, Map):
            raise self.source.bad(f"#{name} needs a map after it", frame.at)
        return Map((_in_space(name[1:], key), held) for key, held in value.items())

    def _atom(self, kind: str, found: str, at: int) -> Hashable:
        match kind:
            case "text":
                return self._text(found, at)
            case "char":
                return self._character(found[1:], at)
        if found not in ("##NaN", "##Inf", "##-Inf"):
            raise self.source.bad(f"{found} is no number", at)
        return Symbol(found)

    def _word(self, word: str, at: int) -> Hashable:
        if word == "nil":
            return None
        if _NUMBER.match(word):
            return self._number(word, at)
        name = word[1:] if word.startswith(":") else word
        if not _NAME.fullmatch(name) or name.startswith(":"):
            raise self._strange(at)
        return Keyword(name) if word.startswith(":") else Symbol(word)

    def _number(self, word: str, at: int) -> Hashable:
        try:
            if found := _INTEGER.fullmatch(word):
                return int(found[1])
            if found := _HEXADECIMAL.fullmatch(word):
                return int(found[1], 16)
            if found := _RATIO.fullmatch(word):
                return Fraction(int(found[1]), int(found[2]))
            if found := _DECIMAL.fullmatch(word):
                return Decimal(found[1]) if found[2] else float(found[1])
        except ValueError:  # Python refuses to read thousands of digits
            pass
        raise self.source.bad(f"{_clipped(word)} is no number", at)

    def _text(self, quoted: str, at: int) -> str:
        def meant(escape: re.Match[str]) -> str:
            sign = escape[1]
            if len(sign) == 5:
                return chr(int(sign[1:], 16))
            if sign not in _ESCAPES:
                raise self.source.bad(f"\\{sign} means nothing in a text", at + escape.start())
            return _ESCAPES[sign]

        plain = quoted[1:-1]
        return _ESCAPE.sub(meant, quoted)[1:-1] if "\\" in plain else plain

    def _character(self, name: str, at: int) -> str:
        if name in _CHARACTERS:
            return _CHARACTERS[name]
        if len(name) == 1:
            return name
        if re.fullmatch(r"u[0-9a-fA-F]{4}", name):
            return chr(int(name[1:], 16))
        raise self.source.bad(f"\\{_clipped(name)} is no character", at)

    def _strange(self, at: int) -> BadInput:
        while self.source.text[at].isspace() or self.source.text[at] == ",":
            at += 1
        if self.source.text[at] == '"':
            return self.source.bad("the text that begins here has no end", at)
        word = re.compile(r"[^\s,()\[\]{}\";]*").match(self.source.text, at)
        found = word.group() if word and word.group() else self.source.text[at]
        return self.source.bad(f"{json.dumps(_clipped(found))} is nothing that EDN knows", at)

    @staticmethod
    def _called(frame: _Frame) -> str:
        return _CALLED.get(frame.sign, f"form {frame.sign}")


def _in_space(space: str, key: Hashable) -> Hashable:
    if isinstance(key, Keyword) and "/" not in key.name:
        return Keyword(f"{space}/{key.name}")
    return key


def _clipped(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:40]}..."
