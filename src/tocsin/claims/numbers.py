"""The evidence of one registered structure, and the number that it gives, with its Monte Carlo error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.certainty import Certain, certain
from tocsin.claims.claim import Figure
from tocsin.claims.estimands import Asked
from tocsin.claims.weights import effective
from tocsin.experiments.statistics import Z95

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What the runs of one registered structure say. weights: of the runs, given the record (even ones: the prior).

    parameters: name -> [D]; beside: further figures, such as bounds; beside_prior: the same with even weights;
    runs: made or found, all worlds together; setting: the combination of factors that it is about, if of one;
    prior: what the same runs say with even weights, where that is another table.
    """

    structure: str
    asked: Asked
    weights: Floats
    parameters: Mapping[str, Floats] = field(default_factory=dict)
    beside: tuple[Figure, ...] = ()
    beside_prior: tuple[Figure, ...] = ()
    runs: int = 0
    setting: str = ""
    prior: Asked | None = None

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

    certain: the share of the parameters whose effect is beyond the margin; None where it is no effect, or where one
    seed a draw or a single draw cannot tell.
    """

    value: float
    low: float
    high: float
    table: Floats
    weights: Floats
    certain: Certain | None = None

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
        found = _difference(table, weights, error, margin, float(asked.contrasts))
        if asked.own is None or found.certain is None:
            return found
        return replace(found, certain=certain(asked.own, weights, margin, _error(asked.own, weights)))
    return Number(value, *estimates.interval(table, weights, value, size, share=True), table, weights)


def _error(table: Floats, weights: Floats) -> float:
    """Monte Carlo standard error of a mean, by resampling."""
    means = estimates.resampled(table, weights)
    return float(means.std()) if len(means) else math.inf


def _difference(table: Floats, weights: Floats, error: float | None, margin: float, most: float) -> Number:
    """A difference between -most and most, its Monte Carlo interval, and the parameters beyond the margin.

    The interval is of the mean. Numbers are resampled; differences of shares are normal with the larger of two errors,
    that of resampling and that of paired shares (`error`), so that a few pairs which agree prove nothing.
    """
    value, means = estimates.mean(table, weights), estimates.resampled(table, weights)
    if not len(means):
        return Number(value, -most, most, table, weights)
    wide = max(error or 0.0, float(means.std()))
    if error is None:
        low, high = (float(v) for v in np.quantile(means, [0.025, 0.975]))
    else:
        low, high = (max(-most, value - Z95 * wide), min(most, value + Z95 * wide))
    return Number(value, low, high, table, weights, certain(table, weights, margin, wide))
