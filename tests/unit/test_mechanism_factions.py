"""M18: organised groups and the organisation of the movement, on numbers done by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, act, country, full, league, see
from tocsin.engine.compose import compose
from tocsin.state import AIMS, Clock, Effect

TAKEN = {
    "law.noise": 0.05, "factions.drive": 1.5, "factions.call": 25.0, "factions.prominence": 10.0,
    "factions.estrangement": 0.6,
    "factions.framing": 0.4, "factions.mass": 1e-3, "factions.growth": 0.1, "factions.decay": 0.02,
    "factions.breaking": 1.5, "factions.staying": 0.5, "factions.endurance": 1e9,
}  # fmt: skip
SETTING = league()  # a group that joins in Aral from day 0, one that hijacks in Bora from 1, one that provokes in Cedar
JOIN, HIJACK, PROVOKE = 3, 4, 5
CROWD: dict[str, Any] = {"turnout": [1_000.0, 600.0, 200.0], "reach": [0.4, 0.2, 0.1]}
LATE = Clock(40, 10.0, 15.0)
ACTIVE, QUIET_OR_FORMER = slice(1, 4), [0, 4]


def rule(columns: dict[str, Any], *, changes: dict[str, float] | None = None, **how: Any) -> Effect:
    """One tick in the league's home, with all groups in action."""
    how = {"setting": SETTING, "clock": LATE, **how}
    return act("factions", columns, changes={**TAKEN, **(changes or {})}, **how)


def gamma(effect: Effect) -> Any:
    """Change of log-odds by place and segment."""
    return effect.add["gamma"][:, :, 0, 0]


def test_without_groups_and_organisation_nothing_is_touched() -> None:
    """If it failed, a run without factions would differ from one without this mechanism, in bits."""
    watch = see("factions", CROWD, changes=TAKEN, clock=LATE, on={"organisation": False})
    effect = BY_NAME["factions"].rule(watch.view)
    other = Effect(add={"gamma": np.full((1, 3), -7.3)}, times={"rate": np.full((1, 3), 0.31)})
    with_it, without = full(compose([other, effect])), full(compose([other]))
    for name, value in without.items():
        assert value.tobytes() == with_it[name].tobytes(), name
    assert not effect.columns["organisation"].any()
    assert not effect.columns["armed"].any()


def test_groups_switched_off_are_ordinary_people() -> None:
    """If it failed, a variant without a group would keep its effects: all aims off is as if nobody were organised."""
    off = dict.fromkeys((*AIMS, "organisation"), False)
    effect = rule({**CROWD, "organisation": 0.0}, on=off)
    assert not gamma(effect).any()
    assert (effect.times["rate"] == 1.0).all()
    assert not effect.columns["members"].any()


def test_members_act_from_their_day_on_and_not_before() -> None:
    """If it failed, a band that came on the fourth day would be in the street on the first."""
    for day, acting in ((0.0, [1, 0, 0]), (0.75, [1, 0, 0]), (1.0, [1, 1, 0]), (2.5, [1, 1, 1])):
        effect = rule(CROWD, clock=Clock(round(day * 4), day, 15.0))
        driven = [gamma(effect)[p, s] == pytest.approx(30.0) for p, s in enumerate((JOIN, HIJACK, PROVOKE))]
        assert driven == [bool(a) for a in acting]
        assert list(effect.columns["members"]) == pytest.approx(
            [a * n for a, n in zip(acting, (300, 60, 20), strict=True)]
        )
        called = [effect.times["rate"][p, s, 0] == pytest.approx(25.0) for p, s in enumerate((JOIN, HIJACK, PROVOKE))]
        assert called == driven


def test_only_the_group_itself_is_driven() -> None:
    """If it failed, everybody of a place, or the same segment elsewhere, would follow a group's call."""
    driven = gamma(rule(CROWD)) > 20.0
    assert driven.sum() == 3
    assert driven[0, JOIN]
    assert driven[1, HIJACK]
    assert driven[2, PROVOKE]


