"""One person per person: 19.5 million people, all features on, one core; speed, memory, and the cost of each step.

    python benchmarks/full_scale.py [--days 15] [--people-per-agent 1] [--threads 1] [--quantile 0.5]

Prints person-ticks a second at the peak tick, over the whole run and with skipping off, ratios against the array-copy
bandwidth of the same machine in the same run, bytes a person, and where the time goes. Parameters sit at one quantile
of every prior, medians by default, but for the trigger, whose share is set so that the crowd is about the 50,000
reported on 5 January 2022 (kz017): a benchmark of a crowd of the reported size, not a fit.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from typing import Any

import numpy as np

from tocsin.engine.crowd import Crowd
from tocsin.engine.run import Loop, memory_ticks, parameters_of
from tocsin.kernels.compile import warm
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.vary import vary
from tocsin.world.build import build


def at_quantile(scenario: Scenario, q: float) -> Scenario:
    """The scenario with every parameter fixed at one quantile of its prior."""
    changes: dict[str, object] = {}
    for m in MECHANISMS:
        for param in m.params:
            prior = scenario.parameters[f"{m.name}.{param.name}"].prior
            if prior.kind not in ("fixed", "simplex"):
                changes[f"{m.name}.{param.name}"] = min(max(prior.quantile(q), param.low), param.high)
    return vary(scenario, changes)


def copy_bandwidth(megabytes: int = 256) -> float:
    """Bytes read and written a second by a plain array copy, best of five."""
    a = np.ones(megabytes << 17)
    b = np.empty_like(a)
    best = 1e9
    for _ in range(5):
        begun = time.perf_counter()
        np.copyto(b, a)
        best = min(best, time.perf_counter() - begun)
    return 2 * a.nbytes / best


def timed(loop: Loop, ticks: int) -> tuple[list[float], dict[str, float], list[int]]:
    """Step through, timing whole ticks and the parts of the crowd; returns seconds a tick, seconds by part, turnout."""
    parts: dict[str, float] = defaultdict(float)

    def clocked(name: str, function: Any) -> Any:
        def inner(*args: Any) -> Any:
            begun = time.perf_counter()
            result = function(*args)
            parts[name] += time.perf_counter() - begun
            return result

        return inner

    for name in ("choose", "befall", "push", "fingerprint"):
        setattr(loop.crowd, name, clocked(name, getattr(loop.crowd, name)))
    seconds, turnout = [], []
    for tick in range(ticks):
        begun = time.perf_counter()
        loop.step(tick)
        seconds.append(time.perf_counter() - begun)
        turnout.append(int(loop.columns["turnout"].sum()))
        if loop.columns["end"][0]:
            break
    return seconds, dict(parts), turnout


def report_speed(loop: Loop, people: int, seconds: list[float], parts: dict[str, float], turnout: list[int]) -> None:
    """Speed at the peak and over the run, against copying the people's columns once."""
    peak, whole, slowest = int(np.argmax(turnout)), sum(seconds), max(seconds)
    once = 2 * sum(c.nbytes for c in loop.crowd.world.people) / copy_bandwidth()
    ever = int(loop.crowd.counts[:, 1:8].sum())
    print(f"peak turnout {max(turnout):,} at tick {peak}; ever {ever:,} of {people:,}; {len(seconds)} ticks")
    at_peak = people / seconds[peak] / 1e6
    print(f"peak tick      {at_peak:8.1f} M person-ticks/s  ({seconds[peak] * 1e3:.1f} ms, the time of")
    print(f"               {seconds[peak] / once:.1f} copies of the people); slowest {people / slowest / 1e6:.1f}")
    print(f"whole run      {people * len(seconds) / whole / 1e6:8.1f} M person-ticks/s  ({whole:.2f} s)")
    for name, value in sorted(parts.items(), key=lambda kv: -kv[1]):
        print(f"  {name:12s} {value / whole:6.1%}")
    print(f"  {'mechanisms':12s} {1 - sum(parts.values()) / whole:6.1%}  (all of Python: composing and recording too)")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=15)
    parser.add_argument("--people-per-agent", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quantile", type=float, default=0.5)
    parser.add_argument("--trigger", type=float, default=0.038, help="grievance.trigger_share")
    parser.add_argument("--no-brute", action="store_true", help="leave the run without skipping out")
    a = parser.parse_args()
    warm(print)
    size = {"people_per_agent": a.people_per_agent, "days": a.days}
    scenario = at_quantile(vary(load("kazakhstan-2022"), size), a.quantile)
    scenario = vary(scenario, {"grievance.trigger_share": a.trigger})
    parameters = parameters_of(scenario, 1)
    begun = time.perf_counter()
    world = build(scenario, parameters, 1)
    people = int(world.layout.size.sum())
    print(f"{people:,} people built in {time.perf_counter() - begun:.2f} s, {a.threads} thread(s)")
    print(f"copy bandwidth {copy_bandwidth() / 1e9:.1f} GB/s")
    print(f"{sum(c.nbytes for c in world.people) / people:.2f} bytes a person")
    spare = world.fork()
    memory = memory_ticks(scenario, parameters)
    loop = Loop(scenario, parameters, 1, world.setting, Crowd(world, memory, 1, a.threads))
    seconds, parts, turnout = timed(loop, scenario.ticks)
    report_speed(loop, people, seconds, parts, turnout)
    if not a.no_brute:
        few = min(int(np.argmax(turnout)) + 1, len(seconds))
        brute = Loop(scenario, parameters, 1, spare.setting, Crowd(spare, memory, 1, a.threads, skip=False))
        slow, _, _ = timed(brute, few)
        same = np.array_equal(brute.records.digests[:few], loop.records.digests[:few])
        print(f"skipping off   {people * few / sum(slow) / 1e6:8.1f} M person-ticks/s over {few} ticks")
        print(f"               {people / slow[-1] / 1e6:8.1f} at the peak tick; same bytes: {same}")


if __name__ == "__main__":
    main()
