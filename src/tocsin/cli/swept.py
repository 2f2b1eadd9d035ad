"""What `tocsin sweep` prints: the points or what moves them, deaths and injuries beside them, in 80 columns."""

from __future__ import annotations

import math

from rich.console import Console
from rich.table import Table

from tocsin.cli.summary import UNCALIBRATED
from tocsin.experiments.ensemble import Share
from tocsin.experiments.sensitivity import Indices, Screening
from tocsin.experiments.statistics import spread
from tocsin.experiments.sweep import Sweep
from tocsin.report import resolved
from tocsin.report import sweep as page
from tocsin.report.sweep import Findings
from tocsin.report.tipping import beside_names, index_rows

ROWS = 30
"""Points that are printed; the page and the CSV have more."""


def show(console: Console, found: Findings) -> None:
    """Print what came out, deaths and injuries beside it."""
    ranks = found.indices or found.screening
    console.print()
    if ranks is not None:
        console.print(_ranking(ranks), highlight=False)
        if found.indices is not None:
            console.print(page.rest_in_words(found.indices), highlight=False)
        _beside(console, found.sweep)
    else:
        console.print(_points(found), highlight=False)
        for line in page.tipping_lines(found):
            console.print(line, highlight=False)
    if found.resolve:
        console.print(_resolve(found), highlight=False)
    if failed := len(found.sweep.failed):
        console.print(
            f"[bold red]{failed} run{'' if failed == 1 else 's'} failed[/] and left out of all tables.", highlight=False
        )
    console.print(f"\n[bold]{UNCALIBRATED}[/]", highlight=False)


def _table(*heads: str, title: str = "") -> Table:
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=title or None, title_justify="left",
                 title_style="bold")  # fmt: skip
    for i, head in enumerate(heads):
        made.add_column(head, justify="left" if i == 0 else "right", overflow="fold")
    return made


def _points(found: Findings) -> Table:
    """One row a point."""
    heads, *rows = page.table(found.sweep, found.what)
    heads[len(found.sweep.axes)] = f"{found.what}, 95 % interval"
    more = f", the first {ROWS} of {len(rows)}" if len(rows) > ROWS else ""
    made = _table(*heads, title=f"{len(found.sweep.slots)} runs at each point{more}")
    for row in rows[:ROWS]:
        made.add_row(*row)
    return made


def _ranking(found: Indices | Screening) -> Table:
    """What moves the result, from the largest down."""
    rows = index_rows(found)
    made = _table("", *(what for what, _ in rows[0][1]), title=f"What moves {found.what}, with 95 % intervals")
    for name, group in rows:
        made.add_row(name, *(index(share) for _, share in group))
    return made


def index(share: Share) -> str:
    """An index with its interval."""
    value, low, high = share
    return "-" if math.isnan(value) else f"{value:.2f} ({low:.2f} to {high:.2f})"


def _beside(console: Console, made: Sweep) -> None:
    """Deaths and injuries over all runs."""
    numbers = {name: spread(made.headlines[name]) for name in beside_names(made)}
    told = (f"{name} {v:,.0f} ({low:,.0f} to {high:,.0f})" for name, (v, low, high) in numbers.items())
    console.print(f"Over all runs, median and 90 % range: {'; '.join(told)}.", highlight=False)


def _resolve(found: Findings) -> Table:
    """Days at each share until half the runs have fallen."""
    made = _table(*resolved.HEADS, title=f"\n{resolved.WARNING}")
    for row in resolved.rows(found.resolve):
        made.add_row(*row)
    return made
