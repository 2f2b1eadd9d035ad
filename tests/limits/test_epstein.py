"""Epstein 2002, Model I, rule A (doi 10.1073/pnas.092080199), in a well-mixed population.

Active iff H (1 - L) - R P > T with P = 1 - exp(-k C/A): alpha = 1 - L, rho = P, gamma = -T, no noise. The actives A
count at least one: the person asked counts herself.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.limits.crowds import TRAIT, Crowd, law
from tocsin.kernels.draw import name_hash, uniforms

PEOPLE = 100_000
K, T = 2.3, 0.1
RESOLUTION = 4e-6
"""Four steps of the law's fixed point: nearer to zero than this, its rounded coefficients may decide otherwise."""


def traits() -> tuple[np.ndarray, np.ndarray]:
    """Hardship and risk aversion, uniform and independent, as 16-bit fractions."""
    numbers = np.arange(PEOPLE, dtype=np.int64)
    draws = [uniforms(3, name_hash(name), 0, numbers, numbers * 0) for name in ("hardship", "aversion")]
    hardship, aversion = (np.floor(u * TRAIT).astype(np.uint16) for u in draws)
    return hardship, aversion


def arrest(cops_per_active: float, *, whole: bool = False) -> float:
    """Epstein's estimated chance of arrest; `whole` rounds the ratio down, as many later versions do."""
    return 1.0 - math.exp(-K * (math.floor(cops_per_active) if whole else cops_per_active))


def net(hardship: np.ndarray, aversion: np.ndarray, legitimacy: float, chance: float) -> np.ndarray:
    """Grievance less net risk less threshold, in floating point."""
    return hardship / TRAIT * (1.0 - legitimacy) - aversion / TRAIT * chance - T


def compare(crowd: Crowd, expected: np.ndarray) -> int:
    """Everybody acts as the rule says, but for those too near to the line; the number acting."""
    clear = np.abs(expected) > RESOLUTION
    assert np.array_equal(crowd.active[clear], expected[clear] > 0)
    assert (~clear).mean() < 2e-4
    return int(crowd.active.sum())


@pytest.mark.parametrize("legitimacy", [0.0, 0.2, 0.5, 0.82, 0.89])
@pytest.mark.parametrize("cops_per_active", [0.0, 0.05, 0.5, 1.0, 5.0])
def test_each_person_acts_as_rule_a_says(legitimacy, cops_per_active):
    """Else our law would not contain the model that everybody in this field knows; 100,000 persons, one by one."""
    hardship, aversion = traits()
    chance = arrest(cops_per_active)
    crowd = Crowd(hardship, aversion)
    crowd.step(law(alpha=1.0 - legitimacy, gamma=-T, rho=chance))
    acting = compare(crowd, net(hardship, aversion, legitimacy, chance))
    assert (acting > 0) == (legitimacy < 0.9)
    if legitimacy == 0.0 and cops_per_active == 0.0:
        assert acting / PEOPLE == pytest.approx(0.9, abs=0.003)  # without cops all with H > T: 3 standard errors


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("legitimacy", "cops"), [(0.82, 5_000), (0.6, 20_000), (0.2, 74_000)])
def test_the_same_persons_rise_and_go_home_tick_by_tick(legitimacy, cops, whole):
    """Else safety in numbers would feed back on a crowd otherwise than in Epstein's rule: who went home differs."""
    hardship, aversion = traits()
    crowd, active, seen = Crowd(hardship, aversion), 0, []
    for _ in range(12):
        chance = arrest(cops / max(active, 1), whole=whole)
        crowd.step(law(alpha=1.0 - legitimacy, gamma=-T, rho=chance))
        active = compare(crowd, net(hardship, aversion, legitimacy, chance))
        seen.append(active)
    assert len(set(seen)) > 1
    assert (crowd.actions == 7).any() or seen == sorted(seen)  # whoever stopped is remembered as a former protester


def test_without_perceived_risk_legitimacy_alone_decides():
    """Else legitimacy would not be the share of grievance that it takes away: H > T / (1 - L) act, nobody else."""
    hardship, aversion = traits()
    for legitimacy in (0.3, 0.7, 0.89, 0.9, 0.95):
        crowd = Crowd(hardship, aversion)
        share = crowd.step(law(alpha=1.0 - legitimacy, gamma=-T))
        assert share == pytest.approx(max(0.0, 1.0 - T / (1.0 - legitimacy)), abs=0.005)  # 3 standard errors
