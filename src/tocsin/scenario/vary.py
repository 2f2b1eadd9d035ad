"""A scenario with some things changed; the original stays as it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.errors import ScenarioError, ScenarioErrors, TocsinError
from tocsin.scenario import declared
from tocsin.scenario.draft import nearest, shortlist
from tocsin.scenario.given import SOURCE, number_of, setpoint_of, truth_of, word_of, words_of
from tocsin.scenario.named import NAMED, change_named, thinned
from tocsin.scenario.parts import POLICIES, Setpoint
from tocsin.scenario.rules import faults_of
from tocsin.scenario.schema import QUORUM, SETTINGS
from tocsin.scenario.selection import LISTS, cut, select
from tocsin.scenario.society import free_from
from tocsin.state import RULES_OF_CONSENT

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

ALLIANCE = ("alliance.rule", "alliance.quorum")
_SETTINGS = {"days": "length", "tick_hours": "tick"}


def vary(scenario: Scenario, changes: Mapping[str, object], *, variant: str | None = None) -> Scenario:
    """A copy of a scenario with changes, made in their order and each checked as in a file.

    - "people_per_agent": of home and of all states thinned like home; 1 means everybody in every state
    - "length" or "days", "tick", "unit_size", "circle_size"
    - a parameter ("risk.slope": a number in its unit, "2 per day", "lognormal(2, 0.4)" or a Prior)
    - a switch or mechanism (True or False)
    - "drop" (parts of the script), "drop_kinds" (kinds of events), "add" (optional parts)
    - "policy.government", "policy.alliance": "script", "free" or "free from 2022-01-05 23:00"
    - "alliance.rule", "alliance.quorum"
    - "place.NAME.population", ".seat", ".garrison", ".household"
    - "state.NAME.contingent", ".lift", ".ready", ".similarity", ".alignment", ".people_per_agent", or a parameter
      ("state.NAME.information.openness"); NAME may be "*", all of them
    - "faction.NAME.size", ".from", ".armed", ".aim"

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
    """The named variant of a scenario file ([variants.NAME]); "" is the scenario itself."""
    if not name:
        return scenario
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
    if key in LISTS:
        return select(scenario, key, words_of(value))
    if key.partition(".")[0] in NAMED:
        return change_named(scenario, key, value)
    if key.startswith("policy."):
        return _set_policy(scenario, key, value)
    if key in ALLIANCE:
        return _set_alliance(scenario, key, value)
    known = declared.parameters(scenario.extensions)
    if key in known and not isinstance(value, bool):
        setpoint = setpoint_of(value, known[key])
        return replace(scenario, parameters={**scenario.parameters, key: setpoint})
    return _switch(scenario, key, value)


def _set_number(scenario: Scenario, key: str, value: object) -> Scenario:
    number = number_of(value, SETTINGS[key])
    if key == "people_per_agent":
        return thinned(scenario, int(number))
    sources = {**scenario.sources, f"scenario.{key}": SOURCE}
    if key == "circle_size":
        return replace(scenario, circle_size=int(number), sources=sources)
    if key == "unit_size":
        return replace(scenario, unit_size=number, sources=sources)
    if key == "tick":
        return replace(scenario, tick_hours=number, sources=sources)
    return cut(replace(scenario, days=number, sources=sources))


def _set_policy(scenario: Scenario, key: str, value: object) -> Scenario:
    name = word_of(key.removeprefix("policy."), POLICIES, "policy")
    hours = free_from(str(value), scenario.start, scenario.days)
    policy = {k: v for k, v in scenario.policy.items() if k != name}
    if math.isfinite(hours):
        policy[name] = hours
    return replace(scenario, policy=policy)


def _set_alliance(scenario: Scenario, key: str, value: object) -> Scenario:
    if key == "alliance.rule":
        rule = word_of(value, RULES_OF_CONSENT, "rule")
        return replace(scenario, alliance=replace(scenario.alliance, rule=rule))
    quorum = int(number_of(value, QUORUM))
    sources = {**scenario.sources, key: SOURCE}
    return replace(scenario, alliance=replace(scenario.alliance, quorum=quorum), sources=sources)


def _switch(scenario: Scenario, key: str, value: object) -> Scenario:
    """A parameter and a switch may share a name (`intervention.guarantee`); True and False mean the switch."""
    if key not in scenario.switches and key not in scenario.mechanisms:
        known = [
            *SETTINGS,
            "days",
            *LISTS,
            *(f"policy.{name}" for name in POLICIES),
            *ALLIANCE,
            *declared.parameters(scenario.extensions),
            *scenario.switches,
            *scenario.mechanisms,
        ]
        raise ScenarioError(
            f"nothing is called {key!r}",
            expected="a setting, a parameter, a switch, a mechanism or a number of a place, state or faction",
            do=nearest(key, known, "see `tocsin explain`"),
        )
    on = truth_of(value)
    if key in scenario.switches:
        return replace(scenario, switches={**scenario.switches, key: on})
    if key in declared.ALWAYS and not on:
        raise ScenarioError(f"{key!r} cannot be off", expected="another mechanism", do="leave it on")
    return replace(scenario, mechanisms={**scenario.mechanisms, key: on})
