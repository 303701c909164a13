"""A cluster: how it is reached, and how results come from it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import Any

from playground.search.errors import SearchError

Future = Any
"""Dask's promise of a result."""

PATIENCE = 5.0
"""Seconds in which a cluster must answer."""

DESERTED = 30.0
"""Seconds without any worker after which none is hoped for; a new one takes some to start."""

TICK = 0.2
"""Seconds between two looks at the clock, while tasks run."""

GRACE = 2.0
"""Seconds that workers have, when time is up, to say how far they came."""

NEEDED = "playground.search.cluster.part"

HOW = "start one by `dask scheduler` and `dask worker`, see docs/search.md"


class Late(Exception):
    """Time is up, and workers are still at it."""


class Cluster:
    """Carries out functions on workers.

    workers  their addresses, when it was reached
    """

    def __init__(self, dask: Any, client: Any, workers: Sequence[str]) -> None:
        self._dask = dask
        self.workers = tuple(workers)
        self._client = client
        self._name = f"playground-{os.urandom(8).hex()}"
        self._tasks = 0
        self._looked = self._seen = 0.0

    def submit(self, work: Callable[..., Any], *given: Any, at: str | None = None) -> Future:
        """at: the worker that has what it needs; another one may do it instead."""
        self._tasks += 1
        where = {} if at is None else {"workers": [at], "allow_other_workers": True}
        key = f"{self._name}-{work.__name__}-{self._tasks}"
        return self._client.submit(work, *given, key=key, pure=False, **where)

    def results(self, futures: Sequence[Future], tick: Callable[[], None]) -> list[Any]:
        """What they return, or the first exception of theirs; `tick` is called meanwhile, and may
        raise.  Raises SearchError if the cluster fails."""
        self._looked = self._seen = time.monotonic()
        try:
            while not self._ended(futures):
                tick()
                self._look_after()
            found: list[Any] = self._client.gather(list(futures))
            return found
        except self._dask.KilledWorker as error:
            raise SearchError(
                "the cluster lost one worker after the other over the same part of the search; "
                "have they enough memory?"
            ) from error
        except (self._dask.CancelledError, OSError) as error:
            raise SearchError("the connection to the cluster was lost") from error

    def _ended(self, futures: Sequence[Future]) -> bool:
        """Within the next moment."""
        try:
            with self._client.as_current():
                self._dask.wait(futures, timeout=TICK)
        except TimeoutError:
            return False
        return True

    def _look_after(self) -> None:
        """Raises SearchError if there has been nobody for a while who could go on."""
        now = time.monotonic()
        if now - self._looked < PATIENCE:
            return
        self._looked = now
        if self.alive():
            self._seen = now
        elif now - self._seen > DESERTED:
            raise SearchError("all workers of the cluster were lost")

    def alive(self) -> list[str]:
        """The workers that there are now."""
        return sorted(self._client.nthreads())

    def everywhere(self, work: Callable[..., Any], *given: Any) -> None:
        """Have it carried out by all workers; it does not matter if one of them can't."""
        with suppress(OSError):
            self._client.run(work, *given, on_error="ignore")

    def cancel(self, futures: Iterable[Future]) -> None:
        self._client.cancel(list(futures), force=True)


@contextmanager
def reach(address: str, symmetry: str = "", fast: bool = False) -> Iterator[Cluster]:
    """The cluster of the scheduler at `address`.  Raises SearchError if there is none, and for ways
    to search that only one process can go."""
    if symmetry:
        raise SearchError("on a cluster nodes can't be interchanged; leave out the symmetry")
    if fast:
        raise SearchError("a fast search runs in one process; leave out either fast or the cluster")
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        said = "a search on a cluster needs Dask: pip install 'protocol-playground[cluster]'"
        raise SearchError(said) from error
    with _quiet():
        workers = _workers(address)
        if not workers:
            raise SearchError(f"the cluster at {address} has no worker; {HOW}")
        client = dask.Client(address, timeout=PATIENCE, set_as_default=False)
        try:
            _able(client)
            yield Cluster(dask, client, workers)
        finally:
            client.close(timeout=PATIENCE)


def _workers(address: str) -> list[str]:
    """Asks the scheduler once, and waits for no more than that."""
    comm: Any = import_module("distributed.comm")
    try:
        host, port = comm.get_address_host_port(address)
        sensible = bool(host.strip()) and 0 < port < 1 << 16
    except ValueError:
        sensible = False
    if not sensible:
        said = f"{address!r} is no address of a cluster; one looks like tcp://127.0.0.1:8786"
        raise SearchError(said)
    try:
        with socket.create_connection((host, port), PATIENCE):
            pass  # what refuses at once need not be waited for
        return asyncio.run(_asked(address))
    # Whoever else listens there may answer anything.
    except (OSError, ValueError, TypeError, KeyError, MemoryError) as error:
        raise SearchError(f"no Dask scheduler answers at {address}; {HOW}") from error


async def _asked(address: str) -> list[str]:
    core: Any = import_module("distributed.core")
    async with core.rpc(address, timeout=PATIENCE) as scheduler:
        known = await asyncio.wait_for(scheduler.identity(), PATIENCE)
    return sorted(known["workers"])


def _able(client: Any) -> None:
    """Raises SearchError if a worker can't run the playground: a task that it can't read would be
    the end of it, so it is asked in words of Python alone."""
    for worker, found in client.run(find_spec, NEEDED, on_error="return").items():
        if not isinstance(found, ModuleSpec):
            raise SearchError(
                f"the worker at {worker} can't run the playground; install the same version there"
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs of lost workers is for its own operators; here the result tells."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"distributed\.")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
