"""Intervals: right on known cases, the same on every machine, wider where there is less to know."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.experiments.statistics import (
    bootstrap,
    counter_uniform,
    mean_of,
    paired_difference,
    paired_shares,
    picks,
    quantile_of,
    share,
    spread,
    wilson,
)


def test_wilson_known() -> None:
    """If it failed, every share in the tables would carry a wrong interval (0 of 10 and 81 of 263: Newcombe 1998)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(case: tuple[int, int]) -> None:
    """If it failed, a share could be printed outside its own interval, or an interval outside 0 to 1."""
    hits, n = case
    low, high = wilson(hits, n)
    assert 0.0 <= low <= hits / n <= high <= 1.0


def test_splitmix_vectors() -> None:
    """If it failed, the resamples would not be those of the published generator, and could differ between machines."""
    first = counter_uniform(0, np.arange(1, 4, dtype=np.uint64))
    assert [int(x) for x in first] == [0xE220A8397B1DCDAF >> 32, 0x6E789E6AA1B965F4 >> 32, 0x06C45D188009454F >> 32]


def test_picks_are_even() -> None:
    """If it failed, resampling would prefer some draws (chi-square of 10 cells, 100,000 picks; fixed stream)."""
    counts = np.bincount(picks(7, 0, (100_000,), 10), minlength=10)
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 27.9


def test_clustered_share_is_wider() -> None:
    """If it failed, twenty seeds of one draw would pass for twenty independent draws."""
    same = np.repeat([[1.0], [0.0], [1.0], [0.0], [0.0]], 20, axis=1)
    apart = np.tile([[1.0] * 8 + [0.0] * 12], (5, 1))
    p, low, high = share(same)
    assert (p, low, high) == pytest.approx((0.4, *wilson(2, 5)), abs=0.02)
    assert share(apart)[1:] == pytest.approx(wilson(40, 100))
    assert share(np.zeros((5, 20)))[2] == pytest.approx(wilson(0, 5)[1])
    assert share([[1.0], [0.0], [1.0], [np.nan]]) == pytest.approx((2 / 3, *wilson(2, 3)))


def test_bootstrap_of_a_mean() -> None:
    """If it failed, paired differences would carry intervals of the wrong width (normal theory within 10 %)."""
    values = np.sin(np.arange(400.0) * 12.9898)[:, None]
    low, high = bootstrap(values, mean_of)
    half = 1.96 * values.std(ddof=1) / math.sqrt(400)
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
    assert (high + low) / 2 == pytest.approx(values.mean(), abs=half / 5)
    assert bootstrap(values, mean_of) == (low, high)
    assert bootstrap(values, mean_of, stream=9) != (low, high)


def test_bootstrap_has_two_levels() -> None:
    """If it failed, the difference between draws would be lost among the seeds, and effects would look too certain."""
    between = np.repeat(np.arange(10.0)[:, None], 50, axis=1)
    low, high = bootstrap(between, mean_of)
    assert high - low > 2.0
    assert bootstrap([[1.0, 2.0]], mean_of) == pytest.approx((math.nan, math.nan), nan_ok=True)


def test_bootstrap_with_gaps() -> None:
    """If it failed, an interrupted ensemble would give intervals that count runs which were never made."""
    table = np.array([[1.0, np.nan], [3.0, 5.0], [np.nan, 2.0], [np.nan, np.nan], [4.0, 4.0]])
    low, high = bootstrap(table, quantile_of(0.5))
    assert 1.0 <= low <= high <= 5.0


def test_pairing_narrows() -> None:
    """If it failed, common random numbers would be paid for and not used."""
    noise = np.sin(np.arange(200.0) * 78.233)[:, None]
    shift, low, high = paired_difference(noise + 0.1, noise)
    assert (shift, low, high) == pytest.approx((0.1, 0.1, 0.1))


def test_no_pair_differs() -> None:
    """If it failed, six pairs that end alike would be shown as certainty (by hand, Bonett and Price 2012)."""
    alike = np.zeros((40, 1))
    assert paired_shares(alike, alike) == pytest.approx((0.0, -0.06600, 0.06600), abs=1e-4)
    assert paired_shares(np.zeros((40, 5)), np.zeros((40, 5)))[2] == pytest.approx(0.066, abs=1e-3)
    a, b = np.zeros((20, 1)), np.zeros((20, 1))
    a[:10], b[10:12] = 1.0, 1.0
    assert paired_shares(a, b) == pytest.approx((0.4, 0.0669, 0.6603), abs=1e-3)


def test_spread() -> None:
    """If it failed, the 90 % ranges of the tables would be other quantiles."""
    assert spread(np.arange(101.0)) == pytest.approx((50.0, 5.0, 95.0))
    assert all(math.isnan(x) for x in spread([np.nan]))