def test_members_drift_away() -> None:
    """If it failed, a few armed people would hold a city for ever, long after the crowd has gone home."""
    effect = rule(CROWD, changes={"factions.endurance": 5.0})
    left = np.exp(-(10.0 - np.array([0.0, 1.0, 2.5])) / 5.0)
    assert effect.columns["members"] == pytest.approx(np.array([300, 60, 20]) * left, rel=1e-5)
    own = gamma(effect)[[0, 1, 2], [JOIN, HIJACK, PROVOKE]]
    assert own == pytest.approx(30.0 * left, rel=1e-5)
    assert effect.times["rate"][[0, 1, 2], [JOIN, HIJACK, PROVOKE], 0] == pytest.approx(1 + 24 * left, rel=1e-5)


def test_a_group_loses_members_with_its_place() -> None:
    """If it failed, a band would stay whole while all around it are arrested or killed."""
    harm = {**CROWD, "former": [400.0, 0.0, 0.0], "killed": [100.0, 0.0, 0.0], "in_custody": [500.0, 200.0, 0.0]}
    effect = rule(harm)
    assert effect.columns["members"] == pytest.approx([300 * 0.7, 60 * 0.75, 20.0])
    assert effect.columns["armed"] == pytest.approx([0.0, 60 * 0.75, 0.0])
    assert effect.columns["provokers"] == pytest.approx([0.0, 0.0, 20.0]), "who provokes needs no arms"


def test_nobody_is_counted_as_armed_and_as_a_provoker() -> None:
    """If it failed, one armed provoker would weigh like two people where a government counts whom to fear."""
    for arms, armed, provokers in (((1, 1, 1), [300, 60, 20], [0, 0, 0]), ((0, 0, 0), [0, 0, 0], [0, 0, 20])):
        setting = replace(SETTING, factions=replace(SETTING.factions, armed=np.array(arms, np.bool_)))
        columns = rule(CROWD, setting=setting).columns
        assert columns["armed"] == pytest.approx(armed)
        assert columns["provokers"] == pytest.approx(provokers)
    marks = [gamma(rule(CROWD, setting=s, on={"hijack": False}))[2, 0] for s in (SETTING, setting)]
    assert marks[0] == marks[1] != 0, "with or without arms, a provocation is one"


def test_arms_count_where_they_are_and_only_in_action() -> None:
    """If it failed, unarmed marchers would weigh like a band with rifles, or a band that has not come yet."""
    armed = replace(SETTING, factions=replace(SETTING.factions, armed=np.array([True, False, False])))
    assert rule(CROWD, setting=armed).columns["armed"] == pytest.approx([300, 0, 0])
    assert rule(CROWD, setting=armed, clock=Clock(0, 0.0, 15.0)).columns["armed"] == pytest.approx([300, 0, 0])


def test_a_joining_group_leaves_the_others_as_they_are() -> None:
    """If it failed, people who merely join would repel, or attract, everybody else."""
    alone = gamma(rule(CROWD, on={"hijack": False, "provoke": False}))
    assert alone[0, JOIN] == pytest.approx(1.5 / 0.05)
    assert not np.delete(alone.ravel(), JOIN).any()


@pytest.mark.parametrize("estrangement", [0.6, -0.6])
def test_a_hijacked_crowd_loses_the_others(estrangement: float) -> None:
    """If it failed, a band could take over a crowd without narrowing it; nor may the sign be built in."""
    change = {"factions.estrangement": estrangement}
    others = gamma(rule(CROWD, changes=change, on={"provoke": False}))[1, :3]
    assert others == pytest.approx([-estrangement * (1 - math.exp(-10 * 60 / 600))] * 3)


def test_a_band_marks_a_small_crowd_more_than_a_large_one() -> None:
    """If it failed, sixty people would colour a march of a million as they do one of six hundred."""
    falls = [-gamma(rule({**CROWD, "turnout": n}))[1, 0] for n in (60.0, 600.0, 60_000.0)]
    assert falls[0] > falls[1] > 10 * falls[2] > 0


