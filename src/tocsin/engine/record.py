"""What is kept of every tick of every world, in slots made before the run, and the outcome at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.exact import Floats, whole
from tocsin.results.record import ABROAD_SERIES, EXPECTED, NATIONAL_SERIES, PLACE_SERIES, Ints, Outcome
from tocsin.state import HOME, Setting

AFFECTED = 100.0
"""Turnout (people) from which a place counts as affected."""
DEFECTION = 0.2
"""Share of staff not loyal from which a run counts as one with defection."""
PATHS = ("", "street", "units", "elites", "")
MILLION = 1_000_000
HARMED = ("detained", "killed", "wounded")
Rows = NDArray[np.int64]


class Records:
    """Slots of W worlds: series int64[T, W, P], national int64[T, W], abroad int64[T, W, N], digests uint64[T, W]."""

    def __init__(self, ticks: int, population: Floats, states: int) -> None:
        """`population` float[W, P]."""
        worlds, places = population.shape
        self.weight = population / whole(population)
        self.series = {name: np.zeros((ticks, worlds, places), np.int64) for name in PLACE_SERIES}
        self.national = {name: np.zeros((ticks, worlds), np.int64) for name in NATIONAL_SERIES}
        self.abroad = {name: np.zeros((ticks, worlds, states), np.int64) for name in ABROAD_SERIES}
        self.digests = np.zeros((ticks, worlds), np.uint64)

    def keep(self, tick: int, rows: Rows, people: Mapping[str, Ints], columns: Mapping[str, Floats]) -> None:
        """One tick at home in the worlds of these rows.

        `people` are counts in people of the country, not of the thinned population.
        """
        c = columns
        turnout = people["marching"] + people["striking"] + people["occupying"]
        by_place: dict[str, Any] = {**people, "turnout": turnout, "control": c["control"]}
        by_place |= {"sites_lost": c["sites_lost"], "loyal": c["loyal"] * 10_000}
        by_place["force"] = c["force"] * c["loyal"] + c["support"]
        for name, values in by_place.items():
            self.series[name][tick, rows] = np.rint(values)
        for name, values in _national(c, self.weight[rows]).items():
            self.national[name][tick, rows] = np.rint(values)[:, 0]

    def keep_state(
        self, tick: int, rows: Rows, state: int, people: Mapping[str, Ints], columns: Mapping[str, Floats]
    ) -> None:
        """One tick of one society; `deployed` is about all states."""
        turnout = people["marching"] + people["striking"] + people["occupying"]
        self.abroad["turnout"][tick, rows, state] = turnout.sum(axis=-1)
        for name in ("detained", "killed"):
            self.abroad[name][tick, rows, state] = people[name].sum(axis=-1)
        self.abroad["end"][tick, rows, state] = np.rint(columns["end"][:, 0])
        self.abroad["survival"][tick, rows, state] = np.rint(columns["survival"][:, 0] * MILLION)
        self.abroad["deployed"][tick, rows] = np.rint(columns["deployed"])

    def end(self, world: int, ticks: int) -> None:
        """Repeat what was kept of home to the horizon: its story in this world took so many ticks."""
        at = (slice(ticks, None), world)
        for array in (*self.series.values(), *self.national.values(), self.abroad["deployed"]):
            array[at] = array[ticks - 1, world]
        for array in self.abroad.values():
            array[(*at, HOME)] = array[ticks - 1, world, HOME]

    def of(self, world: int) -> dict[str, Any]:
        """The slots of one world: series [T, P], national [T], abroad [T, N], state_digests [T]."""
        return {
            "series": {name: array[:, world].copy() for name, array in self.series.items()},
            "national": {name: array[:, world].copy() for name, array in self.national.items()},
            "abroad": {name: array[:, world].copy() for name, array in self.abroad.items()},
            "state_digests": self.digests[:, world].copy(),
        }


def _national(c: Mapping[str, Floats], weight: Floats) -> dict[str, Any]:
    """The national series, float[W, 1] each."""
    return {
        "survival": c["survival"] * MILLION,
        "elite_strength": c["strength"] * MILLION,
        "defected": c["defected"] * MILLION,
        "demand": whole(c["demand"] * weight) * MILLION,
        "organisation": whole(c["organisation"] * weight) * MILLION,
        "believed_force": c["believed"],
        "believed_against": c["believed_against"],
        "lethal": (c["rules"] >= 2).sum(axis=-1, keepdims=True),
        "requested": c["requested"],
        "consents": (c["consented"] > 0).sum(axis=-1, keepdims=True),
        "troops": whole(c["troops"]),
        "injured_forces": c["injured_forces"],
    }


class Ending(NamedTuple):
    """How home stood when its story ended or the horizon came.

    end: code of M19; day, order: days, -1 if never; conceded: concessions over all places; ever: people who took part
    at least once.
    """

    end: int
    day: float
    order: float
    conceded: float
    ever: float


def endings(columns: Mapping[str, Floats], ever: Floats) -> list[Ending]:
    """The ending of each world of home's columns; ever float[W]."""
    conceded = whole(columns["conceded"])
    names = [columns["end"], columns["end_day"], columns["order_day"], conceded, ever[:, None]]
    return [Ending(int(end), *rest) for end, *rest in np.hstack(names).tolist()]


def sum_up(kept: Mapping[str, Any], ending: Ending, setting: Setting) -> Outcome:
    """The outcome class (M19) and headline numbers of one world. kept: its slots, as `Records.of` gives them."""
    kinds = ("", "regime falls", "regime falls", "ruler leaves, regime stays", "civil war")
    end, day = ending.end, ending.day
    if end:
        kind = kinds[end]
    elif ending.order < 0:
        kind, day = "undecided", len(kept["state_digests"]) * setting.days
    else:
        kind, day = ("concessions" if ending.conceded > 0 else "survives"), ending.order
    return Outcome(kind, day, PATHS[end], end in (1, 2, 3), _summary(kept, ending, setting))


def _summary(kept: Mapping[str, Any], ending: Ending, setting: Setting) -> dict[str, float]:
    series, national, turnout = kept["series"], kept["national"], kept["series"]["turnout"]
    every = turnout.sum(axis=1)
    peak = int(np.argmax(every))
    population = float(whole(setting.population)[0, 0])
    last = {name: float(series[name][-1].sum()) for name in HARMED}
    last |= {f"{name}_expected": float(series[f"{name}_expected"][-1].sum()) / EXPECTED for name in HARMED}
    return {
        "peak_turnout": float(every[peak]),
        "peak_share": float(every[peak]) / population,
        "peak_day": (peak + 1) * setting.days,
        "ever_share": ending.ever / population,
        **last,
        "injured_forces": float(national["injured_forces"][-1]),
        "places_lost": float((series["control"] == 2).any(axis=0).sum()),
        "places_affected": float((turnout >= AFFECTED).any(axis=0).sum()),
        "sites_lost": float(series["sites_lost"].sum(axis=1).max()),
        "defection": float((national["defected"] >= DEFECTION * MILLION).any()),
        "defected_peak": float(national["defected"].max()) / MILLION,
        "order_day": ending.order,
        "fall_day": ending.day if ending.end else -1.0,
        "min_survival": float(national["survival"].min()) / MILLION,
    }
