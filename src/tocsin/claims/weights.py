"""How much each run counts, given what was reported: likelihoods, weights, and how many runs they leave.

Every run (structure, parameters, chance) of the factual world is weighted by the likelihood of the reported figures
(science.md 1, under the observation models of science.md 4). Three things are registered here, before any run:
`DISCREPANCY`, since the model is not the world even with the best parameters (Kennedy and O'Hagan 2001, doi
10.1111/1467-9868.00294); `FLOOR`, the chance that a figure is about something else, so that no single figure can
exclude a run; and the noise of thinning, since one simulated person stands for many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments.targets import measure
from tocsin.results.record import Run
from tocsin.scenario.observation import DEATHS_MEDIAN, DEATHS_SD, INJURED_SD
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
FLOOR = 0.02
"""Probability that a reported figure tells nothing about its target (assumed)."""
DISCREPANCY = 0.5
"""Standard deviation on ln of the model's own error in a count (assumed)."""
FEWEST = 30.0
"""Effective sample size below which conditioning is refused."""
CROWD_NOISE, SOURCE_BIAS = 0.3, 0.5
NEGATIVE_BINOMIAL = 20.0
CENSORED = 3.0 / 24.0
"""Days by which the time of a loss or a dispersal may be off."""
STOOD_ERROR = 1e-3
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


def floored(ln_likelihood: float, best: float) -> float:
    """ln[(1 - FLOOR) L / L_best + FLOOR], so that no figure costs a run more than ln(1 / FLOOR)."""
    return math.log((1.0 - FLOOR) * math.exp(min(ln_likelihood - best, 0.0)) + FLOOR)


def thinned(value: float, per_agent: float) -> tuple[float, float]:
    """Centre and variance on ln of the count that a thinned run with this count stands for.

    With n agents seen the rate has the posterior Gamma(n + 1/2) (Jeffreys); at 1:1 the count is what it is.
    """
    if per_agent <= 1:
        return math.log(max(value, 0.5)), 0.0
    n = value / per_agent + 0.5
    return math.log(n * per_agent), (1.0 / n + 0.5 / n**2) * (1.0 - 1.0 / per_agent)


def ln_normal(x: float, low: float, high: float, sd: float) -> float:
    """ln of the density of a report at `low`, or of the chance of one from `low` to `high`, less the best at any x."""
    if high <= low:
        return -0.5 * ((x - low) / sd) ** 2
    return math.log(max(_between(x, low, high, sd), 1e-300) / _between(0.5 * (low + high), low, high, sd))


def _between(x: float, low: float, high: float, sd: float) -> float:
    return 0.5 * (math.erf((high - x) / (sd * math.sqrt(2))) - math.erf((low - x) / (sd * math.sqrt(2))))


def ln_crowds(values: Sequence[float], targets: Sequence[Target], per_agent: float) -> float:
    """Crowds of one source class: ln reported = ln true + b + noise, the shared bias b integrated out by quadrature."""
    terms = np.zeros(len(_NODES))
    for value, target in zip(values, targets, strict=True):
        centre, thin = thinned(value, per_agent)
        sd = math.sqrt(CROWD_NOISE**2 + DISCREPANCY**2 + thin)
        low, high = math.log(max(target.low, 0.5)), math.log(max(target.high, 0.5))
        terms += [floored(ln_normal(centre + SOURCE_BIAS * float(b), low, high, sd), 0.0) for b in _NODES]
    top = float(terms.max())
    return top + math.log(float((_MASS * np.exp(terms - top)).sum() / _MASS.sum()))


def ln_counts(value: float, target: Target, per_agent: float) -> float:
    """A running total of dead or injured: ln true = ln reported + noise (deaths: true is a tenth above the report)."""
    up, sd = (math.log(DEATHS_MEDIAN), DEATHS_SD) if target.model == "deaths" else (0.0, INJURED_SD)
    centre, thin = thinned(value, per_agent)
    low, high = math.log(max(target.low, 0.5)) + up, math.log(max(target.high, 0.5)) + up
    return floored(ln_normal(centre, low, high, math.sqrt(sd**2 + DISCREPANCY**2 + thin)), 0.0)


def ln_shares(counts: Sequence[float], targets: Sequence[Target], whole: Target | None, per_agent: float) -> float:
    """Dead by place, as shares of the total: a Dirichlet-multinomial on what the run has, half an agent added to each.

    The concentration is at most 1 / DISCREPANCY^2 for each place, so that shares are no sharper than the model.
    """
    if whole is None or len(targets) < 2:
        return 0.0
    reported = np.array([t.low for t in targets] + [max(whole.low - sum(t.low for t in targets), 0.0)])
    if not reported.sum():
        return 0.0
    agents = np.maximum(np.array(counts), 0.0) / per_agent + 0.5
    alpha = agents * min(1.0, len(agents) / DISCREPANCY**2 / float(agents.sum()))
    best = reported / reported.sum() * float(alpha.sum()) + 1e-3
    return floored(_dirichlet(reported, alpha), _dirichlet(reported, best))


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
        likely = [_negative_binomial(k, mean, spread) - _negative_binomial(k, max(k, 0.5), spread) for k in seen]
        total += floored(math.log(sum(math.exp(v) for v in likely) / len(likely)), 0.0)
        before, reported = now, middle
    return total


