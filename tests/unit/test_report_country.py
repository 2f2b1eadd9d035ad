"""The report on places and states: maps with and without outlines, and what other states do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.unit.reported import UNITS, Result, make_result, make_run, make_scenario, read
from tocsin.report import abroad as states
from tocsin.report import figures, maps, outlines, page, svg, tables, words
from tocsin.report.gather import gather
from tocsin.results.record import ABROAD_SERIES, Run
from tocsin.scenario.parts import Event, Faction, Place, State


@pytest.fixture(scope="module")
def result() -> Result:
    """Twenty pairs of runs of a small country."""
    return make_result(make_scenario())


def test_shapes_and_dots_cover_every_place() -> None:
    """A city that shares its region's outline, or is too small to see, would be missing from the map."""
    scenario = make_scenario()
    square = [[(60.0, 40.0), (80.0, 40.0), (80.0, 50.0), (60.0, 50.0), (60.0, 40.0)]]
    speck = [[(76.9, 43.2), (76.95, 43.2), (76.95, 43.25), (76.9, 43.2)]]
    outline = outlines.layout(scenario, {"KZ-SK": square, "KZ-AC": speck})
    assert outline.shapes == {"Turkistan": "KZ-SK"}
    assert set(outline.dots) == {"Almaty city", "Mangystau"}
    bare = outlines.layout(scenario, {})
    assert set(bare.dots) == {p.name for p in scenario.places}
    assert all(0 <= x <= outlines.WIDTH and 0 <= y <= bare.height for x, y in bare.dots.values())


def test_boundaries_are_found_by_their_code() -> None:
    """A country would be drawn as dots although its outline is shipped, or with another country's outline."""
    mixed = make_scenario(
        (("Almaty city", "KZ-AC", 43.2, 76.9), ("Brest", "BY-BR", 52.1, 23.7), ("Sea", "", 40.0, 50.0))
    )
    assert set(outlines.boundaries(mixed)) == {"KZ-AC", "BY-BR"}
    assert outlines.boundaries(make_scenario((("Nowhere", "XX-YY", 1.0, 1.0),))) == {}
    assert outlines.boundaries(make_scenario((("Nowhere", "", 1.0, 1.0),))) == {}


TOWNS = (
    ("Berlin", "", 52.52, 13.40),
    ("Potsdam", "", 52.40, 13.06),
    ("Halle", "", 51.48, 11.97),
    ("Leipzig", "", 51.34, 12.37),
    ("Gera", "", 50.88, 12.08),
    ("Karl-Marx-Stadt", "", 50.83, 12.92),
    ("Rostock", "", 54.09, 12.14),
)


def test_names_beside_dots_do_not_collide() -> None:
    """On a map without outlines two towns would be printed over each other, and neither could be read."""
    scenario = make_scenario(TOWNS)
    outline = outlines.layout(scenario, {})
    assert outline.bare
    names = maps.beside(outline)
    boxes = []
    for name, (x, y, anchor) in names.items():
        wide = maps.LETTER * len(name)
        left = x - figures.LEANS[anchor] * wide
        assert 0 <= left <= left + wide <= outlines.WIDTH
        boxes.append((left, y - 8.0, left + wide, y + 2.0))
    assert {"Berlin", "Potsdam", "Leipzig", "Rostock"} <= names.keys()
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in pairs)
    world = gather("w", scenario, lambda: iter([make_run(scenario, 0)]))
    assert " km</text>" in maps.chart(outline, world, 0, names=True)
    assert " km</text>" not in maps.chart(outline, world, 0)


def test_one_place_can_be_drawn() -> None:
    """A country of one place would be a drawing of no size, or of an endless one."""
    outline = outlines.layout(make_scenario(TOWNS[:1]), {})
    assert 0 < outline.height < outlines.WIDTH
    assert outline.scale < 1e6


@pytest.mark.parametrize(("days", "change"), [(12.0, 3), (60.0, 3), (60.0, 50), (5.0, 2)])
def test_days_shown_reach_what_changes(days: float, change: int) -> None:
    """A place that is lost on day 50 would be lost after the last map."""
    scenario = make_scenario(days=days)
    world = gather("w", scenario, lambda: iter([make_run(scenario, 0)]))
    held = np.zeros_like(world.held)
    held[change:] = 1.0
    shown = maps.days_shown([replace(world, held=held, contested=np.zeros_like(held))])
    assert len(shown) <= maps.DAYS
    assert shown[0] == 0
    assert change <= shown[-1] + shown.step
    assert shown[-1] < len(held)
    data = json.loads(maps.slider_data([replace(world, held=held, contested=np.zeros_like(held))]))
    assert data["begin"] == change


STATES = tuple(
    State(name, role, 1.0, "leader", troops, 500.0, 12.0, 0.5, 0.5, places, {}, 10)
    for name, role, troops, places in (
        ("Decider", "member", 150.0, ()),
        ("Sender", "patron", 2000.0, (Place("Big city", 1_000_000, 55.0, 37.0, "", 1.0, 9000.0, 2.5, (1.0,), ()),)),
    )
)


