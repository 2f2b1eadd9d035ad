"""Each channel of outside troops moves what it is about, alone; all of them off is a world without a patron."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, act, begin, country
from tocsin.engine.run import simulate
from tocsin.scenario.load import load
from tocsin.scenario.vary import vary
from tocsin.state import MEMBER, NEIGHBOUR, PATRON, RIVAL, Floats, Setting, States

CHANNELS = tuple(BY_NAME["intervention"].switches)
TROOPS = {
    "intervention.commit": 0.5, "intervention.believed": 12_000.0, "intervention.standing": 0.4,
    "intervention.hope": 0.5, "loyalty.belief_slope": 0.8, "intervention.engaged": 0.2, "intervention.freed": 0.75,
    "intervention.citizen_backlash": 0.08, "intervention.unit_backlash": -0.04,
    "intervention.fade": 7.0, "intervention.abandoned": 0.25, "intervention.rival_commit": 0.8,
    "intervention.rival_believed": 5_000.0, "intervention.rival_engaged": 0.5,
}  # fmt: skip


def by_place(*troops: float) -> Floats:
    """Troops of a power without a name, by place: float[P, 1]."""
    return np.array(troops, np.float64)[:, None]


MISSION: dict[str, Any] = {
    "announced": 2_500.0, "leaving": 1.0, "left": 3.25, "arrived": by_place(1_500, 500, 0),
    "withdrawn": by_place(500, 0, 100), "guaranteed": 1.0,
}  # fmt: skip
NOBODY: dict[str, Any] = {"announced": 0.0, "leaving": 0.0, "left": 0.0, "arrived": 0.0, "withdrawn": 0.0}
FRIEND, ALLY, ENEMY, WATCHER = 1, 2, 3, 4


def league(own: int = 0, roles: tuple[int, ...] = (PATRON, MEMBER, RIVAL, NEIGHBOUR)) -> Setting:
    """The small country among a patron, a member, a rival and a neighbour, who stands with nobody."""
    n = len(roles) + 1
    sides = {PATRON: 1.0, MEMBER: 1.0, RIVAL: -1.0, NEIGHBOUR: 0.0}
    states = States(
        names=("Here", "Patron", "Member", "Rival", "Neighbour")[:n], own=own, role=np.array([0, *roles]),
        side=np.array([0.0, *(sides[r] for r in roles)]), consent=np.zeros(n, np.int64),
    )  # fmt: skip
    return replace(country(), states=states)


def at(**troops: list[float]) -> Floats:
    """Troops by place and state, float[P, 5]: one list over places for each named state."""
    found = np.zeros((3, 5))
    for name, by in troops.items():
        found[:, {"friend": FRIEND, "ally": ALLY, "enemy": ENEMY, "watcher": WATCHER}[name]] = by
    return found


def only(state: int, value: float) -> list[float]:
    """A number for one of the five states, and none for the others."""
    return [value if n == state else 0.0 for n in range(5)]


def outcome(*on: str, where: Setting | None = None, **columns: Any) -> dict[str, Any]:
    """Everything that the mechanism hands back, with these channels on."""
    switches = {c: c in on for c in CHANNELS}
    scene = columns if where else {**MISSION, **columns}
    effect = act("intervention", scene, setting=where, changes=TROOPS, on=switches)
    return {name: np.array(value, np.float64) for name, value in {**effect.columns, **effect.add}.items()}


def moved(*on: str, **columns: Any) -> set[str]:
    """What differs from all channels off."""
    a, b = outcome(*on, **columns), outcome(**columns)
    return {name for name in a if not np.array_equal(a[name], b[name])}


@pytest.mark.parametrize(
    ("channel", "moves", "among_all"),
    [
        ("capacity", {"support"}, {"support", "believed"}),
        ("guarding", {"support"}, {"support", "believed"}),
        ("signal", {"believed", "gamma"}, {"believed", "gamma"}),
        ("guarantee", {"believed", "gamma"}, set()),
        ("backlash", {"unit_backlash", "gamma"}, {"unit_backlash", "gamma"}),
        ("withdrawal", set(), {"believed", "gamma"}),
    ],
)
def test_each_channel_moves_its_own_thing(channel: str, moves: set[str], among_all: set[str]) -> None:
    """Else switching one channel off would take another one with it, and effects could not be told apart.

    Among all, what troops add is seen where they stand instead of being believed; hope does not answer that.
    """
    assert moved(channel) == moves
    rest = [c for c in CHANNELS if c != channel]
    a, b = outcome(*CHANNELS), outcome(*rest)
    assert {n for n in a if not np.array_equal(a[n], b[n])} == among_all


def test_withdrawal_fades_a_belief_that_another_channel_made() -> None:
    """Else leaving would frighten units that had believed in nothing; what 1,500 who are there add (300) stays."""
    for on, there in (((), 0), (("capacity",), 300)):
        kept, fading = outcome("signal", *on)["believed"], outcome("signal", "withdrawal", *on)["believed"]
        assert kept == pytest.approx(6_000 - there)
        assert fading == pytest.approx(6_000 * math.exp(-3.5 / 7) - there)


@pytest.mark.parametrize(
    ("on", "adds", "enough"),
    [
        ((), 0.0, 1e9),
        (("capacity",), 0.2, 30_000),
        (("guarding",), 0.6, 10_000),
        (("capacity", "guarding"), 0.8, 7_500),
    ],
)
def test_what_troops_add_is_not_believed_in_a_second_time(on: tuple[str, ...], adds: float, enough: float) -> None:
    """Else one soldier would count as force where he stands and as a promise of himself; or make belief negative.

    Who is there and adds nothing is as good a promise as one who is still at home.
    """
    for landed in (0.0, 2_000.0, 7_499.0, 7_501.0, 29_999.0, 30_001.0, 1e6):
        scene = {"arrived": by_place(landed / 2, landed, 0.0), "withdrawn": by_place(0.0, landed / 2, 0.0)}
        found = outcome("signal", *on, **scene)
        assert found["support"].sum() == pytest.approx(adds * landed)
        assert found["believed"] == pytest.approx(0.0 if landed >= enough else 6_000 - adds * landed)


@pytest.mark.parametrize(
    "on", [("signal",), ("guarantee",), ("signal", "withdrawal"), ("signal", "backlash"), CHANNELS]
)
def test_belief_in_help_lowers_hope_by_the_survival_that_it_adds(on: tuple[str, ...]) -> None:
    """Else citizens would not answer a promise of force as units do: log-odds per logit of survival, 6,300 staff.

    Nor would it still discourage once it is kept: hope answers the whole force believed in, there or not.
    """
    force = (6_000 if "signal" in on else 2_400) * (math.exp(-3.5 / 7) if "withdrawal" in on else 1)
    logits = 0.8 * (math.log(6_301 + force) - math.log(6_301))
    assert outcome(*on)["gamma"] == pytest.approx(0.08 * ("backlash" in on) - 0.5 * logits)
    assert np.array_equal(outcome(*on, arrived=by_place(1e5, 0, 0))["gamma"], outcome(*on)["gamma"])


def test_force_on_the_ground_is_what_landed_and_has_not_left() -> None:
    """Else troops would fight before they land or after they left; and never a negative number of them."""
    assert list(outcome()["troops"]) == [1_000, 500, 0]
    assert outcome("capacity")["support"] == pytest.approx([200, 100, 0])
    assert outcome("guarding")["support"] == pytest.approx([0.8 * 0.75 * 1_000, 0.8 * 0.75 * 500, 0])
    both = outcome("capacity", "guarding")["support"]
    assert both == pytest.approx(outcome("capacity")["support"] + outcome("guarding")["support"])


def test_guarantee_holds_before_and_signal_after_the_announcement() -> None:
    """Else an unannounced force would be believed in full, or a standing promise only once it is repeated."""
    before = NOBODY
    assert outcome("signal", **before)["believed"] == 0
    assert outcome("guarantee", **before)["believed"] == pytest.approx(2_400)
    assert outcome("signal", "guarantee", "withdrawal", **before)["believed"] == pytest.approx(2_400)
    after = {**before, "announced": 2_500.0}
    assert outcome("signal", "guarantee", **after)["believed"] == pytest.approx(6_000)
    assert outcome("guarantee", **after)["believed"] == pytest.approx(2_400)


@pytest.mark.parametrize(
    ("announced", "planned", "force"),
    [
        ((0, 2_500, 0, 0, 0), (0,) * 5, 6_000),
        ((0, 12_001, 0, 0, 0), (0,) * 5, 6_000.5),
        ((0, 20_000, 0, 0, 0), (0,) * 5, 10_000),
        ((0, 8_000, 6_000, 0, 0), (0,) * 5, 7_000),
        ((0, 20_000, 0, 0, 0), (0, 20_000, 0, 0, 0), 10_000),
        ((0, 2_500, 0, 0, 0), (0, 20_000, 9_000, 0, 0), 14_500),
        ((0, 2_500, 0, 90_000, 90_000), (0,) * 5, 6_000),
    ],
)
def test_the_size_of_an_announcement_counts(announced: Any, planned: Any, force: float) -> None:
    """Else 50,000 soldiers who are on their way would be believed in like 500: half of the larger number is.

    Of friends alone; by script or by decision, not twice; a promise that stands does not grow by it.
    """
    scene = {"announced": announced, "planned": planned, "guaranteed": 1.0}
    found = outcome("signal", where=league(), **scene)
    assert found["believed"] == pytest.approx(force)
    assert outcome("guarantee", where=league(), **scene)["believed"] == pytest.approx(2_400)
    refused = outcome(
        "signal", where=league(), **{**scene, "announced": np.array(announced) * (1, 1, 1, 0, 0)}, refused=1.0
    )
    assert refused["believed_against"] == pytest.approx(0.25 * force)


def test_the_size_of_a_rival_s_announcement_counts() -> None:
    """Else a great power against the regime would weigh no more than a small one: 0.8 of the larger number."""
    for said, force in ((800.0, 4_000), (9_000.0, 7_200)):
        for kind in ("announced", "planned"):
            found = outcome("signal", where=league(), guaranteed=1.0, **{kind: only(ENEMY, said)})
            assert found["believed_against"] == pytest.approx(force)
            assert found["believed"] == 0


def test_backlash_needs_troops_in_the_country() -> None:
    """Else people would be angry at troops that never came."""
    assert outcome("backlash")["gamma"] == pytest.approx(0.08)
    assert outcome("backlash")["unit_backlash"] == pytest.approx(-0.04)
    assert outcome("backlash", arrived=0.0)["gamma"] == 0
    assert moved(*CHANNELS, arrived=0.0) == {"believed", "gamma"}
    calm = [c for c in CHANNELS if c != "backlash"]
    everything, without = outcome(*CHANNELS, arrived=0.0), outcome(*calm, arrived=0.0)
    assert all(np.array_equal(everything[n], without[n]) for n in everything)


def test_all_channels_off_equals_no_mission() -> None:
    """Else troops would act through a seventh channel that nobody can switch off."""
    off, none = outcome(), outcome(**NOBODY)
    assert {n for n in off if not np.array_equal(off[n], none[n])} == {"troops", "contingents", "left"}
    mission = {
        "announced": [0, 2_500.0, 0, 900.0, 0], "arrived": at(friend=[500, 0, 0], enemy=[0, 80, 0], watcher=[9, 9, 9]),
        "refused": 1.0, "guaranteed": 0.0, "planned": only(ALLY, 200.0), "landed": at(ally=[0, 0, 90]), "ending": 1.0,
    }  # fmt: skip
    off, none = outcome(where=league(), **mission), outcome(where=league(), guaranteed=1.0)
    assert {n for n in off if not np.array_equal(off[n], none[n])} == {"troops", "contingents", "left"}


def test_a_named_patron_acts_as_a_power_without_a_name() -> None:
    """Else giving the power its name would change what its troops do."""
    named = {"announced": only(FRIEND, 2_500.0), "leaving": only(FRIEND, 1.0), "left": only(FRIEND, 3.25)}
    named |= {"arrived": at(friend=[1_500, 500, 0]), "withdrawn": at(friend=[500, 0, 100]), "guaranteed": 1.0}
    a, b = outcome(*CHANNELS), outcome(*CHANNELS, where=league(), **named)
    for name in ("troops", "support", "believed", "believed_against", "unit_backlash", "gamma", "opposing"):
        assert np.array_equal(a[name], b[name]), name
    assert b["contingents"].tolist() == [0, 1_500, 0, 0, 0]


def test_troops_stand_where_their_state_stands() -> None:
    """Else a rival's soldiers would help the ruler, or bystanders would fight."""
    there = at(friend=[100, 0, 0], ally=[0, 50, 0], enemy=[40, 0, 20], watcher=[0, 0, 7])
    found = outcome("capacity", "guarding", where=league(), arrived=there)
    assert found["contingents"].tolist() == [0, 100, 50, 60, 7]
    assert found["troops"].tolist() == [100, 50, 7]
    assert found["support"] == pytest.approx((0.2 + 0.8 * 0.75) * np.array([100, 50, 0]))
    assert found["opposing"] == pytest.approx([20, 0, 10])
    assert not outcome("guarding", where=league(), arrived=there)["opposing"].any()
    assert not outcome(*CHANNELS, where=league(), arrived=at(enemy=[40, 0, 20]))["unit_backlash"].any()


