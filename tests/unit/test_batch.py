"""Many worlds in one step: each is the world that it is alone, whatever becomes of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tocsin.engine.run import Loop, simulate, simulate_all
from tocsin.errors import PlanError, RunError
from tocsin.results.record import Run
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.world.build import World

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
FALLS = {"loyalty.attachment": -5.0, "loyalty.slope": 0.0, "loyalty.rate": 4.0}
TICKS = 20
TOWER = '''"""Grows beyond all bounds from some day on."""

import numpy as np

from tocsin.declare import Column, Mechanism, Param, fixed
from tocsin.state import Effect


class Tower(Mechanism):
    """A coefficient of any size."""

    number = "X1"
    name = "tower"
    summary = "a coefficient of any size"
    phase = "coefficients"
    params = (
        Param("height", fixed(0.0), "log-odds", 0.0, 1e12, "assumed", "How high it grows."),
        Param("day", fixed(0.0), "days", 0.0, 99.0, "assumed", "Until when it is not there."),
    )
    columns = (Column("storey", "place", "people", "Who looks out of it."),)
    reads = ("turnout",)
    sets = ("gamma", "rate", "kill")

    def rule(self, see):
        """gamma += height."""
        return Effect(add={"gamma": see.p["height"] * (see.clock.day >= see.p["day"])})
'''
RULE = TOWER.splitlines()[-1].strip()


def small(**changes: Any) -> Scenario:
    """Five days in a country of two places."""
    return load(GOLDEN / "base.toml").vary({"people_per_agent": 5, "days": 5, **changes})


def with_tower(folder: Path, rule: str = RULE) -> Scenario:
    """The same with the mechanism above, or with another rule in it."""
    path = folder / "tower.py"
    path.write_text(TOWER.replace(RULE, rule), encoding="utf-8")
    return load(GOLDEN / "base.toml", str(path)).vary({"people_per_agent": 5, "days": 5})


def bits(run: Run | RunError) -> dict[str, Any]:
    """All of a run but the time that it took."""
    assert isinstance(run, Run), run
    return {**run.head(), "seconds": 0.0, "people": run.state_digests.tobytes()}


def alone(world: World) -> dict[str, Any]:
    """The run of this world by itself."""
    return bits(simulate(*world))


@pytest.mark.parametrize("threads", [1, 3])
def test_a_world_in_company_is_the_world_alone(threads: int) -> None:
    """If it failed, a run would depend on its batch, its row or its threads, and nobody could make it again."""
    base = small()
    changes: list[dict[str, Any]] = [
        {"drop_kinds": "trigger"}, {"law.noise": 0.2}, {"information.openness": 0.9, "intervention.signal": False},
        {"policy.government": "free from 2 days"}, {"place.Capital.seat": 0.6, "place.Port.seat": 0.4},
    ]  # fmt: skip
    worlds = [World(base, 1, 1), World(base, 1, 2), World(base, 2, 2), *(World(base.vary(c), 2, 2) for c in changes)]
    assert len({world.scenario.layout for world in worlds}) == 1
    wanted = [alone(world) for world in worlds]
    assert len({w["people"] for w in wanted}) > 4
    assert [bits(run) for run in simulate_all(worlds, threads=threads)] == wanted
    assert [bits(run) for run in simulate_all(worlds[::-1], threads=threads)] == wanted[::-1]


@pytest.mark.parametrize("day", [0.0, 2.5])
def test_one_bad_world_is_set_aside(day: float, tmp_path: Path) -> None:
    """If it failed, one extreme draw would end a whole batch, or bend the worlds that are stepped beside it."""
    scenario = with_tower(tmp_path)
    bad = World(scenario.vary({"tower.height": 1e9, "tower.day": day}), 6, 13)
    good = [World(scenario, 6, 13), World(scenario, 2, 3), World(scenario.vary({"tower.height": 1.0}), 4, 5)]
    made = simulate_all([good[0], bad, *good[1:]])
    fault = made.pop(1)
    assert isinstance(fault, RunError)
    assert fault.found == "draw 6, seed 13: the coefficient gamma left its range"
    assert [bits(run) for run in made] == [alone(world) for world in good]
    with pytest.raises(RunError, match="gamma left its range"):
        simulate(*bad)


@pytest.mark.parametrize(
    "effect",
    [
        'add={"gamma": see["turnout"][0]}', 'add={"gamma": see.p["height"][:, 0]}', 'add={"gamma": np.zeros((3, 1))}',
        'times={"rate": np.ones(len(see["turnout"]))}', 'fate={"kill": np.zeros((3, 2, 1, 8))}',
        'columns={"storey": see["turnout"][0]}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("worlds", [1, 2])
def test_numbers_without_an_axis_of_worlds_are_refused(effect: str, worlds: int, tmp_path: Path) -> None:
    """If it failed, a town of one world would be moved by what is felt in another: two towns here, and two worlds."""
    scenario = with_tower(tmp_path, f"return Effect({effect})")
    with pytest.raises(PlanError, match=r"tower gives (gamma|rate|kill|storey) an array of shape") as refused:
        simulate_all([World(scenario, 1, seed) for seed in range(worlds)])
    assert "a leading axis of worlds" in str(refused.value)


def ending() -> list[World]:
    """Two worlds that end, on different days, among two that go on."""
    early, late = (small(**FALLS, **{"outcome.collapse": days}) for days in (1.0, 2.0))
    return [World(small(), 1, 1), World(early, 1, 2), World(late, 1, 3), World(small(), 1, 4)]


def test_worlds_that_end_leave_and_change_nothing_for_the_rest() -> None:
    """If it failed, a fall in one world would shift the people, the script or the luck of another."""
    worlds = ending()
    loop, there = Loop.of(worlds), set[tuple[int, ...]]()
    for tick in range(TICKS):
        loop.step(tick)
        there.add(tuple(loop.home.rows.tolist()))
    loop.close()
    assert (0, 1, 2, 3) in there
    assert (0, 3) in there
    assert len(there) == 3, "one after the other"
    assert [bits(run) for run in loop.finished(0.0)] == [alone(world) for world in worlds]


def test_societies_abroad_go_on_where_home_has_ended() -> None:
    """If it failed, neighbours of a country that fell would stand still, or live on in the luck of other worlds."""
    league = load(GOLDEN / "states.toml").vary({"people_per_agent": 20, "days": 4})
    worlds = [World(league, 1, 1), World(league.vary({**FALLS, "outcome.collapse": 1.0}), 1, 2), World(league, 1, 3)]
    loop = Loop.of(worlds)
    loop.go()
    loop.close()
    assert [course.rows.tolist() for course in loop.courses] == [[0, 2], [0, 1, 2]]
    assert [bits(run) for run in loop.finished(0.0)] == [alone(world) for world in worlds]


def test_ticks_are_told_until_the_last_story_is_over() -> None:
    """If it failed, progress would jump or stop short, or a batch in which all is over would go on for days."""
    told: list[int] = []
    simulate_all(ending(), ticked=told.append)
    assert told == list(range(1, TICKS + 1))
    told.clear()
    runs = simulate_all(ending()[1:3], ticked=told.append)
    last = max(run.outcome.day for run in runs if isinstance(run, Run))
    assert told == list(range(1, round(4 * last) + 1))
    assert len(told) < TICKS
