"""Arithmetic with the same bits everywhere is also right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from tocsin.exact import GRID, chance, exp, log, logistic, logit, mix, normal_quantile, snap, total

WIDE = np.concatenate([np.linspace(-700, 700, 20_001), np.linspace(-2, 2, 4_001), [0.0, -0.0, 1e-300, -1e-17]])


def test_exp_is_exp() -> None:
    """Else every probability would be off: at most 4e-16 relative, two units in the last place."""
    truth = np.array([math.exp(x) for x in WIDE])
    assert np.max(np.abs(exp(WIDE) / truth - 1)) < 4.5e-16
    assert exp(0.0) == 1.0
    assert exp(1e9) == exp(700.0)
    assert np.isfinite(exp([-np.inf, np.inf])).all()


def test_log_is_log() -> None:
    """Else force ratios and backlash would be off: at most 4e-16 relative away from 1, absolute near it."""
    x = np.concatenate([np.logspace(-300, 300, 20_001), np.linspace(0.5, 2.0, 6_001), [1.0, math.sqrt(0.5)]])
    truth = np.array([math.log(v) for v in x])
    assert np.max(np.abs(log(x) - truth) / np.maximum(np.abs(truth), 0.5)) < 4.5e-16
    assert log(1.0) == 0.0
    assert float(log(math.e)) == pytest.approx(1.0, abs=2e-16)


def test_log_is_relative_near_one() -> None:
    """Else tiny crowds against tiny forces would read as equal, or as the wrong one being larger."""
    x = 1.0 + np.concatenate([np.logspace(-15, -2, 200), -np.logspace(-15, -2, 200)])
    truth = np.array([math.log(v) for v in x])
    assert np.max(np.abs(log(x) / truth - 1)) < 5e-16


def test_logistic_and_logit_are_each_others_inverse() -> None:
    """Else a share turned into log-odds and back would not be the same share."""
    x = np.linspace(-25, 25, 5_001)
    assert np.max(np.abs(logistic(x) - special.expit(x))) < 3e-16
    assert np.max(np.abs(logit(logistic(x)) - x)[np.abs(x) < 15]) < 1e-9
    p = np.linspace(0.001, 0.999, 999)
    assert np.max(np.abs(logit(p) - special.logit(p))) < 1e-14
    assert np.isfinite(logit([0.0, 1.0])).all()
    assert logistic(-x) == pytest.approx(1 - logistic(x), abs=3e-16)


def test_small_chances_are_small() -> None:
    """Else rare events would come in steps, or not at all: absolute error below one unit in the last place of 1."""
    rate = np.logspace(-12, 2, 500)
    assert np.max(np.abs(chance(rate, 0.25) + np.expm1(-0.25 * rate))) < 3e-16
    assert chance(0.0, 1.0) == 0.0


def test_normal_quantile_is_the_normal_quantile() -> None:
    """Else hardship would not be logit-normal: Acklam's approximation to 1.2e-9 relative, tails included."""
    q = np.concatenate([np.logspace(-250, -3, 500), np.linspace(0.001, 0.999, 5_000), 1 - np.logspace(-12, -3, 200)])
    truth = special.ndtri(q)
    error = np.abs(normal_quantile(q) - truth) / np.maximum(np.abs(truth), 1e-3)
    assert np.max(error) < 1.3e-9
    assert normal_quantile(0.5) == 0.0
    assert np.isfinite(normal_quantile([0.0, 1.0])).all()


def test_sums_are_taken_from_first_to_last() -> None:
    """Else the width of a processor's vectors would decide the last bits of a crowd."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=1_000) * 10.0 ** rng.integers(-8, 8, 1_000)
    running = 0.0
    for value in x:
        running += float(value)
    assert float(total(x)) == running
    table = x.reshape(10, 100)
    assert [float(t) for t in total(table, axis=1)] == [float(total(row)) for row in table]
    assert total(table, axis=0).shape == (100,)
    assert float(total(np.zeros(0))) == 0.0
    assert total(np.zeros((3, 0)), axis=1).tolist() == [0, 0, 0]


def test_mix_is_a_product_of_a_matrix_and_a_vector() -> None:
    """Else influence between places would be added up wrongly."""
    rng = np.random.default_rng(4)
    weights, x = rng.random((5, 7)), rng.random(7)
    assert mix(weights, x) == pytest.approx(weights @ x, rel=1e-14)


def test_snap_keeps_numbers_and_forgets_last_bits() -> None:
    """Else a difference in the last bit between two machines could grow into another history."""
    x = np.array([0.1, -0.7, 3.3, 100.0, 1e6 / 3, -123_456.789])
    assert np.max(np.abs(snap(x) - x)[:4]) <= 0.5 / GRID
    assert np.max(np.abs(snap(x) - x)[4:]) <= 0.5 / 1024
    for jitter in (1 - 2e-16, 1 + 2e-16):
        assert np.array_equal(snap(x * jitter), snap(x))
    assert np.array_equal(snap(snap(x)), snap(x))
    assert snap(0.0) == 0.0
    codes = np.arange(8.0)
    assert np.array_equal(snap(codes), codes)
