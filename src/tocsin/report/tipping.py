"""Figures of sweeps as SVG: tipping maps, curves, sensitivity bars and resolve curves.

Classes used: `over` and `under` shade a share above and below one half, `amount` a count; `half` is the line on which
the share is one half; `sure` marks a cell whose 95 % interval does not hold one half.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.classics.declare import Line, Picture
from tocsin.experiments.points import Axis
from tocsin.experiments.resolve import Resolve
from tocsin.experiments.sensitivity import Indices, Screening
from tocsin.experiments.sweep import Measure, Sweep
from tocsin.experiments.tipping import BESIDE, HALF, Curve, Map, panels
from tocsin.report import curves, svg

Floats = NDArray[np.float64]
Share = tuple[float, float, float]
WIDTH, HEIGHT, FOOT, HEAD = 440.0, 330.0, 40.0, 22.0
NUMBERED = 9
"""Columns up to which a map writes its numbers into its cells."""
WORDS: Mapping[str, str] = {
    "fallen": "regime or ruler falls", "defection": "a fifth of the staff or more not loyal", "killed": "people killed",
    "wounded": "people wounded", "detained": "people detained", "peak_turnout": "people in action at the peak",
    "peak_share": "share of the people in action at the peak", "killed_expected": "people killed, expected",
    "wounded_expected": "people wounded, expected", "detained_expected": "people detained, expected",
}  # fmt: skip
"""Headline numbers in words; others keep their names."""


def in_words(measure: Measure) -> str:
    """What is asked, as a reader would say it."""
    name = WORDS.get(measure.name, measure.name.replace("_", " "))
    beyond = f" {'below' if measure.sign < 0 else 'above'} {curves.number(measure.threshold)}" if measure.sign else ""
    return f"share of runs: {name}{beyond}" if measure.event else f"mean of {name}"


def axis_name(axis: Axis) -> str:
    """A name with its unit."""
    return f"{axis.name} ({axis.unit})" if axis.unit not in ("", "1") else axis.name


def told(measure: Measure, estimate: Share) -> str:
    """A value with its 95 % interval."""
    if math.isnan(estimate[0]):
        return svg.TO
    if measure.event:
        value, low, high = map(svg.hundredths, estimate)
        return f"{value}{svg.NARROW}% ({low} to {high})"
    value, low, high = (shown(measure, v) for v in estimate)
    return value if math.isnan(estimate[1]) else f"{value} ({low} to {high})"


def shown(measure: Measure, value: float) -> str:
    """A value as a cell or a table shows it."""
    if math.isnan(value):
        return svg.TO
    if measure.event:
        return svg.percent(value)
    return svg.count(value) if abs(value) >= 100 else f"{value:.3g}"


class _Plane:
    """Where the cells of a map lie: edges half-way between the values, on the scale of each axis."""

    def __init__(self, found: Map) -> None:
        left = 14.0 + curves.GLYPH * max(len(short(v)) for v in found.y)
        self.x = _edges(found.x, found.across, left, WIDTH - 10.0)
        self.y = _edges(found.y, found.up, HEIGHT - FOOT, HEAD)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point."""
        return self.x[1](x), self.y[1](y)


def _edges(values: Floats, axis: Axis, start: float, end: float) -> tuple[Floats, Callable[[float], float]]:
    """Pixels of the edges of the cells, and where a value lies."""
    scaled = np.log(values) if axis.log else values
    middle = (scaled[1:] + scaled[:-1]) / 2
    ends = scaled[0] - (middle[0] - scaled[0]), scaled[-1] + (scaled[-1] - middle[-1])
    edges = np.concatenate([ends[:1], middle, ends[1:]])

    def place(value: float) -> float:
        here = math.log(value) if axis.log else value
        return float(start + (here - ends[0]) / (ends[1] - ends[0]) * (end - start))

    pixels = start + (edges - ends[0]) / (ends[1] - ends[0]) * (end - start)
    return np.asarray(pixels), place


def tipping_map(found: Map) -> str:
    """A share or mean over two axes, with the line on which a share is one half."""
    label = f"{in_words(found.what)} over {found.across.name} and {found.up.name}. {line_in_words(found)}"
    parts = [*_cells(found, found.value), *_ticks(found), *_half(found), *_numbers(found, found.value)]
    return svg.drawing(WIDTH, HEIGHT, label, parts)


def beside_map(found: Map, name: str) -> str:
    """The median of a number that stands beside survival, over the same axes."""
    label = f"Median of {WORDS[name]} over {found.across.name} and {found.up.name}."
    table = found.beside[name]
    parts = [*_cells(found, table, name), *_ticks(found), *_half(found), *_numbers(found, table, name)]
    return svg.drawing(WIDTH, HEIGHT, label, parts)


