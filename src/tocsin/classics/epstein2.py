"""Epstein's civil violence, Model II: two groups, and watchers who can only gain time.

Source: Epstein J.M. 2002, Modeling civil violence: an agent-based computational approach, PNAS 99 (suppl. 3) 7243-7250,
doi 10.1073/pnas.092080199. Torus of 40 x 40 sites, at most one free actor a site, density 0.7. H, R ~ U(0, 1); group
blue or green with probability 1/2; L is the legitimacy of either group in the eyes of the other.

    active iff H (1 - L) - R (1 - exp(-k (C/A))) > T, k = 2.3, T = 0.1          as in Model I, oneself counted in A
    to go active is to kill one random person of the other group in sight; a cop arrests one random active of either
    term ~ U(0, 15); offspring with probability 0.05 a period on a free neighbouring site: same group, same H, new R;
    death at an age ~ U(0, 200); each period all wake once in random order, move in sight (radius 1.7), then act

Run 6: L 0.9, no cops. Run 7: L 0.8, no cops. Run 8: L 0.8, cops 0.04 a site from the start. Words of the paper in
quotes: "genocide", one group is gone; "peacekeepers", cops sent at period 50; "safe havens", what they leave there.

Departures: none in PRINTED. What the text leaves open is set so: ages begin at 0, terms and ages of death are whole
numbers from 1, offspring go to one of eight sites after everybody's turn, whoever is released returns near the place of
the arrest or else anywhere, the jailed age and count as people of their group; other choices are a `Reading`
(classics/epstein2_world.py).

Traps: a group is gone when its jailed are. Groups drift, so that some day one is gone even where nobody is ever killed.
H is inherited: where everybody with H (1 - L) > T has died out in both groups, peace has come by selection, the run
lasts until the cap, and a mean over runs says where the cap was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import binomtest, spearmanr, ttest_ind

from tocsin.classics.declare import Classic, Effort, Finding
from tocsin.classics.epstein2_pictures import draw_eighth, draw_seventh, draw_sixth, filmed, knobs_of
from tocsin.classics.epstein2_runs import (
    CALM,
    CAP,
    HAVENS,
    LONG,
    RUN_6,
    RUN_7,
    RUN_8,
    SEEDS,
    SENT,
    ended,
    ends,
    runs_of,
    sweep,
    times,
)
from tocsin.classics.epstein2_world import PRINTED, Reading, Society, build
from tocsin.classics.judged import OWN, PLAN, Terms, within
from tocsin.exact import Floats

SOURCE = "Epstein 2002, PNAS 99 (suppl. 3) 7243-7250, doi 10.1073/pnas.092080199"
AUDIT = "audit by ndouglas/SugarScape over seeds 1-20"
KERNEL = "grid kernel: movers of two kinds on a torus wake one by one (kernels/rivals.py)"
READINGS = (
    Reading("C/A rounded down", ratio="floor"),
    Reading("C/A rounded", ratio="even"),
    Reading("ages begun", staggered=True),
    Reading("killing a turn later", late=True),
    Reading("offspring on four sites", straight=True),
)
"""Tried where the printed rule does not give what the paper says."""


def check_sixth(effort: Effort) -> Iterator[Finding]:
    """Run 6."""
    name = f"run 6, seeds 1-20, {CALM} periods"
    kept = effort.keep(name, lambda: {"runs": [ended(build(RUN_6, PRINTED, s), CALM, to_the_end=True) for s in SEEDS]})
    runs = kept["runs"]
    killed, n = sum(run["killed"] for run in runs), len(runs)
    note = "grievance cannot exceed 1 - L = 0.1, which is T"
    shown = "killed with L = 0.9", "coexistence (Fig. 12)", f"{killed} in {n} x {CALM}", "0"
    yield Finding(*shown, killed == 0, note, origin="paper", basis=PLAN)
    smaller = [min(run["groups"]) for run in runs]
    there = sum(s > 0 for s in smaller)
    yield Finding(
        f"both groups there after {CALM} periods", "coexistence (Fig. 12)", f"{there} of {n} seeds", f"{n} of {n}",
        there == n, f"the smaller group counts {min(smaller)} to {max(smaller)}: they drift",
        origin="paper", basis=OWN,
    )  # fmt: skip


def check_seventh(effort: Effort) -> Iterator[Finding]:
    """Run 7."""
    runs = runs_of(effort, RUN_7)
    gone, mean = sum(run["end"] > 0 for run in runs), ends(runs).mean()
    yield Finding(
        'one group is gone ("genocide")', "always, n = 30 (Fig. 13)", f"{gone} of 20 seeds", "20 of 20 before 3,000",
        gone == 20, times(runs), origin="paper", basis=PLAN,
    )  # fmt: skip
    yield within(("mean time until then", f"94 ({AUDIT})"), float(mean), (60, 130), Terms("audit", PLAN), "periods")
    wins = [sum(run["victor"] == g for run in runs) for g in (0, 1)]
    shown = "the victor is random", "random (Fig. 13)", f"{wins[0]} to {wins[1]}", "at least 3 each"
    yield Finding(*shown, min(wins) >= 3, origin="paper", basis=PLAN)
    many = runs_of(effort, RUN_7, PRINTED, range(1, effort.choose(40, 400) + 1))
    first, all_ = sum(run["victor"] == 0 for run in many), sum(run["victor"] >= 0 for run in many)
    p = float(binomtest(first, all_).pvalue)
    yield Finding(
        "the victor is random, more seeds", "random", f"{first} to {all_ - first}", "p > 0.01", p > 0.01,
        f"two-sided binomial test, p = {p:.2g}", origin="paper", basis=OWN,
    )  # fmt: skip
    other = [reading for reading in READINGS if reading.ratio == PRINTED.ratio]  # without cops C/A is 0 anyhow
    cases = [(reading.name, RUN_7, reading) for reading in other]
    yield from readings_tried(effort, "Run 7", "always one group gone (Fig. 13)", cases)


def lasting(name: str, published: str, runs: Sequence[Mapping[str, Any]]) -> Finding:
    """A state of affairs that should last in every seed."""
    n, there = len(runs), sum(not run["end"] for run in runs)
    note = f"{there}, {n} needed; {times(runs)}" if there < n else ""
    return Finding(name, published, f"{there} of {n} seeds", f"both groups after {CAP} periods, {n} of {n}",
                   there == n, note, origin="paper", basis=OWN)  # fmt: skip


def readings_tried(
    effort: Effort, name: str, says: str, cases: Sequence[tuple[str, Society, Reading]]
) -> Iterator[Finding]:
    """What other readings and densities give. says: what the paper says of the run."""
    seeds = range(1, effort.choose(6, 20) + 1)
    for label, society, reading in cases:
        runs = runs_of(effort, society, reading, seeds)
        there = sum(not run["end"] for run in runs)
        shown = f"{name}: {label}", says, f"both groups after {CAP} periods in {there} of {len(runs)}", ""
        yield Finding(*shown, None, times(runs), origin="paper", why="variant")


def check_eighth(effort: Effort) -> Iterator[Finding]:
    """Run 8, cops withdrawn, "peacekeepers", and the sweep over densities."""
    runs = runs_of(effort, RUN_8)
    yield lasting("Run 8 is stable", '"a stable, but nasty, regime"', runs)
    rate = sum(run["killed"] for run in runs) / sum(run["periods"] for run in runs)
    shown = 'Run 8 is "nasty"', '"nasty"', f"{rate:.1f} killed a period", "> 0"
    yield Finding(*shown, rate > 0, "while both are there", origin="paper", basis=OWN)
    life = replace(RUN_8, longest=200)
    cases = [(reading.name, RUN_8, reading) for reading in READINGS]
    cases.append(("cops 0.1", replace(RUN_8, cops=0.1), PRINTED))
    says = '"a stable, but nasty, regime"'
    yield from readings_tried(effort, "Run 8", says, [*cases, ("J_max 200 instead of 15", life, PRINTED)])
    left = [run for run in runs_of(effort, replace(RUN_8, turn=SENT, later=0.0)) if not 0 < run["end"] <= SENT]
    gone = sum(run["end"] > 0 for run in left)
    yield Finding(
        f"cops withdrawn at {SENT}", 'reverts to "genocide"', f"{gone} of {len(left)}", "all", gone == len(left),
        times(left), origin="paper", basis=OWN,
    )  # fmt: skip
    yield from check_havens(effort)
    yield from check_sweep(effort)


def check_havens(effort: Effort) -> Iterator[Finding]:
    """The "peacekeepers"."""
    yield lasting('"peacekeepers" 0.04 at 50 leave "safe havens"', '"safe havens" (Fig. 14, no density given)',
                  runs_of(effort, HAVENS))  # fmt: skip
    sent = [(f"{share:g} a site", replace(HAVENS, later=share), PRINTED) for share in (0.1, 0.2, 0.3)]
    sent += [(reading.name, HAVENS, reading) for reading in READINGS]
    yield from readings_tried(effort, '"peacekeepers" at 50', '"safe havens" (Fig. 14)', sent)


def check_sweep(effort: Effort) -> Iterator[Finding]:
    """Cops gain time."""
    none, most = ends(runs_of(effort, RUN_7)), ends(runs_of(effort, replace(RUN_7, cops=0.1)))
    p = float(ttest_ind(most, none, equal_var=False, alternative="greater").pvalue)
    yield Finding(
        "cops gain time", "mean time rises with density (Fig. 15)", f"{none.mean():.0f} at 0, {most.mean():.0f} at 0.1",
        "one-sided p < 0.01", p < 0.01, f"Welch's t test over 20 seeds each, p = {p:.2g}; {AUDIT}: 94 and 223",
        origin="paper", basis=PLAN,
    )  # fmt: skip
    densities, found = sweep(effort)
    cap = effort.choose(CAP, LONG)
    for what, measure in (("mean", np.mean), ("s.d.", _spread)):
        values = [float(measure(ends(runs, cap))) for runs in found]
        rank, p = spearmanr(densities, values, alternative="greater")
        yield Finding(
            f"{what} of the time rises with density", "rises (Figs 15-17)", f"{values[0]:.0f} to {values[-1]:.0f}",
            "rank correlation > 0, p < 0.05", bool(p < 0.05) if effort.full or p < 0.05 else None,
            f"{len(found)} densities x {len(found[0])} seeds, cap {cap}: rank correlation {rank:.2f}, p = {p:.2g}",
            origin="paper", basis=OWN, why="too few runs to tell",
        )  # fmt: skip
    flat = [run for runs in found for run in runs]
    gone = sum(run["end"] > 0 for run in flat)
    yield Finding(
        'sweep: runs that end in "genocide"', f"220 of 220 ({AUDIT})", f"{gone} of {len(flat)}", "", None,
        f"{gone / len(flat) - 1:+.1%} from its share; the paper caps runs at 15,000; {times(flat)}", origin="audit",
    )  # fmt: skip


def _spread(x: Floats) -> float:
    return float(x.std(ddof=1))


CLASSICS = (
    Classic(
        "epstein-6", 9, "Epstein II, Run 6: two groups that grant each other the right to exist", SOURCE,
        "Where grievance stays below the threshold two groups live side by side without anybody to watch them.", KERNEL,
        check_sixth, draw_sixth, filmed("Epstein 2002, Run 6: coexistence", RUN_6), knobs_of(RUN_6, 300), 6.0,
        here="So they do: nobody is killed in any seed; the groups drift in size.",
    ),
    Classic(
        "epstein-7", 9, "Epstein II, Run 7: without watchers one group is gone", SOURCE,
        "A little less legitimacy, and one of two equal groups is killed off; which one is chance.", KERNEL,
        check_seventh, draw_seventh, filmed("Epstein 2002, Run 7", RUN_7), knobs_of(RUN_7, 300), 20.0,
        here="So it is in every seed, after some 84 periods, and either group wins.",
    ),
    Classic(
        "epstein-8", 9, "Epstein II, Run 8: watchers gain time", SOURCE,
        "Watchers buy time, and from the start they keep a stable, if nasty, regime; sent later, they leave safe "
        "havens.", KERNEL,
        check_eighth, draw_eighth, filmed("Epstein 2002, Run 8", RUN_8), knobs_of(RUN_8, 600), 230.0,
        here="They buy time, but one group is gone in every seed of Run 8, and also where they are sent later. Only "
        "terms longer than most lives, or in a few seeds more watchers, leave both groups there.",
    ),
)  # fmt: skip
