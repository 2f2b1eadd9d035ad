"""Where a verdict turns: the breakdown frontier over believed and domestic force, and curves over a swept parameter.

Classes used: `spot gone` and `spot held` for draws, `turn` for the frontier, `limit` for the largest force of the
priors and for the boundary of a rule, `a` for a curve with its band.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.claim import Figure, Mover, Part
from tocsin.claims.movers import DOMESTIC, FORCE, SIGNAL
from tocsin.experiments.ensemble import Ensemble
from tocsin.report import svg
from tocsin.report.cards import FRONTIER, told

Floats = NDArray[np.float64]
LARGEST = 70_000.0
"""People: the largest believed force that the priors allow (science.md 3)."""
LEVELS = (0.1, 0.5, 0.9)
"""Points of the draws of the domestic force at which the judge looks for the boundary."""
SIZE = (440.0, 280.0)


def frontier(movers: Sequence[Mover], ensemble: Ensemble) -> str:
    """Draws of a world by believed force and domestic force, and where the verdict would turn; "" if not recorded.

    A dot is a draw, filled if the ruler or the regime falls in half of its runs or more.
    """
    points = [m for m in movers if m.name == SIGNAL and m.note.startswith(FRONTIER)]
    columns = {name: ensemble.column(f"parameter:{name}")[:, 0] for name in (*FORCE, DOMESTIC)}
    if not points or any(np.isnan(c).all() for c in columns.values()):
        return ""
    force, staff = columns[FORCE[0]] * columns[FORCE[1]], columns[DOMESTIC]
    fell = np.nanmean(ensemble.column("fallen"), axis=1) >= 0.5
    x = svg.Scale(0.0, _top(staff), 46.0, SIZE[0] - 10.0)
    y = svg.Scale(0.0, max(LARGEST, float(np.nanmax(force))) * 1.2, SIZE[1] - 38.0, 20.0, 300.0)
    parts = [*_axes(x, y), *_dots(x, y, staff, force, fell), *_turns(x, y, staff, points)]
    gone = int(fell.sum())
    label = f"{len(fell)} draws by domestic force and believed outside force; {gone} fall. {said(points)}"
    return svg.drawing(*SIZE, label, parts)


def _top(values: Floats) -> float:
    step = svg.round_step(float(np.nanmax(values)) / 5.0)
    return math.ceil(float(np.nanmax(values)) / step) * step


def _axes(x: svg.Scale, y: svg.Scale) -> list[str]:
    parts = []
    for value in y.ticks():
        at = y(value)
        parts.append(svg.tag("line", x1=x.start, x2=x.end, y1=at, y2=at, class_="grid"))
        parts.append(svg.words(x.start - 5, at + 3.5, svg.short(value), "t", "end"))
    parts += [svg.words(x(value), y.start + 14, svg.percent(value), "t", "middle") for value in x.ticks()]
    parts.append(svg.tag("line", x1=x.start, x2=x.end, y1=y.start, y2=y.start, class_="axis"))
    parts.append(svg.words(4.0, 11.0, "outside force that is believed in, people", "t axis-name"))
    parts.append(svg.words(x.end, y.start + 31, "share of domestic force deployable in a day", "t axis-name", "end"))
    limit = y(LARGEST)
    parts.append(svg.tag("line", x1=x.start, x2=x.end, y1=limit, y2=limit, class_="limit"))
    return [*parts, svg.words(x.end, limit - 4, "70,000: the most that the priors allow", "t", "end")]


def _dots(x: svg.Scale, y: svg.Scale, staff: Floats, force: Floats, fell: NDArray[np.bool_]) -> list[str]:
    return [
        svg.tag("circle", cx=x(float(a)), cy=y(float(b)), r=3.4, class_="spot gone" if gone else "spot held")
        for a, b, gone in zip(staff, force, fell, strict=True)
        if math.isfinite(a) and math.isfinite(b)
    ]


def _turns(x: svg.Scale, y: svg.Scale, staff: Floats, points: Sequence[Mover]) -> list[str]:
    """The frontier: a line through the levels at which the fit crosses the boundary."""
    levels = np.nanquantile(staff, LEVELS[: len(points)])
    found = [(float(a), m.flips_at) for a, m in zip(levels, points, strict=True) if m.flips_at is not None]
    if not found:
        return []
    xs, ys = [x(a) for a, _ in found], [y(b) for _, b in found]
    marks = [
        svg.tag("circle", svg.tag("title", escape(f"turns at {b:,.0f} people")), cx=u, cy=v, r=5.0, class_="turn knot")
        for (_, b), u, v in zip(found, xs, ys, strict=True)
    ]
    return [svg.line(xs, ys, "turn"), *marks] if len(found) > 1 else marks


def said(movers: Sequence[Mover]) -> str:
    """The least believed force that would turn the verdict, in a sentence; "" where nothing was looked for."""
    points = [m for m in movers if m.name == SIGNAL and m.note.startswith(FRONTIER)]
    turning = [m.flips_at for m in points if m.flips_at is not None]
    if not points:
        return ""
    if not turning:
        return "Within the prior no believed force turns the verdict, at weak, middling or strong domestic force."
    least = f"The least believed force that would turn it is about {svg.count(min(turning))} people"
    missing = len(points) - len(turning)
    more = f"; at {missing} of {len(points)} strengths of the domestic force none within the prior does"
    return f"{least}, against 70,000, the most that the priors allow{more if missing else ''}."


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
