"""A world never knows which others are stepped with it: the same bytes alone and in any batch, whatever its order."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.test_invariants import STRONG
from tests.property.test_states import DEEDS, HASTY, POLICIES, alliance, numbers
from tocsin.engine.run import simulate, simulate_all
from tocsin.results.record import Run
from tocsin.scenario.declared import switches
from tocsin.scenario.load import load
from tocsin.scenario.parts import Event
from tocsin.scenario.rules import faults_of
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.script import in_order
from tocsin.world.build import World

BATCHES = settings(max_examples=4, derandomize=True, database=None)
SHIFTS = (0.0, 7.0, -13.0, 30.0)
"""Hours by which an event is moved."""
PLACED: dict[str, tuple[dict[str, object], ...]] = {
    "kazakhstan": (
        {"place.Almaty city.garrison": 16_250},
        {"place.Almaty city.seat": 0.5, "place.Nur-Sultan city.seat": 0.5},
    ),
    "alliance": ({"state.Allia.contingent": 250}, {"state.*.similarity": 0.9}, {"alliance.rule": "unanimity"}),
}
"""Numbers of places and states in which worlds that share a layout may differ."""


@cache
def written(name: str, variant: str = "") -> Scenario:
    """A society alone, or one of three, for a few days with few people."""
    if name == "alliance":
        return alliance(variant).vary({"people_per_agent": 500, "tick": 12}, variant=variant)
    return load("kazakhstan-2022").vary({"people_per_agent": 5000, "days": 8}, variant="").world(variant)


@cache
def variants(name: str) -> tuple[str, ...]:
    """The variants that lay out people and units as the scenario itself does."""
    base = written(name)
    return ("", *(v for v in base.variants if written(name, v).layout == base.layout))


@st.composite
def scripts(draw: st.DrawFn, scenario: Scenario, deeds: bool) -> tuple[Event, ...]:
    """The script with some events dropped, some moved, and some added that another file would have."""
    gone = draw(st.sets(st.integers(0, len(scenario.events) - 1), max_size=2))
    moved = draw(st.dictionaries(st.integers(0, len(scenario.events) - 1), st.sampled_from(SHIFTS), max_size=2))
    kept = [
        replace(e, hours=max(0.0, e.hours + moved.get(i, 0.0)))
        for i, e in enumerate(scenario.events)
        if i not in gone
    ]  # fmt: skip
    return in_order((*kept, *(draw(st.lists(DEEDS, max_size=2)) if deeds else ())))


@st.composite
def worlds(draw: st.DrawFn, name: str) -> World:
    """One world: other numbers, switches, policies and events than in the file, a draw and a seed."""
    changes: dict[str, object] = dict.fromkeys(draw(st.sets(st.sampled_from(sorted(switches())), max_size=2)), False)
    changes |= draw(st.sampled_from([{}, STRONG, {**STRONG, **HASTY}]))
    changes |= draw(st.sampled_from([{}, *PLACED[name]]))
    for policy in ("government", "alliance"):
        changes[f"policy.{policy}"] = draw(st.sampled_from(POLICIES))
    for parameter in draw(st.sets(st.sampled_from(sorted(numbers())), max_size=2)):
        changes[parameter] = draw(st.sampled_from(numbers()[parameter]))
    scenario = written(name, draw(st.sampled_from(variants(name)))).vary(changes)
    scenario = replace(scenario, events=draw(scripts(scenario, name == "alliance")))
    assume(not list(faults_of(scenario)))
    return World(scenario, draw(st.sampled_from([3, 11, 977])), draw(st.sampled_from([5, 2**31])))


def told(run: Run) -> tuple[Any, ...]:
    """Everything of a run but how long it took."""
    return run.key, run.digest, run.state_digests.tolist(), run.outcome, run.parameters, run.places, run.states


def alone(world: World) -> tuple[Any, ...]:
    """What a world tells that is stepped by itself."""
    return told(simulate(*world))


@pytest.mark.parametrize("name", ["kazakhstan", "alliance"])
@BATCHES
@given(st.data())
def test_a_world_is_the_same_in_any_batch(name: str, data: st.DataObject) -> None:
    """If it failed, a run would depend on the runs that happened to be made beside it, and nothing could be repeated.

    Worlds differ in all that a layout leaves open; the batch is turned round, cut in two, stepped by two threads and
    without skipping.
    """
    batch = data.draw(st.lists(worlds(name), min_size=2, max_size=4))
    expected = [alone(world) for world in batch]
    order = data.draw(st.permutations(range(len(batch))))
    cut = data.draw(st.integers(1, len(batch) - 1))
    threads, skip = data.draw(st.sampled_from([(1, True), (2, True), (1, False), (2, False)]))
    made = [simulate_all([batch[i] for i in part], threads=threads, skip=skip) for part in (order[:cut], order[cut:])]
    assert [told(run) for run in simulate_all(batch)] == expected
    assert [told(run) for part in made for run in part] == [expected[i] for i in order]


@pytest.mark.parametrize("name", ["kazakhstan", "alliance"])
def test_worlds_whose_stories_end_one_after_another(name: str) -> None:
    """If it failed, the end of one world would move the others into its row, and give them its numbers or its chance.

    Some worlds end on days of their own while others go on; each leaves the batch at another tick.
    """
    base = written(name).vary(STRONG)
    batch = [World(base, i, i) for i in range(8)]
    runs = simulate_all(batch)
    days = {run.outcome.day for run in runs if run.outcome.fallen}
    assert len(days) >= 3, "too few ends: nothing was tested"
    assert any(not run.outcome.fallen for run in runs), "nobody goes on: nothing was tested"
    assert [told(run) for run in runs] == [alone(world) for world in batch]
    assert [told(run) for run in simulate_all(batch[::-1], threads=2)][::-1] == [told(run) for run in runs]
