"""Intervals for shares, quantiles and paired differences, with no generator but a documented counter.

Runs come in two levels: draws of the parameters, and seeds within a draw. Values are arrays [D, S]; a run that is
missing is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Uints = NDArray[np.uint64]
Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
RESAMPLES = 2000
BLOCK = 250
"""Resamples held in memory at once."""


def wilson(hits: float, n: float) -> tuple[float, float]:
    """The 95 % score interval of a share, hits of n (Wilson 1927); (0, 1) for n = 0. `n` may be an effective number."""
    if n <= 0:
        return 0.0, 1.0
    p, zz = hits / n, Z95 * Z95
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    half = Z95 / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, min(middle - half, p)), min(1.0, max(middle + half, p))  # rounding must not shut out p itself


def share(yes: ArrayLike) -> tuple[float, float, float]:
    """Share of ones in 0/1 values [D, S] with its 95 % interval; NaN where nothing was measured.

    Wilson's interval with an effective number of runs: p(1-p) / v, where v is the variance of the share between draws
    (Kish 1965, design effect), kept between the number of draws and the number of runs. With one seed per draw the two
    agree. Seeds of one draw that agree, as they must when the share is 0 or 1, count as one.
    """
    values = np.atleast_2d(np.asarray(yes, dtype=np.float64))
    known = ~np.isnan(values)
    n, draws = int(known.sum()), int(known.any(axis=1).sum())
    if n == 0:
        return math.nan, 0.0, 1.0
    p = float(np.nansum(values)) / n
    number = effective_number(values, p, n, draws)
    low, high = wilson(p * number, number)
    return p, low, high


def effective_number(values: Floats, p: float, n: int, draws: int) -> float:
    """How many independent runs carry as much about the share p as these n runs of so many draws."""
    if n == draws or draws < 2:
        return float(draws)
    sums = np.nansum(values - p, axis=1)
    variance = draws / (draws - 1) * float(np.sum(sums * sums)) / n**2
    return float(draws) if variance == 0 else min(max(p * (1 - p) / variance, float(draws)), float(n))


def counter_uniform(stream: int, counters: Uints) -> Uints:
    """32 random bits per counter: SplitMix64 (Steele, Lea and Flood 2014), a bijection of (stream, counter).

    The same stream gives the same resamples on every machine; nothing is kept between calls.
    """
    with np.errstate(over="ignore"):
        x = (counters + np.uint64(stream * 1_000_000_007 % 2**64)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((x ^ (x >> np.uint64(31))) >> np.uint64(32))


def picks(stream: int, first: int, shape: tuple[int, ...], below: Uints | int) -> NDArray[np.int64]:
    """Whole numbers from 0 to `below` - 1, one per counter from `first` on."""
    counters = np.arange(first, first + math.prod(shape), dtype=np.uint64).reshape(shape)
    return np.asarray((counter_uniform(stream, counters) * np.asarray(below, np.uint64)) >> np.uint64(32), np.int64)


def bootstrap(values: ArrayLike, of: Callable[[Floats], Floats], stream: int = 1) -> tuple[float, float]:
    """The 95 % percentile interval of a statistic of [D, S] values: draws are resampled, then seeds within each.

    `of` maps [B, D, S] to [B] and must leave NaN out. One draw gives no interval (NaN, NaN).
    """
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    table = np.sort(table[~np.isnan(table).all(axis=1)], axis=1)  # what is missing last; the order of seeds is free
    draws, seeds = table.shape
    if draws < 2:
        return math.nan, math.nan
    counts = (~np.isnan(table)).sum(axis=1).astype(np.uint64)
    found = []
    for block in range(0, RESAMPLES, BLOCK):
        chosen = picks(2 * stream, block * draws, (BLOCK, draws), draws)
        per_draw = counts[chosen][:, :, None]
        inside = picks(2 * stream + 1, block * draws * seeds, (BLOCK, draws, seeds), per_draw)
        sample = table[chosen[:, :, None], inside]
        sample[np.arange(seeds)[None, None, :] >= per_draw] = np.nan
        found.append(of(sample))
    low, high = np.nanquantile(np.concatenate(found), [0.025, 0.975])
    return float(low), float(high)


def mean_of(sample: Floats) -> Floats:
    """The mean of each resample, [B, D, S] -> [B]."""
    return np.asarray(np.nanmean(sample, axis=(1, 2)))


def quantile_of(q: float) -> Callable[[Floats], Floats]:
    """The quantile of each resample, [B, D, S] -> [B]."""
    return lambda sample: np.asarray(np.nanquantile(sample.reshape(len(sample), -1), q, axis=1))


def paired_difference(a: ArrayLike, b: ArrayLike, stream: int = 2) -> tuple[float, float, float]:
    """The mean of a - b over pairs (same draw, same seed; [D, S] each) with its two-level 95 % interval."""
    difference = np.atleast_2d(np.asarray(a, np.float64) - np.asarray(b, np.float64))
    if np.isnan(difference).all():
        return math.nan, math.nan, math.nan
    return (float(np.nanmean(difference)), *bootstrap(difference, mean_of, stream))


def paired_shares(a: ArrayLike, b: ArrayLike, stream: int = 2) -> tuple[float, float, float]:
    """The difference of two paired shares (0/1 values, [D, S] each) with its 95 % interval.

    With one seed per draw: d = p12 - p21 +- 1.96 sqrt((p12 + p21 - d^2) / (n + 2)), where p12 and p21 are the shares of
    pairs that differ one way and the other, with one pair added to each (Bonett and Price 2012): a bootstrap would give
    no width when no pair differs. With several seeds: two-level bootstrap, unless no pair differs.
    """
    difference = np.atleast_2d(np.asarray(a, np.float64) - np.asarray(b, np.float64))
    value, low, high = paired_difference(a, b, stream)
    draws = int((~np.isnan(difference)).any(axis=1).sum())
    if draws == 0 or (difference.shape[1] > 1 and np.nanmax(np.abs(difference)) > 0):
        return value, low, high
    p12, p21 = (((difference == sign).sum() + 1.0) / (draws + 2.0) for sign in (1.0, -1.0))
    half = Z95 * math.sqrt((p12 + p21 - (p12 - p21) ** 2) / (draws + 2.0))
    return value, float(max(-1.0, p12 - p21 - half)), float(min(1.0, p12 - p21 + half))


def spread(values: ArrayLike) -> tuple[float, float, float]:
    """Median and the 5 % and 95 % points of the values that are known; NaN if none is."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if known.size == 0:
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(known, [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)