def line_in_words(found: Map) -> str:
    """Where one half lies, for somebody who cannot see it."""
    if not found.what.event:
        return f"From {shown(found.what, np.nanmin(found.value))} to {shown(found.what, np.nanmax(found.value))}."
    if not found.contours:
        side = "above" if np.nanmean(found.value) > HALF else "at or below"
        return f"No line of one half: the share is {side} it at all points."
    ends = [(line[0], line[-1]) for line in found.contours]
    said = (f"from ({short(a)}, {short(b)}) to ({short(c)}, {short(d)})" for (a, b), (c, d) in ends)
    return f"The share is one half on a line {'; and '.join(said)}."


def _cells(found: Map, table: Floats, name: str = "") -> Iterator[str]:
    """Shaded cells. name: of a count; "" for what the map is of."""
    plane = _Plane(found)
    share = found.what.event and not name
    top = math.log1p(max(float(np.nanmax(np.abs(table))), 1e-9))
    for j, i in np.ndindex(table.shape):
        x, width = plane.x[0][i], plane.x[0][i + 1] - plane.x[0][i]
        y, height = plane.y[0][j + 1], plane.y[0][j] - plane.y[0][j + 1]
        value = float(table[j, i])
        depth = 0.0 if math.isnan(value) else abs(value - HALF) * 1.6 if share else 0.4 * math.log1p(abs(value)) / top
        kind = ("over" if value > HALF else "under") if share else "amount"
        whole = _count(value) if name else told(found.what, (value, float(found.low[j, i]), float(found.high[j, i])))
        note = f"{found.across.name} {found.x[i]:g}, {found.up.name} {found.y[j]:g}: {whole}"
        cell = svg.tag("rect", x=float(x), y=float(y), width=float(width), height=float(height), class_=kind,
                       fill_opacity=f"{depth:.2f}")  # fmt: skip
        yield svg.tag("g", svg.tag("title", note) + cell)


def _numbers(found: Map, table: Floats, name: str = "") -> Iterator[str]:
    """What stands in the cells, over the line; nothing where there are too many of them."""
    plane = _Plane(found)
    for j, i in np.ndindex(table.shape if table.shape[1] <= NUMBERED else (0, 0)):
        x, y = (plane.x[0][i] + plane.x[0][i + 1]) / 2, (plane.y[0][j] + plane.y[0][j + 1]) / 2
        sure = found.what.event and not name and not found.low[j, i] <= HALF <= found.high[j, i]
        value = float(table[j, i])
        text = _count(value) if name else shown(found.what, value)
        yield svg.words(float(x), float(y) + 3.5, text, "t cell sure" if sure else "t cell", "middle")


def _count(value: float) -> str:
    return svg.TO if math.isnan(value) else svg.count(value)


def short(value: float) -> str:
    """A number of an axis, to four digits."""
    return curves.number(float(f"{value:.4g}"))


def _ticks(found: Map) -> Iterator[str]:
    """The values of both axes and what they are."""
    plane = _Plane(found)
    bottom, left = HEIGHT - FOOT, float(plane.x[0][0])
    for value in _spaced(found.y, lambda v: plane.at(found.x[0], v)[1], 13.0):
        yield svg.words(left - 5, plane.at(found.x[0], value)[1] + 3.5, short(value), "t", "end")
    widest = curves.GLYPH * max(len(short(v)) for v in found.x) + 6.0
    for value in _spaced(found.x, lambda v: plane.at(v, found.y[0])[0], widest):
        yield svg.words(plane.at(value, found.y[0])[0], bottom + 15, short(value), "t", "middle")
    yield svg.words(left, HEAD - 9, axis_name(found.up), "t axis-name", "start")
    yield svg.words(WIDTH - 10.0, HEIGHT - 7, axis_name(found.across), "t axis-name", "end")


def _spaced(values: Floats, place: Callable[[float], float], apart: float) -> Iterator[float]:
    """The values whose labels do not touch."""
    last = -math.inf
    for value in values.tolist():
        here = place(value)
        if abs(here - last) >= apart:
            last = here
            yield value


def _half(found: Map) -> Iterator[str]:
    plane = _Plane(found)
    for line in found.contours:
        xs, ys = zip(*(plane.at(x, y) for x, y in line), strict=True)
        yield svg.line(xs, ys, "half")


def curve_pictures(found: Sequence[Curve]) -> list[Picture]:
    """A share or mean along one axis, and under it the deaths and injuries."""
    first = found[0]
    across, log = axis_name(first.axis), "x" * first.axis.log
    lines = [Line(c.panel or in_words(c.what), c.x, c.value, low=c.low, high=c.high) for c in found]
    if first.what.event:
        lines.append(Line("one half", first.x, np.full(len(first.x), HALF)))
    made = [Picture(in_words(first.what), across, in_words(first.what), tuple(lines), log)]
    beside = tuple(
        Line(", ".join(p for p in (c.panel, WORDS[n]) if p), c.x, c.beside[n]) for c in found for n in c.beside
    )
    return [*made, Picture("Killed and wounded (medians)", across, "people", beside, log)] if beside else made


