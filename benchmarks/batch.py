"""What a run costs in a batch, from one person for 10,000 to one for one; a ledger, pairs, and building nations.

    python benchmarks/batch.py                      runs at four thinnings, pairs, one run at 1:1      about 3 minutes
    python benchmarks/batch.py --ledger --build     the shipped ledger and 194 million people too      some minutes more

One core unless said otherwise; building and parameters are part of a run. `alone` is a batch of one in the same run:
what a run costs when the interpreter walks through all mechanisms for it only. `before` is what stepping one world at a
time took (main f8d4f02, two quiet cores of another machine). `cpu` is processor time, which other work on the machine
disturbs less. Times are the least of two tries.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from full_scale import PEOPLE, copy_bandwidth, watched

import tocsin
from tocsin.engine.run import Loop, simulate_all
from tocsin.kernels.warmup import warm
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.world.build import World, build, parameters_of

CASE, LEAGUE = "kazakhstan-2022", "kazakhstan-2022-alliance"
SIZES = {10_000: (256, 630, None), 1000: (256, 640, 20), 100: (64, 730, 100), 10: (8, 850, 500)}
"""People per agent -> worlds in the batch; milliseconds a run before, and wanted."""


def clocked(work: Callable[[], Any], tries: int = 1) -> tuple[float, float]:
    """Least wall and processor seconds of some tries."""
    wall = cpu = float("inf")
    for _ in range(tries):
        begun, used = time.perf_counter(), time.process_time()
        work()
        wall, cpu = min(wall, time.perf_counter() - begun), min(cpu, time.process_time() - used)
    return wall, cpu


def worlds(thinning: int, count: int, first: int = 0, **changes: object) -> list[World]:
    """So many runs of the founding case, half of them without the request, each draw in both worlds."""
    base = load(CASE).vary({"people_per_agent": thinning, **changes})
    both = (base, base.world("no-request"))
    return [World(both[i % 2], first + i // 2, first + i // 2) for i in range(count)]


def runs() -> None:
    """Runs in batches against runs alone."""
    heads = ("people per agent", "worlds", "alone", "batch", "cpu", "ratio", "before", "wanted")
    print("  ".join(heads), "  (ms a run)")
    for thinning, (count, before, wanted) in SIZES.items():
        few, many = worlds(thinning, 3, 1000), worlds(thinning, count)
        alone, _ = clocked(partial(one_by_one, few))
        wall, cpu = clocked(partial(simulate_all, many), 2)
        each = [1000 * alone / len(few), 1000 * wall / count, 1000 * cpu / count]
        row = (f"{thinning:,}", count, *(f"{ms:.1f}" for ms in each), f"{each[0] / each[1]:.1f}", before, wanted or "-")
        print("  ".join(f"{value:>{len(head)}}" for head, value in zip(heads, row, strict=True)))


def one_by_one(few: list[World]) -> None:
    """Each in a batch of its own."""
    for world in few:
        simulate_all([world])


def shares() -> None:
    """Where the time of the steps of a batch goes."""
    loop, parts = Loop.of(worlds(1000, 256)), defaultdict[str, float](float)
    watched(loop, parts)
    whole, _ = clocked(loop.go)
    loop.close()
    people = sum(parts[name] for name in PEOPLE) / whole
    rules = sum(seconds for name, seconds in parts.items() if name not in PEOPLE) / whole
    print(
        f"steps at 1:1000: mechanisms {rules:.2f} (0.99 before, 0.4 wanted), people {people:.2f}, composing and records"
    )
    print(f"  {1 - rules - people:.2f}")


def pairs() -> None:
    """Forty paired runs of fifteen days at 1:100 on two cores, the start of the workers included."""
    base = load(CASE).vary({"people_per_agent": 100, "days": 15})
    wall, _ = clocked(lambda: tocsin.contrast(base, base.world("no-request"), runs=40, workers=2))
    print(f"40 paired runs of 15 days at 1:100, two cores: {wall:.1f} s (27 before, 4 wanted)")


def full() -> None:
    """One run at one person per person."""
    (world,) = worlds(1, 1, 11)
    wall, cpu = clocked(lambda: simulate_all([world]))
    people = world.scenario.people
    print(f"1:1, {people:,} people, {world.scenario.days:g} days: {wall:.1f} s (cpu {cpu:.1f})")


def building() -> None:
    """The people of six states, one for one."""
    scenario: Scenario = load(LEAGUE).vary({"people_per_agent": 1})
    parameters, bandwidth = parameters_of(scenario, 1), copy_bandwidth()
    held: list[Any] = []
    wall, cpu = clocked(lambda: held.extend(build([World(scenario, 1, 1)], [parameters])))
    size = sum(column.nbytes for society in held for column in society.people)
    people = sum(int(society.layout.size.sum()) for society in held)
    print(f"building {people:,} people: {wall:.1f} s (cpu {cpu:.1f}; 8.0 before, 4 wanted),")
    print(f"  {1e9 * cpu / people:.1f} ns each, the time of {wall / (2 * size / bandwidth):.1f} copies of them")


def ledger() -> None:
    """The shipped ledger, every run made anew, two workers."""
    with tempfile.TemporaryDirectory() as folder:
        files = ("--store", f"{folder}/runs", "--to", f"{folder}/ledger.html")
        line = (sys.executable, "-m", "tocsin", "claims", CASE, "--workers", "2", *files)
        wall, _ = clocked(lambda: subprocess.run(line, check=True, stdout=subprocess.DEVNULL))
    print(f"the shipped ledger at 1:100, two cores: {wall:.0f} s (1,900 before, 120 wanted)")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ledger", action="store_true", help="make the shipped ledger")
    parser.add_argument("--build", action="store_true", help="build six states at 1:1")
    chosen = parser.parse_args()
    print(f"kernels ready in {warm(print):.1f} s; copy bandwidth {copy_bandwidth() / 1e9:.1f} GB/s")
    runs()
    shares()
    pairs()
    full()
    if chosen.build:
        building()
    if chosen.ledger:
        ledger()


if __name__ == "__main__":
    main()
