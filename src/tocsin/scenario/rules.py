"""What must hold between the numbers of a scenario, each of them being in range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.scenario import declared
from tocsin.scenario.parts import Event, Faction, Place
from tocsin.scenario.powers import faults_of_powers, lapses

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

Key = str | int | Event
Fault = tuple[tuple[Key, ...], str, str, str]
"""Key path in the file (a member of a list by its number or its name, an event by itself), found, expected, do."""

FEWEST_AGENTS = 30
MOST_TICKS = 4095
"""People remember the tick of the last harm in twelve bits."""
MOST_SEGMENTS = 16
"""People know their segment by four bits, and each faction of a society is a segment of it."""
SMALLEST_TARGET = {"turnout", "detained", "killed", "wounded"}


def faults_of(scenario: Scenario) -> Iterator[Fault]:
    """Every contradiction, with the key path where it shows."""
    yield from _time(scenario)
    for society in scenario.societies:
        yield from _places(scenario, society)
        yield from _factions(scenario, society)
    yield from _segments(scenario)
    yield from faults_of_powers(scenario)


def _time(scenario: Scenario) -> Iterator[Fault]:
    per_day = 24 / scenario.tick_hours
    if abs(per_day - round(per_day)) > 1e-9:
        yield (
            ("scenario", "tick"),
            f"a tick of {scenario.tick_hours:g} hours does not divide a day",
            "1, 2, 3, 4, 6, 8, 12 or 24 hours",
            "choose one of them",
        )
        return
    ticks = scenario.days * per_day
    if abs(ticks - round(ticks)) > 1e-6 or round(ticks) < 1:
        yield (
            ("scenario", "length"),
            f"{scenario.days:g} days are not a whole number of ticks",
            f"a multiple of {scenario.tick_hours:g} hours",
            "round the length",
        )
    if ticks > MOST_TICKS:
        yield (
            ("scenario", "length"),
            f"{scenario.days:g} days are {ticks:,.0f} ticks of {scenario.tick_hours:g} hours",
            f"{MOST_TICKS:,} ticks at most",
            "shorten the run or lengthen the tick",
        )


def _places(scenario: Scenario, society: int) -> Iterator[Fault]:
    """The people, seat and staff of one society."""
    places, name = scenario.places_of(society), scenario.state_names[society]
    at: tuple[Key, ...] = ("state", name) if society else ("place",)
    of = f" of {name!r}" if society else ""
    smallest = min(places, key=lambda p: p.population)
    thinning = scenario.thinning(society)
    if thinning > smallest.population:
        yield (
            (*at, "people_per_agent") if society else ("scenario", "people_per_agent"),
            f"{thinning} people per agent{of}, but {smallest.name!r} has {smallest.population} people",
            "at most the population of the smallest place",
            "lower people_per_agent",
        )
    seat = math.fsum(p.seat for p in places)
    if abs(seat - 1.0) > 1e-9:
        yield (
            at,
            f"the seat weights of all places{of} add up to {seat:.6g}",
            "exactly 1",
            "give the seat of power its weight, and the others the rest",
        )
    if all(p.garrison == 0 for p in places):
        yield at, f"no place{of} has a garrison", "staff somewhere", "set `garrison` of at least one place"


def _segments(scenario: Scenario) -> Iterator[Fault]:
    places = [p for society in scenario.societies for p in scenario.places_of(society)]
    for i, segment in enumerate(scenario.segments):
        if all(p.segments[i] <= 0 for p in places):
            found = f"nobody is in the segment {segment.name!r}"
            yield ("segment", segment.name), found, "a share above 0 in some place", "give it people, or remove it"


def _factions(scenario: Scenario, society: int) -> Iterator[Fault]:
    """Factions are made of the last segment of their place, and are segments themselves."""
    places = scenario.places_of(society)
    own = [f for f in scenario.factions if f.place in {p.name for p in places}]
    for place in places:
        yield from _taken(scenario, place, [f for f in own if f.place == place.name])
    number = len(scenario.segments) + len(own)
    if number > MOST_SEGMENTS:
        where: tuple[Key, ...] = ("faction", own[-1].name) if own else ("segment",)
        found = f"{len(scenario.segments)} segments and {len(own)} factions of {scenario.state_names[society]!r}"
        yield where, found, f"{MOST_SEGMENTS} together at most", "join some of them"


def _taken(scenario: Scenario, place: Place, factions: list[Faction]) -> Iterator[Fault]:
    """The factions of one place, shown at the largest of them."""
    last = scenario.segments[-1].name
    taken, people = math.fsum(f.size for f in factions), place.population * place.segments[-1]
    if factions and taken > people:
        held = f"{place.name!r} has {place.population:,} people, {people:,.0f} of them in the segment {last!r}"
        yield (
            ("faction", max(factions, key=lambda f: f.size).name, "size"),
            f"{taken:,.0f} people in factions, but {held}",
            "at most those of the last segment, from which factions come",
            "make the faction smaller",
        )


def warnings(scenario: Scenario) -> list[str]:
    """What is allowed but should be known: what a variant left out, what lapses, targets that thinning blurs."""
    found = [*_own(scenario), *scenario.notes, *_lapsing(scenario), *_unused(scenario)]
    k = scenario.people_per_agent
    for target in scenario.targets:
        agents = target.high / k
        if target.metric in SMALLEST_TARGET and 0 < agents < FEWEST_AGENTS:
            found.append(
                f"target {target.name!r}: {target.high:g} people are {agents:.3g} simulated people at 1:{k}; "
                f"below {FEWEST_AGENTS} the thinning itself decides the scatter (--people-per-agent, or --full)"
            )
    found += [
        f"faction {f.name!r}: {f.size:g} people are {f.size / k:.3g} simulated people at 1:{k}; its arms count in full"
        for f in scenario.factions
        if f.size < k
    ]
    return found


def _own(scenario: Scenario) -> Iterator[str]:
    yield from (f"not a mechanism of tocsin: {e}" for e in scenario.extensions)


def _lapsing(scenario: Scenario) -> Iterator[str]:
    """Events that do not happen, since somebody decides for themselves by then; one line for each who does."""
    kinds = declared.event_kinds(scenario.extensions)
    gone = [kinds[e.kind] for e in scenario.events if lapses(e, scenario)]
    for by, hours in scenario.policy.items():
        names = [kind.name for kind in gone if kind.by == by]
        shown = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
        if names:
            day = f"day {hours / 24:.3g}" if hours else "the start"
            yield f"{len(names)} of the events lapse, since the {by} decides for itself from {day}: {shown}"


def _unused(scenario: Scenario) -> Iterator[str]:
    for state in scenario.states:
        if state.parameters and not state.places:
            yield f"state {state.name!r} has parameters but no places, so they change nothing"
