"""Every shipped scenario: complete, sourced, runnable; and the worlds that its priors must hold."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tocsin.engine.run import simulate, simulate_all
from tocsin.results.record import Run
from tocsin.scenario.load import load, names
from tocsin.scenario.parts import POLICIES, Event
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.write import to_toml
from tocsin.world.build import World

LIBRARY = sorted(names())
AGENTS = 10_000
"""Simulated people of a coarse run, about."""
FREE = {f"policy.{name}": "free" for name in POLICIES}
STATE_NUMBERS = ("contingent", "lift", "ready", "similarity", "alignment")
PLACE_NUMBERS = ("population", "lat", "lon", "seat", "garrison", "household")
CASE, WITHOUT, THINNING = "kazakhstan-2022", "no-request", 1000
STANDS = ("survives", "concessions", "undecided")
EXAMPLES = {
    "irrelevant": ((24, 1), (0, 1), (2, 1)),
    "decisive": ((61, 2), (69, 3), (71, 3), (130, 3)),
    "harmful": ((106, 1), (4, 2), (124, 3), (170, 2)),
}
"""Class of a patron -> pairs (draw, seed) of the founding case that showed it when this file searched for them."""


@cache
def worlds(name: str) -> dict[str, Scenario]:
    """A shipped scenario, under "", and all its variants."""
    scenario = load(name)
    return {"": scenario, **{v: scenario.world(v) for v in scenario.variants}}


def coarse(scenario: Scenario, **changes: object) -> Scenario:
    """The same scenario with few simulated people and long ticks; with several societies also with few days."""
    smallest = min(p.population for i in scenario.societies for p in scenario.places_of(i))
    thinning = min(smallest // 30, scenario.people // AGENTS)
    everywhere = {"state.*.people_per_agent": thinning, "days": 8} if len(scenario.societies) > 1 else {}
    return scenario.vary({"people_per_agent": thinning, "tick": 6, **everywhere, **changes})


def balance(events: tuple[Event, ...]) -> Iterator[dict[tuple[str, str], float]]:
    """Troops by state and place after each landing and each withdrawal of a script."""
    there: dict[tuple[str, str], float] = {}
    for event in events:
        sign = {"arrival": 1, "withdrawal": -1}.get(event.kind, 0)
        for place in event.places if sign else ():
            there[event.state, place] = there.get((event.state, place), 0.0) + sign * event.value
            yield dict(there)


@pytest.mark.parametrize("name", LIBRARY)
def test_every_scenario_and_variant_survives_its_own_text(name: str, tmp_path: Path) -> None:
    """If it failed, what `tocsin resolve` prints of a shipped case would run to another result."""
    for variant, scenario in worlds(name).items():
        path = tmp_path / f"again-{variant}.toml"
        path.write_text(to_toml(scenario), encoding="utf-8")
        assert load(path).hash == scenario.hash, variant


@pytest.mark.parametrize("name", LIBRARY)
def test_variants_say_why_and_change_something(name: str) -> None:
    """If it failed, a counterfactual would be the base under another name, or nobody could say what it is for."""
    base, *others = worlds(name).values()
    assert all(len(v.title) > 5 and len(v.why) > 5 for v in base.variants.values())
    hashes = [w.hash for w in (base, *others)]
    assert len(set(hashes)) == len(hashes), "two worlds of one name are one"


@pytest.mark.parametrize("name", LIBRARY)
def test_whoever_lands_leaves_or_stays(name: str) -> None:
    """If it failed, troops would leave who never came, and others would stand in the country for ever."""
    for variant, scenario in worlds(name).items():
        for there in balance(scenario.events):
            assert all(number >= 0 for number in there.values()), (variant, there)


@pytest.mark.parametrize("name", LIBRARY)
def test_everything_has_a_source(name: str) -> None:
    """If it failed, a reader could not find out who says so."""
    for variant, s in worlds(name).items():
        said = {f"event {i}, {e.kind}": e.source for i, e in enumerate((*s.events, *s.optional_events))}
        said |= {f"target {t.name}": t.source for t in s.targets} | {k: p.source for k, p in s.parameters.items()}
        for state in s.states:
            said |= {f"{state.name} {key}": p.source for key, p in state.parameters.items()}
        keys = [f"factions.{f.name}.size" for f in (*s.factions, *s.optional_factions)]
        keys += [f"states.{state.name}.{number}" for state in s.states for number in STATE_NUMBERS]
        thinned = [state.name for state in s.states if state.people_per_agent != s.people_per_agent]
        keys += [f"states.{state}.people_per_agent" for state in thinned]
        keys += [f"places.{p.name}.{n}" for i in s.societies for p in s.places_of(i) for n in PLACE_NUMBERS]
        said |= {key: s.sources.get(key, "") for key in keys} | dict(s.sources)
        assert not [key for key, text in said.items() if len(text) < 6], variant


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("name", LIBRARY)
def test_every_scenario_runs(name: str, free: bool) -> None:
    """If it failed, a shipped case could not be run, or its troops would not be those of its script."""
    scenario = coarse(worlds(name)[""].vary(FREE if free else {}), days=6)
    _as_scripted(simulate(scenario, 1, 1), scenario)


@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
def test_every_variant_runs_to_its_end(name: str) -> None:
    """If it failed, a counterfactual of a shipped case could not be run."""
    written = [version for world in worlds(name).values() for version in (world, world.vary(FREE))]
    alike: dict[str, list[Scenario]] = {}
    for scenario in written:
        alike.setdefault(coarse(scenario).layout, []).append(scenario)
    for some in alike.values():
        for scenario, run in zip(some, simulate_all([World(coarse(s), 2, 3) for s in some]), strict=True):
            assert isinstance(run, Run), run
            _as_scripted(run, scenario)


def _as_scripted(run: Run, scenario: Scenario) -> None:
    """Troops of the script are in the country at the end, unless the alliance decides or an end came first."""
    assert math.isfinite(run.outcome.day)
    assert run.places
    ended = run.outcome.fallen or run.outcome.kind == "civil war"
    if "alliance" in scenario.policy or ended:
        return
    *_, there = ({}, *balance(scenario.events))
    for i, state in enumerate(run.states):
        patron = any(s.role == "patron" and s.name == state for s in scenario.states)
        expected = sum(n for (who, _), n in there.items() if who == state or (not who and patron))
        assert run.abroad["deployed"][-1, i] == expected, state


def test_people_fear_each_state_of_the_alliance_as_it_arrests() -> None:
    """If it failed, claim C7 would compare states whose police and whose fear come from two different indices.

    Both are the same ratio to home's: a median of 0.01 arrests a day where repression is 1; three digits are given.
    """
    for state in load("kazakhstan-2022-alliance").states:
        arrests = state.parameters["encounter.arrest"].prior.quantile(0.5)
        assert state.parameters["risk.repression"].prior.quantile(0.5) == pytest.approx(100 * arrests, abs=6e-4)


def kind_of_patron(draw: int, seed: int) -> str:
    """What the mission of the founding case does in one world: the same people, parameters and chances without it."""
    pair = [worlds(CASE)[variant].vary({"people_per_agent": THINNING}) for variant in ("", WITHOUT)]
    sent, alone = (run.outcome for run in simulate_all([World(scenario, draw, seed) for scenario in pair]))
    if sent.kind == alone.kind:
        return "irrelevant"
    if alone.fallen and sent.kind in STANDS:
        return "decisive"
    return "harmful" if sent.fallen and alone.kind in STANDS else "other"


@pytest.mark.parametrize("kind", ["irrelevant", "decisive", "harmful"])
def test_the_priors_hold_every_kind_of_patron(kind: str) -> None:
    """If it failed, the model could not tell whether a mission saved a regime: its priors would decide beforehand.

    Pairs of existence, not of frequency: it is enough that one of them shows its kind. When the model changes, other
    pairs may show it: `python -m tests.unit.test_library 0 200` prints those among the first 200 draws.
    """
    assert any(kind_of_patron(draw, seed) == kind for draw, seed in EXAMPLES[kind])


def search(first: int, last: int, seeds: int = 3) -> None:
    """Print the pairs (draw, seed) of some draws in which the patron is not irrelevant."""
    for draw in range(first, last):
        for seed in range(1, seeds + 1):
            kind = kind_of_patron(draw, seed)
            if kind != "irrelevant":
                sys.stdout.write(f"{kind} ({draw}, {seed})\n")


if __name__ == "__main__":
    search(int(sys.argv[1]), int(sys.argv[2]))
