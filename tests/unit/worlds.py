"""Small made-up worlds for tests of kernels."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.draw import name_hash
from tocsin.kernels.law import ONE_Q, Coefficients
from tocsin.kernels.people import BLOCK, Layout, People
from tocsin.kernels.synthesis import QUANTILES, draft, fill
from tocsin.kernels.warmup import empty_people, flat_coefficients
from tocsin.world.layout import household_patterns

SEED = np.array([[12345, 678]], np.int64)
STREAMS = np.array([11, 12, 13], np.int64)


def small_layout(sizes: list[int], circle: int = 8, names: list[str] | None = None, worlds: int = 1) -> Layout:
    """Places of these sizes, with households of 3.4 on average, once in each of so many worlds."""
    sizes, names = sizes * worlds, (names or [f"place {i}" for i in range(len(sizes))]) * worlds
    size = np.array(sizes, np.int64)
    narrow = np.maximum(np.sqrt(size).astype(np.int64), 1)
    wide = -(-size // narrow)
    circles = -(-(wide * narrow) // circle) + 1
    keys = [name_hash(n) for n in names]
    rounds = np.array([[k & 0xFFFF, k >> 7, (k * 3) & 0xFFFFFFFF, k ^ 77] for k in keys], np.int64)
    end, last = np.cumsum(-(-size // BLOCK)), np.cumsum(circles)
    none = np.zeros(len(sizes), np.int64)
    return Layout(
        end + size // -BLOCK, end, size, np.array(keys, np.int64), wide, narrow, rounds, last - circles,
        np.array([circle], np.int64), np.stack([household_patterns(3.4)]), none,
        np.repeat(np.arange(worlds), len(sizes) // worlds),
    )  # fmt: skip


def populate(layout: Layout, segments: list[float], seeds: np.ndarray = SEED) -> tuple[People, np.ndarray]:
    """People with uniform hardship, and their counts by place and action."""
    people = empty_people(layout)
    share = np.rint(np.cumsum(segments) * 2.0**32).astype(np.int64)
    shares = np.tile(share, (len(layout.size), 1))
    fill(0, len(layout.size), people, layout, np.linspace(0.0, 1.0, QUANTILES + 1), shares, seeds, 4, draft())
    return people, counted(people, layout)


def counted(people: People, layout: Layout) -> np.ndarray:
    """People by place and action, counted afresh, and empty rows as action 8: int64[P, 9]."""
    spans = [slice(b * BLOCK, e * BLOCK) for b, e in zip(layout.block, layout.end, strict=True)]
    return np.array([np.bincount(people.status[span] & 15, minlength=9) for span in spans])


def random_coefficients(rng: np.random.Generator, places: int, segments: int, eager: float) -> Coefficients:
    """Coefficients of every sign and size; `eager` shifts the wish to act."""
    c = flat_coefficients(places, segments)
    for name, low, high in (("alpha", 0, 12), ("beta", -8, 8), ("gamma", eager - 6, eager), ("rho", 0, 20)):
        getattr(c, name)[...] = np.rint(rng.uniform(low, high, c.alpha.shape) * ONE_Q)
    for name in ("sigma_h", "sigma_w"):
        getattr(c, name)[...] = np.rint(rng.uniform(-2, 10, c.sigma_h.shape) * ONE_Q)
    c.nu[...] = rng.integers(0, 1 << 30, c.nu.shape)
    return c
