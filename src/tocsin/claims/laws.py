"""How likely a report is, given the true figure: one law for each kind of figure (science.md 4).

All are ln densities or ln probabilities in full, with their normalisation: how wide a law is depends on the run, since
one simulated person stands for many, and a run that says little must not gain by it. Three numbers are registered here,
before any run: `DISCREPANCY`, since the model is not the world even with the best parameters (Kennedy and O'Hagan 2001,
doi 10.1111/1467-9868.00294); `FLOOR`, the chance that a figure is about something else, so that no single figure can
exclude a run; and `BROAD`, how such a figure is spread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.scenario.observation import DEATHS_MEDIAN, DEATHS_SD, INJURED_SD
from tocsin.scenario.parts import Target

Floats = NDArray[np.float64]
FLOOR = 0.02
"""Probability that a reported figure tells nothing about its target (assumed)."""
BROAD = 2.0
"""Standard deviation on ln of such a figure about the one that is reported (assumed)."""
DISCREPANCY = 0.5
"""Standard deviation on ln of the model's own error in a count (assumed)."""
CROWD_NOISE, SOURCE_BIAS = 0.3, 0.5
NEGATIVE_BINOMIAL = 20.0
_NODES, _MASS = np.polynomial.hermite_e.hermegauss(9)
_LATE = (1 / 6, 3 / 6, 5 / 6)
_ONCE = (0.75, 0.85, 0.95)
_WORDS = (
    ("official", ("official", "prosecutor", "ministry", "minister", "government", "statistic")),
    ("wire", ("tass", "interfax", "reuters", "afp", "ap 20", "rbc")),
)


def source_class(target: Target) -> str:
    """Who reports a crowd: official, wire or press; crowds of one class share one unknown bias."""
    text = target.source.lower()
    return next((name for name, words in _WORDS if any(word in text for word in words)), "press")


def mixed(ln_likelihood: float, ln_else: float) -> float:
    """ln[(1 - FLOOR) L + FLOOR L_else], L_else the likelihood of a figure that is about something else."""
    return float(np.logaddexp(math.log(1.0 - FLOOR) + ln_likelihood, math.log(FLOOR) + ln_else))


def thinned(value: float, per_agent: float) -> tuple[float, float]:
    """Centre and variance on ln of the count that a thinned run with this count stands for.

    With n agents seen the rate has the posterior Gamma(n + 1/2) (Jeffreys); at 1:1 the count is what it is.
    """
    if per_agent <= 1:
        return math.log(max(value, 0.5)), 0.0
    n = value / per_agent + 0.5
    return math.log(n * per_agent), (1.0 / n + 0.5 / n**2) * (1.0 - 1.0 / per_agent)


def ln_normal(x: float, low: float, high: float, sd: float) -> float:
    """ln of the density of a report at `low`, or of the chance of one from `low` to `high`, about x."""
    if high <= low:
        return -0.5 * ((x - low) / sd) ** 2 - math.log(sd * math.sqrt(2.0 * math.pi))
    return math.log(max(_between(x, low, high, sd), 1e-300))


def ln_report(x: float, low: float, high: float, sd: float) -> float:
    """The same on ln, or the figure is about something else."""
    return mixed(ln_normal(x, low, high, sd), ln_normal(0.5 * (low + high), low, high, BROAD))


def _between(x: float, low: float, high: float, sd: float) -> float:
    return 0.5 * (math.erf((high - x) / (sd * math.sqrt(2))) - math.erf((low - x) / (sd * math.sqrt(2))))


def ln_crowds(values: Sequence[float], targets: Sequence[Target], per_agent: float) -> float:
    """Crowds of one source class: ln reported = ln true + b + noise, the shared bias b integrated out by quadrature."""
    terms = np.zeros(len(_NODES))
    for value, target in zip(values, targets, strict=True):
        centre, thin = thinned(value, per_agent)
        sd = math.sqrt(CROWD_NOISE**2 + DISCREPANCY**2 + thin)
        low, high = math.log(max(target.low, 0.5)), math.log(max(target.high, 0.5))
        terms += [ln_report(centre + SOURCE_BIAS * float(b), low, high, sd) for b in _NODES]
    top = float(terms.max())
    return top + math.log(float((_MASS * np.exp(terms - top)).sum() / _MASS.sum()))


