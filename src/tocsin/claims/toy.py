"""Worlds of a few numbers, in which everything that the ledger states can be computed exactly.

An event happens if theta + chance z > 0, where theta ~ N(0, 1) is a parameter and z ~ N(0, 1) is drawn afresh in every
run. The record is theta with noise. The judge has runs of other draws and the likelihood of the record, as always.

In a pair of worlds a cause adds a gain to theta in the one and is missing in the other, where the event happens if
theta - gain + chance z > 0. A second parameter says for which worlds the gain is what it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments.statistics import counter_uniform

Floats = NDArray[np.float64]
_PHI = NormalDist()


def normals(stream: int, n: int) -> Floats:
    """Standard normals, the same on every machine."""
    uniform = (counter_uniform(stream, np.arange(n, dtype=np.uint64)) + 0.5) / 2**32
    return np.array([_PHI.inv_cdf(float(u)) for u in uniform])


@dataclass(frozen=True)
class Toy:
    """The world: how much chance decides, how noisy records are, and how many runs the judge has."""

    chance: float = 0.5
    noise: float = 0.3
    draws: int = 600
    seeds: int = 2
    stream: int = 1

    @property
    def theta(self) -> Floats:
        """The parameter of each draw of the judge, [D]."""
        return normals(self.stream, self.draws)

    @property
    def answers(self) -> Floats:
        """The event in each run of the judge, [D, S]."""
        luck = normals(self.stream + 1, self.draws * self.seeds).reshape(self.draws, self.seeds)
        return (self.theta[:, None] + self.chance * luck > 0).astype(float)

    def truths(self, records: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """theta of worlds that the judge has never seen, what is reported of them, and what happened there."""
        theta, error, luck = (normals(self.stream + k, records) for k in (11, 12, 13))
        return theta, theta + self.noise * error, theta + self.chance * luck > 0

    def ln_likelihood(self, record: float) -> Floats:
        """ln likelihood of a record for each run of the judge, [D, S], up to a constant."""
        ln = -0.5 * ((self.theta - record) / self.noise) ** 2
        return np.repeat(ln[:, None], self.seeds, axis=1)

    def probability(self, theta: float) -> float:
        """True probability of the event, given the parameter: Phi(theta / chance)."""
        return _PHI.cdf(theta / self.chance)

    def posterior(self, record: float) -> float:
        """Probability of the event, given the record alone: what a judge with endless runs would state."""
        precision = 1.0 + self.noise**-2
        mean, variance = record * self.noise**-2 / precision, 1.0 / precision
        return _PHI.cdf(mean / math.hypot(self.chance, math.sqrt(variance)))


@dataclass(frozen=True)
class ToyPair(Toy):
    """Two worlds. gain, other, share: the gain of this share of the parameters, and of the rest.

    slope: how much the gain rises with phi ~ N(0, 1), the second parameter, whose highest values the share is made of;
    told: whether the record has phi too; common: correlation of the chance of the two worlds, as their runs part.
    """

    gain: float = 1.0
    other: float = 1.0
    share: float = 0.5
    slope: float = 0.0
    told: bool = False
    common: float = 1.0

    @property
    def phi(self) -> Floats:
        """The second parameter of each draw of the judge, [D]."""
        return normals(self.stream + 2, self.draws)

    def gains(self, phi: Floats) -> Floats:
        """What the cause adds to theta."""
        return np.where(phi > _PHI.inv_cdf(1.0 - self.share), self.gain, self.other) + self.slope * phi

    @property
    def effects(self) -> Floats:
        """Event with the cause less event without it, in each pair of runs of the judge, [D, S]."""
        shape, n = (self.draws, self.seeds), self.draws * self.seeds
        z, own = (normals(self.stream + k, n).reshape(shape) for k in (1, 3))
        without = self.common * z + math.sqrt(1.0 - self.common**2) * own
        theta, less = self.theta[:, None], (self.theta - self.gains(self.phi))[:, None]
        return (theta + self.chance * z > 0).astype(float) - (less + self.chance * without > 0)

    def pairs(self, records: int) -> tuple[Floats, Floats, Floats, Floats]:
        """theta and phi of worlds that the judge has never seen, and what is reported of them."""
        theta, error, phi, miss = (normals(self.stream + k, records) for k in (11, 12, 14, 15))
        return theta, phi, theta + self.noise * error, phi + self.noise * miss

    def ln_pair(self, record: float, second: float) -> Floats:
        """ln likelihood of a record for each pair of the judge, [D, S], up to a constant."""
        ln = self.ln_likelihood(record)
        return ln - 0.5 * ((self.phi - second) / self.noise)[:, None] ** 2 if self.told else ln

    def effect(self, theta: float, phi: float) -> float:
        """True effect, given the parameters: Phi(theta / chance) - Phi((theta - gain) / chance)."""
        less = theta - float(self.gains(np.array([phi]))[0])
        return self.probability(theta) - self.probability(less)
