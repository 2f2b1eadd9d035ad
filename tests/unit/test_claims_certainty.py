"""How surely an effect is beyond a margin: what two seeds a draw can tell of the parameters, and what they cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.test_claims_judge import EFFECT, evidence, judged, part
from tocsin.claims import estimates
from tocsin.claims.certainty import certain, unmixed
from tocsin.claims.claim import Rule
from tocsin.claims.estimands import Asked
from tocsin.claims.judge import decide
from tocsin.claims.numbers import number
from tocsin.claims.toy import ToyPair, normals
from tocsin.experiments.statistics import counter_uniform


def pairs(effects, seeds=2, stream=5):
    """Pairs of runs that differ with the probability of their draw's effect, [D, S]."""
    n = len(effects) * seeds
    luck = (counter_uniform(stream, np.arange(n, dtype=np.uint64)) / 2**32).reshape(-1, seeds)
    return (luck < np.abs(effects)[:, None]) * np.sign(effects)[:, None]


def said(table, kind="effect", rule=EFFECT, **options):
    return judged(part(kind, rule, **options), evidence(table, difference=True))


def kinds(table):
    """Verdicts on an effect upwards, either way, and on none, from one number."""
    found = [number(Asked(("",), (table,), difference=True), estimates.even(table), EFFECT.margin)]
    parts = part("effect", EFFECT), part("effect", EFFECT, direction="any"), part("equivalence", EFFECT)
    return tuple(decide(one, found)[0] for one in parts)


def halves(strong, draws=600, share=0.5):
    return np.where(np.arange(draws) < share * draws, strong, 0.0)


@pytest.mark.parametrize("strong", [1.0, 0.6, 0.3])
@pytest.mark.parametrize("share", [0.5, 0.75])
def test_an_effect_of_some_parameters_is_undetermined(strong, share):
    """If it failed, what is strong for some parameters and nil for others would be called certain of all.

    One set of runs in twelve may look as if all agreed: one in forty did, for the weakest of these effects.
    """
    tables = [pairs(halves(strong, share=share), stream=stream) for stream in range(12)]
    assert sum(any(kind != "undetermined" for kind in kinds(t)) for t in tables) <= 1


def test_the_same_effect_of_all_parameters_is_supported_with_enough_draws():
    """If it failed, chance between the runs of a draw would be taken for parameters without the effect, for ever."""
    assert kinds(pairs(np.full(1000, 0.5))) == ("supported", "supported", "refuted")
    assert kinds(pairs(np.full(1000, -0.5))) == ("refuted", "supported", "refuted")
    assert kinds(pairs(np.full(20, 0.3))) == ("undetermined",) * 3


def test_equivalence_needs_the_parameters_within_the_margin():
    """If it failed, effects that cancel between parameters would be called none."""
    assert said(np.zeros((200, 2)), "equivalence").kind == "supported"
    either = np.where(np.arange(600) % 2, 0.5, -0.5)
    assert said(pairs(either), "equivalence").kind == "undetermined"
    assert said(np.repeat(either[:, None], 2, axis=1), "equivalence").kind == "refuted"
    assert said(np.repeat(either[:, None], 2, axis=1)).kind == "undetermined"


def test_one_seed_a_draw_or_one_draw_is_undetermined():
    """If it failed, chance would pass for the effect of parameters, or one set of parameters for all."""
    for table in (np.ones((500, 1)), np.ones((1, 500))):
        found = said(table)
        assert found.kind == "undetermined"
        assert "cannot tell" in found.why
        assert not any("share of the parameters" in f.name for f in found.figures)
    lone = np.stack([np.ones(500), np.full(500, np.nan)], axis=1)
    assert said(lone).kind == "undetermined"


