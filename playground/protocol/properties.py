"""Properties of a whole system: what must always, or eventually, be true of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from inspect import cleandoc
from typing import Any, Literal, Protocol, TypeVar

from playground.protocol.events import Pid
from playground.protocol.model import EVERYTHING, TRUST, Assumption
from playground.protocol.observations import F, Observation, Trace
from playground.protocol.roles import Role
from playground.values import Instant

R = TypeVar("R", bound=Role)


class System(Protocol):
    """What a property may look at."""

    def all(self, role: type[R]) -> Sequence[R]:
        """The nodes of a role, in the order of setup, up or down."""

    def up(self, role: type[R]) -> Sequence[R]:
        """Those that are up."""

    def correct(self, role: type[R]) -> Sequence[R]:
        """Those that nobody has corrupted, up or down."""

    def local_time(self, pid: Pid) -> Instant:
        """What the clock of a node shows.  Only where timing is "timed" there are clocks."""

    def seen(self, observation: Observation[F]) -> frozenset[tuple[Pid, F]]:
        """The facts that an observer has gathered.  The property must name it in `sees`."""

    def told(self, trace: Trace[F]) -> tuple[tuple[Pid, F], ...]:
        """What was asked and told, in order.  The property must name the trace in `sees`."""


class Clash(str):
    """A false verdict that says which facts clash."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


Verdict = bool | Clash
Check = Callable[[System], Verdict]
Kind = Literal["always", "between", "eventually"]


@dataclass(frozen=True)
class Property:
    """A named property.

    ids      its names in the sheet; each is understood wherever the name is
    sees     the observations that its check reads
    needs    the assumptions it depends on: broken without leaving any of them, it is a bug
    lasting  of a goal: once reached it must stay so; else it may open again, as "everybody who is
             up has decided" does when one more comes up
    check    takes a System; for kind "between" the System before and the one after a step
    each     if given, the property speaks of every node of this role on its own, and its check
             takes nodes instead of Systems: whoever watches a run need not look at all of them
    """

    name: str
    kind: Kind
    check: Callable[..., Verdict]
    ids: tuple[str, ...] = ()
    sees: tuple[Observation[Any], ...] = ()
    needs: frozenset[Assumption] = TRUST
    doc: str = ""
    lasting: bool = True
    each: type[Role] | None = None

    def known_as(self, *ids: str, needs: Iterable[Assumption] | None = None) -> Property:
        """The same property under a protocol's own ids."""
        return replace(self, ids=ids, needs=self.needs if needs is None else frozenset(needs))

    def __call__(self, *systems: System) -> Verdict:
        if self.each is None:
            return _said(self.check(*systems))
        for nodes in zip(*(system.all(self.each) for system in systems), strict=True):
            if not (verdict := _said(self.check(*nodes))):
                return verdict
        return True

    def why(self, verdict: Verdict) -> str:
        """What is wrong when the verdict is false: the facts that clash, or what should be true.
        It is a plain text, which is not false as a clash is."""
        if isinstance(verdict, Clash):
            return str(verdict)
        return self.doc.split("\n")[0].removesuffix(".") or self.name


def _said(verdict: Verdict | None) -> Verdict:
    """Raises TypeError for a check that forgets to return."""
    if verdict is None:
        raise TypeError("it returned None, and neither True, nor False, nor a Clash")
    return verdict


def _decorator(
    kind: Kind, default: frozenset[Assumption]
) -> Callable[..., Callable[[Callable[..., Verdict]], Property]]:
    def decorator(
        *ids: str,
        sees: Sequence[Observation[Any]] = (),
        needs: Iterable[Assumption] = default,
        lasting: bool = True,
        each: type[Role] | None = None,
    ) -> Callable[[Callable[..., Verdict]], Property]:
        def make(check: Callable[..., Verdict]) -> Property:
            doc = cleandoc(check.__doc__ or "")
            return Property(
                check.__name__, kind, check, ids, tuple(sees), frozenset(needs), doc, lasting, each
            )

        return make

    return decorator


always = _decorator("always", TRUST)
"""`@always("PX.S1", sees=[votes])`: a safety property, true in every reachable state.
`@always(each=Acceptor)` over `def f(acceptor)` is one of every acceptor on its own."""

between = _decorator("between", TRUST)
"""`@between("PX.S3")` over `def f(before, after)`: true of every two successive states."""

eventually = _decorator("eventually", EVERYTHING)
"""`@eventually("PX.L1")`: a goal.  Once reached it must stay so, unless `lasting=False`."""


def never_changes(role: type[Role], field: str, *ids: str, unset: Any = None) -> Property:
    """Once it is set, the field keeps its value, also across a crash and a recovery."""

    def check(old: Role, new: Role) -> Verdict:
        was, now = getattr(old, field), getattr(new, field)
        if was != unset and was != now:
            return Clash(f"{old.pid}.{field} was {was} and is {now}")
        return True

    doc = f"{role.__name__}.{field} never changes once it is set."
    return Property(f"{field}_never_changes", "between", check, ids, doc=doc, each=role)


def monotone(role: type[Role], field: str, *ids: str) -> Property:
    """The field never decreases, also across a crash and a recovery."""

    def check(old: Role, new: Role) -> Verdict:
        was, now = getattr(old, field), getattr(new, field)
        return now >= was or Clash(f"{old.pid}.{field} fell from {was} to {now}")

    doc = f"{role.__name__}.{field} never decreases."
    return Property(f"{field}_monotone", "between", check, ids, doc=doc, each=role)


def at_most_one(verb: str, facts: Iterable[tuple[Pid, Any]]) -> Verdict:
    """No two facts differ: `at_most_one("decided", ...)` else tells who clashes with whom."""
    first: dict[Any, Pid] = {}
    for pid, value in sorted(facts, key=repr):
        first.setdefault(value, pid)
    if len(first) <= 1:
        return True
    return Clash(", ".join(f"{pid} {verb} {value}" for value, pid in first.items()))
