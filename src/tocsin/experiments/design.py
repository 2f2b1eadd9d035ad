"""The design of an ensemble: how many runs, and from where their chance comes."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.errors import UsageError

DRAWS_APART = 1_000_000
SEEDS_APART = 1_000_003
MOST_SEEDS = 4000
"""With this bound draws and seeds stay below 2^32."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the design of an ensemble: which draw of the parameters, which seed of chance."""

    draw: int
    seed: int


@dataclass(frozen=True)
class Design:
    """How many runs, and from where their chance comes.

    Run i of ensemble seed k has draw (k - 1) * 1,000,000 + i // seeds_per_draw and seed k * 1,000,003 + i. It does not
    depend on the number of runs, so a larger ensemble contains the smaller one.
    """

    runs: int = 40
    seed: int = 1
    seeds_per_draw: int = 1

    def __post_init__(self) -> None:
        given = (("runs", self.runs), ("seed", self.seed), ("seeds per draw", self.seeds_per_draw))
        for (name, value), most in zip(given, (DRAWS_APART, MOST_SEEDS, DRAWS_APART), strict=True):
            if not 1 <= value <= most:
                raise UsageError(
                    f"{name}: {value}", expected=f"a whole number from 1 to {most}", do="choose another number"
                )

    def slots(self) -> tuple[Slot, ...]:
        """All runs of the design, in order."""
        first = (self.seed - 1) * DRAWS_APART
        return tuple(Slot(first + i // self.seeds_per_draw, self.seed * SEEDS_APART + i) for i in range(self.runs))
