"""Where a sweep looks: axes over parameters and scenario entries, and plain designs over them.

A design fills the space of what is assumed; it never looks at results, so that nothing here can search for an extreme
(science.md 6: no optimiser).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tocsin.declare import Prior
from tocsin.errors import UsageError
from tocsin.experiments.statistics import counter_uniform
from tocsin.scenario import declared
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
DESIGNS = ("grid", "latin", "sobol")
VARIANT, AS_WRITTEN = "variant", "as-written"
"""An axis over the variants of the scenario, and the level that is none of them."""
MOST_POINTS = 100_000
TAIL = 0.005
"""Share of a prior at each end that a sweep does not enter: its ends may be infinite."""


@dataclass(frozen=True)
class Axis:
    """One thing that a sweep changes, and where it may lie.

    levels: the values, if they are listed; else low to high, evenly on a plain or logarithmic scale, or evenly in the
    quantiles of a prior. unit: of a parameter, as it is declared.
    """

    name: str
    levels: tuple[object, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    prior: Prior | None = None
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers that can stand on an axis of a figure."""
        return not self.levels or all(isinstance(v, int | float) and not isinstance(v, bool) for v in self.levels)

    def at(self, u: float) -> object:
        """The value at a share u of the way, 0 to 1."""
        if self.levels:
            return self.levels[min(int(u * len(self.levels)), len(self.levels) - 1)]
        if self.prior is not None:
            u = min(max(u, TAIL), 1.0 - TAIL)
            return _tidy(min(max(self.prior.quantile(u), self.low), self.high))
        if self.log:
            return _tidy(math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low))))
        return _tidy(self.low + u * (self.high - self.low))

    def shares(self, points: int) -> list[float]:
        """Where a grid of so many points puts them: both ends of a range, the middles of equal parts of a prior."""
        if self.levels:
            return [(i + 0.5) / len(self.levels) for i in range(len(self.levels))]
        if self.prior is not None:
            return [(i + 0.5) / points for i in range(points)]
        return [i / (points - 1) for i in range(points)] if points > 1 else [0.5]

    def __str__(self) -> str:
        if self.levels:
            return f"{self.name}={','.join(map(str, self.levels))}"
        ends = f"{self.low:g}..{self.high:g}"
        return f"{self.name}={'prior' if self.prior is not None else ends + ':log' * self.log}"


def _tidy(value: float) -> float:
    """Twelve digits, so that a library's last bits never make another run of the same point."""
    return float(f"{value:.12g}")


def axes_of(scenario: Scenario, over: Mapping[str, object]) -> tuple[Axis, ...]:
    """What a sweep goes over: name -> a list of levels, (low, high), (low, high, "log"), or "prior".

    A name is whatever `Scenario.vary` takes, or "variant" with names of variants ("as-written" is none).
    """
    if not over:
        raise UsageError("a sweep over nothing", expected="one thing to sweep or more", do="give a name and its values")
    known = declared.parameters(scenario.extensions)
    axes = tuple(_axis(scenario, name, given) for name, given in over.items())
    return tuple(replace(axis, unit=known[axis.name].unit) if axis.name in known else axis for axis in axes)


def _axis(scenario: Scenario, name: str, given: object) -> Axis:
    if isinstance(given, Axis):
        return given
    if given == "prior":
        return _of_prior(scenario, name)
    if isinstance(given, tuple) and len(given) in (2, 3):
        return _range(name, given)
    levels = tuple(given) if isinstance(given, list | tuple) else (given,)
    if not levels or len({repr(v) for v in levels}) < len(levels):
        raise UsageError(
            f"the levels of {name}: {', '.join(map(str, levels)) or 'none'}", expected="one level or more, all apart",
            do="give each level once",
        )  # fmt: skip
    return Axis(name, levels)


