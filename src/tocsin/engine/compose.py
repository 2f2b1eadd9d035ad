"""From contributions to the integer coefficients that the kernels take.

alpha, beta, gamma and sigma add; rho and the rate of reconsidering multiply, in the order of the plan (engine.md 2).
Rates become probabilities 1 - exp(-rate dt) here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tocsin.errors import RunError
from tocsin.exact import Floats, chance
from tocsin.kernels.law import CERTAIN, NU_BITS, ONE_Q, Coefficients
from tocsin.state import FATES, Effect

LIMIT = 2.0**18
"""Coefficients are 64 bits wide: products with 16-bit traits stay below 2^54; the priors reach 100,000 at most."""
_WIDE = ("alpha", "beta", "gamma", "rho")
_SLIM = ("sigma_h", "sigma_w", "rate")


def compose(effects: Mapping[str, Effect], places: int, segments: int) -> dict[str, Floats]:
    """Coefficients as numbers: alpha, beta, gamma, rho float[P, S, 5, 3]; sigma_h, sigma_w, rate float[P, S, 5]."""
    result: dict[str, Floats] = {}
    for name in _WIDE + _SLIM:
        shape = (places, segments, 5, 3) if name in _WIDE else (places, segments, 5)
        multiplies = name in ("rho", "rate")
        value = np.full(shape, 1.0 if multiplies else 0.0)
        for effect in effects.values():
            part = (effect.times if multiplies else effect.add).get(name)
            if part is not None:
                value = value * part if multiplies else value + part
        result[name] = value
    return result


def to_integers(numbers: Mapping[str, Floats], can_act: np.ndarray[Any, Any], days: float) -> Coefficients:
    """Coefficients in steps of 2^-20 and probabilities in 2^-30; people who cannot act never reconsider."""
    fixed = {}
    for name in (*_WIDE, "sigma_h", "sigma_w"):
        if not bool((np.abs(numbers[name]) < LIMIT).all()):
            raise RunError(
                f"the coefficient {name} left its range of +-{LIMIT:g}",
                expected="utilities of tens, not thousands",
                do="look for an extreme parameter: noise, gain or backlash",
            )
        fixed[name] = np.rint(numbers[name] * ONE_Q).astype(np.int64)
    nu = np.rint(chance(numbers["rate"], days) * (1 << NU_BITS)).astype(np.int64)
    nu[:, ~can_act] = 0
    return Coefficients(
        fixed["alpha"], fixed["beta"], fixed["gamma"], fixed["rho"], fixed["sigma_h"], fixed["sigma_w"], nu,
        np.zeros(1, np.int64),
    )  # fmt: skip


def fate_rates(effects: Iterable[Effect], places: int, segments: int) -> Floats:
    """Rates (1/day) by place, segment, action and fate, float[P, S, 8, 6]."""
    rates = np.zeros((places, segments, 8, len(FATES)))
    for effect in effects:
        for name, value in effect.fate.items():
            rates[:, :, :, FATES.index(name)] += value
    return rates


def fate_cuts(rates: Floats, days: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Competing rates as cumulative thresholds in 2^-32, int64[P, S, 8, 6]."""
    running = np.cumsum(rates, axis=-1)
    whole = running[..., -1:]
    share = np.where(whole > 0, running / np.maximum(whole, 1e-300), 0.0)
    return np.rint(share * chance(whole, days) * CERTAIN).astype(np.int64)
