"""A torus in bits for plain agent by agent programs: sets of sites are whole numbers, a bit a site."""

from __future__ import annotations

import numpy as np


class Torus:
    """Sites as bits of one number; seen[s]: the sites within the vision of s without s, as bits and as a list."""

    def __init__(self, side: int, vision: float) -> None:
        """A square torus, its distance counted the short way round."""
        reach = int(vision)
        steps = [(y, x) for y in range(-reach, reach + 1) for x in range(-reach, reach + 1)]
        steps = [(y, x) for y, x in steps if 0 < y * y + x * x <= vision * vision]
        self.near = [
            [(row + y) % side * side + (column + x) % side for y, x in steps]
            for row in range(side)
            for column in range(side)
        ]
        self.seen = [sum(1 << s for s in near) for near in self.near]

    def free(self, at: int, taken: int, words: Words) -> int | None:
        """A site in sight that is not taken, each alike; none if there is none."""
        near = self.near[at]
        if not self.seen[at] & ~taken:
            return None
        while True:
            site = near[words.below(len(near))]
            if not taken >> site & 1:
                return site


class Words:
    """Uniform numbers from a fixed generator, a block at a time."""

    def __init__(self, seed: int) -> None:
        """A generator of this seed."""
        self.rng = np.random.default_rng(seed)
        self.block: list[float] = []

    def share(self) -> float:
        """A number from 0 to below 1."""
        if not self.block:
            self.block = self.rng.random(20_000).tolist()
        return self.block.pop()

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        return int(self.share() * n)


def one_of(bits: int, words: Words) -> int:
    """One of the sites in a set that is not empty, each alike."""
    for _ in range(words.below(bits.bit_count())):
        bits &= bits - 1
    return (bits & -bits).bit_length() - 1
