"""How protest spreads and what form it takes: information, contagion, tactics."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import act as rule
from tests.contract.small import begin, country
from tocsin.state import PATRON, Clock, Floats, States

INFORMED = {
    "information.openness": 0.4, "information.shutdown_reach": 0.25, "information.dispersal": 0.2,
    "information.public_backlash": 0.1, "information.blame_effect": -0.3,
}  # fmt: skip
SPREADING = {
    "contagion.distance": 50.0, "contagion.long_range": 0.3, "contagion.idle": 0.1, "contagion.memory": 4.0,
    "derived.awareness": 30.0,
}  # fmt: skip


def test_shutdown_cuts_long_reach_and_keeps_local_talk() -> None:
    """Else switching off the network would silence the street corner too, or not silence the country."""
    columns = rule("information", {"shutdown": [1.0, 0.5, 0.0]}, changes=INFORMED).columns
    assert columns["reach"] == pytest.approx([0.4 * 0.25, 0.4 * (1 - 0.5 * 0.75), 0.4])
    assert columns["local"] == pytest.approx([1.2, 1.1, 1.0])


BOTH, ORDERED = [1.0, 0.5, 0.3], [0.2, 0.5, 0.3]


@pytest.mark.parametrize(
    ("free", "own", "in_force"),
    [(math.inf, 0, BOTH), (2.5, 0, BOTH), (2.25, 0, ORDERED), (0.0, 0, ORDERED), (0.0, 1, BOTH)],
    ids=["by the script", "in its first tick", "once it decides", "later", "abroad"],
)
def test_an_ordered_shutdown_counts_as_a_scripted_one(free: float, own: int, in_force: Any) -> None:
    """Else a government could not cut the network, or could never lift what the script had cut.

    Nor would the network come back for the one tick in which a policy takes over; abroad the script keeps its word.
    """
    seen = {"shutdown": [1.0, 0.0, 0.3], "shutdown_ordered": ORDERED}
    states = States(names=("home", "other"), own=own, role=np.array([0, PATRON]))
    setting = replace(country(), states=states, free={"government": free})
    columns = rule("information", seen, changes=INFORMED, setting=setting).columns
    alone = rule("information", {"shutdown": in_force}, changes=INFORMED).columns
    assert np.array_equal(columns["reach"], alone["reach"])
    assert np.array_equal(columns["local"], alone["local"])


def test_blame_moves_those_who_see_state_media_only() -> None:
    """Else messaging would work where everybody sees other media, or move people without being sent."""

    def moved(blame: float, openness: float) -> Floats:
        changes = {**INFORMED, "information.openness": openness}
        return rule("information", {"blame": blame}, changes=changes).add["gamma"].ravel()

    assert moved(0.0, 0.2) == pytest.approx([0.0] * 3)
    assert moved(0.5, 0.2) == pytest.approx([-0.3 * 0.5 * 0.8] * 3)
    assert moved(1.0, 1.0) == pytest.approx([0.0] * 3), "nobody depends on state media"


def test_deaths_are_known_at_home_and_elsewhere_as_far_as_news_reaches() -> None:
    """Else people would know of every death at once despite a shutdown, or forget one that they knew of."""
    seen = {"shutdown": [1.0, 0.0, 0.0], "killed": [100.0, 10.0, 0.0], "known_deaths": [0.0, 0.0, 90.0]}
    effect = rule("information", seen, changes=INFORMED)
    known = [100 + 0.1 * 10, 10 + 0.4 * 100, 90.0]
    assert effect.columns["known_deaths"] == pytest.approx(known)
    assert effect.add["gamma"].ravel() == pytest.approx([0.1 * math.log2(1 + k) for k in known])


def test_doubling_known_deaths_adds_the_public_backlash_once() -> None:
    """Else the prior would not be per doubling of known deaths, as it says."""
    gamma = [
        rule("information", {"killed": [d, 0.0, 0.0]}, changes=INFORMED).add["gamma"].ravel()[0] for d in (1e5, 2e5)
    ]
    assert gamma[1] - gamma[0] == pytest.approx(0.1, abs=1e-5)


def kernel(**changes: float) -> Any:
    return begin("contagion", changes={**SPREADING, **changes})["kernel"]


def test_influence_falls_with_distance_and_adds_up_to_one() -> None:
    """Else a place with many neighbours would be stirred by the mere number of them."""
    k = kernel()
    assert k.sum(axis=1) == pytest.approx([1, 1, 1])
    assert k[0, 1] / k[0, 0] == pytest.approx(math.exp(-100 / 50))
    assert k[0, 2] / k[0, 0] == pytest.approx(math.exp(-400 / 50))


def test_awareness_grows_with_the_share_in_action() -> None:
    """Else contagion would not follow the published equation: one tick, three places, worked out by hand."""
    k, setting = kernel(), country()
    turnout = np.array([20_000.0, 1_000.0, 0.0])
    local, reach = np.array([1.2, 1.0, 1.0]), np.array([0.1, 0.4, 0.4])
    seen = {"kernel": k, "turnout": turnout, "local": local, "reach": reach, "aware": [0.5, 0.0, 0.0]}
    aware = rule("contagion", seen, changes=SPREADING).columns["aware"]
    shown = turnout.sum() / setting.population.mean()
    for p in range(3):
        near = sum(k[p, q] * turnout[q] / setting.population[q] for q in range(3))
        influence = 0.7 * local[p] * near + 0.3 * reach[p] * shown
        kept = seen["aware"][p] * math.exp(-0.25 / 4)
        assert aware[p] == pytest.approx(1 - (1 - kept) * math.exp(-30 * influence * 0.25))


def test_awareness_fades_without_news() -> None:
    """Else a country would stay on edge for ever after one crowd."""
    seen = {"kernel": kernel(), "turnout": 0.0, "aware": [0.8, 0.4, 0.0]}
    aware = rule("contagion", seen, changes=SPREADING).columns["aware"]
    assert aware == pytest.approx([0.8 * math.exp(-1 / 16), 0.4 * math.exp(-1 / 16), 0.0])


def test_shutdown_lowers_what_the_rest_of_the_country_stirs() -> None:
    """Else a shutdown would have no effect on places that have not begun yet."""
    seen = {"kernel": kernel(), "turnout": [50_000.0, 0.0, 0.0], "local": 1.0, "aware": 0.0}
    with_news = rule("contagion", {**seen, "reach": 0.4}, changes=SPREADING).columns["aware"]
    without = rule("contagion", {**seen, "reach": 0.02}, changes=SPREADING).columns["aware"]
    assert (without < with_news).all()
    assert without[2] < 0.2 * with_news[2], "far away nearly all influence is long-range"


def test_the_unaware_still_reconsider_now_and_then() -> None:
    """Else nothing could ever begin; and people in action do not need news to think again."""
    seen = {"kernel": kernel(), "turnout": 0.0, "aware": [0.0, 0.5, 1.0]}
    rate = rule("contagion", seen, changes=SPREADING).times["rate"]
    faded = np.array([0.0, 0.5, 1.0]) * math.exp(-1 / 16)
    assert rate[:, 0, 0] == pytest.approx(0.1 + 0.9 * faded)
    assert rate[:, 0, 4] == pytest.approx(0.1 + 0.9 * faded)
    assert rate[:, 0, 1:4] == pytest.approx(np.ones((3, 3)))


def test_two_half_ticks_are_nearly_one_tick() -> None:
    """Else the length of a tick would decide how fast protest spreads: the gap must shrink with the tick."""
    k, gap = kernel(), []
    for days in (0.5, 0.25):
        ends = []
        for parts in (1, 2):
            setting = country()
            setting = type(setting)(**{**vars(setting), "days": days / parts})
            seen: dict[str, Any] = {"kernel": k, "turnout": [20_000.0, 0, 0], "local": 1.0, "reach": 0.4, "aware": 0.3}
            for _ in range(parts):
                seen.update(rule("contagion", seen, changes=SPREADING, setting=setting).columns)
            ends.append(seen["aware"][0])
        gap.append(abs(ends[0] - ends[1]))
    assert gap[1] < 0.3 * gap[0]


TACTICAL = {
    "tactics.strike_reluctance": 0.7, "tactics.occupy_reluctance": 1.1, "tactics.strike_exposure": 0.5,
    "tactics.occupy_exposure": 1.3, "tactics.night": 0.2,
}  # fmt: skip


def test_tactics_are_open_to_those_who_can_use_them() -> None:
    """Else children would march, clerks strike oil wells, and crowds occupy offices behind police lines."""
    gamma = rule("tactics", {"control": [0, 1, 2]}, changes=TACTICAL).add["gamma"][:, :, 0, :]
    closed = gamma <= -1000
    assert closed[:, 0].all(), "minors"
    assert not closed[:, 1:, 0].any(), "everybody else may march"
    assert np.array_equal(closed[:, 1:, 1], [[False, True]] * 3), "workers may strike"
    assert np.array_equal(closed[:, 1, 2], [True, False, False]), "occupation needs a place that is not held"
    assert gamma[1, 1] == pytest.approx([0.0, -0.7, -1.1])


def test_tactics_differ_in_what_they_risk() -> None:
    """Else repression could not push people from one tactic to another."""
    rho = np.asarray(rule("tactics", {}, changes=TACTICAL).times["rho"]).ravel()
    assert rho == pytest.approx([1.0, 0.5, 1.3])


@pytest.mark.parametrize(("hour", "marching"), [(17.0, 1.0), (5.0, 0.2), (11.0, 0.6), (23.0, 0.6)])
def test_streets_fill_in_the_afternoon(hour: float, marching: float) -> None:
    """Else police would meet the same crowd at five in the morning as at five in the afternoon."""
    columns = rule("tactics", {}, changes=TACTICAL, clock=Clock(0, 0.0, hour)).columns
    assert columns["presence"] == pytest.approx([marching, 0.0, 1.0])
