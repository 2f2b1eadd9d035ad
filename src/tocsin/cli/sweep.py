"""`tocsin sweep`: a scenario at many points of what is assumed; a table, a page and a CSV."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from tocsin.cli.given import Mechanisms, refuse_below_one
from tocsin.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.cli.progress import Meter
    from tocsin.experiments.sweep import Measure, Sweep
    from tocsin.report.sweep import Findings
    from tocsin.results.record import Outcome
    from tocsin.scenario.scenario import Scenario

Design = Literal["grid", "latin", "sobol", "indices", "screening"]
DEFAULTS = {"grid": 5, "latin": 64, "sobol": 64, "indices": 64, "screening": 10}


@Parameter(name="*")
@dataclass(frozen=True)
class Plan:
    """Which points."""

    design: Design = "grid"
    """grid: all combinations; latin, sobol: spread over the space; indices, screening: for what moves the result."""
    points: int | None = None
    """grid: values of each range (5); latin, sobol: all points (64); indices, screening: rows (64, 10)."""
    seeds: int = 10
    """Runs at each point, each with its own draw of what is not swept; all points have the same."""
    seed: int = 1
    """Another number gives other draws and other chance."""


@Parameter(name="*")
@dataclass(frozen=True)
class Ask:
    """What of."""

    what: str = "fallen"
    """A headline number of a run, or an event such as 'killed>100'."""
    resolve: Annotated[bool, Parameter(negative="")] = False
    """Show days in action at each share of the people until half the runs have fallen."""
    variant: str | None = None
    """Sweep a variant of the scenario."""
    people_per_agent: int | None = None
    """How many people one simulated person stands for (default: the scenario's)."""
    days: float | None = None
    """Length of a run in days (default: the scenario's)."""


@Parameter(name="*")
@dataclass(frozen=True)
class Means:
    """Who does it, and where it goes."""

    store: Path = Path("tocsin-runs")
    """Folder for the runs; runs that are there already are not run again."""
    to: Path | None = None
    """The page (default: tocsin-sweep-NAME.html in this folder); the CSV lies beside it."""
    workers: int | None = None
    """Processes (default: one per core)."""
    cluster: str | None = None
    """Make the runs on a Dask cluster: tcp://HOST:8786, or slurm (needs the extra `cluster`)."""
    retry: Annotated[bool, Parameter(negative="")] = False
    """Make runs again that failed before."""


PLAN, ASK, MEANS = Plan(), Ask(), Means()


def sweep(
    scenario: str, /, *, over: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    plan: Plan = PLAN, ask: Ask = ASK, means: Means = MEANS, mechanism: Mechanisms = (),
) -> None:  # fmt: skip
    """Run a scenario at many points of what is assumed.

    All points have the same draws, people and chance. Designs are plain: none searches for an extreme. Stop with Ctrl-C
    at any time: finished runs are kept, and the same command computes only the rest.

    Parameters
    ----------
    scenario
        A scenario that comes with tocsin, such as kazakhstan-2022, or a file.
    over
        What to sweep, once for each: NAME=low..high, NAME=low..high:log, NAME=prior or NAME=a,b,c. A name is a
        parameter or anything else that a variant can change; variant=NAME,NAME sweeps variants.
    """
    from tocsin.cli.swept import show  # imported here, so that help is quick
    from tocsin.experiments.sweep import Measure

    begun, console = time.monotonic(), Console()
    refuse_below_one(workers=means.workers)
    Measure.of(ask.what)
    world = chosen(scenario, ask, mechanism)
    made = carried_out(console, world, read(over), plan, means, ask)
    found = findings(made, plan, ask)
    show(console, found)
    finish(console, found, means, begun)


def chosen(name: str, ask: Ask, mechanisms: Mechanisms = ()) -> Scenario:
    """The scenario as it is to be swept."""
    from tocsin.scenario.load import load

    world = load(name, mechanisms).world(ask.variant or "")
    changes = {"people_per_agent": ask.people_per_agent, "days": ask.days}
    given = {key: value for key, value in changes.items() if value is not None}
    return world.vary(given, variant=world.variant) if given else world


def read(over: tuple[str, ...]) -> dict[str, object]:
    """The options `--over` as `tocsin.sweep` takes them."""
    found: dict[str, object] = {}
    for text in over:
        name, sign, values = (part.strip() for part in text.partition("="))
        if not (name and sign and values):
            raise UsageError(f"--over {text}", expected="NAME=low..high, NAME=prior or NAME=a,b,c",
                             do="for example --over risk.severity=2..8")  # fmt: skip
        if name in found:
            raise UsageError(f"--over {name} twice", expected="each name once", do="put its values into one")
        found[name] = _values(text, values)
    return found


def _values(text: str, values: str) -> object:
    """A range, "prior", or levels; commas inside brackets do not part levels."""
    if values == "prior":
        return values
    low, sign, high = values.partition("..")
    if not sign:
        return [_value(v.strip()) for v in re.split(r",(?![^(]*\))", values) if v.strip()]
    high, _, scale = high.partition(":")
    try:
        ends = float(low), float(high)
    except ValueError:
        raise UsageError(f"--over {text}", expected="numbers around the two dots",
                         do="for example --over risk.severity=2..8, or =2..8:log") from None  # fmt: skip
    return (*ends, scale) if scale else ends


def _value(text: str) -> object:
    """A number, a truth, or the text itself."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text) if re.search(r"[.eE]", text) else int(text)
    except ValueError:
        return text


@dataclass
class _Watch:
    """A meter that ends everything at the first run if it has no number of the name that is asked for."""

    meter: Meter
    measure: Measure

    def say(self, text: str) -> None:
        """One line of news."""
        self.meter.say(text)

    def begin(self, total: int, kept: int) -> None:
        """Where the sweep stands."""
        self.meter.begin(total, kept)

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more run."""
        for ended in endings:
            if ended is not None:
                self.measure.refuse_unknown(ended.summary)
        self.meter.step(endings)


def carried_out(
    console: Console, world: Scenario, over: dict[str, object], plan: Plan, means: Means, ask: Ask
) -> Sweep:
    """Run what is missing, with a progress bar."""
    from tocsin.cli.progress import Meter
    from tocsin.cli.run import warn
    from tocsin.experiments import sensitivity
    from tocsin.experiments.points import axes_of, world_at
    from tocsin.experiments.resolve import refuse_scripted
    from tocsin.experiments.sweep import Measure
    from tocsin.experiments.sweep import sweep as swept

    axes = axes_of(world, over)
    if ask.resolve:
        refuse_scripted(world_at(world, {a.name: a.at(0.0) for a in axes}))
    console.print(f"[bold]{world.title}[/] ({world.name}), {plan.design} over", highlight=False)
    for axis in axes:
        console.print(f"  {axis}", highlight=False, markup=False)
    warn(console, (world,), world.name)
    meter = Meter(console)
    size: dict[str, Any] = {"points": plan.points or DEFAULTS[plan.design], "seeds": plan.seeds, "seed": plan.seed}
    hands: dict[str, Any] = {
        "workers": means.workers, "cluster": means.cluster, "retry": means.retry,
        "progress": _Watch(meter, Measure.of(ask.what)),
    }  # fmt: skip
    try:
        if plan.design == "indices":
            return sensitivity.indices(world, over, store=means.store, **size, **hands)
        if plan.design == "screening":
            return sensitivity.screening(world, over, store=means.store, **size, **hands)
        return swept(world, over, design=plan.design, store=means.store, **size, **hands)
    finally:
        meter.end()


def findings(made: Sweep, plan: Plan, ask: Ask) -> Findings:
    """What is read from the finished runs."""
    from tocsin.experiments.resolve import resolve
    from tocsin.experiments.sensitivity import morris_effects, sobol_indices
    from tocsin.report.sweep import Findings

    return Findings(
        made, ask.what,
        sobol_indices(made, ask.what) if plan.design == "indices" else None,
        morris_effects(made, ask.what) if plan.design == "screening" else None,
        resolve(made) if ask.resolve else (),
    )  # fmt: skip


def finish(console: Console, found: Findings, means: Means, begun: float) -> None:
    """Write the page and the CSV; say where everything is and how long it took."""
    from tocsin.cli.progress import length
    from tocsin.report.sweep import write

    path = means.to or Path(f"tocsin-sweep-{found.sweep.scenario.name}.html")
    page, *tables = write(found, path, command="tocsin " + " ".join(sys.argv[1:]))
    for name, text in (
        ("Page", page), *(("CSV", table) for table in tables), ("Runs", means.store),
        ("Time", length(time.monotonic() - begun)),
    ):  # fmt: skip
        console.print(f"{name + ':':6} {text}", soft_wrap=True, highlight=False)
