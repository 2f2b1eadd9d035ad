"""Figures of published models: lines, points and bands over two named axes, plain or logarithmic, as SVG.

Classes used: `c0` to `c6` colour a line and its band; `dash` marks the lines after the seventh.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from tocsin.classics.declare import Line, Picture
from tocsin.report import svg

Floats = NDArray[np.float64]
Places = Mapping[str, int]
"""Label -> the number of its colour."""
SIZE = (440.0, 276.0)
COLOURS = 7
STEPS = 6.0  # of a plain axis, at most about
MOST = 900  # points of a drawn line; longer ones keep the lowest and the highest of each stretch
GLYPH = 6.2  # pixels: a digit of an axis label


@dataclass(frozen=True)
class Axis:
    """From data to pixels.

    low, high: round numbers that enclose the data; step: between the marks of a plain axis, 0 on a logarithmic one.
    """

    low: float
    high: float
    start: float
    end: float
    step: float

    @property
    def log(self) -> bool:
        """Whether the axis is logarithmic."""
        return self.step == 0.0

    @classmethod
    def over(cls, values: Floats, start: float, end: float, log: bool) -> Axis:
        """An axis that holds all finite values (the positive ones, if logarithmic), with round ends."""
        held = values[np.isfinite(values) & ((values > 0.0) | (not log))]
        low, high = (float(held.min()), float(held.max())) if held.size else (0.0, 1.0)
        if log:
            low, high = (low, high) if held.size else (1.0, 10.0)
            low, high = _round_down(low), _round_up(high)
            return cls(low, high if high > low else 10.0 * low, start, end, 0.0)
        if low >= 0.0 and low < 0.35 * high:
            low = 0.0
        if low == high == 0.0:
            high = 1.0
        if high - low <= 1e-12 * max(abs(high), 1.0):
            low, high = low - 0.5, high + 0.5
        step = svg.round_step((high - low) / STEPS)
        low, high = math.floor(low / step + 1e-6) * step, math.ceil(high / step - 1e-6) * step
        return cls(low, high, start, end, step)

    def __call__(self, values: Floats) -> Floats:
        """Where values lie, in pixels; NaN stays NaN, and so do values that a log axis cannot hold."""
        low, high = self.low, self.high
        if self.log:
            low, high = math.log10(low), math.log10(high)
            values = np.log10(np.where(values > 0.0, values, np.nan))
        return np.asarray(self.start + (values - low) / (high - low) * (self.end - self.start))

    def ticks(self) -> list[float]:
        """Round steps; on a log axis powers of ten, with their doubles and fives where there are few."""
        if not self.log:
            return [self.low + i * self.step for i in range(round((self.high - self.low) / self.step) + 1)]
        first, last = math.floor(math.log10(self.low) + 1e-9), math.ceil(math.log10(self.high) - 1e-9)
        times = (1.0, 2.0, 5.0) if last - first <= 2 else (1.0,)
        every = max(1, math.ceil((last - first) / 8))
        marks = [m * 10.0**k for k in range(last, first - 1, -every) for m in times]
        return [v for v in sorted(marks) if self.low * (1 - 1e-9) <= v <= self.high * (1 + 1e-9)]


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(m * power for m in (1.0, 2.0, 5.0) if m * power <= value * (1 + 1e-9))


def _round_up(value: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return min(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= value * (1 - 1e-9))


def number(value: float) -> str:
    """A number on an axis: 0, 0.25, 12,000, 1e-6, with a true minus sign."""
    size = abs(value)
    if size < 1e-12:
        return "0"
    text = f"{value:,.0f}" if 1e3 <= size < 1e7 and value == round(value) else f"{value:.6g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("-", "\u2212", 1 if value < 0 else 0)


def axes(picture: Picture, size: tuple[float, float] = SIZE, *, zero: bool = False) -> tuple[Axis, Axis]:
    """The axes across and up; size: pixels of the whole figure; zero: the axis upwards starts at 0 at the latest."""
    width, height = size
    values = np.append(_all(picture, "y"), [0.0] * zero)
    up = Axis.over(values, height - 40.0, 22.0, "y" in picture.log)
    left = 12.0 + GLYPH * max(len(number(v)) for v in up.ticks())
    return Axis.over(_all(picture, "x"), left, width - 14.0, "x" in picture.log), up


def draw(
    picture: Picture, size: tuple[float, float] = SIZE, *, styled: Places | None = None, zero: bool = False
) -> str:
    """The whole figure. styled: the colour of each label, by its number; zero: the axis upwards starts at 0."""
    across, up = axes(picture, size, zero=zero)
    parts = [*_grid(picture, across, up)]
    lines = list(zip(picture.lines, styles(picture, styled), strict=True))
    for line, style in lines:
        parts += _band(line, across, up, style)
    for line, style in lines:
        parts += _points(line, across, up, style) if line.points else _line(line, across, up, style)
    return svg.drawing(*size, in_words(picture), parts)


def in_words(picture: Picture) -> str:
    """What a figure shows, for somebody who cannot see it."""
    names = "; ".join(dict.fromkeys(line.label for line in picture.lines))
    return f"{picture.title}. Across: {picture.across}. Up: {picture.up}. Shown: {names}."


def styles(picture: Picture, at: Places | None = None) -> list[str]:
    """The classes of each line; lines of one label look the same."""
    at = at or places([picture])[0]
    return [f"c{at[line.label] % COLOURS}" + (" dash" if at[line.label] >= COLOURS else "") for line in picture.lines]


def places(pictures: Sequence[Picture]) -> list[Places]:
    """The number of each label in each picture: a label keeps its number where neighbouring pictures share it."""
    within = [list(dict.fromkeys(line.label for line in picture.lines)) for picture in pictures]
    often = Counter(label for labels in within for label in labels)
    shared = {label: i for i, label in enumerate(label for label in often if often[label] > 1)}
    found: list[Places] = []
    for labels in within:
        kept = {label: shared[label] for label in labels if label in shared}
        free = (i for i in count() if i not in kept.values())
        found.append({label: kept[label] if label in kept else next(free) for label in labels})
    return found


def _all(picture: Picture, axis: str) -> Floats:
    """Every number on one axis."""
    if axis == "x":
        held = [line.x for line in picture.lines]
    else:
        held = [v for line in picture.lines for v in (line.y, line.low, line.high) if v is not None]
    return np.concatenate([np.asarray(v, float).ravel() for v in held]) if held else np.zeros(0)


def _grid(picture: Picture, across: Axis, up: Axis) -> Iterator[str]:
    """Grid lines and numbers of both axes, and what they count."""
    bottom, top = up.start, up.end
    for value in up.ticks():
        y = float(up(np.asarray(value)))
        yield svg.tag("line", x1=across.start, x2=across.end, y1=y, y2=y, class_="grid")
        yield svg.words(across.start - 5, y + 3.5, number(value), "t", "end")
    free = -math.inf
    for value in across.ticks():
        x, half = float(across(np.asarray(value))), GLYPH * len(number(value)) / 2
        yield svg.tag("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="axis")
        if x - half >= free:
            yield svg.words(x, bottom + 16, number(value), "t", "middle")
            free = x + half + 4.0
    yield svg.tag("line", x1=across.start, x2=across.end, y1=bottom, y2=bottom, class_="axis")
    yield svg.words(across.start - 5, top - 11, picture.up, "t axis-name", "start")
    yield svg.words(across.end, bottom + 33, picture.across, "t axis-name", "end")


def _line(line: Line, across: Axis, up: Axis, style: str) -> Iterator[str]:
    """A line, broken where it has no value."""
    xs, ys = _thin(across(np.asarray(line.x, float)), up(np.asarray(line.y, float)))
    for part in _stretches(xs, ys):
        yield svg.line(xs[part].tolist(), ys[part].tolist(), f"curve {style}")


def _points(line: Line, across: Axis, up: Axis, style: str) -> Iterator[str]:
    """A set of points."""
    xs, ys = across(np.asarray(line.x, float)), up(np.asarray(line.y, float))
    radius = 3.2 if xs.size <= 80 else 2.0
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(x) and math.isfinite(y):
            yield svg.tag("circle", cx=float(x), cy=float(y), r=radius, class_=f"spot {style}")


def _band(line: Line, across: Axis, up: Axis, style: str) -> Iterator[str]:
    """The band around a line; a whisker for each of a set of points."""
    if line.low is None or line.high is None:
        return
    xs = across(np.asarray(line.x, float))
    low, high = up(np.asarray(line.low, float)), up(np.asarray(line.high, float))
    if line.points:
        for x, a, b in zip(xs, low, high, strict=True):
            if np.isfinite((x, a, b)).all():
                yield svg.tag("line", x1=float(x), x2=float(x), y1=float(a), y2=float(b), class_=f"whisker {style}")
        return
    for part in _stretches(xs, low + high):
        yield svg.band(xs[part].tolist(), low[part].tolist(), high[part].tolist(), f"around {style}")


def _stretches(xs: Floats, ys: Floats) -> Iterator[slice]:
    """The runs of neighbouring points that have a place."""
    held = np.isfinite(xs) & np.isfinite(ys)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], held.astype(np.int8), [0]))))
    yield from (slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1)


def _thin(xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """A long line with the lowest and the highest point of each stretch, which look the same."""
    if xs.size <= MOST or not np.isfinite(ys).all():
        return xs, ys
    keep = {0, xs.size - 1}
    for part in np.array_split(np.arange(xs.size), MOST // 2):
        keep |= {int(part[ys[part].argmin()]), int(part[ys[part].argmax()])}
    order = np.array(sorted(keep))
    return xs[order], ys[order]
