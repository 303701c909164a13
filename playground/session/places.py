"""Where a key or an item stands in a TOML text, so that an error can point at it.

TOML readers tell places of malformed text only.  This finds the place of something well formed that
turned out to be wrong, by walking over the text's tables, keys, strings and brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''(?P<string>"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<mark>[\[\]{}=,.\n])|(?P<word>[^\s\[\]{}=,.\#"']+)|(?P<blank>\s)""",
    re.DOTALL,
)


def locate(source: str, path: Sequence[str | int]) -> tuple[int, int] | None:
    """Line and column (from 1) of what `path` names, such as ("step", 2, "do", 0), or of the
    nearest thing around it; None if nothing of it is there."""
    places = _places(source)
    wanted = tuple(path)
    while wanted and wanted not in places:
        wanted = wanted[:-1]
    if not wanted:
        return None
    at = places[wanted]
    return source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)


def _places(source: str) -> dict[Path, int]:
    """The offset of every key and item of the text."""
    walker = _Walker(source)
    walker.document()
    return walker.places


class _Walker:
    def __init__(self, source: str) -> None:
        self.tokens = [
            (match.lastgroup or "", match.group(), match.start())
            for match in _TOKEN.finditer(source)
            if match.lastgroup not in ("comment", "blank")
        ]
        self.at = 0
        self.places: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self.at < len(self.tokens):
            if self._is("\n"):
                self.at += 1
            elif self._is("["):
                table = self._header()
            else:
                self._pair(table)

    def _is(self, mark: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][:2] == ("mark", mark)

    def _header(self) -> Path:
        start = self.tokens[self.at][2]
        self.at += 1
        array = self._is("[")
        self.at += array
        keys = self._keys()
        while self.at < len(self.tokens) and not self._is("\n"):
            self.at += 1
        path = self._resolved(keys[:-1])
        last: Path = (*path, keys[-1]) if keys else path
        if array:
            index = self.counts.get(last, 0)
            self.counts[last] = index + 1
            self.places.setdefault(last, start)
            last = (*last, index)
        self.places[last] = start
        return last

    def _resolved(self, keys: list[str]) -> Path:
        """A dotted name, through the last item of each array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while self.at < len(self.tokens):
            kind, text, _ = self.tokens[self.at]
            if kind == "word":
                keys.append(text)
            elif kind == "string":
                keys.append(text.strip("\"'"))
            elif text != ".":
                break
            self.at += 1
        return keys

    def _pair(self, table: Path) -> None:
        start = self.tokens[self.at][2]
        keys = self._keys()
        path: Path = table
        for key in keys:
            path = (*path, key)
            self.places.setdefault(path, start)
        if self._is("="):
            self.at += 1
            self._value(path)
        else:
            self.at += not keys

    def _value(self, path: Path) -> None:
        if self._is("["):
            self._group(path, "]")
        elif self._is("{"):
            self._group(path, "}")
        else:
            while self.at < len(self.tokens) and self.tokens[self.at][0] in ("word", "string"):
                self.at += 1
            while self._is("."):  # a number with a fraction
                self.at += 2

    def _group(self, path: Path, closing: str) -> None:
        self.at += 1
        index = 0
        while self.at < len(self.tokens) and not self._is(closing):
            if self._is(",") or self._is("\n"):
                self.at += 1
            elif closing == "}":
                self._pair(path)
            else:
                self.places[(*path, index)] = self.tokens[self.at][2]
                before = self.at
                self._value((*path, index))
                self.at += self.at == before
                index += 1
        self.at += 1
