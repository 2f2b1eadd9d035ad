"""Arithmetic with the same bits on every processor.

NumPy's exp, log and power differ between instruction sets, and its sums between vector widths. Mechanisms
use these instead: fixed polynomials over IEEE additions, multiplications and divisions, and sums in a fixed
order. Relative error of `exp` and `log` is below 4e-16 over the range used (tests/unit/test_exact.py).

The loops are compiled (`elementary.py`) and loaded at the first call: help and `check` import this file and need none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GRID = float(2**40)
LOGISTIC_SD = 1.8137993642342178
"""pi / sqrt(3), the standard deviation of a standard logistic variable: logit(u) / LOGISTIC_SD has unit variance."""


@cache
def _compiled() -> ModuleType:
    from tocsin import elementary

    return elementary


def _each(function: Callable[..., None], x: ArrayLike, *more: float) -> Floats:
    """A compiled function of each number of any shape; it works in place, so on a copy."""
    y = np.array(x, dtype=np.float64, order="C")
    function(y.ravel(), *more)
    return y if y.ndim else y[()]


def exp(x: ArrayLike) -> Floats:
    """e to the x, elementwise; x is clipped to [-700, 700]."""
    return _each(_compiled().exp, x)


def log(x: ArrayLike) -> Floats:
    """Natural logarithm, elementwise; x must be positive."""
    return _each(_compiled().log, x)


def logistic(x: ArrayLike) -> Floats:
    """1 / (1 + exp(-x)), elementwise."""
    return _each(_compiled().logistic, x)


def logit(p: ArrayLike) -> Floats:
    """log(p / (1 - p)), elementwise; p is kept 1e-12 away from 0 and 1."""
    return _each(_compiled().logit, p)


def chance(rate: ArrayLike, days: float) -> Floats:
    """The probability 1 - exp(-rate * days) that an event of this rate (1/day) happens in `days`."""
    return _each(_compiled().chance, rate, float(days))


def total(x: ArrayLike, axis: int = -1) -> Floats:
    """The sum along an axis, added strictly from first to last; zero along an empty one."""
    summed: Floats = _compiled().total(x, axis=axis)
    return summed


def whole(x: ArrayLike) -> Floats:
    """The sum over the last axis (places, units or states), which stays with length one: float[..., P] -> [..., 1]."""
    summed: Floats = _compiled().total(x, keepdims=True)
    return summed


def grouped(x: ArrayLike, group: NDArray[np.int64], count: int) -> Floats:
    """Sums over the last axis by group, float[..., n] -> float[..., count], each added from first to last.

    group int64[n]: where each belongs.
    """
    x = np.asarray(x, dtype=np.float64)
    rows = np.ascontiguousarray(x.reshape(math.prod(x.shape[:-1]), x.shape[-1]))
    sums = np.zeros((len(rows), count))
    _compiled().grouped(rows, np.asarray(group, np.int64), sums)
    return sums.reshape(*x.shape[:-1], count)


def mix(weights: ArrayLike, x: ArrayLike) -> Floats:
    """The matrix product weights (..., n, m) with x (..., m), summed from first to last: (..., n)."""
    return total(np.multiply(weights, np.asarray(x)[..., None, :], dtype=np.float64))


def snap(x: ArrayLike) -> Floats:
    """Round to the grid of 2^-40 (2^-10 from 4,096 up), so that last-bit differences are wiped out each tick."""
    return _each(_compiled().snap, x)


_CENTRE_TOP = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02,
               -3.066479806614716e01, 2.506628277459239e00)  # fmt: skip
_CENTRE_LOW = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01,
               -1.328068155288572e01, 1.0)  # fmt: skip
_TAIL_TOP = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00, -2.549732539343734e00,
             4.374664141464968e00, 2.938163982698783e00)  # fmt: skip
_TAIL_LOW = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00, 1.0)


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y = y * x + c
    return y


def normal_quantile(q: ArrayLike) -> Floats:
    """PhiInv(q), elementwise, by Acklam's rational approximation; relative error below 1.2e-9."""
    q = np.clip(np.asarray(q, dtype=np.float64), 1e-300, 1.0 - 1e-16)
    centre = q - 0.5
    r = centre * centre
    middle = _polynomial(_CENTRE_TOP, r) * centre / _polynomial(_CENTRE_LOW, r)
    t = np.sqrt(-2.0 * log(np.minimum(q, 1.0 - q)))
    tail = _polynomial(_TAIL_TOP, t) / _polynomial(_TAIL_LOW, t)
    return np.where(np.abs(centre) <= 0.47575, middle, np.where(centre < 0, tail, -tail))
