"""Each channel of outside troops moves what it is about, alone; all of them off is a world without a patron."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, see
from tocsin.engine.run import simulate
from tocsin.scenario.load import load
from tocsin.scenario.vary import vary

CHANNELS = tuple(BY_NAME["intervention"].switches)
TROOPS = {
    "intervention.commit": 0.5, "intervention.believed": 12_000.0, "intervention.standing": 0.4,
    "intervention.hope": 0.5, "loyalty.belief_slope": 0.8, "intervention.engaged": 0.2, "intervention.freed": 0.75,
    "intervention.citizen_backlash": 0.08, "intervention.unit_backlash": -0.04,
    "intervention.fade": 7.0,
}  # fmt: skip
MISSION: dict[str, Any] = {
    "announced": 2_500.0, "leaving": 1.0, "left": 3.25, "arrived": [1_500.0, 500.0, 0.0],
    "withdrawn": [500.0, 0.0, 100.0],
}  # fmt: skip


def outcome(*on: str, **columns: Any) -> dict[str, Any]:
    """Everything that the mechanism hands back, with these channels on."""
    switches = {c: c in on for c in CHANNELS}
    view = see("intervention", {**MISSION, **columns}, changes=TROOPS, on=switches).view
    effect = BY_NAME["intervention"].rule(view)
    return {name: np.array(value, np.float64) for name, value in {**effect.columns, **effect.add}.items()}


def moved(*on: str, **columns: Any) -> set[str]:
    """What differs from all channels off."""
    a, b = outcome(*on, **columns), outcome(**columns)
    return {name for name in a if not np.array_equal(a[name], b[name])}


@pytest.mark.parametrize(
    ("channel", "moves"),
    [
        ("capacity", {"support"}),
        ("guarding", {"support"}),
        ("signal", {"believed", "gamma"}),
        ("guarantee", {"believed", "gamma"}),
        ("backlash", {"unit_backlash", "gamma"}),
        ("withdrawal", set()),
    ],
)
def test_each_channel_moves_its_own_thing(channel: str, moves: set[str]) -> None:
    """Else switching one channel off would take another one with it, and effects could not be told apart."""
    assert moved(channel) == moves
    rest = [c for c in CHANNELS if c != channel]
    a, b = outcome(*CHANNELS), outcome(*rest)
    changed = {n for n in a if not np.array_equal(a[n], b[n])}
    assert changed <= (moves or {"believed", "gamma"})


def test_withdrawal_fades_a_belief_that_another_channel_made() -> None:
    """Else leaving would frighten units that had believed in nothing; 1,500 of the 6,000 are there for all to see."""
    kept, fading = outcome("signal")["believed"], outcome("signal", "withdrawal")["believed"]
    assert kept == pytest.approx(6_000 - 1_500)
    assert fading == pytest.approx(6_000 * math.exp(-3.5 / 7) - 1_500)


@pytest.mark.parametrize(("landed", "beyond"), [(0.0, 6_000), (2_000.0, 4_000), (5_999.0, 1), (6_000.0, 0), (9e3, 0)])
def test_troops_on_the_ground_are_not_believed_in_a_second_time(landed: float, beyond: float) -> None:
    """Else one soldier would count as force where he stands and as a promise of himself; or make belief negative."""
    scene = {"arrived": [landed / 2, landed, 0.0], "withdrawn": [0.0, landed / 2, 0.0]}
    assert outcome("signal", **scene)["believed"] == pytest.approx(beyond)


@pytest.mark.parametrize(
    "on", [("signal",), ("guarantee",), ("signal", "withdrawal"), ("signal", "backlash"), CHANNELS]
)
def test_belief_in_help_lowers_hope_by_the_survival_that_it_adds(on: tuple[str, ...]) -> None:
    """Else citizens would not answer a promise of force as units do: log-odds per logit of survival, 6,300 staff."""
    force = (6_000 if "signal" in on else 2_400) * (math.exp(-3.5 / 7) if "withdrawal" in on else 1)
    logits = 0.8 * (math.log(6_301 + force - 1_500) - math.log(6_301))
    assert outcome(*on)["gamma"] == pytest.approx(0.08 * ("backlash" in on) - 0.5 * logits)
    assert outcome(*on, arrived=[1e5, 0, 0])["gamma"] == pytest.approx(0.08 * ("backlash" in on)), "nothing is left"


def test_force_on_the_ground_is_what_landed_and_has_not_left() -> None:
    """Else troops would fight before they land or after they left; and never a negative number of them."""
    assert list(outcome()["troops"]) == [1_000, 500, 0]
    assert outcome("capacity")["support"] == pytest.approx([200, 100, 0])
    assert outcome("guarding")["support"] == pytest.approx([0.8 * 0.75 * 1_000, 0.8 * 0.75 * 500, 0])
    both = outcome("capacity", "guarding")["support"]
    assert both == pytest.approx(outcome("capacity")["support"] + outcome("guarding")["support"])


def test_guarantee_holds_before_and_signal_after_the_announcement() -> None:
    """Else an unannounced force would be believed in full, or a standing promise only once it is repeated."""
    before = {"announced": 0.0, "leaving": 0.0, "left": 0.0, "arrived": 0.0, "withdrawn": 0.0}
    assert outcome("signal", **before)["believed"] == 0
    assert outcome("guarantee", **before)["believed"] == pytest.approx(2_400)
    assert outcome("signal", "guarantee", "withdrawal", **before)["believed"] == pytest.approx(2_400)
    after = {**before, "announced": 2_500.0}
    assert outcome("signal", "guarantee", **after)["believed"] == pytest.approx(6_000)
    assert outcome("guarantee", **after)["believed"] == pytest.approx(2_400)


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
    off, none = outcome(), outcome(announced=0.0, leaving=0.0, left=0.0, arrived=0.0, withdrawn=0.0)
    assert {n for n in off if not np.array_equal(off[n], none[n])} == {"troops", "left"}


def test_all_channels_off_is_bit_identical_to_a_world_without_a_patron() -> None:
    """Else the placebo would show an effect of troops whose believed force and capacity are nil."""
    base = vary(load("kazakhstan-2022"), {"people_per_agent": 2_000, "days": 20})
    off = vary(base, {f"intervention.{c}": False for c in CHANNELS})
    kinds = ["decision", "arrival", "withdrawal", "withdrawal-announced"]
    alone = vary(off, {"drop_kinds": kinds})
    for draw in (1, 2, 5):
        a, b = simulate(off, draw, draw), simulate(alone, draw, draw)
        assert np.array_equal(a.state_digests, b.state_digests)
        assert all(np.array_equal(a.series[n], b.series[n]) for n in a.series)
        assert {n for n in a.national if not np.array_equal(a.national[n], b.national[n])} <= {"troops"}