def _negative_binomial(k: int, mean: float, size: float) -> float:
    """ln P(k) with this mean and variance mean + mean^2 / size."""
    return (
        math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        + size * math.log(size / (size + mean)) + k * math.log(mean / (size + mean))
    )  # fmt: skip


def ln_control(run: Run, target: Target) -> float:
    """Control of a place, interval-censored: 0 if it had the code at some tick within three hours, else the floor."""
    codes = (
        run.series["control"][:, run.places.index(target.place)] if target.place else run.series["control"].max(axis=1)
    )
    starts = run.days - run.tick_hours / 24.0
    near = (run.days > target.day - CENSORED - 1e-9) & (starts < target.day + CENSORED + 1e-9)
    found = bool(((codes[near] >= target.low) & (codes[near] <= target.high)).any())
    return 0.0 if found else math.log(FLOOR)


def scored(scenario: Scenario, until: float = math.inf) -> tuple[Target, ...]:
    """The figures that count: to fit and held out, never those only shown, and no later than `until` (days)."""
    return tuple(t for t in scenario.targets if t.role != "shown" and t.day <= until + 1e-9)


def ln_likelihood(run: Run, targets: Sequence[Target], per_agent: float, stood: float = 0.0) -> float:
    """ln likelihood of the record, up to a constant that all runs share.

    stood: day until which the ruler is known to have stood (0: nothing known); a fall before is as unlikely as
    `STOOD_ERROR`.
    """
    known = [t for t in targets if not t.place or t.place in run.places]
    total = sum(_alone(run, t, per_agent) for t in known if t.model in ("count", "regions", "injured"))
    total += _dead(run, [t for t in known if t.model == "deaths"], per_agent)
    crowds = [t for t in known if t.model == "crowd"]
    for name in sorted({source_class(t) for t in crowds}):
        mine = [t for t in crowds if source_class(t) == name]
        total += ln_crowds([measure(run, t) for t in mine], mine, per_agent)
    held = [t for t in known if t.model == "detained"]
    for place in sorted({t.place for t in held}):
        series = run.series["detained"][:, run.places.index(place)] if place else run.total("detained")
        total += ln_detained(_totals(run, series), [t for t in held if t.place == place], per_agent)
    fell = run.outcome.fallen and run.outcome.day <= stood
    return total + (math.log(STOOD_ERROR) if fell else 0.0)


def _alone(run: Run, target: Target, per_agent: float) -> float:
    if target.metric == "control":
        return ln_control(run, target)
    value = measure(run, target)
    if target.model == "injured":
        return ln_counts(value, target, 1.0 if target.metric == "injured_forces" else per_agent)
    return 0.0 if target.interval[0] - 1e-9 <= value <= target.interval[1] + 1e-9 else math.log(FLOOR)


def _dead(run: Run, targets: Sequence[Target], per_agent: float) -> float:
    """Place shares at the last report, and national totals; not days, since daily figures are about reporting."""
    whole = max((t for t in targets if not t.place), key=lambda t: t.day, default=None)
    places = [t for t in targets if t.place]
    if whole is None:
        return sum(ln_counts(measure(run, t), t, per_agent) for t in places)
    counts = [measure(run, t) for t in places]
    everywhere = measure(run, whole)
    total = ln_counts(everywhere, whole, per_agent)
    return total + ln_shares([*counts, max(everywhere - sum(counts), 0.0)], places, whole, per_agent)


def _totals(run: Run, series: NDArray[np.int64]) -> Callable[[float], float]:
    return lambda day: float(np.interp(day, [0.0, *run.days], [0.0, *series]))


def normalised(ln_weight: Floats) -> Floats:
    """Self-normalised weights; NaN (a missing run) counts nothing."""
    known = ~np.isnan(ln_weight)
    if not known.any():
        return np.zeros_like(ln_weight)
    top = float(np.nanmax(ln_weight))
    raw = np.where(known, np.exp(np.where(known, ln_weight, top) - top), 0.0)
    return np.asarray(raw / raw.sum())


def effective(weights: Floats) -> float:
    """Kish's effective sample size, (sum w)^2 / sum w^2 (Kish 1965), 0 if there is no weight."""
    square = float((weights**2).sum())
    return float(weights.sum()) ** 2 / square if square > 0 else 0.0
