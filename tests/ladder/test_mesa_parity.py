"""The installed Mesa example and our grid with Mesa's switches draw from one distribution.

Quick form: Run 2 on 20 x 20 sites, 30 periods, 30 seeds each; the full form of epstein-mesa runs 40 x 40.
Seeds are fixed on both sides, so the tests fail only if a program changes. With 30 runs each, a two-sample
Kolmogorov-Smirnov test at p = 0.01 finds a shift of one standard deviation across seeds with power 0.7, of 1.25 with
power 0.9. That is enough to find another ratio or another geometry (the last test), and too little to find another
order of acting and moving in so short a run.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tocsin.classics.epstein_outbursts import RUN_2
from tocsin.classics.epstein_parity import both, same
from tocsin.classics.epstein_world import MESA, build

pytest.importorskip("mesa", reason="Mesa is a test dependency")
pytestmark = [pytest.mark.slow, pytest.mark.statistical]
SOCIETY = replace(RUN_2, side=20)
SEEDS, PERIODS = range(1, 31), 30


@pytest.fixture(scope="module")
def samples() -> dict[str, list[float]]:
    """Mean actives and jailed of 30 runs of each program."""
    return both(SOCIETY, SEEDS, PERIODS)


@pytest.mark.parametrize("what", ["active", "jailed"])
def test_both_programs_are_the_same_model(samples, what):
    """If it failed, ours would not be the model that most people in this field have run (p > 0.01)."""
    assert same(samples, what) > 0.01


@pytest.mark.parametrize("other", [{"ratio": "literal"}, {"shape": "square"}], ids=str)
def test_the_comparison_can_fail(samples, other):
    """If it failed, the agreement above would say nothing: another ratio or sight must be found out."""
    reading = replace(MESA, **other)
    runs = [build(SOCIETY, reading, s).advance(PERIODS) for s in SEEDS]
    wrong = {**samples, "our_active": [float(p.active.mean()) for p in runs]}
    assert same(wrong, "active") < 0.01
