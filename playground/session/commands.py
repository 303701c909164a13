"""Commands: what a script, the journal and the command line of the screen say.

`parse` reads one line, `str(command)` prints it; each is the other's inverse.  A command is still
words: which messages, timers and fields it means is found out when a session carries it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playground.session.errors import BadInput, unknown
from playground.session.notation import Reader, Tree

Fields = tuple[tuple[str, Tree], ...]


@dataclass(frozen=True)
class Selector:
    """A message by its id, or all that fit: kind, sender and receivers, "*" for any; fields."""

    id: str = ""
    kind: str = "*"
    src: str = "*"
    dsts: tuple[str, ...] = ("*",)
    fields: Fields = ()

    @property
    def wild(self) -> bool:
        """May it mean several messages?"""
        return not self.id and ("*" in (self.kind, self.src, *self.dsts) or len(self.dsts) > 1)

    def __str__(self) -> str:
        if self.id:
            return self.id
        return f"{self.kind} {self.src}>{','.join(self.dsts)}" + _print_fields(self.fields)


class Command:
    """Something that can be typed."""


Verb = Literal["deliver", "drop", "duplicate", "hold", "release"]


@dataclass(frozen=True)
class OnMessages(Command):
    verb: Verb
    which: Selector

    def __str__(self) -> str:
        return f"{self.verb} {self.which}"


@dataclass(frozen=True)
class Edit(Command):
    which: Selector
    fields: Fields

    def __str__(self) -> str:
        return f"edit {self.which.id}{_print_fields(self.fields)}"


@dataclass(frozen=True)
class Forge(Command):
    kind: str
    src: str
    dsts: tuple[str, ...]
    fields: Fields = ()

    def __str__(self) -> str:
        return f"forge {self.kind} {self.src}>{','.join(self.dsts)}{_print_fields(self.fields)}"


@dataclass(frozen=True)
class Replay(Command):
    id: str

    def __str__(self) -> str:
        return f"replay {self.id}"


@dataclass(frozen=True)
class Fire(Command):
    pid: str
    timer: str
    fields: Fields = ()

    def __str__(self) -> str:
        return f"fire {self.pid} {self.timer}{_print_fields(self.fields)}"


@dataclass(frozen=True)
class Ask(Command):
    pid: str
    input: str
    fields: Fields = ()

    def __str__(self) -> str:
        return f"ask {self.pid} {self.input}{_print_fields(self.fields)}"


@dataclass(frozen=True)
class Crash(Command):
    pid: str
    after: int | None = None

    def __str__(self) -> str:
        return f"crash {self.pid}" + ("" if self.after is None else f" after={self.after}")


@dataclass(frozen=True)
class Recover(Command):
    pid: str
    amnesia: bool = False

    def __str__(self) -> str:
        return f"recover {self.pid}" + (" amnesia" if self.amnesia else "")


@dataclass(frozen=True)
class Cut(Command):
    """Groups of nodes that are cut off from each other, or one directed link."""

    groups: tuple[tuple[str, ...], ...] = ()
    link: tuple[str, str] | None = None

    def __str__(self) -> str:
        if self.link:
            return f"cut {self.link[0]}>{self.link[1]}"
        return "cut " + " | ".join("{" + ",".join(group) + "}" for group in self.groups)


@dataclass(frozen=True)
class Heal(Command):
    link: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"heal {self.link[0]}>{self.link[1]}" if self.link else "heal"


@dataclass(frozen=True)
class Step(Command):
    """The next step of the fair schedule."""

    def __str__(self) -> str:
        return "step"


@dataclass(frozen=True)
class Run(Command):
    policy: Literal["fifo", "random"]
    steps: int
    seed: int | None = None

    def __str__(self) -> str:
        seed = "" if self.seed is None else f"seed {self.seed} "
        return f"{seed}{'' if seed else 'run '}{self.policy} {self.steps}"


@dataclass(frozen=True)
class Tick(Command):
    """The round is over, and the next one begins."""

    def __str__(self) -> str:
        return "tick"


@dataclass(frozen=True)
class Finish(Command):
    def __str__(self) -> str:
        return "finish"


@dataclass(frozen=True)
class Undo(Command):
    steps: int = 1

    def __str__(self) -> str:
        return "undo" if self.steps == 1 else f"undo {self.steps}"


@dataclass(frozen=True)
class Redo(Command):
    steps: int = 1

    def __str__(self) -> str:
        return "redo" if self.steps == 1 else f"redo {self.steps}"


@dataclass(frozen=True)
class GoTo(Command):
    """To a step of the present branch, by its number, or to a bookmark."""

    where: str

    def __str__(self) -> str:
        return f"goto {self.where}"


@dataclass(frozen=True)
class Bookmark(Command):
    name: str

    def __str__(self) -> str:
        return f"bookmark {self.name}"


def parse(line: str) -> Command:
    """The command that `line` says.  Raises BadInput."""
    words = line.split(maxsplit=1)
    if not words:
        raise BadInput("a command is missing; try deliver, step, ask or finish")
    parser = _PARSERS.get(words[0])
    if parser is None:
        raise BadInput(unknown("command", words[0], _PARSERS))
    rest = words[1].strip() if len(words) > 1 else ""
    try:
        return parser(rest)
    except BadInput as error:
        raise BadInput(f"{error.sentence} (in {line!r})") from None


_NAME = r"[A-Za-z_][\w.'-]*"
_ID = re.compile(r"m\d+'*")
_LINK = re.compile(rf"(\*|{_NAME})\s*>\s*(\*|{_NAME}(?:\s*,\s*{_NAME})*)")
_KIND = re.compile(r"\*|[A-Za-z0-9_-]+")


def _print_fields(fields: Fields) -> str:
    return "".join(f" {name}={tree}" for name, tree in fields)


def _fields(rest: str) -> Fields:
    """name=value pairs to the end of the line."""
    fields: list[tuple[str, Tree]] = []
    while rest := rest.strip():
        match = re.match(r"([A-Za-z_]\w*)\s*=\s*", rest)
        if match is None:
            raise BadInput(f"{rest!r} should be fields, as in n=(1,p1) value=A")
        if match.group(1) in (name for name, _ in fields):
            raise BadInput(f"the field {match.group(1)} stands there twice")
        reader = Reader(rest, match.end())
        fields.append((match.group(1), reader.tree()))
        rest = reader.rest()
    return tuple(fields)


def _kind_and_link(rest: str) -> tuple[str, str, tuple[str, ...], str]:
    kind = _KIND.match(rest)
    link = _LINK.match(rest, kind.end()) if kind else None
    if kind and link is None and (blank := re.match(r"\s+", rest[kind.end() :])):
        link = _LINK.match(rest, kind.end() + blank.end())
    if kind is None or link is None:
        raise BadInput("say which message: its id, as in m12, or kind and link, as in Accept p1>a2")
    dsts = tuple(d.strip() for d in link.group(2).split(","))
    return kind.group(), link.group(1), dsts, rest[link.end() :]


def _selector(rest: str) -> Selector:
    if match := _ID.match(rest):
        if rest[match.end() :].strip():
            raise BadInput(f"{rest[match.end() :].strip()!r} is left over after {match.group()}")
        return Selector(id=match.group())
    if rest == "*":
        return Selector()
    kind, src, dsts, fields = _kind_and_link(rest)
    return Selector("", kind, src, dsts, _fields(fields))


def _on_messages(verb: Verb) -> Callable[[str], Command]:
    return lambda rest: OnMessages(verb, _selector(rest))


def _edit(rest: str) -> Command:
    match = _ID.match(rest)
    fields = _fields(rest[match.end() :]) if match else ()
    if match is None or not fields:
        raise BadInput("say which message and what to change, as in edit m12 n=(9,p2)")
    return Edit(Selector(id=match.group()), fields)


def _forge(rest: str) -> Command:
    kind, src, dsts, fields = _kind_and_link(rest)
    if "*" in (kind, src, *dsts):
        raise BadInput("a forgery names its kind, sender and receivers; * is not possible")
    return Forge(kind, src, dsts, _fields(fields))


def _replay(rest: str) -> Command:
    if not _ID.fullmatch(rest):
        raise BadInput("say which message by its id, as in replay m3")
    return Replay(rest)


def _who_and_what(rest: str, example: str) -> tuple[str, str, Fields]:
    match = re.match(rf"(\*|{_NAME})\s+({_NAME})", rest)
    if match is None:
        raise BadInput(f"say who and what, as in {example}")
    return match.group(1), match.group(2), _fields(rest[match.end() :])


def _fire(rest: str) -> Command:
    return Fire(*_who_and_what(rest, "fire p1 Retry"))


def _ask(rest: str) -> Command:
    return Ask(*_who_and_what(rest, "ask p1 Propose value=A"))


def _crash(rest: str) -> Command:
    match = re.fullmatch(rf"({_NAME})(?:\s+after\s*=\s*(\d+))?", rest)
    if match is None:
        raise BadInput("say who, and after how many effects if in mid-step: crash a1 after=1")
    return Crash(match.group(1), int(match.group(2)) if match.group(2) else None)


def _recover(rest: str) -> Command:
    match = re.fullmatch(rf"({_NAME})(\s+(?:--)?amnesia)?", rest)
    if match is None:
        raise BadInput("say who, and whether its disk is lost: recover a1 amnesia")
    return Recover(match.group(1), bool(match.group(2)))


def _cut(rest: str) -> Command:
    if link := re.fullmatch(rf"({_NAME})\s*>\s*({_NAME})", rest):
        return Cut(link=(link.group(1), link.group(2)))
    groups = []
    for part in rest.split("|"):
        match = re.fullmatch(rf"\s*\{{\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\}}\s*", part)
        if match is None:
            raise BadInput("say what is cut off, as in cut {p1,a1} | {a2,a3} or cut p1>a2")
        groups.append(tuple(name.strip() for name in match.group(1).split(",")))
    if len(groups) < 2:
        raise BadInput("a cut needs two groups, as in cut {p1,a1} | {a2,a3}")
    return Cut(tuple(groups))


def _heal(rest: str) -> Command:
    if not rest:
        return Heal()
    link = re.fullmatch(rf"({_NAME})\s*>\s*({_NAME})", rest)
    if link is None:
        raise BadInput("heal takes nothing, or one link, as in heal p1>a2")
    return Heal((link.group(1), link.group(2)))


def _run(rest: str) -> Command:
    match = re.fullmatch(r"(fifo|random)\s+(\d+)", rest)
    if match is None:
        raise BadInput("say how and how far, as in run fifo 20 or seed 7 random 100")
    policy: Literal["fifo", "random"] = "fifo" if match.group(1) == "fifo" else "random"
    return Run(policy, int(match.group(2)), 0 if policy == "random" else None)


def _seed(rest: str) -> Command:
    match = re.fullmatch(r"(\d+)\s+random\s+(\d+)", rest)
    if match is None:
        raise BadInput("say seed and steps, as in seed 7 random 100")
    return Run("random", int(match.group(2)), int(match.group(1)))


def _bare(command: Callable[[], Command]) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        if rest:
            raise BadInput(f"{rest!r} is left over")
        return command()

    return read


def _counted(command: Callable[[int], Command]) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        if rest and not re.fullmatch(r"[1-9]\d*", rest):
            raise BadInput(f"{rest!r} is no number of steps")
        return command(int(rest or 1))

    return read


def _named(command: Callable[[str], Command], example: str) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        if not re.fullmatch(r"[\w.-]+", rest):
            raise BadInput(f"say where, as in {example}")
        return command(rest)

    return read


_PARSERS: dict[str, Callable[[str], Command]] = {
    **{verb: _on_messages(verb) for verb in Verb.__args__},  # type: ignore[attr-defined]
    "edit": _edit,
    "forge": _forge,
    "replay": _replay,
    "fire": _fire,
    "ask": _ask,
    "crash": _crash,
    "recover": _recover,
    "cut": _cut,
    "heal": _heal,
    "step": _bare(Step),
    "tick": _bare(Tick),
    "run": _run,
    "seed": _seed,
    "finish": _bare(Finish),
    "undo": _counted(Undo),
    "redo": _counted(Redo),
    "goto": _named(GoTo, "goto 12"),
    "bookmark": _named(Bookmark, "bookmark start"),
}

WORDS: tuple[str, ...] = tuple(_PARSERS)
