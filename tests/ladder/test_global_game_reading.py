"""The global game of regime change a second time: by quadrature, by people who start from calm, and by a fine grid.

Rules (Morris and Shin; Angeletos, Hellwig and Pavan 2006, doi 10.1086/504901): strength theta, flat prior; citizen i
sees theta + sigma eps_i; attacking costs c and pays 1 if the regime falls; it falls iff the share that attacks is at
least theta + F. With a public signal y of precision a beside the private one of precision b, beliefs are normal about
(a y + b x)/(a + b).

Agreement: 1e-5 between quadrature and ours. 20,000 people with drawn signals: the attacking share has a standard error
of at most 0.5/sqrt(20,000) = 0.0035; theta* rests where share and strength cross, and the slope of the share,
1/(sigma sqrt(2 pi)) at the steepest, does not enlarge it, but the answer of the cutoff to theta* passes it on, so the
error of theta* is that of the share at c alone: 4 of them, 0.014. It finds a threshold wrong by 0.03 for certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from tocsin.classics.global_game import Players, solutions, threshold

CASES = [(c, f, s) for c in (0.2, 0.5, 0.7) for f in (0.0, 0.15) for s in (0.05, 0.4)]


def below(z: float) -> float:
    """P(N(0, 1) < z) by Simpson's rule over the density from -9."""
    if z <= -9:
        return 0.0
    n = 400
    x = np.linspace(-9, min(z, 9), 2 * n + 1)
    weight = np.ones(2 * n + 1)
    weight[1:-1:2], weight[2:-1:2] = 4, 2
    return float((x[1] - x[0]) / 3 * (weight * np.exp(-x * x / 2)).sum() / math.sqrt(2 * math.pi))


def halve(rises: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function of one number is zero, by halving."""
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2


def by_quadrature(cost: float, force: float, noise: float) -> float:
    """theta* from rule to rule: a cutoff fells regimes up to a strength, and must itself be indifferent there."""

    def falls_below(cutoff: float) -> float:
        return halve(lambda theta: theta + force - below((cutoff - theta) / noise), -0.5 - force, 1.5)

    def gain(cutoff: float) -> float:
        return cost - below((falls_below(cutoff) - cutoff) / noise)

    return falls_below(halve(gain, -4.0, 4.0))


@pytest.mark.parametrize(("cost", "force", "noise"), CASES)
def test_threshold_by_quadrature(cost, force, noise):
    """If it failed, troops would weigh more or less than citizens one for one; 1e-5 to ours and to 1 - c - F."""
    plain = by_quadrature(cost, force, noise)
    assert threshold(cost, force, noise) == pytest.approx(plain, abs=1e-5)
    assert plain == pytest.approx(1 - cost - force, abs=1e-5)


def people_from_calm(cost: float, force: float, noise: float, eps: np.ndarray) -> float:
    """theta* when nobody attacks at first and everybody answers what fell the round before."""
    signals = np.sort(noise * eps)
    away = halve(lambda z: below(z) - cost, -9.0, 9.0)
    strongest = -force
    for _ in range(3000):
        cutoff = strongest - noise * away
        low, high = -force - 0.5, 1.5 - force
        while high - low > 1e-7:
            middle = (low + high) / 2
            share = np.searchsorted(signals, cutoff - middle) / eps.size
            low, high = (middle, high) if share >= middle + force else (low, middle)
        if abs(low - strongest) < 1e-5:
            break
        strongest = low
    return strongest


@pytest.mark.statistical
@pytest.mark.parametrize(("cost", "force", "noise"), [(0.3, 0.0, 0.2), (0.5, 0.2, 0.2), (0.3, 0.1, 1.0)])
def test_people_from_calm(cost, force, noise):
    """If it failed, people who reason step by step from calm would not find the threshold that ours find."""
    eps = np.random.default_rng(2006).standard_normal(20_000)
    plain = people_from_calm(cost, force, noise, eps)
    assert Players(3, 20_000).threshold(cost, force, noise) == pytest.approx(plain, abs=0.014 * math.sqrt(2))
    assert plain == pytest.approx(1 - cost - force, abs=0.014)


def by_grid(cost: float, force: float, signal: float, public: float, private: float) -> list[float]:
    """Every theta* with a public signal: where the gain of who sees the cutoff changes sign, on 40,000 strengths.

    The strengths are those at which the share of z-th quantile attacks, z from -8.5 to 8.5, so that thresholds close to
    nobody and to everybody are seen too.
    """
    z = np.linspace(-8.5, 8.5, 40_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    mass = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2) * (z[1] - z[0])])
    theta = mass - force
    cutoff = theta + z / math.sqrt(private)
    mean = (public * signal + private * cutoff) / (public + private)
    gain = np.interp((theta - mean) * math.sqrt(public + private), z, mass) - cost
    turns = np.flatnonzero(np.sign(gain[1:]) != np.sign(gain[:-1]))
    return [float(theta[k] - gain[k] * (theta[k + 1] - theta[k]) / (gain[k + 1] - gain[k])) for k in turns]


@pytest.mark.parametrize("force", [0.0, 0.1])
@pytest.mark.parametrize(("public", "private"), [(1.0, 4.0), (4.0, 4.0), (16.0, 4.0), (30.0, 25.0)])
def test_public_signal(force, public, private):
    """If it failed, a speech heard by all would have another number of outcomes than the theory says; 1e-4 each."""
    for signal in (0.1, 0.35, 0.5, 0.65, 0.8):
        plain = by_grid(0.5, force, signal, public, private)
        ours = solutions(0.5, force, signal, public, private)
        assert len(ours) == len(plain) > 0
        assert ours == pytest.approx(plain, abs=1e-4)
        if public / math.sqrt(private) <= math.sqrt(2 * math.pi):
            assert len(plain) == 1


def test_loud_public_signal_has_three_outcomes():
    """If it failed, the last test would have compared single solutions only."""
    assert len(by_grid(0.5, 0.0, 0.5, 16.0, 4.0)) == 3


@pytest.mark.parametrize(("force", "signal", "end"), [(0.1, 0.9, -0.1), (0.0, -0.2, 1.0)])
def test_there_is_always_an_outcome(force, signal, end):
    """If it failed, a public that is told of a very strong or weak regime would neither attack nor stay at home.

    The end is where the equation puts it: Phi(-8) above nobody, Phi(-9.6) below everybody, zero to a double's last bit.
    """
    assert solutions(0.5, force, signal, 16.0, 4.0) == pytest.approx([end], abs=1e-9)
