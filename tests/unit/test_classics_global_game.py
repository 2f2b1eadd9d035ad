"""The global game with a patron: fixed point, people, and the public signal."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from tocsin.classics.declare import Effort
from tocsin.classics.global_game import LOUD, Players, pictures, solutions, threshold


@pytest.mark.parametrize("noise", [0.1, 1.0, 5.0])
@pytest.mark.parametrize(("cost", "force"), [(0.3, 0.0), (0.5, 0.45), (0.8, 0.5)])
def test_fixed_point_is_the_closed_form(cost, force, noise):
    """If it failed, a patron would not count one for one, even where he is stronger than all citizens can be."""
    assert threshold(cost, force, noise) == pytest.approx(1 - cost - force, abs=1e-8)


def test_attack_is_the_share_that_sees_less_than_the_cutoff():
    """If it failed, people would act on other signals than theirs: within 1e-4 of the normal share of the sample."""
    players = Players(3, people=20_000)
    eps = (players.crowd.people.aversion[: players.crowd.size] + 0.5) / 65536 * 8 - 4
    for cutoff, strength, noise in ((0.3, 0.5, 0.4), (0.5, 0.5, 0.1), (1.4, 0.2, 0.5), (-2.0, 0.4, 0.5)):
        share = players.attack(cutoff, strength, noise)
        assert share == pytest.approx((strength + noise * eps < cutoff).mean(), abs=1e-4)
        assert share == pytest.approx(ndtr((cutoff - strength) / noise), abs=4 * 0.5 / math.sqrt(20_000))


def test_people_learn_the_threshold():
    """If it failed, people who answer each other would stop elsewhere than the theory: 4 standard errors of a share."""
    players = Players(1, people=20_000)
    for force in (0.0, 0.2):
        assert players.threshold(0.4, force, 1.0) == pytest.approx(0.6 - force, abs=4 * 0.5 / math.sqrt(20_000))


def test_public_signal_without_weight_changes_nothing():
    """If it failed, news that nobody believes would topple a regime."""
    for signal in (-1.0, 0.5, 2.0):
        assert solutions(0.4, 0.1, signal, 1e-12, 1.0) == pytest.approx([0.5], abs=1e-5)


def test_loud_public_signal_allows_two_outcomes():
    """If it failed, the model would hide that what people expect of each other decides, beyond sqrt(2 pi)."""
    most = {
        ratio: max(len(solutions(0.5, 0.0, float(y), ratio**2, ratio**2)) for y in np.linspace(0.3, 0.7, 81))
        for ratio in (1.0, 2.4, 2.7, 5.0)
    }
    assert most == {1.0: 1, 2.4: 1, 2.7: 3, 5.0: 3}


def test_every_solution_solves_the_game():
    """If it failed, a picture of two outcomes would show places where nobody would stay."""
    cost, force, signal, public, private = 0.5, 0.1, 0.42, 25.0, 25.0
    found = solutions(cost, force, signal, public, private)
    assert len(found) == 3
    for t in found:
        grid = np.linspace(t - 10 / math.sqrt(private), t + 10 / math.sqrt(private), 200_001)
        # the citizen who is indifferent: her belief that theta is below t is the cost
        weight = math.sqrt(public + private)
        belief = ndtr(weight * (t - (public * signal + private * grid) / (public + private)))
        cutoff = grid[np.argmin(np.abs(belief - cost))]
        assert ndtr(math.sqrt(private) * (cutoff - t)) == pytest.approx(t + force, abs=1e-3)


@pytest.mark.parametrize(("cost", "force"), [(0.5, 0.0), (0.3, 0.1), (0.999, 0.4)])
@pytest.mark.parametrize("lean", [1e-9, 1.0, LOUD, 1.0001 * LOUD, 8.0, 1e3])
def test_every_signal_has_an_outcome(cost, force, lean):
    """If it failed, a public that is told of a very strong or weak regime would neither attack nor stay at home.

    One outcome or three (signals of a drawn step do not meet a turn), between nobody and everybody; and the better the
    news for the regime, the weaker the strongest that falls, calm and bold alike; rounding 1e-9.
    """
    signals = np.concatenate([[-1e6, -30.0], np.linspace(-2.0, 3.0, 501), [30.0, 1e6]])
    found = [solutions(cost, force, float(y), lean**2, lean**2) for y in signals]
    assert {len(f) for f in found} <= ({1, 3} if lean > LOUD else {1})
    ends = np.array([(min(f), max(f)) for f in found])
    assert ((-force <= ends) & (ends <= 1 - force)).all()
    assert (np.diff(ends, axis=0) <= 1e-9).all()


def test_lines_over_the_signal_have_no_gaps():
    """If it failed, the picture would leave signals out, or mirror calm and bold falsely: 1e-9 where c = 0.5, F = 0."""
    lines = pictures(Effort(full=False, keep=lambda *_: {"strength": 0.5}))[1].lines
    assert len(lines) == 4
    assert all(line.x.size == line.y.size == 281 and np.isfinite(line.y).all() for line in lines)
    for calm, bold in ((0, 0), (1, 1), (2, 3)):
        assert lines[calm].y == pytest.approx(1.0 - lines[bold].y[::-1], abs=1e-9)
