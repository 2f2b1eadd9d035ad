"""What moves a person's wish to act: the law's scale, grievance, risk, ties and fatigue, on numbers done by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import act as rule
from tests.contract.small import begin, country, middle
from tocsin.state import Effect

ACTIVE = slice(1, 4)


def test_law_is_measured_in_units_of_its_noise() -> None:
    """Else utilities of different mechanisms would not be on one scale, and only their ratio to the noise counts."""
    effect = rule("law", {}, changes={"law.noise": 0.04, "law.reconsideration": 1.7})
    assert effect.times["rate"] == 1.7
    assert effect.times["rho"] == pytest.approx(25.0)


def grievance(columns: dict[str, Any], **changes: float) -> Effect:
    base = {"grievance.legitimacy": 0.8, "law.noise": 0.05, "grievance.elsewhere": 0.4, "grievance.half_life": 5.0}
    base |= {"derived.offset": -9.0, "derived.trigger": 4.0}
    return rule("grievance", columns, changes={**base, **changes})


def test_hardship_weighs_as_much_as_legitimacy_is_missing() -> None:
    """Else a legitimate ruler would not be spared: (1 - 0.8)/0.05 = 4 log-odds between the poorest and the richest."""
    assert grievance({}).add["alpha"].ravel() == pytest.approx([4.0] * 3)
    conceded = grievance({"appeasement": [0.1, 0.0, 0.3]})
    assert conceded.add["alpha"].ravel() == pytest.approx([2.0, 4.0, 0.0]), "legitimacy ends at 1"


def test_trigger_is_felt_in_full_in_part_or_not_at_all() -> None:
    """Else a price rise would stir places that it does not reach, or stir the others by the wrong amount."""
    effect = grievance({"exposure": [1.0, 0.5, 0.0], "leaning": [0.5, -1.0, 2.0]})
    assert effect.columns["shock"] == pytest.approx([1.0, 0.4 + 0.6 * 0.5, 0.0])
    assert effect.add["gamma"].ravel() == pytest.approx([-9 + 4.5, -9 + 3.0 * 0.7, -9.0])


def test_shock_halves_every_half_life_and_is_not_felt_twice() -> None:
    """Else anger at one price rise would last for ever, or be renewed each tick by the same news."""
    columns: dict[str, Any] = {"exposure": [1.0, 0.5, 0.0]}
    for _ in range(21):  # the first tick feels it; twenty quarters of a day are one half-life of five days
        columns.update(grievance(columns).columns)
    assert columns["shock"] == pytest.approx([0.5, 0.35, 0.0])


def test_second_stronger_trigger_lifts_the_shock_to_its_own_level() -> None:
    """Else a second blow would be lost, or add up to more than a trigger felt in full."""
    columns: dict[str, Any] = {"exposure": [0.2, 0.2, 0.2], "felt": [0.2, 0.2, 0.0], "shock": [0.3, 0.3, 0.0]}
    columns["exposure"] = [1.0, 0.2, 0.0]
    shock = grievance(columns).columns["shock"]
    assert shock == pytest.approx([1.0, 0.3 * 2 ** (-0.25 / 5), 0.0])


def test_leanings_of_places_have_the_stated_spread() -> None:
    """Else places would differ more, or less, than the prior says: here by quantiles, not by chance."""
    n = 2_000
    u = (np.arange(n) + 0.5) / n
    spread = {"grievance.place_spread": 0.7}
    many = [begin("grievance", changes=spread, draw=lambda _, k, x=x: np.full(k, x))["leaning"][0] for x in u]
    assert len(begin("grievance", changes=spread, draw=lambda _, k: u[:k])["leaning"]) == 3
    assert np.mean(many) == pytest.approx(0.0, abs=1e-9)
    assert np.std(many) == pytest.approx(0.7, rel=0.01)


TURNING = {
    "grievance.turning": 0.4, "grievance.turning_crowd": 2e-3, "grievance.mourning": 0.05,
    "grievance.imitation": 0.8, "grievance.relief": 0.5, "grievance.background": 1e-5, "fatigue.rest": 0.25,
}  # fmt: skip
ORDINARY, HALF = 4e-5, 4e-5 + 2e-3
"""Share of the people who are in the street on any day, and the one at which demands turn at half the full rate."""


def demand(columns: dict[str, Any], **changes: float) -> Any:
    """Demands after one tick."""
    return grievance({"reach": 0.0, **columns}, **{**TURNING, **changes}).columns["demand"]


def test_demands_turn_political_while_a_crowd_stays_unanswered() -> None:
    """Else people who march for days and are not heard would ask for a lower price for ever: worked out by hand."""
    after = demand({"turnout": [0, HALF * 2e5, 1e9], "demand": [0.3, 0.0, 0.5]})
    assert after == pytest.approx([0.3, 1 - math.exp(-0.4 / 2 * 0.25), 1 - 0.5 * math.exp(-0.4 * 0.25)])
    heard = demand({"turnout": HALF * country().population, "conceded": [0, 1, 2]})
    assert heard == pytest.approx([1 - math.exp(-0.2 * u * 0.25) for u in (1.0, 0.5, 0.0)])


def test_the_same_share_turns_demands_alike_in_a_city_and_a_town() -> None:
    """Else a metropolis would turn political over a march that nobody notices, and a small town in revolt never."""
    found = [demand({"turnout": x * country().population}) for x in (0.0, ORDINARY, HALF, 20 * HALF)]
    assert all(after == pytest.approx([after[0]] * 3) for after in found)
    assert (found[0] == 0.0).all()
    assert found[1] == pytest.approx([0.0] * 3, abs=1e-12), "those who are in the street on any day ask for nothing new"
    assert found[3][0] > found[2][0] > 0
    assert (demand({"turnout": ORDINARY / 2 * country().population, "demand": 0.4}) == 0.4).all()


def test_deaths_make_demands_political() -> None:
    """Else a massacre would leave the price of gas as the question."""
    after = demand({"known_deaths": [0, 1, 255]})
    assert after == pytest.approx([1 - math.exp(-0.05 * doublings * 0.25) for doublings in (0, 1, 8)])


def test_demands_of_the_crowd_are_taken_up_where_they_are_heard() -> None:
    """Else each province would have a movement of its own, or a shutdown not keep demands apart."""
    still = {"grievance.turning": 0.0, "grievance.mourning": 0.0}
    columns = {"turnout": [3_000, 1_000, 0], "demand": [0.8, 0.0, 0.1], "reach": [0.0, 0.0, 0.5]}
    country_wide = 0.75 * 0.8
    after = demand(columns, **still)
    assert after == pytest.approx([0.8, 0.0, 0.1 + (country_wide - 0.1) * (1 - math.exp(-0.8 * 0.5 * 0.25))])
    assert demand({**columns, "turnout": 0.0}, **still) == pytest.approx(columns["demand"]), "nobody is heard"


def test_demands_stay_between_the_trigger_and_politics() -> None:
    """Else legitimacy would fall by a concession, or a shock turn negative."""
    wild = {"grievance.turning": 24.0, "grievance.mourning": 10.0, "grievance.imitation": 24.0}
    columns: dict[str, Any] = {"turnout": [1e6, 10, 0], "known_deaths": 1e4, "reach": 1.0, "demand": 0.0}
    for _ in range(40):
        before = columns["demand"]
        columns["demand"] = demand(columns, **wild)
        assert (columns["demand"] >= before).all()
        assert (columns["demand"] <= 1).all()
    assert columns["demand"] == pytest.approx([1.0] * 3)


def test_a_concession_answers_demands_about_the_trigger_alone() -> None:
    """Else cheaper gas would buy off people who want another government, or not even those who want cheaper gas."""
    columns = {"exposure": 1.0, "felt": 1.0, "shock": 1.0, "conceded": 1.0, "appeasement": 0.1, "reach": 0.0}
    effect = grievance({**columns, "demand": [0.0, 0.5, 1.0]}, **TURNING, **{"grievance.half_life": 1e9})
    assert effect.add["alpha"].ravel() == pytest.approx([2.0, 3.0, 4.0])
    assert effect.add["gamma"].ravel() == pytest.approx([-9 + 4 * part for part in (0.5, 0.75, 1.0)])
    twice = grievance({**columns, "conceded": 3.0, "demand": 0.0}, **TURNING, **{"grievance.half_life": 1e9})
    assert twice.add["gamma"].ravel() == pytest.approx([-9.0] * 3), "more than all cannot be answered"
    assert twice.columns["shock"] == pytest.approx([1.0] * 3), "the shock fades as it did"


def test_demands_begin_as_the_scenario_says() -> None:
    """Else protest against a rigged election would begin by being about prices."""
    start = begin("grievance", changes={"grievance.political": 0.9})
    assert start["demand"] == 0.9


def test_demands_turn_alike_in_ticks_of_any_length() -> None:
    """Else the tick would decide on which day a movement becomes political: 4 ticks of 6 hours against 16 of 1.5.

    Places that hear of each other; tolerance 0.01 of full, and the gap to fine ticks must shrink.
    """
    ends = []
    for parts in (4, 16, 256):
        setting = replace(country(), days=1 / parts)
        columns: dict[str, Any] = {"turnout": [50_000, 3_000, 100], "known_deaths": 20, "reach": 0.4, "demand": 0.0}
        for _ in range(parts):
            columns["demand"] = rule("grievance", columns, changes={**middle(), **TURNING}, setting=setting).columns[
                "demand"
            ]
        ends.append(columns["demand"])
    assert np.abs(ends[0] - ends[2]).max() < 0.01
    assert (np.abs(ends[1] - ends[2]) < 0.4 * np.abs(ends[0] - ends[2]) + 1e-12).all()


EPSTEIN = {
    "risk.slope": 2.3, "risk.severity": 5.0, "risk.leniency": 0.25, "risk.media": 0.0, "risk.alarm": 0.7,
    "derived.risk": 1.0,
}  # fmt: skip


def test_risk_is_nine_tenths_at_one_officer_per_person() -> None:
    """Else the slope 2.3 would not mean what Epstein meant: Phat = 0.9 where force and crowd are equal."""
    columns = {"turnout": [999, 99, 9], "force": [1999, 99, 3], "loyal": [0.5, 1, 1], "support": [0, 0, 6], "rules": 1}
    rho = rule("risk", columns, changes=EPSTEIN).times["rho"].ravel()
    assert rho == pytest.approx([1 - math.exp(-2.3)] * 3, rel=2e-3)
    assert rho[1] == pytest.approx(0.9, abs=0.001)


def test_risk_weighs_more_under_lethal_rules_and_less_without_force() -> None:
    """Else orders to shoot, or to stand by, would frighten nobody differently."""
    columns = {"turnout": 50, "force": 50, "loyal": 1, "support": 0, "rules": [0, 1, 2]}
    rho = rule("risk", columns, changes=EPSTEIN).times["rho"].ravel()
    assert rho / rho[1] == pytest.approx([0.25, 1.0, 5.0])


@pytest.mark.parametrize("repression", [0.0, 0.4, 3.0])
def test_risk_weighs_as_much_as_its_state_represses(repression: float) -> None:
    """Else people would fear a lenient state as they fear a harsh one (claim C7), or home would not be the measure."""
    columns = {"turnout": [50, 5_000, 0], "force": 50, "loyal": 1, "support": 0, "rules": [0, 1, 2]}
    changes = {**EPSTEIN, "derived.risk": 0.6}
    there = rule("risk", columns, changes={**changes, "risk.repression": repression}).times
    here = rule("risk", columns, changes={**changes, "risk.repression": 1.0}).times
    assert there["rho"] == pytest.approx(repression * here["rho"])
    assert np.array_equal(there["rate"], here["rate"]), "alarm answers the orders, not the state"
    assert np.array_equal(rule("risk", columns, changes=changes).times["rho"], here["rho"]), (
        "1 unless a scenario says so"
    )


def test_safety_in_numbers_counts_only_as_far_as_it_was_solved() -> None:
    """Else the gain through risk would not be the one that the prior names: phi = 0 leaves full fear."""
    columns = {"turnout": [0, 5_000, 500_000], "force": 500, "loyal": 1, "support": 0, "rules": 1}
    fearful = rule("risk", columns, changes={**EPSTEIN, "derived.risk": 0.0}).times["rho"].ravel()
    assert fearful == pytest.approx([1.0] * 3)
    half = rule("risk", columns, changes={**EPSTEIN, "derived.risk": 0.5}).times["rho"].ravel()
    full = rule("risk", columns, changes=EPSTEIN).times["rho"].ravel()
    assert half == pytest.approx(0.5 + 0.5 * full)
    assert (np.diff(full) < 0).all()


def test_media_mix_the_country_into_what_a_person_sees() -> None:
    """Else news of a crowd elsewhere would embolden nobody, a shutdown not stop it, or media tell of defections."""
    columns = {"turnout": [9_999, 0, 0], "force": [899, 999, 999], "loyal": [0.5, 0.4, 1], "support": [0, 50, 0]}
    changes = {**EPSTEIN, "risk.media": 0.5}
    seen = {**columns, "rules": 1, "reach": [1.0, 0.4, 0.0]}
    rho = rule("risk", seen, changes=changes).times["rho"].ravel()
    shown = (9_999 + 1) / (899 + 999 + 999 + 50 + 1)
    own = [10_000 / (0.5 * 899 + 1), 1 / (0.4 * 999 + 50 + 1), 1 / (999 + 1)]
    for place, weight in enumerate((0.5, 0.2, 0.0)):
        ratio = (1 - weight) * own[place] + weight * shown
        assert rho[place] == pytest.approx(1 - math.exp(-2.3 / ratio))
    loyal = rule("risk", {**seen, "loyal": [0.5, 1, 0]}, changes=changes).times["rho"].ravel()
    assert loyal[0] == rho[0], "defections elsewhere are not shown"


@pytest.mark.parametrize("alarm", [0.0, 0.7, 1.0])
def test_lethal_rules_make_active_people_reconsider(alarm: float) -> None:
    """Else nobody in the street would notice that it has become deadly until he was due to think again."""
    changes = {**EPSTEIN, "law.reconsideration": 2.0, "fatigue.rest": 0.25, "risk.alarm": alarm}
    columns = {"turnout": 50, "force": 50, "loyal": 1, "support": 0, "rules": [0, 1, 2]}
    rate = rule("risk", columns, changes=changes).times["rate"]
    assert rate[:, 0, 0] == pytest.approx([1, 1, 1])
    assert rate[:, 0, 4] == pytest.approx([1, 1, 1])
    assert rate[:, 0, ACTIVE] == pytest.approx(np.repeat([[1.0], [1.0], [1 + alarm * 8 * (1 - 1 / 5)]], 3, axis=1))


def test_ties_weigh_a_household_against_a_circle() -> None:
    """Else family would count as a colleague does, or harm to one's own would not add its log-odds each."""
    changes = {"derived.ties": 6.0, "ties.household": 1.5, "ties.private_backlash": -0.3}
    add = rule("ties", {}, changes=changes).add
    assert (add["sigma_w"], add["sigma_h"]) == (6.0, 9.0)
    three_harmed = 3 / 16  # as the kernel stores it: level in sixteenths
    assert add["beta"] * three_harmed == pytest.approx(-0.9)


def test_the_tired_reconsider_at_the_rate_of_rest() -> None:
    """Else turnout without news would not decay as exp(-omega t)."""
    changes = {"fatigue.rest": 0.3, "law.reconsideration": 1.5, "fatigue.return_rate": 0.5}
    rate = np.asarray(rule("fatigue", {}, changes=changes).times["rate"]).ravel()
    assert rate * 1.5 == pytest.approx([1.5, 0.3, 0.3, 0.3, 0.75])


def test_three_places_stand_for_themselves() -> None:
    """Else the hand-made numbers above would be about another country."""
    assert country().places == ("Aral", "Bora", "Cedar")
