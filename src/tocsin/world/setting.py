"""The frozen arrays that the mechanisms of one society see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.scenario.parts import POLICIES
from tocsin.scenario.scenario import Scenario
from tocsin.state import AIMS, CONSENT, HOME, RULES_OF_CONSENT, STATE_ROLES, Factions, Floats, Setting, States
from tocsin.world.keys import Same
from tocsin.world.layout import distances

ABROAD_DECIDES = ("government",)
"""What societies abroad decide for themselves from the start: the script is about home."""
KEPT_SETTINGS = 256
"""Settings that a process keeps, one for each society of a scenario."""


def setting_of(scenario: Scenario, state: int = HOME) -> Setting:
    """The setting of one state in one world, its places in name order; a faction is one more segment, like the last.

    Its arrays are read-only: the runs of one scenario share them.
    """
    return _setting(Same(scenario), state)


@lru_cache(KEPT_SETTINGS)
def _setting(asked: Same[Scenario], state: int) -> Setting:
    setting = _laid_out(asked.it, state)
    for part in (setting, setting.states, setting.factions):
        for value in vars(part).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
    return setting


def _laid_out(scenario: Scenario, state: int) -> Setting:
    places = scenario.places_of(state)
    garrison = np.array([[p.garrison for p in places]], np.float64)
    units = np.maximum(1, np.rint(garrison[0] / scenario.unit_size)).astype(np.int64)
    unit_place = np.repeat(np.arange(len(places)), units)
    factions = factions_of(scenario, state)
    segments = (*scenario.segments, *(scenario.segments[-1] for _ in factions.names))
    return Setting(
        places=tuple(p.name for p in places),
        population=np.array([[p.population for p in places]], np.float64),
        km=distances(places)[None],
        seat=np.array([[p.seat for p in places]], np.float64),
        garrison=garrison,
        sites=np.array([[len(p.sites) for p in places]], np.float64),
        segments=(*(s.name for s in scenario.segments), *(factions.names[f] for f in np.argsort(factions.segment))),
        segment_share=_shares(scenario, state, factions)[None],
        can_act=np.array([s.can_act for s in segments], bool),
        may_strike=np.array([s.may_strike for s in segments], bool),
        unit_place=unit_place,
        unit_number=np.concatenate([np.arange(n) for n in units]),
        unit_staff=(garrison / units)[:, unit_place],
        days=scenario.tick_hours / 24.0,
        person_weight=float(scenario.thinning(state)),
        states=states_of(scenario, state),
        factions=factions,
        free=_free(scenario, state),
    )


def together(settings: Sequence[Setting]) -> Setting:
    """The setting of many worlds that share a layout: one row each."""
    return _mapped(settings[0], lambda *path: np.concatenate([_at(s, path) for s in settings]))


def taken(setting: Setting, rows: NDArray[np.bool_]) -> Setting:
    """The setting of some of its worlds, bool[W]."""
    return _mapped(setting, lambda *path: _at(setting, path)[rows])


BY_WORLD = ("population", "km", "seat", "garrison", "sites", "segment_share", "unit_staff")
STATES_BY_WORLD = (
    "side", "consent", "contingent", "lift", "ready", "similarity", "alignment", "population", "rule", "quorum",
)  # fmt: skip
FACTIONS_BY_WORLD = ("aim", "size", "day", "armed")
"""What has a row for each world."""


def _at(setting: Setting, path: tuple[str, ...]) -> NDArray[Any]:
    """The array of this path: a field, or a field of states or factions, or a policy."""
    found: Any = getattr(setting, path[0])
    if len(path) > 1:
        found = found[path[1]] if isinstance(found, Mapping) else getattr(found, path[1])
    return np.asarray(found)


def _mapped(setting: Setting, rows: Callable[..., NDArray[Any]]) -> Setting:
    """The same setting with other rows in everything that is by world."""
    states: dict[str, Any] = {name: rows("states", name) for name in STATES_BY_WORLD}
    factions: dict[str, Any] = {name: rows("factions", name) for name in FACTIONS_BY_WORLD}
    mine: dict[str, Any] = {name: rows(name) for name in BY_WORLD}
    mine |= {"states": replace(setting.states, **states), "factions": replace(setting.factions, **factions)}
    return replace(setting, **mine, free={name: rows("free", name) for name in setting.free})


def _free(scenario: Scenario, state: int) -> dict[str, Floats]:
    """Day from which each mechanism with a policy decides, float[1, 1]; infinite where it follows the script."""
    days = {name: scenario.policy.get(name, np.inf) / 24.0 for name in POLICIES}
    if state != HOME:
        days = {name: 0.0 if name in ABROAD_DECIDES else np.inf for name in POLICIES}
    return {name: np.array([[day]]) for name, day in days.items()}


def _shares(scenario: Scenario, state: int, factions: Factions) -> Floats:
    """Share of each segment, float[P, S]; a faction's people come out of the last segment of its place.

    Everybody else keeps the segment that they have without the faction, since segments are cut from one draw.
    """
    places, plain = scenario.places_of(state), len(scenario.segments)
    shares = np.zeros((len(places), plain + len(factions.names)))
    shares[:, :plain] = np.array([p.segments for p in places], np.float64).reshape(len(places), plain)
    for f, place in enumerate(factions.place):
        part = factions.size[0, f] / places[place].population
        shares[place, factions.segment[f]] = part
        shares[place, plain - 1] -= part
    return shares


def states_of(scenario: Scenario, own: int) -> States:
    """The states as mechanisms see them, home first."""
    others = scenario.states
    people = [float(sum(p.population for p in scenario.places_of(i))) for i in range(len(others) + 1)]
    return States(
        names=scenario.state_names,
        own=own,
        role=np.array([HOME, *(STATE_ROLES.index(s.role) for s in others)], np.int64),
        side=np.array([[1.0, *(s.side for s in others)]]),
        consent=np.array([[0, *(CONSENT.index(s.consent) for s in others)]], np.int64),
        contingent=np.array([[0.0, *(s.contingent for s in others)]]),
        lift=np.array([[0.0, *(s.lift for s in others)]]),
        ready=np.array([[0.0, *(s.ready / 24.0 for s in others)]]),
        similarity=np.array([[1.0, *(s.similarity for s in others)]]),
        alignment=np.array([[1.0, *(s.alignment for s in others)]]),
        population=np.array([people]),
        rule=np.array([[RULES_OF_CONSENT.index(scenario.alliance.rule)]], np.int64),
        quorum=np.array([[scenario.alliance.quorum]], np.int64),
    )


def factions_of(scenario: Scenario, state: int) -> Factions:
    """The factions in the places of one state.

    Segments are cut from the top of one draw, the earliest faction first, so that a later one takes nobody from it.
    """
    where = {p.name: i for i, p in enumerate(scenario.places_of(state))}
    own = [f for f in scenario.factions if f.place in where]
    plain = len(scenario.segments)
    latest_first = sorted(range(len(own)), key=lambda f: (-own[f].hours, own[f].name))
    return Factions(
        names=tuple(f.name for f in own),
        place=np.array([where[f.place] for f in own], np.int64),
        segment=plain + np.argsort(np.array(latest_first, np.int64)),
        aim=np.array([[AIMS.index(f.aim) for f in own]], np.int64),
        size=np.array([[f.size for f in own]], np.float64),
        day=np.array([[f.hours / 24.0 for f in own]], np.float64),
        armed=np.array([[f.armed for f in own]], np.bool_),
    )
