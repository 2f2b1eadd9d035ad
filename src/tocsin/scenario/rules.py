"""What must hold between the numbers of a scenario, each of them being in range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

Fault = tuple[tuple[str | int, ...], str, str, str]
"""Key path in the file, found, expected, what to do."""

FEWEST_AGENTS = 30
MOST_TICKS = 4095
"""People remember the tick of the last harm in twelve bits."""
SMALLEST_TARGET = {"turnout", "detained", "killed", "wounded"}


def faults_of(scenario: Scenario) -> Iterator[Fault]:
    """Every contradiction, with the key path where it shows."""
    yield from _time(scenario)
    yield from _places(scenario)


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


def _places(scenario: Scenario) -> Iterator[Fault]:
    smallest = min(scenario.places, key=lambda p: p.population)
    if scenario.people_per_agent > smallest.population:
        yield (
            ("scenario", "people_per_agent"),
            f"{scenario.people_per_agent} people per agent, but {smallest.name!r} has {smallest.population} people",
            "at most the population of the smallest place",
            "lower people_per_agent",
        )
    seat = math.fsum(p.seat for p in scenario.places)
    if abs(seat - 1.0) > 1e-9:
        yield (
            ("place",),
            f"the seat weights of all places add up to {seat:.6g}",
            "exactly 1",
            "give the seat of power its weight, and the others the rest",
        )
    if all(p.garrison == 0 for p in scenario.places):
        yield ("place",), "no place has a garrison", "staff somewhere", "set `garrison` of at least one place"


def warnings(scenario: Scenario) -> list[str]:
    """What is allowed but should be known: targets that thinning blurs, and what a variant left out."""
    found = list(scenario.notes)
    k = scenario.people_per_agent
    for target in scenario.targets:
        agents = target.high / k
        if target.metric in SMALLEST_TARGET and agents < FEWEST_AGENTS:
            found.append(
                f"target {target.name!r}: {target.high:g} people are {agents:.3g} simulated people at 1:{k}; "
                f"below {FEWEST_AGENTS} the thinning itself decides the scatter (--people-per-agent, or --full)"
            )
    return found
