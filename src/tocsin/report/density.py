"""Where the weight of draws lies on a plane of two positive numbers: contours that hold a share of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.breakdown import Values
from tocsin.claims.weights import effective
from tocsin.experiments.tipping import Line
from tocsin.experiments.tipping import contours as lines_at

Floats = NDArray[np.float64]
HELD = (0.5, 0.9)
"""Shares of the weight that the contours hold."""
FEWEST, SURE = 3.0, 10.0
"""Effective draws below which no contour is drawn, and below which it is drawn as unsure."""
CELLS = 44
FAR = 3.0
"""Standard deviations of the kernel to which the density is followed beyond the draws."""


@dataclass(frozen=True)
class Contours:
    """Lines that hold a share of the weight, (domestic, force) each; draws: effective number that they rest on."""

    lines: Mapping[float, tuple[Line, ...]]
    draws: float

    @property
    def sure(self) -> bool:
        """Whether enough draws stand behind them."""
        return self.draws >= SURE


@lru_cache(maxsize=32)  # parts of a claim share draws and weights
def contours(domestic: Values, force: Values, weights: Values) -> Contours:
    """Highest-density regions of a weighted kernel density in logit(domestic) and ln(force).

    Gaussian kernels of the weighted covariance, scaled by n^(-1/6) with Kish's effective n (Scott 1992); without lines
    where fewer than `FEWEST` effective draws remain or the draws lie on a line.
    """
    size = effective(weights)
    share, people, w = (np.array(c, np.float64) for c in (domestic, force, weights))
    use = (w > 0) & (people > 0) & (share > 0) & (share < 1)
    if size < FEWEST or use.sum() < FEWEST:
        return Contours({}, size)
    points = np.vstack([np.log(share[use] / (1 - share[use])), np.log(people[use])])
    found = _density(points, w[use])
    if found is None:
        return Contours({}, size)
    x, y, table = found
    return Contours({held: _lines(x, y, table, held) for held in HELD}, size)


def _density(points: Floats, weights: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Axes [X], [Y] and the density [Y, X], followed to where hardly any is left; None if it is not defined."""
    from scipy.stats import gaussian_kde  # imported here, as it takes half a second

    if min(np.ptp(points[0]), np.ptp(points[1])) < 1e-9:
        return None
    try:
        kernel = gaussian_kde(points, weights=weights)
    except np.linalg.LinAlgError:
        return None
    wide = FAR * np.sqrt(np.diag(kernel.covariance))
    x, y = (np.linspace(row.min() - w, row.max() + w, CELLS) for row, w in zip(points, wide, strict=True))
    across, up = np.meshgrid(x, y)
    return x, y, np.asarray(kernel(np.vstack([across.ravel(), up.ravel()]))).reshape(across.shape)


def _lines(x: Floats, y: Floats, table: Floats, held: float) -> tuple[Line, ...]:
    """The contour whose inside holds a share of the mass, back in the numbers of the axes."""
    falling = np.sort(table.ravel())[::-1]
    mass = np.cumsum(falling) / falling.sum()
    level = float(falling[int(np.searchsorted(mass, held))])
    drawn = lines_at(x, y, table, level)
    return tuple(tuple((float(1 / (1 + np.exp(-a))), float(np.exp(b))) for a, b in line) for line in drawn)
