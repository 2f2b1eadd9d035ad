"""What each kind of estimand computes, on tables made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tocsin.claims import estimates
from tocsin.claims.claim import Estimand
from tocsin.claims.estimands import ESTIMANDS, Given, bounds, effects, lost, sufficiency
from tocsin.claims.evidence import Ask, Reading, evidence_of
from tocsin.claims.kinds import KINDS
from tocsin.claims.measures import Question
from tocsin.claims.registered import WIDER, fewer, stood, structures, wider
from tocsin.claims.worlds import combinations_of, contrasts_of, long_enough, question, questions, world, world_names
from tocsin.declare import Param, Prior, beta
from tocsin.errors import ScenarioError, UsageError
from tocsin.scenario import declared
from tocsin.scenario.load import load

FIRST = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, np.nan]])
SECOND = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, np.nan]])
EVEN = estimates.even(FIRST)
FACTORS = {"a": {"x": 1}, "b": {"y": 1}}


def asked_of(kind, worlds=("", "other"), tables=(FIRST, SECOND), weights=EVEN, **options):
    estimand = Estimand(kind, worlds, 0.0, options)
    return ESTIMANDS[kind](Given(estimand, dict(zip(world_names(estimand), tables, strict=True)), weights))


def means(made, weights=EVEN):
    return [estimates.mean(t, weights) for t in made.tables]


def test_every_kind_has_a_function():
    """If it failed, a claim could pass the check and then have nobody to compute it."""
    assert set(ESTIMANDS) == set(KINDS) - {"documentary", "none"}


def test_event_is_the_weighted_share_of_known_runs():
    """If it failed, runs that are missing or weigh nothing would move a probability."""
    weights = np.array([[0.0, 0.0], [0.5, 0.5], [0.0, 0.9]])
    assert means(asked_of("event", ("",), (FIRST,))) == [pytest.approx(3 / 5)]
    assert means(asked_of("event", ("",), (FIRST,)), weights) == [pytest.approx(0.5)]


def test_effect_is_second_less_first_and_can_be_turned_and_scaled():
    """If it failed, a claim that troops save lives could be supported by runs in which they cost lives."""
    assert means(asked_of("effect")) == [pytest.approx(-1 / 5)]
    assert means(asked_of("effect", direction="down")) == [pytest.approx(1 / 5)]
    assert means(asked_of("effect", relative=True)) == [pytest.approx(-1 / 3)]


def test_necessity_counts_only_runs_that_have_the_event():
    """If it failed, runs in which there was nothing to prevent would count as prevented."""
    assert means(asked_of("necessity")) == [pytest.approx(2 / 3)]
    table = lost(FIRST, SECOND)
    assert np.isnan(table[1, 1])
    assert np.isnan(table[2]).all()


def reading(answers, ended, ask):
    return Reading({ask: np.array(answers)}, {}, len(answers), np.array(ended))


def test_who_is_gone_early_in_the_changed_world_did_not_stay():
    """If it failed, a cause without which the ruler is gone at once would be found less necessary than a slow one."""
    ask = Ask(Question("stands", 34.0, since=4.0))
    asked = Estimand("necessity", ("", "other"), 30.0, {"event": "stands"})
    never = math.inf
    first = reading([[1.0, 1.0], [1.0, 0.0]], [[never, never], [never, 3.0]], ask)
    second = reading([[0.0, 1.0], [np.nan, 0.0]], [[3.0, never], [np.nan, 3.0]], ask)
    found = evidence_of("as written", asked, {"": first, "other": second}, (ask,), None)
    assert np.array_equal(found.asked.tables[0], [[1.0, 0.0], [np.nan, np.nan]], equal_nan=True)
    effect = evidence_of("", replace(asked, kind="effect"), {"": first, "other": second}, (ask,), None)
    assert np.array_equal(effect.asked.tables[0], [[-1.0, 0.0], [np.nan, np.nan]], equal_nan=True)
    alone = evidence_of("", Estimand("event", ("other",), 30.0), {"other": second}, (ask,), None)
    assert np.array_equal(alone.asked.tables[0], [[np.nan, 1.0], [np.nan, np.nan]], equal_nan=True)


def test_values_of_a_sweep_stand_alone():
    """If it failed, who is gone early at one value of a parameter would be left out at all values, or at none."""
    ask = Ask(Question("fall", 34.0, since=4.0))
    asked = Estimand("sweep", ("",), 30.0, {"parameter": "p", "values": [1, 2]})
    one, two = reading([[1.0]], [[3.0]], ask), reading([[1.0]], [[9.0]], ask)
    found = evidence_of("", asked, dict(zip(world_names(asked), (one, two), strict=True)), (ask,), None)
    assert [float(t[0, 0]) for t in found.asked.tables] == [pytest.approx(np.nan, nan_ok=True), 1.0]


def test_necessity_against_a_third_world_takes_the_lesser():
    """If it failed, "the elite and not the street" would be supported although the street was necessary too."""
    made = asked_of("necessity", ("", "elite", "street"), (FIRST, SECOND, SECOND))
    assert means(made) == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert made.binding(EVEN) == 1


def test_bounds_of_even_weights_are_those_of_the_shares():
    """If it failed, the bounds would not be those that the literature means: max(0, p - q) / p to min(p, 1 - q) / p."""
    one, two = np.array([[1.0, 1.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 1.0, 0.0]])
    assert bounds(one, two, estimates.even(one)) == (pytest.approx(2 / 3), pytest.approx(1.0))
    assert bounds(two, one, estimates.even(one)) == (0.0, pytest.approx(1.0))
    assert bounds(0 * one, two, estimates.even(one)) == (0.0, 1.0)
    assert bounds(np.full((1, 4), np.nan), two, estimates.even(one)) == (0.0, 1.0)


def coupled(draws=200, seeds=4):
    """Worlds of which each draw has its own chances, and weights that single out a seed of most draws."""
    rng = np.random.default_rng(7)
    first = (rng.random((draws, seeds)) < rng.beta(4, 2, (draws, 1))).astype(float)
    second = (rng.random((draws, seeds)) < rng.beta(2, 2, (draws, 1))).astype(float)
    raw = np.exp(4.0 * rng.normal(size=(draws, seeds)))
    return first, second, raw / raw.sum()


def test_bounds_hold_for_every_coupling():
    """If it failed, the bounds shown beside PN would be made by the very coupling that they are to leave open."""
    first, second, weights = coupled()
    least, most = bounds(first, second, weights)
    found = []
    for shift in range(4):
        other = np.roll(second, shift, axis=1)
        assert bounds(first, other, weights) == (pytest.approx(least), pytest.approx(most))
        found.append(estimates.mean(lost(first, other), weights))
    for order in (np.argsort, lambda x, axis: np.argsort(-x, axis=axis)):  # the couplings that matter most
        ranks = np.argsort(np.argsort(np.where(first == 1, weights, 0.0), axis=1), axis=1)
        other = np.take_along_axis(np.take_along_axis(second, order(second, axis=1), axis=1), ranks, axis=1)
        assert bounds(first, other, weights) == (pytest.approx(least), pytest.approx(most))
        found.append(estimates.mean(lost(first, other), weights))
    assert max(found) - min(found) > 0.3
    assert least <= min(found)
    assert max(found) <= most
    p, q = estimates.mean(first, weights), estimates.mean(second, weights)
    assert most - least > (min(p, 1.0 - q) - max(0.0, p - q)) / p  # wider than by shares weighted run by run


def test_sufficiency_looks_at_runs_without_the_event():
    """If it failed, sufficiency would be necessity under another name."""
    assert sufficiency(FIRST, SECOND, EVEN) == pytest.approx(2 / 3)


def test_both_takes_the_weaker_condition():
    """If it failed, a claim with two conditions would be supported by one."""
    made = asked_of("both")
    assert means(made) == [pytest.approx(2 / 5), pytest.approx(2 / 5)]


def test_factorial_names_all_combinations_and_judges_one_factor():
    """If it failed, necessity would be read off a world with another factor off as well."""
    estimand = Estimand("factorial", ("",), 0.0, {"factors": FACTORS, "of": "a", "given": ["b"]})
    assert world_names(estimand) == ("", "+a", "+b", "+a+b")
    assert set(world_names(estimand, full=False)) == {"", "+a", "+b", "+a+b"}
    one, none = np.ones((2, 2)), np.zeros((2, 2))
    tables = {"": one, "+a": none, "+b": one, "+a+b": one}
    made = ESTIMANDS["factorial"](Given(estimand, tables, estimates.even(one)))
    assert means(made, estimates.even(one)) == [1.0, 0.0]
    assert made.names == ("what a takes away is necessary, with all on", "what a takes away is necessary, with b")


def test_each_combination_of_a_factorial_has_a_number_of_its_own():
    """If it failed, necessity without troops would be read as necessity with them, or the other factor left out."""
    options = {"factors": {**FACTORS, "c": {"z": 1}}, "of": "a", "against": "c", "given": ["b"]}
    estimand = Estimand("factorial", ("",), 0.0, options)
    one, none = np.ones((2, 2)), np.zeros((2, 2))
    tables = {"": one, "+a": none, "+c": one, "+b": one, "+a+b": one, "+b+c": none}
    made = ESTIMANDS["factorial"](Given(estimand, tables, estimates.even(one))).by_setting()
    assert list(made) == ["with all on", "with b"]
    assert means(made["with all on"], estimates.even(one)) == [1.0, 1.0]
    assert means(made["with b"], estimates.even(one)) == [0.0, 0.0]
    assert all(asked.take == "least" and not asked.settings for asked in made.values())
    assert list(asked_of("event", ("",), (FIRST,)).by_setting()) == [""]


FOUR = ("", "one", "two", "three")


def difference_of(tables, second=None, **options):
    estimand = Estimand("effect-difference", FOUR, 0.0, options)
    answers = dict(zip(FOUR, tables, strict=True))
    return ESTIMANDS["effect-difference"](Given(estimand, answers, EVEN, second or answers))


def test_difference_of_effects_is_the_second_less_the_first():
    """If it failed, "more in Belarus than in Russia" would be supported by runs in which it is less."""
    one, none = np.ones((3, 2)), np.zeros((3, 2))
    made = difference_of((none, none, none, one))
    assert means(made) == [pytest.approx(1.0)]
    assert (made.difference, made.contrasts) == (True, 2)
    assert means(difference_of((none, one, one, none))) == [pytest.approx(-2.0)]
    assert means(difference_of((none, one, one, none), direction="down")) == [pytest.approx(2.0)]
    assert np.isnan(difference_of((none, FIRST, none, one)).tables[0][2, 1])


def test_each_contrast_of_a_difference_answers_its_own_question():
    """If it failed, crowds in Belarus would be held against the threshold of Russia."""
    one, none = np.ones((3, 2)), np.zeros((3, 2))
    second = dict(zip(FOUR, (one, one, none, one), strict=True))
    assert means(difference_of((none, one, none, none), second)) == [pytest.approx(0.0)]
    assert means(difference_of((2 * one, 3 * one, none, none), {**second, "two": one}, relative=True)) == [-0.5]
    base = load("kazakhstan-2022-alliance")
    options = {"event": "peak_turnout", "states": ["Russia", "Belarus"], "thresholds": [29100, 1880]}
    estimand = Estimand("effect-difference", FOUR, 0.0, options)
    assert [(q.state, q.above) for q in questions(base, estimand)] == [("Russia", 29100.0), ("Belarus", 1880.0)]
    assert contrasts_of(estimand) == (("", "one"), ("two", "three"))


def test_bayes_factor_compares_mean_likelihoods():
    """If it failed, organised groups would be found likely because of one lucky run, or of the order of the worlds."""
    likely = np.array([[0.9, 0.1], [0.2, 0.4]]), np.array([[0.3, 0.3], [0.1, 0.02]])
    table, weights = estimates.posterior(*(np.log(of) for of in likely))
    m1, m2 = (float(of.mean()) for of in likely)
    assert estimates.mean(table, weights) == pytest.approx(m2 / (m1 + m2))
    back = estimates.posterior(*(np.log(of) for of in reversed(likely)))
    assert estimates.mean(*back) == pytest.approx(m1 / (m1 + m2))
    missing = np.log(likely[0]), np.where(np.arange(4).reshape(2, 2) == 3, np.nan, np.log(likely[1]))
    assert estimates.mean(*estimates.posterior(*missing)) == pytest.approx(0.7 / (0.7 + 1.2))


def test_bayes_factor_survives_tiny_likelihoods():
    """If it failed, many figures together would make every likelihood nothing, and the answer nothing divided by it."""
    first = np.full((3, 2), -2000.0)
    assert estimates.mean(*estimates.posterior(first, first + math.log(3.0))) == pytest.approx(0.75)
    table, weights = estimates.posterior(np.full((3, 2), np.nan), first)
    assert math.isnan(estimates.mean(table, weights))


def test_bayes_factor_resamples_both_worlds_of_a_slot_together():
    """If it failed, what the two worlds share by chance would widen the error of their comparison."""
    shared = np.linspace(-6.0, 0.0, 40)[:, None] * np.ones((1, 2))
    found = estimates.resampled(*estimates.posterior(shared, shared + math.log(2.0)))
    assert np.allclose(found, 2 / 3)


def test_main_effects_and_interactions():
    """If it failed, a factor that works only together with another would look as if it worked alone."""
    estimand = Estimand("factorial", ("",), 0.0, {"factors": FACTORS, "of": "a"})
    one, none = np.ones((1, 1)), np.zeros((1, 1))
    found = effects(estimand, {"": one, "+a": none, "+b": none, "+a+b": none})
    assert {name: float(table[0, 0]) for name, table in found.items()} == {"a": 0.5, "b": 0.5, "a x b": 1.0}


def test_sweep_takes_the_greatest():
    """If it failed, "enough of it suffices" would be judged where there is least of it."""
    made = asked_of("sweep", ("",), (SECOND, FIRST), parameter="p", values=[1, 2])
    assert made.binding(EVEN) == 1
    assert made.names == ("p at 1", "p at 2")


def test_combinations_begin_with_all_on():
    """If it failed, the first world of a factorial would not be the one that everything is compared with."""
    assert combinations_of(("a", "b")) == [(), ("a",), ("b",), ("a", "b")]


def test_origins_tell_draws_from_chance():
    """If it failed, a verdict would blame ignorance for what is chance, or chance for what is ignorance."""
    draws = np.repeat(np.array([[0.0], [1.0]] * 50), 4, axis=1)
    assert estimates.origins(draws, estimates.even(draws)) == (pytest.approx(0.25 * 100 / 99), 0.0)
    seeds = np.tile(np.array([[0.0, 1.0, 0.0, 1.0]]), (100, 1))
    parameters, chance = estimates.origins(seeds, estimates.even(seeds))
    assert parameters == 0.0
    assert chance == pytest.approx(1 / 3)


def test_interval_is_never_without_width_for_shares():
    """If it failed, ten runs that agree would pass for certainty."""
    low, high = estimates.interval(np.ones((5, 2)), estimates.even(np.ones((5, 2))), 1.0, 10.0)
    assert low == pytest.approx(0.72, abs=0.01)
    assert high == pytest.approx(1.0)


def test_shares_between_nothing_and_one_have_width_too():
    """If it failed, four runs that each make a world half as likely as another would settle which one it was."""
    half = np.full((2, 2), 0.98)
    assert estimates.interval(half, estimates.even(half), 0.98, 4.0) == (pytest.approx(0.98), pytest.approx(0.98))
    low, high = estimates.interval(half, estimates.even(half), 0.98, 4.0, share=True)
    assert low < 0.75
    assert high > 0.98


def test_differences_of_effects_are_never_without_width():
    """If it failed, four runs in which nothing differs would show that two effects are alike."""
    nothing = np.zeros((2, 2))
    one, two = (estimates.paired(nothing, estimates.even(nothing), 4.0, n) for n in (1, 2))
    assert one == pytest.approx(math.sqrt(2 / 6 / 6))
    assert two == pytest.approx(math.sqrt(4 / 8 / 8))
    wide = np.array([[2.0, -2.0]])
    assert estimates.paired(wide, estimates.even(wide), 2.0) is None
    assert estimates.paired(wide, estimates.even(wide), 2.0, 2) == pytest.approx(math.sqrt((8 + 4) / 6 / 6))


def test_resampling_follows_the_weights():
    """If it failed, the interval of a posterior number would be that of the prior."""
    weights = np.zeros((40, 2))
    weights[:20] = 1.0 / 40
    table = np.concatenate([np.ones((20, 2)), np.zeros((20, 2))])
    assert np.allclose(estimates.resampled(table, weights), 1.0)
    assert 0.4 < estimates.resampled(table, estimates.even(table)).mean() < 0.6


KAZAKHSTAN = "kazakhstan-2022"
T0 = {"t0": "2022-01-05 23:00", "from": "2022-01-06"}


def test_counterfactual_worlds_decide_from_t0_and_the_factual_one_does_not():
    """If it failed, the record would be compared with a government that had already gone its own way."""
    base = load(KAZAKHSTAN)
    estimand = Estimand("necessity", ("", "no-request"), 26.0, T0)
    factual, other = (world(base, estimand, name) for name in estimand.worlds)
    assert factual.hash == base.hash
    assert other.policy == {"government": 95.0}
    assert other.parameters["government.request_below"].prior.a == 0.0
    both = Estimand("effect", ("", "no-request"), 26.0, {**T0, "both": True})
    freed = world(base, both, "")
    assert freed.policy == {"government": 95.0}
    assert freed.parameters["government.request_below"].prior.kind == "beta"
    assert freed.variant != base.variant


def test_labels_change_worlds_and_unknown_ones_are_refused():
    """If it failed, a claim could name a world that nobody described and be judged on another."""
    base = load(KAZAKHSTAN)
    estimand = Estimand("effect", ("", "no-request+calm"), 0.0, {"changes": {"calm": {"drop_kinds": ["rules"]}}})
    assert not any(e.kind in ("rules", "arrival") for e in world(base, estimand, "no-request+calm").events)
    with pytest.raises(ScenarioError, match="no changes are called"):
        world(base, estimand, "no-request+storm")


def test_clocks_and_lengths():
    """If it failed, thirty days from 6 January would be counted from the 2nd, or cut at the end of the file's run."""
    base = load(KAZAKHSTAN)
    estimand = Estimand("event", ("no-request",), 30.0, {"from": "2022-01-06"})
    asked = question(base, estimand)
    assert (asked.since, asked.by) == (4.0, 34.0)
    assert long_enough(base, estimand) == 34.0
    with pytest.raises(UsageError, match="of one state"):
        question(base, Estimand("event", ("",), 0.0, {"event": "request", "state": "Russia"}))


