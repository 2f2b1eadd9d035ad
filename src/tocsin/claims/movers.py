"""What moves a number: parameters by weighted regression on their ranks, and the breakdown frontier of causal claims.

A line is fitted to the draws' values against the rank u of a parameter, 0 to 1. Its effect is the change from the
10 % to the 90 % point; it flips the verdict where the line crosses the boundary between the 1 % and the 99 % point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.claim import Mover

Floats = NDArray[np.float64]
FEWEST_DRAWS = 12
CLEAR = 2.0
"""Standard errors that a slope must differ from 0 by; of many parameters some do so by chance, and the notes say it."""
FORCE = ("intervention.commit", "intervention.believed")
SIGNAL = "believed force (commit x believed, people)"
DOMESTIC = "government.deployable"
LARGEST_SEEN = "against 70,000, the largest allowed by the priors"


def ranks(values: Floats) -> Floats:
    """Rank of each value as a share, (i + 1/2) / n."""
    return np.asarray((np.argsort(np.argsort(values, kind="stable"), kind="stable") + 0.5) / len(values))


def fitted(columns: Floats, values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Coefficients, the constant first, and their standard errors, of weighted least squares. columns: [n, k]."""
    x = np.column_stack([np.ones(len(values)), columns])
    w = weights / weights.sum()
    inverse = np.linalg.pinv((x * w[:, None]).T @ x)
    slope = inverse @ ((x * w[:, None]).T @ values)
    rest = values - x @ slope
    meat = (x * (w * rest)[:, None]).T @ (x * (w * rest)[:, None])
    return np.asarray(slope), np.sqrt(np.maximum(np.diag(inverse @ meat @ inverse), 0.0))


def moved_by(values: Floats, weights: Floats, parameters: Mapping[str, Floats], edge: float) -> list[Mover]:
    """Every parameter with a clear slope; robust standard errors (White 1980)."""
    known = ~np.isnan(values) & (weights > 0)
    if known.sum() < FEWEST_DRAWS:
        return []
    found = []
    for name, column in parameters.items():
        here = column[known]
        if np.ptp(here) == 0:
            continue
        (constant, slope), errors = fitted(ranks(here)[:, None], values[known], weights[known])
        if abs(slope) <= CLEAR * errors[1] or math.isclose(slope, 0.0, abs_tol=1e-12):
            continue
        at = (edge - constant) / slope
        flips = float(np.quantile(here, at)) if 0.01 < at < 0.99 else None
        found.append(
            Mover(name, 0.8 * float(slope), flips, f"slope {slope / max(errors[1], 1e-12):+.1f} standard errors")
        )
    return found


def with_signal(parameters: Mapping[str, Floats]) -> dict[str, Floats]:
    """The parameters, and the believed force that two of them make."""
    found = dict(parameters)
    if all(name in found for name in FORCE):
        found[SIGNAL] = found[FORCE[0]] * found[FORCE[1]]
    return found


def frontier(values: Floats, weights: Floats, parameters: Mapping[str, Floats], edge: float) -> list[Mover]:
    """The believed force at which the number is on the boundary, at three strengths of the domestic force.

    Fitted with the ranks of both as a plane; where the plane does not cross within the prior, `flips_at` is None. The
    smallest of the three is the least believed force that flips the verdict.
    """
    known = ~np.isnan(values) & (weights > 0)
    if SIGNAL not in parameters or DOMESTIC not in parameters or known.sum() < FEWEST_DRAWS:
        return []
    force, staff = parameters[SIGNAL][known], parameters[DOMESTIC][known]
    columns = np.column_stack([ranks(force), ranks(staff)])
    (constant, of_force, of_staff), _ = fitted(columns, values[known], weights[known])
    found = []
    for share in (0.1, 0.5, 0.9):
        level = float(np.quantile(staff, share))
        at = (edge - constant - of_staff * share) / of_force if abs(of_force) > 1e-12 else math.nan
        flips = float(np.quantile(force, at)) if 0.01 < at < 0.99 else None
        note = f"breakdown frontier: {DOMESTIC} {level:.2g} ({share:.0%} point of the draws); {LARGEST_SEEN}"
        found.append(Mover(SIGNAL, 0.8 * float(of_force), flips, note))
    return found
