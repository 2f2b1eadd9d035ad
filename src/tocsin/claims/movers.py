"""What moves a number: parameters by weighted regression on their ranks, and the draws behind the breakdown frontier.

A line is fitted to the draws' values against the rank u of a parameter, 0 to 1. Its effect is the change from the
10 % to the 90 % point; it flips the verdict where the line crosses the boundary between the 1 % and the 99 % point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.breakdown import CLEAR, FEWEST_DRAWS, Breakdown, Drawn, breakdown, fitted, ranks
from tocsin.claims.claim import Mover

Floats = NDArray[np.float64]
FORCE = ("intervention.commit", "intervention.believed")
SIGNAL = "believed force (commit x believed, people)"
DOMESTIC = "government.deployable"


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


def turning(
    table: Floats, weights: Floats, parameters: Mapping[str, Floats], edge: float, *, refused: bool
) -> Breakdown | None:
    """Where the number of a table turns over both forces; None where the runs have only one of them.

    weights: given the record, or even ones; refused: whether these are too few to decide.
    """
    if SIGNAL not in parameters or DOMESTIC not in parameters:
        return None
    plain, prior = estimates.by_draw(table, estimates.even(table))
    given, posterior = estimates.by_draw(table, weights)
    value = plain if refused else np.where(np.isnan(given), plain, given)
    drawn = Drawn(parameters[SIGNAL], parameters[DOMESTIC], value, prior, posterior)
    return breakdown(drawn, edge, refused=refused)
