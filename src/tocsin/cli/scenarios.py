"""`tocsin scenarios`: what comes with the package."""

from __future__ import annotations

from textwrap import wrap

from rich.console import Console

from tocsin.scenario.load import load, names
from tocsin.scenario.scenario import Scenario

HEADINGS = ("name", "people", "states", "days", "title")
NARROW = 20
"""Characters that a title has in a line, however narrow the screen."""


def scenarios() -> None:
    """List the scenarios that come with tocsin."""
    rows = [HEADINGS, *(_row(load(name)) for name in names())]
    wide = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS) - 1)]
    left = sum(wide) + 2 * len(wide)
    console = Console(highlight=False, markup=False)
    for row in rows:
        numbers = (text.rjust(w) for text, w in zip(row[1:-1], wide[1:], strict=True))
        start = "  ".join((row[0].ljust(wide[0]), *numbers, ""))
        title = wrap(row[-1], max(console.width - left, NARROW))
        line = start + f"\n{' ' * left}".join(title)
        console.print(line, style="bold" if row is HEADINGS else None, soft_wrap=True)
    console.print("\ntocsin check NAME shows what stands in one; tocsin new COUNTRY starts another.", soft_wrap=True)


def _row(s: Scenario) -> tuple[str, ...]:
    """Name, people of all societies in millions, states, days, title."""
    people = sum(p.population for society in s.societies for p in s.places_of(society))
    return s.name, f"{people / 1e6:,.1f} M", str(len(s.state_names)), f"{s.days:g}", s.title
