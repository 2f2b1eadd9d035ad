"""One person per person: whole countries, all features on; speed, memory, and the cost of each step and mechanism.

    python benchmarks/full_scale.py                                                      Kazakhstan, one core
    python benchmarks/full_scale.py --scenario kazakhstan-2022-alliance --days 10 --threads 2 --no-brute    six states

Prints person-ticks a second at the peak tick, over the whole run and with skipping off, ratios against the array-copy
bandwidth of the same machine in the same run, bytes a person, the largest memory of the process, and where the time
goes. Parameters sit at one quantile of every prior, medians by default, but for the trigger, whose share is set so that
the crowd is about the 50,000 reported on 5 January 2022 (kz017): a crowd of the reported size, not a fit.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from tocsin.engine.run import Loop
from tocsin.kernels.warmup import warm
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.vary import vary
from tocsin.world.build import Society, World

PEOPLE = ("choose", "befall", "push", "fingerprint")
"""The parts of a tick that loop over people."""


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


def watched(loop: Loop, parts: dict[str, float]) -> None:
    """Clock the parts of every society's people and every mechanism's rule."""

    def clocked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*args: Any) -> Any:
            begun = time.perf_counter()
            result = function(*args)
            parts[name] += time.perf_counter() - begun
            return result

        return inner

    for course in loop.courses:
        for name in PEOPLE:
            setattr(course.crowd, name, clocked(name, getattr(course.crowd, name)))
        phase = course.plan.phase

        def phased(name: str, phase: Callable[[str], Any] = phase) -> list[Any]:
            return [stand_in(m, clocked(m.name, m.rule)) for m in phase(name)]

        course.plan.phase = phased  # type: ignore[assignment]


def stand_in(m: Any, rule: Callable[..., Any]) -> Any:
    """A mechanism with a clocked rule."""
    return SimpleNamespace(**{n: getattr(m, n) for n in ("name", "reads", "columns", "switches", "draws")}, rule=rule)


def timed(loop: Loop, ticks: int) -> tuple[list[float], dict[str, float], list[int]]:
    """Step through; returns seconds a tick, seconds by part, turnout at home."""
    parts: dict[str, float] = defaultdict(float)
    watched(loop, parts)
    seconds: list[float] = []
    for tick in range(ticks):
        begun = time.perf_counter()
        loop.step(tick)
        seconds.append(time.perf_counter() - begun)
        if not len(loop.home.rows):
            break
    return seconds, dict(parts), loop.records.series["turnout"][: len(seconds), 0].sum(axis=1).tolist()


def report_speed(
    societies: Sequence[Society], seconds: list[float], parts: dict[str, float], turnout: list[int]
) -> None:
    """Speed at the peak and over the run, against copying the people's columns once."""
    peak, whole, slowest, people = int(np.argmax(turnout)), sum(seconds), max(seconds), size_of(societies)
    once = 2 * held_by(societies) / copy_bandwidth()
    ever = sum(int(society.counts[:, 1:8].sum()) for society in societies)
    print(f"peak turnout {max(turnout):,} at tick {peak}; ever {ever:,} of {people:,}; {len(seconds)} ticks")
    at_peak = people / seconds[peak] / 1e6
    print(f"peak tick      {at_peak:8.1f} M person-ticks/s  ({seconds[peak] * 1e3:.1f} ms, the time of")
    print(f"               {seconds[peak] / once:.1f} copies of the people); slowest {people / slowest / 1e6:.1f}")
    print(f"whole run      {people * len(seconds) / whole / 1e6:8.1f} M person-ticks/s  ({whole:.2f} s)")
    rules = {k: v for k, v in parts.items() if k not in PEOPLE}
    for name in PEOPLE:
        print(f"  {name:14s} {parts[name] / whole:6.1%}")
    print(f"  {'mechanisms':14s} {sum(rules.values()) / whole:6.1%}")
    for name, value in sorted(rules.items(), key=lambda kv: -kv[1]):
        print(f"    {name:12s} {value / whole:6.2%}")
    print(f"  {'the rest':14s} {1 - sum(parts.values()) / whole:6.1%}  (views, composing, recording)")


def size_of(societies: Sequence[Society]) -> int:
    """Simulated people."""
    return sum(int(society.layout.size.sum()) for society in societies)


def held_by(societies: Sequence[Society]) -> int:
    """Bytes of their columns."""
    return sum(column.nbytes for society in societies for column in society.people)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="kazakhstan-2022")
    parser.add_argument("--days", type=float, default=15)
    parser.add_argument("--people-per-agent", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quantile", type=float, default=0.5)
    parser.add_argument("--trigger", type=float, default=0.038, help="grievance.trigger_share")
    parser.add_argument("--no-brute", action="store_true", help="leave the run without skipping out")
    a = parser.parse_args()
    warm(print)
    size = {"people_per_agent": a.people_per_agent, "days": a.days}
    scenario = at_quantile(vary(load(a.scenario), size), a.quantile)
    scenario = vary(scenario, {"grievance.trigger_share": a.trigger})
    begun = time.perf_counter()
    loop = Loop.of([World(scenario, 1, 1)], threads=a.threads)
    built = time.perf_counter() - begun
    societies: list[Society] = [course.crowd.society for course in loop.courses]  # type: ignore[attr-defined]
    people = size_of(societies)
    print(f"{people:,} people in {len(societies)} societies built in {built:.2f} s, {a.threads} thread(s)")
    print(f"{held_by(societies) / people:.2f} bytes a person; copy bandwidth {copy_bandwidth() / 1e9:.1f} GB/s")
    seconds, parts, turnout = timed(loop, scenario.ticks)
    report_speed(societies, seconds, parts, turnout)
    print(f"building and running {built + sum(seconds):.1f} s")
    print(f"largest memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    if not a.no_brute:
        few = min(int(np.argmax(turnout)) + 1, len(seconds))
        brute = Loop.of([World(scenario, 1, 1)], threads=a.threads, skip=False)
        slow, _, _ = timed(brute, few)
        same = np.array_equal(brute.records.digests[:few], loop.records.digests[:few])
        print(f"skipping off   {people * few / sum(slow) / 1e6:8.1f} M person-ticks/s over {few} ticks")
        print(f"               {people / slow[-1] / 1e6:8.1f} at the peak tick; same bytes: {same}")


if __name__ == "__main__":
    main()
