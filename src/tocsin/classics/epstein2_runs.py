"""Runs of Epstein's Model II: how they end, kept by society, reading and seeds, and the sweep over cops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tocsin.classics.declare import Effort
from tocsin.classics.epstein2_world import PRINTED, Reading, Society, World, build
from tocsin.exact import Floats
from tocsin.kernels.grid import ACTIVE, QUIET, TAKEN

SEEDS = range(1, 21)
CALM, CAP, LONG = 1000, 3000, 15_000
"""Periods of Run 6; after which a run counts as lasting; after which the paper ended the runs of its sweep."""
SENT = 50
"""The period from which "peacekeepers" are there, or cops are gone."""
RUN_6, RUN_7, RUN_8 = Society(legitimacy=0.9), Society(), Society(cops=0.04)
HAVENS = replace(RUN_7, turn=SENT, later=0.04)


def ended(world: World, cap: int, *, to_the_end: bool = False) -> dict[str, Any]:
    """One run in plain values: end (0: it lasted), victor, killed, groups at the end, people who can be aggrieved."""
    past = world.advance(cap, to_the_end=to_the_end)
    f, society = world.field, world.society
    able = f.hardship * (1 - society.legitimacy) > society.threshold
    people = np.arange(f.at.size) >= f.reserved
    return {
        "end": past.end,
        "victor": past.victor,
        "killed": int(past.killed.sum()),
        "periods": len(past.out),
        "groups": past.groups[-1].tolist(),
        "able": int((able & people & np.isin(f.state, (QUIET, ACTIVE, TAKEN))).sum()),
    }


def runs_of(
    effort: Effort, society: Society, reading: Reading = PRINTED, seeds: range = SEEDS, cap: int = CAP
) -> list[dict[str, Any]]:
    """One run for each seed, until a group is gone or the cap is reached."""
    name = f"{society}, {reading}, seeds {seeds[0]}-{seeds[-1]}, cap {cap}"
    made: list[dict[str, Any]] = effort.keep(
        name, lambda: {"runs": [ended(build(society, reading, s), cap) for s in seeds]}
    )["runs"]
    return made


def ends(runs: Sequence[Mapping[str, Any]], cap: int = CAP) -> Floats:
    """After how many periods a group was gone, the cap for runs that lasted, float64[runs]."""
    return np.array([run["end"] or cap for run in runs], dtype=np.float64)


def times(runs: Sequence[Mapping[str, Any]]) -> str:
    """When runs ended, in words."""
    lasted, gone = sum(not run["end"] for run in runs), [run["end"] for run in runs if run["end"]]
    words = f"{len(gone)} of {len(runs)} ended"
    if len(gone) > 1:
        words += f" after {min(gone)} to {max(gone)} periods, {np.mean(gone):.0f} in the mean"
    elif gone:
        words += f" after {gone[0]} periods"
    if not lasted:
        return words
    quiet = sum(not run["end"] and not run["able"] for run in runs)
    return f"{words}; in {quiet} of the {lasted} that lasted nobody is left who could be aggrieved"


def sweep(effort: Effort) -> tuple[Floats, list[list[dict[str, Any]]]]:
    """Densities of cops float64[D] and the runs at each: the paper's 51 x 50 runs in the full form."""
    steps, seeds, cap = effort.choose((5, range(1, 13), CAP), (50, range(1, 51), LONG))
    densities = np.linspace(0.0, 0.1, steps + 1)
    return densities, [runs_of(effort, replace(RUN_7, cops=round(float(d), 4)), PRINTED, seeds, cap) for d in densities]