def test_a_second_power_is_believed_in_on_the_other_side() -> None:
    """Else two powers could not weigh against each other: 4,000 believed against the regime, of whom 30 are felt."""
    scene = {"announced": only(ENEMY, 800.0), "arrived": at(enemy=[40, 0, 20]), "guaranteed": 1.0}
    found = outcome("signal", where=league(), **scene)
    assert found["believed"] == 0
    assert found["believed_against"] == pytest.approx(4_000)
    assert found["gamma"] == pytest.approx(0.5 * 0.8 * math.log((6_301 + 4_000) / 6_301))
    felt = outcome("signal", "capacity", where=league(), **scene)
    assert felt["believed_against"] == pytest.approx(4_000 - 0.5 * 60)
    assert felt["gamma"] == found["gamma"]
    many = outcome("signal", "capacity", where=league(), **{**scene, "arrived": at(enemy=[9_000, 0, 0])})
    assert many["believed_against"] == 0
    both = outcome("signal", where=league(), **{**scene, "announced": [0, 2_500.0, 0, 800.0, 0]})
    assert both["gamma"] == pytest.approx(-0.5 * 0.8 * math.log((6_301 + 6_000) / (6_301 + 4_000)))
    leaves = outcome("signal", "withdrawal", where=league(), **scene, leaving=only(ENEMY, 1.0), left=only(ENEMY, 3.25))
    assert leaves["believed_against"] == pytest.approx(4_000 * math.exp(-3.5 / 7))
    assert not outcome(*(c for c in CHANNELS if c != "signal"), where=league(), **scene)["believed_against"].any()


