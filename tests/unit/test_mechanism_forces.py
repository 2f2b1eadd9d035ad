"""Who stays with the ruler: units, elites, and where the government sends its staff."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from tests.contract.small import BY_NAME, country, see
from tocsin.mechanisms.elites import threshold
from tocsin.state import Effect, Floats

NOTHING: Mapping[str, Any] = MappingProxyType({})
MANY = country(units=(40_000, 5, 2))
UNITS = {
    "loyalty.belief_level": 0.5, "loyalty.belief_slope": 0.8, "loyalty.reports": 0.25, "loyalty.attachment": 0.3,
    "loyalty.slope": 2.0, "loyalty.moral_cost": 1.2, "loyalty.nonlethal_cost": 0.25, "loyalty.private_noise": 0.0,
    "loyalty.resist_level": -0.5, "loyalty.resist_slope": 1.5, "loyalty.complicity": 0.4, "loyalty.noise": 0.6,
    "loyalty.rate": 24.0, "loyalty.guard_share": 0.3, "loyalty.guard_overlap": 0.6,
}  # fmt: skip
SCENE: dict[str, Any] = {
    "turnout": [9_000.0, 400.0, 10.0], "force": [1_500.0, 300.0, 100.0], "loyal": [0.8, 1.0, 1.0],
    "support": [100.0, 0, 0], "believed": 3_000.0, "rules": [2.0, 1.0, 0.0], "overlap": 1.0, "signal": 0.0,
    "killed": 0.0, "unit_backlash": 0.1, "control": 0.0,
}  # fmt: skip


def spread_out(name: str, n: int) -> Floats:
    """Choices in equal steps over (0, 1), in no order; everybody reconsiders."""
    return ((np.arange(n) * 1597) % 40_000 + 0.5) / 40_000 if name == "choice" else np.full(n, 1e-9)


def units(columns: Mapping[str, Any] = NOTHING, changes: Mapping[str, float] = NOTHING) -> Effect:
    """One tick of all units."""
    view = see("loyalty", {**SCENE, **columns}, setting=MANY, changes={**UNITS, **changes}, draw=spread_out).view
    return BY_NAME["loyalty"].rule(view)


def shares(stance: Any) -> list[float]:
    """Shares loyal, gone and resisting among the units of the first place."""
    return [float(np.mean(stance[:40_000] == s)) for s in (0, 1, 2)]


def belief(place: int = 0, lost: tuple[int, ...] = ()) -> tuple[float, float]:
    """Logit of believed survival in a place and for the country, from science.md 2, by hand."""
    nominal = np.array([1_600.0, 300.0, 100.0])
    loyal = 0 if place in lost else [1_500 * 0.8 + 100, 300, 100][place]
    near = math.log((loyal + 3_000 * nominal[place] / nominal.sum() + 1) / (SCENE["turnout"][place] + 1))
    staff = sum(s for p, s in enumerate((5_000 + 100, 900, 400)) if p not in lost)
    far = math.log((staff + 3_000 + 1) / (9_410 + 1))
    return 0.5 + 0.8 * (0.75 * near + 0.25 * far), 0.5 + 0.8 * far


@pytest.mark.parametrize(
    ("control", "lost"),
    [((0, 0, 0), ()), ((1, 1, 1), ()), ((2, 0, 0), (0,)), ((1, 2, 2), (1, 2)), ((2, 2, 2), (0, 1, 2))],
)
@pytest.mark.parametrize("killed", [0.0, 1.0, 500.0])
def test_units_choose_by_the_written_utilities(control: Any, lost: tuple[int, ...], killed: float) -> None:
    """Else units would leave for other reasons than the equations of science.md name, or count on lost places."""
    s = 1 / (1 + math.exp(-belief(0, lost)[0]))
    stay = math.exp((0.3 + 2.0 * s - 1.2 * 1.0 * 1.0 - 0.1) / 0.6)
    resist = math.exp((-0.5 - 1.5 * s) / 0.6)
    leave = math.exp(-0.4 * (killed > 0) / 0.6)
    whole = stay + resist + leave
    effect = units({"control": control, "killed": [killed, 0.0, 0.0]})
    assert shares(effect.columns["stance"]) == pytest.approx([stay / whole, leave / whole, resist / whole], abs=5e-5)
    assert effect.columns["survival"] == pytest.approx(1 / (1 + math.exp(-belief(0, lost)[1])))


def test_those_who_killed_gain_less_by_leaving() -> None:
    """Else units that have shot would walk away as easily as others; staying or turning are not closed to them."""
    before, after = (shares(units({"killed": k}).columns["stance"]) for k in ([0.0, 9.0, 9.0], [5.0, 0.0, 0.0]))
    for stance in (0, 2):
        odds = [s[stance] / s[1] for s in (before, after)]
        assert odds[1] / odds[0] == pytest.approx(math.exp(0.4 / 0.6), rel=0.02)
    assert after[2] / after[0] == pytest.approx(before[2] / before[0], rel=0.02)


@pytest.mark.parametrize(("rules", "cost"), [(0.0, 0.0), (1.0, 0.25), (2.0, 1.0)])
def test_orders_cost_as_much_as_the_force_they_demand(rules: float, cost: float) -> None:
    """Else an order to shoot at neighbours would weigh on a unit like an order to stand by."""
    s = 1 / (1 + math.exp(-belief()[0]))
    odds = math.exp((0.3 + 2.0 * s - 1.2 * cost * 0.6 - 0.1) / 0.6)
    found = shares(units({"rules": rules, "overlap": 0.6}).columns["stance"])
    assert found[0] / found[1] == pytest.approx(odds, rel=0.02)


def test_private_signals_move_belief_not_taste() -> None:
    """Else two units in one street would never differ in what they expect."""
    found = {}
    for signal in (-2.0, 0.0, 2.0):
        found[signal] = shares(units({"signal": signal}, {"loyalty.private_noise": 1.0}).columns["stance"])[0]
        s = 1 / (1 + math.exp(-(belief()[0] + signal)))
        stay, resist = math.exp((0.3 + 2 * s - 1.3) / 0.6), math.exp((-0.5 - 1.5 * s) / 0.6)
        assert found[signal] == pytest.approx(stay / (stay + resist + 1), abs=3e-4)
    assert found[-2.0] < found[0.0] < found[2.0]


def test_without_anything_to_gain_no_signal_keeps_a_unit_beyond_noise() -> None:
    """Else loyalty would come from nowhere: attachment, slope and complicity at 0 leave at most an even chance."""
    nothing = {"loyalty.attachment": 0.0, "loyalty.slope": 0.0, "loyalty.complicity": 0.0, "loyalty.private_noise": 3.0}
    for signal in (-3.0, 3.0):
        for force in (0.0, 1e6):
            loyal, gone, _ = shares(units({"signal": signal, "force": force, "killed": 9.0}, nothing).columns["stance"])
            assert loyal <= gone + 1e-3
    sure = shares(units({"signal": 3.0}, {**nothing, "loyalty.noise": 0.05}).columns["stance"])
    assert sure[0] < 0.001


def test_more_force_and_more_belief_in_help_keep_more_units() -> None:
    """Else reinforcements would drive units away, against what units are said to fear."""
    alone = {"believed": 0.0}
    by_force = [shares(units({**alone, "force": f}).columns["stance"])[0] for f in (10.0, 500.0, 5_000.0, 50_000.0)]
    by_belief = [shares(units({"believed": b}).columns["stance"])[0] for b in (0.0, 5_000.0, 70_000.0)]
    by_crowd = [shares(units({"turnout": a}).columns["stance"])[0] for a in (1e6, 1e5, 1e3, 0.0)]
    for found in (by_force, by_belief, by_crowd):
        assert all(a < b for a, b in pairwise(found))


def test_resistance_is_final_and_leaving_is_not() -> None:
    """Else a unit that turned its arms would be back in line tomorrow; or one that went home could never return."""
    stance = units({"stance": np.resize([1.0, 2.0], len(MANY.unit_place)), "force": 1e7}).columns["stance"]
    was = np.resize([1.0, 2.0], len(MANY.unit_place))
    assert (stance[was == 2] == 2).all()
    assert (stance[was == 1] == 0).any()


def test_few_units_reconsider_in_one_tick() -> None:
    """Else loyalty would be re-drawn four times a day, whatever the rate says: 1 - exp(-1/4) of them at one a day."""
    n = len(MANY.unit_place)

    def draw(name: str, k: int) -> Floats:
        return (np.arange(k) + 0.5) / k if name == "reconsider" else np.full(k, 0.999_999)

    view = see("loyalty", SCENE, setting=MANY, changes={**UNITS, "loyalty.rate": 1.0}, draw=draw).view
    moved = np.count_nonzero(BY_NAME["loyalty"].rule(view).columns["stance"])
    assert moved / n == pytest.approx(1 - math.exp(-0.25), abs=1e-3)


def test_shares_are_of_staff() -> None:
    """Else a place with many small units would count for more than one with few large ones."""
    setting = country()
    stance = np.where(setting.unit_place == 1, 2.0, (setting.unit_number == 0) * 1.0)
    view = see("loyalty", {**SCENE, "stance": stance}, setting=setting, draw=lambda _, n: np.full(n, 1.0)).view
    columns = BY_NAME["loyalty"].rule(view).columns
    assert columns["loyal"] == pytest.approx([24 / 25, 0.0, 1 / 2])
    assert columns["defected"] == pytest.approx((200 + 900 + 200) / 6_300)
    assert columns["resisting"] == pytest.approx(900 / 6_300)


def test_guards_are_the_last_units_of_a_place() -> None:
    """Else the share of staff from elsewhere would not be the stated one."""
    overlap = BY_NAME["loyalty"].start(see("loyalty", {}, setting=MANY, changes=UNITS).view)["overlap"]
    assert np.mean(overlap[:40_000] == 0.6) == pytest.approx(0.3)
    assert overlap[0] == 1.0


def game(cost: float, outside: float, sigma: float) -> float:
    """The strength below which a regime falls, by iterating best replies of elites with private normal noise.

    An elite who sees x = theta + sigma eps attacks if P(theta < fall | x) >= cost, with a flat prior on theta; the
    regime falls where the share who attack exceeds theta + outside. Both cut-offs are found on grids, without the
    closed form.
    """
    noise = (np.arange(4_001) - 2_000) / 250.0
    weight = norm.pdf(noise) / norm.pdf(noise).sum()
    fall = 0.9
    for _ in range(400):
        low, high = fall - 8 * sigma, fall + 8 * sigma
        for _ in range(60):
            x = 0.5 * (low + high)
            low, high = (x, high) if weight[x + sigma * noise < fall].sum() >= cost else (low, x)
        below, above = -2.0, 2.0
        for _ in range(60):
            theta = 0.5 * (below + above)
            attack = weight[theta + sigma * noise <= x].sum()
            below, above = (theta, above) if attack > theta + outside else (below, theta)
        fall += 0.5 * (theta - fall)
    return fall


@pytest.mark.parametrize(("cost", "outside", "sigma"), [(0.5, 0.0, 0.1), (0.3, 0.1, 0.05), (0.7, 0.2, 0.2)])
def test_threshold_is_the_fixed_point_of_the_global_game(cost: float, outside: float, sigma: float) -> None:
    """Else insiders would not behave as people do who must guess what other insiders know: theta* = 1 - c - F."""
    assert game(cost, outside, sigma) == pytest.approx(threshold(cost, outside), abs=0.01)


ELITES = {
    "elites.cost": 0.4, "elites.reshuffle": 0.1, "elites.speed": 2.0, "loyalty.belief_level": 0.5,
    "loyalty.belief_slope": 0.8,
}  # fmt: skip


def elites(u: float = 1e-9, **columns: Any) -> Effect:
    base = {"turnout": [9_000.0, 900.0, 99.0], "loyal": [0.5, 1.0, 1.0], **columns}
    return BY_NAME["elites"].rule(see("elites", base, changes=ELITES, draw=lambda _, n: np.full(n, u)).view)


@pytest.mark.parametrize(
    ("control", "force"),
    [((0, 0, 0), 3_800), ((1, 1, 1), 3_800), ((1, 2, 0), 2_900), ((2, 0, 1), 1_300), ((2, 2, 2), 0)],
)
def test_elites_read_loyal_force_of_places_not_lost_against_crowds(control: Any, force: float) -> None:
    """Else insiders would see another balance than everybody can: 2,500, 900 and 400 officers, 9,999 people."""
    public = 1 / (1 + math.exp(-(0.5 + 0.8 * math.log((force + 1) / (9_999 + 1)))))
    assert elites(control=control).columns["strength"] == pytest.approx(public)
    assert elites(control=control, believed=5e3).columns["strength"] == pytest.approx(public), "help enters once"


def test_the_ruler_is_removed_below_the_threshold_only() -> None:
    """Else a ruler could be dropped while everybody knows that the attempt must fail."""
    strength = float(elites().columns["strength"])
    for turnout in np.linspace(0, 40_000, 41):
        effect = elites(turnout=[turnout, 0, 0])
        below = float(effect.columns["strength"]) < 1 - 0.4
        assert effect.columns["removed"] == float(below)
    assert strength < 0.6
    assert elites(1 - math.exp(-0.5) - 1e-6).columns["removed"] == 1
    assert elites(1 - math.exp(-0.5) + 1e-6).columns["removed"] == 0


def test_outside_help_and_new_men_protect_the_ruler() -> None:
    """Else a patron's promise, or a reshuffle that raises the cost of a coup, would not."""
    assert elites().columns["removed"] == 1
    share = 0.6 - float(elites().columns["strength"]) + 0.001
    assert elites(believed=share / (1 - share) * 6_301).columns["removed"] == 0
    assert elites(turnout=[5_000, 0, 0]).columns["removed"] == 1
    assert elites(turnout=[5_000, 0, 0], reshuffled=1.0).columns["removed"] == 0
    assert elites(0.99, removed=1.0, turnout=0.0).columns["removed"] == 1, "nobody comes back"


