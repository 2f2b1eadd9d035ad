"""How it ends: every path of the fall rule, its clocks, and that an end is an end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.small import BY_NAME, act, country, see
from tocsin.mechanisms.outcome import FALLEN_STREET, FALLEN_UNITS, RULER_LEFT, STANDING, WAR
from tocsin.state import Clock

RULE = {"outcome.collapse": 1.0, "outcome.seat_needed": 0.5, "outcome.loyal_floor": 0.5, "outcome.war_share": 0.2}
CALM = {"control": 0.0, "loyal": 1.0, "turnout": 0.0}


def after(ticks: int, *scenes: dict[str, Any], hours: float = 6.0) -> list[dict[str, Any]]:
    """The columns after each of some ticks; the scenes last as long as there are, then the last one stays."""
    columns: dict[str, Any] = dict(CALM)
    setting = country()
    setting = type(setting)(**{**vars(setting), "days": hours / 24})
    kept = []
    for tick in range(ticks):
        columns.update(scenes[min(tick, len(scenes) - 1)])
        clock = Clock(tick, tick * setting.days, 12.0)
        found = act("outcome", columns, setting=setting, changes=RULE, clock=clock).columns
        columns.update(found)
        kept.append({name: value.item() for name, value in found.items()})
    return kept


def ends(kept: list[dict[str, Any]]) -> list[float]:
    return [k["end"] for k in kept]


SCENES = [
    ({"control": [2, 0, 0], "turnout": 9_000}, FALLEN_STREET),
    ({"loyal": [0.2, 1.0, 1.0]}, FALLEN_UNITS),
    ({"resisting": 0.2}, WAR),
]


@pytest.mark.parametrize(("scene", "end"), SCENES)
def test_regimes_end_when_their_clock_has_run(scene: dict[str, Any], end: float) -> None:
    """Else a bad afternoon would be a revolution, or a lost capital never one: here one day, four ticks."""
    kept = after(6, scene)
    assert ends(kept) == [STANDING] * 3 + [end] * 3
    assert [k["end_day"] for k in kept] == [-1, -1, -1, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(("scene", "end"), SCENES)
def test_a_break_starts_the_clock_again(scene: dict[str, Any], end: float) -> None:
    """Else hours of weakness weeks apart would add up to a fall."""
    breath = {**CALM, "resisting": 0.0}
    kept = after(8, scene, scene, scene, breath, {**breath, **scene})
    assert ends(kept) == [STANDING] * 7 + [end]


@pytest.mark.parametrize(
    "scene", [{"control": [1, 2, 2]}, {"loyal": [0.3, 1.0, 0.0]}, {"resisting": 0.19}, {"turnout": 1e6}]
)
def test_what_does_not_suffice_does_not_suffice(scene: dict[str, Any]) -> None:
    """Else a regime would fall without losing its seat, its staff or its ruler."""
    assert set(ends(after(12, scene))) == {STANDING}, "the first place holds 0.7 of the seat, the second 0.3"


def test_insiders_end_it_at_once() -> None:
    """Else a removed ruler would rule on; and his removal is not the end of the regime."""
    assert ends(after(2, {"removed": 1.0})) == [RULER_LEFT] * 2


def test_ends_are_final() -> None:
    """Else a fallen regime would be counted as surviving because the streets are quiet afterwards."""
    collapse = {"control": [2, 2, 2], "loyal": 0.0, "resisting": 1.0}
    for later in (collapse, {**CALM, "removed": 0.0}):
        kept = after(12, {"removed": 1.0}, later)
        assert set(ends(kept)) == {RULER_LEFT}
        assert {k["end_day"] for k in kept} == {0.25}


def test_street_goes_before_units_before_elites_before_war() -> None:
    """Else one run would have two ends, and the table of paths would not add up."""
    all_at_once = {"control": [2, 2, 2], "loyal": 0.0, "resisting": 1.0}
    assert ends(after(4, all_at_once))[-1] == FALLEN_STREET
    assert ends(after(4, {**all_at_once, "control": 0.0}))[-1] == FALLEN_UNITS
    view, clocks = see("outcome", {"removed": 1.0}).view, {"seat_lost": 0.0, "seat_empty": 0.0, "at_war": 9.0}
    assert BY_NAME["outcome"].ending(view, clocks, 1.0) == RULER_LEFT  # type: ignore[attr-defined]


def test_order_needs_a_day_without_crowds_or_lost_places() -> None:
    """Else order would count as restored between two demonstrations, or from a day later than the calm began."""
    kept = after(9, {"turnout": [100.0, 30.0, 0.0]}, {"turnout": 0.0, "control": [0, 0, 1]}, CALM)
    assert [k["order_day"] for k in kept] == [-1] * 5 + [0.5] * 4
    assert kept[0]["calm"] == 0, "130 of 1,250,000 people are more than one in ten thousand"
    again = after(9, *[CALM] * 5, {"turnout": 5_000.0})
    assert [k["order_day"] for k in again] == [-1] * 3 + [0.0] * 2 + [-1] * 4
    returned = after(16, CALM, CALM, CALM, CALM, {"turnout": 5_000.0}, CALM)
    assert [k["order_day"] for k in returned] == [-1] * 3 + [0.0] + [-1] * 4 + [1.25] * 8


@pytest.mark.parametrize("hours", [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0])
def test_a_day_is_a_day_in_ticks_of_any_length(hours: float) -> None:
    """Else rounding would end a regime one tick late where ticks are not a binary part of a day."""
    ticks = round(24 / hours)
    kept = after(ticks + 1, {"control": [2, 0, 0]}, hours=hours)
    assert ends(kept)[ticks - 1] == FALLEN_STREET
    for busy in (0, 1, 2):
        days = [k["order_day"] for k in after(busy + ticks + 1, *[{"turnout": 1e4}] * busy, CALM, hours=hours)]
        assert days[: busy + ticks - 1] == [-1] * (busy + ticks - 1)
        assert days[busy + ticks - 1 :] == pytest.approx([busy * hours / 24] * 2, abs=1e-9)
