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
TOLD = 1e-6
"""Share of the weight that further seeds, or further draws, must have to tell anything."""


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


def interval(
    table: Floats, weights: Floats, number: float, effective: float, *, share: bool = False
) -> tuple[float, float]:
    """95 % Monte Carlo interval of a weighted mean: resampling, and for shares at least Wilson's with Kish's number.

    Resampling alone gives no width where all runs agree. share: values lie between 0 and 1, so that Wilson's interval,
    that of zeros and ones, is the widest; without it only tables of zeros and ones are taken for shares.
    """
    values = resampled(table, weights)
    low, high = (float(v) for v in np.quantile(values, [0.025, 0.975])) if len(values) else (number, number)
    known = table[~np.isnan(table)]
    if known.size and (share or np.isin(known, (0.0, 1.0)).all()):
        a, b = wilson(number * effective, effective)
        low, high = min(low, a), max(high, b)
    return low, high


def paired(table: Floats, weights: Floats, effective: float, contrasts: int = 1) -> float | None:
    """Standard error of a difference of two shares, None if the table holds other values than -1, 0 and 1.

    sqrt((p + q - (p - q)^2) / (n + 2)) with one pair added to each of p and q, the shares of pairs that differ one way
    and the other (Bonett and Price 2012): resampling gives no width where no pair differs. contrasts: how many such
    differences c the table adds up (values -c to c); one pair is then added either way for each,
    sqrt((E[x^2] - E[x]^2) / (n + 2c)).
    """
    known = table[~np.isnan(table)]
    if not known.size or not np.isin(known, np.arange(-contrasts, contrasts + 1.0)).all():
        return None
    size = effective + 2.0 * contrasts
    middle = mean(table, weights) * effective / size
    square = (mean(table**2, weights) * effective + 2.0 * contrasts) / size
    return float(np.sqrt((square - middle**2) / size))


def posterior(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Posterior probability of the second of two models at even odds, as a table whose weighted mean it is.

    first, second: ln likelihoods [D, S] of the same slots. With L = exp(ln), a pair has the value L2 / (L1 + L2) and a
    weight in proportion to L1 + L2, so that the mean is sum L2 / (sum L1 + sum L2) = m2 / (m1 + m2) for mean
    likelihoods m, and resamples of draws and seeds are paired. Sums are taken on ln, so that small ones do not vanish.
    """
    known = ~np.isnan(first) & ~np.isnan(second)
    if not known.any():
        return np.full_like(first, np.nan), np.zeros_like(first)
    one, two = (np.where(known, ln, 0.0) for ln in (first, second))
    total = np.logaddexp(one, two)
    weights = np.where(known, np.exp(total - total[known].max()), 0.0)
    return np.where(known, np.exp(two - total), np.nan), np.asarray(weights / weights.sum())


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


@dataclass(frozen=True)
class Levels:
    """Draws and chance of a table. means, share, own: [D], of the draws that have weight.

    own: the part of the variance of chance that a draw's mean holds, the sum of squares of its seeds' shares;
    parameters, chance: variance between draws and within them (NaN: the table cannot tell); freedom: degrees of freedom
    of the latter.
    """

    means: Floats
    share: Floats
    own: Floats
    parameters: float
    chance: float
    freedom: float


def levels(table: Floats, weights: Floats) -> Levels:
    """Nested analysis of variance, weighted and without bias whatever the weights.

    The variance of the draws' means, sum of s (x - m)^2 for shares s, is expected to be (1 - sum of s^2) v plus the sum
    of s (1 - s) own c, for variances v of parameters and c of chance. A draw in which one seed has all the weight tells
    nothing of c, and holds all of it.
    """
    use = np.where(np.isnan(table), 0.0, weights)
    held = use.sum(axis=1) > 0
    use, values = use[held], np.nan_to_num(table[held])
    if not len(use):
        return Levels(np.zeros(0), np.zeros(0), np.zeros(0), float("nan"), float("nan"), 0.0)
    share = use.sum(axis=1) / use.sum()
    inner = use / use.sum(axis=1)[:, None]
    means, own = (inner * values).sum(axis=1), (inner**2).sum(axis=1)
    free, squares = 1.0 - own, (inner * (values - means[:, None]) ** 2).sum(axis=1)
    told, alone = float((share * free).sum()), 1.0 - float((share**2).sum())
    if told < TOLD or alone < TOLD:
        chance = float((share * squares).sum()) / told if told >= TOLD else float("nan")
        return Levels(means, share, own, float("nan"), chance, 0.0)
    chance = float((share * squares).sum()) / told
    between = float((share * (means - (share * means).sum()) ** 2).sum())
    parameters = max((between - chance * float((share * (1.0 - share) * own).sum())) / alone, 0.0)
    return Levels(means, share, own, parameters, chance, told**2 / float((share**2 * free * own).sum()))


def origins(table: Floats, weights: Floats) -> tuple[float, float]:
    """Variance of a table between draws and within them; NaN if nothing is known.

    One seed a draw cannot tell the two apart: all of it is counted as chance. One draw has no variance between draws.
    """
    found = levels(table, weights)
    if not len(found.means):
        return float("nan"), float("nan")
    if np.isnan(found.chance):
        return 0.0, moments(found.means, found.share)[1] ** 2
    return (0.0 if np.isnan(found.parameters) else found.parameters), found.chance


def overlap(values: Floats, first: Floats, second: Floats, bins: int = 20) -> float:
    """Common mass of two weightings of the same values, 0 to 1, on equal bins over their range."""
    known = ~np.isnan(values)
    v, a, b = values[known], first[known], second[known]
    if not v.size or not a.sum() or not b.sum():
        return 1.0
    edges = np.linspace(v.min() - 1e-9, v.max() + 1e-9, bins + 1)
    one, two = (np.histogram(v, edges, weights=w / w.sum())[0] for w in (a, b))
    return float(np.minimum(one, two).sum())
