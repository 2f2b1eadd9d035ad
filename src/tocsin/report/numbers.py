"""The numbers of a verdict in words: what they count, their intervals, and which of them is the prior's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tocsin.claims.claim import Figure, Part, Verdict
from tocsin.claims.kinds import EVENTS
from tocsin.claims.schema import MARGINAL
from tocsin.report import svg
from tocsin.report.tables import plain

PRIOR = ("prior", "given the record (too few runs)")
STRUCTURE, WORLD, MARGIN = "structure: ", "world: ", ("P(", "share of the parameters ")
"""How the judge names the second number of a conditioned verdict, and how the names of others begin."""
RATIOS = (0.001, 999.0)
"""Bayes factors beyond which a reader is told no more."""
NOBODY: Mapping[str, str] = MappingProxyType({
    "killed": "nobody is killed", "wounded": "nobody is wounded", "detained": "nobody is detained",
    "injured_forces": "nobody of the staff is injured",
})  # fmt: skip
"""Number of a run -> what it means that it is 0 in all of them."""


def unit_of(part: Part) -> str:
    """What the deciding number is: a share, points of probability, a relative change, or a signed number.

    Only the worlds beside it are counts.
    """
    asked = part.estimand
    if asked.kind not in MARGINAL:
        return "share"
    if asked.options.get("relative"):
        return "relative"
    return "number" if counted(part) else "points"


def told(value: float, unit: str) -> str:
    """A number of a verdict as a reader wants it."""
    if math.isnan(value):
        return "not defined"
    if unit == "share":
        return svg.percent(value)
    if unit == "ratio" and not RATIOS[0] <= value <= RATIOS[1]:
        return f"<{RATIOS[0]:g}" if value < RATIOS[0] else f">{RATIOS[1]:g}"
    if unit in ("count", "ratio"):
        return plain(value)
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    size = abs(value)
    if unit == "points":
        return f"{sign}{_tenths(100.0 * size)} points"
    return f"{sign}{_tenths(100.0 * size)}{svg.NARROW}%" if unit == "relative" else f"{sign}{plain(size)}"


def _tenths(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def interval(figure: Figure, unit: str) -> str:
    """The interval of a number, in words; "" where it has none."""
    if figure.low == figure.high or any(map(math.isnan, (figure.value, figure.low, figure.high))):
        return ""
    low, high = told(figure.low, unit), told(figure.high, unit)
    return f"{low.removesuffix(' points') if unit == 'points' else low} to {high}"


def refused(figures: Sequence[Figure]) -> bool:
    """Whether too few runs resemble the record, so that the number that is shown is the prior's."""
    return any(f.name == PRIOR[1] for f in figures)


def prior_of(verdict: Verdict) -> Figure | None:
    """The number before the record was used, where the verdict has one."""
    if refused(verdict.figures):
        return verdict.figures[0]
    return next((f for f in verdict.figures if f.name == PRIOR[0]), None)


def undefined(part: Part, verdict: Verdict) -> str:
    """Why the number of a relative effect does not exist; "" where it does, or where the judge says why."""
    asked = part.estimand
    if not (asked.options.get("relative") and verdict.figures and math.isnan(verdict.figures[0].value)):
        return ""
    event = str(asked.options.get("event", "fall"))
    none = NOBODY.get(event, f"{event.replace('_', ' ')} is 0")
    return f"{none} in the first world of these runs, so there is no ratio; use a smaller --people-per-agent"


def boundaries(part: Part) -> tuple[float, ...]:
    """Where the rule changes its mind: for an effect in one direction at one margin."""
    if part.estimand.kind == "none":
        return ()
    if part.estimand.kind in MARGINAL:
        either = part.estimand.kind == "equivalence" or part.estimand.options.get("direction") == "any"
        return (-part.rule.margin, part.rule.margin) if either else (part.rule.margin,)
    return tuple(sorted({part.rule.below, part.rule.above}))


def counted(part: Part) -> bool:
    """Whether each run answers with a number and not with yes or no."""
    options = part.estimand.options
    return options.get("event", "fall") not in EVENTS and not {"above", "thresholds"} & options.keys()
