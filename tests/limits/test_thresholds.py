"""Thresholds: three published models of cascades.

Granovetter 1978 (doi 10.1086/226707), Kuran 1991 (doi 10.2307/2010422), Siegel 2009 on the complete graph
(doi 10.1111/j.1540-5907.2008.00361.x): alpha = sigma = 0, rho = 1, aversion = threshold, no noise.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from tests.limits.crowds import SMALLEST_STEP, Crowd, cascade, law, stored, threshold_law
from tocsin.exact import normal_quantile
from tocsin.kernels.draw import name_hash, uniforms

MILLION = 1_000_000
MEAN = 0.25


def drawn(n: int, mean: float, spread: float, seed: int) -> np.ndarray:
    """Normal thresholds from the generator that the kernels use."""
    numbers = np.arange(n, dtype=np.int64)
    u = uniforms(seed, name_hash("thresholds"), 0, numbers, numbers * 0)
    return mean + spread * normal_quantile(u)


def spaced(n: int, mean: float, spread: float) -> np.ndarray:
    """Normal thresholds at equally spaced quantiles: the continuous distribution but for 1/n."""
    return mean + spread * normal_quantile((np.arange(n) + 0.5) / n)


def test_uniform_thresholds_bring_out_all_hundred():
    """Else the oldest result on cascades is not a limit of our law, and joining is not what its authors mean by it."""
    assert cascade(np.arange(100) / 100).counts[0, 1] == 100


def test_one_person_more_hesitant_leaves_one_alone():
    """Else crowds would not hang on single persons: two nearly equal towns, one riot and one rioter."""
    thresholds = np.arange(100) / 100
    thresholds[1] = 0.02
    assert cascade(thresholds).counts[0, 1] == 1


@pytest.mark.parametrize("size", [100, 1000, 4096])
def test_chain_of_thresholds_runs_to_the_end(size):
    """Else a link of the chain is lost in rounding, and a crowd stops where nobody hesitates."""
    crowd = cascade(np.arange(size) / size)
    assert crowd.counts[0, 1] == size
    assert crowd.now == size + 1


@pytest.mark.parametrize("already", [0, 1, 777, 32_768, 65_534, 65_535])
def test_each_stored_threshold_is_told_from_the_next(already):
    """Else people one 16-bit step apart would act as one; each of 65,536 thresholds is held by one person here."""
    crowd = Crowd(np.zeros(65_536, np.uint16), np.arange(65_536).astype(np.uint16))
    crowd.step(threshold_law(already / 65_536))
    assert np.array_equal(np.flatnonzero(crowd.active), np.arange(already + 1))


@pytest.mark.parametrize(
    ("thresholds", "opposition"),
    [
        ((0, 20, 20, 30, 40, 50, 60, 70, 80, 100), 1),
        ((0, 10, 20, 30, 40, 50, 60, 70, 80, 100), 9),
        ((0, 20, 30, 30, 40, 50, 60, 70, 80, 100), 1),
        ((0, 10, 30, 30, 40, 50, 60, 70, 80, 100), 2),
    ],
)
def test_same_small_shift_makes_a_revolution_or_nothing(thresholds, opposition):
    """Else Kuran's point is lost: that a revolution surprises because the same shift of one person gives 90 or 20 %."""
    assert cascade(np.array(thresholds) / 100).counts[0, 1] == opposition


def published(spread: float) -> float:
    """The first crossing of r = Phi((r - 0.25)/spread) from above, on a fine grid and refined."""
    grid = np.linspace(0.0, 1.0, 100_001)
    gap = norm.cdf((grid - MEAN) / spread) - grid
    i = int(np.flatnonzero(gap <= 0)[0])
    return float(brentq(lambda r: norm.cdf((r - MEAN) / spread) - r, grid[i - 1], grid[i]))


@pytest.mark.parametrize(
    ("percent", "equilibrium", "tolerance"),
    [(12.22, 5.98, 0.02), (12.23, 100.0, 0.01), (25.0, 99.86, 0.01), (50.0, 90.5, 0.05), (1000.0, 51.04, 0.01)],
)
def test_normal_thresholds_have_the_published_equilibria(percent, equilibrium, tolerance):
    """Else the size of a crowd at rest would not be what thresholds imply; the jump lies at 12.2221 of 100."""
    share = 100 * cascade(spaced(MILLION, MEAN, percent / 100)).share
    assert share == pytest.approx(equilibrium, abs=tolerance)
    assert share == pytest.approx(100 * published(percent / 100), abs=tolerance)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_million_drawn_thresholds_jump_between_12_15_and_12_30(seed):
    """Else chance in who is born would hide the critical point that theory puts between the two.

    The jump lies at 12.222 of 100 and varies from seed to seed with a standard deviation of about 0.016 (the sampling
    error of the share below the point of tangency), so either side is more than four of them away.
    """
    assert cascade(drawn(MILLION, MEAN, 0.1215, seed)).share < 0.1
    assert cascade(drawn(MILLION, MEAN, 0.1230, seed)).share > 0.9


def test_a_million_drawn_thresholds_rest_at_four_percent_or_all_take_part():
    """Else a little more variety among people would not turn a few protesters into a whole country."""
    assert cascade(drawn(MILLION, MEAN, 0.12, 9)).share == pytest.approx(0.040, abs=0.003)
    assert cascade(drawn(MILLION, MEAN, 0.125, 9)).share > 0.999


def siegel(motivation: np.ndarray, persistence: float, ticks: int = 600) -> Crowd:
    """Siegel on the complete graph: c' = lambda c - (1 - lambda)(1 - r); part is taken iff b + c > 0; c starts at -1.

    Aversion holds 1 - b, so that b + c > 0 reads -R + (1 + c) > 0.
    """
    crowd = Crowd(np.zeros(len(motivation), np.uint16), stored(1.0 - motivation))
    external = -1.0
    for _ in range(ticks):
        share = crowd.step(law(rho=1.0, gamma=1.0 + external + SMALLEST_STEP))
        external = persistence * external - (1.0 - persistence) * (1.0 - share)
    return crowd


@pytest.mark.parametrize("persistence", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("spread", "low", "high"), [(0.115, 0.0, 0.06), (0.13, 0.99, 1.0)])
def test_siegel_on_the_complete_graph_is_granovetter(persistence, spread, low, high):
    """Else memory of the past would change where a crowd ends and not only how soon, against theory.

    The same persons take part in the end, whatever the persistence.
    """
    motivation = drawn(20_000, 0.75, spread, 5)
    crowd = siegel(motivation, persistence)
    assert low <= crowd.share <= high
    assert np.array_equal(crowd.active, cascade(1.0 - motivation).active)
