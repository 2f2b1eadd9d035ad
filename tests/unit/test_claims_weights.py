"""Likelihoods of the reported figures, and the weights that they give."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.invented_runs import NAMES, run, scenario
from tocsin.claims import laws, weights
from tocsin.claims.measures import Question, measure
from tocsin.scenario.parts import Target


def target(metric, model, low, high=None, *, day=10.0, place="", role="train", source="a newspaper"):
    top = low if high is None else high
    return Target(f"{metric} {place} {day}", metric, place, day, low, top, (low, top), role, model, source)


def steady(**values):
    """An invented run with some series constant, by place."""
    made = run(scenario(days=30.0), 1, 1)
    series = {n: np.broadcast_to(np.array(values.get(n, a)), a.shape).astype(np.int64) for n, a in made.series.items()}
    return replace(made, series=series)


def test_floor_bounds_the_cost_of_one_figure():
    """If it failed, one figure that is about something else could exclude every run."""
    best, worst = (laws.ln_report(x, 5.0, 5.0, 0.3) for x in (5.0, 500.0))
    broad = stats.norm.logpdf(0.0, 0.0, laws.BROAD)
    assert worst == pytest.approx(math.log(laws.FLOOR) + broad)
    assert best == pytest.approx(math.log(0.98 * stats.norm.pdf(0.0, 0.0, 0.3) + laws.FLOOR * math.exp(broad)))


def test_a_run_that_says_little_gains_nothing_by_it():
    """If it failed, runs too thin to say how many died would be preferred to runs that say it rightly."""
    dead = target("killed", "deaths", 238.0)
    none, right = (laws.ln_counts(v, dead, 100.0) for v in (0.0, 300.0))
    assert none - right == pytest.approx(math.log(0.29), abs=0.1)
    places = [target("killed", "deaths", v, place=str(v)) for v in (151.0, 26.0)]
    few, many = (laws.ln_shares([150.0 * k, 30.0 * k, 60.0 * k], places, dead, 100.0) for k in (0.0, 10.0))
    assert few < many


def test_laws_are_densities():
    """If it failed, a wide law would count for more than a narrow one that says the same."""
    grid = np.linspace(-8.0, 20.0, 4001)
    found = [math.exp(laws.ln_report(5.0, float(x), float(x), 0.7)) for x in grid]
    elsewhere = laws.FLOOR / (laws.BROAD * math.sqrt(2 * math.pi))  # the same for every report
    assert np.trapezoid(np.array(found) - elsewhere, grid) == pytest.approx(1.0 - laws.FLOOR, rel=1e-6)


def test_thinning_leaves_full_runs_alone_and_widens_rare_counts():
    """If it failed, a thinned run with no dead would be certain that nobody died."""
    assert laws.thinned(238.0, 1.0) == (pytest.approx(math.log(238)), 0.0)
    centre, variance = laws.thinned(0.0, 100.0)
    assert centre == pytest.approx(math.log(50))
    assert variance > 3
    assert laws.thinned(1e6, 100.0)[1] < 1e-3


def test_crowds_share_the_bias_of_their_source():
    """If it failed, ten crowds that one source halves alike would count as ten independent errors."""
    reported = [target("turnout", "crowd", 1000.0 * k) for k in (1, 2, 3, 4)]
    halved = [500.0 * k for k in (1, 2, 3, 4)]
    mixed = [500.0, 4000.0, 1500.0, 8000.0]
    together = laws.ln_crowds(halved, reported, 1.0)
    assert together > laws.ln_crowds(mixed, reported, 1.0)
    assert together > sum(laws.ln_crowds([v], [t], 1.0) for v, t in zip(halved, reported, strict=True))


def test_crowd_bias_is_integrated_as_a_normal():
    """If it failed, the quadrature would not be the observation model: ln reported = ln true + N(0, .5) + noise."""
    sd = math.sqrt(laws.CROWD_NOISE**2 + laws.DISCREPANCY**2)
    exact = [stats.norm.pdf(x, 0, math.hypot(sd, laws.SOURCE_BIAS)) for x in (0.0, 0.7)]
    found = [laws.ln_crowds([1000.0 * math.exp(x)], [target("turnout", "crowd", 1000.0)], 1.0) for x in (0.0, 0.7)]
    assert found[1] - found[0] == pytest.approx(math.log(exact[1] / exact[0]), abs=0.03)  # the floor takes the rest


def test_ranges_are_censored():
    """If it failed, a range would be read as a figure in its middle."""
    wide = target("turnout", "crowd", 1000.0, 10_000.0)
    inside = [laws.ln_crowds([v], [wide], 1.0) for v in (2500.0, 3200.0, 4000.0)]
    assert max(inside) - min(inside) < 0.1
    assert laws.ln_crowds([100.0], [wide], 1.0) < min(inside) - 1.0


def test_detained_scores_increments():
    """If it failed, one early error would be counted again in every later total."""
    reports = [target("detained", "detained", v, day=d) for d, v in ((5.0, 1000.0), (6.0, 2000.0), (7.0, 3000.0))]

    def totals(shift):
        return lambda day: 850.0 * (day - 4.0) + shift

    near, far = (laws.ln_detained(totals(s), reports, 1.0) for s in (425.0, 20_000.0))
    assert far < near
    assert far > near + math.log(laws.FLOOR) - 2.0


def test_negative_binomial_is_the_known_one():
    """If it failed, the spread of detentions would not be what the page on judging says."""
    found = laws._negative_binomial(70, 100.0, 20.0)
    assert found == pytest.approx(stats.nbinom.logpmf(70, 20.0, 20.0 / 120.0))


def test_deaths_prefer_a_tenth_more_than_reported():
    """If it failed, reported deaths would be taken for all deaths."""
    dead = target("killed", "deaths", 238.0)
    at = [laws.ln_counts(v, dead, 1.0) for v in (180.0, 262.0, 400.0)]
    assert at[1] == max(at)


def test_place_shares_of_the_dead():
    """If it failed, a run with the dead in the wrong city would fit as well as one with them in the right one."""
    whole, part = target("killed", "deaths", 200.0), target("killed", "deaths", 150.0, place=NAMES[0])
    second = target("killed", "deaths", 20.0, place=NAMES[1])
    right, wrong = steady(killed=[150, 20, 30]), steady(killed=[20, 150, 30])
    ln = [weights.ln_likelihood(r, (whole, part, second), 1.0) for r in (right, wrong)]
    assert ln[0] > ln[1] + 1.0


def test_control_is_censored_by_three_hours():
    """If it failed, a loss that was reported an hour late would exclude the run that had it right."""
    made = steady(control=[0, 0, 0])
    series = made.series["control"].copy()
    series[40:, 0] = 2
    made = replace(made, series={**made.series, "control": series})
    lost = float(made.days[40]) - 0.25
    near = target("control", "count", 2.0, day=lost - 0.1, place=NAMES[0])
    early = target("control", "count", 2.0, day=lost - 0.5, place=NAMES[0])
    assert weights.ln_control(made, near) == 0.0
    assert weights.ln_control(made, early) == pytest.approx(math.log(laws.FLOOR))


def test_shown_and_later_figures_do_not_count():
    """If it failed, a forecast from the data up to t0 would have seen what came after."""
    figures = (target("killed", "deaths", 3, role="shown"), target("killed", "deaths", 3, day=4.0, role="held-out"),
               target("turnout", "crowd", 3, day=9.0))  # fmt: skip
    world = scenario(targets=figures)
    assert weights.scored(world) == figures[1:]
    assert weights.scored(world, 5.0) == figures[1:2]


def test_a_known_ending_counts():
    """If it failed, worlds in which the ruler fell at once would say what happened after he had stood."""
    made = run(scenario(), 1, 1)
    stood = replace(made, outcome=replace(made.outcome, fallen=False, day=30.0))
    fell = replace(made, outcome=replace(made.outcome, fallen=True, day=3.0))
    after = replace(made, outcome=replace(made.outcome, fallen=True, day=29.0))
    ln = [weights.ln_likelihood(r, (), 1.0, stood=20.0) for r in (stood, fell, after)]
    assert ln[1] - ln[0] == pytest.approx(math.log(weights.STOOD_ERROR))
    assert ln[2] == ln[0]


def test_weights_add_up_and_missing_runs_have_none():
    """If it failed, probabilities would not add up, or runs that failed would vote."""
    w = weights.normalised(np.array([[-1000.0, -1001.0], [np.nan, -1000.0]]))
    assert w.sum() == pytest.approx(1.0)
    assert w[1, 0] == 0.0
    assert weights.effective(w) == pytest.approx((2 + math.exp(-1)) ** 2 / ((1 + math.exp(-1)) ** 2 + 1))
    assert weights.effective(np.full((4, 40), 1 / 160)) == pytest.approx(4)  # seeds of a draw are no further draws
    assert weights.effective(np.zeros(3)) == 0.0


def test_sources_are_sorted_by_their_words():
    """If it failed, officials and their opponents would be taken to err alike."""
    said = ("kz017: Prosecutor General office briefing", "kz077: Reuters via bdnews24", "kz010: a local site")
    assert [laws.source_class(target("turnout", "crowd", 1, source=s)) for s in said] == ["official", "wire", "press"]


def test_ends_are_told_apart_and_horizons_hold():
    """If it failed, a ruler's exit would be counted as the end of the regime, or a late fall as one in time."""
    made = run(scenario(), 1, 1)
    ended = replace(made.outcome, kind="ruler leaves, regime stays", path="elites", fallen=True, day=8.0)
    left = replace(made, outcome=ended)
    asked = {n: measure(left, Question(n, 10.0)) for n in ("fall", "stands", "regime-falls", "removal", "civil-war")}
    assert asked == {"fall": 1, "stands": 0, "regime-falls": 0, "removal": 1, "civil-war": 0}
    assert measure(left, Question("fall", 7.0)) == 0
    assert math.isnan(measure(left, Question("fall", 10.0, since=9.0)))


def test_lethal_rules_are_seen_at_home_within_the_horizon():
    """If it failed, the answer to seizures could not be told from an order that came days after them."""
    made = run(scenario(), 1, 1)
    ordered = np.where(made.days > 8.0, 2, 0)
    made = replace(made, national={**made.national, "lethal": ordered})
    assert [measure(made, Question("lethal", day)) for day in (7.0, 9.0)] == [0, 1]
    assert measure(made, Question("lethal_share", 9.0)) == pytest.approx(2 / len(NAMES))


def test_thresholds_make_events_of_numbers():
    """If it failed, a share of runs with more dead than a number could not be asked for."""
    made = steady(killed=[5, 0, 0])
    assert measure(made, Question("killed")) == 5
    assert measure(made, Question("killed", above=4.0)) == 1
    assert measure(made, Question("killed", place=NAMES[1], above=4.0)) == 0
