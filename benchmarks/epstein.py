"""Epstein's Model I beside the installed Mesa example, in one run: agent-steps a second of one core, and memory.

    python benchmarks/epstein.py                  40 x 40, 200 x 200 and 1000 x 1000, in Mesa's geometry and in Moore
    python benchmarks/epstein.py --sides 40 200   these grids only

Both play the same society (70 % citizens, 4 % cops, vision 7, legitimacy 0.82, terms up to 30) with Mesa's switches,
both are warmed up by as many periods, and CPU time is counted. Mesa's collector, which adds a row an agent a step, is
off, to Mesa's advantage. Mesa is not run above 200 x 200, where it needs gigabytes. Array-copy bandwidth is the
yardstick of the machine. The test dependencies bring Mesa.
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tocsin.classics.epstein_outbursts import RUN_2
from tocsin.classics.epstein_parity import mesa_model, mesa_version
from tocsin.classics.epstein_world import MESA, MESA_MOORE, Reading, Society, World, build

SHAPES = (("Von Neumann", MESA), ("Moore", MESA_MOORE))
LARGEST_MESA = 200


def resident() -> int:
    """Resident bytes of this process; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def copy_bandwidth(megabytes: int = 128) -> float:
    """Bytes read and written a second by a plain array copy, best of five."""
    a, best = np.ones(megabytes << 17), 1e9
    b = np.empty_like(a)
    for _ in range(5):
        begun = time.perf_counter()
        np.copyto(b, a)
        best = min(best, time.perf_counter() - begun)
    return 2 * a.nbytes / best


def best_rate(step: Callable[[], Any], agents: int, periods: int, blocks: int) -> float:
    """Agent-steps a CPU second, best of some blocks of periods."""
    seconds = []
    for _ in range(blocks):
        begun = time.process_time()
        step()
        seconds.append(time.process_time() - begun)
    return agents * periods / min(seconds)


def ours(society: Society, reading: Reading, warm: int, periods: int) -> tuple[float, float, float]:
    """Agent-steps a second, bytes an agent in arrays, and resident bytes an agent gained while it was built and run."""
    gc.collect()
    before = resident()
    world: World = build(society, reading, 1)
    world.advance(warm)
    rate = best_rate(lambda: world.advance(periods), world.grid.at.size, periods, 3)
    arrays = sum(x.nbytes for x in world.grid[1:])
    people = world.grid.at.size
    return rate, arrays / people, max(resident() - before, 0) / people


def in_mesa(society: Society, reading: Reading, warm: int, periods: int) -> tuple[float, float]:
    """Agent-steps a second of Mesa's example, and resident bytes an agent gained."""
    before = resident()
    model = mesa_model(society, 42, reading)

    def step(count: int = periods) -> None:
        for _ in range(count):
            model.step()

    step(warm)
    agents = len(model.agents)
    return best_rate(step, agents, periods, 1), max(resident() - before, 0) / agents


def row(side: int, shape: str, reading: Reading, warm: int, periods: int) -> str:
    """One line of the table."""
    society = replace(RUN_2, side=side)
    rate, arrays, gained = ours(society, reading, warm, max(periods, 2_000_000 // side**2))
    mine = f"{side:>5} {shape:<12} {rate / 1e6:>7.2f} M/s {arrays:>6.1f} B {gained:>6.1f} B"
    if side > LARGEST_MESA or not mesa_version():
        return mine
    theirs, bytes_theirs = in_mesa(society, reading, warm, periods)
    return f"{mine} {theirs:>9,.0f}/s {bytes_theirs / 1000:>6.1f} kB {rate / theirs:>8,.0f} x"


def main() -> None:
    """Print the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sides", type=int, nargs="+", default=[40, 200, 1000])
    words.add_argument("--warm", type=int, default=5, help="periods before the clock starts")
    words.add_argument("--periods", type=int, default=3, help="periods of Mesa that are timed")
    given = words.parse_args()
    build(replace(RUN_2, side=20), MESA, 1).advance(1)
    print(f"array copy {copy_bandwidth() / 1e9:.1f} GB/s; Mesa {mesa_version() or 'is not installed'}")
    print(
        f"{'side':>5} {'sight':<12} {'tocsin':>11} {'arrays':>8} {'grown':>8} {'Mesa':>11} {'grown':>9} {'ratio':>10}"
    )
    for side in given.sides:
        for shape, reading in SHAPES:
            print(row(side, shape, reading, given.warm, given.periods), flush=True)


if __name__ == "__main__":
    main()
