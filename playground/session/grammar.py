"""Reads commands: one line of the notation each.  `str(command)` is the inverse of `parse`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from playground.protocol import Instant
from playground.session.commands import (
    Advance,
    Ask,
    Belief,
    Bookmark,
    Clock,
    Command,
    Corrupt,
    Crash,
    Cut,
    Edit,
    Fields,
    Finish,
    Fire,
    Forge,
    GoTo,
    Heal,
    OnMessages,
    Oracle,
    Recover,
    Redo,
    Replay,
    Run,
    Selector,
    Step,
    Tick,
    Undo,
    Verb,
)
from playground.session.errors import BadInput, unknown
from playground.session.notation import Reader, Tree


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


_KIND_OF_ALL = re.compile(r"([A-Za-z0-9_-]+)\s+\*(?![\s>]*>)")


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
    if match := _KIND_OF_ALL.match(rest):
        return Selector(kind=match.group(1), fields=_fields(rest[match.end() :]))
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


def _corrupt(rest: str) -> Command:
    match = re.fullmatch(rf"({_NAME})(?:\s+(\w+))?", rest)
    if match is None:
        raise BadInput("say who, and by which strategy it goes on: corrupt a3 silent")
    return Corrupt(match.group(1), match.group(2) or "")


def _oracle(verb: Belief) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        match = re.fullmatch(rf"(\*|{_NAME})\s+({_NAME})", rest)
        if match is None:
            raise BadInput(f"say who is to believe it, and of whom: {verb} p1 p2, or {verb} * p2")
        return Oracle(verb, match.group(1), match.group(2))

    return read


_NUMBER = r"\d+(?:\.\d+)?(?:/\d+)?"


def _number(word: str | None) -> Instant | None:
    try:
        return None if word is None else Instant(word)
    except (ValueError, ZeroDivisionError):
        raise BadInput(f"{word} is no number, such as 10, 0.5 or 1/3") from None


def _advance(rest: str) -> Command:
    by = _number(rest) if re.fullmatch(_NUMBER, rest) else None
    if by is None:
        raise BadInput("say how much time passes, as in advance 10")
    return Advance(by)


def _clock(rest: str) -> Command:
    match = re.fullmatch(
        rf"(\*|{_NAME})(?:\s+rate\s*=\s*({_NUMBER}))?(?:\s+offset\s*=\s*(-?{_NUMBER}))?(\s+strobe)?",
        rest,
    )
    if match is None or not any(match.groups()[1:]):
        raise BadInput("say whose, and what: clock p1 rate=0.5, offset=2 or strobe")
    who, rate, offset, strobe = match.groups()
    return Clock(who, _number(rate), _number(offset), bool(strobe))


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
    **{verb: _oracle(verb) for verb in Belief.__args__},  # type: ignore[attr-defined]
    "edit": _edit,
    "forge": _forge,
    "replay": _replay,
    "fire": _fire,
    "ask": _ask,
    "crash": _crash,
    "recover": _recover,
    "corrupt": _corrupt,
    "cut": _cut,
    "heal": _heal,
    "step": _bare(Step),
    "tick": _bare(Tick),
    "advance": _advance,
    "clock": _clock,
    "run": _run,
    "seed": _seed,
    "finish": _bare(Finish),
    "undo": _counted(Undo),
    "redo": _counted(Redo),
    "goto": _named(GoTo, "goto 12"),
    "bookmark": _named(Bookmark, "bookmark start"),
}

WORDS: tuple[str, ...] = tuple(_PARSERS)
