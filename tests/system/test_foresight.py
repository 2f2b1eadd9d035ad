"""Nothing of a run depends on what its script holds for later: every shipped case, with other futures."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from tests.property.test_invariants import STRONG
from tests.property.test_states import begun
from tests.unit.test_library import LIBRARY, worlds

from tocsin.engine.run import Loop
from tocsin.scenario.declared import event_kinds
from tocsin.scenario.parts import POLICIES, Event, Faction
from tocsin.scenario.rules import MOST_SEGMENTS
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.script import in_order

DRAW, SEED, THINNING, AGENTS = 11, 7, 10_000, 2_000
KEPT = 0.7
"""Share of later events that stay, at other hours and with other values."""
CUTS = (6, 168)
"""Hours before which nothing may be known of what comes then; most first triggers come after the first of them."""


def quick(name: str) -> dict[str, Scenario]:
    """The worlds of a case; of several societies only that which is written, since its variants are another case's."""
    found = worlds(name)
    return found if len(found[""].societies) == 1 else {"": found[""]}


def thin(world: Scenario) -> Scenario:
    """The same world with few simulated people, who take part in numbers all the same."""
    smallest = min(p.population for i in world.societies for p in world.places_of(i))
    number = min(smallest, world.people // AGENTS, THINNING)
    everywhere = {"state.*.people_per_agent": number} if world.states else {}
    return world.vary({"people_per_agent": number, **everywhere, **STRONG})


def other_future(world: Scenario, hour: float, chance: random.Random) -> Scenario:
    """The same world up to an hour: later events dropped, shuffled in time and changed, one of every kind added.

    Whoever would decide for themselves only later does so at another time, and a group arms itself.
    """
    end = world.days * 24
    past = [e for e in world.events if e.hours < hour]
    future = [e for e in world.events if e.hours >= hour]
    hours = chance.sample([e.hours for e in future], len(future))
    moved = [
        replace(e, hours=at, value=another(e.kind, e.value, chance))
        for e, at in zip(future, hours, strict=True)
        if chance.random() < KEPT
    ]
    place = max(world.places, key=lambda p: p.population).name
    added = [
        Event(chance.uniform(hour, end), kind, (place,), another(kind, 0.0, chance), "", "", "made up")
        for kind in event_kinds()
    ]
    policy = {
        name: free if (free := world.policy.get(name, end)) < hour else chance.uniform(hour, end) for name in POLICIES
    }
    group = Faction("zealots", place, 1000.0, chance.uniform(hour + world.tick_hours, end), True, "provoke")
    factions = (*world.factions, group) if len(world.segments) + len(world.factions) < MOST_SEGMENTS else world.factions
    return replace(world, events=in_order((*past, *moved, *added)), policy=policy, factions=factions)


def another(kind: str, value: float, chance: random.Random) -> float:
    """Another value that this kind of event may have."""
    known = event_kinds()[kind]
    values = [*known.choices.values()] if known.choices else [known.low, known.high, (known.low + known.high) / 2]
    return float(chance.choice([v for v in values if v != value]))


def up_to(world: Scenario, hour: float) -> Loop:
    """The run of a world, up to the tick of an hour."""
    loop = begun(world, DRAW, SEED)
    for tick in range(int(hour // world.tick_hours)):
        loop.step(tick)
    return loop


@pytest.mark.parametrize("hour", CUTS)
@pytest.mark.parametrize("name", LIBRARY)
def test_a_run_does_not_know_its_future(name: str, hour: int) -> None:
    """If it failed, people would feel what has not happened yet: two worlds would differ before their cause."""
    lived = False
    for variant, written in quick(name).items():
        world = thin(written)
        changed = other_future(world, hour, random.Random(f"{name} {variant} {hour}"))
        assert changed.hash != world.hash
        one, two = up_to(world, hour), up_to(changed, hour)
        assert one.parameters == two.parameters, variant
        mine, yours = one.records, two.records
        assert np.array_equal(mine.digests, yours.digests), variant
        for a, b in ((mine.series, yours.series), (mine.national, yours.national), (mine.abroad, yours.abroad)):
            assert not [n for n in a if not np.array_equal(a[n], b[n])], variant
        lived |= bool(mine.abroad["turnout"].any() or mine.abroad["deployed"].any())
    assert lived or hour < max(CUTS), "nobody acts and nobody lands: nothing was tested"
