"""A claim over the values of a parameter: its probability by value, and by value and day.

Classes used: `a` for the curve with its band, `limit` for the boundary of the rule, `over` for the share that has
fallen, `turn` for the day by which more than half of the runs have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.claim import Figure, Part
from tocsin.claims.measures import STANDING
from tocsin.claims.worlds import question, world_names
from tocsin.experiments.ensemble import Ensemble
from tocsin.report import svg
from tocsin.report.numbers import told
from tocsin.results.record import OUTCOMES

Floats = NDArray[np.float64]
SIZE = (440.0, 280.0)
HALF, SHADES, DEEPEST = 0.5, 10, 0.75
SLACK = 1e-6  # days
EVENTS = ("fall",)
"""Events whose day runs record, so that a share by each day is known."""


def curve(part: Part, figures: Sequence[Figure]) -> str:
    """A probability by the value of the parameter that was swept, with its interval; "" for other claims."""
    if part.estimand.kind != "sweep":
        return ""
    parameter, values = part.estimand.options["parameter"], part.estimand.options["values"]
    known = {f.name: f for f in figures}
    found = [(str(v), known[f"{parameter} at {v}"]) for v in values if f"{parameter} at {v}" in known]
    if len(found) < 2:
        return ""
    x = svg.Scale(0.0, len(found) - 1.0, 60.0, SIZE[0] - 40.0)
    y = svg.Scale(0.0, 1.0, SIZE[1] - 38.0, 12.0)
    xs = [x(float(i)) for i in range(len(found))]
    rows = [[y(v) for v in column] for column in zip(*((f.low, f.value, f.high) for _, f in found), strict=True)]
    parts = [*_shares(x, y), svg.band(xs, rows[0], rows[2], "wide a"), svg.line(xs, rows[1], "mid a")]
    parts += [svg.words(at, y.start + 14, value, "t", "middle") for at, (value, _) in zip(xs, found, strict=True)]
    parts.append(svg.words(x.end, y.start + 31, parameter, "t axis-name", "end"))
    edge = y(part.rule.above)
    parts.append(svg.tag("line", x1=x.start, x2=x.end, y1=edge, y2=edge, class_="limit"))
    label = "; ".join(f"at {value}: {told(f.value, 'share')}" for value, f in found)
    return svg.drawing(*SIZE, f"{part.title} by {parameter}. {label}.", parts)


def _shares(x: svg.Scale, y: svg.Scale) -> list[str]:
    parts = []
    for value in y.ticks():
        at = y(value)
        parts.append(svg.tag("line", x1=x.start, x2=x.end, y1=at, y2=at, class_="grid"))
        parts.append(svg.words(x.start - 14, at + 3.5, svg.percent(value), "t", "end"))
    return parts


@dataclass(frozen=True)
class Column:
    """The runs at one value: the days of their falls after the clock's start, sorted, and how many runs there are."""

    value: str
    days: Floats
    runs: int

    def share(self, day: float) -> float:
        """Share that have fallen by a day."""
        return float(np.searchsorted(self.days, day, side="right")) / self.runs if self.runs else math.nan

    @property
    def half(self) -> float:
        """The day by which more than half have fallen; NaN if that never comes."""
        need = math.floor(self.runs * HALF) + 1
        return float(self.days[need - 1]) if len(self.days) >= need else math.nan


@dataclass(frozen=True)
class Days:
    """A swept part by value and day. horizon: days of the claim's clock."""

    parameter: str
    columns: tuple[Column, ...] = field(repr=False)
    horizon: float = 0.0


def by_day(part: Part, worlds: Mapping[str, Ensemble]) -> Days | None:
    """The falls of every value of a swept part; None for other parts, events without a day, and missing worlds.

    All runs count alike, and runs that fell before the clock started are left out, as in the claim.
    """
    asked = part.estimand
    if asked.kind != "sweep" or asked.options.get("event", "fall") not in EVENTS or asked.options.get("state"):
        return None
    names = world_names(asked)
    if len(names) < 2 or any(name not in worlds for name in names):
        return None
    when = question(worlds[names[0]].scenario, asked)
    columns = []
    for value, name in zip(asked.options["values"], names, strict=True):
        columns.append(_column(str(value), worlds[name], when.since, when.by))
    return Days(asked.options["parameter"], tuple(columns), when.by - when.since)


