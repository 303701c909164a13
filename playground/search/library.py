"""The search as a library, for the tests of somebody's protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from playground.core import Ask, World, begin
from playground.protocol import Input, Map, Pid, Property
from playground.search.engine import run
from playground.search.faults import Faults
from playground.search.result import Bounds, Progress, Result
from playground.search.walk import walk


def search(
    start: World | ModuleType,
    properties: Iterable[Property] | None = None,
    faults: Faults | None = None,
    bounds: Bounds = Bounds(seconds=60),
    *,
    setup: Mapping[str, Any] = Map(),
    asks: Iterable[tuple[Pid, Input]] | None = None,
    exact: bool = False,
    copies: bool = False,
    symmetry: str = "",
    walks: int = 0,
    seed: int = 0,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Try everything that may happen, from a world or from the set-up of a protocol:

        from playground.search import Faults, search
        from protocols.consensus import paxos

        def test_paxos() -> None:
            search(paxos, faults=Faults(crashes=1, timers=1), setup={"acceptors": 2}).check()

    start       a protocol's module, or a world that observes what the properties see
    properties  all of the module's if there are none given
    faults      by default one timer may fire, and nothing else goes wrong
    setup       arguments of the module's setup()
    asks        what may be asked, once each and at any time; else the module's workload
    exact       leave out no step, also none that no safety property can miss
    copies      links duplicate: whatever was sent may arrive any number of times
    symmetry    a role whose nodes are interchangeable (not for walks)
    walks       so many random walks instead of everything

    Raises SearchError for what makes no sense, and HandlerFailed.
    """
    faults = Faults(timers=1) if faults is None else faults
    if isinstance(start, ModuleType):
        properties = _own(start) if properties is None else tuple(properties)
        nodes = start.setup(**setup)
        asks = start.workload(nodes) if asks is None else asks
        observed = dict.fromkeys(o for p in properties for o in p.sees)
        world = begin(nodes, start.model(nodes), observed)
    else:
        world, properties = start, tuple(properties or ())
    extra = tuple(Ask(pid, what) for pid, what in asks or ())
    faults = Faults(**{**vars(faults), "extra": (*faults.extra, *extra)})
    if walks:
        return walk(
            world, properties, faults, bounds, walks=walks, seed=seed, exact=exact, copies=copies,
            progress=progress,
        )  # fmt: skip
    return run(
        world, properties, faults, bounds, exact=exact, copies=copies, symmetry=symmetry,
        progress=progress,
    )  # fmt: skip


def _own(module: ModuleType) -> tuple[Property, ...]:
    """The properties of a module, each once."""
    found = [x for x in vars(module).values() if isinstance(x, Property)]
    return tuple(p for i, p in enumerate(found) if p not in found[:i])
