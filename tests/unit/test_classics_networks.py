"""Ties that are there by chance: each pair with the chance on the label, independently of all others."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.classics.networks import BELOW, VILLAGE, hierarchy, mean_ties, village
from tocsin.kernels.ties import Ties

DRAWN = 3000
SMALL = {"village": (village, 2 * VILLAGE), "hierarchy": (hierarchy, 6 + BELOW)}
"""Two villages; a top, a level of ten and a level of five."""


def matrix(ties: Ties) -> np.ndarray:
    """Who is heard by whom, bool[N, N]."""
    heard = np.zeros((ties.heard.size, ties.heard.size), bool)
    heard[np.repeat(np.arange(ties.heard.size), np.diff(ties.start)), ties.listener] = True
    return heard


def by_chance(family: str) -> np.ndarray:
    """Which pairs of the small network may be tied, bool[N, N], each pair once."""
    person = np.arange(SMALL[family][1])
    if family == "village":
        return np.triu(person[:, None] // VILLAGE != person // VILLAGE)
    level = (person > 0) + (person > BELOW).astype(int)
    return np.triu(level[:, None] == level, 1)


@pytest.mark.parametrize("family", SMALL)
def test_all_or_none(family):
    """If it failed, a chance of one would leave strangers and a chance of none would not; nobody is tied to herself."""
    build, size = SMALL[family]
    none, hardly, every = (matrix(build(size, chance, 1)) for chance in (0.0, 1e-20, 1.0))
    may = by_chance(family)
    assert np.array_equal(none, hardly)
    assert not none[may].any()
    assert np.array_equal(every, none | may | may.T)
    assert not every.diagonal().any()
    alone = build(1, 0.5, 1)
    assert alone.heard.tolist() == [0]


def drawn(family: str, chance: float) -> np.ndarray:
    """Which pairs are tied in each of 3,000 small networks, float[networks, pairs]."""
    (build, size), may = SMALL[family], by_chance(family)
    return np.array([matrix(build(size, chance, seed))[may] for seed in range(DRAWN)], float)


@pytest.mark.statistical
@pytest.mark.parametrize("chance", [0.02, 0.5])
@pytest.mark.parametrize("family", SMALL)
def test_each_pair_by_its_own_chance(family, chance):
    """If it failed, some people would be likelier to know each other than others, or ties would come in a fixed number.

    Each pair's frequency, and the variance of the number of ties, within 5 standard errors of independent pairs. Power
    0.99 for a frequency off by 0.019 at a chance of 0.02 and by 0.067 at 0.5, and for a variance a quarter too small.
    """
    tied, variance = drawn(family, chance), chance * (1 - chance)
    assert np.abs(tied.mean(axis=0) - chance).max() < 5 * math.sqrt(variance / DRAWN)
    expected = variance * tied.shape[1]
    error = math.sqrt((2 + (1 - 6 * variance) / expected) / DRAWN)
    assert abs(tied.sum(axis=1).var(ddof=1) / expected - 1) < 5 * error


@pytest.mark.statistical
@pytest.mark.parametrize("family", SMALL)
def test_pairs_do_not_depend_on_each_other(family):
    """If it failed, one tie would make another likelier or less, and families would have a texture that no label names.

    Correlation of any two pairs within 5 standard errors of none, at a chance of a half; power 0.99 for 0.13.
    """
    tied = 2 * drawn(family, 0.5) - 1
    together = tied.T @ tied / DRAWN
    assert np.abs(together[~np.eye(tied.shape[1], dtype=bool)]).max() < 5 / math.sqrt(DRAWN)


@pytest.mark.statistical
@pytest.mark.parametrize(("chance", "bridges"), [(0.0005, 247.5), (0.01, 4950)])
def test_spread_between_networks(chance, bridges):
    """If it failed, networks of one label would be more alike, or less, than chance makes them.

    Bridges of 200 drawn sets of villages of 1,000 against the binomial mean and deviation: 4 standard errors. Power
    0.99 for a mean off by 0.45 of that deviation and for a deviation off by a third.
    """
    ties = np.array([mean_ties(village(1000, chance, seed)) for seed in range(200)]) * 1000 / 2 - 4500
    deviation = math.sqrt(bridges * (1 - chance))
    assert abs(ties.mean() - bridges) < 4 * deviation / math.sqrt(200)
    assert abs(ties.std(ddof=1) / deviation - 1) < 4 / math.sqrt(400)
