"""`tocsin claims`: the registers of claims that come with tocsin, listed or judged."""

from __future__ import annotations

from rich.console import Console

from tocsin.cli.judge import EFFORT, SHOW, Effort, Show, carry_out


def claims(register: str | None = None, /, *, effort: Effort = EFFORT, show: Show = SHOW) -> None:
    """Judge the claims that ship with a case and print the verdicts; without a name, list the registers.

    Each verdict stands with its probability and interval, the prior beside it, and what it rests on. The page that is
    written has the rest: the worlds, the assumptions, the rival accounts and the limits.

    Parameters
    ----------
    register
        A shipped register such as kazakhstan-2022, or a file of claims.
    """
    if register is None:
        _registers(Console(highlight=False))
        return
    carry_out(register, effort, show)


def _registers(console: Console) -> None:
    """One line for each shipped register."""
    from rich.table import Table

    from tocsin.claims.load import names

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("name", no_wrap=True)
    table.add_column("title", overflow="fold")
    for name, title in names().items():
        table.add_row(name, title)
    console.print(table)
    console.print("\ntocsin claims NAME judges them; tocsin claims NAME --list prints them without a run.")
