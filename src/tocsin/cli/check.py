"""`tocsin check`: what is wrong with a scenario, without running it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Console
from rich.text import Text

from tocsin.cli.given import Mechanisms
from tocsin.scenario.load import load, warnings
from tocsin.scenario.parts import Faction
from tocsin.scenario.reference import in_words
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.vary import variant_of


def check(file: str, /, *, mechanism: Mechanisms = ()) -> None:
    """Read a scenario, resolve it and its variants, and say what is wrong or doubtful.

    Parameters
    ----------
    file
        A scenario file, or the name of a shipped one.
    """
    scenario = load(file, mechanism)
    for name in scenario.variants:
        variant_of(scenario, name)
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text.assemble((scenario.title, "bold"), f"  ({scenario.origin})"))
    for line in (*size(scenario), *outside(scenario), f"hash {scenario.hash[:16]}"):
        console.print(line)
    for warning in warnings(scenario):
        console.print(Text.assemble(("warning: ", "yellow"), warning))
    console.print(Text("nothing is wrong", style="green"))


def size(scenario: Scenario) -> Iterator[str]:
    """How large the scenario is and what stands in it."""
    agents = scenario.population // scenario.people_per_agent
    yield (
        f"{len(scenario.places)} places, {scenario.population:,} people ({agents:,} simulated at"
        f" 1:{scenario.people_per_agent}), {scenario.ticks} ticks of {scenario.tick_hours:g} hours"
    )
    optional = f" and {len(scenario.optional_events)} optional" if scenario.optional_events else ""
    yield (
        f"{len(scenario.events)} events{optional}, {len(scenario.targets)} targets, {len(scenario.parameters)}"
        f" parameters, variants: {', '.join(scenario.variants) or 'none'}"
    )
    yield f"reference: a trigger felt as {in_words(scenario.felt)}"


def outside(scenario: Scenario) -> Iterator[str]:
    """The other states, the factions, and who decides; nothing of what there is none of."""
    for state in scenario.states:
        people = sum(p.population for p in state.places)
        count = f"{len(state.places)} place{'s' * (len(state.places) > 1)}"
        society = f", {people:,} people in {count} (1:{state.people_per_agent})" if people else ""
        troops = f", up to {state.contingent:,.0f} troops" if state.contingent else ""
        yield f"state {state.name}: {state.role}{troops}{society}"
    for faction, optional in _factions(scenario):
        aim = f"armed, {faction.aim}" if faction.armed else faction.aim
        when = f"{scenario.start + timedelta(hours=faction.hours):%Y-%m-%d %H:%M}"
        note = f", only with {faction.part!r}" if optional else ""
        yield f"faction {faction.name}: {faction.size:,.0f} people in {faction.place}, {aim}, from {when}{note}"
    for name, hours in scenario.policy.items():
        since = f" from {scenario.start + timedelta(hours=hours):%Y-%m-%d %H:%M}" if hours > 0 else ""
        yield f"policy: the {name} decides for itself{since}"
    if any(s.role in ("patron", "member") for s in scenario.states):
        count = f" of {scenario.alliance.quorum}" if scenario.alliance.rule == "quorum" else ""
        yield f"alliance: {scenario.alliance.rule}{count}"


def _factions(scenario: Scenario) -> list[tuple[Faction, bool]]:
    return [*((f, False) for f in scenario.factions), *((f, True) for f in scenario.optional_factions)]
