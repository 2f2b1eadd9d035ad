"""What pairing by seed is worth: how many independent runs would have told as much."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.experiments.statistics import BLOCK, RESAMPLES, picks

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairingGain:
    """The variance of a paired difference against that of two ensembles of their own.

    pairs: pairs of runs; ratio: variance with other draws and other seeds in each world over the variance as paired,
    with its two-level 95 % interval; infinite if no pair differs; saved: runs in each world that independent ensembles
    would need beyond these for the same interval (negative: pairing costs); seeds_ratio: the same ratio with the same
    draws and other seeds, NaN with one seed per draw.
    """

    pairs: int
    ratio: float
    interval: tuple[float, float]
    saved: float
    seeds_ratio: float


def pairing_gain(a: ArrayLike, b: ArrayLike, stream: int = 3) -> PairingGain:
    """How many runs pairing saves in the mean of a - b ([D, S] each, same draw and seed; NaN where a run is missing).

    The variance of a mean is that between draws (every draw counts alike), so
    ratio = (Var[a_d] + Var[b_d]) / Var[a_d - b_d], where x_d is the mean of a draw over its seeds.
    With the same draws and other seeds the variance within draws would be that of a plus that of b, not of a - b:
    seeds_ratio = 1 + (mean_d[v_d(a) + v_d(b) - v_d(a - b)] / S) / Var[a_d - b_d] (v_d: variance over seeds; conditional
    Monte Carlo: Glasserman and Yao 1992). Few pairs that differ make both ratios uncertain: read the interval.
    """
    first, second = (np.atleast_2d(np.asarray(x, np.float64)) for x in (a, b))
    known = ~np.isnan(first - second)
    here = known.any(axis=1)
    first, second = (np.where(known, x, np.nan)[here] for x in (first, second))
    pairs = int(known.sum())
    if len(first) < 2:
        return PairingGain(pairs, math.nan, (math.nan, math.nan), math.nan, math.nan)
    means = np.stack([np.nanmean(first, axis=1), np.nanmean(second, axis=1)])
    ratio = float(_ratio(means[:, None, :])[0])
    saved = (ratio - 1.0) * pairs
    return PairingGain(pairs, ratio, _interval(means, stream), saved, _seeds_ratio(first, second))


def _ratio(means: Floats) -> Floats:
    """[2, B, D] -> [B]: variance of each side added up, over the variance of the difference; infinite over zero."""
    apart = means.var(axis=2, ddof=1).sum(axis=0)
    paired = (means[0] - means[1]).var(axis=1, ddof=1)
    tiny = 1e-12 * np.maximum(apart, 1e-300)
    return np.asarray(np.where(paired > tiny, apart / np.maximum(paired, tiny), np.where(apart > 0, np.inf, np.nan)))


def _interval(means: Floats, stream: int) -> tuple[float, float]:
    """Percentile interval over resampled draws; a resample in which nothing varies tells nothing."""
    draws = means.shape[1]
    found = []
    for block in range(0, RESAMPLES, BLOCK):
        chosen = picks(2 * stream, block * draws, (BLOCK, draws), draws)
        found.append(_ratio(means[:, chosen]))
    ratios = np.concatenate(found)
    ratios = ratios[~np.isnan(ratios)]
    if not ratios.size:
        return math.nan, math.nan
    low, high = np.quantile(ratios, [0.025, 0.975], method="nearest")
    return float(low), float(high)


def _seeds_ratio(first: Floats, second: Floats) -> float:
    difference = first - second
    counts = (~np.isnan(difference)).sum(axis=1)
    if counts.max() < 2:
        return math.nan
    several = counts >= 2
    within = [np.nanvar(x[several], axis=1, ddof=1) for x in (first, second, difference)]
    change = float(np.mean((within[0] + within[1] - within[2]) / counts[several]))
    paired = float(np.nanmean(difference, axis=1).var(ddof=1))
    return 1.0 + change / paired if paired > 0 else math.inf if change > 0 else math.nan
