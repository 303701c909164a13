"""Both searches on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType

from playground.core import World
from playground.protocol import Property
from playground.search.cluster.campaign import Campaign
from playground.search.cluster.frontier import run
from playground.search.cluster.job import Job, Load, nothing
from playground.search.cluster.reach import Cluster
from playground.search.engine import narrowed, refuse_nonsense
from playground.search.faults import Faults
from playground.search.result import Bounds, Progress, Result


def search(
    cluster: Cluster,
    start: World,
    properties: Iterable[Property] = (),
    faults: Faults = Faults(),
    bounds: Bounds = Bounds(),
    *,
    walks: int = 0,
    seed: int = 0,
    exact: bool = False,
    copies: bool = False,
    load: Load = nothing,
    homes: Iterable[ModuleType] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """What `engine.run`, or `walk` if there are walks to be taken, says; the bounds hold for all
    workers together, and are looked at between two rounds.

    load   lets a worker load the protocol
    homes  modules at the top of which the properties stand

    Raises what they raise, and SearchError if the cluster fails.
    """
    properties = tuple(properties)
    start = narrowed(start, properties)
    refuse_nonsense(start, faults, bounds, copies)
    job = Job(start, properties, faults, exact, copies)
    sent = job.pickled(load, homes)
    if walks:
        return Campaign(cluster, job, sent, bounds, walks, seed, progress).run()
    return run(cluster, job, sent, bounds, progress)
