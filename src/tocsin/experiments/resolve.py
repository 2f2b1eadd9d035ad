"""Resolve: how many days at which share of the people in action it takes until the regime has fallen in half the runs.

A property of the model and of what it assumes (claim C10), to be read with the patron free to escalate or to give up.
It counts people in action and days, and says nothing of what anybody should bear; deaths stand beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UsageError
from tocsin.experiments.statistics import RESAMPLES, picks
from tocsin.experiments.sweep import Sweep
from tocsin.experiments.tipping import HALF, panels
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SHARES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
FEWEST = 5
"""Runs that must still be watched for a share of them to be told."""


@dataclass(frozen=True)
class Endured:
    """What one set of runs endured at each share of the people, [R, X]: days in action, and whether it ended in a fall.

    days: time with at least that share of the people in action, up to the end or the horizon; killed [R].
    """

    shares: Floats
    days: Floats
    fallen: Bools
    killed: Floats
    slots: NDArray[np.int64]


@dataclass(frozen=True)
class Resolve:
    """Days at each share until half the runs have fallen, with a 95 % interval over slots; NaN where that never comes.

    shares, days, low, high float[X]; runs int[X]: runs that ever reached the share; killed float[X]: median of people
    killed in these runs by their end; never float[X]: share of the resamples in which half of them never fall.
    """

    panel: str
    shares: Floats
    days: Floats
    low: Floats
    high: Floats
    runs: NDArray[np.int64]
    killed: Floats
    never: Floats


def resolve(made: Sweep, shares: Sequence[float] = SHARES) -> tuple[Resolve, ...]:
    """One resolve curve per panel of a sweep, over all its points, of whatever design."""
    for i in range(len(made)):
        refuse_scripted(made.world(i))
    found = []
    for panel in panels(made):
        runs, slots = [], []
        for point in panel.points:
            here = [s for s, key in enumerate(made.keys[point]) if key in made.shelf]
            runs.append(endured(made.runs(point), made.scenario.population, shares))
            slots += here
        found.append(curve(_together(runs, np.array(slots)), panel.name))
    return tuple(found)


def refuse_scripted(world: Scenario) -> None:
    """A patron that follows a script can neither escalate nor give up: its runs say nothing of resolve."""
    home = {place.name for place in world.places}
    lands = any(e.kind == "arrival" and home.issuperset(e.places) for e in world.events)
    if lands and "alliance" not in world.policy:
        raise UsageError(
            "the outside power follows its script", where=world.origin or world.name,
            expected="one that may escalate or give up", do='sweep "policy.alliance" = "free", or a variant with it',
        )  # fmt: skip


def endured(runs: Iterable[Run], population: int, shares: Sequence[float]) -> Endured:
    """Read from records what each run endured at each share of `population`."""
    levels = np.asarray(sorted(shares), np.float64)
    days, fallen, killed = [], [], []
    for run in runs:
        step = run.tick_hours / 24.0
        ticks = len(run.state_digests)
        ended = run.outcome.summary.get("fall_day", -1.0)  # a civil war ends the record too
        if ended > 0:
            ticks = min(math.ceil(ended / step - 1e-9), ticks)
        crowd = run.total("turnout")[:ticks] / population
        days.append([step * float((crowd >= level).sum()) for level in levels])
        fallen.append(run.outcome.fallen)
        killed.append(run.outcome.summary.get("killed", math.nan))
    table = np.array(days, np.float64).reshape(-1, len(levels))
    return Endured(levels, table, np.array(fallen, bool), np.array(killed), np.arange(len(fallen)))


def _together(parts: Sequence[Endured], slots: NDArray[np.int64]) -> Endured:
    days, fallen, killed = ([getattr(p, name) for p in parts] for name in ("days", "fallen", "killed"))
    return Endured(parts[0].shares, np.concatenate(days), np.concatenate(fallen), np.concatenate(killed), slots)


def curve(watched: Endured, panel: str = "") -> Resolve:
    """Median endured days by the product-limit rule, with intervals over resampled slots."""
    slots = np.unique(watched.slots)
    member = watched.slots[None, :] == slots[:, None]
    chosen = picks(14, 0, (RESAMPLES, len(slots)), len(slots))
    weights = np.apply_along_axis(np.bincount, 1, chosen, minlength=len(slots)) @ member
    rows = [_at(watched, x, weights.astype(np.float64)) for x in range(len(watched.shares))]
    days, low, high, runs, killed, never = (np.array(column) for column in zip(*rows, strict=True))
    return Resolve(panel, watched.shares, days, low, high, runs.astype(np.int64), killed, never)


def _at(watched: Endured, x: int, weights: Floats) -> tuple[float, float, float, int, float, float]:
    """days, low, high, runs, killed, never at one share; weights [B, R]: how often a resample holds each run."""
    reached = watched.days[:, x] > 0
    days, fallen, number = watched.days[reached, x], watched.fallen[reached], int(reached.sum())
    if number < FEWEST:
        return math.nan, math.nan, math.nan, number, math.nan, math.nan
    best = median_endured(days, fallen, np.ones((1, number)))[0]
    tries = median_endured(days, fallen, weights[:, reached])
    low, high = np.quantile(np.where(np.isnan(tries), np.inf, tries), [0.025, 0.975], method="nearest")
    killed = float(np.nanmedian(watched.killed[reached]))
    return best, float(low), float(high), number, killed, float(np.isnan(tries).mean())


def median_endured(days: Floats, fallen: Bools, weights: Floats) -> Floats:
    """The least d by which half have fallen on the clock of endured days, [B]; NaN where half never fall.

    days [R] up to the fall or, for those that did not fall, up to where they were last watched; weights [B, R].
    1 - F(d) = prod over falls at t <= d of (1 - fallen_t / watched_t) (Kaplan and Meier 1958). Movements that fizzled
    count as unwatched from their last day in action: if those are the weak ones, the true number of days is larger.
    """
    times = np.unique(days[fallen])
    standing, found = np.ones(len(weights)), np.full(len(weights), np.nan)
    for t in times:
        watched = weights[:, days >= t - 1e-9].sum(axis=1)
        falls = weights[:, fallen & (np.abs(days - t) < 1e-9)].sum(axis=1)
        standing = standing * (1.0 - falls / np.maximum(watched, 1e-12))
        found = np.where(np.isnan(found) & (standing <= 1.0 - HALF), t, found)
    return found
