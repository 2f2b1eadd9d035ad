"""From worlds, each a resolved scenario, a draw and a seed, to their settings, their people and their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.exact import Floats, normal_quantile
from tocsin.kernels.draw import keys_of, name_hash
from tocsin.kernels.law import CERTAIN, EMPTY
from tocsin.kernels.people import BLOCK, Layout, People
from tocsin.kernels.synthesis import QUANTILES, draft, fill
from tocsin.kernels.warmup import empty_people
from tocsin.scenario.scenario import Scenario
from tocsin.state import HOME, QUIET, Setting
from tocsin.world.identify import hardship_at, identify, identify_abroad
from tocsin.world.keys import Asked, Same
from tocsin.world.layout import layout_of, mean_household
from tocsin.world.parameters import draw_parameters
from tocsin.world.setting import setting_of, together

Parameters = Mapping[int, Mapping[str, float]]
"""State (0 is home) -> the drawn and solved parameters of its society."""
KEPT_VECTORS = 256
"""Solved parameters that a process keeps: some 15 kB for each society."""


class World(NamedTuple):
    """What a run is about: a scenario, which vector of its priors, and which chance."""

    scenario: Scenario
    draw: int
    seed: int


@dataclass
class Society:
    """One state's people in W worlds of P places. Only `people` and `counts` change; counts int64[W P, 9] by action."""

    setting: Setting
    layout: Layout
    people: People
    counts: NDArray[np.int64]

    def some(self, places: NDArray[np.bool_]) -> Society:
        """The same people, with only these places, bool[W P], in sight."""
        whole = ("circle_size", "household")
        kept = {name: column[places] for name, column in self.layout._asdict().items() if name not in whole}
        return Society(self.setting, self.layout._replace(**kept), self.people, self.counts[places])


def parameters_of(scenario: Scenario, draw: int) -> dict[int, dict[str, float]]:
    """For each society the drawn parameters with the solved ones (`derived.*`), which are solved at home.

    They are solved from what is fixed before the story starts: the reference, not the script, and people without the
    factions that some of them will be. The worlds of one family are solved for once.
    """
    return {state: dict(p) for state, p in _vectors(Asked(scenario, draw, solved_from(scenario, draw))).items()}


@lru_cache(KEPT_VECTORS)
def _vectors(asked: Asked) -> Parameters:
    scenario, draw = asked.scenario, asked.draw
    plain = _without_factions(Same(scenario)) if scenario.factions else scenario
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


@lru_cache(KEPT_VECTORS)
def _without_factions(scenario: Same[Scenario]) -> Scenario:
    return replace(scenario.it, factions=())


def solved_from(scenario: Scenario, draw: int) -> tuple[object, ...]:
    """All that `parameters_of` looks at: where this is equal, so are the parameters."""
    s = scenario
    return draw, s.parameters, s.places, s.states, s.segments, s.circle_size, s.felt


def build(worlds: Sequence[World], parameters: Sequence[Parameters], threads: int = 1) -> list[Society]:
    """Allocate and fill all columns of all societies, home first.

    The worlds share a layout (`Scenario.layout`). Places are independent of each other; worlds of the same people get
    copies.
    """
    return [_society(worlds, [p[state] for p in parameters], state, threads) for state in worlds[0].scenario.societies]


def _society(worlds: Sequence[World], parameters: Sequence[Mapping[str, float]], state: int, threads: int) -> Society:
    keys = keys_of([w.seed for w in worlds])
    setting = together([setting_of(w.scenario, state) for w in worlds])
    layout, places = layout_of(worlds[0].scenario, state, keys), len(setting.places)
    people = empty_people(layout)
    shares = np.rint(np.cumsum(setting.segment_share, axis=-1) * CERTAIN).astype(np.int64)
    first: dict[object, int] = {}
    for row, vector in enumerate(parameters):
        like = first.setdefault((worlds[row].seed, vector["grievance.spread"], shares[row].tobytes()), row)
        if like != row:
            _copy(people, layout, like * places, row * places, places)
            continue
        quantile = _hardship_table(vector["grievance.spread"])
        _fill(people, layout, range(row * places, (row + 1) * places), quantile, shares[row], keys, threads)
    counts = np.zeros((len(layout.size), 9), np.int64)
    counts[:, QUIET], counts[:, EMPTY] = layout.size, (layout.end - layout.block) * BLOCK - layout.size
    return Society(setting, layout, people, counts)


def _fill(
    people: People, layout: Layout, places: range, quantile: Floats, shares: NDArray[np.int64],
    keys: NDArray[np.int64], threads: int,
) -> None:  # fmt: skip
    """Draw the traits of the people of one world; its places in parts over threads, the largest first."""
    stream = name_hash("synthesis")
    if threads == 1:
        fill(places.start, places.stop, people, layout, quantile, shares, keys, stream, draft())
        return

    def task(p: int) -> None:
        fill(p, p + 1, people, layout, quantile, shares[p - places.start :][:1], keys, stream, draft())

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(task, sorted(places, key=lambda p: -int(layout.size[p]))))


def _copy(people: People, layout: Layout, source: int, target: int, places: int) -> None:
    """Give the places of one world, from `target` on, the people of another's."""
    blocks = int(layout.end[source + places - 1] - layout.block[source])
    old, new = int(layout.block[source]), int(layout.block[target])
    for column, width in (
        (people.hardship, BLOCK), (people.aversion, BLOCK), (people.status, BLOCK), (people.top_hardship, 1),
        (people.least_aversion, 1),
    ):  # fmt: skip
        column[new * width : (new + blocks) * width] = column[old * width : (old + blocks) * width]


def _hardship_table(spread: float) -> Floats:
    return hardship_at(spread, _normals())


@lru_cache(1)
def _normals() -> Floats:
    """Quantiles of the standard normal at the points of the table, float[QUANTILES + 1]."""
    return normal_quantile(np.clip(np.arange(QUANTILES + 1) / QUANTILES, 0.25 / QUANTILES, 1.0 - 0.25 / QUANTILES))
