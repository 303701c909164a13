"""Commands: what a script, the journal and the command line of the screen say.

`grammar.parse` reads one line, `str(command)` prints it; each is the other's inverse.  A command is
still words: which messages, timers and fields it means is found out when a session carries it out.
"""

from __future__ import annotations

from typing import Literal

from playground.protocol import Instant
from playground.session.notation import Tree
from playground.values import Record, text

Fields = tuple[tuple[str, Tree], ...]


class Selector(Record):
    """A message by its id, or all that fit: kind, sender and receivers, "*" for any; fields."""

    id: str = ""
    kind: str = "*"
    src: str = "*"
    dsts: tuple[str, ...] = ("*",)
    fields: Fields = ()

    @property
    def wild(self) -> bool:
        """May it mean several messages?"""
        return not self.id and "*" in (self.kind, self.src, *self.dsts)

    def __str__(self) -> str:
        if self.id:
            return self.id
        return f"{self.kind} {self.src}>{','.join(self.dsts)}" + _print_fields(self.fields)


class Command(Record):
    """Something that can be typed."""


Verb = Literal["deliver", "drop", "duplicate", "hold", "release"]


class OnMessages(Command):
    verb: Verb
    which: Selector

    def __str__(self) -> str:
        return f"{self.verb} {self.which}"


class Edit(Command):
    which: Selector
    fields: Fields

    def __str__(self) -> str:
        return f"edit {self.which.id}{_print_fields(self.fields)}"


class Forge(Command):
    kind: str
    src: str
    dsts: tuple[str, ...]
    fields: Fields = ()

    def __str__(self) -> str:
        return f"forge {self.kind} {self.src}>{','.join(self.dsts)}{_print_fields(self.fields)}"


class Replay(Command):
    id: str

    def __str__(self) -> str:
        return f"replay {self.id}"


class Fire(Command):
    pid: str
    timer: str
    fields: Fields = ()

    def __str__(self) -> str:
        return f"fire {self.pid} {self.timer}{_print_fields(self.fields)}"


class Ask(Command):
    pid: str
    input: str
    fields: Fields = ()

    def __str__(self) -> str:
        return f"ask {self.pid} {self.input}{_print_fields(self.fields)}"


class Crash(Command):
    pid: str
    after: int | None = None

    def __str__(self) -> str:
        return f"crash {self.pid}" + ("" if self.after is None else f" after={self.after}")


class Recover(Command):
    pid: str
    amnesia: bool = False

    def __str__(self) -> str:
        return f"recover {self.pid}" + (" amnesia" if self.amnesia else "")


class Cut(Command):
    """Groups of nodes that are cut off from each other, or one directed link."""

    groups: tuple[tuple[str, ...], ...] = ()
    link: tuple[str, str] | None = None

    def __str__(self) -> str:
        if self.link:
            return f"cut {self.link[0]}>{self.link[1]}"
        return "cut " + " | ".join("{" + ",".join(group) + "}" for group in self.groups)


class Heal(Command):
    link: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"heal {self.link[0]}>{self.link[1]}" if self.link else "heal"


class Step(Command):
    """The next step of the fair schedule."""

    def __str__(self) -> str:
        return "step"


class Run(Command):
    policy: Literal["fifo", "random"]
    steps: int
    seed: int | None = None

    def __str__(self) -> str:
        seed = "" if self.seed is None else f"seed {self.seed} "
        return f"{seed}{'' if seed else 'run '}{self.policy} {self.steps}"


class Corrupt(Command):
    """The node's keys are the user's; it goes on, or follows a strategy."""

    pid: str
    strategy: str = ""

    def __str__(self) -> str:
        return f"corrupt {self.pid} {self.strategy}".rstrip()


class Advance(Command):
    """So much real time passes."""

    by: Instant

    def __str__(self) -> str:
        return f"advance {text(self.by)}"


class Clock(Command):
    """A clock, or with "*" each, goes at another rate, is set by an offset, or to the real time."""

    pid: str
    rate: Instant | None = None
    offset: Instant | None = None
    strobe: bool = False

    def __str__(self) -> str:
        rate = "" if self.rate is None else f" rate={text(self.rate)}"
        offset = "" if self.offset is None else f" offset={text(self.offset)}"
        return f"clock {self.pid}{rate}{offset}{' strobe' if self.strobe else ''}"


Belief = Literal["suspect", "trust", "leader"]


class Oracle(Command):
    """The user, in the place of a failure detector, makes a process believe, or with "*" all."""

    verb: Belief
    pid: str
    who: str

    def __str__(self) -> str:
        return f"{self.verb} {self.pid} {self.who}"


class Tick(Command):
    """The round is over, and the next one begins."""

    def __str__(self) -> str:
        return "tick"


class Finish(Command):
    def __str__(self) -> str:
        return "finish"


class Undo(Command):
    steps: int = 1

    def __str__(self) -> str:
        return "undo" if self.steps == 1 else f"undo {self.steps}"


class Redo(Command):
    steps: int = 1

    def __str__(self) -> str:
        return "redo" if self.steps == 1 else f"redo {self.steps}"


class GoTo(Command):
    """To a step of the present branch, by its number, or to a bookmark."""

    where: str

    def __str__(self) -> str:
        return f"goto {self.where}"


class Bookmark(Command):
    name: str

    def __str__(self) -> str:
        return f"bookmark {self.name}"


def _print_fields(fields: Fields) -> str:
    return "".join(f" {name}={tree}" for name, tree in fields)
