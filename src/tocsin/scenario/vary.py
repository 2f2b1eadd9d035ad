"""A scenario with some things changed; the original stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin import quantities
from tocsin.declare import Param, Prior, fixed
from tocsin.errors import QuantityError, ScenarioError, ScenarioErrors, TocsinError
from tocsin.scenario import declared
from tocsin.scenario.draft import nearest, shortlist
from tocsin.scenario.parts import Setpoint
from tocsin.scenario.rules import faults_of
from tocsin.scenario.schema import PLACE, SETTINGS, Number
from tocsin.scenario.script import outside

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

_SETTINGS = {"days": "length", "tick_hours": "tick"}
_FIELDS = {"length": "days", "tick": "tick_hours"}
_SOURCE = "set by a variant"


def vary(scenario: Scenario, changes: Mapping[str, object], *, variant: str | None = None) -> Scenario:
    """A copy of a scenario with changes, each checked as in a file.

    Keys: "people_per_agent", "length" or "days", "tick", "unit_size", "circle_size"; a parameter ("risk.slope": a
    number in its unit, "2 per day", "lognormal(2, 0.4)" or a Prior); a switch or mechanism (True or False); "drop" (a
    part of the script), "drop_kinds" (kinds of events); "place.NAME.population", ".seat", ".garrison", ".household".
    variant: the name of the result; by default the changes themselves, after the name that it had.
    """
    result, faults = scenario, list[TocsinError]()
    for key, value in changes.items():
        try:
            result = _change(result, key, value)
        except TocsinError as fault:
            faults.append(_at(key, fault))
    if not faults:
        faults = [
            ScenarioError(found, where="vary", expected=expected, do=do) for _, found, expected, do in faults_of(result)
        ]
    if len(faults) > 1:
        raise ScenarioErrors(faults)
    if faults:
        raise faults[0]
    if variant is None:
        parts = [scenario.variant] if scenario.variant else []
        variant = ", ".join([*parts, *(f"{k}={_shown(v)}" for k, v in changes.items())])
    return replace(result, variant=variant)


def variant_of(scenario: Scenario, name: str) -> Scenario:
    """The named variant of a scenario file ([variants.NAME])."""
    if name not in scenario.variants:
        known = list(scenario.variants)
        raise ScenarioError(
            f"{scenario.name} has no variant {name!r}",
            where=scenario.origin,
            expected=f"one of {shortlist(known)}" if known else "a scenario with [variants.NAME] tables",
            do=nearest(name, known, "see `tocsin check`"),
        )
    return vary(scenario, scenario.variants[name].changes, variant=name)


def _at(key: str, fault: TocsinError) -> TocsinError:
    return ScenarioError(fault.found, where=f"vary {key!r}", expected=fault.expected, do=fault.do)


def _shown(value: object) -> str:
    if isinstance(value, Setpoint):
        return str(value.prior)
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    return str(value)


def _change(scenario: Scenario, key: str, value: object) -> Scenario:
    setting = _SETTINGS.get(key, key)
    if setting in SETTINGS:
        return _set_number(scenario, setting, value)
    if key == "drop":
        return _drop(scenario, _words(value), by="part")
    if key == "drop_kinds":
        return _drop(scenario, _words(value), by="kind")
    if key.startswith("place."):
        return _set_place(scenario, key, value)
    if key in declared.parameters() and not isinstance(value, bool):
        setpoint = _setpoint(value, declared.parameters()[key])
        return replace(scenario, parameters={**scenario.parameters, key: setpoint})
    return _switch(scenario, key, value)


def _number(value: object, number: Number) -> float:
    """A plain number is in the declared unit; a text is read as in a file."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    found = quantities.parse(value, "" if plain else number.unit)
    if number.whole and not found.is_integer():
        raise QuantityError(f"{value!r} is not a whole number", expected="a whole number", do="round it")
    if not number.low <= found <= number.high:
        span = quantities.span(number.low, number.high, number.unit)
        raise QuantityError(f"{value!r} is out of range", expected=span, do=f"correct it: {number.doc}")
    return found


def _set_number(scenario: Scenario, key: str, value: object) -> Scenario:
    number = _number(value, SETTINGS[key])
    sources = {**scenario.sources, f"scenario.{key}": _SOURCE}
    if key == "people_per_agent":
        return replace(scenario, people_per_agent=int(number), sources=sources)
    if key == "circle_size":
        return replace(scenario, circle_size=int(number), sources=sources)
    if key == "unit_size":
        return replace(scenario, unit_size=number, sources=sources)
    if key == "tick":
        return replace(scenario, tick_hours=number, sources=sources)
    return _cut(replace(scenario, days=number, sources=sources))


