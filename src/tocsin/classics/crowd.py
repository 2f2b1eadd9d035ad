"""People made by hand for the person kernel: one place, given traits, one tactic open, no noise, no ties.

V = alpha H - rho R + gamma, and whoever has V > 0 acts at the next tick, all at once on what they saw at the last one.
This is the law of every tocsin run with most of its coefficients at zero; nothing of the kernel is replaced. Traits are
16-bit fractions, so a threshold is met to within 1/65536; a value of one or more can never be met.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.exact import Floats, normal_quantile
from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.draw import name_hash, uniforms
from tocsin.kernels.law import EMPTY, NU_BITS, ONE_Q, tables
from tocsin.kernels.people import BLOCK, PATTERNS, Layout
from tocsin.kernels.synthesis import extremes
from tocsin.kernels.warmup import empty_people, flat_coefficients

Traits = NDArray[np.uint16]
TRAIT = 65536
NEVER = TRAIT - 1
REACHED = NEVER - 1
"""The largest share that the law hears of: everybody. Only a threshold of NEVER lies above it."""
SMALLEST_STEP = 1 / ONE_Q
SHUT = -1000.0
FOLLOWED = 5000


def normals(count: int, name: str, seed: int) -> Floats:
    """Standard normal draws float[count], a pure function of name, seed and number."""
    numbers = np.arange(count, dtype=np.int64)
    return normal_quantile(uniforms(seed, name_hash(name), 0, numbers, numbers * 0))


def evenly(count: int) -> Floats:
    """Standard normal values float[count] at evenly spaced quantiles: the distribution itself but for 1/count."""
    return normal_quantile((np.arange(count) + 0.5) / count)


def traits(share: Floats) -> Traits:
    """Fractions as 16-bit traits, rounded down so that rounding keeps nobody back; one or more is never met."""
    whole = np.clip(np.floor(share * TRAIT), 0, REACHED)
    return np.where(share >= 1.0, NEVER, whole).astype(np.uint16)


def one_place(size: int) -> Layout:
    """A place of this many people who live alone; its circles are there for the kernel and tie nobody."""
    one = np.ones(1, np.int64)
    alone = np.uint64(1) << np.arange(BLOCK, dtype=np.uint64)
    return Layout(
        one * 0, one * -(-size // BLOCK), one * size, one * name_hash("classic"), one * size, one,
        np.zeros((1, 4), np.int64), one * 0, one * BLOCK,
        np.ascontiguousarray(np.broadcast_to(alone, (1, PATTERNS, BLOCK))), one * 0, one * 0,
    )  # fmt: skip


class Crowd:
    """People with the traits given, quiet at first. aversion, hardship uint16[N]; hardship is zero by default."""

    def __init__(self, aversion: Traits, hardship: Traits | None = None) -> None:
        self.size = aversion.size
        self.layout = one_place(self.size)
        self.people = empty_people(self.layout)
        self.people.aversion[: self.size] = aversion
        self.people.status[self.size :] = EMPTY
        if hardship is not None:
            self.people.hardship[: self.size] = hardship
        extremes(self.people)
        self.counts = np.zeros((1, 9), np.int64)
        self.counts[0, 0] = self.size
        self.seed, self.streams = np.zeros((1, 2), np.int64), np.arange(3, dtype=np.int64)
        self.tables, self.buffers, self.now = tables(1.0), scratch(1), 0
        self.law = flat_coefficients(1, 1)
        self.law.nu[...] = 1 << NU_BITS
        self.law.noiseless[0] = 1
        self.law.gamma[...] = round(SHUT * ONE_Q)

    def step(self, *, gamma: float, alpha: float = 0.0, rho: float = 1.0) -> float:
        """Everybody chooses once by V = alpha H - rho R + gamma; the share that acts afterwards."""
        c, last = self.law, int(self.layout.end[-1])
        c.alpha[..., 0], c.rho[..., 0] = round(alpha * ONE_Q), round(rho * ONE_Q)
        c.gamma[..., 0] = np.floor(gamma * ONE_Q)
        self.now += 1
        ceilings(c, self.buffers)
        choose(
            0, last, self.people, self.layout, c, self.tables, self.buffers, self.seed, self.now, self.streams, True,
            self.counts,
        )  # fmt: skip
        return self.share

    @property
    def acting(self) -> int:
        """How many act."""
        return int(self.counts[0, 1:4].sum())

    @property
    def share(self) -> float:
        """Share of people who act."""
        return self.acting / self.size

    @property
    def active(self) -> NDArray[np.bool_]:
        """Who acts, bool[N]."""
        action = self.people.status[: self.size] & 15
        return (action >= 1) & (action <= 3)


def cascade(thresholds: Floats) -> Crowd:
    """Granovetter's process, from nobody until nobody moves: one joins when the share acting reaches her threshold.

    thresholds float[N], shares; what lies below zero counts as zero. The law's comparison is strict, so gamma is the
    share plus the smallest step.
    """
    crowd = Crowd(traits(thresholds))
    before = -1.0
    for _ in range(FOLLOWED):
        if crowd.share == before:
            break
        before = crowd.share
        crowd.step(gamma=gamma_at(before))
    return crowd


def gamma_at(share: float) -> float:
    """The gamma at which whoever has a threshold of at most this share acts."""
    return min(share, REACHED / TRAIT) + SMALLEST_STEP