@pytest.mark.parametrize(("own", "backed"), [(0, 1), (ALLY, 1), (FRIEND, 0), (ENEMY, 0), (WATCHER, 0)])
def test_the_patron_stands_behind_home_and_members(own: int, backed: float) -> None:
    """Else a patron would have a patron, or a rival's ruler would count on help from his enemy's."""
    start = begin("intervention", setting=league(own))
    assert start["guaranteed"] == backed


def test_without_a_named_patron_nobody_is_guaranteed() -> None:
    """Else a world whose patron is absent (V4), or a scenario that names no state, would still believe in one."""
    for roles, backed in (((), 0.0), ((MEMBER,), 0.0), ((RIVAL,), 0.0), ((PATRON,), 1.0)):
        start = begin("intervention", setting=league(roles=roles))
        assert start["guaranteed"] == backed
    against = replace(league(), states=replace(league().states, side=np.array([1.0, -1, -1, 0, 0])))
    assert begin("intervention", setting=against)["guaranteed"] == 0


def test_a_public_removal_of_the_guarantee_ends_it_and_is_a_signal() -> None:
    """Else the removal of 1989 would leave the old belief standing, or could embolden nobody."""
    held, gone = (outcome("guarantee", where=league(), guaranteed=g) for g in (1.0, 0.0))
    assert held["believed"] == pytest.approx(2_400)
    assert held["believed_against"] == 0
    assert gone["believed"] == 0
    assert gone["believed_against"] == pytest.approx(0.25 * 2_400)
    assert gone["gamma"] > 0 > held["gamma"]
    never = outcome("guarantee", where=league(own=WATCHER), guaranteed=0.0)
    assert never["believed_against"] == 0, "what was never given cannot be taken back"
    assert not outcome("signal", where=league(), guaranteed=0.0)["believed_against"].any()


