"""Figures and films of Epstein's Model I: actives over time, waiting times, interventions, the grid itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tocsin.classics.declare import Effort, Film, Knob, Line, Picture
from tocsin.classics.epstein_outbursts import RUN_1, RUN_2, falls, jump, leaves, salami, surveyed
from tocsin.classics.epstein_world import FLOOR, PRINTED, ROUNDED, Reading, Society, build

TABLE = "default: Epstein 2002, table 2"
KNOBS: Mapping[str, Knob] = {
    "legitimacy": Knob(0.82, 0, 1, "share", "what the regime's legitimacy takes away of grievance", TABLE),
    "cops": Knob(0.04, 0, 0.3, "cops a site", "cops; people fill 0.7 of the sites", f"{TABLE}; range: the room left"),
    "vision": Knob(7.0, 1, 10, "sites", "how far everybody sees around", f"{TABLE}; range assumed"),
    "term": Knob(30, 0, 1000, "periods", "longest jail term, 0: without end", f"{TABLE}; range assumed", whole=True),
    "threshold": Knob(0.1, -1, 1, "grievance", "T: by how much grievance must exceed the risk", TABLE),
    "ratio": Knob(
        1, 0, 2, "choice", "cops per active taken as it is (0), rounded down (1) or rounded (2)",
        "0: Epstein 2002, 1: NetLogo, 2: Mesa", whole=True,
    ),
    "periods": Knob(400, 1, 2000, "periods", "length of the film", "assumed", whole=True),
}  # fmt: skip
FIRST = {"legitimacy": 0.89, "vision": 1.7, "term": 15.0, "ratio": 0.0}
FIRST_KNOBS = {name: replace(knob, default=FIRST.get(name, knob.default)) for name, knob in KNOBS.items()}
COLOURS = (("empty", "#f4f1ea"), ("quiet", "#9db4c0"), ("active", "#c1121f"), ("jailed", "#6f757c"), ("cop", "#1d3557"))
OUTBURSTS = (
    "C/A as printed: it gives no outburst with the paper's numbers",
    "C/A rounded down; as printed there is no outburst",
    "C/A rounded to the nearest; as printed there is no outburst",
)
"""What a film of Run 2 says of its choice of ratio."""


def called(reading: Reading) -> str:
    """A reading by its name, and how far it departs from a number that the paper states."""
    return reading.name + (f", sight {reading.vision:g} for the paper's 7" if reading.vision else "")


def actives_over_time(title: str, society: Society, readings: Sequence[Reading], periods: int) -> Picture:
    """Number of actives over time, seed 1."""
    time = np.arange(periods, dtype=np.float64)
    lines = [Line(called(r), time, build(society, r, 1).advance(periods).active.astype(float)) for r in readings]
    return Picture(title, "period", "active", tuple(lines), note="seed 1")


def draw_first(effort: Effort) -> Sequence[Picture]:
    """Actives of Run 1."""
    return (actives_over_time("Run 1: small outbreaks everywhere", RUN_1, (PRINTED, FLOOR), effort.choose(300, 700)),)


def draw_second(effort: Effort) -> Sequence[Picture]:
    """Actives of Run 2 and how long the calm lasts."""
    lines = []
    for reading in (FLOOR, ROUNDED):
        waits = [w for run in surveyed(effort, reading)["runs"] for w in run["waits"]]
        counts, edges = np.histogram(waits, np.arange(0, 301, 10))
        shown = counts > 0
        lines.append(Line(called(reading), edges[:-1][shown] + 5.0, counts[shown] / max(len(waits), 1), points=True))
    title = "Run 2: C/A as printed, rounded down, and rounded with sight 7.7 (the paper: 7)"
    waiting = "Run 2: waiting times; rounded with sight 7.7 (the paper: 7)"
    return (
        actives_over_time(title, RUN_2, (PRINTED, FLOOR, ROUNDED), 500),
        Picture(waiting, "periods between outbursts", "share of waits", tuple(lines), log="y"),
    )


def draw_interventions(_: Effort) -> Sequence[Picture]:
    """Runs 3 and 4 paired, and Run 5, seed 1."""
    slow, fast, bare = falls(FLOOR, salami, 1), falls(FLOOR, jump, 1), leaves(FLOOR, 1)
    t, u = np.arange(slow.active.size, dtype=float), np.arange(bare.active.size, dtype=float)
    pair = [
        Line(f"{what}, {how}", t, series.astype(float))
        for how, past in (("salami (Run 3)", slow), ("one jump (Run 4)", fast))
        for what, series in (("active", past.active), ("jailed", past.jailed))
    ]
    last = [
        Line(name, u, x.astype(float))
        for name, x in (("active", bare.active), ("jailed", bare.jailed), ("cops", bare.cops))
    ]
    return (
        Picture(
            "Runs 3 and 4: legitimacy lost slowly and at once", "period", "people", tuple(pair), note="floor, seed 1"
        ),
        Picture("Run 5: cops withdrawn", "period", "people", tuple(last), note="floor, seed 1"),
    )


def film_of(title: str, v: Mapping[str, float], seed: int, *, moving: bool, subtitle: str = "") -> Film:
    """A society under way, one frame a period. v: all of KNOBS."""
    society = Society(
        v["legitimacy"], int(v["term"]) or None, v["cops"], v["vision"], threshold=v["threshold"], moving=moving
    )
    reading = Reading("film", ratio=("literal", "floor", "even")[int(v["ratio"])])
    periods = int(v["periods"])
    past = build(society, reading, seed).advance(periods, frames=periods)
    series = {"active": past.active.astype(float), "jailed": past.jailed.astype(float)}
    note = "the jailed are off the grid until they are released"
    return Film(title, past.frames, COLOURS, series, note, subtitle)


def film_first(knobs: Mapping[str, float], seed: int) -> Film:
    """Run 1: citizens stay, cops walk."""
    return film_of("Epstein 2002, Run 1: deceptive calm", knobs, seed, moving=False)


def film_second(knobs: Mapping[str, float], seed: int) -> Film:
    """Run 2: everybody moves."""
    said = OUTBURSTS[int(knobs["ratio"])]
    return film_of("Epstein 2002, Run 2: punctuated equilibrium", knobs, seed, moving=True, subtitle=said)
