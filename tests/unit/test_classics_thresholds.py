"""Threshold models: the crowd made by hand, the continuous map and the findings."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.classics.crowd import NEVER, Crowd, cascade, evenly, normals, traits
from tocsin.classics.declare import Effort
from tocsin.classics.thresholds import CLASSICS, critical, jump_in_whole_people, rest


def quick() -> Effort:
    return Effort(full=False, keep=lambda _, make: make())


def test_thresholds_are_rounded_down_and_one_is_out_of_reach():
    """If it failed, rounding would keep people back, or somebody who waits for all others and herself would join."""
    share = np.array([-0.2, 0.0, 0.3, 0.999999, 1.0, 1.7])
    assert traits(share).tolist() == [0, 0, int(0.3 * 65536), NEVER - 1, NEVER, NEVER]
    assert cascade(np.array([0.0, 0.2, 0.4, 0.6, 1.0])).acting == 4


@pytest.mark.parametrize("alpha", [0.0, 0.5, 2.0])
def test_crowd_by_hand_acts_as_the_law_says(alpha):
    """If it failed, every classic that runs through the person kernel would be another model; person by person."""
    u = (np.arange(2000) * 0.6180339887) % 1.0
    v = (np.arange(2000) * 0.7548776662) % 1.0
    crowd = Crowd(traits(u), traits(v))
    for gamma in (-0.4, 0.0, 0.3, -0.1):
        crowd.step(gamma=gamma, alpha=alpha)
        utility = alpha * v - u + gamma
        clear = np.abs(utility) > 1e-4
        assert np.array_equal(crowd.active[clear], utility[clear] > 0)
        assert crowd.acting == crowd.active.sum()


def test_draws_are_normal_and_repeatable():
    """If it failed, thresholds would not be the published ones, or two runs of a classic would differ."""
    z = normals(100_000, "thresholds", 3)
    assert np.array_equal(z, normals(100_000, "thresholds", 3))
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert z.std() == pytest.approx(1, abs=4 / np.sqrt(2 * z.size))
    assert abs(np.corrcoef(z, normals(z.size, "thresholds", 4))[0, 1]) < 4 / np.sqrt(z.size)


def test_lowest_rest_is_the_limit_of_the_crowd():
    """If it failed, root finding would answer another question than people do: within 1/n of the continuous map."""
    for spread in (0.08, 0.12, 0.15, 0.4):
        people = cascade(0.25 + spread * evenly(20_000)).share
        assert people == pytest.approx(rest(spread), abs=4e-4)


@pytest.mark.parametrize("mean", [0.2, 0.25, 0.4])
def test_jump_lies_where_the_lowest_rest_disappears(mean):
    """If it failed, the critical spread would be a number without a crowd behind it."""
    at = critical(mean)
    assert rest(at * (1 - 1e-5), mean) < 0.4
    assert rest(at * (1 + 1e-4), mean) > 0.99


def test_jump_among_whole_people_depends_on_rounding():
    """If it failed, we would not know why public replications report other jumps than the paper."""
    assert jump_in_whole_people("floor", 0) == pytest.approx(12.88)
    assert jump_in_whole_people("ceil", 0.5) == pytest.approx(11.90)


def test_sequences_are_met_exactly():
    """If it failed, the oldest result on cascades would not hold in our law."""
    found = list(CLASSICS[0].check(quick()))
    assert len(found) == 6
    assert all(f.met for f in found)
