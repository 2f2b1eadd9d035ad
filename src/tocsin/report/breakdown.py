"""Where an answer would tip: the number that decides over the outside force believed in and the domestic force.

Classes used: `over` and `under` for draws and ground above and below the boundary of the rule, `turn` for the frontier,
`prior` and `given` for contours of the weight, `unsure` for what rests on few draws, `limit` for the largest force of
the priors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from tocsin.claims.breakdown import Breakdown, Values
from tocsin.claims.claim import Part
from tocsin.claims.weights import effective
from tocsin.experiments.tipping import Line
from tocsin.report import svg
from tocsin.report.breakdown_words import LARGEST, few, in_words, said
from tocsin.report.density import FEWEST, Contours, contours
from tocsin.report.numbers import told, unit_of

Floats = NDArray[np.float64]
SIZE = (440.0, 330.0)
GROUND = (30, 24)
"""Cells of the ground, across and up."""
SHADES = 4
DEEPEST = 0.26
"""Opacity of the ground furthest from the boundary."""
LEAST_SHOWN = 10.0
"""People: contours are followed no lower than this, and up to the most that the priors allow."""


@dataclass(frozen=True)
class Drawing:
    """A breakdown with what is drawn of it. unit: of the number; prior, given: contours of the weights."""

    part: Part
    of: Breakdown
    unit: str
    prior: Contours
    given: Contours | None
    x: svg.Scale = field(repr=False)
    y: svg.Scale = field(repr=False)

    @classmethod
    def make(cls, part: Part, of: Breakdown) -> Drawing:
        """The contours, and axes that hold them and the draws."""
        prior = contours(of.domestic, of.force, of.prior)
        given = contours(of.domestic, of.force, of.posterior) if of.conditioned else None
        drawn = [line for c in (prior, given) if c for lines in c.lines.values() for line in lines]
        every = [p for line in drawn for part in allowed(line) for p in part]
        share = max([*of.domestic, *(a for a, _ in every)])
        people = [*of.force, *(b for _, b in every), LARGEST * 1.25]
        low, high = max(min(people), LEAST_SHOWN) * 0.85, max(people)
        step = svg.round_step(share / 5.0)
        top = min(math.ceil(share / step - 1e-9) * step, 1.0)
        return cls(
            part, of, unit_of(part), prior, given, svg.Scale(0.0, top, 46.0, SIZE[0] - 10.0),
            svg.Scale(math.log10(low), math.log10(high), SIZE[1] - 38.0, 22.0),
        )  # fmt: skip

    def at(self, domestic: float, force: float) -> tuple[float, float]:
        """Pixels of a point."""
        return self.x(domestic), self.y(math.log10(max(force, 1.0)))

    @property
    def scale(self) -> float:
        """How far from the boundary a number is shown at full depth."""
        if self.unit == "share":
            return max(self.of.boundary, 1.0 - self.of.boundary)
        return max((abs(v - self.of.boundary) for v in self.of.value), default=1.0) or 1.0


def figure(part: Part, of: Breakdown | None) -> str:
    """The draws by both forces, the ground of the fitted number, the frontier and the contours; "" without draws."""
    if of is None:
        return ""
    d = Drawing.make(part, of)
    parts = [*_axes(d), *_ground(d), *_contours(d, d.prior, "prior"), *_dots(d)]
    parts += [*(_contours(d, d.given, "given") if d.given else ()), *_limit(d), *_frontier(d)]
    return svg.drawing(*SIZE, " ".join(filter(None, (in_words(part, of), said(part, of), few(of)))), parts)


def panel(part: Part, of: Breakdown | None) -> Mapping[str, Any] | None:
    """What a page shows of a breakdown: the figure, its sentences, and what its legend has to explain."""
    if of is None:
        return None
    return {
        "figure": Markup(figure(part, of)), "said": said(part, of), "few": few(of),
        "edge": told(of.boundary, unit_of(part)), "draws": len(of.value), "line": lined(of),
        "sized": of.conditioned and not of.refused, "prior": effective(of.prior) >= FEWEST,
        "given": of.conditioned and effective(of.posterior) >= FEWEST,
    }  # fmt: skip


def lined(of: Breakdown) -> bool:
    """Whether a line and its ground are drawn: only where the slope along the force is clear."""
    return bool(of.frontier) and of.plane is not None and of.plane.clear


def _axes(d: Drawing) -> Iterator[str]:
    left, bottom = d.x.start, d.y.start
    for value in _people(10**d.y.low, 10**d.y.high):
        at = d.at(0.0, value)[1]
        yield svg.tag("line", x1=left, x2=d.x.end, y1=at, y2=at, class_="grid")
        yield svg.words(left - 5, at + 3.5, svg.short(value), "t", "end")
    for value in d.x.ticks():
        yield svg.words(d.x(value), bottom + 14, svg.percent(value), "t", "middle")
    yield svg.tag("line", x1=left, x2=d.x.end, y1=bottom, y2=bottom, class_="axis")
    yield svg.words(4.0, 11.0, "outside force that is believed in, people", "t axis-name")
    yield svg.words(d.x.end, bottom + 31, "share of domestic force deployable in a day", "t axis-name", "end")


def _limit(d: Drawing) -> Iterator[str]:
    """The largest force of the priors, over all else."""
    at = d.at(0.0, LARGEST)[1]
    yield svg.tag("line", x1=d.x.start, x2=d.x.end, y1=at, y2=at, class_="limit")
    yield svg.words(d.x.end, at - 4, f"{svg.count(LARGEST)}: the most that the priors allow", "t halo", "end")


def _people(low: float, high: float) -> list[float]:
    """Marks of the axis of people: 1 and 3 times powers of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**k for k in powers for m in (1, 3) if low <= m * 10.0**k <= high]


