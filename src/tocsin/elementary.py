"""The compiled loops behind `tocsin.exact`, which says what each function gives.

Kernels may use `exp_of`, `log_of` and `logistic_of` in their loops; nothing else imports this file.

Only additions, subtractions, multiplications, divisions, comparisons and shifts of IEEE numbers, in a fixed order:
LLVM makes vector loops of them, and no vector width changes a bit. Without `fastmath` nothing is contracted into fused
multiply-add (tests/unit/test_exact_bits.py reads the machine code). Each loop works in place on float64[n].
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from tocsin.compile import inline, kernel

_LN2_HIGH = 6.93147180369123816490e-01  # ln 2 split in two so that k * ln 2 is exact
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.70710678118654752440
_WHOLE = 2.0**52  # float64 from here up are whole numbers
_ROUND = 1.5 * 2.0**52  # adding and subtracting it rounds to the even whole number, and leaves it in the last bits
_WHOLE_BITS, _HALF_BITS = 1075 << 52, 1022 << 52  # of 2^52 and 0.5
_EXPONENT = 0x7FF
_SMALLEST_NORMAL = 2.0**-1022
_GRID, _COARSE = 2.0**40, 2.0**10


@inline
def _bits(x: Any) -> Any:
    return np.float64(x).view(np.int64)


@inline
def _from_bits(b: Any) -> Any:
    return np.int64(b).view(np.float64)


@inline
def exp_of(x: Any) -> Any:
    """e^x = 2^k e^r with |r| <= ln 2 / 2 and its Taylor polynomial; |k| <= 1010, so 2^k is made from its bits."""
    x = -700.0 if x < -700.0 else x  # in this order not-a-number stays itself
    x = 700.0 if x > 700.0 else x
    shifted = x * 1.4426950408889634 + _ROUND
    k = shifted - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    y = 1.0 / 479001600
    y = y * r + 1.0 / 39916800
    y = y * r + 1.0 / 3628800
    y = y * r + 1.0 / 362880
    y = y * r + 1.0 / 40320
    y = y * r + 1.0 / 5040
    y = y * r + 1.0 / 720
    y = y * r + 1.0 / 120
    y = y * r + 1.0 / 24
    y = y * r + 1.0 / 6
    y = y * r + 1.0 / 2
    y = y * r + 1.0
    y = y * r + 1.0
    return y * _from_bits((_bits(shifted) + 1023) << 52)


@inline
def log_of(x: Any) -> Any:
    """ln x = k ln 2 + 2 artanh((m - 1) / (m + 1)) with x = m 2^k, sqrt(1/2) <= m < sqrt 2, and its Taylor polynomial.

    Zero, infinities and not-a-number have no exponent: k = 0 and m = x, as frexp has it. Branches only choose between
    values at hand, or LLVM makes no vector loop (four times slower).
    """
    subnormal = abs(x) < _SMALLEST_NORMAL
    x = x * (2.0**54 if subnormal else 1.0)
    bits = _bits(x)
    exponent = (bits >> 52) & _EXPONENT
    k = _from_bits(exponent | _WHOLE_BITS) - (_WHOLE + 1022.0)
    k = k - (54.0 if subnormal else 0.0)
    m = _from_bits((bits & ~(_EXPONENT << 52)) | _HALF_BITS)
    special = (exponent == 0) | (exponent == _EXPONENT)
    m = x if special else m
    k = 0.0 if special else k
    low = m < _SQRT_HALF
    m = m * (2.0 if low else 1.0)
    k = k - (1.0 if low else 0.0)
    z = (m - 1.0) / (m + 1.0)
    zz = z * z
    y = 1.0 / 23
    y = y * zz + 1.0 / 21
    y = y * zz + 1.0 / 19
    y = y * zz + 1.0 / 17
    y = y * zz + 1.0 / 15
    y = y * zz + 1.0 / 13
    y = y * zz + 1.0 / 11
    y = y * zz + 1.0 / 9
    y = y * zz + 1.0 / 7
    y = y * zz + 1.0 / 5
    y = y * zz + 1.0 / 3
    y = y * zz + 1.0
    return 2.0 * z * y + k * _LN2_LOW + k * _LN2_HIGH


@inline
def logistic_of(x: Any) -> Any:
    """1 / (1 + e^-x), from the side on which the exponential is small."""
    y = 1.0 / (1.0 + exp_of(-abs(x)))
    return y if x >= 0.0 else 1.0 - y


@kernel
def exp(x: Any) -> None:
    """e^x, x clipped to [-700, 700]."""
    for i in range(x.size):
        x[i] = exp_of(x[i])


@kernel
def log(x: Any) -> None:
    """ln x."""
    for i in range(x.size):
        x[i] = log_of(x[i])


@kernel
def logistic(x: Any) -> None:
    """1 / (1 + e^-x)."""
    for i in range(x.size):
        x[i] = logistic_of(x[i])


@kernel
def logit(p: Any) -> None:
    """ln(p / (1 - p)), p clipped to [1e-12, 1 - 1e-12]."""
    for i in range(p.size):
        q = 1e-12 if p[i] < 1e-12 else p[i]
        q = 1.0 - 1e-12 if q > 1.0 - 1e-12 else q
        p[i] = log_of(q / (1.0 - q))


@kernel
def chance(x: Any, days: float) -> None:
    """1 - e^(-x days)."""
    for i in range(x.size):
        x[i] = 1.0 - exp_of(-x[i] * days)


@kernel
def snap(x: Any) -> None:
    """Half to even on the grid of 2^-40, of 2^-10 from 4,096 up; the sign of zero stays."""
    for i in range(x.size):
        fine = abs(x[i]) < 4096.0
        v = x[i] * (_GRID if fine else _COARSE)
        size = abs(v)
        whole = _from_bits(_bits((size + _WHOLE) - _WHOLE) | (_bits(v) & ~_bits(size)))
        v = whole if size < _WHOLE else v
        x[i] = v * (1.0 / _GRID if fine else 1.0 / _COARSE)


@kernel
def grouped(x: Any, group: Any, out: Any) -> None:
    """x float64[R, n] added to out float64[R, G] by group int64[n], from first to last."""
    for row in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[row, group[i]] += x[row, i]


def _total(x: Any, out: Any) -> None:
    """From first to last, beginning with the first and not with zero, so that the sign of zero stays; zero if empty."""
    if x.size == 0:
        out[0] = 0.0
    else:
        s = x[0]
        for i in range(1, x.size):
            s += x[i]
        out[0] = s


_GUVECTORIZE: Any = numba.guvectorize
total = _GUVECTORIZE(["void(float64[:], float64[:])"], "(n)->()", cache=True)(_total).ufunc
"""The sum along an axis, a generalised ufunc: NumPy finds the axis and the shape of what comes out."""
