"""What happens where crowd and force meet: encounter and control."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import act as rule
from tests.contract.small import begin, country
from tocsin.state import DETAINED, FORMER, MARCHING, OCCUPYING, STRIKING, WOUNDED, Effect

RATES = {
    "encounter.arrest": 0.05, "encounter.arrest_capacity": 0.3, "encounter.death": 0.004,
    "encounter.fire_capacity": 0.05, "encounter.nonlethal_death": 0.02, "encounter.wounded_per_killed": 10.0,
    "encounter.sweep": 0.03,
    "encounter.release": 0.1, "encounter.recovery": 0.15, "encounter.forces_hurt": 0.02, "encounter.armed_hurt": 0.2,
    "encounter.gunfight": 10.0, "encounter.pinned": 1.5,
}  # fmt: skip
STREET: dict[str, Any] = {
    "present": [10_000.0, 10_000.0, 10_000.0], "presence": [0.5, 0.0, 1.0], "force": 4_000.0, "loyal": 0.5,
    "support": 500.0, "rules": [0.0, 1.0, 2.0], "emergency": [1.0, 0.0, 1.0], "injured_forces": 7.0,
    "former": 2_000.0,
}  # fmt: skip
HOLDING = {
    "control.overwhelm": 8.0, "control.watch": 30.0, "control.seize": 4.0, "control.retake": 2.0, "control.spread": 0.3,
    "control.arms": 20.0,
}  # fmt: skip


def fate(columns: dict[str, Any], **changes: float) -> dict[str, Any]:
    """Rates by place and action."""
    effect = rule("encounter", {**STREET, **columns}, changes={**RATES, **changes})
    return {name: np.broadcast_to(value[:, 0, :], (3, 8)) for name, value in effect.fate.items()}


def test_force_acts_by_its_rules() -> None:
    """Else a force ordered to stand by would arrest and kill, or one ordered to shoot would not."""
    rates = fate({})
    assert rates["detain"][:, OCCUPYING] == pytest.approx([0.0, 0.05, 0.05])
    assert rates["kill"][:, OCCUPYING] == pytest.approx([0.0, 0.004 * 0.02, 0.004])
    assert rates["wound"] == pytest.approx(10 * rates["kill"])


def test_only_people_in_the_street_meet_force() -> None:
    """Else strikers at work, sleepers and bystanders would be shot."""
    rates = fate({})
    for name in ("detain", "wound", "kill"):
        assert rates[name][:, MARCHING] == pytest.approx(0.5 * rates[name][:, OCCUPYING])
        others = [a for a in range(8) if a not in (MARCHING, OCCUPYING)]
        assert not rates[name][:, others].any()
    assert not rates["detain"][:, STRIKING].any()


@pytest.mark.parametrize("crowd", [1.0, 100.0, 1e4, 1e6])
def test_harm_is_bounded_by_the_force_there(crowd: float) -> None:
    """Else forty officers could kill or arrest a hundred thousand people in an afternoon."""
    columns = {"present": crowd, "force": 80.0, "loyal": 0.25, "support": 20.0, "rules": 2.0, "presence": [1.0, 0, 1.0]}
    rates = fate(columns, **{"encounter.arrest": 5.0, "encounter.death": 1.0})
    assert (rates["detain"][:, MARCHING] * crowd <= 0.3 * 40.0 + 1e-9).all()
    assert (rates["kill"][:, MARCHING] * crowd <= 0.05 * 40.0 + 1e-9).all()


def test_where_there_is_no_force_nobody_is_harmed() -> None:
    """Else people would die of nobody's hand."""
    rates = fate({"force": [0.0, 4_000.0, 4_000.0], "loyal": [1.0, 0.0, 0.0], "support": 0.0})
    for name in ("detain", "wound", "kill"):
        assert not rates[name].any()


def test_homes_are_searched_under_an_emergency_only() -> None:
    """Else former participants would be fetched without the powers to do so, or by staff that has left."""
    rates = fate({"emergency": [0.0, 1.0, 1.0], "loyal": [1.0, 0.5, 0.0], "support": 0.0})
    assert rates["sweep"][:, FORMER] == pytest.approx([0.0, 0.03, 0.0])
    assert not np.delete(rates["sweep"], FORMER, axis=1).any()


def test_homes_are_searched_where_the_government_is_not_driven_out() -> None:
    """Else people would be fetched from their homes in a city that protesters hold."""
    rates = fate({"emergency": 1.0, "control": [0, 1, 2]})
    assert rates["sweep"][:, FORMER] == pytest.approx([0.03, 0.03, 0.0])


