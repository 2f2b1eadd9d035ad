"""Fills record slots and sums a run up. Never draws, never changes anything."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tocsin.exact import Floats, total
from tocsin.results.record import ABROAD_SERIES, NATIONAL_SERIES, PLACE_SERIES, Ints, Outcome
from tocsin.state import Setting

AFFECTED = 100.0
"""Turnout (people) from which a place counts as affected."""
DEFECTION = 0.2
"""Share of staff not loyal from which a run counts as one with defection."""
PATHS = ("", "street", "units", "elites", "")


class Records:
    """Slots made before the run: series int64[T, P], national int64[T], abroad int64[T, N]."""

    def __init__(self, ticks: int, population: Floats, states: int) -> None:
        places, self.weight = len(population), population / float(total(population))
        self.series = {name: np.zeros((ticks, places), np.int64) for name in PLACE_SERIES}
        self.national = {name: np.zeros(ticks, np.int64) for name in NATIONAL_SERIES}
        self.abroad = {name: np.zeros((ticks, states), np.int64) for name in ABROAD_SERIES}
        self.digests = np.zeros(ticks, np.uint64)

    def keep(self, tick: int, people: Mapping[str, Ints], columns: Mapping[str, Floats], digest: int) -> None:
        """One tick at home. `people` are counts in people of the country, not of the thinned population."""
        for name in ("marching", "striking", "occupying", "in_custody", "former", "detained", "wounded", "killed"):
            self.series[name][tick] = people[name]
        self.series["turnout"][tick] = people["marching"] + people["striking"] + people["occupying"]
        for name in ("control", "sites_lost"):
            self.series[name][tick] = np.rint(columns[name])
        self.series["force"][tick] = np.rint(columns["force"] * columns["loyal"] + columns["support"])
        self.series["loyal"][tick] = np.rint(columns["loyal"] * 10_000)
        for name, column in (("survival", "survival"), ("elite_strength", "strength"), ("defected", "defected")):
            self.national[name][tick] = round(float(columns[column][0]) * 1_000_000)
        for name, column in (("demand", "demand"), ("organisation", "organisation")):
            self.national[name][tick] = round(float(np.cumsum(columns[column] * self.weight)[-1]) * 1_000_000)
        for name, column in (("believed_force", "believed"), ("believed_against", "believed_against")):
            self.national[name][tick] = round(float(columns[column][0]))
        self.national["lethal"][tick] = int((columns["rules"] >= 2).sum())
        self.national["requested"][tick] = round(float(columns["requested"][0]))
        self.national["consents"][tick] = int((columns["consented"] > 0).sum())
        self.national["troops"][tick] = round(float(total(columns["troops"])))
        self.national["injured_forces"][tick] = round(float(columns["injured_forces"][0]))
        self.digests[tick] = digest

    def keep_state(self, tick: int, state: int, people: Mapping[str, Ints], columns: Mapping[str, Floats]) -> None:
        """One tick of one society; `deployed` is about all states."""
        self.abroad["turnout"][tick, state] = sum(int(people[n].sum()) for n in ("marching", "striking", "occupying"))
        for name in ("detained", "killed"):
            self.abroad[name][tick, state] = int(people[name].sum())
        self.abroad["end"][tick, state] = round(float(columns["end"][0]))
        self.abroad["survival"][tick, state] = round(float(columns["survival"][0]) * 1_000_000)
        self.abroad["deployed"][tick] = np.rint(columns["deployed"])

    def freeze_from(self, tick: int) -> None:
        """Repeat the last kept tick to the horizon, after an end."""
        for array in (*self.series.values(), *self.national.values(), *self.abroad.values(), self.digests):
            array[tick:] = array[tick - 1]


def sum_up(records: Records, columns: Mapping[str, Floats], setting: Setting, ever: float) -> Outcome:
    """The outcome class (M19) and headline numbers. ever: people who took part at least once."""
    end, day = int(columns["end"][0]), float(columns["end_day"][0])
    order = float(columns["order_day"][0])
    conceded = float(total(columns["conceded"])) > 0
    kinds = ("", "regime falls", "regime falls", "ruler leaves, regime stays", "civil war")
    if end:
        kind = kinds[end]
    elif order < 0:
        kind, day = "undecided", len(records.digests) * setting.days
    else:
        kind, day = ("concessions" if conceded else "survives"), order
    fallen = end in (1, 2, 3)
    return Outcome(kind, day, PATHS[end], fallen, _summary(records, setting, ever, day if end else -1.0, order))


def _summary(records: Records, setting: Setting, ever: float, end_day: float, order: float) -> dict[str, float]:
    turnout = records.series["turnout"]
    whole = turnout.sum(axis=1)
    peak = int(np.argmax(whole))
    population = float(total(setting.population))
    last = {name: float(records.series[name][-1].sum()) for name in ("detained", "killed", "wounded")}
    return {
        "peak_turnout": float(whole[peak]),
        "peak_share": float(whole[peak]) / population,
        "peak_day": (peak + 1) * setting.days,
        "ever_share": ever / population,
        **last,
        "injured_forces": float(records.national["injured_forces"][-1]),
        "places_lost": float((records.series["control"] == 2).any(axis=0).sum()),
        "places_affected": float((turnout >= AFFECTED).any(axis=0).sum()),
        "sites_lost": float(records.series["sites_lost"].sum(axis=1).max()),
        "defection": float((records.national["defected"] >= DEFECTION * 1e6).any()),
        "defected_peak": float(records.national["defected"].max()) / 1e6,
        "order_day": order,
        "fall_day": end_day,
        "min_survival": float(records.national["survival"].min()) / 1e6,
    }
