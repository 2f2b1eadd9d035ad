"""What a run costs in a batch, from one person for 10,000 to one for one; a ledger, pairs, and building nations.

    python benchmarks/batch.py                      runs at four thinnings, pairs, one run at 1:1      about 3 minutes
    python benchmarks/batch.py --ledger --build     the shipped ledger and 194 million people too      some minutes more

One core unless said otherwise; building and parameters are part of a run. `alone` is a batch of one in the same process:
what a run costs when the interpreter walks through all mechanisms for it only. `before` is what main f8d4f02 took on two
quiet cores of another machine, which stepped one world at a time. `cpu` is processor time, which other work on the
machine disturbs less.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
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
    print(f"{'people per agent':>16} {'worlds':>7} {'alone':>8} {'batch':>8} {'cpu':>8} {'ratio':>6} {'before':>7} {'wanted':>7}   ms a run")
    for thinning, (count, before, wanted) in SIZES.items():
        few = worlds(thinning, 3, 1000)
        alone, _ = clocked(lambda few=few: [simulate_all([w]) for w in few])
        many = worlds(thinning, count)
        wall, cpu = clocked(lambda many=many: simulate_all(many), 2)
        each = [1000 * s for s in (alone / len(few), wall / count, cpu / count)]
        told = f"{wanted}" if wanted else "-"
        print(f"{thinning:>16,} {count:>7} {each[0]:>8.1f} {each[1]:>8.1f} {each[2]:>8.1f} {each[0] / each[1]:>6.1f} {before:>7} {told:>7}")


def shares() -> None:
    """Where the time of a batch at 1:1000 goes."""
    loop, parts = Loop.of(worlds(1000, 256)), dict[str, float]()
    parts = defaultdict(float)
    watched(loop, parts)
    whole, _ = clocked(loop.go)
    loop.close()
    rules = sum(v for k, v in parts.items() if k not in PEOPLE)
    people = sum(parts[k] for k in PEOPLE)
    print(f"at 1:1000: mechanisms {rules / whole:.2f} of the steps (0.99 before, 0.4 wanted), people {people / whole:.2f}, the rest")
    print(f"  (composing, views, records) {1 - (rules + people) / whole:.2f}")


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
    print(f"building {people:,} people: {wall:.1f} s (cpu {cpu:.1f}; 8.0 before, 4 wanted); {1e9 * cpu / people:.1f} ns each,")
    print(f"  the time of {wall / (2 * size / bandwidth):.1f} copies of them")


def ledger() -> None:
    """The shipped ledger, every run made anew, two workers."""
    with tempfile.TemporaryDirectory() as folder:
        line = [sys.executable, "-m", "tocsin", "claims", CASE, "--workers", "2", "--store", f"{folder}/runs"]
        wall, _ = clocked(lambda: subprocess.run([*line, "--out", f"{folder}/ledger.html"], check=True, stdout=subprocess.DEVNULL))
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
