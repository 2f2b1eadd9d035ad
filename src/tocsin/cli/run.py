"""`tocsin run`: a scenario and its counterfactual, many times over; a table, the runs and a report."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from tocsin.cli.given import Mechanisms, refuse_below_one
from tocsin.errors import UsageError

if TYPE_CHECKING:
    from tocsin.cli.summary import Result
    from tocsin.experiments.design import Design
    from tocsin.experiments.labour import Labour
    from tocsin.results.failures import Failed
    from tocsin.scenario.scenario import Scenario


@Parameter(name="*")
@dataclass(frozen=True)
class Size:
    """How large each run is."""

    full: Annotated[bool, Parameter(negative="")] = False
    """One simulated person for every person (slower, no thinning noise)."""
    people_per_agent: int | None = None
    """How many people one simulated person stands for (default: the scenario's)."""
    days: float | None = None
    """Length of a run in days (default: the scenario's)."""


@Parameter(name="*")
@dataclass(frozen=True)
class Work:
    """How many runs, and who does them."""

    runs: int = 40
    """Runs in each world."""
    seed: int = 1
    """Which ensemble: another number gives other draws and other chance."""
    seeds_per_draw: int = 1
    """Runs with the same parameters and different chance; 20 or more to measure an effect per draw."""
    workers: int | None = None
    """Processes (default: one per core); with --cluster slurm, how many workers SLURM starts."""
    threads: int = 1
    """Threads of each run."""
    cluster: str | None = None
    """Make the runs on a Dask cluster: tcp://HOST:8786, or slurm (needs the extra `cluster`)."""
    retry: Annotated[bool, Parameter(negative="")] = False
    """Make runs again that failed before."""
    most_failing: float = 0.05
    """Share of the runs that may fail before everything is ended (one always may)."""


@Parameter(name="*")
@dataclass(frozen=True)
class Compare:
    """What to compare with."""

    variant: str | None = None
    """The other world, a variant of the scenario (default: the first that the scenario describes)."""
    alone: Annotated[bool, Parameter(negative="")] = False
    """Run the scenario alone, with no other world."""


@Parameter(name="*")
@dataclass(frozen=True)
class Keep:
    """Where things go."""

    store: Path = Path("tocsin-runs")
    """Folder for the runs; runs that are there already are not run again."""
    out: Path | None = None
    """The report (default: tocsin-report-NAME.html in this folder)."""
    no_report: Annotated[bool, Parameter(negative="")] = False
    """Write no report."""


SIZE, WORK, COMPARE, KEEP = Size(), Work(), Compare(), Keep()
SHOWN_WARNINGS = 2
SHOWN_FAILED = 5


def run(
    scenario: str, /, *, size: Size = SIZE, work: Work = WORK, compare: Compare = COMPARE, keep: Keep = KEEP,
    mechanism: Mechanisms = (),
) -> None:  # fmt: skip
    """Simulate a scenario and its counterfactual, and write the report.

    Each run draws its parameters from their priors. Both worlds of a pair share parameters, people and chance.
    Stop with Ctrl-C at any time: finished runs are kept, and the same command computes only the rest.

    Parameters
    ----------
    scenario
        A scenario that comes with tocsin, such as kazakhstan-2022, or a file.
    """
    from tocsin.cli import summary  # imported here, so that help is quick
    from tocsin.experiments.contrast import titles
    from tocsin.experiments.design import Design

    begun, console = time.monotonic(), Console()
    design = Design(work.runs, work.seed, work.seeds_per_draw)
    refuse_below_one(workers=work.workers, threads=work.threads)
    worlds = chosen(scenario, size, compare, mechanism)
    names = titles(*worlds) if len(worlds) == 2 else (worlds[0].variant or "as written",)
    summary.announce(console, worlds, names, design, str(keep.store))
    warn(console, worlds, scenario)
    labour = labour_of(work)
    result = made(console, worlds, design, keep, labour)
    summary.show(console, result)
    tell_failed(console, result.failed)
    finish(console, result, keep, begun)


def labour_of(work: Work) -> Labour:
    """Who does the work, as the options say."""
    from tocsin.experiments.labour import Labour

    return Labour(
        work.workers, work.threads, cluster=work.cluster, most_failing=work.most_failing, retry=work.retry
    )  # fmt: skip


def warn(console: Console, worlds: tuple[Scenario, ...], name: str) -> None:
    """Say what is doubtful about the worlds, at no great length."""
    from tocsin.scenario.rules import warnings

    texts = list(dict.fromkeys(line for world in worlds for line in (*world.notes, *warnings(world))))
    for text in texts[:SHOWN_WARNINGS]:
        console.print(f"[yellow]warning:[/] {text}", highlight=False)
    if len(texts) > SHOWN_WARNINGS:
        more = len(texts) - SHOWN_WARNINGS
        console.print(f"[yellow]warning:[/] {more} more; all of them: tocsin check {name}", highlight=False)


def chosen(name: str, size: Size, compare: Compare, mechanisms: Mechanisms = ()) -> tuple[Scenario, ...]:
    """The scenario as it is to be run, and the world to compare it with."""
    from tocsin.scenario.load import load
    from tocsin.scenario.vary import variant_of, vary

    if size.full and size.people_per_agent is not None:
        raise UsageError("--full and --people-per-agent at once", expected="one of them", do="--full means 1")
    if compare.alone and compare.variant is not None:
        raise UsageError("--alone and --variant at once", expected="one of them", do="leave one out")
    base = load(name, mechanisms)
    changes: dict[str, object] = {}
    if size.full or size.people_per_agent is not None:
        changes["people_per_agent"] = 1 if size.full else size.people_per_agent
    if size.days is not None:
        changes["days"] = size.days
    variant = compare.variant or next(iter(base.variants), None)
    worlds = (base,) if compare.alone or variant is None else (base, variant_of(base, variant))
    return tuple(vary(world, changes, variant=world.variant) if changes else world for world in worlds)


def made(console: Console, worlds: tuple[Scenario, ...], design: Design, keep: Keep, labour: Labour) -> Result:
    """Run what is missing, with a progress bar."""
    from tocsin.cli.progress import Meter
    from tocsin.experiments.contrast import contrast_with
    from tocsin.experiments.ensemble import ensemble_with

    meter = Meter(console, design.seeds_per_draw)
    try:
        if len(worlds) == 2:
            return contrast_with(worlds[0], worlds[1], design, keep.store, labour, meter)
        return ensemble_with(worlds[0], design, keep.store, labour, meter)
    finally:
        meter.end()


def tell_failed(console: Console, failed: Sequence[Failed]) -> None:
    """List the runs that could not be finished: they are in no table."""
    if not failed:
        return
    console.print(f"\n[bold red]{len(failed)} run(s) failed[/] and are in no table, nor are the runs paired with them:")
    for one in failed[:SHOWN_FAILED]:
        text = " ".join(one.message.split())
        console.print(f"  draw {one.draw}, seed {one.seed}, {one.world}: {text}", highlight=False, markup=False)
    more = f"{len(failed) - SHOWN_FAILED} more; " if len(failed) > SHOWN_FAILED else ""
    console.print(f"  {more}they are not made again without --retry", highlight=False)


def finish(console: Console, result: Result, keep: Keep, begun: float) -> None:
    """Write the report; say where everything is and how long it took."""
    from tocsin.cli.progress import length

    console.print()
    if not keep.no_report:
        from tocsin.report.page import write

        path = keep.out or Path(f"tocsin-report-{result.scenario.name}.html")
        earlier = " (in place of the one that was there)" if path.exists() else ""
        written = write(result, path, command="tocsin " + " ".join(sys.argv[1:]))
        console.print(f"Report: {written}{earlier}", soft_wrap=True, highlight=False)
    console.print(
        f"Runs:   {keep.store} ({len(result)} in each of {len(result.worlds)} worlds); "
        f"the report again: tocsin report {keep.store}",
        soft_wrap=True,
        highlight=False,
    )
    console.print(f"Time:   {length(time.monotonic() - begun)}", highlight=False)
