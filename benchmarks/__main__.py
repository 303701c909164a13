"""`python -m benchmarks [--only NAME] [--scale 0.1]`: exit 1 if a target is missed."""

from __future__ import annotations

import argparse
import sys

from benchmarks import growth, histories, memory, search, seek, startup, step
from benchmarks.measure import HEADING

BENCHMARKS = {
    "step": step,
    "memory": memory,
    "growth": growth,
    "seek": seek,
    "startup": startup,
    "histories": histories,
    "search": search,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", choices=BENCHMARKS, help="run one of them")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of the work; 1 is a million steps"
    )
    wanted = parser.parse_args()
    print("Processor time.  Each figure stands beside a floor that was measured in the same run.\n")
    print(HEADING)
    missed = 0
    for name, benchmark in BENCHMARKS.items():
        if wanted.only in (None, name):
            for figure in benchmark.figures(wanted.scale):
                print(figure, flush=True)
                missed += not figure.met
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
