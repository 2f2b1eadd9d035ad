"""How surely an effect is beyond a margin, of all parameters, whatever the form in which they make it differ.

Two seeds a draw tell the mean and the variance of the effects that the parameters make, and no more: an effect of 0.6
for three quarters of the parameters and nil for the rest looks like one that is spread smoothly about 0.45. So the
share of the parameters beyond a margin is known between bounds only; a verdict is judged by the bound against it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.estimates import Levels, levels

Floats = NDArray[np.float64]
Share = tuple[float, float, float]
"""A share as it is with a normal spread; the least and the greatest that mean and variance allow."""
ERRORS, SPREADS = 50, 20
"""Points by which the Monte Carlo errors of the mean effect and of its variance are laid out."""
_UNIT = NormalDist()


@dataclass(frozen=True)
class Certain:
    """Shares of the parameters whose effect is above the margin, below minus the margin, and within."""

    above: Share
    below: Share
    within: Share


def certain(table: Floats, weights: Floats, margin: float, error: float) -> Certain | None:
    """Bounds on the share of the parameters beyond a margin; None if one seed or one draw is all there is.

    error: Monte Carlo standard error of the mean effect. That of the variance is integrated out too: one that is nil by
    luck would make a few draws sure of an effect that all parameters share.
    """
    found = levels(table, weights)
    if math.isnan(found.parameters):
        return None
    shifts = error * _normal(ERRORS)
    up, down, inner = np.zeros((3, 2))
    for variance in _variances(found):
        middle, left = unmixed(found, variance)
        at, wide = middle[:, None] + shifts, left[:, None]
        up += _mean(found.share, 1.0 - _beyond(at - margin, wide), _beyond(margin - at, wide))
        down += _mean(found.share, 1.0 - _beyond(-at - margin, wide), _beyond(margin + at, wide))
        inner += _mean(found.share, _least_within(at, wide, margin), _beyond(np.abs(at) - margin, wide))
    high, low = (_smooth(found, sign, margin, error) for sign in (1.0, -1.0))
    return Certain(_share(high, up / SPREADS), _share(low, down / SPREADS), _share(1.0 - high - low, inner / SPREADS))


def unmixed(found: Levels, variance: float) -> tuple[Floats, Floats]:
    """The effect of each draw's parameters, and the variance that is left of it, [D] each.

    The mean of a few seeds is drawn towards the mean of all draws by v / (v + c), with v the variance that parameters
    make and c that of chance in the draw's own mean; v c / (v + c) is left (the best linear predictor; Efron and Morris
    1973, J. Am. Stat. Assoc. 68). Both together have the mean of the draws and the variance v.
    """
    chance = found.chance * found.own
    total = variance + chance
    keep = np.divide(variance, total, out=np.zeros_like(total), where=total > 0)
    grand = float((found.share * found.means).sum())
    middle = grand + keep * (found.means - grand)
    return np.asarray(middle + grand - float((found.share * middle).sum())), np.asarray(variance * (1.0 - keep))


def _variances(found: Levels) -> Floats:
    """The variance that parameters make, as its Monte Carlo error lets it be: float[SPREADS].

    The variance of the draws' means is a chi-square over its degrees of freedom (Wilson and Hilferty 1931), as many as
    there are draws by their weight. Chance, which is taken off, has an error too, so that there are fewer of them
    (Satterthwaite 1946).
    """
    chance = float((found.share * found.own).sum()) * found.chance
    total = found.parameters + chance
    if not total > 0:
        return np.zeros(SPREADS)
    free = 1.0 / max(float((found.share**2).sum()), 1e-12) - 1.0
    free /= 1.0 + free / found.freedom * (chance / total) ** 2
    ninth = 2.0 / (9.0 * max(free, 1e-6))
    ratio = np.maximum(1.0 - ninth + math.sqrt(ninth) * _normal(SPREADS), 1e-2) ** 3
    return np.asarray(np.maximum(total / ratio - chance, 0.0))


def _normal(points: int) -> Floats:
    return np.array([_UNIT.inv_cdf((k + 0.5) / points) for k in range(points)])


def _beyond(gap: Floats, variance: Floats) -> Floats:
    """Greatest probability of lying a gap or more to one side of the mean, v / (v + gap^2) (Cantelli 1928)."""
    square = np.broadcast_to(variance + gap**2, gap.shape)
    bound = np.divide(np.broadcast_to(variance, gap.shape), square, out=np.zeros(gap.shape), where=square > 0)
    return np.asarray(np.where(gap > 0, bound, 1.0))


def _least_within(at: Floats, variance: Floats, margin: float) -> Floats:
    """Least probability of lying within a margin of 0: 1 - E[x^2] / margin^2 (Chebyshev), or by both sides apart."""
    either = 1.0 - _beyond(margin - at, variance) - _beyond(margin + at, variance)
    if margin > 0:
        either = np.maximum(either, 1.0 - (variance + at**2) / margin**2)
    return np.asarray(np.maximum(either, 0.0))


def _mean(share: Floats, *of: Floats) -> Floats:
    """Mean over errors and draws of each."""
    return np.array([float((share * one.mean(axis=1)).sum()) for one in of])


def _smooth(found: Levels, sign: float, margin: float, error: float) -> float:
    """The share above the margin if what is left of each draw's effect is normal."""
    middle, left = unmixed(found, found.parameters)
    wide = np.maximum(np.sqrt(left + error**2), 1e-12)
    return float(sum(s * _UNIT.cdf(z) for s, z in zip(found.share, (sign * middle - margin) / wide, strict=True)))


def _share(value: float, ends: Floats) -> Share:
    low, high = (min(max(float(end), 0.0), 1.0) for end in ends)
    return min(max(value, low), high), low, high