def test_what_is_left_of_chance_has_the_mean_and_the_spread_of_the_parameters():
    """If it failed, chance in two seeds would be read as parameters, or parameters as chance (0.03 of 0.3 allowed)."""
    true = np.clip(0.4 + 0.25 * normals(3, 4000), 0.0, 1.0)
    found = estimates.levels(pairs(true), np.full((4000, 2), 1 / 8000))
    middle, left = unmixed(found, found.parameters)
    assert middle.mean() == pytest.approx(found.means.mean())
    assert np.sqrt(middle.var() + left.mean()) == pytest.approx(true.std(), abs=0.03)
    assert found.means.std() > true.std() + 0.05
    toy = ToyPair(gain=1.5, other=0.0, draws=4000)
    known = np.array([toy.effect(t, p) for t, p in zip(toy.theta, toy.phi, strict=True)])
    spread = estimates.origins(toy.effects, estimates.even(toy.effects))[0]
    assert np.sqrt(spread) == pytest.approx(known.std(), abs=0.03)


def test_levels_are_without_bias_whatever_the_weights():
    """If it failed, a record that picks few draws, or one seed of each, would make parameters of chance."""
    draws, uneven = 3000, 10.0 ** np.linspace(0.0, -4.0, 3000)[:, None]
    luck = normals(8, 2 * draws).reshape(draws, 2)
    for weights in (
        np.ones((draws, 2)),
        np.array([[1.0, 0.02]]) * np.ones((draws, 2)),
        uneven * np.array([[1.0, 0.3]]),
    ):
        parameters, chance = estimates.origins(luck, weights / weights.sum())
        assert chance == pytest.approx(1.0, abs=0.12)
        assert parameters < 0.12
    some = np.where((np.arange(draws) < draws / 2)[:, None] & np.array([[False, True]]), np.nan, luck)
    assert estimates.origins(some, estimates.even(some))[0] < 0.12
    assert estimates.origins(2.0 * normals(9, draws)[:, None] + luck, np.ones((draws, 2)))[0] == pytest.approx(
        4, rel=0.1
    )


def test_few_draws_are_not_sure_of_what_all_parameters_share():
    """If it failed, weights on a handful of draws that agree by luck would make an effect certain."""
    weights = np.full((600, 2), 1e-9)
    weights[:8] = 1.0
    table = pairs(np.full(600, 0.7))
    found = judged(part("effect", EFFECT), evidence(table, weights, difference=True))
    assert found.kind == "undetermined"


def test_numbers_are_judged_like_shares():
    """If it failed, an effect on a count would be certain where one on a share is not."""
    rule = Rule(margin=10.0, certainty=0.9)
    spread = 5.0 * normals(2, 1200).reshape(600, 2)
    assert said(50.0 + spread, rule=rule).kind == "supported"
    assert said(spread + 8.0 * (np.arange(600) % 3 - 1)[:, None], "equivalence", rule).kind == "undetermined"
    assert said(0.2 * spread, "equivalence", rule).kind == "supported"
    assert said(200.0 * (np.arange(600) % 2)[:, None] + spread, rule=rule).kind == "undetermined"
    assert said(np.where(np.arange(600)[:, None] % 50 == 0, np.nan, 50.0 + spread), rule=rule).kind == "supported"


def test_bounds_hold_the_true_share():
    """If it failed, the share of the parameters beyond the margin would lie outside what the card says of it."""
    for pair in (ToyPair(share=0.7, gain=1.5, other=0.0), ToyPair(gain=0.5, other=0.5, slope=0.5), ToyPair(gain=0.0)):
        for stream in (1, 40, 80):
            toy = replace(pair, draws=400, stream=stream)
            known = np.array([toy.effect(t, p) for t, p in zip(toy.theta, toy.phi, strict=True)])
            found = certain(toy.effects, estimates.even(toy.effects), 0.05, 0.02)
            assert found is not None
            for (value, low, high), true in (
                (found.above, known > 0.05), (found.below, known < -0.05), (found.within, np.abs(known) <= 0.05),
            ):  # fmt: skip
                assert low <= true.mean() <= high
                assert low <= value <= high
