"""What an audit and a cross-check of Epstein's Model I found besides the paper's own numbers, beside ours.

The audit is that by ndouglas/SugarScape over seeds 1-20, with C/A rounded down; the cross-check a re-implementation in
C of the readings in classics/epstein_world.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from tocsin.classics.declare import Effort, Finding
from tocsin.classics.epstein_outbursts import LOUD, PERIODS, RUN_2, of_runs, survey
from tocsin.classics.epstein_parity import DEFAULTS
from tocsin.classics.epstein_world import FLOOR, MESA
from tocsin.classics.judged import OWN

AUDIT = "audit by ndouglas/SugarScape over seeds 1-20"
TERMS = (5, 15, 30, 45, 60)
EXAMPLE = (60, 100, 120, 95, 80)
"""The paper's example of an outburst."""


def longer_terms(effort: Effort) -> Finding:
    """The audit's sweep over the longest jail term."""
    seeds, periods = range(1, effort.choose(2, 10) + 1), effort.choose(1500, PERIODS)
    waits: dict[int, float] = {}
    words = []
    for term in TERMS:
        make = partial(survey, replace(RUN_2, longest=term), FLOOR, seeds, periods)
        name = f"run 2, {FLOOR.name}, J_max {term}, seeds {seeds[0]}-{seeds[-1]}, {periods} periods"
        made = effort.keep(name, make)
        wait, bursts = of_runs(made, "waits")[0], np.mean([run["outbursts"] for run in made["runs"]])
        words.append(f"{wait:.0f} at {term}" if wait > 0 else f"none at {term} ({bursts:.0f} outbursts a run)")
        waits |= {term: wait} if wait > 0 else {}
    rises = all(a < b for a, b in pairwise(waits.values())) and 30 <= waits.get(60, 0) <= 50
    met = rises if effort.full else None  # two seeds tell nothing
    return Finding(
        "longer terms, longer waits: J_max 5 to 60", f"mean wait rises, to some 40 at 60 ({AUDIT})", ", ".join(words),
        "rises at each step that has waits; 30 to 50 at 60", met,
        f"the paper's conjecture; floor, {len(seeds)} seeds, {periods} periods",
        origin="audit", basis=f"{OWN}, around the audit's", why="too few runs to tell",
    )  # fmt: skip


def peaks(runs: Sequence[Mapping[str, Any]]) -> Finding:
    """How high Run 2 goes with C/A rounded down."""
    found = np.array([run["peak"] for run in runs])
    inside = int(((found >= 290) & (found <= 368)).sum())
    return Finding(
        "(a) floor: highest number of actives", f"290-368 over seeds 1-20 ({AUDIT})",
        f"{found.min()} to {found.max()}, {inside} of {found.size} in that range", "", None,
        "extremes of twenty other runs", origin="audit",
    )  # fmt: skip


def example() -> Finding:
    """The paper's sum."""
    return Finding(
        "total activation of the paper's example", "60 + 100 + 120 + 95 + 80 = 500", str(sum(EXAMPLE)), "", None,
        "a slip in the text; the definition, the sum over an outburst, is not in doubt", origin="paper",
    )  # fmt: skip


def withdrawn(runs: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """How high Run 5 goes and when, and how often Runs 3 and 4 burst, with C/A rounded down."""
    peak, when = (np.array([run[f"bare_{what}"] for run in runs], float) for what in ("peak", "at"))
    yield Finding(
        "Run 5, floor: peak and its period", f"64-345, mean 194, at period 177 in the mean ({AUDIT})",
        f"{peak.min():.0f}-{peak.max():.0f}, mean {peak.mean():.0f}, at period {when.mean():.0f} in the mean", "", None,
        f"{len(runs)} seeds; {peak.mean() - 194:+.0f} actives and {when.mean() - 177:+.0f} periods from its means",
        origin="audit",
    )  # fmt: skip
    fast, slow = (int(sum(run[f"{how}_peak"] > LOUD for run in runs)) for how in ("fast", "slow"))
    yield Finding(
        f"Runs 4 and 3, floor: seeds with more than {LOUD} active", f"9 and 3 of 20 ({AUDIT})",
        f"{fast} and {slow} of {len(runs)}", "", None,
        f"{fast / len(runs) - 0.45:+.0%} and {slow / len(runs) - 0.15:+.0%} from its shares", origin="audit",
    )  # fmt: skip


def mesa_as_shipped(effort: Effort) -> Finding:
    """The example's default numbers over a long time, with its switches on our grid."""
    make = partial(survey, DEFAULTS, MESA, range(1, 7), 1000)
    runs = effort.keep("Mesa's defaults on our grid, seeds 1-6, 1000 periods", make)["runs"]
    none, found = sum(run["outbursts"] == 0 for run in runs), [run["peak"] for run in runs]
    return Finding(
        "the example's defaults over 1,000 periods", "no outburst, peaks 20-47 in 6 seeds (cross-check in C)",
        f"no outburst in {none} of {len(runs)} seeds, peaks {min(found)}-{max(found)}", "none in any seed",
        none == len(runs), "our grid with Mesa's switches: an example that shows no outburst",
        origin="audit", basis="the cross-check's",
    )  # fmt: skip
