"""Tipping: where the share of runs in which something happens crosses one half, along one axis or over a plane."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UsageError
from tocsin.experiments.points import Axis
from tocsin.experiments.statistics import RESAMPLES, picks
from tocsin.experiments.sweep import Measure, Sweep

Floats = NDArray[np.float64]
Line = tuple[tuple[float, float], ...]
HALF = 0.5
BESIDE = ("killed", "wounded")
"""What is always shown beside survival (science.md 6)."""


@dataclass(frozen=True)
class Panel:
    """The points of a sweep that share the levels of all axes that are not numbers.

    name: these levels in words; points: which they are.
    """

    name: str
    points: tuple[int, ...]


@dataclass(frozen=True)
class Map:
    """A number over two axes: x float[X], y float[Y]; value, low, high float[Y, X]: share or mean with its interval.

    contours: lines where the share is one half, in values of the axes; beside: name -> median float[Y, X].
    """

    what: Measure
    panel: str
    across: Axis
    up: Axis
    x: Floats
    y: Floats
    value: Floats
    low: Floats
    high: Floats
    contours: tuple[Line, ...]
    beside: Mapping[str, Floats]


@dataclass(frozen=True)
class Curve:
    """A number along one axis: x, value, low, high float[X]; beside: name -> median float[X].

    crossing: where the share first crosses one half, with a 95 % interval over slots; NaN where it does not; crosses:
    the share of resamples in which it does.
    """

    what: Measure
    panel: str
    axis: Axis
    x: Floats
    value: Floats
    low: Floats
    high: Floats
    crossing: tuple[float, float, float]
    crosses: float
    beside: Mapping[str, Floats]


def numeric_axes(made: Sweep) -> tuple[int, ...]:
    """Places of the axes that are numbers with more than one value."""
    return tuple(i for i, a in enumerate(made.axes) if a.numeric and len(a.levels) != 1)


def panels(made: Sweep) -> tuple[Panel, ...]:
    """The points grouped by the levels of all other axes, in the order of the sweep."""
    inside = {made.axes[i].name for i in numeric_axes(made)}
    found: dict[str, list[int]] = {}
    for i, changes in enumerate(made.changes):
        found.setdefault(", ".join(_named(k, v) for k, v in changes.items() if k not in inside), []).append(i)
    return tuple(Panel(name, tuple(points)) for name, points in found.items())


def _named(name: str, value: object) -> str:
    return str(value) if name == "variant" else f"{name}={value}"


def _grid(made: Sweep, axes: int) -> tuple[int, ...]:
    found = numeric_axes(made)
    if made.design != "grid" or len(found) != axes:
        raise UsageError(
            f"a {made.design} sweep with {len(found)} axes of numbers",
            expected=f"a grid with {axes} of them", do="sweep another grid; other axes must be words or single values",
        )  # fmt: skip
    return found


def curves(made: Sweep, what: str = "fallen") -> tuple[Curve, ...]:
    """One curve per panel of a grid with one axis of numbers."""
    (at,) = _grid(made, 1)
    measure, axis = Measure.of(what), made.axes[at]
    values, estimates = made.column(what), np.array(made.estimates(what))
    found = []
    for panel in panels(made):
        points = sorted(panel.points, key=lambda i: float(made.places[i, at]))
        x = _numbers(made, axis, points)
        order = np.argsort(x, kind="stable")
        points, x = [points[i] for i in order], x[order]
        crossing, crosses = _crossing(x, values[points], log=axis.log) if measure.event else ((math.nan,) * 3, 0.0)
        value, low, high = estimates[points].T
        found.append(Curve(
            measure, panel.name, axis, x, value, low, high, crossing, crosses, _beside(made, points)
        ))  # fmt: skip
    return tuple(found)


def maps(made: Sweep, what: str = "fallen") -> tuple[Map, ...]:
    """One map per panel of a grid with two axes of numbers: the first goes across, the second up."""
    first, second = _grid(made, 2)
    measure, across, up = Measure.of(what), made.axes[first], made.axes[second]
    estimates = np.array(made.estimates(what))
    found = []
    for panel in panels(made):
        x, y = (np.unique(_numbers(made, a, panel.points)) for a in (across, up))
        table = np.full((len(y), len(x)), -1, np.int64)
        for i in panel.points:
            row = np.searchsorted(y, _number(made, up, i))
            table[row, np.searchsorted(x, _number(made, across, i))] = i
        value, low, high = np.moveaxis(estimates[table], 2, 0)
        drawn = contours(_scaled(x, across), _scaled(y, up), value) if measure.event else ()
        lines = tuple(tuple((_back(a, across), _back(b, up)) for a, b in line) for line in drawn)
        beside = {name: v.reshape(table.shape) for name, v in _beside(made, table.ravel().tolist()).items()}
        found.append(Map(measure, panel.name, across, up, x, y, value, low, high, lines, beside))
    return tuple(found)


def _scaled(values: Floats, axis: Axis) -> Floats:
    return np.log(values) if axis.log else values


def _back(value: float, axis: Axis) -> float:
    return math.exp(value) if axis.log else value


def _number(made: Sweep, axis: Axis, point: int) -> float:
    return float(str(made.changes[point][axis.name]))


def _numbers(made: Sweep, axis: Axis, points: Sequence[int]) -> Floats:
    return np.array([_number(made, axis, i) for i in points])


def _beside(made: Sweep, points: Sequence[int]) -> dict[str, Floats]:
    """Medians over the slots of the numbers that stand beside survival."""
    names = [name for name in BESIDE if name in made.headlines]
    return {name: np.nanmedian(made.headlines[name][list(points)], axis=1) for name in names}


def _crossing(x: Floats, values: Floats, *, log: bool) -> tuple[tuple[float, float, float], float]:
    """Where the mean over slots of values [X, S] crosses one half, with the interval over 2,000 resamples of them."""
    scale = np.log(x) if log else x
    chosen = picks(13, 0, (RESAMPLES, values.shape[1]), values.shape[1])
    tries = np.array([first_crossing(scale, np.nanmean(values[:, slots], axis=1)) for slots in chosen])
    best = first_crossing(scale, np.nanmean(values, axis=1))
    here = tries[~np.isnan(tries)]
    ends = np.quantile(here, [0.025, 0.975]) if here.size and not math.isnan(best) else (math.nan, math.nan)
    found = [float(np.exp(v)) if log else float(v) for v in (best, *ends)]
    return (found[0], found[1], found[2]), here.size / RESAMPLES


def first_crossing(x: Floats, p: Floats) -> float:
    """The least x at which p, straight between its points, crosses one half; NaN if it never does."""
    above = p > HALF
    changes = np.flatnonzero(above[1:] != above[:-1])
    if not changes.size:
        return math.nan
    i = int(changes[0])
    return float(x[i] + (HALF - p[i]) / (p[i + 1] - p[i]) * (x[i + 1] - x[i]))


def contours(x: Floats, y: Floats, value: Floats, level: float = HALF) -> tuple[Line, ...]:
    """Lines on which a table [Y, X] takes the level: marching squares, straight inside each square.

    A value that is the level counts as below it. Saddles are joined by the mean of their four corners.
    """
    pieces = []
    for j in range(len(y) - 1):
        for i in range(len(x) - 1):
            corner = value[j : j + 2, i : i + 2]
            if not np.isnan(corner).any():
                pieces += _through(x[i : i + 2], y[j : j + 2], corner, level)
    return _joined(pieces)


def _through(x: Floats, y: Floats, corner: Floats, level: float) -> list[Line]:
    """The pieces of line inside one square. corner [2, 2]: lower row first."""
    ring = ((0, 0), (0, 1), (1, 1), (1, 0))
    cuts = []
    for (j, i), (m, k) in zip(ring, (*ring[1:], ring[0]), strict=True):
        a, b = float(corner[j, i]), float(corner[m, k])
        if (a > level) != (b > level):
            t = (level - a) / (b - a)
            cuts.append((round(float(x[i] + t * (x[k] - x[i])), 12), round(float(y[j] + t * (y[m] - y[j])), 12)))
    if len(cuts) == 4:  # two pieces: the middle decides which corners hang together
        joined = (float(corner.mean()) > level) == (float(corner[0, 0]) > level)
        pairs = ((0, 1), (2, 3)) if joined else ((3, 0), (1, 2))
        return [(cuts[a], cuts[b]) for a, b in pairs]
    return [(cuts[0], cuts[1])] if cuts else []


def _joined(pieces: list[Line]) -> tuple[Line, ...]:
    """Pieces that meet at an end become one line."""
    lines: list[list[tuple[float, float]]] = []
    left = [list(piece) for piece in pieces]
    while left:
        line = left.pop(0)
        grown = True
        while grown:
            grown = False
            for other in left:
                if other[0] == line[-1] or other[-1] == line[-1]:
                    line += other[1:] if other[0] == line[-1] else other[-2::-1]
                elif other[0] == line[0] or other[-1] == line[0]:
                    line[:0] = other[:-1] if other[-1] == line[0] else other[:0:-1]
                else:
                    continue
                left.remove(other)
                grown = True
                break
        lines.append(line)
    return tuple(tuple(line) for line in lines)
