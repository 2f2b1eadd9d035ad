"""`tocsin replicate`: published models, reproduced, with every deviation measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from tocsin.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from tocsin.classics.declare import Classic
    from tocsin.classics.ladder import Replication, Terms
    from tocsin.experiments.rounds import Pool

DEFAULT = Path("tocsin-ladder")
PAGE = "ladder.html"


def replicate(
    *names: str,
    full: Annotated[bool, Parameter(negative="")] = False,
    to: Path = DEFAULT,
    workers: int | None = None,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
    rows: bool | None = None,
) -> None:
    """Reproduce published models, and set each published number beside ours.

    A number that does not come out is a finding, not a fault: it is shown with its gap. Finished pieces are kept, so
    that the same command goes on where it was stopped.

    Parameters
    ----------
    names
        Models, such as granovetter or epstein-2 (default: all of them).
    full
        As many seeds and ticks as the criteria ask for (up to 40 minutes for all), not the quick form.
    to
        Folder for the page with figures and for finished pieces.
    workers
        Processes (default: one; with --full one per core).
    list_
        Only say which models there are.
    rows
        Show every number here too, not only on the page (default: if models are named).
    """
    from tocsin.classics import ladder  # imported here, so that help is quick

    if workers is not None and workers < 1:
        raise UsageError(
            f"--workers {workers}", expected="1 or more", do="leave --workers out, or give a larger number"
        )
    console = Console(highlight=False)
    asked = [ladder.find(name) for name in dict.fromkeys(names)] or list(ladder.classics())
    if list_:
        _list(console, asked)
        return
    begun = time.monotonic()
    terms = ladder.Terms(full, to / "pieces")
    _writable(to)
    try:
        tasks = len(ladder.tasks_of([c.name for c in asked], terms))
        shown = bool(names) if rows is None else rows
        done = _climbed(console, asked, terms, _pool(workers, full, tasks), rows=shown)
    except KeyboardInterrupt:
        raise Interrupted("stopped; finished pieces are kept", do="the same command goes on from there") from None
    _finish(console, asked, done, to / _page(names), terms)
    from tocsin.cli.progress import length

    console.print(f"Time:   {length(time.monotonic() - begun)}")


def _list(console: Console, classics: Iterable[Classic]) -> None:
    """One line a model, and which of them can be watched."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("rung", "name", "model", "animation"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("rung", "name"))
    for c in classics:
        table.add_row(str(c.rung), c.name, c.title, "yes" if c.film else "")
    console.print(table)
    console.print("\ntocsin play NAME writes the animation of a model.")


def _writable(folder: Path) -> None:
    """Refuse a folder that cannot be written before an hour is spent."""
    from tocsin.classics.kept import write

    probe = folder / "pieces" / "README.txt"
    write(probe, "Finished pieces of `tocsin replicate`, one file each. Deleting them only costs time.\n")


def _pool(workers: int | None, full: bool, tasks: int) -> Pool | None:
    """Worker processes, or None for this process alone."""
    from tocsin.experiments.executors import ProcessPool, cores

    width = min(workers if workers is not None else cores() if full else 1, tasks)
    return ProcessPool(width, ("tocsin.classics.ladder",)) if width > 1 else None


def _page(names: Sequence[str]) -> str:
    """The page's file: one of its own for named models, so that the whole ladder's stays."""
    named = sorted(dict.fromkeys(names))
    return f"ladder-{'-'.join(named)}.html" if named else PAGE


def _climbed(
    console: Console, asked: Sequence[Classic], terms: Terms, pool: Pool | None, *, rows: bool
) -> list[Replication]:
    """Reproduce the models; show findings as they come, or a paragraph a model."""
    from tocsin.classics.ladder import Begun, Portion, Replication, climb
    from tocsin.cli.rungs import Pace, Progress, heading, row, tally
    from tocsin.kernels.warmup import warm

    if pool is not None:
        warm(console.print)
    done: list[Replication] = []
    pace = Pace(asked, pool.width if pool else 1) if terms.full else None
    with (
        Progress(console, len(asked), terms.folder, pace) as progress,
        closing(climb([c.name for c in asked], terms, pool, progress.piece)) as events,
    ):
        for event in events:
            if isinstance(event, Begun):
                classic = event.classic
                if rows:
                    heading(console, classic)
                progress.begin(event.classic.name, alone=pool is None)
            elif isinstance(event, Portion):
                progress.portion(event)
            elif isinstance(event, Replication):
                done.append(event)
                progress.done(event)
                if not rows:
                    tally(console, classic, event.findings)
            elif rows:
                row(console, event)
    return done


def _finish(console: Console, asked: Sequence[Classic], done: Sequence[Replication], path: Path, terms: Terms) -> None:
    """What is not met, the count of verdicts, and the page."""
    from tocsin.cli.rungs import unmet
    from tocsin.report import ladder as page

    by_name = {d.name: d for d in done}
    rungs = [(c, by_name[c.name].findings, by_name[c.name].pictures) for c in asked]
    unmet(console, [(c, findings) for c, findings, _ in rungs])
    console.print(f"\n{page.summary([f for d in done for f in d.findings])}", style="bold")
    kept = sum(d.found for d in done)
    if kept:
        console.print(f"{kept} of {kept + sum(d.made for d in done)} pieces of work had been kept from before.")
    command = "tocsin " + " ".join(sys.argv[1:])
    page.write(rungs, path, facts=_facts(command, done), full=terms.full)
    console.print(f"Page:   {path}", soft_wrap=True)


def _facts(command: str, done: Sequence[Replication]) -> list[tuple[str, str]]:
    """What somebody needs to get the same numbers again."""
    from importlib.metadata import version

    from tocsin.classics.ladder import digest_of

    packages = ", ".join(f"{p} {version(p)}" for p in ("numba", "numpy", "scipy"))
    return [
        ("command", command),
        ("versions", packages),
        *((f"code of {d.name}", digest_of(d.name)[:16]) for d in done),
    ]
