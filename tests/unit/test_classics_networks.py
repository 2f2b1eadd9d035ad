"""Ties as the labels promise: so many of them, no pair twice, each pair with its chance where chance decides."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from tocsin.classics.networks import BELOW, VILLAGE, hierarchy, mean_ties, opinion_leader, small_world, village
from tocsin.errors import UsageError
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


def graph(ties: Ties) -> nx.Graph:
    """The same network for networkx."""
    return nx.from_numpy_array(matrix(ties))


@pytest.mark.parametrize("rewired", [0.0, 0.1, 1.0])
@pytest.mark.parametrize(("size", "reach"), [(8, 2), (40, 10), (300, 5), (1000, 40)])
def test_a_small_world_keeps_its_ties(size, reach, rewired):
    """If it failed, a shortcut that meets an old tie would be lost, and "reach" would say more than people have."""
    for seed in range(5):
        drawn = matrix(small_world(size, reach, seed, rewired))
        assert drawn.sum() == 2 * reach * size
        assert np.array_equal(drawn, drawn.T)
        assert not drawn.diagonal().any()


@pytest.mark.parametrize("size", [2, 5, 30, 400])
@pytest.mark.parametrize("exponent", [2.4, 1.3, 0.0])
def test_leaders_draw_everybody_once(size, exponent):
    """If it failed, a leader would hold the same person twice; whom she drew hears her, and both ways is twice that."""
    for seed in range(5):
        one_way = matrix(opinion_leader(size, exponent, seed, both_ways=False))
        assert not (one_way & one_way.T).any()
        assert np.array_equal(matrix(opinion_leader(size, exponent, seed)), one_way | one_way.T)


@pytest.mark.statistical
@pytest.mark.parametrize("exponent", [2.4, 1.8, 1.5, 1.3])
def test_leaders_have_as_many_ties_as_the_law_says(exponent):
    """If it failed, the exponent on the label would not be that of the ties that people have.

    Mean number drawn, over 40 networks of 1,000 persons, within 4 standard errors of P(d) proportional to d^-exponent.
    Power 0.99 for a shortfall of 13, 8, 5 and 3 % of ties at these exponents; ties drawn with replacement fall 17 %
    short at the last.
    """
    size, networks = 1000, 40
    degrees = np.arange(1, size)
    chance = degrees**-exponent / (degrees**-exponent).sum()
    expected = (chance * degrees).sum()
    error = math.sqrt((chance * degrees**2).sum() - expected**2) / math.sqrt(size * networks)
    ours = np.mean([mean_ties(opinion_leader(size, exponent, seed)) / 2 for seed in range(networks)])
    assert abs(ours - expected) < 4 * error


def test_small_worlds_are_those_of_networkx():
    """If it failed, ours would be another family than the one that the name stands for.

    Degree sums alike; without rewiring clustering 3 (k - 2) / 4 (k - 1) in both; the mean length of paths over ten
    networks within 3 %, clustering within 5 %, and both shorter the more is rewired.
    """
    size, reach, paths, clusters = 300, 5, [], []
    for rewired in (0.0, 0.05, 0.3, 1.0):
        ours = [graph(small_world(size, reach, seed, rewired)) for seed in range(10)]
        theirs = [nx.watts_strogatz_graph(size, 2 * reach, rewired, seed=seed) for seed in range(10)]
        for g, h in zip(ours, theirs, strict=True):
            assert g.size() == h.size() == size * reach
        length = [np.mean([nx.average_shortest_path_length(g) for g in drawn]) for drawn in (ours, theirs)]
        clustering = [np.mean([nx.average_clustering(g) for g in drawn]) for drawn in (ours, theirs)]
        assert length[0] == pytest.approx(length[1], rel=0.03)
        assert clustering[0] == pytest.approx(clustering[1], rel=0.05, abs=0.005)
        paths.append(length[0])
        clusters.append(clustering[0])
    assert clusters[0] == pytest.approx(3 * (2 * reach - 2) / (4 * (2 * reach - 1)))
    assert paths == sorted(paths, reverse=True)
    assert clusters == sorted(clusters, reverse=True)


@pytest.mark.parametrize("reach", [0, 26, 1000])
def test_too_many_neighbours_are_refused(reach):
    """If it failed, a ring would close on itself and tie the same persons twice."""
    with pytest.raises(UsageError, match="expected: 1 to 25"):
        small_world(100, reach, 1)