def _range(name: str, given: tuple[object, ...]) -> Axis:
    low, high = given[0], given[1]
    log = len(given) == 3
    if log and given[2] != "log":
        raise UsageError(f"{name}: a range on a {given[2]!r} scale", expected='(low, high, "log")', do="write log")
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in (low, high))
    if not (numbers and isinstance(low, int | float) and isinstance(high, int | float) and low < high):
        raise UsageError(
            f"the range of {name}: {low} to {high}", expected="two numbers, the lower one first",
            do="a list of levels need not be numbers: NAME=a,b on the command line, [a, b] in Python",
        )  # fmt: skip
    if log and low <= 0:
        raise UsageError(f"{name} from {low:g} on a logarithmic scale", expected="a low end above 0", do="raise it")
    return Axis(name, low=float(low), high=float(high), log=log)


def _of_prior(scenario: Scenario, name: str) -> Axis:
    if name not in scenario.parameters:
        raise UsageError(f"{name!r} has no prior", expected="a parameter", do="see `tocsin explain`, or give a range")
    prior, param = scenario.parameters[name].prior, declared.parameters(scenario.extensions)[name]
    if prior.kind in ("fixed", "simplex"):
        raise UsageError(
            f"the prior of {name} is {prior}", expected="one with quantiles of its own",
            do=f"give a range, such as {name}={param.low:g}..{param.high:g}",
        )  # fmt: skip
    return Axis(name, low=param.low, high=param.high, prior=prior)


def places_of(design: str, axes: Sequence[Axis], points: int, seed: int) -> Floats:
    """float[N, k] shares along the axes, 0 to 1.

    grid: all combinations of the levels and of `points` values of each range. latin: N = points, each axis cut into N
    parts and each part taken once (McKay, Beckman and Conover 1979). sobol: the first N = points of Sobol's sequence, a
    power of two, rotated by the seed (Cranley and Patterson 1976).
    """
    if design not in DESIGNS:
        raise UsageError(
            f"unknown design {design!r}", expected=f"one of {', '.join(DESIGNS)}",
            do="designs are plain: none of them searches for an extreme",
        )  # fmt: skip
    if points < 1:
        raise UsageError(f"{points} points", expected="1 or more", do="give a larger number")
    number = math.prod(len(a.levels) or points for a in axes) if design == "grid" else points
    if number > MOST_POINTS:
        raise UsageError(
            f"{number:,} points", expected=f"at most {MOST_POINTS:,}", do="give fewer, or take the design latin"
        )
    if design == "grid":
        return np.array(list(product(*(a.shares(points) for a in axes))), np.float64)
    return latin(points, len(axes), seed) if design == "latin" else sobol(points, len(axes), seed)


def latin(points: int, width: int, seed: int) -> Floats:
    """A Latin hypercube, float[points, width]."""
    bits = counter_uniform(2 * seed, np.arange(2 * points * width, dtype=np.uint64)).reshape(2, width, points)
    order = np.argsort(bits[0], axis=1, kind="stable")
    return np.asarray(((order + bits[1] / 2.0**32) / points).T)


def sobol(points: int, width: int, seed: int) -> Floats:
    """Points of Sobol's sequence, float[points, width], all rotated by one vector that the seed decides."""
    from scipy.stats import qmc  # imported here: help and check need not pay for it

    if points & (points - 1):
        raise UsageError(
            f"{points} points of Sobol's sequence", expected="a power of two, which alone is balanced",
            do=f"take {1 << (points.bit_length() - 1)} or {1 << points.bit_length()}",
        )  # fmt: skip
    plain = qmc.Sobol(width, scramble=False).random_base2(points.bit_length() - 1)
    shift = counter_uniform(2 * seed + 1, np.arange(width, dtype=np.uint64)) / 2.0**32
    return np.asarray((plain + shift) % 1.0)


def changes_at(axes: Sequence[Axis], places: Floats) -> tuple[dict[str, object], ...]:
    """What each point changes: name -> value."""
    return tuple({a.name: a.at(float(u)) for a, u in zip(axes, row, strict=True)} for row in places)


def world_at(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """The scenario at one point: its variant, if the sweep goes over variants, then all other changes."""
    base = str(changes.get(VARIANT, AS_WRITTEN))
    start = scenario if base == AS_WRITTEN else scenario.world(base)
    rest = {name: value for name, value in changes.items() if name != VARIANT}
    return start.vary(rest) if rest else start
