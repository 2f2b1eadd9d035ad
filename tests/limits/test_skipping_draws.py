"""The 64 uniforms of a block, made from their minimum outwards, are 64 independent uniforms.

Draws are fixed; each comparison fails by chance once in 10,000 and finds what it states with a power of about 0.99.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, chi2, kstest, norm

from tests.limits.crowds import CLOSED, Crowd, law
from tests.unit.worlds import SEED
from tocsin.kernels.choose import _members, _minima
from tocsin.kernels.law import NU_BITS, ONE_Q

BLOCKS = 200_000
SIGNIFICANCE = 1e-4


@pytest.fixture(scope="module")
def blocks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Uniforms float[BLOCKS, 64], minimum float[BLOCKS], its position int[BLOCKS], by the kernel's own parts."""
    least, position = np.empty(BLOCKS, np.int64), np.empty(BLOCKS, np.int64)
    _minima(0, BLOCKS, SEED[0], 7, 11, 99, least, position)
    u = np.empty((BLOCKS, 64), np.uint32)
    for i in range(BLOCKS):
        _members(i, least[i], position[i], SEED[0], 7, 12, 99, u[i])
    return (u + 0.5) / 2.0**32, (least + 0.5) / 2.0**32, position


def even(counts: np.ndarray) -> float:
    """Chance of so uneven counts or worse if all were equally likely."""
    mean = counts.mean()
    return float(chi2.sf(((counts - mean) ** 2 / mean).sum(), counts.size - 1))


def test_minimum_has_the_distribution_of_the_smallest_of_64(blocks):
    """Else blocks would be skipped too often or too seldom: 1 - (1 - x)^64; finds a shift of 2.5 % of its mean."""
    u, least, _ = blocks
    assert np.array_equal(u.min(axis=1), least)
    assert kstest(least, lambda x: 1 - (1 - x) ** 64).pvalue > SIGNIFICANCE


def test_every_row_is_equally_likely_to_be_first(blocks):
    """Else people in some rows would be braver than others; finds a row that is first 20 % too often."""
    u, _, position = blocks
    assert even(np.bincount(position, minlength=64)) > SIGNIFICANCE
    assert (u.argmin(axis=1) == position).mean() > 0.999_999


def test_every_row_has_uniform_draws(blocks):
    """Else the chance to act would depend on the row; 64 rows of 200,000 draws in 100 classes and by moments.

    Finds a shift of 0.008 in the mean of one row, and of 0.0005 in the mean of all.
    """
    u, _, _ = blocks
    worst = min(even(np.histogram(u[:, j], bins=100, range=(0, 1))[0]) for j in range(64))
    assert worst > SIGNIFICANCE / 64
    assert abs(u.mean() - 0.5) < 3.9 * np.sqrt(1 / 12 / u.size)
    assert abs(u.var() - 1 / 12) < 3.9 * np.sqrt(1 / 180 / u.size)


def test_smallest_draws_are_uniform_too(blocks):
    """Else rare acts, where the law lives in quiet times, would be off while the whole looks right.

    Draws below 1/256, in 64 classes of 780 each on average: finds 3 % too many or too few.
    """
    u, _, _ = blocks
    low = u[u < 1 / 256]
    assert abs(low.size - u.size / 256) < 3.9 * np.sqrt(u.size / 256)
    assert even(np.histogram(low, bins=64, range=(0, 1 / 256))[0]) > SIGNIFICANCE


def test_rows_of_a_block_are_uncorrelated(blocks):
    """Else neighbours would rise together without a tie between them; finds one of 0.018 in any pair."""
    u, _, _ = blocks
    for values in (u, (u < 1 / 64).astype(np.float64)):
        r = np.corrcoef(values, rowvar=False)[np.triu_indices(64, 1)]
        assert np.abs(r).max() < norm.isf(SIGNIFICANCE / 2 / r.size) / np.sqrt(BLOCKS)
        assert abs(r.mean()) < 3.9 / np.sqrt(BLOCKS * r.size)


def test_neighbouring_blocks_are_uncorrelated(blocks):
    """Else rows 64 apart would rise together; finds a correlation of 0.017."""
    u, _, _ = blocks
    r = np.array([np.corrcoef(u[:-1, j], u[1:, j])[0, 1] for j in range(64)])
    assert np.abs(r).max() < norm.isf(SIGNIFICANCE / 2 / 64) / np.sqrt(BLOCKS)


@pytest.mark.parametrize("chance", [1 / 4096, 1 / 64, 0.3])
def test_people_who_act_in_a_block_are_binomial(chance):
    """Else the kernel that skips would let people act in clusters or by row; everybody is alike here.

    Count of actors in a block against Binomial(64, chance); finds an excess variance of 4 % at 1/64.
    """
    n = BLOCKS // 2 * 64
    crowd = Crowd(np.zeros(n, np.uint16), np.zeros(n, np.uint16))
    c = law(gamma=1.0)
    c.gamma[..., 1:] = round(CLOSED * ONE_Q)
    c.nu[...] = round(chance * 2**NU_BITS)
    crowd.step(c)
    acting = crowd.active.reshape(-1, 64)
    assert even(acting.sum(axis=0)) > SIGNIFICANCE
    found = np.bincount(acting.sum(axis=1), minlength=65)
    expected = binom.pmf(np.arange(65), 64, chance) * len(acting)
    common = expected >= 10
    chi = ((found - expected)[common] ** 2 / expected[common]).sum()
    assert chi2.sf(chi, common.sum() - 1) > SIGNIFICANCE
