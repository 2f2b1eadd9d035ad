"""`tocsin plan`: the steps of a tick, as a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tocsin.cli.given import Mechanisms
from tocsin.engine.plan import Plan
from tocsin.scenario.load import load
from tocsin.scenario.vary import variant_of


def plan(file: str = "kazakhstan-2022", /, *, variant: str = "", mechanism: Mechanisms = ()) -> None:
    """Print the steps of a tick in their order: what each reads, sets and draws.

    Parameters
    ----------
    file
        A scenario file, or the name of a shipped one.
    variant
        A variant of it, by name.
    """
    scenario = variant_of(load(file, mechanism), variant)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("step", "number", "name", "reads", "sets", "draws"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("step", "number", "name"))
    for row in Plan(scenario).table():
        table.add_row(*row, style=None if row[1] else "dim")
    off = [name for name, on in {**scenario.mechanisms, **scenario.switches}.items() if not on]
    console = Console(highlight=False)
    console.print(table)
    if off:
        console.print(f"off: {', '.join(off)}")
