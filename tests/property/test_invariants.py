"""What must hold in every run, whatever the parameters, the seed and the switches."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property import cases_tried
from tocsin.engine.run import Loop, simulate
from tocsin.kernels.law import EMPTY
from tocsin.results.record import Run
from tocsin.scenario.declared import ALWAYS, switches
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.vary import vary
from tocsin.state import QUIET
from tocsin.world.build import Society, World

RUNS = settings(max_examples=cases_tried(30))
STRONG: dict[str, float] = {
    "grievance.trigger_share": 0.02, "law.gain": 4.0, "encounter.arrest": 0.2, "encounter.death": 0.3,
    "encounter.fire_capacity": 1.0, "encounter.sweep": 0.3, "risk.severity": 1.0,
}  # fmt: skip
"""Parameters under which nearly every run has crowds, lost places, detained, wounded and dead within a week."""


@cache
def country() -> Scenario:
    """The founding case."""
    return load("kazakhstan-2022")


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scenario, int, int]:
    """A small, short variant of the founding case with a draw and a seed."""
    changes: dict[str, object] = {"people_per_agent": draw(st.sampled_from([2_000, 3_000, 20_000])), "days": 8}
    changes["tick"] = draw(st.sampled_from([3, 6, 12]))
    for name in draw(st.sets(st.sampled_from(sorted(switches())), max_size=3)):
        changes[name] = False
    optional = sorted(set(country().mechanisms) - set(ALWAYS))
    for name in draw(st.sets(st.sampled_from(optional), max_size=2)):
        changes[name] = False
    if draw(st.booleans()):
        changes |= STRONG
    return vary(country(), changes), draw(st.integers(0, 10_000)), draw(st.integers(0, 2**31))


def living(run: Run) -> dict[str, np.ndarray]:
    """Everybody of the simulated population by place: that is what counts may add up to."""
    return {n: run.series[n] for n in ("marching", "striking", "occupying", "in_custody", "former", "killed")}


def played(scenario: Scenario, draw: int, seed: int) -> tuple[Society, Run]:
    """The people of home as a run leaves them, and the run."""
    loop = Loop.of([World(scenario, draw, seed)])
    home = loop.home.crowd.society  # its places stay in sight here when the world leaves
    loop.go()
    (run,) = loop.finished(0.0)
    return home, run


@RUNS
@given(cases())
def test_people_are_conserved_and_nobody_comes_back_from_the_dead(case: tuple[Scenario, int, int]) -> None:
    """Else people would be invented or lost, or the dead would march."""
    scenario = case[0]
    home, run = played(*case)
    everybody = home.layout.size
    assert (home.counts >= 0).all()
    assert np.array_equal(home.counts[:, :8].sum(axis=1), everybody)
    assert np.array_equal(home.counts[:, 6] * scenario.people_per_agent, run.series["killed"][-1])
    for name in ("killed", "wounded", "detained"):
        assert (np.diff(run.series[name], axis=0) >= 0).all()
    together = sum(living(run).values())
    assert (together <= everybody[None, :] * scenario.people_per_agent).all()


@RUNS
@given(cases())
def test_counts_stay_within_their_meaning(case: tuple[Scenario, int, int]) -> None:
    """Else a report would show negative crowds, more police than exist, or loyalty above one."""
    scenario, draw, seed = case
    run = simulate(scenario, draw, seed)
    s, n = run.series, run.national
    assert all((a >= 0).all() for a in (*s.values(), *n.values()))
    assert np.array_equal(s["turnout"], s["marching"] + s["striking"] + s["occupying"])
    assert (s["in_custody"] <= s["detained"]).all()
    assert (s["loyal"] <= 10_000).all()
    assert (s["control"] <= 2).all()
    assert (np.abs(np.diff(s["control"], axis=0)) <= 1).all()
    sites = np.array([len(p.sites) for p in sorted(scenario.places, key=lambda p: p.name)])
    assert (s["sites_lost"] <= sites[None, :]).all()
    for name in ("survival", "elite_strength", "defected"):
        assert (n[name] <= 1_000_000).all()
    assert (np.diff(n["injured_forces"]) >= 0).all()
    troops = sum(e.value for e in scenario.events if e.kind == "arrival")
    assert (n["troops"] <= troops).all()
    garrison = sum(p.garrison for p in scenario.places)
    assert (s["force"].sum(axis=1) <= garrison + 5.0 * troops + len(sites)).all()


@RUNS
@given(cases())
def test_harm_befalls_those_who_took_part(case: tuple[Scenario, int, int]) -> None:
    """Else people would be killed, wounded or fetched from home who never took part."""
    scenario = case[0]
    home, run = played(*case)
    ever = home.counts[:, 1:8].sum(axis=1) * scenario.people_per_agent
    assert (run.series["killed"][-1] <= ever).all()
    assert (run.series["in_custody"][-1] + run.series["killed"][-1] <= ever).all()
    active = run.series["turnout"].cumsum(axis=0) + run.series["former"]
    harmed = run.series["killed"] + run.series["wounded"] + run.series["detained"]
    quiet = active[-1] + run.series["killed"][-1] + run.series["in_custody"][-1] == 0
    gone = home.counts[:, 5] == 0
    assert not harmed[-1][quiet & gone].any()
    status = np.asarray(home.people.status)
    assert set(status[status >> 4 == 0] & 15) <= {QUIET, EMPTY}, "the first segment is children"


@RUNS
@given(cases())
def test_an_end_is_an_end(case: tuple[Scenario, int, int]) -> None:
    """Else a finished history would go on."""
    scenario, draw, seed = case
    run = simulate(scenario, draw, seed)
    assert run.outcome.fallen == (run.outcome.kind in ("regime falls", "ruler leaves, regime stays"))
    assert (run.outcome.path != "") == run.outcome.fallen
    if run.outcome.fallen:
        at = round(run.outcome.day * 24 / scenario.tick_hours) - 1
        assert all((a[at:] == a[at]).all() for a in run.series.values())
    assert 0 <= run.outcome.day <= scenario.days
