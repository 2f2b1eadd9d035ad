"""What `tocsin run` prints: what will be run, and what came out, in 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from tocsin.experiments.contrast import Contrast
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import Ensemble, Share
from tocsin.experiments.statistics import spread
from tocsin.results.record import OUTCOMES
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Result = Ensemble | Contrast
UNCALIBRATED = (
    "The parameters are uncalibrated: drawn from their priors, not fitted to any record. "
    "These shares are shares of assumptions, not probabilities of history, and no verdict."
)
NUMBERS = (
    ("peak turnout", "peak_turnout", "turnout"),
    ("detained", "detained", "detained"),
    ("killed", "killed", "killed"),
    ("places lost", "places_lost", ""),
)
"""Headline numbers: how they are called, their name in the summary of a run, the metric that a target gives them."""


def announce(console: Console, worlds: Sequence[Scenario], titles: Sequence[str], design: Design, store: str) -> None:
    """Say what is about to be run."""
    s = worlds[0]
    off = [name for name, on in s.mechanisms.items() if not on]
    mechanisms = f"{sum(s.mechanisms.values())} of {len(s.mechanisms)}" + (f" (off: {', '.join(off)})" if off else "")
    draws = -(-design.runs // design.seeds_per_draw)
    each = f"{draws} draws of the parameters, {design.seeds_per_draw} seed{'s' * (design.seeds_per_draw > 1)} each"
    lines = (
        ("people", f"{s.population:,} in {len(s.places)} places, {thinned(s.people_per_agent)}"),
        ("time", f"{s.days:g} days from {s.start:%Y-%m-%d %H:%M}, {s.ticks} ticks of {s.tick_hours:g} hours"),
        ("runs", f"{design.runs} ({each}) from seed {design.seed}"),
        ("worlds", f"{len(worlds)}: {'; '.join(titles)}"),
        ("mechanisms", mechanisms),
        ("runs go to", store),
    )
    console.print(f"[bold]{s.title}[/] ({s.name})", highlight=False)
    table = Table.grid(padding=(0, 2))
    for name, text in lines:
        table.add_row(f"[dim]{name}[/]", text)
    console.print(Padding(table, (0, 0, 0, 2)), highlight=False)


def thinned(people_per_agent: int) -> str:
    """How many people one simulated person stands for."""
    return "one person for each" if people_per_agent == 1 else f"one simulated for {people_per_agent:,}"


def show(console: Console, result: Result) -> None:
    """Print everything that came out."""
    for table in (endings(result), numbers(result)):
        console.print()
        console.print(table, highlight=False)
    if isinstance(result, Contrast):
        console.print(effect(result), highlight=False)
    console.print()
    console.print(f"[bold]{UNCALIBRATED}[/]", highlight=False)
    console.print()
    console.print(gate(result), highlight=False)
    console.print(fit(result), highlight=False)


def _sides(result: Result) -> list[Ensemble]:
    return [result.base, result.variant] if isinstance(result, Contrast) else [result]


def _table(result: Result, title: str, *first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", max_width=30)
    for name in first:
        table.add_column(name, justify="right")
    for side in _sides(result):
        table.add_column(side.title, justify="right")
    return table


def endings(result: Result) -> Table:
    """Shares of runs by how they end, with 95 % intervals."""
    table = _table(result, f"How {len(result)} runs end (share, 95 % interval)")
    for kind in OUTCOMES:
        shares = [side.share(kind) for side in _sides(result)]
        if any(s for s, _, _ in shares):
            table.add_row(kind, *map(share, shares))
    table.add_row("[bold]regime or ruler falls[/]", *(f"[bold]{share(side.fallen)}[/]" for side in _sides(result)))
    return table


def numbers(result: Result) -> Table:
    """Headline numbers: median and 90 % range over runs, beside what was reported and its observation interval."""
    table = _table(result, "Median and 90 % range of the runs", "reported, 95 % interval")
    sides = _sides(result)
    table.add_row("day of the fall, if it falls", "-", *(span(days(side, "day", "fallen")) for side in sides))
    table.add_row("day order returns, if lost", "-", *(span(days(side, "order_day")) for side in sides))
    for title, name, metric in NUMBERS:
        table.add_row(title, reported(result.scenario, metric), *(span(side.spread(name)) for side in sides))
    return table


def days(side: Ensemble, name: str, only: str = "") -> Share:
    """Spread of a day over the runs in which it came; only: over the runs in which this is one.

    Order that was never lost has day 0 and does not return.
    """
    values = side.column(name)
    return spread(values[(side.column(only) == 1) if only else (values > 0)])


def reported(scenario: Scenario, metric: str) -> str:
    """The national figure to hold a headline number against: the largest crowd, or the last running total."""
    found = [t for t in scenario.targets if t.metric == metric and not t.place]
    if not found:
        return "-"
    chosen: Target = max(found, key=lambda t: t.high if metric == "turnout" else t.day)
    figure = f"{chosen.low:,.0f}" if chosen.low == chosen.high else f"{chosen.low:,.0f} to {chosen.high:,.0f}"
    return f"{figure}\n[dim]{chosen.interval[0]:,.0f} to {chosen.interval[1]:,.0f}[/]"


def effect(result: Contrast) -> str:
    """The paired difference in one sentence."""
    value, low, high = (100 * x for x in result.effect)
    how = "the same draws, people and chance" if result.paired else "not paired: people or ticks differ"
    return (
        f"Survival {result.base.title} less survival {result.variant.title}: {value:+.0f} points "
        f"(95 % interval {low:+.0f} to {high:+.0f}; {how}). "
        f"In {result.differ} of {len(result)} pairs one world falls and the other does not."
        f"{gain(result)}"
    )


def gain(result: Contrast) -> str:
    """What pairing saved, in one sentence; nothing where the worlds cannot be paired or no pair differs."""
    found = result.gain
    if not result.paired or not math.isfinite(found.ratio):
        return ""
    low, high = found.interval
    worth = f"{found.ratio:.2g} ({low:.2g} to {high:.2g})"
    if found.ratio < 1:
        return f" Pairing does not help here: a pair tells as much as {worth} pairs of independent runs."
    return f" A pair tells as much as {worth} pairs of independent runs: {found.saved:,.0f} runs saved in each world."


def gate(result: Result) -> Table:
    """The joint gate on the priors, each condition met or not."""
    table = Table(title="Joint gate on the priors", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.show_header = False
    for _ in range(2):
        table.add_column()
    words = {True: "[green]met[/]", False: "[red]not met[/]", None: "[yellow]cannot tell[/]"}
    for row in result.gate:
        parts = [f"wanted {row.wanted}", row.note]
        if row.value is not None:
            low, high = row.interval or (math.nan, math.nan)
            parts.insert(0, f"{row.value:.3g}" + ("" if math.isnan(low) else f" ({low:.3g} to {high:.3g})"))
        table.add_row(words[row.met], f"{row.criterion}\n[dim]{'; '.join(p for p in parts if p)}[/]")
    return table


def fit(result: Result) -> str:
    """The reported figures in one sentence."""
    found = result.fit
    if found.nearest is None:
        return "\nNo reported figure lies within these runs."
    _, draw, seed = found.nearest
    all_met = share((found.share_all, *found.all_interval))
    return (
        f"\nReported figures: {len(found.rows)} compared"
        + (f", {len(found.left_out)} outside these runs" if found.left_out else "")
        + f". Inside every observation interval: {all_met} of the runs. "
        f"Nearest run: draw {draw}, seed {seed}, on average {found.distance:.2g} half-widths outside."
    )


def share(value: Share) -> str:
    """A share with its interval, in per cent."""
    p, low, high = (100 * x for x in value)
    return "-" if math.isnan(p) else f"{p:.0f} % ({low:.0f} to {high:.0f})"


def span(value: Share) -> str:
    """A median with its range."""
    if math.isnan(value[0]):
        return "-"
    digits = ",.0f" if max(abs(v) for v in value) >= 100 else ".3g"
    return f"{value[0]:{digits}}\n[dim]{value[1]:{digits}} to {value[2]:{digits}}[/]"
