"""Riot epidemics and shocks: derivatives, recovery, and limits known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.classics.riots import POOR, TRUTH, Tension, answer, bursts, draw_map, far_start, fit, grows, one_site, solve


def test_derivatives_are_those_of_the_solution() -> None:
    """If it failed, the fit would climb a hill that is not there, and its intervals would lie."""
    where, at, step = draw_map(POOR), np.log(TRUTH), 1e-5
    out = solve(where, at)
    for k in range(4):
        shift = step * (np.arange(4) == k)
        slope = (solve(where, at + shift)[:, 0] - solve(where, at - shift)[:, 0]) / (2 * step)
        assert np.abs(slope - out[:, 1 + k]).max() < 1e-6 * np.abs(slope).max()


def test_fit_finds_the_truth_without_noise() -> None:
    """If it failed, the parameters could not be told apart from such data, or the search would stop too soon."""
    where = draw_map(POOR)
    values, _ = fit(where, solve(where, np.log(TRUTH))[:, 0], far_start())
    assert values == pytest.approx(TRUTH, rel=1e-6)


def test_riot_never_takes_more_people_than_can_join() -> None:
    """If it failed, events would come from nowhere: what was active in all exceeds who could join and the spark."""
    where = draw_map(POOR)
    removed = TRUTH[0] * solve(where, np.log(TRUTH))[:, 0].sum()
    assert 0.8 < removed / (TRUTH[1] * where.size.sum() + where.spark) < 1.0


@pytest.mark.parametrize("strength", [2.0, 5.0])
def test_one_site_has_its_closed_form(strength: float) -> None:
    """If it failed, a lone riot would rise, peak or fall otherwise than contagion and removal say."""
    found = one_site(strength)
    for name in ("rise", "fall", "peak"):
        assert found[name] == pytest.approx(found[f"{name} expected"], rel=2e-3)


@pytest.mark.parametrize("feedback", [-1.0, 0.0, 1.0])
def test_shock_needs_tension(feedback: float) -> None:
    """If it failed, a spark would set off a riot in a calm town, or none in a tense one."""
    model = Tension(feedback=feedback)
    assert not grows(model, 0.995 * model.threshold)
    assert grows(model, 1.005 * model.threshold)
    assert not bursts(model, 0.995 * model.threshold)
    assert bursts(model, 2.0 * model.threshold)


def test_a_burst_needs_the_more_tension_the_faster_it_relaxes() -> None:
    """If it failed, what is judged would again be the first instant alone, true by definition at any tension above."""
    slow, fast = Tension(relax=0.002), Tension(relax=0.2)
    assert slow.threshold == fast.threshold
    assert bursts(slow, 1.1 * slow.threshold)
    assert grows(fast, 1.1 * fast.threshold)
    assert not bursts(fast, 1.1 * fast.threshold)


def test_unrest_that_keeps_tension_up_lasts_longer() -> None:
    """If it failed, the sign of the feedback would be reversed: spending tension would prolong a riot."""
    times = np.linspace(0, 40, 401)
    lasts = [answer(Tension(feedback=p), 2.0, times, 1e-3).sum() for p in (-1.0, 0.0, 1.0)]
    assert lasts == sorted(lasts)
