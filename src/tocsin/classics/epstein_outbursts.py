"""Outbursts of Epstein's Model I: when they begin and end, how long the calm lasts, how many people take part.

An outburst begins when more than 50 are active and ends when fewer than 50 are: a period with exactly 50 continues it.
Total activation is the sum of actives over it. A waiting time runs from the last period of one outburst to the first of
the next; the time before the first and after the last one is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tocsin.classics.declare import Effort
from tocsin.classics.epstein_world import FLOOR, Ints, Past, Reading, Society, World, build
from tocsin.exact import Floats, log

LOUD, CALM = 50, 10
PERIODS = 3000
RUN_1 = Society(legitimacy=0.89, longest=15, cops=0.04, vision=1.7, moving=False)
RUN_2 = Society(legitimacy=0.82, longest=30, cops=0.04)
RUN_3 = Society(legitimacy=0.9, longest=None, cops=0.074)
RUN_5 = Society(legitimacy=0.8, longest=None, cops=0.074)
TURN = 77
"""The period from which legitimacy falls in Runs 3 and 4."""


def outbursts(active: Ints) -> list[tuple[int, int]]:
    """First and last period of each outburst in active int64[T]; one that has begun before or has not ended counts."""
    found, begun = [], -1
    for t, a in enumerate(active):
        if begun < 0 and a > LOUD:
            begun = t
        elif begun >= 0 and a < LOUD:
            found.append((begun, t - 1))
            begun = -1
    return found if begun < 0 else [*found, (begun, len(active) - 1)]


def measure(past: Past) -> dict[str, Any]:
    """The published moments of one run, as plain values."""
    bursts = outbursts(past.active)
    pairs = list(pairwise(bursts))
    long = [(a[1] + 1, b[0] - 1) for a, b in pairs if b[0] - a[1] > CALM]
    return {
        "outbursts": len(bursts),
        "peak": int(past.active.max()),
        "mean": float(past.active.mean()),
        "calm": float((past.active < CALM).mean()),
        "waits": [b[0] - a[1] for a, b in pairs],
        "activations": [int(past.active[a : b + 1].sum()) for a, b in bursts],
        "tenser": float(np.mean([past.tension[b] > past.tension[a] for a, b in long])) if long else -1.0,
    }


def survey(society: Society, reading: Reading, seeds: Iterable[int], periods: int) -> dict[str, Any]:
    """The moments of one run for each seed: {"runs": [...]}."""
    return {"runs": [measure(build(society, reading, s).advance(periods)) for s in seeds]}


def seeds_of(effort: Effort) -> range:
    """Seeds 1 to 20, in the quick form 1 to 6."""
    return range(1, effort.choose(6, 20) + 1)


def surveyed(effort: Effort, reading: Reading, seeds: range | None = None, periods: int = PERIODS) -> dict[str, Any]:
    """Run 2 under a reading."""
    seeds = seeds or seeds_of(effort)
    name = f"run 2, {reading.name}, seeds {seeds[0]}-{seeds[-1]}, {periods} periods"
    return effort.keep(name, lambda: survey(RUN_2, reading, seeds, periods))


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation; what cannot be had of so few is not a number."""
    x = np.asarray(values, dtype=np.float64)
    return (float(x.mean()) if x.size else np.nan), (float(x.std(ddof=1)) if x.size > 1 else np.nan)


def of_runs(survey: Mapping[str, Any], what: str) -> tuple[float, float]:
    """Mean over runs of the mean and of the standard deviation of `what` within a run; runs without two are skipped."""
    each = np.array([spread(run[what]) for run in survey["runs"] if len(run[what]) > 1]).reshape(-1, 2)
    mean, deviation = (spread(column.tolist())[0] for column in each.T)
    return mean, deviation


