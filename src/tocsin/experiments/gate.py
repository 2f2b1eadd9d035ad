"""The joint gate on the prior ensemble (science.md 3): what the priors must allow before any fitting begins.

A row is met, not met, or cannot be told from these runs; the last is said, not guessed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments.statistics import bootstrap, quantile_of, share, wilson
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
FALL = (0.10, 0.40)
DEFECTION = (0.23, 0.39)
PEAKS = ((0.10, 0.0003), (0.90, 0.037))
NEAR = 3.0
"""A quantile is near the wanted one when they differ by no more than this factor."""
MARGIN = 0.05
EACH = 0.15
CLOCK, ALIVE = 30.0, 4.0
SEEDS = 20
"""Seeds per draw at which one pair that ends differently (1/20) no longer exceeds the margin by itself."""
FOREIGN = ("request", "decision", "arrival")


@dataclass(frozen=True)
class GateRow:
    """One condition: value and its 95 % interval, what is wanted; met is None where these runs cannot tell."""

    criterion: str
    value: float | None
    interval: tuple[float, float] | None
    wanted: str
    met: bool | None
    note: str = ""


class Sample(Protocol):
    """What the gate needs of an ensemble: headline numbers as [D, S], a row per draw, NaN where a run is missing."""

    @property
    def scenario(self) -> Scenario:
        """What was run."""

    def column(self, name: str) -> Floats:
        """A headline number of every run."""


def has_mission(scenario: Scenario) -> bool:
    """Whether foreign troops are asked for, decided on or arrive in this scenario."""
    return any(e.kind in FOREIGN for e in scenario.events)


def gate_rows(worlds: Sequence[Sample]) -> list[GateRow]:
    """All conditions for one world or a pair (with troops, without)."""
    bare = next((w for w in worlds if not has_mission(w.scenario)), None)
    reference, note = (bare, "") if bare is not None else (worlds[0], "taken from the world with foreign troops")
    return [
        _fall(bare),
        _defection(reference, note),
        *[_peak(reference, q, wanted, note) for q, wanted in PEAKS],
        *_effects(worlds),
    ]


def _fall(world: Sample | None) -> GateRow:
    name = f"P(fall within {CLOCK:g} days | alive on day {ALIVE:g}, no foreign troops)"
    wanted = f"{FALL[0]:.2f} to {FALL[1]:.2f}"
    if world is None:
        return GateRow(name, None, None, wanted, None, "needs the world without foreign troops")
    fell, day = world.column("fallen"), world.column("day")
    fallen = np.where(np.isnan(fell), np.nan, (fell == 1) & (day <= CLOCK))
    fallen[(fell == 1) & (day < ALIVE)] = np.nan
    value, low, high = share(fallen)
    if math.isnan(value):
        return GateRow(name, None, None, wanted, None, f"no run is alive on day {ALIVE:g}")
    met: bool | None = FALL[0] <= value <= FALL[1]
    note = f"{int((~np.isnan(fallen)).sum())} runs alive on day {ALIVE:g}"
    if world.scenario.days < CLOCK:
        note += f"; a lower bound: the runs end on day {world.scenario.days:g}, later falls are not seen"
        met = False if value > FALL[1] else None
    return GateRow(name, value, (low, high), wanted, met, note)


def _defection(world: Sample, note: str) -> GateRow:
    name, wanted = "share of runs with defection (20 % of staff or more)", f"{DEFECTION[0]:.2f} to {DEFECTION[1]:.2f}"
    value, low, high = share(world.column("defection"))
    if math.isnan(value):
        return GateRow(name, None, None, wanted, None, "not recorded")
    return GateRow(name, value, (low, high), wanted, DEFECTION[0] <= value <= DEFECTION[1], note)


def _peak(world: Sample, q: float, wanted: float, note: str) -> GateRow:
    name = f"peak share of the people in action, {q:.0%} point of the runs".replace("%", " %")
    words = f"near {wanted:g} ({wanted / NEAR:.2g} to {wanted * NEAR:.2g})"
    peaks = world.column("peak_share")
    if np.isnan(peaks).all():
        return GateRow(name, None, None, words, None, "not recorded")
    value = float(np.nanquantile(peaks, q))
    return GateRow(name, value, bootstrap(peaks, quantile_of(q)), words, wanted / NEAR <= value <= wanted * NEAR, note)


def _effects(worlds: Sequence[Sample]) -> list[GateRow]:
    """Shares of draws by the effect of the troops on survival: mean over seeds of survived with less without."""
    names = (f"P(effect of troops > {MARGIN:g})", f"P(effect within ±{MARGIN:g})", f"P(effect of troops < -{MARGIN:g})")
    wanted = f"at least {EACH:g}"
    if len(worlds) < 2 or not has_mission(worlds[0].scenario) or has_mission(worlds[1].scenario):
        why = "needs a world with foreign troops and one without"
        return [GateRow(n, None, None, wanted, None, why) for n in names]
    difference = worlds[1].column("fallen") - worlds[0].column("fallen")
    seeds = (~np.isnan(difference)).sum(axis=1)
    if seeds.max(initial=0) < 2:
        return [GateRow(n, None, None, wanted, None, "not measurable with one seed per draw") for n in names]
    effect = np.array([np.nanmean(row) for row in difference[seeds > 0]])
    parts = (effect > MARGIN + 1e-9, np.abs(effect) <= MARGIN + 1e-9, effect < -MARGIN - 1e-9)
    few = int(seeds[seeds > 0].min())
    note = "" if few >= SEEDS else f"{few} seeds per draw cannot tell an effect of {MARGIN:g}; {SEEDS} are needed"
    rows = []
    for name, part in zip(names, parts, strict=True):
        value, n = float(part.mean()), len(part)
        rows.append(GateRow(name, value, wilson(value * n, n), wanted, value >= EACH if few >= SEEDS else None, note))
    return rows
