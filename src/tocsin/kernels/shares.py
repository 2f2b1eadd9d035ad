"""The share of a population that answers, averaged over the quantiles of a trait.

Somebody with log-odds `pull + push - fear * aversion` answers; `pull` follows from the trait, aversion is spread evenly
from 0 to 1. exp and log are those of `tocsin.exact`, with the same operations in the same order, so with the same bits;
powers of two are made from bits, so that the loops over points are vectorised. Sums run from first to last.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.kernels.compile import inline, kernel

_LOG2_E, _SQRT_HALF = 1.4426950408889634, 0.70710678118654752440
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_E0, _E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12 = (1.0 / math.factorial(k) for k in range(13))
_A0, _A1, _A2, _A3, _A4, _A5, _A6, _A7, _A8, _A9, _A10, _A11 = (1.0 / k for k in range(1, 24, 2))
_ROUND = 1.5 * 2.0**52  # added and taken away, it rounds to a whole number, which the last bits of the sum hold
_FRACTION, _HALF = np.int64((1 << 52) - 1), np.int64(1022 << 52)


@inline
def _exp(x: Any) -> Any:
    x = -700.0 if x < -700.0 else x
    x = 700.0 if x > 700.0 else x
    shifted = x * _LOG2_E + _ROUND
    k = shifted - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    y = (((((_E12 * r + _E11) * r + _E10) * r + _E9) * r + _E8) * r + _E7) * r + _E6
    y = (((((y * r + _E5) * r + _E4) * r + _E3) * r + _E2) * r + _E1) * r + _E0
    return np.int64(np.float64(y).view(np.int64) + (np.float64(shifted).view(np.int64) << 52)).view(np.float64)


@inline
def _log(x: Any) -> Any:  # positive and not denormal
    bits = np.float64(x).view(np.int64)
    m = np.int64((bits & _FRACTION) | _HALF).view(np.float64)
    small = m < _SQRT_HALF
    m = m * 2.0 if small else m
    k = np.float64((bits >> 52) - 1022) - (1.0 if small else 0.0)
    z = (m - 1.0) / (m + 1.0)
    zz = z * z
    y = ((((_A11 * zz + _A10) * zz + _A9) * zz + _A8) * zz + _A7) * zz + _A6
    y = (((((y * zz + _A5) * zz + _A4) * zz + _A3) * zz + _A2) * zz + _A1) * zz + _A0
    return 2.0 * z * y + k * _LN2_LOW + k * _LN2_HIGH


@inline
def _softplus(x: Any) -> Any:
    return (x if x > 0.0 else 0.0) + _log(1.0 + _exp(-abs(x)))


@inline
def _logistic(x: Any) -> Any:
    y = 1.0 / (1.0 + _exp(-abs(x)))
    return y if x >= 0.0 else 1.0 - y


@inline
def _sum(x: Any) -> Any:
    result = x[0]
    for i in range(1, x.size):
        result += x[i]
    return result


@kernel
def exponential(x: Any) -> Any:
    """e to the x, clipped as in `exact.exp`."""
    return _exp(x)


@kernel
def logarithm(x: Any) -> Any:
    """Natural logarithm of a positive number from 1e-300 up."""
    return _log(x)


@kernel
def answering(size: Any, pull: Any, weight: Any, push: Any, fear: Any, buffer: Any) -> Any:
    """The share that answers; pull, weight, buffer float64[Q]; push and fear in log-odds, fear above 0.

    size: share of those who can answer at all.
    size sum over q of weight [softplus(pull + push) - softplus(pull + push - fear)] / fear
    """
    for i in range(pull.size):
        buffer[i] = _softplus(pull[i] + push)
    for i in range(pull.size):
        buffer[i] = (buffer[i] - _softplus(pull[i] + push - fear)) * weight[i]
    return size * _sum(buffer) / fear


@kernel
def leaning(size: Any, pull: Any, weight: Any, push: Any, fear: Any, buffer: Any) -> Any:
    """The rise of `answering` by one more log-odds of push.

    size sum over q of weight [logistic(pull + push) - logistic(pull + push - fear)] / fear
    """
    for i in range(pull.size):
        buffer[i] = _logistic(pull[i] + push)
    for i in range(pull.size):
        buffer[i] = (buffer[i] - _logistic(pull[i] + push - fear)) * weight[i]
    return size * _sum(buffer) / fear
