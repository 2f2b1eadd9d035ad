"""Who stays with the ruler: units and elites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from tests.contract.small import act, begin, country
from tocsin.mechanisms.elites import fixed_point, threshold
from tocsin.mechanisms.loyalty import equilibria
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
    "believed_against": 700.0, "opposing": [40.0, 0.0, 0.0],
}  # fmt: skip


def spread_out(name: str, n: int) -> Floats:
    """Choices in equal steps over (0, 1), in no order; everybody reconsiders."""
    return ((np.arange(n) * 1597) % 40_000 + 0.5) / 40_000 if name == "choice" else np.full(n, 1e-9)


def units(columns: Mapping[str, Any] = NOTHING, changes: Mapping[str, float] = NOTHING) -> Effect:
    """One tick of all units."""
    return act("loyalty", {**SCENE, **columns}, setting=MANY, changes={**UNITS, **changes}, draw=spread_out)


def shares(stance: Any) -> list[float]:
    """Shares loyal, gone and resisting among the units of the first place."""
    return [float(np.mean(stance[:40_000] == s)) for s in (0, 1, 2)]


def belief(place: int = 0, lost: tuple[int, ...] = ()) -> tuple[float, float]:
    """Logit of believed survival in a place and for the country, from science.md 2, by hand."""
    nominal = np.array([1_600.0, 300.0, 100.0])
    loyal = 0 if place in lost else [1_500 * 0.8 + 100, 300, 100][place]
    near = math.log(loyal + 3_000 * nominal[place] / nominal.sum() + 1)
    near -= math.log(SCENE["turnout"][place] + SCENE["opposing"][place] + 700 * nominal[place] / nominal.sum() + 1)
    staff = sum(s for p, s in enumerate((5_000 + 100, 900, 400)) if p not in lost)
    far = math.log((staff + 3_000 + 1) / (9_410 + 40 + 700 + 1))
    return 0.5 + 0.8 * (0.75 * near + 0.25 * far), 0.5 + 0.8 * far


@pytest.mark.parametrize(
    ("control", "lost"),
    [((0, 0, 0), ()), ((1, 1, 1), ()), ((2, 0, 0), (0,)), ((1, 2, 2), (1, 2)), ((2, 2, 2), (0, 1, 2))],
)
@pytest.mark.parametrize("killed", [0.0, 1.0, 10_000.0, 4e6])
def test_units_choose_by_the_written_utilities(control: Any, lost: tuple[int, ...], killed: float) -> None:
    """Else units would leave for other reasons than the equations of science.md name, or count on lost places."""
    s = 1 / (1 + math.exp(-belief(0, lost)[0]))
    stay = math.exp((0.3 + 2.0 * s - 1.2 * 1.0 * 1.0 - 0.1) / 0.6)
    resist = math.exp((-0.5 - 1.5 * s) / 0.6)
    leave = math.exp(-0.4 * (1 - math.exp(-killed / 40_000)) / 0.6)
    whole = stay + resist + leave
    effect = units({"control": control, "killed": [killed, 0.0, 0.0]})
    assert shares(effect.columns["stance"]) == pytest.approx([stay / whole, leave / whole, resist / whole], abs=5e-5)
    assert effect.columns["survival"] == pytest.approx(1 / (1 + math.exp(-belief(0, lost)[1])))


def test_those_who_killed_gain_less_by_leaving() -> None:
    """Else units that have shot would walk away as easily as others; staying or turning are not closed to them."""
    before, after = (shares(units({"killed": k}).columns["stance"]) for k in ([0.0, 9e6, 9e6], [4e6, 0.0, 0.0]))
    for stance in (0, 2):
        odds = [s[stance] / s[1] for s in (before, after)]
        assert odds[1] / odds[0] == pytest.approx(math.exp(0.4 / 0.6), rel=0.02)
    assert after[2] / after[0] == pytest.approx(before[2] / before[0], rel=0.02)


def test_deaths_bind_the_units_that_can_have_had_a_part_in_them() -> None:
    """Else one death would bind a whole city's police, or a massacre in a village no more than a shot in the capital.

    The same 20,000 dead where 40,000 and where 20,000 units stand: shares 1 - exp(-1/2) and 1 - exp(-1) of the units.
    """
    two = country(units=(40_000, 20_000, 2))
    stance = [
        act("loyalty", {**SCENE, "killed": k}, setting=two, changes=UNITS, draw=spread_out).columns["stance"]
        for k in (0.0, 20_000.0)
    ]
    for place, units_there in ((0, 40_000), (1, 20_000)):
        odds = [np.mean(s[two.unit_place == place] == 0) / np.mean(s[two.unit_place == place] == 1) for s in stance]
        share = 1 - math.exp(-20_000 / units_there)
        assert odds[1] / odds[0] == pytest.approx(math.exp(0.4 * share / 0.6), rel=0.01)
    one = shares(units({"killed": [1.0, 0.0, 0.0]}).columns["stance"])
    assert one == pytest.approx(shares(units().columns["stance"]), abs=5e-5), "one death among 40,000 units"


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
    a, b = (shares(units({"signal": x, "believed": f}, nothing).columns["stance"]) for x, f in ((-3, 0), (3, 7e4)))
    assert a[0] / a[1] == pytest.approx(b[0] / b[1], rel=0.01), "nothing believed moves loyal against exit"
    sure = shares(units({"signal": 3.0}, {**nothing, "loyalty.noise": 0.05}).columns["stance"])
    assert sure[0] < 0.001


def test_more_force_and_more_belief_in_help_keep_more_units() -> None:
    """Else reinforcements would drive units away, against what units are said to fear."""
    alone = {"believed": 0.0}
    by_force = [shares(units({**alone, "force": f}).columns["stance"])[0] for f in (10.0, 500.0, 5_000.0, 50_000.0)]
    by_belief = [shares(units({"believed": b}).columns["stance"])[0] for b in (0.0, 5_000.0, 70_000.0)]
    by_crowd = [shares(units({"turnout": a}).columns["stance"])[0] for a in (1e6, 1e5, 1e3, 0.0)]
    against = [shares(units({"believed_against": b}).columns["stance"])[0] for b in (7e4, 5e3, 1e3, 0.0)]
    for found in (by_force, by_belief, by_crowd, against):
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

    after = act("loyalty", SCENE, setting=MANY, changes={**UNITS, "loyalty.rate": 1.0}, draw=draw)
    moved = np.count_nonzero(after.columns["stance"])
    assert moved / n == pytest.approx(1 - math.exp(-0.25), abs=1e-3)


def test_shares_are_of_staff() -> None:
    """Else a place with many small units would count for more than one with few large ones."""
    setting = country()
    stance = np.where(setting.unit_place == 1, 2.0, (setting.unit_number == 0) * 1.0)
    columns = act("loyalty", {**SCENE, "stance": stance}, setting=setting, draw=lambda _, n: np.full(n, 1.0)).columns
    assert columns["loyal"] == pytest.approx([24 / 25, 0.0, 1 / 2])
    assert columns["defected"] == pytest.approx((200 + 900 + 200) / 6_300)
    assert columns["resisting"] == pytest.approx(900 / 6_300)


def test_guards_are_the_last_units_of_a_place() -> None:
    """Else the share of staff from elsewhere would not be the stated one."""
    overlap = begin("loyalty", setting=MANY, changes=UNITS)["overlap"]
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


@pytest.mark.parametrize("noise", [0.01, 0.1, 1.0, 5.0])
@pytest.mark.parametrize("cost", [0.1, 0.5, 0.8])
def test_played_out_the_game_gives_the_closed_form_whatever_the_noise(cost: float, noise: float) -> None:
    """If it failed, M12 would not be the one-sided global game: theta* = 1 - c - F to 1e-6, with slope -1 in F."""
    found = [fixed_point(cost, f, noise) for f in (0.0, 0.05, 0.2, 0.6)]
    assert found == pytest.approx([threshold(cost, f) for f in (0.0, 0.05, 0.2, 0.6)], abs=1e-6)
    assert found[3] - found[0] == pytest.approx(-0.6, abs=1e-6)


ALIKE = {
    **{name.split(".")[1]: value for name, value in UNITS.items()}, "belief_slope": 3.0, "slope": 6.0, "reports": 0.0,
    "noise": 0.2, "attachment": -1.5, "private_noise": 0.3,
}  # fmt: skip


def best_reply(p: Mapping[str, float], expected: float, staff: float, crowd: float) -> float:
    """Share that stays loyal if all expect `expected` to, by quadrature over private signals."""
    u = (np.arange(20_000) + 0.5) / 20_000
    xi = np.log(u / (1 - u)) * math.sqrt(3) / math.pi
    seen = p["belief_level"] + p["belief_slope"] * math.log((staff * expected + 1) / (crowd + 1))
    s = 1 / (1 + np.exp(-(seen + p["private_noise"] * xi)))
    stay = np.exp((p["attachment"] + p["slope"] * s - p["moral_cost"]) / p["noise"])
    resist = np.exp((p["resist_level"] - p["resist_slope"] * s) / p["noise"])
    return float(np.mean(stay / (stay + resist + 1)))


@pytest.mark.parametrize("crowd", [100.0, 1_000.0, 2_500.0, 50_000.0])
def test_equilibria_are_the_least_and_the_greatest_share_that_bears_itself_out(crowd: float) -> None:
    """If it failed, what units expect of each other would not come true, or a third outcome would be overlooked."""
    least, most = equilibria(ALIKE, 2_000.0, crowd)
    for share in (least, most):
        assert best_reply(ALIKE, share, 2_000.0, crowd) == pytest.approx(share, abs=1e-4)
    below, above = np.linspace(0, least - 1e-3, 40), np.linspace(most + 1e-3, 1, 40)
    assert all(best_reply(ALIKE, x, 2_000.0, crowd) > x for x in below if 0 <= x < least)
    assert all(best_reply(ALIKE, x, 2_000.0, crowd) < x for x in above if most < x <= 1)


def test_units_that_look_at_each_other_can_end_in_two_ways() -> None:
    """If it failed, the model would hide that history decides: one answer with lasting private views, two without."""
    least, most = equilibria(ALIKE, 2_000.0, 1_000.0)
    assert least < 0.01
    assert most > 0.99
    calm, help_ = equilibria(ALIKE, 2_000.0, 50_000.0), equilibria(ALIKE, 2_000.0, 1_000.0, outside=3_000.0)
    assert calm[0] == pytest.approx(calm[1], abs=1e-6)
    assert help_[0] > 0.99, "a promise of force removes the bad one"
    assert equilibria(ALIKE, 2_000.0, 1_000.0, against=3_000.0)[1] < 0.01, "a second power removes the good one"
    spread = equilibria({**ALIKE, "private_noise": 6.0}, 2_000.0, 1_000.0)
    assert spread[0] == pytest.approx(spread[1], abs=1e-6)
    own = equilibria({**ALIKE, "reports": 1.0}, 2_000.0, 1_000.0)
    assert own[0] == pytest.approx(own[1], abs=1e-6), "reports that hide defections leave nothing to guess"


ELITES = {
    "elites.cost": 0.4, "elites.reshuffle": 0.1, "elites.speed": 2.0, "loyalty.belief_level": 0.5,
    "loyalty.belief_slope": 0.8,
}  # fmt: skip


def elites(u: float = 1e-9, **columns: Any) -> Effect:
    base = {"turnout": [9_000.0, 900.0, 99.0], "loyal": [0.5, 1.0, 1.0], **columns}
    return act("elites", base, changes=ELITES, draw=lambda _, n: np.full(n, u))


@pytest.mark.parametrize(
    ("control", "force"),
    [((0, 0, 0), 3_800), ((1, 1, 1), 3_800), ((1, 2, 0), 2_900), ((2, 0, 1), 1_300), ((2, 2, 2), 0)],
)
def test_elites_read_loyal_force_of_places_not_lost_against_crowds(control: Any, force: float) -> None:
    """Else insiders would see another balance than everybody can: 2,500, 900 and 400 officers, 9,999 people."""
    public = 1 / (1 + math.exp(-(0.5 + 0.8 * math.log((force + 1) / (9_999 + 1)))))
    assert elites(control=control).columns["strength"] == pytest.approx(public)
    assert elites(control=control, believed=5e3).columns["strength"] == pytest.approx(public), "help enters once"
    beset = 1 / (1 + math.exp(-(0.5 + 0.8 * math.log((force + 1) / (9_999 + 740 + 1)))))
    foes = {"believed_against": 700.0, "opposing": [40.0, 0, 0]}
    assert elites(control=control, **foes).columns["strength"] == pytest.approx(beset)


def test_the_ruler_is_removed_below_the_threshold_only() -> None:
    """Else a ruler could be dropped while everybody knows that the attempt must fail."""
    strength = elites().columns["strength"].item()
    for turnout in np.linspace(0, 40_000, 41):
        effect = elites(turnout=[turnout, 0, 0])
        below = effect.columns["strength"].item() < 1 - 0.4
        assert effect.columns["removed"] == float(below)
    assert strength < 0.6
    assert elites(1 - math.exp(-0.5) - 1e-6).columns["removed"] == 1
    assert elites(1 - math.exp(-0.5) + 1e-6).columns["removed"] == 0


def test_outside_help_and_new_men_protect_the_ruler() -> None:
    """Else a patron's promise, or a reshuffle that raises the cost of a coup, would not."""
    assert elites().columns["removed"] == 1
    share = 0.6 - elites().columns["strength"].item() + 0.001
    needed = share / (1 - share) * 6_301
    assert elites(believed=needed).columns["removed"] == 0
    assert elites(believed=needed - 90, support=[60, 30, 0]).columns["removed"] == 0, "those who have landed count on"
    assert elites(believed=needed - 90).columns["removed"] == 1
    assert elites(turnout=[5_000, 0, 0]).columns["removed"] == 1
    assert elites(turnout=[5_000, 0, 0], reshuffled=1.0).columns["removed"] == 0
    assert elites(turnout=[5_000, 0, 0], reshuffle_ordered=1.0).columns["removed"] == 0, "whoever ordered it"
    assert elites(0.99, removed=1.0, turnout=0.0).columns["removed"] == 1, "nobody comes back"