def scatter_pictures(made: Sweep, what: str) -> list[Picture]:
    """For a design that is no grid: what each point gives, along each axis of numbers."""
    measure, value = Measure.of(what), np.array(made.estimates(what))[:, 0]
    found = []
    for axis in (a for a in made.axes if a.numeric and len(a.levels) != 1):
        x = np.array([float(str(c[axis.name])) for c in made.changes])
        lines = [
            Line(p.name or "one point", x[list(p.points)], value[list(p.points)], points=True) for p in panels(made)
        ]
        title = f"{in_words(measure)}, by {axis.name}"
        found.append(Picture(title, axis_name(axis), in_words(measure), tuple(lines), "x" * axis.log))
    return found


def resolve_pictures(found: Sequence[Resolve], days: float) -> list[Picture]:
    """Days at each share of the people until half the runs have fallen, and the deaths in these runs.

    days: the length of a run, to which a band is drawn whose upper end is never reached.
    """
    across = "share of the people in action, at least (%)"
    lines, killed = [], []
    for one in found:
        high = np.where(np.isposinf(one.high), days, one.high)
        lines.append(
            Line(
                one.panel or "all points",
                100 * one.shares,
                one.days,
                low=np.where(np.isposinf(one.low), days, one.low),
                high=high,
            )
        )
        killed.append(Line(one.panel or "all points", 100 * one.shares, one.killed))
    note = (
        "A line ends where half the runs have not fallen by the end. Where the 95 % band reaches "
        f"{days:g} days, the length of a run, its upper end is never reached."
    )
    return [
        Picture("Days in action until half the runs have fallen", across, "days", tuple(lines), "x", note),
        Picture("People killed in these runs by their end (median)", across, "people", tuple(killed), "x"),
    ]


def bars(rows: Sequence[tuple[str, Sequence[tuple[str, Share]]]], label: str) -> str:
    """Bars with whiskers, a group a row. rows: (name, [(what, (value, low, high))]), the same things in each."""
    every = [abs(v) for _, group in rows for _, share in group for v in share if math.isfinite(v)]
    least = min([v for _, group in rows for _, share in group for v in share if math.isfinite(v)] + [0.0])
    left, each = 12.0 + 5.9 * max(len(name) for name, _ in rows), 13.0
    scale = curves.Axis.over(np.array([least, max(every, default=1.0)]), left, WIDTH - 16.0, log=False)
    step = each * len(rows[0][1]) + 9.0
    height = step * len(rows) + 30.0
    parts = []
    for value in scale.ticks():
        x = float(scale(np.asarray(value)))
        parts.append(svg.tag("line", x1=x, x2=x, y1=4.0, y2=height - 20, class_="grid"))
        parts.append(svg.words(x, height - 6, curves.number(round(value, 9)), "t", "middle"))
    for row, (name, group) in enumerate(rows):
        top = 8.0 + row * step
        parts.append(svg.words(left - 6, top + each * len(group) / 2 + 3, name, "t", "end"))
        for i, (what, share) in enumerate(group):
            parts.append(_bar(scale, top + i * each, share, f"c{i}", f"{name}, {what}"))
    return svg.drawing(WIDTH, height, label, parts)


def _bar(scale: curves.Axis, y: float, share: Share, style: str, name: str) -> str:
    if not math.isfinite(share[0]):
        return ""
    zero, value, low, high = (float(v) for v in scale(np.array([0.0, *share])))
    note = svg.tag("title", f"{name}: {share[0]:.2f} (95 % interval {share[1]:.2f} to {share[2]:.2f})")
    bar = svg.tag("rect", x=min(zero, value), y=y, width=max(abs(value - zero), 0.6), height=9.0, class_=f"bar {style}")
    whisker = svg.tag("line", x1=low, x2=high, y1=y + 4.5, y2=y + 4.5, class_="whisker over-bar")
    return svg.tag("g", note + bar + whisker)


def index_rows(found: Indices | Screening) -> list[tuple[str, list[tuple[str, Share]]]]:
    """Names from the one that moves most, with what is told of each."""
    tables: tuple[tuple[str, Mapping[str, Share]], ...]
    if isinstance(found, Indices):
        tables, order = (("first order", found.first), ("total", found.total)), found.total
    else:
        tables, order = (("size", found.size), ("mean", found.mean), ("spread", found.spread)), found.size
    names = sorted(order, key=lambda n: -order[n][0] if math.isfinite(order[n][0]) else math.inf)
    return [(name, [(what, table[name]) for what, table in tables]) for name in names]


def beside_names(made: Sweep) -> list[str]:
    """The numbers beside survival that these runs have."""
    return [name for name in BESIDE if name in made.headlines]
