"""The one-sided global game with a patron, played by 100,000 people through the person kernel."""

from __future__ import annotations

import numpy as np
import pytest

from tests.limits.crowds import Crowd, law, stored

PEOPLE = 100_000


def attack(crowd: Crowd, cutoff: float, theta: float, noise: float) -> float:
    """Share who attack when the regime's strength is theta: those whose signal theta + noise (R - 1/2) is below cutoff.

    In the law: gamma = cutoff - theta + noise/2 and rho = noise, so that U > 0 where the signal is below the cutoff.
    """
    crowd.calm()
    return crowd.step(law(gamma=cutoff - theta + noise / 2, rho=noise))


def critical(crowd: Crowd, cutoff: float, outside: float, noise: float) -> float:
    """The strength at which the attack is just as large as regime and patron together, by bisection."""
    low, high = -1.0, 2.0
    for _ in range(14):
        middle = (low + high) / 2
        if attack(crowd, cutoff, middle, noise) > middle + outside:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def played(cost: float, outside: float, noise: float) -> float:
    """theta* when everybody answers the threshold of the round before, until it stays.

    Noise is uniform, so somebody with signal x believes P(theta < theta*) = 1/2 + (theta* - x)/noise, and attacks
    where that exceeds the cost: below x* = theta* + noise (1/2 - cost).
    """
    crowd = Crowd(stored(np.zeros(PEOPLE)), stored((np.arange(PEOPLE) + 0.5) / PEOPLE))
    theta = 0.9
    for _ in range(16):
        theta = critical(crowd, theta + noise * (0.5 - cost), outside, noise)
    return theta


@pytest.mark.parametrize(("cost", "noise"), [(0.3, 1.0), (0.5, 1.0), (0.5, 2.0), (0.7, 0.8)])
def test_threshold_of_the_game(cost: float, noise: float) -> None:
    """If it failed, people who weigh a patron would not topple regimes at theta* = 1 - c - F: within 0.01."""
    for outside in (0.0, 0.2):
        assert played(cost, outside, noise) == pytest.approx(1 - cost - outside, abs=0.01)


def test_slope_in_the_patrons_force() -> None:
    """If it failed, outside force would count for more or less than its size: the slope is -1 within 0.01."""
    force = np.array([0.0, 0.1, 0.2, 0.3])
    slope = np.polyfit(force, [played(0.4, float(f), 1.0) for f in force], 1)[0]
    assert slope == pytest.approx(-1.0, abs=0.01)
