"""Changes of what has a name: a place, a state, a faction ("place.NAME.seat", "state.NAME.lift")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin.errors import ScenarioError
from tocsin.scenario import declared
from tocsin.scenario.draft import nearest, shortlist
from tocsin.scenario.given import SOURCE, hours_of, number_of, setpoint_of, truth_of, word_of
from tocsin.scenario.parts import Place, State
from tocsin.scenario.schema import FACTION_SIZE, PLACE, SETTINGS, STATE, Number
from tocsin.state import AIMS

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

NAMED = ("place", "state", "faction")
ALL = "*"
"""In place of a state's name: all of them."""
FACTION = ("size", "from", "armed", "aim")
THINNING = "people_per_agent"


def change_named(scenario: Scenario, key: str, value: object) -> Scenario:
    """The scenario with one number of one place, state or faction changed."""
    kind, _, rest = key.partition(".")
    if kind == "place":
        return _place(scenario, rest, value)
    if kind == "state":
        return _state(scenario, rest, value)
    return _faction(scenario, rest, value)


def _split(rest: str, names: Iterable[str], what: str) -> tuple[str, str]:
    """A known name, which may hold dots, and the field after it."""
    names = list(names)
    found = [name for name in names if rest.startswith(f"{name}.")]
    if found:
        name = max(found, key=len)
        return name, rest.removeprefix(f"{name}.")
    said = rest.rpartition(".")[0] or rest
    do = nearest(said, names, "see `tocsin resolve`")
    expected = f"one of {shortlist(names)}" if names else f"a scenario with a {what}"
    raise ScenarioError(f"unknown {what} {said!r}", expected=expected, do=do)


def _field(field: str, known: Iterable[str], what: str) -> None:
    known = list(known)
    if field not in known:
        do = nearest(field, known, "change the file")
        raise ScenarioError(f"unknown number {field!r} of a {what}", expected=f"one of {shortlist(known)}", do=do)


def _whole(value: object, number: Number) -> float | int:
    found = number_of(value, number)
    return int(found) if number.whole else found


def _place(scenario: Scenario, rest: str, value: object) -> Scenario:
    everywhere = [p for society in scenario.societies for p in scenario.places_of(society)]
    name, field = _split(rest, (p.name for p in everywhere), "place")
    _field(field, PLACE, "place")
    change: dict[str, Any] = {field: _whole(value, PLACE[field])}

    def changed(places: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple(replace(p, **change) if p.name == name else p for p in places)

    states = tuple(replace(s, places=changed(s.places)) for s in scenario.states)
    sources = {**scenario.sources, f"places.{name}.{field}": SOURCE}
    return replace(scenario, places=changed(scenario.places), states=states, sources=sources)


def _state(scenario: Scenario, rest: str, value: object) -> Scenario:
    """A number of a state, its thinning, or a parameter that differs there; "*" is every state."""
    name, field = _split(rest, (*(s.name for s in scenario.states), ALL), "state")
    names = tuple(s.name for s in scenario.states) if name == ALL else (name,)
    if field in (params := declared.parameters(scenario.extensions)):
        setpoint = setpoint_of(value, params[field])
        return _replaced(scenario, names, lambda s: {"parameters": {**s.parameters, field: setpoint}})
    _field(field, (*STATE, THINNING), "state")
    number = SETTINGS[THINNING] if field == THINNING else STATE[field]
    found = _whole(value, number)
    sources = {**scenario.sources, **{f"states.{n}.{field}": SOURCE for n in names}}
    return replace(_replaced(scenario, names, lambda _: {field: found}), sources=sources)


def _replaced(scenario: Scenario, names: tuple[str, ...], change: Callable[[State], dict[str, Any]]) -> Scenario:
    states = tuple(replace(s, **change(s)) if s.name in names else s for s in scenario.states)
    return replace(scenario, states=states)


def thinned(scenario: Scenario, number: int) -> Scenario:
    """With this many people per agent at home and in the states that were thinned like home; 1 is for all states.

    A larger state that is thinned on its own account keeps its number, so that the run keeps its size.
    """
    old = scenario.people_per_agent
    names = tuple(s.name for s in scenario.states if number == 1 or s.people_per_agent == old)
    sources = {**scenario.sources, f"scenario.{THINNING}": SOURCE, **{f"states.{n}.{THINNING}": SOURCE for n in names}}
    found = _replaced(scenario, names, lambda _: {THINNING: number})
    return replace(found, people_per_agent=number, sources=sources)


def _faction(scenario: Scenario, rest: str, value: object) -> Scenario:
    factions = (*scenario.factions, *scenario.optional_factions)
    name, field = _split(rest, (f.name for f in factions), "faction")
    _field(field, FACTION, "faction")
    change = _faction_change(scenario, field, value)
    acting = tuple(replace(f, **change) if f.name == name else f for f in scenario.factions)
    optional = tuple(replace(f, **change) if f.name == name else f for f in scenario.optional_factions)
    sources = {**scenario.sources, f"factions.{name}.{field}": SOURCE}
    return replace(scenario, factions=acting, optional_factions=optional, sources=sources)


def _faction_change(scenario: Scenario, field: str, value: object) -> dict[str, Any]:
    if field == "size":
        return {"size": number_of(value, FACTION_SIZE)}
    if field == "from":
        return {"hours": hours_of(value, scenario.start, scenario.days)}
    if field == "armed":
        return {"armed": truth_of(value)}
    return {"aim": word_of(value, AIMS, "aim")}
