"""Halving the tick: rates are per day, so means over draws must hardly move from 6 to 3 to 1.5 hours.

48 draws of the priors at 1:100 over 12 days, one seed each, differences paired by draw. Their standard deviation is
0.2 to 0.6 in logarithms, most of it chance: a finer tick is another series of draws, and crowds near a tipping point
differ a hundredfold by chance. Measured with 90 draws of other seeds, log peak turnout changes by -0.09 +- 0.06 from 6
to 3 hours and -0.05 +- 0.07 from 3 to 1.5 (coarser less finer, standard errors), the share ever active by -0.10 +- 0.06
and -0.05 +- 0.06, detained by 0.05 +- 0.04 and -0.01 +- 0.05: a tick of 6 hours shows crowds some 10 % too small. In
the mean-field twin, without ties and chance among people, peak turnout changes by -0.015 +- 0.014 and 0.003 +- 0.006.
"""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.engine.run import simulate_all
from tocsin.scenario.load import load
from tocsin.world.build import World

pytestmark = [pytest.mark.statistical, pytest.mark.slow]

DRAWS, PEOPLE_PER_AGENT, DAYS = 48, 100, 12
HOURS = (6.0, 3.0, 1.5)
FLOORS = {"peak_turnout": 100.0, "ever_share": 1e-5, "detained": 1000.0}
"""Added before the logarithm: the order of one agent, or of ten for the rare ones."""
MEAN_BOUND, MEDIAN_BOUND, FALL_BOUND = 0.30, 0.15, 0.15


@pytest.fixture(scope="module")
def measured() -> dict[str, np.ndarray]:
    """Outcomes by name, float[ticks, draws]; logarithms but for `fallen`."""
    base = load("kazakhstan-2022").vary({"people_per_agent": PEOPLE_PER_AGENT, "days": DAYS})
    found: dict[str, np.ndarray] = {name: np.zeros((len(HOURS), DRAWS)) for name in (*FLOORS, "fallen")}
    for i, hours in enumerate(HOURS):
        scenario = base.vary({"tick": hours})
        runs = simulate_all([World(scenario, draw, 2000 + draw) for draw in range(1, DRAWS + 1)])
        for k, outcome in enumerate(run.outcome for run in runs):
            for name, floor in FLOORS.items():
                found[name][i, k] = np.log(outcome.summary[name] + floor)
            found["fallen"][i, k] = outcome.fallen
    return found


@pytest.mark.parametrize("name", FLOORS)
@pytest.mark.parametrize("finer", [1, 2])
def test_halving_the_tick_hardly_moves_means(name, finer, measured):
    """Else the length of a tick, which nobody chose on evidence, would decide how large an uprising gets.

    Mean within 0.30 and median within 0.15 in logarithms. Their standard errors are 0.03 to 0.09 and 0.03 to 0.07: a
    shift of all draws by 0.3 is found with a power of 0.98 at least.
    """
    gap = measured[name][finer - 1] - measured[name][finer]
    assert abs(gap.mean()) < MEAN_BOUND
    assert abs(np.median(gap)) < MEDIAN_BOUND


@pytest.mark.parametrize("finer", [1, 2])
def test_halving_the_tick_hardly_moves_the_share_that_falls(finer, measured):
    """Else a regime would fall because it is asked more often.

    Standard error 0.04: a rise by 0.25 is found with a power of 0.99. Blind to a removal that only comes sooner.
    """
    assert abs(measured["fallen"][finer - 1].mean() - measured["fallen"][finer].mean()) < FALL_BOUND


def test_crowds_are_large_enough_to_tell(measured):
    """Else the halving would be tested on draws in which nothing happens."""
    assert np.median(np.exp(measured["peak_turnout"][0])) > 5_000
    assert 0.05 < measured["fallen"][0].mean() < 0.95
