"""What a cluster of two workers on this machine gains, or costs: `python -m benchmarks.cluster`.

Both searches do the same, in turns, and what counts is the time on the wall.  Workers that share
the cores of one machine only show what it costs to deal worlds out.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from statistics import median
from typing import Any

from distributed import LocalCluster

from playground.search import Bounds, Faults, search
from playground.search.result import Result
from tests.search.models import agreement, paxos

WORKERS = 2
ROUNDS = 2
WALKS = 10_000

Search = Callable[[str], Result]


def everything(cluster: str) -> Result:
    return search(paxos(acceptors=4), [agreement], Faults(), Bounds(), cluster=cluster)


def walks(cluster: str) -> Result:
    start = paxos(K=2, acceptors=5)
    return search(start, [agreement], Faults(), Bounds(), walks=WALKS, cluster=cluster)


def measured(name: str, wanted: Search, address: str) -> None:
    """Compares, when both have been tried once."""
    here, there = wanted(""), wanted(address)
    assert (here.states, here.transitions) == (there.states, there.transitions)
    pairs = [(wanted("").seconds, wanted(address).seconds) for _ in range(ROUNDS)]
    alone, shared = median(a for a, _ in pairs), median(b for _, b in pairs)
    ratio = median(a / b for a, b in pairs)
    print(
        f"{name}: {here.states:,} in {alone:.1f} s by one process, "
        f"in {shared:.1f} s by {WORKERS} workers: {ratio:.2f} times as fast",
        flush=True,
    )


def main() -> None:
    options: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    cluster: Any = LocalCluster
    with cluster(
        n_workers=WORKERS, threads_per_worker=1, processes=True, host="127.0.0.1", **options
    ) as there:
        print(f"{os.cpu_count()} cores, of which {os.getloadavg()[0]:.1f} were busy before")
        address = there.scheduler_address
        measured("paxos, states", everything, address)
        measured("random walks of paxos, steps", walks, address)


if __name__ == "__main__":
    main()
