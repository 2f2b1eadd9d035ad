"""Several states in one run: what they share, what they may not know, and what stays bit for bit the same."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tocsin.engine.run import Loop, simulate, simulate_all
from tocsin.results.journal import decode, encode
from tocsin.results.record import Run
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.world.build import World

FILE = Path(__file__).parents[1] / "alliance.toml"
CHANNELS = ("capacity", "guarding", "signal", "guarantee", "backlash", "withdrawal")
LIVELY = {
    "grievance.trigger_share": 0.02,
    "law.gain": 4.0,
    "encounter.arrest": 0.1,
    "encounter.death": 0.05,
    "grievance.background": 2e-3,
}
CASE = (3, 5)
ABROAD = ("turnout", "detained", "killed", "end", "survival")


@cache
def alliance(variant: str = "") -> Scenario:
    """The made-up alliance, lively enough that every comparison compares something."""
    return load(FILE).vary(LIVELY, variant="").world(variant)


@cache
def plain(variant: str = "") -> Run:
    """The run that others are compared with."""
    return simulate(alliance(variant), *CASE)


def same(a: Run, b: Run) -> bool:
    """Equal people at every tick and equal records."""
    return np.array_equal(a.state_digests, b.state_digests) and a.digest == b.digest


def same_at_home(a: Run, b: Run, apart: tuple[str, ...] = ()) -> bool:
    """Equal records of the home state, but for some national series."""
    places = all(np.array_equal(a.series[n], b.series[n]) for n in a.series)
    return places and all(np.array_equal(a.national[n], b.national[n]) for n in a.national if n not in apart)


def test_the_alliance_is_alive() -> None:
    """Else the comparisons below would compare silence with silence."""
    run = plain()
    assert run.states == ("Home", "Allia", "Distantia", "Patronia")
    assert run.abroad["turnout"][:, 0].max() > 1000
    assert (run.abroad["turnout"][:, [1, 3]].max(axis=0) > 0).all()
    assert run.abroad["deployed"][-1].tolist() == [0, 200, 0, 1000]
    assert not run.abroad["turnout"][:, 2].any(), "a state without places is no society"


@pytest.mark.parametrize("variant", ["", "free", "with-band"])
def test_threads_and_skipping_change_no_bit(variant: str) -> None:
    """Else the machine would decide what an alliance does."""
    assert same(plain(variant), simulate(alliance(variant), *CASE, threads=2))
    assert same(plain(variant), simulate(alliance(variant), *CASE, skip=False))


def test_order_of_places_and_states_changes_no_bit() -> None:
    """Else which state a file lists first would change history."""
    scenario = alliance()
    states = tuple(replace(s, places=s.places[::-1]) for s in scenario.states)
    assert same(plain(), simulate(replace(scenario, states=states, places=scenario.places[::-1]), *CASE))


def test_variants_share_people() -> None:
    """Else a pair would compare different people: copies of the base's serve a variant without the mission."""
    pair = ("", "no-mission")
    for variant, run in zip(pair, simulate_all([World(alliance(v), *CASE) for v in pair]), strict=True):
        assert same(plain(variant), run)


def test_members_of_a_faction_are_people_who_exist_without_it() -> None:
    """Else a world with a faction could not be paired with one without: all but its members must be the same."""
    bare, band = (Loop.of([World(alliance(v), *CASE)]).home.crowd.society for v in ("", "with-band"))
    for column in ("hardship", "aversion"):
        assert np.array_equal(getattr(bare.people, column), getattr(band.people, column))
    moved = np.flatnonzero(bare.people.status != band.people.status)
    assert set(band.people.status[moved] >> 4) == {len(alliance().segments)}
    assert len(moved) * 10 == pytest.approx(200, rel=0.5)


def test_a_patron_without_channels_is_no_patron() -> None:
    """If it failed, a mission would act in ways that no channel of the model names."""
    off = {f"intervention.{c}": False for c in CHANNELS}
    sent, none = (simulate(alliance(v).vary(off), *CASE) for v in ("", "no-mission"))
    assert same_at_home(sent, none, ("troops", "requested", "consents"))
    assert sent.national["troops"].max() > 0


@pytest.mark.parametrize("channel", ["capacity", "guarding", "signal", "backlash"])
def test_each_channel_alone_does_something(channel: str) -> None:
    """If it failed, a switch of a channel would switch nothing."""
    off = {f"intervention.{c}": False for c in CHANNELS if c != channel}
    strong = {"intervention.citizen_backlash": 1.0, "intervention.hope": 3.0, "intervention.engaged": 0.5}
    sent, none = (simulate(alliance(v).vary({**off, **strong}), *CASE) for v in ("", "no-mission"))
    assert not same_at_home(sent, none, ("troops", "requested", "consents"))


def test_home_does_not_depend_on_what_it_cannot_see() -> None:
    """If it failed, societies abroad would act on home though no mechanism between states is on."""
    apart = alliance().vary({"diffusion": False})
    alone = replace(apart, states=tuple(replace(s, places=()) for s in apart.states))
    assert same_at_home(simulate(apart, *CASE), simulate(alone, *CASE))


def test_soldiers_abroad_move_only_their_own_society() -> None:
    """If it failed, M16 would act without a deployment, or not at all."""
    changes = {"diffusion": False, "sending.backlash": 2.0}
    sent, none = (simulate(alliance(v).vary(changes), *CASE) for v in ("", "no-mission"))
    assert not np.array_equal(sent.abroad["turnout"][:, 1], none.abroad["turnout"][:, 1])
    off = {**changes, "sending": False}
    quiet = [simulate(alliance(v).vary(off), *CASE) for v in ("", "no-mission")]
    for name in ABROAD:
        assert np.array_equal(quiet[0].abroad[name][:, 1:], quiet[1].abroad[name][:, 1:])


def test_nothing_differs_before_its_cause() -> None:
    """If it failed, worlds would part before the request that makes them differ (hour 72, tick 12)."""
    assert np.array_equal(plain().state_digests[:12], plain("no-mission").state_digests[:12])
    assert not np.array_equal(plain().state_digests, plain("no-mission").state_digests)


def test_a_policy_that_never_begins_is_the_script() -> None:
    """If it failed, writing a policy down would change a run before it takes effect."""
    late = alliance().vary({"policy.government": "free from 190 hours", "policy.alliance": "free from 190 hours"})
    assert np.array_equal(simulate(late, *CASE).state_digests[:31], plain().state_digests[:31])


def test_a_run_of_several_states_is_stored_whole() -> None:
    """If it failed, what happened abroad would be lost on the way to the disk."""
    assert same(decode(encode(plain())), plain())
    assert decode(encode(plain())).states == plain().states
