"""The mean-field twin: the same law and the same mechanisms, with people as densities over hardship and aversion.

Each place and segment carries a density over H, R and action, and every probability acts on it in full, so nothing
about persons is drawn. Places, units and elites keep their own draws: a twin has a seed. Exact for one tick given the
state where there are no ties (sigma = beta = 0), but for the width of the bins; with ties, support is taken at the
mean of the place, and private backlash is left out: an approximation whose gap tests/unit/test_meanfield.py measures.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.engine.run import Loop
from tocsin.errors import RunError
from tocsin.exact import Floats, chance, exp, logistic, total
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario
from tocsin.state import FORMER, MARCHING, QUIET
from tocsin.world.build import World, parameters_of
from tocsin.world.identify import hardship
from tocsin.world.setting import setting_of

H_BINS = 24
R_BINS = 40
ORIGINS = (QUIET, 1, 2, 3, FORMER)
SHAPING = ("alpha", "gamma", "rho", "sigma_h", "sigma_w")
_RESULT = (4, 5, 6, FORMER, FORMER, 4)


class Densities:
    """People of one world as densities, float[9, P, S, H, R] in simulated people by action; steps as `crowd.Crowd`."""

    def __init__(self, scenario: Scenario, state: int, spread: float) -> None:
        self.setting = setting_of(scenario, state)
        edges = (np.arange(R_BINS + 1) / R_BINS) ** 2
        self.aversion = (edges[1:] + edges[:-1]) / 2
        self.hardship = hardship(spread, (np.arange(H_BINS) + 0.5) / H_BINS)
        people = self.setting.population[0, :, None] / self.setting.person_weight * self.setting.segment_share[0]
        self.density = np.zeros((9, *people.shape, H_BINS, R_BINS))
        self.density[QUIET] = people[:, :, None, None] * ((edges[1:] - edges[:-1]) / H_BINS)[None, None, None, :]

    @property
    def counts(self) -> Floats:
        """Expected simulated people by place and action, float[P, 9]."""
        return np.ascontiguousarray(self.density.sum(axis=(2, 3, 4)).T)

    def answer(self, numbers: Mapping[str, Floats], origin: int) -> tuple[Floats, Floats]:
        """P(act) and the shares of the tactics for people who now do `origin` (its index among ORIGINS).

        float[P, S, H, R] and float[K, P, S, H, R].
        """
        counts = self.counts
        share = counts[:, 1:4].sum(axis=1) / counts[:, :8].sum(axis=1)
        weight = numbers["sigma_h"][:, :, origin] + numbers["sigma_w"][:, :, origin]
        lift = (weight * share[:, None])[:, :, None, None]
        hard, averse = self.hardship[None, None, :, None], self.aversion[None, None, None, :]
        v = np.empty((3, *self.density.shape[1:]))
        for k in range(3):
            alpha, gamma, rho = (numbers[name][:, :, origin, k, None, None] for name in ("alpha", "gamma", "rho"))
            v[k] = alpha * hard + gamma + lift - rho * averse
        best = v.max(axis=0)
        weights = exp(v - best)
        return logistic(best), weights / total(weights, axis=0)

    def choose(self, numbers: Mapping[str, Floats], tick: int) -> None:
        """Expected changes of action, all from the state before."""
        cells = self.density.shape[1:3]
        numbers = {n: np.broadcast_to(v[0], (*cells, 5, 3)[: v.ndim - 1]) for n, v in numbers.items()}
        nu = chance(numbers["rate"], self.setting.days) * self.setting.can_act[None, :, None]
        moved = np.zeros_like(self.density)
        acts, tactic = self.answer(numbers, 0)
        for i, action in enumerate(ORIGINS):
            if i and not all(np.array_equal(numbers[n][:, :, i], numbers[n][:, :, 0]) for n in SHAPING):
                acts, tactic = self.answer(numbers, i)
            turning = self.density[action] * nu[:, :, i, None, None]
            joining = turning * acts
            moved[MARCHING : MARCHING + 3] += joining * tactic
            if action in (QUIET, FORMER):
                moved[action] -= joining
            else:
                moved[action] -= turning
                moved[FORMER] += turning - joining
        self.density += moved

    def befall(self, rates: Floats, tick: int) -> tuple[Floats, Floats]:
        """Expected fates; float[P, 6] simulated people by outcome, twice: here all happens as expected."""
        rates = np.broadcast_to(rates[0], (*self.density.shape[1:3], *rates.shape[3:]))
        whole = total(rates)
        share = np.where(whole[..., None] > 0, rates / np.maximum(whole, 1e-300)[..., None], 0.0)
        p = share * chance(whole, self.setting.days)[..., None]
        flows = np.zeros((p.shape[0], p.shape[3]))
        before = self.density.copy()
        for action, outcome in zip(*np.nonzero((p > 0).any(axis=(0, 1))), strict=True):
            hit = before[action] * p[:, :, action, outcome, None, None]
            self.density[action] -= hit
            self.density[_RESULT[outcome]] += hit
            flows[:, outcome] += hit.sum(axis=(1, 2, 3))
        return flows, flows

    def push(self, tick: int) -> None:
        """Densities have no ties."""

    def leave(self, staying: NDArray[np.bool_]) -> None:
        """The story is over: nobody is left to be stepped."""
        self.density = self.density[:, : int(staying.sum()) * self.density.shape[1]]

    def fingerprint(self) -> NDArray[np.uint64]:
        """Densities have no persons to digest."""
        return np.zeros(1, np.uint64)


def meanfield(scenario: Scenario, draw: int, seed: int) -> Run:
    """One run of the twin, in the form of any other run. Never stored: it has the key of the run it is the twin of."""
    begun = time.perf_counter()
    parameters = parameters_of(scenario, draw)
    people: list[Any] = [Densities(scenario, i, parameters[i]["grievance.spread"]) for i in scenario.societies]
    loop = Loop([World(scenario, draw, seed)], [parameters], [(p.setting, p) for p in people])
    loop.go()
    (made,) = loop.finished(time.perf_counter() - begun)
    if isinstance(made, RunError):
        raise made
    return made
