"""Numbers from weighted pairs of runs, with what is known of their error; plain arrays, no politics.

A table is [D, S]: a row per draw of the parameters, a column per seed, NaN where a run is missing or does not count.
Weights have the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments.statistics import picks, wilson

Floats = NDArray[np.float64]
RESAMPLES = 1000
_BLOCK = 100


@dataclass(frozen=True)
class Spread:
    """Variance of a number by its origin; parameters and chance within one structure, structures between them."""

    parameters: float
    structures: float
    chance: float


def mean(table: Floats, weights: Floats) -> float:
    """Weighted mean over what is known; NaN if nothing is."""
    use = np.where(np.isnan(table), 0.0, weights)
    total = float(use.sum())
    return float((use * np.nan_to_num(table)).sum() / total) if total > 0 else float("nan")


def even(table: Floats) -> Floats:
    """The same weight for every known run."""
    known = ~np.isnan(table)
    return np.asarray(known / max(int(known.sum()), 1), dtype=np.float64)


def resampled(table: Floats, weights: Floats, stream: int = 11) -> Floats:
    """Weighted means of two-level resamples: draws, then seeds within each; float[RESAMPLES].

    Resamples in which nothing known has weight are left out. The same stream gives the same picks for all tables of a
    shape, so that differences of two results are paired.
    """
    draws, seeds = table.shape
    use = np.where(np.isnan(table), 0.0, weights)
    top = use * np.nan_to_num(table)
    found = []
    for block in range(0, RESAMPLES, _BLOCK):
        rows = picks(2 * stream, block * draws, (_BLOCK, draws), draws)
        columns = picks(2 * stream + 1, block * draws * seeds, (_BLOCK, draws, seeds), seeds)
        chosen = rows[:, :, None], columns
        below = use[chosen].sum(axis=(1, 2))
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(top[chosen].sum(axis=(1, 2)) / below)
    values = np.concatenate(found)
    return np.asarray(values[~np.isnan(values)])


def interval(table: Floats, weights: Floats, number: float, effective: float) -> tuple[float, float]:
    """95 % Monte Carlo interval of a weighted mean: resampling, and for shares at least Wilson's with Kish's number.

    Resampling alone gives no width where all runs agree.
    """
    values = resampled(table, weights)
    low, high = (float(v) for v in np.quantile(values, [0.025, 0.975])) if len(values) else (number, number)
    known = table[~np.isnan(table)]
    if known.size and np.isin(known, (0.0, 1.0)).all():
        a, b = wilson(number * effective, effective)
        low, high = min(low, a), max(high, b)
    return low, high


def paired(table: Floats, weights: Floats, effective: float) -> float | None:
    """Standard error of a difference of two shares, None if the table holds other values than -1, 0 and 1.

    sqrt((p + q - (p - q)^2) / (n + 2)) with one pair added to each of p and q, the shares of pairs that differ one way
    and the other (Bonett and Price 2012): resampling gives no width where no pair differs.
    """
    known = table[~np.isnan(table)]
    if not known.size or not np.isin(known, (-1.0, 0.0, 1.0)).all():
        return None
    size = effective + 2.0
    up, down = ((mean(np.where(np.isnan(table), np.nan, table == s), weights) * effective + 1) / size for s in (1, -1))
    return float(np.sqrt((up + down - (up - down) ** 2) / size))


def by_draw(table: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and weight of each draw, [D] each; the mean is over seeds by their weights, NaN where nothing is known."""
    use = np.where(np.isnan(table), 0.0, weights)
    total = use.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((use * np.nan_to_num(table)).sum(axis=1) / total), np.asarray(total)


def moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean and standard deviation over what is known."""
    known = ~np.isnan(values) & (weights > 0)
    if not known.any():
        return float("nan"), float("nan")
    v, w = values[known], weights[known] / weights[known].sum()
    middle = float((w * v).sum())
    return middle, float(np.sqrt((w * (v - middle) ** 2).sum()))


def origins(table: Floats, weights: Floats) -> tuple[float, float]:
    """Variance of a table between draws and within them (nested analysis of variance, weighted).

    The variance of the draws' means holds a part of chance, s^2/n for n seeds; it is taken off. One seed a draw cannot
    tell the two apart: all of it is counted as chance.
    """
    known = ~np.isnan(table) & (weights > 0)
    middle, _ = by_draw(table, np.where(known, weights, 0.0))
    counts = known.sum(axis=1)
    share = np.where(known, weights, 0.0).sum(axis=1)
    if not share.sum():
        return float("nan"), float("nan")
    share = share / share.sum()
    several = counts > 1
    squares = np.where(known, (np.nan_to_num(table) - np.nan_to_num(middle)[:, None]) ** 2, 0.0).sum(axis=1)
    grand = float((share * np.nan_to_num(middle)).sum())
    between = float((share * (np.nan_to_num(middle) - grand) ** 2).sum())
    if not several.any():
        return 0.0, between
    inner = squares[several] / (counts[several] - 1)
    chance = float((share[several] * inner).sum() / max(share[several].sum(), 1e-300))
    return max(between - chance / float(counts[several].mean()), 0.0), chance


def overlap(values: Floats, first: Floats, second: Floats, bins: int = 20) -> float:
    """Common mass of two weightings of the same values, 0 to 1, on equal bins over their range."""
    known = ~np.isnan(values)
    v, a, b = values[known], first[known], second[known]
    if not v.size or not a.sum() or not b.sum():
        return 1.0
    edges = np.linspace(v.min() - 1e-9, v.max() + 1e-9, bins + 1)
    one, two = (np.histogram(v, edges, weights=w / w.sum())[0] for w in (a, b))
    return float(np.minimum(one, two).sum())
