"""Sensitivity: which of the swept things move a number, by variance (Sobol) and by screening (Morris).

All points share draws and seeds, so that a number differs between points only by what was changed. Chance still decides
through which seeds were taken: the intervals resample them, and `rest` says how much of a single run is not swept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UsageError
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import Share
from tocsin.experiments.labour import Hands
from tocsin.experiments.points import Axis, axes_of, sobol
from tocsin.experiments.statistics import RESAMPLES, counter_uniform, picks
from tocsin.experiments.sweep import Sweep, sweep_at
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Statistic = Callable[[Floats, Ints, float], Floats]
"""([block, row, slot], which rows these are, how often chance is taken off) -> [m]."""
LEVELS = 4
"""Levels of Morris's grid; a step is LEVELS / (2 (LEVELS - 1)) of an axis."""
STEP = LEVELS / (2.0 * (LEVELS - 1))
HIDDEN = 0.025
"""Share of resamples without variance beyond chance from which no index is told."""
NOTHING = (np.nan, np.nan, np.nan)
SALTELLI, MORRIS = "saltelli", "morris"


@dataclass(frozen=True)
class Indices:
    """Sobol indices of one number, name -> (value, low, high) with 95 % intervals.

    first: share of the variance over points that is gone once this is known; total: share that is left while only this
    is unknown; rest: share of the variance of single runs that nothing swept explains. NaN where nothing varies, or no
    more than chance alone would make it.
    """

    what: str
    sweep: Sweep
    first: Mapping[str, Share]
    total: Mapping[str, Share]
    rest: float


@dataclass(frozen=True)
class Screening:
    """Morris's elementary effects of one number per whole axis, name -> (value, low, high) with 95 % intervals.

    size: mean of their absolute values (mu*); mean: their mean (mu), which tells the sign; spread: their standard
    deviation (sigma): large beside the size where the effect depends on the other axes or is curved.
    """

    what: str
    sweep: Sweep
    size: Mapping[str, Share]
    mean: Mapping[str, Share]
    spread: Mapping[str, Share]


def indices(
    scenario: Scenario,
    over: Mapping[str, object],
    *,
    points: int = 64,
    seeds: int = 10,
    seed: int = 1,
    store: str | Path | None = None,
    **hands: Unpack[Hands],
) -> Sweep:
    """The sweep from which `sobol_indices` reads: points (a power of two) x (k + 2) worlds for k axes (Saltelli 2010).

    Blocks of points: A, B, then A with column i of B for each axis; `over` as for `sweep`.
    """
    axes = _several(axes_of(scenario, over))
    return sweep_at(scenario, axes, saltelli(points, len(axes), seed), Design(seeds, seed), SALTELLI, store, **hands)


def screening(
    scenario: Scenario,
    over: Mapping[str, object],
    *,
    points: int = 10,
    seeds: int = 10,
    seed: int = 1,
    store: str | Path | None = None,
    **hands: Unpack[Hands],
) -> Sweep:
    """The sweep from which `morris_effects` reads: points trajectories x (k + 1) worlds for k axes (Morris 1991)."""
    axes = _several(axes_of(scenario, over))
    return sweep_at(scenario, axes, morris(points, len(axes), seed), Design(seeds, seed), MORRIS, store, **hands)


