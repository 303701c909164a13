"""The search as a library, for the tests of somebody's protocol."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any, get_type_hints

from playground.core import Ask, Envelope, World, begin
from playground.protocol import Input, Layers, Map, Nodes, Pid, Property
from playground.protocol.setups import assumed
from playground.search.engine import run
from playground.search.errors import SearchError
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
    fast: bool = False,
    walks: int = 0,
    seed: int = 0,
    cluster: str = "",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Try everything that may happen, from a world or from the set-up of a protocol:

        from playground.search import Faults, search
        from protocols.consensus import paxos

        def test_paxos() -> None:
            search(paxos, faults=Faults(crashes=1, timers=1), setup={"acceptors": 2}).check()

    start       a protocol's module, or a world that observes what the properties see
    properties  all of the module's if there are none given
    faults      by default one timer may fire, and nothing else goes wrong; what is forged is what
                the module offers in `forgeries`, if nothing else is said
    setup       arguments of the module's setup(); for layers the module that they come from, or
                its name
    asks        what may be asked, once each and at any time; else the module's workload
    exact       leave out no step, also none that no safety property can miss
    copies      links duplicate: whatever was sent may arrive any number of times
    symmetry    a role whose nodes are interchangeable (not for walks)
    fast        on arrays, if the model fits; it needs numpy (the extra `fast`)
    walks       so many random walks instead of everything
    cluster     the address of a Dask scheduler, whose workers search; they must be able to import
                the protocol, and the properties must stand at the top of a module.  It needs the
                extra `cluster`

    Raises SearchError for what makes no sense, and Raised if a handler does: it holds the run.
    """
    faults = Faults(timers=1) if faults is None else faults
    if isinstance(start, ModuleType):
        properties = _own(start) if properties is None else tuple(properties)
        nodes = _nodes(start, setup)
        asks = start.workload(nodes) if asks is None else asks
        if faults.forgeries and not faults.forgeable and hasattr(start, "forgeries"):
            offered = tuple(Envelope(*each) for each in start.forgeries(nodes))
            faults = replace(faults, forgeable=offered)
        observed = dict.fromkeys(o for p in properties for o in p.sees)
        world = begin(nodes, assumed(start, nodes), observed)
    else:
        world, properties = start, tuple(properties or ())
    extra = tuple(Ask(pid, what) for pid, what in asks or ())
    faults = replace(faults, extra=(*faults.extra, *extra))
    if cluster:
        from playground.search.cluster.everything import search as search_there
        from playground.search.cluster.reach import reach

        homes = [start] if isinstance(start, ModuleType) else []
        with reach(cluster, symmetry, fast) as there:
            return search_there(
                there, world, properties, faults, bounds, walks=walks, seed=seed, exact=exact,
                copies=copies, homes=homes, progress=progress,
            )  # fmt: skip
    if walks:
        return walk(
            world, properties, faults, bounds, walks=walks, seed=seed, exact=exact, copies=copies,
            progress=progress,
        )  # fmt: skip
    return run(
        world, properties, faults, bounds, exact=exact, copies=copies, symmetry=symmetry, fast=fast,
        progress=progress,
    )  # fmt: skip


def _nodes(module: ModuleType, given: Mapping[str, Any]) -> Nodes:
    """What its setup() makes, with the layers that it takes from other protocols."""
    hints = get_type_hints(module.setup, include_extras=True)
    parameters = inspect.signature(module.setup).parameters
    if strange := sorted(given.keys() - parameters.keys()):
        has = ", ".join(parameters) or "none"
        said = f"the setup of {module.__name__} has no parameter {strange[0]}; it has {has}"
        raise SearchError(said)
    arguments = {name: p.default for name, p in parameters.items()} | dict(given)
    for name in parameters:
        if hints.get(name) is Layers:
            below = _below(module, arguments[name])
            known = inspect.signature(below.setup).parameters
            shared = {n: v for n, v in arguments.items() if n in known}
            arguments[name] = Layers(below.__name__, _nodes(below, shared))
    nodes: Nodes = module.setup(
        **{n: v for n, v in arguments.items() if v is not inspect.Parameter.empty}
    )
    return nodes


def _below(module: ModuleType, layers: ModuleType | Layers | str) -> ModuleType:
    """The protocol that a layer comes from: where there is no module, family/name beside it."""
    if isinstance(layers, ModuleType):
        return layers
    name = layers if isinstance(layers, str) else layers.protocol
    root = module.__name__.split(".")[0]
    return import_module(f"{root}.{name.replace('/', '.')}")


def _own(module: ModuleType) -> tuple[Property, ...]:
    """The properties of a module, each once."""
    found = [x for x in vars(module).values() if isinstance(x, Property)]
    return tuple(p for i, p in enumerate(found) if p not in found[:i])