STAFF = {
    "government.deployable": 0.3, "government.mobile": 0.4, "government.travel": 12.0, "government.report_delay": 8.0,
    "government.report_bias": 0.6,
}  # fmt: skip


def government(columns: Mapping[str, Any], **changes: float) -> Effect:
    return BY_NAME["government"].rule(see("government", columns, changes={**STAFF, **changes}).view)


def test_moving_the_reserve_conserves_staff() -> None:
    """Else officers would appear or vanish on the road."""
    columns: dict[str, Any] = BY_NAME["government"].start(see("government", {}, changes=STAFF).view)
    assert columns["force"] == pytest.approx([1_500, 270, 120])
    for hot in ([9_000, 0, 0], [0, 0, 5_000], [0, 4_000, 4_000]):
        for _ in range(8):
            columns.update(government({**columns, "turnout": hot}).columns)
            assert columns["force"].sum() == pytest.approx(1_890)
            assert (columns["force"] >= 0).all()


def test_the_reserve_goes_where_crowds_were_reported() -> None:
    """Else help would never come, come at once, or be sent to where nobody has reported anything yet."""
    force = np.array([1_500.0, 270.0, 120.0])
    unseen = government({"force": force, "turnout": [0, 0, 50_000]}).columns
    known = government({"force": force, "reported": [0, 0, 50_000], "turnout": 0}).columns
    assert unseen["force"][2] < 125
    assert unseen["reported"] == pytest.approx([0, 0, 0.6 * 50_000 * (1 - math.exp(-6 / 8))])
    threat = np.array([100.0, 20.0, 50_005.0])
    wanted = 0.6 * force + 0.4 * 1_890 * threat / threat.sum()
    assert known["force"] == pytest.approx(force + (wanted - force) * (1 - math.exp(-0.5)))