@pytest.mark.parametrize("former", [0.0, 1.0, 24_000.0, 26_000.0, 1e6])
def test_searches_are_bounded_by_the_force_there(former: float) -> None:
    """Else a hundred officers would fetch ten thousand people from their homes in a day: at most 0.3 each."""
    rates = fate({"emergency": 1.0, "former": former, "loyal": [0.5, 0.1, 0.0], "support": [500.0, 0.0, 10.0]})
    most = [0.3 * (4_000 * 0.5 + 500), 0.3 * 4_000 * 0.1, 0.3 * 10]
    assert rates["sweep"][:, FORMER] == pytest.approx([min(0.03, m / max(former, 1.0)) for m in most])
    assert (rates["sweep"][:, FORMER] * former <= np.array(most) * (1 + 1e-12)).all()


def test_prisons_and_hospitals_empty_at_their_rates() -> None:
    """Else the detained would never come home."""
    rates = fate({})
    assert rates["release"][:, DETAINED] == pytest.approx([0.1] * 3)
    assert rates["recover"][:, WOUNDED] == pytest.approx([0.15] * 3)
    assert rates["release"].sum() + rates["recover"].sum() == pytest.approx(0.75)


def test_officers_are_hurt_where_they_use_force() -> None:
    """Else the 3,393 injured staff could not be compared with anything; and never more than are there."""
    effect = rule("encounter", {**STREET, "present": [1e4, 1e4, 1e6]}, changes=RATES)
    own = 2_000 / 2_500
    hurt = [0.0] + [own * 2_500 * (1 - math.exp(-0.02 * a * 0.25 / 2_500)) for a in (1e4, 1e6)]
    assert effect.columns["hurt"] == pytest.approx(hurt)
    assert effect.columns["injured_forces"] == pytest.approx(7 + sum(hurt))
    all_of_them = rule("encounter", {**STREET, "present": 1e12, "loyal": [1.0, 0.1, 0.0]}, changes=RATES)
    assert all_of_them.columns["hurt"] == pytest.approx([0.0, 400.0, 0.0]), "own staff, not those who came to help"
    nobody = rule("encounter", {**STREET, "present": 1e4, "force": 0.0, "support": 0.0}, changes=RATES)
    assert not nobody.columns["hurt"].any()


def test_armed_people_hurt_officers_and_draw_fire() -> None:
    """If it failed, a band with rifles would be met, and would fight, like so many people with banners."""
    armed = {"armed": [0.0, 100.0, 1_000.0], "rules": 2.0}
    plain, fought = fate({"rules": 2.0}), fate(armed)
    factor = fought["kill"][:, OCCUPYING] / plain["kill"][:, OCCUPYING]
    assert factor == pytest.approx([1.0, 1.1, 2.0])
    assert fought["detain"] == pytest.approx(plain["detain"])
    hurt = rule("encounter", {**STREET, **armed}, changes=RATES).columns["hurt"]
    danger = 0.02 * 1e4 + 0.2 * np.array([0.0, 100.0, 1_000.0])
    assert hurt == pytest.approx(2_000 * (1 - np.exp(-danger * 0.25 / 2_500)))
    quiet = rule("encounter", {**STREET, **armed, "rules": 0.0}, changes=RATES)
    assert quiet.columns["hurt"][2] == pytest.approx(2_000 * (1 - math.exp(-200 * 0.25 / 2_500)))
    assert not quiet.fate["kill"].any(), "nobody shoots back without leave"


@pytest.mark.parametrize("armed", [0.0, 50.0, 1e4, 1e6])
def test_a_gunfight_is_bounded_by_the_force_there(armed: float) -> None:
    """If it failed, forty officers could kill thousands, or more officers would be hurt than stand there."""
    columns = {"present": 1e4, "force": 80.0, "loyal": 0.5, "support": 0.0, "rules": 2.0, "presence": [1.0, 0, 1.0]}
    rates = fate({**columns, "armed": armed}, **{"encounter.gunfight": 1e3, "encounter.death": 1.0})
    assert (rates["kill"][:, MARCHING] * 1e4 <= 0.05 * 40.0 + 1e-9).all()
    hurt = rule("encounter", {**STREET, **columns, "armed": armed}, changes=RATES).columns["hurt"]
    assert ((hurt >= 0) & (hurt <= 40.0)).all()


def test_foreign_troops_against_the_regime_pin_its_staff() -> None:
    """If it failed, staff who face an army would be in the street arresting people as if they were alone."""
    few = {"present": 1e6, "rules": 2.0, "force": 4_000.0, "loyal": 0.5, "support": 500.0, "opposing": [0, 600, 9_000]}
    rates = fate(few, **{"encounter.arrest": 5.0, "encounter.death": 1.0})
    free = np.array([2_500, 2_500 - 1.5 * 600, 0.0])
    assert rates["detain"][:, OCCUPYING] == pytest.approx(0.3 * free / 1e6)
    assert rates["kill"][:, OCCUPYING] == pytest.approx(0.05 * free / 1e6)
    searches = fate({**few, "emergency": 1.0, "former": 1e6})
    assert searches["sweep"][:, FORMER] == pytest.approx(0.3 * free / 1e6)
    hurt = rule("encounter", {**STREET, **few}, changes=RATES).columns["hurt"]
    assert (np.diff(hurt) < 0).all()
    assert hurt[2] == 0


