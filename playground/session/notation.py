"""The text form of values: `playground.values.text` prints them, this module reads them.

    -  None      true      12      A  "any text"      (1, p1)      {a1, a2}      {a1: (1, A)}
    Prepare((1, p1))       a message inside a value

Reading goes in two steps: `read` makes a tree of what stands there, `conform` gives it the type
that is wanted there.  So `A` needs no quotes, and `1` may be a number here and a name there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from typing import get_type_hints as _get_type_hints

from playground.protocol import Event, Layers, Map, Role, Signed
from playground.session.errors import BadInput, nearest, unknown


@dataclass(frozen=True)
class Word:
    """A bare word."""

    word: str

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True)
class Quoted:
    string: str

    def __str__(self) -> str:
        return json.dumps(self.string, ensure_ascii=not self.string.isprintable())


@dataclass(frozen=True)
class Group:
    """(a, b), {a, b} or Kind(a, b); a pair of a map is a Group with bracket ":"."""

    bracket: Literal["(", "{", ":"]
    items: tuple[Tree, ...]
    kind: str = ""

    def __str__(self) -> str:
        if self.bracket == ":":
            return f"{self.items[0]}: {self.items[1]}"
        inner = ", ".join(map(str, self.items))
        if self.bracket == "{":
            return "{" + inner + "}"
        lone = len(self.items) == 1 and not self.kind
        return f"{self.kind}({inner},)" if lone else f"{self.kind}({inner})"


Tree = Word | Quoted | Group

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<single>'[^']*')"""
    r"""|(?P<mark>[(){},:])|(?P<word>[^\s(){},:"=|>]+))"""
)


DEEPEST = 50
"""How deep values may be nested; Python can't follow any depth."""


class Reader:
    """Reads trees from a line, from left to right.  Raises BadInput, with a column in the line."""

    def __init__(self, line: str, at: int = 0) -> None:
        self.line = line
        self.at = at
        self._depth = 0

    def tree(self) -> Tree:
        match self._next():
            case "quoted", string:
                try:
                    return Quoted(json.loads(string, strict=False))
                except ValueError:
                    raise BadInput(f"{string} is no proper string") from None
            case "single", string:
                return Quoted(string[1:-1])
            case "mark", "(":
                return Group("(", self._items(")"))
            case "mark", "{":
                return Group("{", self._items("}"))
            case "word", word:
                if self.line[self.at : self.at + 1] == "(":
                    self._next()
                    return Group("(", self._items(")"), word)
                return Word(word)
            case _, found:
                raise BadInput(f"a value is missing before {found!r} in {self.line!r}")

    def _items(self, closing: str) -> tuple[Tree, ...]:
        items: list[Tree] = []
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadInput(f"a value is nested more than {DEEPEST} levels deep")
        while self._peek() != ("mark", closing):
            item = self.tree()
            if closing == "}" and self._peek() == ("mark", ":"):
                self._next()
                item = Group(":", (item, self.tree()))
            items.append(item)
            if self._peek() == ("mark", ","):
                self._next()
            elif self._peek() != ("mark", closing):
                raise BadInput(f"{closing!r} is missing in {self.line!r}")
        self._next()
        self._depth -= 1
        return tuple(items)

    def _peek(self) -> tuple[str, str]:
        at = self.at
        token = self._next()
        self.at = at
        return token

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self.line, self.at)
        if match is None:
            if not self.line[self.at :].strip():
                raise BadInput(f"{self.line!r} ends too early")
            raise BadInput(f"can't read {self.line[self.at :].strip()!r}")
        self.at = match.end()
        kind = match.lastgroup or ""
        return kind, match.group(kind)

    def rest(self) -> str:
        return self.line[self.at :].strip()


def read(line: str) -> Tree:
    """The tree of one value that takes up the whole line."""
    reader = Reader(line)
    tree = reader.tree()
    if reader.rest():
        raise BadInput(f"{reader.rest()!r} is left over after {tree}")
    return tree


def value(line: str, kind: Any, events: Map[str, type[Event]] = Map()) -> Any:
    """The value that `line` says where a `kind` (a type, as in an annotation) is wanted."""
    return conform(read(line), kind, events)


class Misfit(BadInput):
    """The text is well formed, but no value of the type that is wanted."""


