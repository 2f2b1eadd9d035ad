"""From contributions to the integer coefficients that the kernels take.

alpha, beta, gamma and sigma add; rho and the rate of reconsidering multiply, in the order of the plan (engine.md 2).
Rates become probabilities 1 - exp(-rate dt) here and nowhere else. Arrays keep the axes that somebody contributed to;
the others have length one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import PlanError
from tocsin.exact import Floats, chance
from tocsin.kernels.fate import cuts_of
from tocsin.kernels.law import NU_BITS, ONE_Q, Coefficients
from tocsin.state import ACTIONS, ADDED, FATES, MULTIPLIED, Effect, aligned

LIMIT = 2.0**18
"""Coefficients are 64 bits wide: products with 16-bit traits stay below 2^54; the priors reach 100,000 at most."""
_WIDE = ("alpha", "beta", "gamma", "rho")
_SLIM = ("sigma_h", "sigma_w", "rate")
_HOW = "keep the first axis of columns and parameters; see docs/how-to/write-a-mechanism.md"
AXES = {**dict.fromkeys(_WIDE, 5), **dict.fromkeys(_SLIM, 4)}
"""Coefficient -> axes: worlds, places, segments, five actions and, where there are five axes, three tactics."""


def refuse_misfits(mechanism: str, effect: Effect, cells: tuple[int, int, int]) -> None:
    """Refuse contributions to what is no coefficient or fate, or of another shape. cells: worlds, places, segments.

    One axis alone is refused in columns as well: where there are as many places as worlds, it could be either.
    """
    law, fates = {n: (*cells, 5, 3)[:axes] for n, axes in AXES.items()}, dict.fromkeys(FATES, (*cells, len(ACTIONS)))
    for name, value in effect.columns.items():
        if np.ndim(value) == 1:
            raise _misfit(mechanism, name, np.shape(value), "a leading axis of worlds")
    parts = ((ADDED, law, effect.add), (MULTIPLIED, law, effect.times), (FATES, fates, effect.fate))
    for names, shapes, values in parts:
        for name, value in values.items():
            if name not in names:
                raise PlanError(
                    f"{mechanism} contributes to {name!r}", expected=f"one of {', '.join(names)}", do=_HOW
                )  # fmt: skip
            found, most = np.shape(value), shapes[name]
            fits = len(found) <= len(most) and all(n in (1, full) for n, full in zip(found, most, strict=False))
            if len(found) == 1 or not fits:
                expected = f"a leading axis of worlds, then places, segments, actions, tactics within {most}, any 1"
                raise _misfit(mechanism, name, found, expected)


def _misfit(mechanism: str, name: str, found: tuple[int, ...], expected: str) -> PlanError:
    return PlanError(f"{mechanism} gives {name} an array of shape {found}", expected=expected, do=_HOW)


def compose(effects: Iterable[Effect]) -> dict[str, Floats]:
    """Coefficients as numbers, each float[W, P, S, 5, 3] or float[W, P, S, 5], where any axis may have length one."""
    effects, result = list(effects), dict[str, Floats]()
    for name, axes in AXES.items():
        multiplies = name in ("rho", "rate")
        value = np.full((1,) * axes, 1.0 if multiplies else 0.0)
        for effect in effects:
            part = (effect.times if multiplies else effect.add).get(name)
            if part is not None:
                value = value * aligned(part, axes) if multiplies else value + aligned(part, axes)
        result[name] = value
    return result


def out_of_range(numbers: Mapping[str, Floats], worlds: int) -> dict[int, str]:
    """Row of a world -> the coefficient that left its range there, or is no number."""
    found: dict[int, str] = {}
    for name, axes in AXES.items():
        fine = (np.abs(numbers[name]) < LIMIT).all(axis=tuple(range(1, axes)))
        if not fine.all():
            rows = np.flatnonzero(~np.broadcast_to(fine, worlds)).tolist()
            found = dict.fromkeys(rows, name) | found
    return found


def to_integers(
    numbers: Mapping[str, Floats], worlds: int, places: int, can_act: NDArray[np.bool_], days: float
) -> Coefficients:
    """Coefficients in steps of 2^-20 and probabilities in 2^-30, the places of all worlds one after another.

    People who cannot act never reconsider.
    """
    fixed = [numbers[name] * ONE_Q for name in (*_WIDE, "sigma_h", "sigma_w")]
    nu = np.where(can_act[:, None], chance(numbers["rate"], days), 0.0) * (1 << NU_BITS)
    whole = [by_place(np.rint(values).astype(np.int64), worlds, places) for values in (*fixed, nu)]
    return Coefficients._make([*whole, np.zeros(1, np.int64)])


def by_place(values: NDArray[np.int64], worlds: int, places: int) -> NDArray[np.int64]:
    """Numbers by world and place with the places of all worlds one after another: int64[W, P, ...] -> [W P, ...]."""
    if values.shape[:2] != (worlds, places):
        values = np.broadcast_to(values, (worlds, places, *values.shape[2:])).copy()
    return values.reshape(worlds * places, *values.shape[2:])


def fate_rates(effects: Iterable[Effect]) -> Floats:
    """Rates (1/day) by world, place, segment, action and fate, float[W, P, S, 8, 6]; S may have length one."""
    rates = {name: np.zeros((1, 1, 1, 8)) for name in FATES}
    for effect in effects:
        for name, value in effect.fate.items():
            rates[name] = rates[name] + aligned(value, 4)
    return np.stack(np.broadcast_arrays(*rates.values()), axis=-1)


def fate_cuts(rates: Floats, days: float) -> NDArray[np.int64]:
    """Competing rates as cumulative thresholds in 2^-32, int64[..., 6]."""
    cut = np.empty(rates.shape, np.int64)
    flat = np.ascontiguousarray(rates, dtype=np.float64).reshape(-1, rates.shape[-1])
    cuts_of(flat, days, cut.reshape(flat.shape))
    return cut
