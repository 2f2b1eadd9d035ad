"""What of the script happens in a run: parts and kinds dropped, optional parts added, and what a short run reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.errors import QuantityError, ScenarioError
from tocsin.scenario import declared
from tocsin.scenario.draft import nearest, shortlist
from tocsin.scenario.given import words_of
from tocsin.scenario.parts import Event, Faction
from tocsin.scenario.script import in_order
from tocsin.scenario.society import SCRIPT, free_from

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

LISTS = ("drop", "drop_kinds", "add")
"""Changes that name parts of the script, or kinds of events."""


def select(scenario: Scenario, key: str, words: tuple[str, ...]) -> Scenario:
    """The scenario without some parts or kinds of events, or with optional parts."""
    if key == "add":
        _known(words, optional_parts_of(scenario), "is optional and has the part")
        return _add(scenario, words)
    if key == "drop":
        _known(words, parts_of(scenario), "has the part")
        events = tuple(e for e in scenario.events if e.part not in words)
        return replace(scenario, events=events, factions=tuple(f for f in scenario.factions if f.part not in words))
    _known(words, tuple(declared.event_kinds(scenario.extensions)), "has the kind")
    return replace(scenario, events=tuple(e for e in scenario.events if e.kind not in words))


def _known(words: tuple[str, ...], known: tuple[str, ...], what: str) -> None:
    for word in words:
        if word not in known:
            raise ScenarioError(
                f"no event or faction {what} {word!r}",
                expected=f"one of {shortlist(known)}" if known else "a scenario that has some",
                do=nearest(word, known, "see `tocsin resolve`"),
            )


def _named(scenario: Scenario, key: str) -> list[str]:
    """What the variants of the scenario name, even where a shorter run does not reach it or it was added already."""
    return [word for v in scenario.variants.values() for word in words_of(v.changes.get(key, ()))]


def _parts(things: Iterable[Event | Faction]) -> list[str]:
    return [thing.part for thing in things if thing.part]


def parts_of(scenario: Scenario) -> tuple[str, ...]:
    """The parts that can be dropped."""
    found = [*_parts(scenario.events), *_parts(scenario.factions), *_named(scenario, "drop")]
    return tuple(dict.fromkeys(found))


def optional_parts_of(scenario: Scenario) -> tuple[str, ...]:
    """The parts that can be added."""
    found = [*_parts(scenario.optional_events), *_parts(scenario.optional_factions), *_named(scenario, "add")]
    return tuple(dict.fromkeys(found))


def _add(scenario: Scenario, words: tuple[str, ...]) -> Scenario:
    """Optional events and factions of these parts take part; of the same moment, the script's come first."""
    events = [e for e in scenario.optional_events if e.part in words]
    factions = [f for f in scenario.optional_factions if f.part in words]
    return replace(
        scenario,
        events=in_order((*scenario.events, *events)),
        factions=tuple(sorted((*scenario.factions, *factions), key=lambda f: f.name)),
        optional_events=tuple(e for e in scenario.optional_events if e.part not in words),
        optional_factions=tuple(f for f in scenario.optional_factions if f.part not in words),
    )


def cut(scenario: Scenario) -> Scenario:
    """Without what a shorter run does not reach; a note says how much of it there is."""
    end = scenario.days * 24
    result = replace(
        scenario,
        events=tuple(e for e in scenario.events if e.hours < end),
        targets=tuple(t for t in scenario.targets if t.day <= scenario.days + 1e-9),
        factions=tuple(f for f in scenario.factions if f.hours < end),
        policy={name: hours for name, hours in scenario.policy.items() if hours < end},
        optional_events=tuple(e for e in scenario.optional_events if e.hours < end),
        optional_factions=tuple(f for f in scenario.optional_factions if f.hours < end),
        variants={name: replace(v, changes=_reached(v.changes, scenario)) for name, v in scenario.variants.items()},
    )
    lost = {
        "events": len(scenario.events) - len(result.events),
        "targets": len(scenario.targets) - len(result.targets),
        "factions": len(scenario.factions) - len(result.factions),
        "policies": len(scenario.policy) - len(result.policy),
    }
    if not any(lost.values()):
        return result
    said = [f"{number} {what}" for what, number in lost.items() if number]
    note = f"a run of {scenario.days:g} days does not reach {' and '.join(said)} of the scenario"
    return replace(result, notes=(*scenario.notes, note))


def _reached(changes: Mapping[str, object], scenario: Scenario) -> dict[str, object]:
    """The changes of a variant; whoever would decide only after the end follows the script."""
    found = dict(changes)
    for key, value in changes.items():
        try:
            if key.startswith("policy."):
                free_from(str(value), scenario.start, scenario.days)
        except QuantityError:
            found[key] = SCRIPT
    return found