def conform(tree: Tree, kind: Any, events: Map[str, type[Event]] = Map()) -> Any:
    """The value of type `kind` that `tree` says.  Raises Misfit."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return conform(tree, args[0], events)
    if origin in (Union, UnionType):
        return _either(tree, args, events)
    if origin is Literal:
        for choice in args:
            if isinstance(tree, Word | Quoted) and _plain(tree) == str(choice):
                return choice
        near = nearest(str(tree), map(str, args))
        hint = f"did you mean {near}?" if near else f"choose {', '.join(map(str, args))}"
        raise Misfit(f"{tree} is not possible here; {hint}")
    match tree:
        case Group("(", items, "") if origin is tuple:
            return _tuple(tree, items, args, events)
        case Group("{", items) if origin is frozenset or kind is frozenset:
            (member,) = args or (Any,)
            return frozenset(conform(i, member, events) for i in items)
        case Group("{", items) if origin is Map or kind is Map:
            return _map(tree, items, args or (Any, Any), events)
        case Group("(", items, name) if name:
            return _event(name, items, kind, events)
        case Word(word) if isinstance(kind, type) and issubclass(kind, Event):
            return _event(word, (), kind, events)
        case Word() | Quoted():
            return _atom(tree, kind)
    if kind is Any:
        return _guess(tree, events)
    raise Misfit(f"{tree} is not {name_of(kind)}")


def _plain(tree: Word | Quoted) -> str:
    return tree.word if isinstance(tree, Word) else tree.string


def _either(tree: Tree, kinds: tuple[Any, ...], events: Map[str, type[Event]]) -> Any:
    """The first type that fits; a plain string fits nearly everything, so it comes last."""
    misfits = []
    for kind in sorted(kinds, key=lambda k: (k is not NoneType, k is str or _is_str(k))):
        try:
            return conform(tree, kind, events)
        except Misfit as misfit:
            misfits.append(misfit)
    if len([k for k in kinds if k is not NoneType]) == 1:
        raise misfits[-1]
    raise Misfit(f"{tree} is not {' or '.join(map(name_of, kinds))}")


def _is_str(kind: Any) -> bool:
    return get_origin(kind) is Annotated and get_args(kind)[0] is str


def _tuple(
    tree: Tree, items: tuple[Tree, ...], kinds: tuple[Any, ...], events: Map[str, type[Event]]
) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(conform(i, kinds[0], events) for i in items)
    if len(kinds) != len(items):
        raise Misfit(f"{tree} has {len(items)} parts, not {len(kinds)}")
    return tuple(conform(i, k, events) for i, k in zip(items, kinds, strict=True))


def _map(
    tree: Tree, items: tuple[Tree, ...], kinds: tuple[Any, ...], events: Map[str, type[Event]]
) -> Map[Any, Any]:
    pairs = []
    for item in items:
        if not (isinstance(item, Group) and item.bracket == ":"):
            raise Misfit(f"{item} in {tree} is no pair, as in {{a: 1}}")
        key, held = item.items
        pairs.append((conform(key, kinds[0], events), conform(held, kinds[1], events)))
    return Map(pairs)


def _event(name: str, items: tuple[Tree, ...], kind: Any, events: Map[str, type[Event]]) -> Event:
    wanted = kind if isinstance(kind, type) and issubclass(kind, Event) else Event
    known = {n: e for n, e in events.items() if issubclass(e, wanted)}
    if name not in known:
        raise Misfit(unknown(wanted.__name__.lower(), name, known))
    event = known[name]
    hints = fields_of(event)
    if len(hints) != len(items):
        raise Misfit(f"{name} takes {', '.join(hints) or 'nothing'}")
    values = [conform(i, k, events) for i, k in zip(items, hints.values(), strict=True)]
    return event(*values)


def _atom(tree: Word | Quoted, kind: Any) -> Any:
    if kind is Any:
        return _guess(tree, Map())
    if kind is str:
        return _plain(tree)
    if isinstance(tree, Word):
        word = tree.word
        if kind in (NoneType, None) and word in ("-", "None"):
            return None
        if kind is bool and word in ("true", "false"):
            return word == "true"
        if kind is int and re.fullmatch(r"-?\d+", word):
            return int(word)
        if kind is Fraction and re.fullmatch(r"-?\d+(\.\d+|/[1-9]\d*)?", word):
            return Fraction(word)
        if kind is float and re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", word):
            return float(word)
    raise Misfit(f"{tree} is not {name_of(kind)}")


def _guess(tree: Tree, events: Map[str, type[Event]]) -> Any:
    """What is most likely meant where any value may stand."""
    match tree:
        case Quoted(string):
            return string
        case Word(word):
            for kind in (NoneType, bool, int, float):
                try:
                    return _atom(Word(word), kind)
                except Misfit:
                    continue
            return word
        case Group("(", items, ""):
            return tuple(_guess(i, events) for i in items)
        case Group("(", items, name):
            return _event(name, items, Event, events)
        case Group("{", items) if any(isinstance(i, Group) and i.bracket == ":" for i in items):
            return _map(tree, items, (Any, Any), events)
        case Group("{", items):
            return frozenset(_guess(i, events) for i in items)
    raise Misfit(f"{tree} is no value")


def fields_of(kind: type[Event] | type[Role]) -> dict[str, Any]:
    """The fields of an event or a role, with their types."""
    hints = _get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.names()}


def snake(name: str) -> str:
    """NoLogRound as no_log_round: how a class is named in a scenario."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


_NAMES = {
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    float: "a number",
    Fraction: "a number, such as 10, 0.5 or 1/3",
    Layers: "the name of a protocol",
    Signed: "something signed, as in Signed(A, p1)",
}


def name_of(kind: Any) -> str:
    """What a person calls a type: "a whole number", "(a whole number, a text)"."""
    origin, args = get_origin(kind), get_args(kind)
    if kind in (NoneType, None):
        return "-"
    if kind in _NAMES:
        return _NAMES[kind]
    if origin is Annotated:
        return "a node" if "pid" in args[1:] else name_of(args[0])
    if origin is Literal:
        return " or ".join(map(str, args))
    if origin in (Union, UnionType):
        return " or ".join(name_of(a) for a in args)
    if origin is tuple and args[-1:] == (Ellipsis,):
        return f"a tuple (...) whose every entry is {name_of(args[0])}"
    if origin is tuple:
        return f"({', '.join(map(name_of, args))})"
    if origin is frozenset:
        return f"a set {{...}} whose every entry is {name_of(args[0])}"
    if origin is Map:
        return f"a map {{{name_of(args[0])}: {name_of(args[1])}}}"
    return getattr(kind, "__name__", str(kind))
