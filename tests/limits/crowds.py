"""One place of people with traits set by hand, and one tactic that they can choose."""

from __future__ import annotations

import numpy as np

from tests.unit.worlds import SEED, STREAMS, small_layout
from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.law import NU_BITS, ONE_Q, Coefficients, tables
from tocsin.kernels.people import People
from tocsin.kernels.synthesis import extremes
from tocsin.kernels.warmup import empty_people, flat_coefficients

SMALLEST_STEP = 1 / ONE_Q
CLOSED = -1000.0
TRAIT = 65536
PLACE = "limit"


def stored(share: np.ndarray) -> np.ndarray:
    """Shares as 16-bit fractions, rounded down, so that whoever is due is never kept back by rounding."""
    return np.clip(np.floor(share * TRAIT), 0, TRAIT - 1).astype(np.uint16)


def law(*, alpha: float = 0.0, gamma: float = 0.0, rho: float = 0.0, noiseless: bool = True) -> Coefficients:
    """The law with ties and experience off, two tactics closed, and everybody reconsidering at every tick."""
    c = flat_coefficients(1, 1)
    c.alpha[...], c.rho[...] = round(alpha * ONE_Q), round(rho * ONE_Q)
    c.gamma[...] = round(CLOSED * ONE_Q)
    c.gamma[..., 0] = np.floor(gamma * ONE_Q)
    c.nu[...] = 1 << NU_BITS
    c.noiseless[0] = noiseless
    return c


class Crowd:
    """People of one place with the traits given as 16-bit fractions; all quiet at first."""

    def __init__(self, hardship: np.ndarray, aversion: np.ndarray) -> None:
        self.size = len(aversion)
        self.layout = small_layout([self.size], names=[PLACE])
        self.people: People = empty_people(self.layout)
        self.people.hardship[: self.size], self.people.aversion[: self.size] = hardship, aversion
        self.people.status[self.size :] = 8
        extremes(self.people)
        self.counts = np.zeros((1, 9), np.int64)
        self.counts[0, 0] = self.size
        self.tables, self.buffers, self.now = tables(10.0), scratch(1), 0

    def step(self, c: Coefficients, *, skip: bool = True) -> float:
        """Everybody chooses once; the share that is active afterwards."""
        self.now += 1
        last = int(self.layout.end[-1])
        ceilings(c, self.buffers)
        choose(
            0, last, self.people, self.layout, c, self.tables, self.buffers, SEED, self.now, STREAMS, skip, self.counts
        )  # fmt: skip
        return self.share

    def calm(self) -> None:
        """Everybody is quiet again, as before the first tick."""
        self.people.status[: self.size] = 0
        for column in (self.people.active, self.people.engaged):
            column[...] = 0
        self.counts[...] = 0
        self.counts[0, 0] = self.size

    @property
    def actions(self) -> np.ndarray:
        """What each person does, uint8[N]."""
        return self.people.status[: self.size] & 15

    @property
    def active(self) -> np.ndarray:
        """Who takes part, bool[N]."""
        return (self.actions >= 1) & (self.actions <= 3)

    @property
    def share(self) -> float:
        """Share of people who take part."""
        return int(self.counts[0, 1:4].sum()) / self.size


def threshold_law(share: float) -> Coefficients:
    """Granovetter's rule: take part if at least one's own threshold (aversion) already does.

    -R + gamma > 0 with gamma = share + the smallest step, since the law's comparison is strict.
    """
    return law(rho=1.0, gamma=share + SMALLEST_STEP)


def cascade(thresholds: np.ndarray, limit: int = 5000) -> Crowd:
    """Granovetter's process from nobody until nobody moves; thresholds below 0 count as 0."""
    crowd = Crowd(np.zeros(len(thresholds), np.uint16), stored(thresholds))
    before = -1.0
    for _ in range(limit):
        if crowd.share == before:
            return crowd
        before = crowd.share
        crowd.step(threshold_law(before))
    raise AssertionError(f"still moving after {limit} ticks, at {crowd.share:.4f}")