def test_injuries_in_two_half_ticks_are_those_of_one() -> None:
    """Else the length of a tick would decide how many officers are hurt, before anybody is replaced."""
    whole = {**STREET, "present": 3e5, "force": 2_500.0, "loyal": 1.0, "support": 0.0}
    once = rule("encounter", whole, changes=RATES).columns["hurt"]
    force, half = np.full(3, 2_500.0), replace(country(), days=0.125)
    for _ in range(2):
        scene = {**whole, "present": 3e5 * force / 2_500, "force": force}
        force = force - rule("encounter", scene, changes=RATES, setting=half).columns["hurt"]
    assert once == pytest.approx(2_500 - force)


def control(u: float, **columns: Any) -> Effect:
    base = {"force": 100.0, "loyal": 0.7, "support": 0.0, "firmness": 1.0, **columns}
    return rule("control", base, changes=HOLDING, draw=lambda _, n: np.full(n, u))


def slip(present: float) -> float:
    """The chance to lose a step in a quarter of a day with seventy loyal officers and thirty guards, by hand."""
    odds = (present / (100.0 * 8.0)) ** 4
    return 1 - math.exp(-4.0 * odds / (1 + odds) * 0.25)


def test_a_place_without_a_crowd_is_not_lost() -> None:
    """Else governments would lose empty cities."""
    assert (control(1e-9, present=0.0, control=[0, 1, 0], force=0.0).columns["control"] == [0, 0, 0]).all()


@pytest.mark.parametrize("present", [200.0, 800.0, 3_000.0])
def test_control_slips_at_the_written_rate(present: float) -> None:
    """Else crowds would take places sooner, or later, than the rule of the mechanism says."""
    chance = slip(present)
    assert (control(chance - 1e-6, present=present, control=0).columns["control"] == 1).all()
    assert (control(chance + 1e-6, present=present, control=0).columns["control"] == 0).all()


@pytest.mark.parametrize("present", [10.0, 200.0, 800.0])
def test_control_is_regained_at_the_written_rate(present: float) -> None:
    """Else a lost place would stay lost, or come back by itself."""
    odds = (4 * present / 800.0) ** 4
    down = 1 - math.exp(-2.0 / (1 + odds) * 0.25)
    assert (control(down - 1e-6, present=present, control=2).columns["control"] == 1).all()
    assert (control(down + 1e-6, present=present, control=2).columns["control"] == 2).all()


def test_larger_crowds_and_less_force_never_help_the_government() -> None:
    """Else more people in the street would make a place safer for those whom they oppose."""
    for u in np.linspace(0.001, 0.999, 60):
        for start in (0, 1, 2):
            crowds = [control(u, present=a, control=start).columns["control"][0] for a in (0, 50, 300, 900, 5_000, 1e5)]
            forces = [
                control(u, present=900.0, control=start, force=c).columns["control"][0] for c in (0, 50, 500, 5e3)
            ]
            assert crowds == sorted(crowds)
            assert forces == sorted(forces, reverse=True)
            assert {abs(c - start) for c in crowds + forces} <= {0, 1}


@pytest.mark.parametrize(("armed", "opposing", "weight"), [(30.0, 0.0, 19 * 30.0), (0.0, 30.0, 20 * 30.0)])
def test_arms_weigh_more_than_people(armed: float, opposing: float, weight: float) -> None:
    """If it failed, thirty rifles in a crowd, or soldiers against the regime, would count like thirty banners."""
    chance = slip(200.0 + weight)
    for u, code in ((chance - 1e-6, 1), (chance + 1e-6, 0)):
        after = control(u, present=200.0, armed=armed, opposing=opposing, control=0).columns["control"]
        assert (after == code).all()


def test_more_arms_against_it_never_help_the_government() -> None:
    """If it failed, an armed band or an invading army would make a place safer for those whom they oppose."""
    for u in np.linspace(0.001, 0.999, 40):
        for name in ("armed", "opposing"):
            found = [control(u, present=100.0, control=1, **{name: x}).columns["control"][0] for x in (0, 5, 50, 500)]
            assert found == sorted(found)


def test_sites_go_with_control() -> None:
    """Else airport and broadcaster would change hands apart from the city (sites: four, two and one)."""
    columns = control(0.9999, present=1e9, control=[2, 1, 0], force=0.0).columns
    assert list(columns["control"]) == [2, 1, 0]
    assert list(columns["sites_lost"]) == [4, 1, 0]
    assert set(columns) == {"control", "sites_lost"}


def test_firmness_of_places_is_spread_around_one() -> None:
    """Else the lasting luck of a place would tilt the whole country."""
    firm = [
        begin("control", changes=HOLDING, draw=lambda _, n, x=x: np.full(n, x))["firmness"][0]
        for x in (np.arange(500) + 0.5) / 500
    ]
    assert np.mean(np.log(firm)) == pytest.approx(0.0, abs=1e-9)
    assert np.std(np.log(firm)) == pytest.approx(0.3, rel=0.02)
