"""Figures and films of Epstein's Model II: both groups over time, how long it takes by density of cops, the grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tocsin.classics.declare import Effort, Film, Knob, Line, Picture
from tocsin.classics.epstein2_runs import CALM, CAP, HAVENS, LONG, RUN_6, RUN_7, RUN_8, SENT, ends, runs_of, sweep
from tocsin.classics.epstein2_world import PRINTED, Past, Society, build
from tocsin.exact import Floats


def over_time(title: str, society: Society, note: str, periods: int = 400) -> Picture:
    """People of both groups and the killed, seed 1."""
    past = build(society, PRINTED, 1).advance(periods, to_the_end=True)
    time = np.arange(1.0, periods + 1)
    series = {"group A": past.groups[:, 0], "group B": past.groups[:, 1], "killed, in all": np.cumsum(past.killed)}
    lines = tuple(Line(label, time, values.astype(float)) for label, values in series.items())
    return Picture(title, "period", "people", lines, note=f"{note}seed 1")


def draw_sixth(_: Effort) -> Sequence[Picture]:
    """Run 6 over time."""
    return (over_time("Run 6: coexistence", RUN_6, "L = 0.9, no cops; ", CALM),)


def draw_seventh(effort: Effort) -> Sequence[Picture]:
    """Run 7 over time, and how long it takes."""
    many = np.sort(ends(runs_of(effort, RUN_7, PRINTED, range(1, effort.choose(40, 400) + 1))))
    share = Line("Run 7", many, np.arange(1, many.size + 1) / many.size)
    return (
        over_time('Run 7: "genocide"', RUN_7, "L = 0.8, no cops; "),
        Picture("Run 7: how long it takes", "period", "share of runs in which a group is gone", (share,)),
    )


def draw_eighth(effort: Effort) -> Sequence[Picture]:
    """Run 8 and "peacekeepers" over time, and the sweep."""
    densities, found = sweep(effort)
    cap = effort.choose(CAP, LONG)
    time = np.array([ends(runs, cap) for runs in found])
    mean, spread = time.mean(axis=1), time.std(axis=1, ddof=1)
    middle = Line("median", densities, np.median(time, axis=1))
    low, high = np.maximum(mean - spread, 0.0), mean + spread
    lines = (Line("mean, one s.d. to both sides", densities, mean, low=low, high=high), middle)
    deviation = (Line("standard deviation", densities, spread),)
    note = f"{time.shape[1]} runs a density; a run that lasts counts as {cap}"
    return (
        over_time("Run 8: cops from the start", RUN_8, "L = 0.8, cops 0.04 a site; "),
        over_time('"Peacekeepers" at period 50', HAVENS, "L = 0.8, cops 0.04 a site from period 50; "),
        Picture("Time until one group is gone", "cops per site", "periods", lines, note=note),
        Picture("How much that time varies", "cops per site", "periods", deviation, note=note),
    )


COLOURS = (("empty", "#f4f1ea"), ("group A", "#5b92cf"), ("group A, active", "#173a69"), ("group B", "#7fb661"),
           ("group B, active", "#23541a"), ("cop", "#202020"))  # fmt: skip
TABLE = "default: Epstein 2002, table 2"


def knobs_of(society: Society, periods: float) -> dict[str, Knob]:
    """The knobs of a film of this society."""
    later = society.cops if society.later is None else society.later
    return {
        "legitimacy": Knob(society.legitimacy, 0, 1, "share", "of either group in the eyes of the other", TABLE),
        "cops": Knob(society.cops, 0, 0.2, "cops a site", "cops from the start", f"{TABLE}; the paper sweeps 0 to 0.1"),
        "later": Knob(later, 0, 0.2, "cops a site", f"cops from period {SENT} on", "Epstein 2002 sends at 50; assumed"),
        "clone": Knob(society.clone, 0, 1, "chance a period", "offspring of a person", TABLE),
        "periods": Knob(
            periods, 1, 2000, "periods", "length of the film; it ends earlier if one group is gone", "assumed",
            whole=True,
        ),
    }  # fmt: skip


def filmed(title: str, society: Society) -> Callable[[Mapping[str, float], int], Film]:
    """A film of this society, one frame a period, called with all of `knobs_of`."""

    def film(v: Mapping[str, float], seed: int) -> Film:
        shown = replace(
            society, legitimacy=v["legitimacy"], cops=v["cops"], turn=SENT, later=v["later"], clone=v["clone"]
        )
        past = build(shown, PRINTED, seed).advance(int(v["periods"]), frames=int(v["periods"]))
        note = "the jailed are off the grid until they are released; groups are counted with their jailed"
        return Film(title, past.frames, COLOURS, _series(past), note, apart=("killed",))

    return film


def _series(past: Past) -> dict[str, Floats]:
    a, b = past.groups.T.astype(np.float64)
    return {"group A": a, "group B": b, "killed": past.killed.astype(np.float64)}