def _cut(scenario: Scenario) -> Scenario:
    """Without the events and targets that a shorter run does not reach; a note says how many."""
    events = tuple(e for e in scenario.events if e.hours < scenario.days * 24)
    targets = tuple(t for t in scenario.targets if t.day <= scenario.days + 1e-9)
    lost = (len(scenario.events) - len(events), len(scenario.targets) - len(targets))
    if lost == (0, 0):
        return scenario
    note = f"a run of {scenario.days:g} days does not reach {lost[0]} events and {lost[1]} targets of the scenario"
    return replace(scenario, events=events, targets=targets, notes=(*scenario.notes, note))


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, Iterable) else (str(value),)


def parts_of(scenario: Scenario) -> tuple[str, ...]:
    """The parts of the script, those included that a variant names and a shorter run no longer reaches."""
    named = (v.changes.get("drop", ()) for v in scenario.variants.values())
    parts = [e.part for e in scenario.events if e.part] + [w for words in named for w in _words(words)]
    return tuple(dict.fromkeys(parts))


def _drop(scenario: Scenario, words: tuple[str, ...], *, by: str) -> Scenario:
    known = parts_of(scenario) if by == "part" else tuple(declared.event_kinds())
    for word in words:
        if word not in known:
            raise ScenarioError(
                f"no event has the {by} {word!r}",
                expected=f"one of {shortlist(known)}" if known else "events to drop",
                do=nearest(word, known, "see `tocsin resolve`"),
            )
    return replace(scenario, events=tuple(e for e in scenario.events if getattr(e, by) not in words))


def _set_place(scenario: Scenario, key: str, value: object) -> Scenario:
    name, _, field = key.removeprefix("place.").rpartition(".")
    names = [p.name for p in scenario.places]
    if name not in names:
        do = nearest(name, names, "see `tocsin resolve`")
        raise ScenarioError(f"unknown place {name!r}", expected=f"one of {shortlist(names)}", do=do)
    if field not in PLACE:
        do = nearest(field, PLACE, "change the file")
        raise ScenarioError(f"unknown number {field!r} of a place", expected=f"one of {shortlist(PLACE)}", do=do)
    found = _number(value, PLACE[field])
    number = int(found) if PLACE[field].whole else found
    change: dict[str, Any] = {field: number}
    places = tuple(replace(p, **change) if p.name == name else p for p in scenario.places)
    return replace(scenario, places=places, sources={**scenario.sources, f"places.{name}.{field}": _SOURCE})


def _setpoint(value: object, param: Param) -> Setpoint:
    if isinstance(value, Setpoint):
        return value
    number = Number(param.unit, param.low, param.high, param.doc)
    if isinstance(value, str) and "(" in value:
        value = quantities.parse_prior(value, param.unit)
    prior = value if isinstance(value, Prior) else fixed(_number(value, number))
    if wrong := outside(prior, param):
        raise QuantityError(
            f"{prior} {wrong}", expected=quantities.span(param.low, param.high, param.unit), do="narrow it"
        )
    return Setpoint(prior, _SOURCE)


def _switch(scenario: Scenario, key: str, value: object) -> Scenario:
    """A parameter and a switch may share a name (`intervention.guarantee`); True and False mean the switch."""
    if key not in scenario.switches and key not in scenario.mechanisms:
        known = [
            *SETTINGS,
            "days",
            "drop",
            "drop_kinds",
            *declared.parameters(),
            *scenario.switches,
            *scenario.mechanisms,
        ]
        raise ScenarioError(
            f"nothing is called {key!r}",
            expected="a setting, a parameter, a switch, a mechanism or a number of a place",
            do=nearest(key, known, "see `tocsin explain`"),
        )
    if not isinstance(value, bool):
        raise ScenarioError(f"{value!r} is neither True nor False", expected="True or False", do="switch it on or off")
    if key in scenario.switches:
        return replace(scenario, switches={**scenario.switches, key: value})
    if key in declared.ALWAYS and not value:
        raise ScenarioError(f"{key!r} cannot be off", expected="another mechanism", do="leave it on")
    return replace(scenario, mechanisms={**scenario.mechanisms, key: value})
