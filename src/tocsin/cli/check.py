"""`tocsin check`: what is wrong with a scenario, without running it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tocsin.scenario.load import load, warnings
from tocsin.scenario.vary import variant_of


def check(file: str, /) -> None:
    """Read a scenario, resolve it and its variants, and say what is wrong or doubtful.

    Parameters
    ----------
    file
        A scenario file, or the name of a shipped one.
    """
    scenario = load(file)
    for name in scenario.variants:
        variant_of(scenario, name)
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text.assemble((scenario.title, "bold"), f"  ({scenario.origin})"))
    agents = scenario.population // scenario.people_per_agent
    console.print(
        f"{len(scenario.places)} places, {scenario.population:,} people ({agents:,} simulated at"
        f" 1:{scenario.people_per_agent}), {scenario.ticks} ticks of {scenario.tick_hours:g} hours",
        f"{len(scenario.events)} events, {len(scenario.targets)} targets, {len(scenario.parameters)} parameters,"
        f" variants: {', '.join(scenario.variants) or 'none'}",
        f"hash {scenario.hash[:16]}",
        sep="\n",
    )
    for warning in warnings(scenario):
        console.print(Text.assemble(("warning: ", "yellow"), warning))
    console.print(Text("nothing is wrong", style="green"))