def test_a_public_refusal_ends_belief_and_is_a_signal() -> None:
    """Else a ruler whose patron refuses in public (V2) would stand as strong as before he asked."""
    scene = {"announced": only(FRIEND, 2_500.0), "guaranteed": 1.0, "refused": 1.0}
    both = outcome("signal", "guarantee", where=league(), **scene)
    assert both["believed"] == 0
    assert both["believed_against"] == pytest.approx(0.25 * 6_000)
    quiet = outcome("guarantee", where=league(), **scene)
    assert quiet["believed"] == 0
    assert quiet["believed_against"] == 0, "the signal is switched off"
    assert outcome("signal", where=league(), **{**scene, "refused": 0.0})["believed"] == pytest.approx(6_000)


def test_what_the_alliance_decides_adds_to_the_script() -> None:
    """Else a mission that the model sends would be another kind of mission than one that the script sends."""
    script = {"announced": only(FRIEND, 2_500.0), "arrived": at(friend=[900, 0, 0], ally=[0, 30, 0])}
    script |= {"withdrawn": at(friend=[100, 0, 0]), "leaving": [1.0] * 5, "left": [2.0] * 5, "guaranteed": 1.0}
    free = {"planned": only(FRIEND, 2_500.0), "landed": at(friend=[900, 0, 0], ally=[0, 30, 0])}
    free |= {"recalled": at(friend=[100, 0, 0]), "ending": 1.0, "left": [2.0] * 5, "guaranteed": 1.0}
    a, b = (outcome(*CHANNELS, where=league(), **scene) for scene in (script, free))
    assert all(np.array_equal(a[name], b[name]) for name in a)
    both = outcome("signal", where=league(), **{**free, "arrived": script["arrived"]})
    assert both["contingents"].tolist() == [0, 1_700, 60, 0, 0]


def test_all_channels_off_is_bit_identical_to_a_world_without_a_patron() -> None:
    """Else the placebo would show an effect of troops whose believed force and capacity are nil."""
    base = vary(load("kazakhstan-2022"), {"people_per_agent": 2_000, "days": 20})
    off = vary(base, {f"intervention.{c}": False for c in CHANNELS})
    kinds = ["decision", "consent", "arrival", "withdrawal", "withdrawal-announced"]
    alone = vary(off, {"drop_kinds": kinds})
    for draw in (1, 2, 5):
        a, b = simulate(off, draw, draw), simulate(alone, draw, draw)
        assert np.array_equal(a.state_digests, b.state_digests)
        assert all(np.array_equal(a.series[n], b.series[n]) for n in a.series)
        assert {n for n in a.national if not np.array_equal(a.national[n], b.national[n])} <= {"troops", "consents"}
