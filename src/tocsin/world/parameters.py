"""One parameter vector from the priors, keyed by parameter name, so that adding a parameter moves no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.declare import Param, Prior, quantiles
from tocsin.exact import Floats
from tocsin.kernels.draw import name_hash, uniforms_by_stream
from tocsin.scenario import declared
from tocsin.scenario.own import Extensions
from tocsin.scenario.parts import Setpoint
from tocsin.scenario.scenario import Scenario
from tocsin.world.keys import Same

Setpoints = Mapping[str, Setpoint]

KEPT_PRIORS = 64
"""Sets of priors that a process keeps as arrays."""

_POWERS = np.array([float(10**k) for k in range(23)])


@dataclass(frozen=True)
class Priors:
    """The priors of one state as arrays over its N parameters.

    stream int64[N]: of each one's draw; low, high float[N]: ranges, without bounds for shares of a simplex; kinds: kind
    -> which parameters (int64[n]), their a and b (float[n]); simplices: per mechanism its drawn shares and its fixed.
    """

    names: tuple[str, ...]
    stream: NDArray[np.int64]
    low: Floats
    high: Floats
    kinds: Mapping[str, tuple[NDArray[np.int64], Floats, Floats]]
    simplices: tuple[tuple[list[int], list[int]], ...]

    @classmethod
    def of(cls, params: Mapping[str, Param], priors: Mapping[str, Prior]) -> Priors:
        """The priors of these parameters, in the order in which they are declared."""
        names, found = tuple(params), [priors[name] for name in params]
        free = [prior.kind == "simplex" for prior in found]
        kinds = {}
        for kind in {prior.kind for prior in found}:
            which = [i for i, prior in enumerate(found) if prior.kind == kind]
            a, b = np.array([(found[i].a, found[i].b) for i in which], np.float64).T
            kinds[kind] = (np.array(which, np.int64), a, b)
        shares: dict[str, tuple[list[int], list[int]]] = {}
        for i, (name, param) in enumerate(params.items()):
            if free[i] or param.prior.kind == "simplex":
                shares.setdefault(name.partition(".")[0], ([], []))[0 if free[i] else 1].append(i)
        return cls(
            names,
            np.array([name_hash(f"prior {name}") for name in names], np.int64),
            np.where(free, -np.inf, [param.low for param in params.values()]),
            np.where(free, np.inf, [param.high for param in params.values()]),
            kinds,
            tuple(shares.values()),
        )

    def draw(self, draw: int) -> Floats:
        """The values of draw number `draw`, float[N]; see `draw_parameters`."""
        u, values = uniforms_by_stream(draw, self.stream), np.empty(len(self.names))
        for kind, (which, a, b) in self.kinds.items():
            values[which] = quantiles(kind, a, b, u[which])
        values = np.where(values < self.low, self.low, values)
        values = np.where(values > self.high, self.high, values)
        for drawn, fixed in self.simplices:
            left = 1.0
            for i in fixed:
                left -= float(values[i])
            whole = sum(float(values[i]) for i in drawn)
            for i in drawn:
                values[i] = values[i] / whole * max(left, 0.0)
        return rounded_all(values)


@lru_cache(KEPT_PRIORS)
def _priors(general: Same[Setpoints], special: Same[Setpoints], own: Same[Extensions]) -> Priors:
    found = {**general.it, **special.it}
    return Priors.of(declared.parameters(own.it), {name: setpoint.prior for name, setpoint in found.items()})


def draw_parameters(scenario: Scenario, draw: int, state: int = 0) -> dict[str, float]:
    """The parameters of draw number `draw` in one state, by full name, clipped to their declared ranges.

    A state with a prior of its own takes the same quantile of it as the others take of theirs. The shares of one
    mechanism's simplex add up to one, whether all are drawn or some are fixed. Values are rounded to twelve digits, so
    that library quantile functions may differ in the last bits between machines without moving a result.
    """
    general = scenario.parameters
    special = scenario.states[state - 1].parameters if state else general
    priors = _priors(Same(general), Same(special), Same(scenario.extensions))
    return dict(zip(priors.names, priors.draw(draw).tolist(), strict=True))


def rounded(value: float) -> float:
    """Twelve digits, so that library functions may differ in the last bits."""
    return float(f"{value:.12g}")


def rounded_all(values: Floats) -> Floats:
    """`rounded` of each value, float[N].

    Up to 10^22 powers of ten are exact. So a value that is scaled to a whole number of twelve digits has an error of at
    most 2^-14 there, and the whole number scaled back is the double nearest to these digits. Values so near to a half
    that this could decide, and zeros and very small or large ones, go by their decimal text.
    """
    with np.errstate(divide="ignore", over="ignore"):
        shift = 11.0 - np.floor(np.log10(np.abs(values)))
        power = _POWERS[np.fmin(np.abs(shift), 22.0).astype(np.int64)]
        scaled = np.where(shift < 0.0, values / power, values * power)
    digits = np.rint(scaled)
    result: Floats = np.where(shift < 0.0, digits * power, digits / power)
    sure = (scaled == digits) | ((np.abs(digits) > 1e11) & (np.abs(scaled - digits) < 0.499))
    sure &= (np.abs(digits) < 1e12) & (np.abs(shift) <= 22.0)
    for i in np.flatnonzero(~sure).tolist():
        result[i] = rounded(float(values[i]))
    return result