def _ground(d: Drawing) -> Iterator[str]:
    """The fitted number as cells, neighbours of one shade in one piece; nothing where it is not followed or unclear."""
    if not lined(d.of):
        return
    columns, rows = GROUND
    xs = np.linspace(d.x.start, d.x.end, columns + 1)
    ys = np.linspace(d.y.start, d.y.end, rows + 1)
    share = (xs[1:] + xs[:-1]) / 2
    domestic = (share - d.x.start) / (d.x.end - d.x.start) * d.x.high
    middle = (ys[1:] + ys[:-1]) / 2
    force = 10 ** (d.y.low + (middle - d.y.start) / (d.y.end - d.y.start) * (d.y.high - d.y.low))
    for i in range(columns):
        fit = d.of.at(np.full(rows, domestic[i]), force)
        shade = [_shade(d, float(v)) for v in fit]
        start = 0
        for j in range(1, rows + 1):
            if j < rows and shade[j] == shade[start]:
                continue
            if shade[start]:
                yield _cell(xs[i], xs[i + 1], ys[start], ys[j], shade[start])
            start = j


def _shade(d: Drawing, value: float) -> int:
    """How far above (positive) or below the boundary, in steps; 0 where nothing is fitted."""
    if math.isnan(value):
        return 0
    away = min(abs(value - d.of.boundary) / d.scale, 1.0 - 1e-9)
    return (1 if value > d.of.boundary else -1) * (1 + int(away * SHADES))


def _cell(left: float, right: float, low: float, high: float, shade: int) -> str:
    return svg.tag(
        "rect", x=float(left), y=float(high), width=float(right - left + 0.1), height=float(low - high),
        class_="over" if shade > 0 else "under", fill_opacity=f"{DEEPEST * (abs(shade) - 0.5) / SHADES:.2f}",
    )  # fmt: skip


def _contours(d: Drawing, of: Contours, style: str) -> Iterator[str]:
    unsure = "" if of.sure else " unsure"
    for held, lines in of.lines.items():
        for line in (part for whole in lines for part in allowed(whole)):
            xs, ys = zip(*(d.at(a, b) for a, b in line), strict=True)
            note = svg.tag("title", f"holds {svg.percent(held)} of the weight")
            yield svg.tag("g", note + svg.line(xs, ys, f"contour {style}{unsure}"))


def allowed(line: Line) -> list[Line]:
    """The stretches of a contour that lie within what the priors allow, with their ends on the limit."""
    found: list[list[tuple[float, float]]] = [[]]
    for (a, b), (c, d) in pairwise(line):
        if min(b, d) > LARGEST:
            continue
        cut = a + (c - a) * math.log(LARGEST / b) / math.log(d / b) if max(b, d) > LARGEST else a
        start, end = ((cut, LARGEST) if b > LARGEST else (a, b)), ((cut, LARGEST) if d > LARGEST else (c, d))
        if not found[-1] or found[-1][-1] != start:
            found.append([start])
        found[-1].append(end)
    return [tuple(part) for part in found if len(part) > 1]


def _dots(d: Drawing) -> Iterator[str]:
    """A dot a draw: its side and depth by the number, its size by the weight that decides."""
    weights = weighing(d.of)
    largest = max(weights) or 1.0
    drawn = sorted(zip(weights, d.of.domestic, d.of.force, d.of.value, strict=True), reverse=True)
    for weight, share, people, value in drawn:
        x, y = d.at(share, people)
        depth = 0.2 + 0.7 * min(abs(value - d.of.boundary) / d.scale, 1.0)
        note = f"believed {svg.count(people)} people, domestic {svg.percent(share)}: {told(value, d.unit)}"
        yield svg.tag(
            "circle", svg.tag("title", escape(note)), cx=x, cy=y, r=1.7 + 4.3 * math.sqrt(weight / largest),
            class_="spot over" if value > d.of.boundary else "spot under", fill_opacity=f"{depth:.2f}",
        )  # fmt: skip


def weighing(of: Breakdown) -> Values:
    """The weights that decide: given the record, unless it leaves too few runs."""
    return of.prior if of.refused else of.posterior


def _frontier(d: Drawing) -> Iterator[str]:
    """The line on which the fitted number is on the boundary, with its value."""
    points = d.of.frontier
    if not lined(d.of):
        return
    xs, ys = zip(*(d.at(a, b) for a, b in points), strict=True)
    yield svg.line(xs, ys, "turn under-line")
    yield svg.line(xs, ys, "turn")
    right = xs[-1] > d.x.end - 60
    yield svg.words(xs[-1] + (-4 if right else 5), ys[-1] - 6, told(d.of.boundary, d.unit), "t halo turned",
                    "end" if right else "start")  # fmt: skip