def test_the_registered_set_begins_as_written_and_widens_every_prior():
    """If it failed, a verdict would not be tried on other ways of seeing the case."""
    base = load(KAZAKHSTAN)
    found = structures(base)
    assert [s.name for s in found][:2] == ["as written", "the second seat suffices"]
    worlds = [base.vary(s.changes) for s in found]
    assert len({w.hash for w in worlds}) == len(worlds)
    narrow, wide = (w.parameters["loyalty.belief_slope"].prior.b for w in (worlds[0], worlds[-1]))
    assert wide == pytest.approx(1.5 * narrow)
    assert stood(base) == 30.0


def sd(prior):
    """Standard deviation of a prior, from its quantiles."""
    values = [prior.quantile((k + 0.5) / 4000) for k in range(4000)]
    return float(np.mean(values)), float(np.std(values))


@pytest.mark.parametrize("before", [beta(6, 14), beta(6, 6), beta(3, 5), Prior("normal", 1, 2), Prior("uniform", 4, 6)])
def test_wider_is_half_as_wide_again(before):
    """If it failed, "half as wide again" would be a third for some priors, or move their middle."""
    after = wider(before, Param("x", before, "", -100.0, 100.0, "", ""))
    assert sd(after)[0] == pytest.approx(sd(before)[0], abs=1e-3)
    assert sd(after)[1] == pytest.approx(WIDER * sd(before)[1], rel=1e-3)