def errors_of(survey: Mapping[str, Any], what: str) -> tuple[float, float]:
    """Standard errors over runs of both numbers of `of_runs`; what cannot be had of so few is not a number."""
    each = np.array([spread(run[what]) for run in survey["runs"] if len(run[what]) > 1]).reshape(-1, 2)
    mean, deviation = (spread(column.tolist())[1] / np.sqrt(max(len(column), 1)) for column in each.T)
    return float(mean), float(deviation)


def slope(waits: Sequence[int], width: int = 10, above: int = 30) -> float:
    """Slope of log counts of waiting times above 30 against time, in bins of `width` that are not empty."""
    edges = np.arange(above, max([above, *waits]) + width + 1, width)
    counts, _ = np.histogram(waits, edges)
    full = counts > 0
    if full.sum() < 2:
        return float("nan")
    x, y = edges[:-1][full] + width / 2, log(counts[full])
    x = x - x.mean()
    return float((x * y).sum() / (x * x).sum())


def salami(periods: int) -> Floats:
    """Run 3: legitimacy falls from 0.9 by 0.01 a period from period 77 on, down to 0.2."""
    return np.maximum(0.2, 0.9 - 0.01 * np.maximum(0, np.arange(periods) - TURN + 1))


def jump(periods: int) -> Floats:
    """Run 4: legitimacy falls from 0.9 to 0.7 in period 77."""
    return np.where(np.arange(periods) < TURN, 0.9, 0.7)


def withdrawal(periods: int, cops: int) -> Ints:
    """Run 5: cops go evenly between periods 50 and 550."""
    left = 1.0 - np.clip((np.arange(periods) - 50) / 500.0, 0.0, 1.0)
    return np.floor(left * cops + 0.5).astype(np.int64)


def falls(reading: Reading, script: Callable[[int], Floats], seed: int, periods: int = 300) -> Past:
    """Run 3 or 4."""
    return build(RUN_3, reading, seed).advance(periods, legitimacy=script(periods))


def leaves(reading: Reading, seed: int, periods: int = 700) -> Past:
    """Run 5."""
    world = build(RUN_5, reading, seed)
    return world.advance(periods, cops=withdrawal(periods, round(RUN_5.cops * RUN_5.side**2)))


def interventions(reading: Reading, seeds: Iterable[int]) -> dict[str, Any]:
    """Runs 3, 4 and 5 for each seed: peaks, jailed at the end, cops left at the peak of Run 5 and its period."""
    runs = []
    for seed in seeds:
        slow, fast, bare = falls(reading, salami, seed), falls(reading, jump, seed), leaves(reading, seed)
        at = int(bare.active.argmax())
        runs.append(
            {
                "slow_peak": int(slow.active.max()), "slow_jail": int(slow.jailed[-1]),
                "fast_peak": int(fast.active.max()), "fast_jail": int(fast.jailed[-1]),
                "bare_peak": int(bare.active[at]), "bare_at": at, "bare_cops": int(bare.cops[at]),
            }
        )  # fmt: skip
    return {"runs": runs}


def deceived(world: World) -> tuple[int, int, int, int]:
    """Aggrieved free citizens and how many are active: without a cop in sight, then with one."""
    grid, society = world.grid, world.society
    aggrieved = grid.hardship * (1.0 - society.legitimacy) > society.threshold
    free, active = grid.state <= 1, grid.state == 1
    watched = grid.watchers[grid.at] > 0
    of = [aggrieved & free & w for w in (~watched, watched)]
    return int(of[0].sum()), int((of[0] & active).sum()), int(of[1].sum()), int((of[1] & active).sum())


def first_run(seeds: Iterable[int], reading: Reading = FLOOR, periods: int = 700) -> dict[str, Any]:
    """Run 1 for each seed: mean actives from period 100 on, the calmest, and who of the aggrieved hides."""
    runs = []
    for seed in seeds:
        world = build(RUN_1, reading, seed)
        past = world.advance(periods)
        later = past.active[100:]
        runs.append({"mean": float(later.mean()), "least": int(later.min()), "hidden": list(deceived(world))})
    return {"runs": runs}
