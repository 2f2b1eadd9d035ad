"""Turnout that surprises: what people expect, what they then believe of each other, and what it adds to the law."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, act, begin, country, full, see
from tocsin.engine.compose import compose
from tocsin.engine.run import simulate
from tocsin.scenario.load import load
from tocsin.state import Effect, Floats, Setting

LEIPZIG = {
    "belief.ordinary": 250.0, "belief.expectation": 7.0, "belief.memory": 2.0, "derived.belief": 0.4,
    "risk.media": 0.5,
}  # fmt: skip
MEAN = 1.25e6 / 3
"""People of the mean place of the small country."""


def rule(columns: dict[str, Any], setting: Setting | None = None, **changes: float) -> Effect:
    """One tick."""
    return act("belief", columns, changes={**LEIPZIG, **changes}, setting=setting)


def ran(turnout: Any, ticks: int, days: float = 0.25, **changes: float) -> dict[str, Any]:
    """Columns after so many ticks; turnout(day) float[3] people."""
    setting = replace(country(), days=days)
    columns: dict[str, Any] = {"reach": 0.0, "expected": 0.0, "belief": 0.0}
    for tick in range(ticks):
        columns["turnout"] = turnout(tick * days)
        columns.update(rule(columns, setting, **changes).columns)
    return columns


def seen(turnout: Floats, reach: Floats) -> Floats:
    """Turnout seen by place, as the equation has it."""
    weight = 0.5 * reach
    return (1 - weight) * turnout / country().population + weight * turnout.sum() / MEAN


def test_one_tick_by_hand() -> None:
    """If it failed, people would see another crowd, or be surprised by another amount, than the equations say."""
    turnout, reach, expected = np.array([20_000.0, 40.0, 0.0]), np.array([0.4, 0.2, 0.0]), np.array([1e-3, 8e-3, 0.02])
    effect = rule({"turnout": turnout, "reach": reach, "expected": expected, "belief": [0.5, -0.2, 1.0]})
    there, ordinary = seen(turnout, reach), 250 / MEAN
    surprise = np.log((there + ordinary) / (expected + ordinary))
    followed = 1 - math.exp(-0.25 / 7)
    wanted = (there + ordinary) ** followed * (expected + ordinary) ** (1 - followed) - ordinary
    assert effect.columns["expected"] == pytest.approx(wanted)
    kept = math.exp(-0.25 / 2)
    belief = np.array([0.5, -0.2, 1.0]) * kept + surprise * (1 - kept)
    assert effect.columns["belief"] == pytest.approx(belief)
    assert effect.add["gamma"].ravel() == pytest.approx(0.4 * belief)


def test_without_weight_the_law_is_as_if_nobody_compared() -> None:
    """If it failed, switching belief off would differ from giving it no weight: the ablation would not be one."""
    seen = {"turnout": [9_000, 0, 0], "belief": [-3.0, 0.7, 2.0], "reach": 0.4}
    views = see("law").view, see("belief", seen, changes={**LEIPZIG, "derived.belief": 0.0}).view
    law, idle = (BY_NAME[name].rule(view) for name, view in zip(("law", "belief"), views, strict=True))
    shift = Effect(add={"gamma": np.array([[-9.1, 0.3, -2.7]])})
    without, with_it = full(compose([law, shift])), full(compose([law, idle, shift]))
    for name, value in without.items():
        assert np.array_equal(value, with_it[name]), name


def test_a_run_in_which_belief_has_no_share_is_the_run_without_it() -> None:
    """If it failed, belief would act on more than the law: people with no share of it differ from people without it."""
    none = load("kazakhstan-2022").vary({"people_per_agent": 1000, "days": 4, "law.gain_belief": 0.0})
    idle, off = simulate(none, 6, 1), simulate(none.vary({"belief": False}), 6, 1)
    assert idle.parameters["derived.belief"] == 0.0
    assert np.array_equal(idle.state_digests, off.state_digests)
    assert idle.total("turnout").max() > 0


def test_turnout_as_expected_says_nothing() -> None:
    """If it failed, people would go on being moved by what they already knew: belief must fade at its own rate."""
    turnout, reach = np.array([30_000.0, 2_000.0, 0.0]), np.array([0.3, 0.3, 0.1])
    columns: dict[str, Any] = {"turnout": turnout, "reach": reach, "expected": seen(turnout, reach), "belief": 1.5}
    for _ in range(16):
        columns.update(rule(columns).columns)
    assert columns["expected"] == pytest.approx(seen(turnout, reach), rel=1e-9)
    assert columns["belief"] == pytest.approx([1.5 * math.exp(-4 / 2)] * 3, abs=1e-9)


@pytest.mark.parametrize("reach", [0.0, 0.3, 1.0])
def test_people_begin_by_expecting_the_background(reach: float) -> None:
    """If it failed, the first ordinary day would surprise everybody, and belief would rise before the trigger.

    By hand: 1e-5 of the people begin a day and stay for four days; media show three places in one. Then a crowd of that
    share everywhere says exactly nothing, and twice as many say something.
    """
    known = {"grievance.background": 1e-5, "fatigue.rest": 0.25, "information.openness": reach}
    expected = begin("belief", changes={**LEIPZIG, **known})["expected"].item()
    assert expected == pytest.approx(4e-5 * (1 - 0.5 * reach + 0.5 * reach * 3))
    ordinary = {"turnout": 4e-5 * country().population, "reach": reach, "expected": expected}
    calm = rule(ordinary).columns
    assert calm["belief"] == pytest.approx([0.0] * 3, abs=1e-12)
    assert calm["expected"] == pytest.approx([expected] * 3)
    assert (rule({**ordinary, "turnout": 8e-5 * country().population}).columns["belief"] > 1e-3).all()


def test_no_crowd_is_no_surprise_to_those_who_expect_none() -> None:
    """If it failed, a country in which nothing happens would slowly come to believe something: exactly zero stays."""
    columns = ran(lambda _: np.zeros(3), 40)
    assert np.array_equal(columns["expected"], np.zeros(3))
    assert np.array_equal(columns["belief"], np.zeros(3))


def test_larger_crowds_raise_and_smaller_ones_lower() -> None:
    """If it failed, a crowd twice as large as expected would not embolden, or a disappointing one not discourage."""
    expected = seen(np.array([10_000.0, 0.0, 0.0]), np.zeros(3))
    beliefs = [
        rule({"turnout": [crowd, 0, 0], "expected": expected, "reach": 0.0}).columns["belief"][0]
        for crowd in (0, 5_000, 10_000, 20_000, 400_000)
    ]
    assert beliefs[2] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(beliefs) > 0).all()


def test_small_crowds_are_ordinary() -> None:
    """If it failed, a handful of people would shake the country, or an unheard-of crowd leave it cold."""
    few, many = (rule({"turnout": [crowd, 0, 0], "reach": 0.0}).columns["belief"][0] for crowd in (10, 100_000))
    assert 0 < few < 0.02 * many


def test_news_of_a_crowd_travels_as_far_as_media_do() -> None:
    """If it failed, a shutdown or a state's media would not keep the rest of the country from learning of a crowd."""
    crowd = {"turnout": [50_000, 0, 0]}
    open_media, shut = (rule({**crowd, "reach": reach}).columns["belief"] for reach in (0.4, 0.02))
    assert (open_media[1:] > 3 * shut[1:]).all()
    assert rule({**crowd, "reach": 0.0}).columns["belief"][1:] == pytest.approx([0.0, 0.0], abs=1e-15)
    assert open_media[1] == pytest.approx(open_media[2]), "media show the crowd as a whole, wherever it is seen"


