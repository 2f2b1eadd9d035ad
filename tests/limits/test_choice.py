"""With noise: the share that acts is nu logistic(V), and tactics share the actors by softmax.

Errors are measured in standard errors of the binomial. Utilities are put on the points at which the law's tables (steps
of 1/64) are exact, so no tolerance hides a bias; between those points the tables are off by what is stated last.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from tests.limits.crowds import SMALLEST_STEP, TRAIT, Crowd, law
from tocsin.kernels.law import NU_BITS, ONE_Q, tables

CELL = 51_200
ALPHA, RHO = 4.0, 2.0
MIDDLE = 1 / 128
SIGNIFICANCE = 1e-4
LEVELS = np.arange(5)


def cells() -> tuple[Crowd, np.ndarray]:
    """25 cells of equal people, H = i/8 and R = j/8, and the cell of each person."""
    cell = np.repeat(np.arange(25), CELL)
    return Crowd((cell // 5 * TRAIT // 8).astype(np.uint16), (cell % 5 * TRAIT // 8).astype(np.uint16)), cell


def logistic(v: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-v))


def surprise(found: np.ndarray, expected: np.ndarray, n: float) -> float:
    """Chance of a chi-square at least as large, over cells of n people each."""
    return float(chi2.sf(((found - expected) ** 2 / (expected * (1 - expected) / n)).sum(), found.size))


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize(("rate", "gamma"), [(1.0, -0.5), (0.3, 0.0), (0.02, -1.0), (0.7, -5.0)])
def test_share_that_acts_is_logistic(rate, gamma, skip):
    """Else hardship and risk would move people by other odds than the parameters say.

    Fails by chance once in 10,000. Chi-square over 25 cells of 256,000 choices each: found with a power above 0.95 is a
    bias in every cell of 0.3 % of its share at rate 1, of 1 % at rate 0.3, and of 4 % in the two cases of rare acts.
    """
    crowd, cell = cells()
    c = law(alpha=ALPHA, rho=RHO, gamma=gamma + MIDDLE, noiseless=False)
    c.nu[...] = round(rate * 2**NU_BITS)
    found = np.zeros(25)
    for _ in range(5):
        crowd.calm()
        crowd.step(c, skip=skip)
        found += np.bincount(cell[crowd.active], minlength=25) / (5 * CELL)
    v = ALPHA * LEVELS[:, None] / 8 - RHO * LEVELS[None, :] / 8 + gamma + MIDDLE
    assert surprise(found, rate * logistic(v).ravel(), 5 * CELL) > SIGNIFICANCE


def test_who_is_indifferent_stays_at_home():
    """Else rules with a strict comparison (Granovetter's, Epstein's) would be met by people who gain nothing."""
    for gamma, acting in ((-SMALLEST_STEP, 0.0), (0.0, 0.0), (SMALLEST_STEP, 1.0)):
        assert Crowd(np.zeros(100, np.uint16), np.zeros(100, np.uint16)).step(law(gamma=gamma)) == acting


@pytest.mark.parametrize("behind", [(0, 0, 0), (0, 16, 64), (128, 0, 32), (320, 8, 0)])
def test_tactics_share_the_actors_by_softmax(behind):
    """Else people would strike or occupy more often than its attraction says; `behind` in 64ths of a unit.

    Fails by chance once in 10,000; with 938,000 actors a shift of one share by 0.3 points is found with a power above
    0.96.
    """
    crowd, _ = cells()
    c = law(noiseless=False)
    utilities = 1 + MIDDLE - np.array([b + 0.5 * (b > 0) for b in behind]) / 64  # at the middle of the table's steps
    c.gamma[...] = np.rint(utilities * ONE_Q)
    share = crowd.step(c)
    assert share == pytest.approx(logistic(np.array(1 + MIDDLE)), abs=0.002)
    weight = np.exp(utilities)
    expected = weight / weight.sum() * crowd.counts[0, 1:4].sum()
    assert chi2.sf(((crowd.counts[0, 1:4] - expected) ** 2 / expected).sum(), 2) > SIGNIFICANCE


def test_support_of_the_household_adds_to_utility():
    """Else one's family in the street would pull otherwise than its share times the strength of the tie.

    Seven in eight are put into the street by hand; the others have either nobody or all of their household there.
    Fails by chance once in 10,000; finds a shift of 4 points (power 0.95).
    """
    crowd, _ = cells()
    c = law(noiseless=False, gamma=MIDDLE - 1)
    c.sigma_h[...] = ONE_Q
    row = np.arange(crowd.size)
    undecided, street = row % 8 == 0, np.uint64(0xFEFEFEFEFEFEFEFE)
    crowd.people.status[: crowd.size][~undecided] = 1
    crowd.people.active[...] = street
    crowd.counts[0, :2] = undecided.sum(), (~undecided).sum()
    family = crowd.layout.household[0, row // 64 % 16, row % 64] & ~(np.uint64(1) << (row % 64).astype(np.uint64))
    size, acting = np.bitwise_count(family), np.bitwise_count(family & street)
    crowd.step(c)
    for group, support in ((undecided & (size == 0), 0.0), (undecided & (size > 0) & (acting == size), 1.0)):
        expected, n = logistic(np.array(support - 1 + MIDDLE)), group.sum()
        assert n > 4000
        assert abs(crowd.active[group].mean() - expected) < 3.9 * np.sqrt(expected * (1 - expected) / n)


def test_tables_are_no_coarser_than_stated():
    """Else probabilities between the tables' points would be off by more than 1 part in 500."""
    t, v = tables(10.0), np.linspace(-20, 20, 100_003)
    step = np.floor(v * 64).astype(np.int64)
    assert np.abs(t.chance[step + 22 * 64] / 2.0**32 - logistic(v)).max() < 1 / 510
    gap = np.linspace(0, 10, 100_003)
    excess = t.weight[np.floor(gap * 64).astype(np.int64)] / 2.0**31 / np.exp(-gap)
    assert excess.min() > 0.992
    assert excess.max() < 1.008
    assert np.mean(excess) == pytest.approx(1.0, abs=1e-4)
