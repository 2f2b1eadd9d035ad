"""Runs against the reported figures: which fall inside each observation interval, and how far the nearest run is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments.statistics import share, spread
from tocsin.results.record import EXPECTED, Run
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
AFFECTED = 100
"""People in action from which a place counts as affected."""
NARROWEST = math.log(1.05)
"""Smallest half-width, on the log scale, in which a distance is measured; an exact report has no width of its own."""


@dataclass(frozen=True)
class TargetRow:
    """One reported figure: as reported, its 95 % observation interval, and what the runs give.

    share_inside: share of runs inside the interval, and its own 95 % interval; median, q05, q95: over the runs.
    """

    name: str
    metric: str
    place: str
    day: float
    role: str
    low: float
    high: float
    interval: tuple[float, float]
    share_inside: float
    share_interval: tuple[float, float]
    median: float
    q05: float
    q95: float
    note: str


@dataclass(frozen=True)
class TargetFit:
    """All targets together.

    share_all: share of runs inside every interval; nearest: key, draw, seed of the run with the smallest `distance`;
    left_out: targets that these runs cannot be compared with, and why.
    """

    rows: tuple[TargetRow, ...]
    runs: int
    share_all: float
    all_interval: tuple[float, float]
    nearest: tuple[str, int, int] | None
    distance: float
    left_out: tuple[tuple[str, str], ...]


def fit(scenario: Scenario, runs: Iterable[Run]) -> TargetFit:
    """Compare every run with every target that lies within the run; one pass over the runs."""
    left_out = tuple((t.name, why) for t in scenario.targets if (why := _unfit(t, scenario)))
    names = {name for name, _ in left_out}
    chosen = [t for t in scenario.targets if t.name not in names]
    labels, values = [], []
    for run in runs:
        labels.append((run.key, run.draw, run.seed))
        values.append([measure(run, t) for t in chosen])
    table = np.array(values, np.float64).reshape(len(labels), len(chosen))
    draws = np.array([draw for _, draw, _ in labels])
    inside = np.array([[_inside(v, t) for v, t in zip(row, chosen, strict=True)] for row in table], np.float64)
    inside = inside.reshape(table.shape)
    rows = tuple(_row(t, table[:, i], inside[:, i], draws) for i, t in enumerate(chosen))
    if not chosen or not labels:
        return TargetFit(rows, len(labels), math.nan, (0.0, 1.0), None, math.nan, left_out)
    together = share(by_draw(inside.min(axis=1), draws))
    far = np.array([[distance(v, t) for v, t in zip(row, chosen, strict=True)] for row in table]).mean(axis=1)
    best = int(np.argmin(far))
    return TargetFit(rows, len(labels), together[0], together[1:], labels[best], float(far[best]), left_out)


def _unfit(target: Target, scenario: Scenario) -> str:
    if target.metric not in METRICS:
        return f"the records know no {target.metric}"
    if target.day > scenario.days + 1e-9:
        return f"lies after the end of the runs (day {scenario.days:g})"
    if target.place and target.place not in {p.name for p in scenario.places}:
        return f"there is no place {target.place}"
    return ""


def _row(target: Target, values: Floats, inside: Floats, draws: NDArray[np.int64]) -> TargetRow:
    hit, low, high = share(by_draw(inside, draws))
    median, q05, q95 = spread(values)
    return TargetRow(
        target.name, target.metric, target.place, target.day, target.role, target.low, target.high, target.interval,
        hit, (low, high), median, q05, q95, target.model,
    )  # fmt: skip


def by_draw(values: Floats, draws: NDArray[np.int64]) -> Floats:
    """One value per run as a table [D, S] with a row per draw, NaN where a draw has fewer runs."""
    order = np.argsort(draws, kind="stable")
    _, first, counts = np.unique(draws[order], return_index=True, return_counts=True)
    table = np.full((len(first), max(counts, default=1)), np.nan)
    for row, (start, count) in enumerate(zip(first, counts, strict=True)):
        table[row, :count] = values[order[start : start + count]]
    return table


def measure(run: Run, target: Target) -> float:
    """What the run gives for a target: see the functions of METRICS for the exact rule of each metric."""
    return METRICS[target.metric](run, target)


def _last(run: Run, day: float) -> int:
    """Index of the last tick that has ended by this day."""
    return max(int(np.searchsorted(run.days, day + 1e-9, side="right")) - 1, 0)


def _calendar_end(day: float) -> float:
    """The end of the day to which a time belongs: a report at 20:00 stands for its whole day."""
    return math.ceil(day - 1e-9)


def _series(run: Run, name: str, place: str) -> NDArray[np.int64]:
    return run.series[name][:, run.places.index(place)] if place else run.total(name)


def _turnout(run: Run, target: Target) -> float:
    """The largest number in action at any tick of the target's day, in the place or in all places together."""
    end = _calendar_end(target.day)
    first, last = _last(run, end - 1.0) + 1 if end > 1 else 0, _last(run, end)
    return float(_series(run, "turnout", target.place)[min(first, last) : last + 1].max())