@pytest.mark.parametrize("framing", [0.4, -0.4])
def test_a_provocation_is_seen_in_its_place_and_elsewhere_as_far_as_news_carries(framing: float) -> None:
    """If it failed, provocations would move only those who stand there, or all alike; nor may the sign be built in."""
    others = gamma(rule(CROWD, changes={"factions.framing": framing}, on={"hijack": False}))[:, 0]
    mark = 1 - math.exp(-10 * 20 / 200)
    assert others == pytest.approx(framing * mark * np.array([0.4, 0.2, 1.0]))


def grown(days: float, whole: float, columns: dict[str, Any], **how: Any) -> Any:
    """Organisation after `whole` days in ticks of `days`, while crowd and harm stay as they are."""
    columns, setting = dict(columns), replace(country(), days=days)
    for _ in range(round(whole / days)):
        columns.update(rule(columns, setting=setting, **how).columns)
    return columns["organisation"]


@pytest.mark.parametrize("days", [0.25, 0.0625])
def test_a_mass_movement_organises_within_weeks(days: float) -> None:
    """If it failed, movements would be organised at once, or never, or by the length of a tick."""
    turnout = country().population * 1e-3
    stock = grown(days, 5.0, {"turnout": turnout})
    up, down = 0.1 * 0.5, 0.02
    assert stock == pytest.approx([up / (up + down) * (1 - math.exp(-(up + down) * 5))] * 3)


def test_organisation_fades_without_a_crowd_and_breaks_under_arrests() -> None:
    """If it failed, repression of a group would be no more than the risk to each of its people."""
    faded = grown(0.25, 5.0, {"organisation": 0.6})
    broken = grown(0.25, 5.0, {"organisation": 0.6, "in_custody": 300.0, "former": 700.0})
    assert faded == pytest.approx([0.6 * math.exp(-0.02 * 5)] * 3)
    assert broken == pytest.approx([0.6 * math.exp(-(0.02 + 1.5 * 0.3) * 5)] * 3)


def test_those_who_join_bring_their_organisation() -> None:
    """If it failed, an organised group in the crowd would leave it as loose as it was."""
    with_them = rule(CROWD).columns["organisation"]
    without = rule(CROWD, on={"join": False}).columns["organisation"]
    assert with_them[0] > without[0]
    assert with_them[1:] == pytest.approx(without[1:])


def test_an_organised_movement_stays_in_the_street() -> None:
    """If it failed, organisation would do nothing: it has one channel, the rest of active people."""
    effect = rule({**CROWD, "organisation": [1.0, 0.5, 0.0]})
    rate, stock = effect.times["rate"][:, 0], effect.columns["organisation"]
    assert stock == pytest.approx([1.0, 0.5, 0.0], abs=0.02)
    assert rate[:, ACTIVE] == pytest.approx(np.repeat(1 - 0.5 * stock[:, None], 3, axis=1))
    assert (rate[:, QUIET_OR_FORMER] == 1.0).all()
    off = rule({**CROWD, "organisation": [1.0, 0.5, 0.0]}, on={"organisation": False})
    assert (off.times["rate"][:, 0] == 1.0).all()


def test_shares_stay_shares() -> None:
    """If it failed, a stock of organisation could leave [0, 1], or a group be larger than it is."""
    for turnout in (0.0, 1.0, 5_000.0, 40_000.0):
        for harm in (0.0, 10.0, 40_000.0):
            seen = {**CROWD, "turnout": turnout, "killed": harm, "in_custody": harm, "organisation": [0.0, 0.5, 1.0]}
            columns = rule(seen, changes={"factions.breaking": 50.0, "factions.growth": 5.0}).columns
            assert ((columns["organisation"] >= 0) & (columns["organisation"] <= 1)).all()
            assert (columns["members"] <= SETTING.factions.size).all()
            assert (columns["members"] >= 0).all()
