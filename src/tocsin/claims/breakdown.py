"""Where a verdict turns: the number that decides, over the outside force believed in and the domestic force.

A plane is fitted to the draws' values by weighted least squares against the ranks of both forces, 0 to 1. The frontier
is the line on which it takes the value of the boundary; outside the range of the draws it is not followed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Values = tuple[float, ...]
FEWEST_DRAWS = 10
"""Draws with weight below which nothing is fitted."""
CLEAR = 2.0
"""Standard errors that a slope must differ from 0 by; of many parameters some do so by chance, and the notes say it."""
POINTS = 21
"""Points of the frontier, evenly spaced in ranks."""
TINY = 1e-12


@dataclass(frozen=True)
class Plane:
    """number = constant + of_force u + of_domestic v, for the ranks u and v of both forces; errors: of the slopes."""

    constant: float
    of_force: float
    of_domestic: float
    errors: tuple[float, float]

    @property
    def clear(self) -> bool:
        """Whether the slope along the force believed in is more than its error may make."""
        return abs(self.of_force) > CLEAR * self.errors[0] and abs(self.of_force) > TINY


@dataclass(frozen=True)
class Breakdown:
    """The two forces and the number of every draw for which it is defined.

    force: commit x believed, people; domestic: share of the staff deployable in a day; value: the number that decides,
    mean over seeds; prior, posterior: weights with sum 1, the same where no record is used; boundary: of the rule;
    refused: whether the record leaves too few runs, so that prior weights decide; plane: None with too few draws;
    frontier: points (domestic, force), by rising domestic force; none where the plane stays on one side.
    """

    force: Values
    domestic: Values
    value: Values
    prior: Values
    posterior: Values
    boundary: float
    refused: bool = False
    plane: Plane | None = None
    frontier: tuple[tuple[float, float], ...] = ()

    @property
    def conditioned(self) -> bool:
        """Whether the record changed any weight."""
        return self.prior != self.posterior

    def at(self, domestic: Floats, force: Floats) -> Floats:
        """The fitted number at these forces; NaN outside the range of the draws."""
        if self.plane is None:
            return np.full(np.shape(force), np.nan)
        u, v = placed(np.array(self.force), force), placed(np.array(self.domestic), domestic)
        return np.asarray(self.plane.constant + self.plane.of_force * u + self.plane.of_domestic * v)

    @property
    def covered(self) -> float:
        """Share of the draws' range of domestic force, in ranks, over which the frontier runs."""
        if not self.frontier:
            return 0.0
        strengths = placed(np.array(self.domestic), np.array([a for a, _ in self.frontier]))
        return float(min((strengths.max() - strengths.min()) / (1.0 - 1.0 / len(self.value)), 1.0))


def ranks(values: Floats) -> Floats:
    """Rank of each value as a share, (i + 1/2) / n."""
    return np.asarray((np.argsort(np.argsort(values, kind="stable"), kind="stable") + 0.5) / len(values))


def placed(values: Floats, at: Floats) -> Floats:
    """The rank that a value would have among others; NaN beyond them."""
    shares = (np.arange(len(values)) + 0.5) / len(values)
    return np.asarray(np.interp(at, np.sort(values), shares, left=np.nan, right=np.nan))


def fitted(columns: Floats, values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Coefficients, the constant first, and their standard errors, of weighted least squares. columns: [n, k]."""
    x = np.column_stack([np.ones(len(values)), columns])
    w = weights / weights.sum()
    inverse = np.linalg.pinv((x * w[:, None]).T @ x)
    slope = inverse @ ((x * w[:, None]).T @ values)
    rest = values - x @ slope
    meat = (x * (w * rest)[:, None]).T @ (x * (w * rest)[:, None])
    return np.asarray(slope), np.sqrt(np.maximum(np.diag(inverse @ meat @ inverse), 0.0))


@dataclass(frozen=True)
class Drawn:
    """By draw, [D] each: the two forces, the number (NaN: not defined), its weights before and after the record."""

    force: Floats
    domestic: Floats
    value: Floats
    prior: Floats
    posterior: Floats


def breakdown(drawn: Drawn, boundary: float, *, refused: bool) -> Breakdown | None:
    """The draws for which the number is defined, and the frontier through them; None if there are none."""
    known = ~np.isnan(drawn.value) & np.isfinite(drawn.force) & np.isfinite(drawn.domestic)
    if not known.any() or math.isnan(boundary):
        return None
    force, domestic, value = drawn.force[known], drawn.domestic[known], drawn.value[known]
    prior, posterior = (_shares(w[known]) for w in (drawn.prior, drawn.posterior))
    plane = _plane(force, domestic, value, prior if refused else posterior)
    line = () if plane is None else _frontier(plane, force, domestic, boundary)
    return Breakdown(
        _plain(force), _plain(domestic), _plain(value), _plain(prior), _plain(posterior), boundary, refused, plane, line
    )  # fmt: skip


def _plain(column: Floats) -> Values:
    return tuple(float(v) for v in column)


def _shares(weights: Floats) -> Floats:
    total = float(weights.sum())
    return np.asarray(weights / total if total > 0 else weights)


def _plane(force: Floats, domestic: Floats, value: Floats, weights: Floats) -> Plane | None:
    if (weights > 0).sum() < FEWEST_DRAWS or np.ptp(force) == 0 or np.ptp(domestic) == 0:
        return None
    slopes, errors = fitted(np.column_stack([ranks(force), ranks(domestic)]), value, weights)
    return Plane(float(slopes[0]), float(slopes[1]), float(slopes[2]), (float(errors[1]), float(errors[2])))


def _frontier(plane: Plane, force: Floats, domestic: Floats, boundary: float) -> tuple[tuple[float, float], ...]:
    """Points of the line on which the plane is on the boundary, from one edge of the draws to the other.

    In ranks it is straight, of_force u + of_domestic v = boundary - constant; it is cut where u or v is that of the
    first or the last draw.
    """
    low, high = 0.5 / len(force), 1.0 - 0.5 / len(force)
    a, b, c = plane.of_force, plane.of_domestic, boundary - plane.constant
    ends = [(u, (c - a * u) / b) for u in (low, high) if abs(b) > TINY]
    ends += [((c - b * v) / a, v) for v in (low, high) if abs(a) > TINY]
    inside = sorted({(v, u) for u, v in ends if low - TINY <= u <= high + TINY and low - TINY <= v <= high + TINY})
    if not inside:
        return ()
    (first, below), (last, above) = inside[0], inside[-1]
    steps = np.linspace(0.0, 1.0, POINTS)
    levels = _ranked(domestic, first + steps * (last - first)), _ranked(force, below + steps * (above - below))
    return tuple(zip(*(_plain(column) for column in levels), strict=True))


def _ranked(values: Floats, rank: Floats) -> Floats:
    """The values of ranks among others."""
    return np.asarray(np.interp(rank, (np.arange(len(values)) + 0.5) / len(values), np.sort(values)))