@pytest.mark.parametrize("counts", [(2.0, 2.0), (2.0, 18.0), (1.0, 9.0), (0.74, 7.26), (2.0, 2.0, 2.0, 2.0)])
def test_wider_never_piles_up_at_the_ends(counts):
    """If it failed, a mild belief in the middle would become a belief that it is all or nothing."""
    found = fewer(counts)
    assert min(found) == pytest.approx(min(*counts, 1.0))
    assert [c / sum(found) for c in found] == pytest.approx([c / sum(counts) for c in counts])


def test_every_prior_that_can_be_wider_is():
    """If it failed, a structure called wide would hold what matters most as narrow as before."""
    base = load("kazakhstan-2022")
    wide = base.vary(structures(base)[-1].changes).parameters
    same = {n for n, s in base.parameters.items() if s.prior.kind != "fixed" and wide[n].prior == s.prior}
    known = declared.parameters()
    for name in same:
        prior = base.parameters[name].prior
        ends = (prior.a, prior.b)
        assert ends == (known[name].low, known[name].high) if prior.kind == "uniform" else min(ends) <= 1
        assert prior.kind in ("uniform", "beta")
    assert len(same) == 8
    assert {wide[f"law.gain_{n}"].prior.a for n in ("awareness", "ties", "risk", "belief")} == {1.0}
