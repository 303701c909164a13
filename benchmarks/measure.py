"""What all benchmarks share: how they measure, and what they say."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.floor import Delay, Floor, fifo, random
from playground.session.catalog import load
from playground.session.history import uninterrupted
from playground.session.schedule import Chance, Fair
from playground.session.session import Session

GOSSIP = Path(__file__).with_name("gossip.py")
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Figure:
    """One measured figure, beside the floor that was measured in the same run.

    at_least  the target is a least value of `value`, not a greatest
    """

    what: str
    measured: str
    floor: str
    value: float
    target: float
    unit: str = "x"
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        said = "met" if self.met else "MISSED"
        return (
            f"{self.what:<38} {self.measured:>14} {self.floor:>20}"
            f" {self.value:>9.3g} {self.unit:<2}  {sign} {self.target:g} {self.unit:<2} {said}"
        )


HEADING = f"{'':<38} {'measured':>14} {'floor':>20} {'':>12}  target"


def gossip(in_flight: int) -> Session:
    """Five nodes, and so many messages that never come to rest."""
    times = max(1, in_flight // 1000)
    return Session(load(str(GOSSIP)), {"each": in_flight // 5 // times, "times": times})


def schedule(policy: str) -> Fair | Chance:
    return Fair() if policy == "fifo" else Chance(1)


def floor(session: Session, policy: str, in_flight: int) -> Floor:
    """The same system, bare."""
    delay: Delay = fifo() if policy == "fifo" else random(in_flight)
    return Floor(session.nodes, delay)


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time that it takes."""
    began = process_time()
    work()
    return process_time() - began


def cpu(work: Callable[[], object]) -> float:
    """The same without the garbage collector, for both sides: a session switches it off itself."""
    gc.collect()
    with uninterrupted():
        return timed(work)


def paired(
    ours: Callable[[], object], bare: Callable[[], object], times: int
) -> tuple[float, float, float]:
    """The medians of both, and of their ratio.  They take turns, so that what else the machine
    does troubles both alike."""
    pairs = [(cpu(ours), cpu(bare)) for _ in range(times)]
    return (
        median(a for a, _ in pairs),
        median(b for _, b in pairs),
        median(a / b for a, b in pairs),
    )


def child(module: str, *arguments: object) -> Any:
    """What a module of benchmarks prints as JSON, run in a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def cpu_of(command: Sequence[str | Path]) -> float:
    """Seconds of processor time of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def resident() -> int:
    """Bytes of memory that this process holds now; where the system does not tell, its peak."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