def test_a_crowd_that_stays_the_same_ends_by_telling_nothing() -> None:
    """If it failed, a movement of constant size would go on telling news; it dies as that ends (Lohmann)."""
    after = [ran(lambda _: np.array([30_000.0, 0.0, 0.0]), n)["belief"][0] for n in (4, 16, 200, 400)]
    assert after[1] > after[0] > 0
    assert after[3] < 0.01 * after[1]


def test_a_growing_crowd_surprises_by_its_rate_of_growth() -> None:
    """If it failed, Leipzig's weeks would not tell by how much they grew: belief is growth times the time compared.

    Turnout 10,000 exp(g t) with g = 0.1 a day for 60 days: belief tends to g * expectation, here 0.7. Ticks of 1.5
    hours; tolerance 2 %, for the tick and for the ordinary crowd.
    """
    columns = ran(lambda day: np.array([10_000 * math.exp(0.1 * day), 0, 0]), 960, 1 / 16)
    assert columns["belief"][0] == pytest.approx(0.1 * 7, rel=0.02)
    calmer = ran(lambda day: np.array([10_000 * math.exp(0.1 * min(day, 40)), 0, 0]), 960, 1 / 16)
    assert calmer["belief"][0] < 0.2 * columns["belief"][0]


def test_the_tick_hardly_matters() -> None:
    """If it failed, the length of a tick would decide how fast people take courage: rates must scale with it.

    A crowd that doubles each day for three days and then halves; ticks of 6 and of 1.5 hours against 0.375 hours. The
    error, half a tick of delay, must shrink with the tick and be below 0.12 of the swing at 6 hours.
    """

    def crowd(day: float) -> Floats:
        return np.array([2_000.0 * 2 ** (3 - abs(day - 3)), 0, 0])

    fine = [ran(crowd, days * 64, 1 / 64)["belief"][0] for days in (2, 4, 6)]
    swing = max(fine) - min(fine)
    gap = [
        max(abs(ran(crowd, days * n, 1 / n)["belief"][0] - f) for days, f in zip((2, 4, 6), fine, strict=True))
        for n in (4, 16)
    ]
    assert gap[0] < 0.12 * swing
    assert gap[1] < 0.35 * gap[0]
