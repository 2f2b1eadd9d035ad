"""The evidence of one registered structure, and the number that it gives, with its Monte Carlo error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Figure
from tocsin.claims.estimands import Asked
from tocsin.claims.weights import effective

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What the runs of one registered structure say. weights: of the runs, given the record (even ones: the prior).

    parameters: name -> [D]; beside: further figures, such as bounds; beside_prior: the same with even weights;
    runs: made or found, all worlds together.
    """

    structure: str
    asked: Asked
    weights: Floats
    parameters: Mapping[str, Floats] = field(default_factory=dict)
    beside: tuple[Figure, ...] = ()
    beside_prior: tuple[Figure, ...] = ()
    runs: int = 0

    @property
    def effective(self) -> float:
        """Effective sample size of the weights."""
        return effective(self.weights)


@dataclass(frozen=True)
class Number:
    """One number of one structure. certain: P(beyond the margin one way, the other way, within); for effects only."""

    value: float
    low: float
    high: float
    table: Floats
    weights: Floats
    certain: tuple[float, float, float] = (math.nan, math.nan, math.nan)

    @property
    def half(self) -> float:
        """Half the Monte Carlo interval."""
        return 0.5 * (self.high - self.low)


def number(asked: Asked, weights: Floats, margin: float) -> Number:
    """The number of one structure under some weights, with its Monte Carlo interval."""
    table = asked.tables[asked.binding(weights)]
    value = estimates.mean(table, weights)
    if math.isnan(value):
        return Number(value, -1.0 if asked.difference else 0.0, 1.0, table, weights)
    size = effective(np.where(np.isnan(table), 0.0, weights))
    if asked.difference:
        return _difference(table, weights, value, size, margin)
    return Number(value, *estimates.interval(table, weights, value, size), table, weights)


def _difference(table: Floats, weights: Floats, value: float, size: float, margin: float) -> Number:
    """A difference, and how much of its Monte Carlo distribution is beyond the margin.

    Numbers are resampled. Differences of shares are normal with the larger of two errors, that of resampling and that
    of paired shares, so that a few pairs which agree prove nothing.
    """
    means = estimates.resampled(table, weights)
    if not len(means):
        return Number(value, -1.0, 1.0, table, weights)
    error = estimates.paired(table, weights, size)
    if error is None:
        low, high = (float(v) for v in np.quantile(means, [0.025, 0.975]))
        up, down = float((means > margin).mean()), float((means < -margin).mean())
        return Number(value, low, high, table, weights, (up, down, 1.0 - up - down))
    law = NormalDist(value, max(error, float(means.std())))
    low, high = (max(-1.0, law.inv_cdf(0.025)), min(1.0, law.inv_cdf(0.975)))
    up, down = 1.0 - law.cdf(margin), law.cdf(-margin)
    return Number(value, low, high, table, weights, (up, down, 1.0 - up - down))
