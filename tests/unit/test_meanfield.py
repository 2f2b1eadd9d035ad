"""The mean-field twin against people."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.engine.compose import to_integers
from tocsin.engine.crowd import Crowd
from tocsin.engine.meanfield import Densities, meanfield
from tocsin.engine.run import simulate
from tocsin.kernels.draw import keys_of
from tocsin.kernels.law import tables
from tocsin.scenario.load import load
from tocsin.world.build import World, build, parameters_of


@pytest.fixture(scope="module")
def scenario():
    """Kazakhstan at 1:100, eight days."""
    return load("kazakhstan-2022").vary({"people_per_agent": 100, "days": 8})


def numbers_for(scenario, alpha=6.0, gamma=-3.0, rho=15.0, rate=1.0):
    """Coefficients without ties in one world, the same everywhere but for the tactics that are closed."""
    places, segments = len(scenario.places), len(scenario.segments)
    wide = np.zeros((1, places, segments, 5, 3))
    closed = wide + np.array([0.0, -1000.0, -1.0])
    slim = np.zeros((1, places, segments, 5))
    return {
        "alpha": wide + alpha, "beta": wide, "gamma": closed + gamma, "rho": wide + rho,
        "sigma_h": slim, "sigma_w": slim, "rate": slim + rate,
    }  # fmt: skip


def test_one_tick_is_exact_given_the_state(scenario):
    """Else the twin would be another model: those expected to act must be the sum over persons of nu P(act)."""
    parameters = parameters_of(scenario, 1)
    (world,) = build([World(scenario, 1, 1)], [parameters])
    numbers = numbers_for(scenario)
    twin = Densities(scenario, 0, parameters[0]["grievance.spread"])
    twin.choose(numbers, 0)
    c = to_integers(numbers, 1, len(scenario.places), world.setting.can_act, world.setting.days)
    t = tables(10.0)
    for p in range(len(scenario.places)):
        rows = slice(int(world.layout.block[p]) * 64, int(world.layout.block[p]) * 64 + int(world.layout.size[p]))
        segment = world.people.status[rows] >> 4
        h, r = world.people.hardship[rows].astype(np.int64), world.people.aversion[rows].astype(np.int64)
        at = (p, segment, 0, 0)
        v = ((c.alpha[at] * h - c.rho[at] * r) >> 16) + c.gamma[at]
        act = c.nu[p, segment, 0] / 2**30 * t.chance[np.clip((v >> 14) + 22 * 64, 0, 44 * 64)] / 2**32
        sampling = np.sqrt(act.sum())  # aversion is sampled, the density is not
        assert twin.counts[p, 1:4].sum() == pytest.approx(act.sum(), abs=4 * sampling, rel=0.01)
    crowd = Crowd(world, [10.0], keys_of([7]))
    crowd.choose(numbers, 0)
    got, expected = crowd.counts[:, 1:4].sum(axis=0), twin.counts[:, 1:4].sum(axis=0)
    assert np.all(np.abs(got - expected) <= 4 * np.sqrt(expected) + 0.002 * expected)


def test_nobody_is_lost_in_densities(scenario):
    """Else the twin would leak people and drift away from the country."""
    twin = Densities(scenario, 0, 1.0)
    before = twin.counts.sum()
    rng = np.random.default_rng(3)
    for tick in range(5):
        twin.choose(numbers_for(scenario, gamma=0.0), tick)
        twin.befall(rng.uniform(0, 1, (1, len(scenario.places), len(scenario.segments), 8, 6)), tick)
    assert twin.counts.sum() == pytest.approx(before, rel=1e-12)
    assert (twin.density >= -1e-9).all()


def test_whole_runs_without_ties_follow_the_twin(scenario):
    """Else the twin could not stand in for people: without ties eight runs have its peak within 15 %."""
    bare = scenario.vary({"ties": False, "people_per_agent": 20, "days": 5, "loyalty": False, "control": False})
    twin = meanfield(bare, 3, 1).total("turnout")
    runs = [simulate(bare, 3, seed).total("turnout") for seed in range(1, 9)]
    mean = np.mean(runs, axis=0)
    assert mean.max() == pytest.approx(twin.max(), rel=0.15)
