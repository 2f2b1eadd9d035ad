"""M16: what a society makes of its own soldiers abroad, on numbers done by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import act, league
from tocsin.state import Effect

TAKEN = {
    "sending.backlash": 0.1, "sending.framing": -0.05, "sending.learning": 2.0, "sending.fading": 10.0,
    "information.openness": 0.4,
}  # fmt: skip
ABROAD = league(own=1)
PEOPLE = float(ABROAD.population.sum())
SENT = {"deployed": [0.0, 500.0, 90.0, 0.0, 0.0], "reach": [0.4, 0.2, 0.0]}
SIZE = math.log(1 + 1e6 * 500 / PEOPLE)


def rule(columns: dict[str, Any], *, changes: dict[str, float] | None = None, **how: Any) -> Effect:
    """One tick in the patron's society, or in the setting given."""
    how = {"setting": ABROAD, **how}
    return act("sending", columns, changes={**TAKEN, **(changes or {})}, **how)


def test_home_takes_no_notice_of_its_own_mission() -> None:
    """If it failed, the country that receives troops would react to them as a sender; its backlash is M15's."""
    effect = rule({**SENT, "deployed": 500.0, "mission": 0.0, "frame": 1.0}, setting=league())
    assert not np.asarray(effect.add["gamma"]).any()
    assert not effect.columns["mission"].any()


def test_without_soldiers_abroad_nobody_stirs() -> None:
    """If it failed, a state would be moved by a mission that it does not take part in."""
    effect = rule({**SENT, "deployed": [0.0, 0.0, 90.0, 10.0, 0.0], "frame": 1.0})
    assert not effect.add["gamma"].any()
    assert not effect.columns["mission"].any()


def test_people_learn_of_the_mission_as_far_as_media_show_it() -> None:
    """If it failed, censorship in a sending state could not keep a deployment from its people."""
    mission = rule(SENT).columns["mission"]
    assert mission == pytest.approx(SIZE * np.array([0.4, 0.2, 0.0]) * (1 - math.exp(-0.25 / 2)))


def test_state_messaging_shows_the_mission_and_colours_it() -> None:
    """If it failed, soldiers shown as peacekeepers would be known, or judged, as if nobody had shown them."""
    effect = rule({**SENT, "frame": 0.5})
    mission = SIZE * (np.array([0.4, 0.2, 0.0]) + 0.5 * 0.6) * (1 - math.exp(-0.25 / 2))
    assert effect.columns["mission"] == pytest.approx(mission)
    assert effect.add["gamma"].ravel() == pytest.approx((0.1 - 0.05 * 0.5) * mission)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_mission_may_anger_or_rally(sign: float) -> None:
    """If it failed, the construction would decide whether the senders' people turn against the mission."""
    effect = rule(SENT, changes={"sending.backlash": sign * 0.1, "sending.framing": 0.0})
    assert (np.sign(effect.add["gamma"].ravel()) == [sign, sign, 0.0]).all()


def test_a_larger_mission_weighs_more_but_not_in_proportion() -> None:
    """If it failed, ten times the soldiers would bring no more unrest, or ten times as much."""
    some, many = (rule({**SENT, "deployed": n}).add["gamma"].ravel()[0] for n in (500.0, 5_000.0))
    assert some < many < 10 * some


def test_the_mission_is_forgotten_once_it_is_over() -> None:
    """If it failed, soldiers who came home would stir their country for ever, or be forgotten in an hour."""
    over = {**SENT, "deployed": 0.0, "mission": [1.0, 0.5, 0.0]}
    assert rule(over).columns["mission"] == pytest.approx(np.array([1.0, 0.5, 0.0]) * math.exp(-0.25 / 10))


@pytest.mark.parametrize("days", [0.25, 0.0625])
def test_learning_takes_days_whatever_the_tick(days: float) -> None:
    """If it failed, the length of a tick would decide how fast a country hears of its own soldiers."""
    setting, columns = replace(ABROAD, days=days), dict(SENT)
    for _ in range(round(2.0 / days)):
        columns.update(rule(columns, setting=setting).columns)
    assert columns["mission"] == pytest.approx(SIZE * np.array([0.4, 0.2, 0.0]) * (1 - math.exp(-1.0)))


def test_each_channel_can_be_switched_off_alone() -> None:
    """If it failed, a contrast of the mission's effect with the messaging's effect would mix the two."""
    framed = {**SENT, "frame": 1.0, "mission": 0.3}
    quiet = rule(framed, on={"frame": False})
    assert quiet.add["gamma"] == pytest.approx(rule({**framed, "frame": 0.0}).add["gamma"])
    coloured = rule(framed, on={"mission": False})
    assert coloured.add["gamma"] == pytest.approx(rule(framed, changes={"sending.backlash": 0.0}).add["gamma"])
    neither = rule(framed, on={"mission": False, "frame": False})
    assert not neither.add["gamma"].any()