def with_states(result: Result) -> Result:
    """The result with two other states: one decides only; one has people, of whom 500 act, and sends 2,000 soldiers."""

    def reader(old: Callable[[], Iterator[Run]], sends: bool) -> Callable[[], Iterator[Run]]:
        return lambda: (abroad(run, sends) for run in old())

    worlds = tuple(
        (title, replace(world, home="Home", states=STATES), reader(read_runs, i == 0))
        for i, (title, world, read_runs) in enumerate(result.worlds)
    )
    return replace(result, scenario=worlds[0][1], worlds=worlds)


def abroad(run: Run, sends: bool) -> Run:
    """A run with the series of the states, in an order of its own."""
    series = {name: np.zeros((len(run.state_digests), 3), np.int64) for name in ABROAD_SERIES}
    series["turnout"][8:, 1] = 500
    series["deployed"][20:40, 1] = 2000 * sends
    series["end"][-1, 1] = 3 * (run.draw % 2)
    return replace(run, states=("Home", "Sender", "Decider"), abroad=series)


def test_other_states_are_told(result: Result) -> None:
    """Unrest in a sending state, or the troops that it sent, would be put down to another one or not be shown."""
    given = with_states(result)
    worlds = [gather(*w) for w in given.worlds]
    assert worlds[0].states == ("Home", "Decider", "Sender")
    rows = {name: cells for name, _, _, cells in states.table(worlds)}
    assert rows["Sender"][:3] == ["50", "0", "2,000"]
    assert rows["Sender"][3].startswith("50")
    assert rows["Sender"][6] == "0"
    assert rows["Decider"] == [svg.TO, svg.TO, "0", svg.TO] * 2
    assert [name for name, _ in states.societies(worlds)] == ["Home", "Sender"]
    assert [name for name, _ in states.troops(worlds)] == ["Sender"]
    text = page.render(given)
    assert 'id="states"' in text
    assert "decides only" in text
    assert {what for _, _, what in states.columns(worlds)} == set(states.METRICS)
    outline = read(text)
    assert outline.mute == []
    assert all(after - before <= 1 for before, after in pairwise(outline.levels))


def test_columns_that_no_state_fills_are_left_out(result: Result) -> None:
    """A table of states that only decide would be a wall of dashes, and its one number hard to find."""
    worlds = [gather(*w) for w in with_states(result).worlds]
    bare = [replace(w, scenario=replace(w.scenario, states=STATES[:1]), states=w.states[:2]) for w in worlds]
    assert [what for _, _, what in states.columns(bare)] == ["troops sent"] * 2
    assert [at for at, _, _ in states.columns(bare)] == [2, 6]


def test_runs_without_other_states_say_nothing_of_them(result: Result) -> None:
    """A report of one country would have an empty section on others."""
    assert 'id="states"' not in page.render(result)
    assert states.table([gather(*w) for w in result.worlds]) == []


def test_what_is_unknown_depends_on_the_scenario(result: Result) -> None:
    """The report would deny what the runs contain, or claim what they lack."""

    def heads(**changes: Any) -> list[str]:
        world = gather(*result.worlds[0])
        return [head for head, _ in words.unknown([replace(world, scenario=replace(world.scenario, **changes))])]

    plain = heads()
    assert "The alliance follows the script." in plain
    assert "No organised or armed groups." in plain
    assert "Other societies are absent." in plain
    assert "The outside power is mostly a belief." in plain
    assert "Reported figures are not measurements." in plain
    free = heads(policy={"alliance": 0.0, "government": 0.0}, states=STATES, targets=(), people_per_agent=1)
    assert "The alliance decides by an assumed rule." in free
    assert "The government decides by an assumed rule." in free
    assert "Some states only decide." in free
    assert not {"Reported figures are not measurements.", "Thinning adds noise."} & set(free)
    group = Faction("band", "Mangystau", 30.0, 12.0, True, "provoke")
    assert "Groups are given, not explained." in heads(factions=(group,))
    assert "The alliance follows the script." not in heads(events=())


def test_acts_of_other_states_carry_their_name() -> None:
    """The script would show a member's consent or landing as if home had done it."""
    scenario = replace(make_scenario(), states=STATES, home="Home")
    arrival = Event(104.0, "arrival", ("Almaty city",), 900.0, "", "", "x", "Sender")
    assert tables.where(arrival, scenario) == "Sender: Almaty city"
    assert tables.where(replace(arrival, places=()), scenario) == "Sender"
    assert tables.where(replace(arrival, places=(), state=""), scenario) == "whole country"
    assert tables.where(replace(arrival, places=tuple(n for n, *_ in UNITS)), scenario) == "Sender: every place"


def test_projection_keeps_areas() -> None:
    """Northern regions would look larger than southern ones of the same size."""
    project = outlines.Conic.around([40.0, 56.0], [46.0, 88.0])
    areas = []
    for south in (41.0, 54.0):
        box = [project(x, y) for x, y in ((60, south), (60.1, south), (60.1, south + 0.1), (60, south + 0.1))]
        turns = zip(box, box[1:] + box[:1], strict=True)
        areas.append(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in turns)) / np.cos(np.radians(south + 0.05)))
    assert areas[0] == pytest.approx(areas[1], rel=1e-4)


@pytest.mark.parametrize(("share", "shade"), [(0.0, 0), (0.001, 1), (0.1, 1), (0.11, 2), (1.0, 10)])
def test_shade_of_a_share(share: float, shade: int) -> None:
    """A place lost in one run of a thousand would look as safe as one that never was."""
    assert maps.step(share) == shade
