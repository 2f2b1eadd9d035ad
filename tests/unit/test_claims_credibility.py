"""Whether the model earned a say, and what a verdict rests on beside its claim."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.invented_runs import scenario
from tests.unit.test_claims_judge import EFFECT, claim, evidence, part, table
from tests.unit.test_claims_weights import target
from tocsin.claims import estimates, laws, registered
from tocsin.claims.claim import Estimand, Part
from tocsin.claims.credibility import Credibility, asks, credibility, persists
from tocsin.claims.evidence import Ask, Reading, evidence_of
from tocsin.claims.judge import boundary, learning, verdict
from tocsin.claims.measures import Question
from tocsin.claims.numbers import number
from tocsin.experiments.statistics import counter_uniform
from tocsin.scenario.load import load

TRAIN = target("killed", "deaths", 100.0, day=3.0)
HELD = target("killed", "deaths", 300.0, day=6.0, role="held-out")


def counted(n):
    return counter_uniform(7, np.arange(n, dtype=np.uint64)) / 2**32


def scored(train, held):
    world = scenario(targets=(TRAIN, HELD))
    return credibility(world, dict(zip(asks(world), (np.array(train), np.array(held)), strict=True)))


def test_the_forecast_is_that_of_runs_weighted_by_the_training_figures():
    """If it failed, figures that were kept back would help to forecast themselves."""
    found = scored([[0.0], [math.log(3.0)]], [[math.log(0.1)], [math.log(0.5)]])
    assert found.model == pytest.approx(math.log(0.25 * 0.1 + 0.75 * 0.5))
    assert found.effective == pytest.approx(1.6)


def test_persistence_says_what_was_last_known_or_nothing():
    """If it failed, the bar that the model has to clear would lie too low."""
    assert persists(HELD, [TRAIN]) == pytest.approx(laws.ln_counts(100.0, HELD, 1.0))
    elsewhere = replace(TRAIN, place="another")
    assert persists(HELD, [elsewhere]) == pytest.approx(laws.ln_counts(0.0, HELD, 1.0))
    later = replace(TRAIN, day=7.0, low=300.0, high=300.0)
    assert persists(HELD, [TRAIN, later]) == persists(HELD, [TRAIN])


def test_a_model_that_forecasts_worse_is_barred():
    """If it failed, a model that fails on what was kept back would still judge from all of it."""
    still = persists(HELD, [TRAIN])
    assert scored([[0.0]], [[still - 0.1]]).barred
    assert not scored([[0.0]], [[still + 0.1]]).barred
    assert credibility(scenario(targets=(TRAIN,)), {asks(scenario(targets=(TRAIN,)))[0]: np.zeros((1, 1))}) is None


def test_a_barred_model_gives_no_verdict():
    """If it failed, the rule that science.md 4 registers would be without effect."""
    says = str(Credibility(-9.0, -8.0, 4, 50.0, {}))
    high = evidence(table(0.9), np.where(np.arange(200) < 100, 1.0, 0.5)[:, None] * np.ones((200, 2)))
    found = verdict(claim(part()), part(), [high], conditioned=True, barred=says)
    assert found.kind == "undetermined"
    assert found.why.startswith("barred")
    assert "worse than persistence" in found.why


def test_learning_does_not_depend_on_the_number_of_seeds():
    """If it failed, more seeds a draw would teach what the record does not."""
    theta = np.linspace(0.05, 0.95, 400)
    weights = np.exp(-0.5 * ((theta - 0.9) / 0.05) ** 2)
    gains = []
    for seeds in (2, 40):
        happens = (counted(400 * seeds).reshape(400, seeds) < theta[:, None]).astype(float)
        prior, after = evidence(happens), evidence(happens, np.repeat(weights[:, None], seeds, axis=1))
        gains.append(learning(*([number(e.asked, e.weights, 0.0)] for e in (prior, after)))[0])
    assert gains == pytest.approx([0.85, 0.85], abs=0.15)


def test_an_effect_in_one_direction_has_one_margin():
    """If it failed, the page would show where a claim of "more" turns into "less", which changes no verdict."""
    assert boundary(part("effect", EFFECT, direction="up"), -0.2) == pytest.approx(0.05)
    assert boundary(part("effect", EFFECT, direction="any"), -0.2) == pytest.approx(-0.05)
    assert boundary(part("equivalence", EFFECT), -0.2) == pytest.approx(-0.05)


def test_what_a_verdict_rests_on_is_part_of_its_identity(monkeypatch):
    """If it failed, a record or a law could be changed after the runs and nobody would be told."""
    world = load("kazakhstan-2022")
    before = registered.fingerprint(world)
    assert registered.fingerprint(world) == before
    first, *rest = world.targets
    assert registered.fingerprint(replace(world, targets=(replace(first, low=1.0), *rest))) != before
    monkeypatch.setattr(laws, "DISCREPANCY", 0.6)
    assert registered.fingerprint(world) != before


def test_relative_effects_count_alike_in_large_and_small_draws():
    """If it failed, a tenth more dead everywhere would be uncertain because revolts differ in size."""
    size = np.exp(3.0 * (counted(400) - 0.5))[:, None] * np.ones((400, 2))
    asked = Estimand("effect", ("", "other"), 30.0, {"relative": True, "direction": "up"})
    ask = Ask(Question("killed"))
    worlds = {n: Reading({ask: t}, {}, 800, np.full((400, 2), np.inf)) for n, t in (("", size), ("other", 1.2 * size))}
    large = np.where(size > 2.0, 0.0, -50.0)
    found = evidence_of("as written", asked, worlds, (ask,), large)
    of = Part("C1a", "a title", asked, EFFECT)
    judged = verdict(claim(of), of, [found], conditioned=False)
    assert judged.kind == "supported"
    assert judged.figures[0].value == pytest.approx(0.2)
    assert number(found.prior, estimates.even(size), 0.05).value == pytest.approx(0.2)
