"""The plain form of `tocsin.exact`: what its compiled loops must give, bit by bit. For tests only."""

from __future__ import annotations

import numpy as np

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
EXP_TERMS = tuple(1.0 / f for f in (1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600))
ATANH_TERMS = tuple(1.0 / n for n in range(1, 24, 2))
GRID = float(2**40)


def exp(x):
    x = np.clip(np.asarray(x, dtype=np.float64), -700.0, 700.0)
    k = np.rint(x * 1.4426950408889634)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    y = np.full_like(r, EXP_TERMS[-1])
    for term in reversed(EXP_TERMS[:-1]):
        y = y * r + term
    return np.ldexp(y, k.astype(np.int64))


def log(x):
    m, k = np.frexp(np.asarray(x, dtype=np.float64))
    small = m < 0.70710678118654752440
    m = np.where(small, m * 2.0, m)
    k = k - small
    z = (m - 1.0) / (m + 1.0)
    zz = z * z
    y = np.full_like(z, ATANH_TERMS[-1])
    for term in reversed(ATANH_TERMS[:-1]):
        y = y * zz + term
    return 2.0 * z * y + k * LN2_LOW + k * LN2_HIGH


def logistic(x):
    y = 1.0 / (1.0 + exp(-np.abs(np.asarray(x, dtype=np.float64))))
    return np.where(np.asarray(x) >= 0, y, 1.0 - y)


def logit(p):
    p = np.clip(np.asarray(p, dtype=np.float64), 1e-12, 1.0 - 1e-12)
    return log(p / (1.0 - p))


def chance(rate, days):
    return 1.0 - exp(-np.asarray(rate, dtype=np.float64) * days)


def snap(x):
    x = np.asarray(x, dtype=np.float64)
    return np.where(np.abs(x) < 4096.0, np.rint(x * GRID) / GRID, np.rint(x * 1024.0) / 1024.0)


def total(x, axis=-1):
    x = np.asarray(x, dtype=np.float64)
    if x.shape[axis] == 0:
        return np.zeros(np.delete(np.array(x.shape), axis))
    return np.take(np.add.accumulate(x, axis=axis), -1, axis=axis)
