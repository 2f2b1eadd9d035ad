"""Resolve curves on a page, on the screen and as a table: days in action until half the runs have fallen."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

from tocsin.experiments.resolve import FEWEST, Resolve
from tocsin.report import curves, svg, tipping
from tocsin.report.pictured import shown_as

WARNING = "A property of the model, not a rule for anybody"
HEADS = ("in action, at least", "days until half have fallen", "runs that reached it", "killed (median)")
COLUMNS = ("panel", "share", "days", "low", "high", "never", "runs", "killed")


def section(found: Sequence[Resolve], days: float) -> dict[str, Any]:
    """What a page shows: the warning, figures and rows. days: the length of a run."""
    return {
        "warning": f"{WARNING}: it says what these assumptions make of days and deaths, and not how much anybody "
        "should bear. Movements that fizzle count as unwatched from then on; if those are the weak ones, the true "
        "number of days is larger.",
        "figures": [shown_as(p, zero=True) for p in tipping.resolve_pictures(found, days)],
        "heads": HEADS, "rows": list(rows(found)), "fewest": FEWEST,
    }  # fmt: skip


def rows(found: Sequence[Resolve]) -> Iterator[tuple[str, str, str, str]]:
    """Every share of every curve: share, days with their interval, runs, killed."""
    for one in found:
        for i, share in enumerate(one.shares):
            killed = svg.count(one.killed[i]) if one.killed[i] >= 0 else "-"
            yield f"{100 * share:.3g} % {one.panel}".strip(), _days(one, i), f"{one.runs[i]}", killed


def _days(one: Resolve, i: int) -> str:
    if one.runs[i] < FEWEST:
        return "too few runs"
    low, high = ("never" if math.isinf(v) else curves.number(float(f"{v:.3g}")) for v in (one.low[i], one.high[i]))
    value = "not by the end" if math.isnan(one.days[i]) else curves.number(float(f"{one.days[i]:.3g}"))
    return value if low == "never" else f"{value} ({low} to {high})"


def as_csv(found: Sequence[Resolve]) -> str:
    """Plain numbers: share of the people, days with the interval, share of the resamples that never fall, runs, killed.

    Empty: not known; inf: never.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in found:
        columns = (one.shares, one.days, one.low, one.high, one.never, one.runs, one.killed)
        for row in zip(*columns, strict=True):
            table.writerow([one.panel, *("" if math.isnan(v) else f"{v:.6g}" for v in row)])
    return text.getvalue()
