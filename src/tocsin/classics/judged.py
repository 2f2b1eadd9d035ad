"""Verdicts on numbers and on counts of seeds, and when the quick form has too few of them for a verdict.

In the full form a criterion is taken as it stands. In the quick form a count of good seeds decides only if chance would
give so many, or so few, in at most one of twenty samples where the true share is exactly the least that is asked for
(binomial); a mean decides only if it lies two standard errors from the nearer end of its interval. What every seed must
show, one seed refutes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tocsin.classics.declare import Effort, Finding, Origin

PLAN = "plan"
"""A criterion of this project's plan, set down before the model was programmed."""
OWN = "our choice"
"""A bound that was chosen with the program."""
RARE = 0.05


class Terms(NamedTuple):
    """What a verdict rests on: whence the number, whence the tolerance, whether the reading is a variant."""

    origin: Origin
    basis: str
    variant: bool = False


def gap(value: float, low: float, high: float) -> str:
    """How far a value lies outside its interval, in words; "" inside."""
    return f"{low - value:.3g} below" if value < low else (f"{value - high:.3g} above" if value > high else "")


def within(
    what: tuple[str, str], value: float, span: tuple[float, float], terms: Terms, note: str = "", error: float = 0.0
) -> Finding:
    """A number that should lie in an interval. what: name, published; error: standard error, 0 in the full form."""
    (name, published), (low, high) = what, span
    unsure = math.isnan(error) or min(abs(value - low), abs(value - high)) < 2.0 * error
    said = f"within two standard errors ({error:.2g}) of the end of the interval" if unsure else ""
    notes = "; ".join(n for n in (gap(value, low, high), said, note) if n)
    met, ours = bool(low <= value <= high), f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    return Finding(
        name, published, ours, f"{low:g} to {high:g}", None if unsure else met, notes,
        origin=terms.origin, basis=terms.basis, variant=terms.variant, why="too few runs to tell",
    )  # fmt: skip


def counted(
    what: tuple[str, str], good: int, runs: int, least: float, effort: Effort, terms: Terms, note: str = ""
) -> Finding:
    """A statement that should hold in at least a share of the seeds. what: name, published."""
    needed = math.ceil(least * runs - 1e-9)
    met: bool | None = good >= needed
    if not effort.full and not decides(good, runs, least):
        met = None
    missing = f"{good}, {needed} needed" if good < needed else ""
    notes = "; ".join(n for n in (missing, note) if n)
    return Finding(
        *what, f"{good} of {runs} seeds", f"at least {needed} of {runs}", met, notes,
        origin=terms.origin, basis=terms.basis, variant=terms.variant, why="too few runs to tell",
    )  # fmt: skip


def decides(good: int, runs: int, least: float) -> bool:
    """Whether so few seeds tell that the share of good ones is above, or below, the least that is asked for."""
    if least >= 1.0:
        return True
    return min(at_least(good, runs, least), 1.0 - at_least(good + 1, runs, least)) <= RARE


def at_least(good: int, runs: int, share: float) -> float:
    """Chance of this many good ones or more among so many."""
    return sum(math.comb(runs, k) * share**k * (1.0 - share) ** (runs - k) for k in range(good, runs + 1))