def _several(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    for axis in axes:
        if len(axis.levels) == 1:
            raise UsageError(f"{axis.name} has one level", expected="two or more", do="leave it out, or add a level")
    return axes


def saltelli(points: int, width: int, seed: int) -> Floats:
    """float[points * (width + 2), width]: A, B and the mixtures AB_i, from one Sobol sequence of 2 * width columns."""
    both = sobol(points, 2 * width, seed)
    a, b = both[:, :width], both[:, width:]
    mixed = []
    for i in range(width):
        one = a.copy()
        one[:, i] = b[:, i]
        mixed.append(one)
    return np.concatenate([a, b, *mixed])


def morris(trajectories: int, width: int, seed: int) -> Floats:
    """float[trajectories * (width + 1), width]: each a start on the grid, then one step along every axis."""
    if trajectories < 2:
        raise UsageError(f"{trajectories} trajectories", expected="2 or more", do="ask for more points")
    bits = counter_uniform(5 * seed, np.arange(3 * trajectories * width, dtype=np.uint64)).reshape(
        3, trajectories, width
    )
    up = bits[1] >= 2**31
    start = np.asarray((bits[0] * np.uint64(LEVELS // 2)) >> np.uint64(32), np.float64) / (LEVELS - 1)
    start = np.where(up, start, start + STEP)
    order = np.argsort(bits[2], axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    moved = rank[:, None, :] < np.arange(width + 1)[None, :, None]
    paths = start[:, None, :] + moved * np.where(up, STEP, -STEP)[:, None, :]
    return np.asarray(paths.reshape(-1, width))


def sobol_indices(made: Sweep, what: str = "fallen") -> Indices:
    """First-order and total indices of a number over a sweep of `indices`.

    f: mean over the slots, less its mean over points. V = mean(f^2) over A and B;
    S_i = mean(f_B (f_AB_i - f_A)) / V (Saltelli and others 2010), T_i = mean((f_A - f_AB_i)^2) / (2 V) (Jansen 1999).
    From each product of two means over S slots the part that chance alone would give is taken off: their covariance
    over the slots, over S (with one slot nothing is known of it, and chance counts as the working of the axes).
    Intervals: 2,000 resamples of the points and, across all points alike, of the slots.
    """
    values = _blocks(made, what, SALTELLI, len(made.axes) + 2, stack=0)
    found = _with_intervals(values, _variance_shares, slots=True)
    names = [axis.name for axis in made.axes]
    first, total = found[: len(names)], found[len(names) :]
    return Indices(
        what, made, dict(zip(names, first, strict=True)), dict(zip(names, total, strict=True)), _rest(values)
    )


def _variance_shares(f: Floats, _: Ints, times: float) -> Floats:
    """[k + 2, n, S] -> [2 k]: first-order, then total indices; NaN where nothing varies."""
    centred = f - f[:2].mean(axis=(0, 1))
    a, b, mixed = centred[0], centred[1], centred[2:]
    variance = _product(centred[:2], centred[:2], times).mean()
    if variance <= 1e-15 * max(float((f**2).mean()), 1e-300):
        return np.full(2 * len(mixed), np.nan)
    first = _product(b[None], mixed - a, times).mean(axis=1) / variance
    total = _product(a - mixed, a - mixed, times).mean(axis=1) / (2.0 * variance)
    return np.concatenate([first, total])


def _product(x: Floats, y: Floats, times: float) -> Floats:
    """Product of the means over slots, [..., S] -> [...], less `times` what chance adds to it.

    times: 1 for runs; 2 for runs drawn again from them, whose means have the chance of both.
    """
    slots = x.shape[-1]
    mean_x, mean_y = x.mean(axis=-1), y.mean(axis=-1)
    if slots < 2:
        return np.asarray(mean_x * mean_y)
    covariance = ((x * y).mean(axis=-1) - mean_x * mean_y) * slots / (slots - 1)
    return np.asarray(mean_x * mean_y - times * covariance / slots)


def _rest(values: Floats) -> float:
    """Mean variance over the slots of a point, as a share of the variance of single runs; 0 with one slot.

    The variance of single runs of A and B is that over the slots (with S - 1 degrees of freedom) and that over the
    points, from which what chance adds to means of S slots is taken off; less than none is none.
    """
    ends = values[:2].reshape(-1, values.shape[2])
    chance = float(ends.var(axis=1, ddof=1).mean()) if ends.shape[1] > 1 else 0.0
    centred = ends - ends.mean(axis=0)
    whole = chance + max(float(_product(centred, centred, 1.0).mean()), 0.0)
    return chance / whole if whole > 0 else float("nan")


def morris_effects(made: Sweep, what: str = "fallen") -> Screening:
    """Elementary effects of a number over a sweep of `screening`: size (Campolongo and others 2007), mean and spread.

    f: mean over the slots; an effect is the change of f over the step. Chance makes sizes and spreads larger: the fewer
    the slots, the more. Intervals: 2,000 resamples of the trajectories and, for the mean, of the slots.
    """
    width = len(made.axes)
    values = _blocks(made, what, MORRIS, width + 1, stack=1)
    steps = np.diff(made.places.reshape(-1, width + 1, width), axis=1)
    axis_of = np.abs(steps).argmax(axis=2)
    length = np.take_along_axis(steps, axis_of[:, :, None], axis=2)[:, :, 0]
    place = np.argsort(axis_of, axis=1)

    def effects(f: Floats, chosen: Ints, _: float) -> Floats:
        changes = np.diff(f.mean(axis=2), axis=0).T / length[chosen]
        each = np.take_along_axis(changes, place[chosen], axis=1)
        return np.concatenate([np.abs(each).mean(axis=0), each.std(axis=0, ddof=1), each.mean(axis=0)])

    found = _with_intervals(values, effects, slots=False)[: 2 * width]
    found += _with_intervals(values, effects, slots=True)[2 * width :]
    names = [axis.name for axis in made.axes]
    size, spread, mean = (dict(zip(names, found[i * width : (i + 1) * width], strict=True)) for i in range(3))
    return Screening(what, made, size, mean, spread)


def _blocks(made: Sweep, what: str, design: str, width: int, *, stack: int) -> Floats:
    """The number as [block, row, slot], only slots in which no run is missing.

    stack: 0 where the blocks follow each other, 1 where the rows do.
    """
    if made.design != design:
        raise UsageError(
            f"a sweep of the design {made.design!r}", expected=f"one of the design {design!r}",
            do="make it with `indices` or `screening`",
        )  # fmt: skip
    values = made.column(what)
    kept = values[:, ~np.isnan(values).any(axis=0)]
    if not kept.shape[1]:
        raise UsageError(
            f"{what} is missing at some point in every slot", expected="a number that every run has",
            do="choose another, or make failed runs again with retry",
        )  # fmt: skip
    if stack == 0:
        return np.asarray(kept.reshape(width, -1, kept.shape[1]))
    return np.asarray(kept.reshape(-1, width, kept.shape[1]).transpose(1, 0, 2))


def _with_intervals(values: Floats, of: Statistic, *, slots: bool) -> list[Share]:
    """A statistic with percentile intervals over resampled rows and, if told, slots; NaN where it cannot be told."""
    _, rows, number = values.shape
    best = of(values, np.arange(rows), 1.0)
    chosen = picks(11, 0, (RESAMPLES, rows), rows)
    seeds = picks(12, 0, (RESAMPLES, number), number)
    again = slots and number > 1
    tries = []
    for row, slot in zip(chosen, seeds, strict=True):
        sample = values[:, row]
        tries.append(of(sample[:, :, slot], row, 2.0) if again else of(sample, row, 1.0))
    table = np.array(tries)
    if np.isnan(best).any() or np.isnan(table).any(axis=1).mean() > HIDDEN:
        return [NOTHING] * len(best)
    low, high = np.nanquantile(table, [0.025, 0.975], axis=0)
    return [(float(v), float(a), float(b)) for v, a, b in zip(best, low, high, strict=True)]
