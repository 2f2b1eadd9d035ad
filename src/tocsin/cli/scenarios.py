"""`tocsin scenarios`: what comes with the package."""

from __future__ import annotations

from rich.console import Console

from tocsin.scenario.load import load, names
from tocsin.scenario.scenario import Scenario

HEADINGS = ("name", "people", "states", "days", "title")


def scenarios() -> None:
    """List the scenarios that come with tocsin."""
    rows = [HEADINGS, *(_row(load(name)) for name in names())]
    wide = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS) - 1)]
    console = Console(highlight=False, markup=False)
    for row in rows:
        numbers = (text.rjust(w) for text, w in zip(row[1:-1], wide[1:], strict=True))
        line = "  ".join((row[0].ljust(wide[0]), *numbers, row[-1]))
        style = "bold" if row is HEADINGS else None
        console.print(line, style=style, no_wrap=True, overflow="ellipsis")
    console.print("\ntocsin check NAME shows what stands in one; tocsin new COUNTRY starts another.", soft_wrap=True)


def _row(s: Scenario) -> tuple[str, ...]:
    """Name, people of all societies in millions, states, days, title."""
    people = sum(p.population for society in s.societies for p in s.places_of(society))
    return s.name, f"{people / 1e6:,.1f} M", str(len(s.state_names)), f"{s.days:g}", s.title
