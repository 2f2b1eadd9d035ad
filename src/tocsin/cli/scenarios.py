"""`tocsin scenarios`: what comes with the package."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tocsin.scenario.load import load, names


def scenarios() -> None:
    """List the scenarios that come with tocsin."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "title", "people", "places", "days", "variants"):
        table.add_column(heading, justify="right" if heading in ("people", "places", "days") else "left")
    for name in names():
        s = load(name)
        table.add_row(
            name, s.title, f"{s.population:,}", str(len(s.places)), f"{s.days:g}", ", ".join(s.variants) or "none"
        )
    Console().print(table)
