"""The person law in integers: utility, probability, and which tactic.

V_k = (alpha_k H + beta_k X - rho_k R) / 2^16 + gamma_k + (sigma_h h + sigma_w w) / 2^16         coefficients in 2^-20
P(act) = L(max_k V_k) by a table over V in steps of 1/64, or 1 if max_k V_k > 0 when the noise is zero
a person changes iff u < nu P(act), or leaves iff nu P(act) <= u < nu while active

H, R, X, h, w are 16-bit fractions. Only integers are compared, so every processor decides alike (engine.md 2).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline
from tocsin.exact import exp, logistic

ONE_Q = 1 << 20
STEP_BITS = 14  # 1/64 of a unit in Q20
HALF_TABLE = 22 * 64
TABLE = 2 * HALF_TABLE + 1
NU_BITS = 30
CERTAIN = 1 << 32
FULL = 1 << 31
FROM = (0, 1, 2, 3, -1, -1, -1, 4, -1)
"""Index of the coefficients for each stored action (quiet, tactics, former); -1: no choice. Code 8 is an empty row."""
EMPTY = 8


class Coefficients(NamedTuple):
    """Coefficients of one tick; P places, S segments, F = 5 actions to choose from, K = 3 tactics.

    alpha, beta, gamma, rho int64[P, S, F, K] in 2^-20; sigma_h, sigma_w int64[P, S, F]; nu int64[P, S, F] in 2^-30.
    An axis of S, F or K may have length one: then all share it. noiseless int64[1]: 1 if the noise is zero.
    """

    alpha: NDArray[np.int64]
    beta: NDArray[np.int64]
    gamma: NDArray[np.int64]
    rho: NDArray[np.int64]
    sigma_h: NDArray[np.int64]
    sigma_w: NDArray[np.int64]
    nu: NDArray[np.int64]
    noiseless: NDArray[np.int64]


class Tables(NamedTuple):
    """Fixed tables.

    chance int64[TABLE] logistic in 2^-32; weight int64[HALF_TABLE + 1] exp(-x) in 2^-31;
    share int64[65, 65]: count over size as a 16-bit fraction; decay int64[W, 4096] experience left by age in 2^-12, by
    world; start int64[9]: see FROM.
    """

    chance: NDArray[np.int64]
    weight: NDArray[np.int64]
    share: NDArray[np.int64]
    decay: NDArray[np.int64]
    start: NDArray[np.int64]


def tables(*memory_ticks: float) -> Tables:
    """Build the tables; experience halves every `memory_ticks` ticks, world by world, below 1/16 it is forgotten."""
    at = (np.arange(TABLE) - HALF_TABLE + 0.5) / 64.0
    chance = np.floor(logistic(at) * CERTAIN).astype(np.int64)
    weight = np.floor(exp(-(np.arange(HALF_TABLE + 1) + 0.5) / 64.0) * FULL).astype(np.int64)
    count, size = np.arange(65)[:, None], np.maximum(np.arange(65)[None, :], 1)
    share = np.minimum((count * 65536) // size, 65535).astype(np.int64)
    halvings = -0.6931471805599453 * np.arange(4096) / np.array(memory_ticks)[:, None]
    decay = np.floor(4096.0 * exp(halvings) + 0.5).astype(np.int64)
    decay[decay < 256] = 0
    return Tables(chance, weight, share, decay, np.array(FROM, dtype=np.int64))


@inline
def shared(i: Any, length: Any) -> Any:
    """Where index i lies on an axis of this length; on one of length one all share the first."""
    return i if length > 1 else 0


@inline
def chance_of(v: Any, chance: Any, noiseless: Any) -> Any:
    """Probability to act in 2^-32 at utility v (Q20)."""
    at = min(max((v >> STEP_BITS) + HALF_TABLE, 0), TABLE - 1)
    return (CERTAIN if v > 0 else 0) if noiseless else chance[at]


@inline
def utility(alpha: Any, beta: Any, gamma: Any, rho: Any, h: Any, x: Any, r: Any) -> Any:
    """alpha H + beta X - rho R + gamma in Q20, without support."""
    return ((alpha * h + beta * x - rho * r) >> 16) + gamma


@inline
def pick(v0: Any, v1: Any, v2: Any, word: Any, weight: Any, noiseless: Any) -> Any:
    """Action 1, 2 or 3 by softmax over the utilities with a 32-bit uniform; the first best without noise."""
    best = max(v0, max(v1, v2))
    if noiseless:
        return 1 if v0 == best else (2 if v1 == best else 3)
    w0 = FULL if v0 == best else weight[min((best - v0) >> STEP_BITS, HALF_TABLE)]
    w1 = FULL if v1 == best else weight[min((best - v1) >> STEP_BITS, HALF_TABLE)]
    w2 = FULL if v2 == best else weight[min((best - v2) >> STEP_BITS, HALF_TABLE)]
    at = ((w0 + w1 + w2) >> 2) * word >> 32
    return 1 if at < (w0 >> 2) else (2 if at < ((w0 + w1) >> 2) else 3)
