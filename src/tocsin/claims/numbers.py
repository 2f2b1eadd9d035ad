"""The evidence of one registered structure, and the number that it gives, with its Monte Carlo error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Figure
from tocsin.claims.estimands import Asked
from tocsin.claims.weights import effective

Floats = NDArray[np.float64]
STEPS = 1000
"""Points by which a normal error is laid out."""


@dataclass(frozen=True)
class Evidence:
    """What the runs of one registered structure say. weights: of the runs, given the record (even ones: the prior).

    parameters: name -> [D]; beside: further figures, such as bounds; beside_prior: the same with even weights;
    runs: made or found, all worlds together; setting: the combination of factors that it is about, if of one.
    """

    structure: str
    asked: Asked
    weights: Floats
    parameters: Mapping[str, Floats] = field(default_factory=dict)
    beside: tuple[Figure, ...] = ()
    beside_prior: tuple[Figure, ...] = ()
    runs: int = 0
    setting: str = ""

    @property
    def name(self) -> str:
        """Structure and setting."""
        return f"{self.structure}, {self.setting}" if self.setting else self.structure

    def by_setting(self) -> list[Evidence]:
        """One piece of evidence for each setting."""
        return [replace(self, asked=asked, setting=name) for name, asked in self.asked.by_setting().items()]

    @property
    def effective(self) -> float:
        """Effective sample size of the weights."""
        return effective(self.weights)


@dataclass(frozen=True)
class Number:
    """One number of one structure. low, high: its Monte Carlo interval.

    certain: P(the effect of the parameters is beyond the margin one way, the other way, within); NaN where it is no
    effect, or where every draw has one seed only.
    """

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
        ends = (-float(asked.contrasts), float(asked.contrasts)) if asked.difference else (0.0, 1.0)
        return Number(value, *ends, table, weights)
    size = effective(np.where(np.isnan(table), 0.0, weights))
    if asked.difference:
        error = estimates.paired(table, weights, size, asked.contrasts)
        return _difference(table, weights, error, margin, float(asked.contrasts))
    return Number(value, *estimates.interval(table, weights, value, size, share=True), table, weights)


def _difference(table: Floats, weights: Floats, error: float | None, margin: float, most: float) -> Number:
    """A difference between -most and most, its Monte Carlo interval, and how much of it is beyond the margin.

    The interval is of the mean. Numbers are resampled; differences of shares are normal with the larger of two errors,
    that of resampling and that of paired shares (`error`), so that a few pairs which agree prove nothing. What is
    beyond the margin is a share of the parameters: of the draws' effects without chance (`estimates.unmixed`), each
    with that error. One seed a draw tells nothing about them.
    """
    value, means = estimates.mean(table, weights), estimates.resampled(table, weights)
    if not len(means):
        return Number(value, -most, most, table, weights)
    if error is None:
        low, high = (float(v) for v in np.quantile(means, [0.025, 0.975]))
        errors = means - value
    else:
        law = NormalDist(0.0, max(error, float(means.std())))
        low, high = (max(-most, value + law.inv_cdf(0.025)), min(most, value + law.inv_cdf(0.975)))
        errors = np.array([law.inv_cdf((k + 0.5) / STEPS) for k in range(STEPS)])
    if not estimates.replicated(table, weights):
        return Number(value, low, high, table, weights)
    effects, share = estimates.unmixed(table, weights)
    found = effects[:, None] + errors
    up, down = (float((share * beyond.mean(axis=1)).sum()) for beyond in (found > margin, found < -margin))
    return Number(value, low, high, table, weights, (up, down, 1.0 - up - down))
