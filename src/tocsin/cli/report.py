"""`tocsin report RUNS`: the report again, from stored runs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console


def report(
    runs: Path, /, *, out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None, back: int = 0
) -> None:
    """Write the HTML report of a run store again; nothing is simulated.

    Parameters
    ----------
    runs
        Folder of the run store, as named by `tocsin run --store` (usually `tocsin-runs`).
    out
        Where to write the report (default: `tocsin-report-NAME.html` in the current folder).
    back
        Which ensemble of the store: 0 is the newest, 1 the one before it.
    """
    from tocsin.experiments.contrast import open_store  # imported here: help needs neither
    from tocsin.report.page import write

    result = open_store(runs, back)
    path = out or Path(f"tocsin-report-{result.scenario.name}.html")
    written = write(result, path, command=f"tocsin report {runs}")
    Console().print(f"Report of {len(result)} stored runs: {written}", soft_wrap=True, highlight=False)