def test_reports_follow_crowds_late_and_with_a_bias() -> None:
    """Else the government would know the true crowd at once, or hear another number in shorter ticks."""
    for parts in (1, 3, 12):
        setting = replace(country(), days=0.25 / parts)
        columns: dict[str, Any] = {"force": 100.0, "turnout": [30_000.0, 500.0, 0.0], "reported": [0.0, 900.0, 80.0]}
        for _ in range(parts):
            view = see("government", columns, setting=setting, changes=STAFF).view
            columns["reported"] = BY_NAME["government"].rule(view).columns["reported"]
        old = math.exp(-6 / 8)
        told = [18_000 * (1 - old), 300 + 600 * old, 80 * old]
        assert columns["reported"] == pytest.approx(told)
    for _ in range(60):
        columns["reported"] = government(columns).columns["reported"]
    assert columns["reported"] == pytest.approx([18_000, 300, 0], abs=1e-3)


def test_the_injured_are_out() -> None:
    """Else injuries would cost the government nothing, or more people than it had."""
    effect = government({"force": [100.0, 100.0, 10.0], "hurt": [30.0, 0.0, 50.0]})
    assert effect.columns["force"].sum() == pytest.approx(170)


def test_concessions_appease_and_embolden() -> None:
    """Else giving way could only calm; Rasler found that it also raised protest."""
    changes = {"government.concession": 0.02, "government.embolden": 0.05, "law.noise": 0.1}
    effect = government({"force": 100.0, "conceded": [2, 1, 0]}, **changes)
    assert effect.columns["appeasement"] == pytest.approx([0.04, 0.02, 0.0])
    for name in ("sigma_h", "sigma_w"):
        assert effect.add[name].ravel() == pytest.approx([1.0, 0.5, 0.0])
