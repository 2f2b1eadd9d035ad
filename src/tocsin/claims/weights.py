"""How much each run counts, given what was reported: likelihoods, weights, and how many draws they leave.

Every run (structure, parameters, chance) of the factual world is weighted by the likelihood of the reported figures
(science.md 1), by the laws of `tocsin.claims.laws`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.claims.laws import FLOOR, ln_counts, ln_crowds, ln_detained, ln_shares, source_class
from tocsin.experiments.targets import measure
from tocsin.results.record import Run
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
FEWEST = 30.0
"""Effective number of draws below which conditioning is refused."""
CENSORED = 3.0 / 24.0
"""Days by which the time of a loss or a dispersal may be off."""
STOOD_ERROR = 1e-3


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


def effective(weights: ArrayLike) -> float:
    """Kish's effective sample size, (sum w)^2 / sum w^2 (Kish 1965), 0 if there is no weight.

    Of a table [D, S] it is that of its draws: seeds of one draw share parameters and are no further evidence of them.
    """
    table = np.asarray(weights, dtype=np.float64)
    known = table.sum(axis=1) if table.ndim > 1 else table
    square = float((known**2).sum())
    return float(known.sum()) ** 2 / square if square > 0 else 0.0
