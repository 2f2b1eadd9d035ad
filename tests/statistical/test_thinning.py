"""Thinning: fewer simulated people, each standing for more, keep the mean and widen chance.

One draw of moderate size (some 20,000 people in the street for days), fixed parameters, forty seeds at each level; the
lasting differences between places are off, since their chance is the same at every thinning (engine.md 1).
Measured: mean turnout over days 2 to 6 is 23,600 +- 1,800, 18,900 +- 730 and 18,600 +- 360 (standard errors) at 1:2000,
1:500 and 1:125; its spread over seeds falls from 49 to 25 to 12 % of the mean, as the square root of the number of
people says.
"""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.engine.run import simulate_all
from tocsin.scenario.load import load
from tocsin.world.build import World

pytestmark = [pytest.mark.statistical, pytest.mark.slow]

DRAW, SEEDS = 30, 40
LEVELS = (2000, 500, 125)
BEFORE_BREAK = slice(8, 24)
"""Ticks of days 2 to 6."""


@pytest.fixture(scope="module")
def turnout() -> dict[int, np.ndarray]:
    """National turnout float[seeds, ticks] by people per agent."""
    found = {}
    for level in LEVELS:
        scenario = load("kazakhstan-2022").vary({"people_per_agent": level, "days": 6, "grievance.place_spread": 0.0})
        runs = simulate_all([World(scenario, DRAW, seed) for seed in range(1, SEEDS + 1)])
        found[level] = np.array([run.total("turnout") for run in runs], np.float64)
    return found


def spread(turnout: np.ndarray) -> float:
    """Standard deviation over seeds of turnout averaged over days 2 to 6, in parts of its mean."""
    mean = turnout[:, BEFORE_BREAK].mean(axis=1)
    return float(mean.std(ddof=1) / mean.mean())


@pytest.mark.parametrize(("level", "bound"), [(2000, 0.30), (500, 0.15)])
def test_thinning_keeps_the_mean_trajectory(level, bound, turnout):
    """Else cheap runs would show another uprising than full ones.

    Against 1:125. Standard errors of the ratio of means are 0.085 and 0.043, so the bounds are 3.5 of them; bias of
    half again at 1:2000 and of a quarter at 1:500 is found with a power of 0.99.
    """
    fine = turnout[125].mean(axis=0)
    assert turnout[level][:, BEFORE_BREAK].mean() == pytest.approx(fine[BEFORE_BREAK].mean(), rel=bound)
    for tick in (7, 11, 15, 19):
        assert turnout[level].mean(axis=0)[tick] == pytest.approx(fine[tick], rel=1.3 * bound)


def test_chance_narrows_as_people_are_added(turnout):
    """Else the spread of an ensemble would not be that of a country of this size.

    The ratio of two standard deviations from 40 seeds has a standard error of 16 %; expected are 2 and 2.
    """
    coarse, middle, fine = (spread(turnout[level]) for level in LEVELS)
    assert 1.3 < coarse / middle < 3.1
    assert 1.3 < middle / fine < 3.1