def _column(value: str, ensemble: Ensemble, since: float, by: float) -> Column:
    """The falls of one world on the clock of the claim."""
    heads = ensemble.headlines
    kinds, day = heads["kind"].astype(int), heads["day"] - since
    stands = np.isin(kinds, [OUTCOMES.index(kind) for kind in STANDING])
    early = ~stands & (day < -SLACK)
    falls = (heads["fallen"] > 0) & (kinds != OUTCOMES.index("civil war")) & ~early & (day <= by - since + SLACK)
    return Column(value, np.sort(day[falls]), int((~early).sum()))


def days_map(of: Days | None) -> str:
    """A column a value, from the first day up, shaded by the share that has fallen, with a line at one half."""
    if of is None:
        return ""
    x = svg.Scale(0.0, float(len(of.columns)), 46.0, SIZE[0] - 10.0)
    y = svg.Scale(0.0, of.horizon, SIZE[1] - 38.0, 34.0)
    parts = list(_axes(of, x, y))
    for i, column in enumerate(of.columns):
        parts += [*_ground(column, of.horizon, (x(float(i)), x(i + 1.0)), y)]
        middle = (x(float(i)) + x(i + 1.0)) / 2
        parts.append(svg.words(middle, y.start + 14, column.value, "t", "middle"))
        parts.append(svg.words(middle, y.end - 6, svg.percent(column.share(of.horizon)), "t axis-name", "middle"))
        if not math.isnan(column.half):
            parts.append(svg.line((x(float(i)), x(i + 1.0)), (y(column.half),) * 2, "turn"))
    return svg.drawing(*SIZE, said(of), parts)


def _axes(of: Days, x: svg.Scale, y: svg.Scale) -> Iterator[str]:
    for value in y.ticks():
        yield svg.words(x.start - 6, y(value) + 3.5, f"{value:g}", "t", "end")
    yield svg.words(4.0, 11.0, "days after the clock's start; above: share fallen by the end", "t axis-name")
    yield svg.words(x.end, y.start + 31, of.parameter, "t axis-name", "end")


def _ground(column: Column, horizon: float, sides: tuple[float, float], y: svg.Scale) -> Iterator[str]:
    """The stretches of days between falls, the deeper the more runs have fallen."""
    edges = [0.0, *sorted({float(d) for d in column.days if 0.0 < d < horizon}), horizon]
    shades = [_shade(column.share(day)) for day in edges[:-1]]
    start = 0
    for j in range(1, len(edges)):
        if j < len(shades) and shades[j] == shades[start]:
            continue
        low, high = edges[start], edges[j]
        note = svg.tag("title", f"{column.value}: {svg.percent(column.share(low))} fallen by day {low:.0f}")
        yield svg.tag("g", note + svg.tag(
            "rect", x=sides[0] + 1, y=y(high), width=sides[1] - sides[0] - 2, height=y(low) - y(high), class_="over",
            fill_opacity=f"{shades[start]:.2f}",
        ))  # fmt: skip
        start = j


def _shade(share: float) -> float:
    """Opacity, in steps."""
    return 0.0 if math.isnan(share) else 0.05 + DEEPEST * math.ceil(share * SHADES - 1e-9) / SHADES


def said(of: Days) -> str:
    """By which day more than half of the runs have fallen at each value."""
    found = [f"at {c.value} by day {c.half:.0f}" for c in of.columns if not math.isnan(c.half)]
    rest = [c.value for c in of.columns if math.isnan(c.half)]
    parts = [f"More than half of the runs have fallen {', '.join(found)}."] if found else []
    if rest:
        values = " and ".join(filter(None, (", ".join(rest[:-1]), rest[-1])))
        parts.append(f"At {values} no more than half have within {of.horizon:g} days.")
    return " ".join(parts)
