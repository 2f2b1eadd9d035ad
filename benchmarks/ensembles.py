"""How long an analyst waits: importing, help, first compilation, and forty paired runs of fifteen days on all cores.

    python benchmarks/ensembles.py [--people-per-agent 100 10]

Each line is a whole process or a whole ensemble; the copy bandwidth printed first tells how fast the machine was at
the time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time

from full_scale import copy_bandwidth

from tocsin.experiments.contrast import contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.kernels.warmup import warm
from tocsin.scenario.load import load


def process(*words: str, cold: bool = False) -> float:
    """Wall seconds of one Python process, best of three (one if `cold`, with an empty kernel cache)."""
    best = 1e9
    for _ in range(1 if cold else 3):
        with tempfile.TemporaryDirectory() as empty:
            surroundings = {**os.environ, **({"XDG_CACHE_HOME": empty} if cold else {})}
            begun = time.perf_counter()
            subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=surroundings)
            best = min(best, time.perf_counter() - begun)
    return best


def main() -> None:
    """Time and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people-per-agent", type=int, nargs="*", default=[100, 10])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--days", type=float, default=15)
    a = parser.parse_args()
    warm_up = "from tocsin.kernels.warmup import warm; warm(print)"
    warm(print)
    print(f"copy bandwidth            {copy_bandwidth() / 1e9:6.1f} GB/s")
    bare = process("-c", "pass")
    took = process("-c", "import tocsin") - bare
    print(f"import tocsin             {took:6.3f} s beyond starting Python ({bare:.3f} s)")
    print(f"tocsin --help             {process('-m', 'tocsin.cli.main', '--help'):6.3f} s")
    print(f"kernels, cold cache       {process('-c', warm_up, cold=True):6.2f} s, whole process")
    print(f"kernels, from the cache   {process('-c', warm_up):6.2f} s, whole process")
    for k in a.people_per_agent:
        base = load("kazakhstan-2022").vary({"people_per_agent": k, "days": a.days})
        begun = time.perf_counter()
        pair = contrast_with(base, base.world("no-request"), Design(a.runs), None, Labour())
        spent = time.perf_counter() - begun
        ticks = 2 * a.runs * base.ticks * base.population / k
        speed = f"{ticks / spent / 1e6:.0f} M person-ticks/s on {os.cpu_count()} cores"
        print(f"{len(pair)} paired runs, 1:{k:<5d}     {spent:6.1f} s  ({speed})")


if __name__ == "__main__":
    main()
