"""How a reported figure bears on the true one: the 95 % interval of the truth, given only the report.

Every model says ln(true) = c + noise, where the centre c takes equally likely values over what is not known and the
noise is normal with standard deviation s (design: science.md 4). With a flat prior on ln(true) the interval holds the
2.5 % and 97.5 % points of that mixture. Nothing here depends on the simulation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

MODELS: Mapping[str, str] = MappingProxyType({
    "crowd": "reported = true x b x noise; ln b ~ N(0, 0.5) for the source class, noise 0.3 on ln; ranges are censored",
    "detained": "reported = true / U(0.7, 1) for people counted twice, reported 0 to 1 day late; spread of a negative "
    "binomial of size 20 (assumed)",
    "deaths": "true = reported x LN(1.1, 0.15)",
    "injured": "reported = true x noise, 0.3 on ln (assumed, as for crowds without a bias of the source)",
    "regions": "reported = true +- 3 places, since sources differ in what counts as affected (assumed)",
    "count": "the truth lies between the two ends, which are as reported",
})  # fmt: skip
"""Name -> what it says."""

CROWD_SD = math.hypot(0.5, 0.3)
DEATHS_MEDIAN, DEATHS_SD = 1.1, 0.15
INJURED_SD = 0.3
REGIONS = 3.0
COUNTED_ONCE = (0.7, 1.0)
DISPERSION = 20.0
_STEPS = 25
_HALF = 0.5  # a reported zero or one: the logarithm is taken of at least half a person


def interval(
    model: str, low: float, high: float, growth: Callable[[float], float] | None = None
) -> tuple[float, float]:
    """The 95 % interval of the truth behind a report between `low` and `high`.

    growth: for `detained`, how the reported total grows in the given share of a day after the report.
    """
    if model == "count":
        return low, high
    if model == "regions":
        return max(low - REGIONS, 0.0), high + REGIONS
    spread = _grid(math.log(max(low, _HALF)), math.log(max(high, _HALF)))
    if model == "crowd":
        return _mixture(spread, CROWD_SD)
    if model == "deaths":
        return _mixture([c + math.log(DEATHS_MEDIAN) for c in spread], DEATHS_SD)
    if model == "injured":
        return _mixture(spread, INJURED_SD)
    return _detained(low, high, growth or (lambda _: 1.0))


def _detained(low: float, high: float, growth: Callable[[float], float]) -> tuple[float, float]:
    once = _grid(*COUNTED_ONCE)
    later = [math.log(growth(share)) for share in _grid(0.0, 1.0)]
    middle = math.log(max(math.sqrt(max(low, _HALF) * max(high, _HALF)), _HALF))
    centres = [middle + g + math.log(u) for g in later for u in once]
    count = math.exp(sum(centres) / len(centres))
    half_range = 0.5 * math.log(max(high, _HALF) / max(low, _HALF))
    return _mixture(centres, math.sqrt(1.0 / count + 1.0 / DISPERSION + half_range**2 / 3.0))


def growth(days: Sequence[float], reported: Sequence[float], day: float) -> Callable[[float], float]:
    """How a reported running total grows after `day`, between reports evenly on ln; flat after the last one."""

    def ratio(share: float) -> float:
        return _between(days, reported, day + share) / _between(days, reported, day)

    return ratio


def _between(days: Sequence[float], reported: Sequence[float], day: float) -> float:
    for a, b, x, y in zip(days, days[1:], reported, reported[1:], strict=False):
        if a <= day < b:
            return float(x * (y / x) ** ((day - a) / (b - a)))
    return float(reported[0] if day < days[0] else reported[-1])


def _grid(low: float, high: float) -> list[float]:
    """The middles of equal steps, so that each stands for the same probability; one point if there is no width."""
    if high <= low:
        return [low]
    return [low + (high - low) * (k + 0.5) / _STEPS for k in range(_STEPS)]


def _mixture(centres: Sequence[float], sd: float) -> tuple[float, float]:
    return _point(centres, sd, 0.025), _point(centres, sd, 0.975)


def _point(centres: Sequence[float], sd: float, share: float) -> float:
    """The value below which a share of the mixture lies, by bisection; four figures, since no report has more."""
    low, high = min(centres) - 6 * sd, max(centres) + 6 * sd
    for _ in range(40):
        middle = 0.5 * (low + high)
        below = sum(math.erfc((c - middle) / (sd * math.sqrt(2.0))) for c in centres) / (2 * len(centres))
        low, high = (middle, high) if below < share else (low, middle)
    return float(f"{math.exp(high):.4g}")