def ln_counts(value: float, target: Target, per_agent: float) -> float:
    """A running total of dead or injured: ln true = ln reported + noise (deaths: true is a tenth above the report)."""
    up, sd = (math.log(DEATHS_MEDIAN), DEATHS_SD) if target.model == "deaths" else (0.0, INJURED_SD)
    centre, thin = thinned(value, per_agent)
    low, high = math.log(max(target.low, 0.5)) + up, math.log(max(target.high, 0.5)) + up
    return ln_report(centre, low, high, math.sqrt(sd**2 + DISCREPANCY**2 + thin))


def ln_shares(counts: Sequence[float], targets: Sequence[Target], whole: Target | None, per_agent: float) -> float:
    """Dead by place, as shares of the total: a Dirichlet-multinomial on what the run has, half an agent added to each.

    The concentration is at most 1 / DISCREPANCY^2 for each place, so that shares are no sharper than the model. Shares
    that are about something else are anything alike.
    """
    if whole is None or len(targets) < 2:
        return 0.0
    reported = np.array([t.low for t in targets] + [max(whole.low - sum(t.low for t in targets), 0.0)])
    if not reported.sum():
        return 0.0
    agents = np.maximum(np.array(counts), 0.0) / per_agent + 0.5
    alpha = agents * min(1.0, len(agents) / DISCREPANCY**2 / float(agents.sum()))
    return mixed(_dirichlet(reported, alpha), _dirichlet(reported, np.ones_like(alpha)))


def _dirichlet(x: Floats, alpha: Floats) -> float:
    terms = [math.lgamma(k + a) - math.lgamma(a) for k, a in zip(x, alpha, strict=True)]
    return sum(terms) + math.lgamma(float(alpha.sum())) - math.lgamma(float((x + alpha).sum()))


def ln_detained(totals: Callable[[float], float], targets: Sequence[Target], per_agent: float) -> float:
    """Increments of people detained: negative binomial about the run's, late by 0 to 1 day, 0.7 to 1 counted once.

    totals: the run's running total at a day. Delay and double counting are the same for all reports of one series and
    are integrated out on a grid; a range stands for its two ends and its middle.
    """
    ends = sorted(targets, key=lambda t: t.day)
    size = 1.0 / (1.0 / NEGATIVE_BINOMIAL + DISCREPANCY**2)
    found: list[float] = []
    for late in _LATE:
        at = [totals(math.ceil(t.day - 1e-9) - late) for t in ends]
        found += [_increments(at, ends, once, size, per_agent) for once in _ONCE]
    top = max(found)
    return top + math.log(sum(math.exp(f - top) for f in found) / len(found))


def _increments(at: Sequence[float], ends: Sequence[Target], once: float, size: float, per_agent: float) -> float:
    total, before, reported = 0.0, 0.0, 0.0
    for now, target in zip(at, ends, strict=True):
        agents = max(now - before, 0.0) / per_agent + (0.5 if per_agent > 1 else 0.0)
        mean = max(agents * per_agent / once, 0.5)
        spread = 1.0 / (1.0 / size + (1.0 / agents if per_agent > 1 else 0.0))
        middle = math.sqrt(max(target.low, 0.5) * max(target.high, 0.5))
        seen = [max(round(v - reported), 0) for v in dict.fromkeys((target.low, middle, target.high))]
        likely = float(np.logaddexp.reduce([_negative_binomial(k, mean, spread) for k in seen]))
        broad = float(np.logaddexp.reduce([-math.log(max(k, 1) * BROAD * math.sqrt(2.0 * math.pi)) for k in seen]))
        total += mixed(likely, broad) - math.log(len(seen))
        before, reported = now, middle
    return total


def _negative_binomial(k: int, mean: float, size: float) -> float:
    """ln P(k) with this mean and variance mean + mean^2 / size."""
    return (
        math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        + size * math.log(size / (size + mean)) + k * math.log(mean / (size + mean))
    )  # fmt: skip