def _by_the_end_of_the_day(name: str) -> Callable[[Run, Target], float]:
    """A running total at the end of the target's day."""
    return lambda run, target: float(_series(run, name, target.place)[_last(run, _calendar_end(target.day))])


def _expected_by_the_end_of_the_day(name: str) -> Callable[[Run, Target], float]:
    """The same total as it was to be expected given who was in the street."""
    total = _by_the_end_of_the_day(f"{name}_expected")
    return lambda run, target: total(run, target) / EXPECTED


def _injured_forces(run: Run, target: Target) -> float:
    """The running total of the forces' injured at the end of the target's day (recorded for the whole country)."""
    return float(run.national["injured_forces"][_last(run, _calendar_end(target.day))])


def _places_affected(run: Run, target: Target) -> float:
    """Places in which at least AFFECTED people were in action at some tick by the end of the target's day."""
    seen = run.series["turnout"][: _last(run, _calendar_end(target.day)) + 1]
    return float((seen.max(axis=0) >= AFFECTED).sum())


def _sites_lost(run: Run, target: Target) -> float:
    """The largest number of sites lost at one time by the end of the target's day."""
    return float(_series(run, "sites_lost", target.place)[: _last(run, _calendar_end(target.day)) + 1].max())


def _control(run: Run, target: Target) -> float:
    """The code of control in the place at that time; for the whole country the highest of any place."""
    at = min(int(np.searchsorted(run.days, target.day - 1e-9)), len(run.days) - 1)
    codes = run.series["control"][at]
    return float(codes[run.places.index(target.place)] if target.place else codes.max())


METRICS: Mapping[str, Callable[[Run, Target], float]] = MappingProxyType({
    "turnout": _turnout,
    "detained": _by_the_end_of_the_day("detained"),
    "killed": _by_the_end_of_the_day("killed"),
    "wounded": _by_the_end_of_the_day("wounded"),
    "detained_expected": _expected_by_the_end_of_the_day("detained"),
    "killed_expected": _expected_by_the_end_of_the_day("killed"),
    "wounded_expected": _expected_by_the_end_of_the_day("wounded"),
    "injured_forces": _injured_forces,
    "places_affected": _places_affected,
    "sites_lost": _sites_lost,
    "control": _control,
})  # fmt: skip
"""How each metric of a target is taken from a run."""


def _inside(value: float, target: Target) -> bool:
    low, high = target.interval
    return low - 1e-9 <= value <= high + 1e-9


def distance(value: float, target: Target) -> float:
    """How far a value lies outside the observation interval, in half-widths of the interval.

    With x = ln(1 + value) and the interval [a, b] on the same scale: max(a - x, x - b, 0) / max((b - a) / 2, ln 1.05).
    Inside it is 0. `control` is a code, not a count: 1 outside, 0 inside. A run's distance is the mean over targets.
    """
    if target.metric == "control":
        return float(not _inside(value, target))
    x, a, b = (math.log1p(max(v, 0.0)) for v in (value, *target.interval))
    return max(a - x, x - b, 0.0) / max((b - a) / 2.0, NARROWEST)
