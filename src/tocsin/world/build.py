"""From a resolved scenario, a draw and a seed to a world: the setting, the people, the parameters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.exact import Floats
from tocsin.kernels.draw import name_hash, split
from tocsin.kernels.law import CERTAIN
from tocsin.kernels.people import Layout, People
from tocsin.kernels.synthesis import QUANTILES, fill, tally
from tocsin.kernels.warmup import empty_people
from tocsin.scenario.scenario import Scenario
from tocsin.state import Setting
from tocsin.world.identify import hardship, identify
from tocsin.world.layout import distances, layout_of, mean_household
from tocsin.world.parameters import draw_parameters


@dataclass
class World:
    """What a run steps through. Only `people` and `counts` change; `counts` int64[P, 9] people by action."""

    setting: Setting
    layout: Layout
    people: People
    counts: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    people_key: str

    def fork(self) -> World:
        """The same world with people of its own, for the second half of a pair."""
        columns: list[Any] = [column.copy() for column in self.people]
        people = People._make(columns)
        return World(self.setting, self.layout, people, self.counts.copy(), self.people_key)


def setting_of(scenario: Scenario) -> Setting:
    """The frozen arrays that mechanisms see, places in name order."""
    places = sorted(scenario.places, key=lambda p: p.name)
    garrison = np.array([p.garrison for p in places], np.float64)
    units = np.maximum(1, np.rint(garrison / scenario.unit_size)).astype(np.int64)
    unit_place = np.repeat(np.arange(len(places)), units)
    return Setting(
        places=tuple(p.name for p in places),
        population=np.array([p.population for p in places], np.float64),
        km=distances(scenario),
        seat=np.array([p.seat for p in places], np.float64),
        garrison=garrison,
        sites=np.array([len(p.sites) for p in places], np.float64),
        segments=tuple(s.name for s in scenario.segments),
        segment_share=np.array([p.segments for p in places], np.float64).reshape(len(places), len(scenario.segments)),
        can_act=np.array([s.can_act for s in scenario.segments], bool),
        may_strike=np.array([s.may_strike for s in scenario.segments], bool),
        unit_place=unit_place,
        unit_number=np.concatenate([np.arange(n) for n in units]),
        unit_staff=(garrison / units)[unit_place],
        days=scenario.tick_hours / 24.0,
        person_weight=float(scenario.people_per_agent),
    )


def exposure_of(scenario: Scenario) -> Floats:
    """Largest exposure to a trigger that the script gives each place, float[P] in name order."""
    names = sorted(p.name for p in scenario.places)
    triggers = [e for e in scenario.events if e.kind == "trigger"]
    return np.array([max((e.value for e in triggers if n in e.places), default=0.0) for n in names])


def parameters_of(scenario: Scenario, draw: int) -> dict[str, float]:
    """The drawn parameters with the solved ones (`derived.*`)."""
    p = draw_parameters(scenario, draw)
    setting, layout = setting_of(scenario), layout_of(scenario, 0)
    found = identify(p, setting, exposure_of(scenario), mean_household(layout), scenario.circle_size)
    return {**p, **found}


def people_key(scenario: Scenario, spread: float, seed: int) -> str:
    """What decides who the people are; worlds of one key may share them."""
    plain = scenario.canonical()
    parts = [plain["places"], plain["segments"], plain["people_per_agent"], plain["circle_size"], spread, seed]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def build(scenario: Scenario, parameters: dict[str, float], seed: int) -> World:
    """Allocate and fill all columns."""
    setting, layout = setting_of(scenario), layout_of(scenario, seed)
    people = empty_people(int(layout.block[-1]), int(layout.circle[-1]))
    spread = parameters["grievance.spread"]
    q = np.clip(np.arange(QUANTILES + 1) / QUANTILES, 0.25 / QUANTILES, 1.0 - 0.25 / QUANTILES)
    quantile = hardship(spread, q)
    key = np.array(split(seed), np.int64)
    for p in range(len(setting.places)):
        share = np.rint(np.cumsum(setting.segment_share[p]) * CERTAIN).astype(np.int64)
        fill(p, people, layout, quantile, share, key, name_hash("synthesis"), False)
    counts = np.zeros((len(setting.places), 9), np.int64)
    tally(people, layout, counts)
    return World(setting, layout, people, counts, people_key(scenario, spread, seed))
