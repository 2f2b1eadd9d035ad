"""Where people lie: places in name order, blocks of 64 rows, households inside blocks, circles by permutation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels.draw import name_hash, rows_of_uniforms, uniforms
from tocsin.kernels.people import BLOCK, PATTERNS, Layout, circles_of
from tocsin.scenario.parts import Place
from tocsin.scenario.scenario import Scenario

LARGEST_HOUSEHOLD = 8
KEPT_MEANS = 64
"""Mean household sizes whose patterns a process keeps."""
KEPT_MAPS = 32
"""Sets of places whose distances a process keeps."""


@lru_cache(KEPT_MEANS)
def household_patterns(mean: float) -> NDArray[np.uint64]:
    """Sixteen ways to cut 64 rows into households, uint64[PATTERNS, 64]: the rows that share the row's household.

    Sizes are 1 + Poisson(mean - 1), at most eight, drawn from the sizes' own draws: the same for every seed. Read-only.
    """
    numbers = np.arange(PATTERNS * BLOCK, dtype=np.int64)
    u = uniforms(round(mean * 1000), name_hash("households"), 0, numbers, numbers * 0).reshape(PATTERNS, BLOCK)
    chances = [math.exp(1.0 - mean) * (mean - 1.0) ** k / math.factorial(k) for k in range(LARGEST_HOUSEHOLD)]
    sizes = 1 + np.searchsorted(np.cumsum(chances)[:-1], u)
    masks = np.zeros((PATTERNS, BLOCK), np.uint64)
    for pattern in range(PATTERNS):
        row = number = 0
        while row < BLOCK:
            size = min(int(sizes[pattern, number]), BLOCK - row)
            masks[pattern, row : row + size] = sum(1 << j for j in range(row, row + size))
            row, number = row + size, number + 1
    masks.flags.writeable = False
    return masks


@lru_cache(KEPT_MEANS)
def _together(mean: float) -> float:
    """Mean over people of how many are in their household, where the drawn sizes have this mean."""
    return float(np.mean([[int(mask).bit_count() for mask in row] for row in household_patterns(mean)]))


def mean_household(places: Sequence[Place]) -> NDArray[np.float64]:
    """Mean number of people with whom a person shares a household, oneself included, float[P]."""
    return np.array([_together(p.household) for p in places])


def layout_of(scenario: Scenario, state: int, keys: NDArray[np.int64]) -> Layout:
    """The places of one state, thinned, world after world and in name order; every place keeps at least one person.

    keys int64[W, 2]: of the worlds' seeds.
    """
    worlds, places, thinning = len(keys), scenario.places_of(state), scenario.thinning(state)
    size = np.array([max(1, round(p.population / thinning)) for p in places], np.int64)
    narrow = np.maximum(np.sqrt(size).astype(np.int64), 1)
    wide = -(-size // narrow)
    key = np.array([name_hash(p.name) for p in places], np.int64)
    rounds = np.tile(np.arange(4), len(places))
    uniform = rows_of_uniforms(keys, name_hash("circles"), 0, rounds, np.repeat(key, 4))
    means = sorted({p.household for p in places})
    homes = np.array([means.index(p.household) for p in places], np.int64)
    by_world = [np.tile(column, worlds) for column in (size, key, wide, narrow)]
    blocks, circles = -(-by_world[0] // BLOCK), circles_of(by_world[2] * by_world[3], scenario.circle_size)
    return Layout._make([
        np.cumsum(blocks) - blocks, np.cumsum(blocks), *by_world,
        np.floor(uniform * 2.0**32).astype(np.int64).reshape(-1, 4), np.cumsum(circles) - circles,
        np.array([scenario.circle_size], np.int64), np.stack([household_patterns(m) for m in means]),
        np.tile(homes, worlds), np.repeat(np.arange(worlds), len(places)),
    ])  # fmt: skip


def distances(places: Sequence[Place]) -> NDArray[np.float64]:
    """Great-circle distances in km between places, float[P, P], on a sphere of 6,371 km.

    The chord is computed with tabulated sines, so that all processors agree (see `tocsin.exact`).
    """
    return _distances(tuple((p.lat, p.lon) for p in places))


@lru_cache(KEPT_MAPS)
def _distances(degrees: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """`distances` of points by latitude and longitude; read-only."""
    points = np.array([[_cosine(a) * _cosine(b), _cosine(a) * _sine(b), _sine(a)] for a, b in degrees])
    difference = points[:, None, :] - points[None, :, :]
    squares = difference * difference
    chord = np.sqrt(squares[:, :, 0] + squares[:, :, 1] + squares[:, :, 2])
    half = np.minimum(chord / 2.0, 1.0)
    angle = 2.0 * _arcsine(half)
    km = np.rint(angle * 6371.0 * 1000.0) / 1000.0
    km.flags.writeable = False
    return km


def _sine(degrees: float) -> float:
    x = math.radians(degrees)
    terms, term = 0.0, x
    for k in range(1, 16):
        terms += term
        term = -term * x * x / ((2 * k) * (2 * k + 1))
    return terms


def _cosine(degrees: float) -> float:
    return _sine(90.0 - abs(degrees))


def _arcsine(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Arcsine on [0, 1] by the series of the half angle, which converges fast below sqrt(1/2)."""
    reduced = np.sqrt(np.maximum((1.0 - np.sqrt(np.maximum(1.0 - x * x, 0.0))) / 2.0, 0.0))
    power, result, coefficient = reduced, np.zeros_like(reduced), 1.0
    for k in range(60):
        result = result + coefficient * power / (2 * k + 1)
        power = power * reduced * reduced
        coefficient = coefficient * (2 * k + 1) / (2 * k + 2)
    return 2.0 * result
