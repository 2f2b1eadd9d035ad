"""From a resolved scenario, a draw and a seed to a world: the settings, the people, the parameters of each society."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.exact import Floats
from tocsin.kernels.draw import name_hash, split
from tocsin.kernels.law import CERTAIN
from tocsin.kernels.people import Layout, People
from tocsin.kernels.synthesis import QUANTILES, fill, tally
from tocsin.kernels.warmup import empty_people
from tocsin.scenario.scenario import Scenario
from tocsin.state import HOME, Setting
from tocsin.world.identify import hardship, identify, identify_abroad
from tocsin.world.layout import layout_of, mean_household
from tocsin.world.parameters import draw_parameters
from tocsin.world.setting import setting_of

Parameters = Mapping[int, Mapping[str, float]]
"""State (0 is home) -> the drawn and solved parameters of its society."""


@dataclass
class Society:
    """One state's people. Only `people` and `counts` change; `counts` int64[P, 9] people by action."""

    setting: Setting
    layout: Layout
    people: People
    counts: np.ndarray[tuple[int, int], np.dtype[np.int64]]

    def fork(self) -> Society:
        """The same society with people of its own."""
        columns: list[Any] = [column.copy() for column in self.people]
        return Society(self.setting, self.layout, People._make(columns), self.counts.copy())


@dataclass
class World:
    """What a run steps through: home first, then the societies abroad.

    parameters: those that it was built with; solved_from: what they follow from, where that is known.
    """

    societies: tuple[Society, ...]
    people_key: str
    parameters: Parameters
    solved_from: tuple[object, ...] = ()

    def fork(self) -> World:
        """The same world with people of its own, for the second half of a pair."""
        return replace(self, societies=tuple(s.fork() for s in self.societies))

    def meant_for(self, scenario: Scenario) -> World:
        """The same people in the setting of a variant."""
        states = scenario.societies
        pairs = zip(self.societies, states, strict=True)
        societies = tuple(Society(setting_of(scenario, i), s.layout, s.people, s.counts) for s, i in pairs)
        return replace(self, societies=societies)


def parameters_of(scenario: Scenario, draw: int) -> dict[int, dict[str, float]]:
    """For each society the drawn parameters with the solved ones (`derived.*`), which are solved at home.

    They are solved from what is fixed before the story starts: the reference, not the script, and people without the
    factions that some of them will be.
    """
    plain = replace(scenario, factions=())
    exposure = np.array(list(scenario.felt.values()))
    vectors: dict[int, dict[str, float]] = {}
    found: dict[str, float] = {}
    for state in scenario.societies:
        p = draw_parameters(scenario, draw, state)
        setting, household = setting_of(plain, state), mean_household(scenario.places_of(state))
        if state == HOME:
            found = identify(p, setting, exposure, household, scenario.circle_size)
        else:
            found = identify_abroad(p, setting, household, scenario.circle_size, found)
        vectors[state] = {**p, **found}
    return vectors


def solved_from(scenario: Scenario, draw: int) -> tuple[object, ...]:
    """All that `parameters_of` looks at: where this is equal, so are the parameters."""
    s = scenario
    return draw, s.parameters, s.places, s.states, s.segments, s.circle_size, s.felt


def people_key(scenario: Scenario, parameters: Parameters, seed: int) -> str:
    """What decides who the people are; worlds of one key may share them."""
    parts: list[Any] = [seed, scenario.circle_size, [[f.name, f.place, float(f.size)] for f in scenario.factions]]
    for i in scenario.societies:
        places = [[p.name, p.population, p.household, p.segments] for p in scenario.places_of(i)]
        parts += [places, scenario.thinning(i), parameters[i]["grievance.spread"]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def build(scenario: Scenario, parameters: Parameters, seed: int, threads: int = 1) -> World:
    """Allocate and fill all columns of all societies; places are independent of each other."""
    societies, tasks = [], []
    for state in scenario.societies:
        setting, layout = setting_of(scenario, state), layout_of(scenario, state, seed)
        people = empty_people(int(layout.block[-1]), int(layout.circle[-1]))
        societies.append(Society(setting, layout, people, np.zeros((len(setting.places), 9), np.int64)))
        quantile = _hardship_table(parameters[state]["grievance.spread"])
        tasks += [(int(layout.size[p]), p, societies[-1], quantile) for p in range(len(setting.places))]
    key = np.array(split(seed), np.int64)

    def task(of: tuple[int, int, Society, Floats]) -> None:
        _, p, society, quantile = of
        share = np.rint(np.cumsum(society.setting.segment_share[p]) * CERTAIN).astype(np.int64)
        fill(p, society.people, society.layout, quantile, share, key, name_hash("synthesis"), False)

    largest_first = sorted(tasks, key=lambda t: -t[0])
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(task, largest_first))
    for society in societies:
        tally(society.people, society.layout, society.counts)
    return World(tuple(societies), people_key(scenario, parameters, seed), parameters)


def _hardship_table(spread: float) -> Floats:
    q = np.clip(np.arange(QUANTILES + 1) / QUANTILES, 0.25 / QUANTILES, 1.0 - 0.25 / QUANTILES)
    return hardship(spread, q)
