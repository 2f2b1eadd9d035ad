"""What the priors allow before any fitting: the share of draws that meets each target and all, and the joint gate.

    python benchmarks/prior_gate.py --draws 3000                     targets and the gate's shares, both worlds
    python benchmarks/prior_gate.py --draws 150 --seeds 20           the effect of the mission, draw by draw

Observation intervals are printed first: they are computed from the scenario's observation models before anything is
run (science.md 4). Runs go to a store, so that a second start goes on where the first stopped.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from tocsin.experiments.contrast import Contrast, contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.scenario.load import load


def print_intervals(pair_of: str, days: float) -> None:
    """The 95 % observation interval of each target, before any run."""
    scenario = load(pair_of).vary({"days": days})
    print("95 % observation intervals of the targets (train, held-out and shown alike), stated before the runs:")
    for t in scenario.targets:
        reported = f"{t.low:g}" if t.low == t.high else f"{t.low:g} to {t.high:g}"
        between = f"{t.interval[0]:10.4g} to {t.interval[1]:10.4g}"
        print(f"  {t.name:48s} reported {reported:>14s}   true value {between}")


def print_targets(pair: Contrast) -> None:
    """Share of draws inside each interval, inside all, and the nearest draw."""
    fit = pair.fit
    print(f"\nshare of {fit.runs} runs inside each interval (median and 90 % range of the runs):")
    for row in fit.rows:
        print(f"  {row.name:48s} {row.share_inside:7.1%}   {row.median:10.4g}  ({row.q05:.4g} to {row.q95:.4g})")
    between = f"{fit.all_interval[0]:.2%} to {fit.all_interval[1]:.2%}"
    print(f"inside all {len(fit.rows)}: {fit.share_all:.2%} (95 % {between})")
    if fit.nearest is not None:
        _, draw, seed = fit.nearest
        print(f"nearest: draw {draw}, seed {seed}, mean distance {fit.distance:.2f} half-widths outside")


def print_gate(pair: Contrast) -> None:
    """The joint gate, each share met or not."""
    print("\njoint gate (science.md 3):")
    for row in pair.gate:
        word = {True: "met", False: "NOT MET", None: "cannot tell"}[row.met]
        value = "" if row.value is None else f"{row.value:.4g}"
        between = "" if row.interval is None else f"({row.interval[0]:.4g} to {row.interval[1]:.4g})"
        print(f"  {word:11s} {row.criterion}: {value} {between}; wanted {row.wanted}. {row.note}")


def print_effects(pair: Contrast) -> None:
    """Effect of the mission on survival, draw by draw, where a draw has several seeds."""
    gap = np.nanmean(pair.variant.column("fallen") - pair.base.column("fallen"), axis=1)
    low, high = np.quantile(gap, (0.05, 0.95))
    print(f"\neffect on survival by draw ({len(gap)} draws): mean {gap.mean():+.3f}, 5 % {low:+.2f}, 95 % {high:+.2f}")
    print(f"most helpful {gap.max():+.2f}, most harmful {gap.min():+.2f}")
    print(f"pairs in which one world falls and the other does not: {pair.differ} of {len(pair)}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=1, help="seeds per draw")
    parser.add_argument("--people-per-agent", type=int, default=100)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--scenario", default="kazakhstan-2022")
    parser.add_argument("--store", default="prior-gate-runs")
    a = parser.parse_args()
    print_intervals(a.scenario, a.days)
    base = load(a.scenario).vary({"people_per_agent": a.people_per_agent, "days": a.days})
    begun = time.perf_counter()
    design = Design(a.draws * a.seeds, 1, a.seeds)
    pair = contrast_with(base, base.world("no-request"), design, a.store, Labour())
    print(f"\n{len(pair)} pairs in {time.perf_counter() - begun:.0f} s")
    print_targets(pair)
    print_gate(pair)
    if a.seeds > 1:
        print_effects(pair)


if __name__ == "__main__":
    main()
