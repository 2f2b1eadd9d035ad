"""What each kind of estimand computes from paired worlds: tables of runs whose weighted means are combined.

Worlds of a draw and a seed share people and chance, so a row and a column mean the same run in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Estimand
from tocsin.claims.worlds import combinations_of, world_names

Floats = NDArray[np.float64]
Answers = Mapping[str, Floats]


@dataclass(frozen=True)
class Asked:
    """Tables [D, S] of one structure, whose weighted means make the number. take: which of the means it is."""

    names: tuple[str, ...]
    tables: tuple[Floats, ...]
    take: str = "only"
    """"only" (there is one), "least" or "greatest"."""
    difference: bool = False
    """Whether the table is a difference of two worlds, to be judged against a margin."""

    def binding(self, weights: Floats) -> int:
        """Index of the table that makes the number under these weights; one that is never defined does not."""
        means = [estimates.mean(t, weights) for t in self.tables]
        if np.isnan(means).all():
            return 0
        return int(np.nanargmax(means) if self.take == "greatest" else np.nanargmin(means))


@dataclass(frozen=True)
class Given:
    """An estimand, its worlds as tables, and the weights of their runs."""

    asked: Estimand
    worlds: Answers
    weights: Floats


def event(given: Given) -> Asked:
    """Whether it happens in the one world."""
    return Asked(("",), (given.worlds[given.asked.worlds[0]],))


def effect(given: Given) -> Asked:
    """Second world less first, run by run; `relative` divides by the weighted mean of the first."""
    asked, (first, second) = given.asked, (given.worlds[w] for w in given.asked.worlds)
    difference = second - first
    if asked.options.get("relative"):
        scale = estimates.mean(first, given.weights)
        difference = difference / scale if scale else np.full_like(difference, np.nan)
    if asked.options.get("direction") == "down":
        difference = -difference
    return Asked(("",), (difference,), difference=True)


def necessity(given: Given) -> Asked:
    """PN: no event in the second world, of the runs that have it in the first (Pearl 2000, chapter 9).

    A third world adds 1 less its own PN: its cause must not be necessary.
    """
    first, second, *others = (given.worlds[w] for w in given.asked.worlds)
    tables = [lost(first, second), *(1.0 - lost(first, other) for other in others)]
    return Asked(("necessary", *("not necessary" for _ in others)), tuple(tables), "least" if others else "only")


def lost(first: Floats, second: Floats) -> Floats:
    """1 where an event of the first world is missing in the second, 0 where it is there, NaN where there was none."""
    found = np.where(first == 1, 1.0 - second, np.nan)
    return np.asarray(np.where(np.isnan(second), np.nan, found))


def both(given: Given) -> Asked:
    """No event in the first world, and the event in the second: the smaller share counts."""
    first, second = (given.worlds[w] for w in given.asked.worlds)
    return Asked(("not in the first", "in the second"), (1.0 - first, second), "least")


def factorial(given: Given) -> Asked:
    """Necessity of one factor with each combination of the given others on and off; the smallest counts."""
    asked, worlds = given.asked, given.worlds
    options, names, tables = asked.options, [], []
    for off in combinations_of(tuple(options.get("given", ()))):
        on = worlds[combined(asked, off)]
        words = f"with {', '.join(off)} off" if off else "with all on"
        names.append(f"{options['of']} necessary, {words}")
        tables.append(lost(on, worlds[combined(asked, (*off, options["of"]))]))
        if "against" in options:
            names.append(f"{options['against']} not necessary, {words}")
            tables.append(1.0 - lost(on, worlds[combined(asked, (*off, options["against"]))]))
    return Asked(tuple(names), tuple(tables), "least")


def combined(asked: Estimand, off: tuple[str, ...]) -> str:
    """The world in which these factors are off."""
    return "+".join((asked.worlds[0], *[f for f in asked.options["factors"] if f in off]))


def sweep(given: Given) -> Asked:
    """The event at each value of the parameter; the greatest share counts."""
    asked = given.asked
    names = [f"{asked.options['parameter']} at {value}" for value in asked.options["values"]]
    return Asked(tuple(names), tuple(given.worlds[w] for w in world_names(asked)), "greatest")


ESTIMANDS: Mapping[str, Callable[[Given], Asked]] = MappingProxyType({
    "event": event, "forward": event, "fit": event, "effect": effect, "equivalence": effect, "necessity": necessity,
    "both": both, "factorial": factorial, "sweep": sweep,
})  # fmt: skip
"""`fit` asks each run for the share of the figures that it meets, in place of an event."""


def bounds(first: float, second: float) -> tuple[float, float]:
    """Least and greatest PN that shares p (first world) and q (second) allow, however the worlds are coupled.

    max(0, p - q) / p <= PN <= min(p, 1 - q) / p (Frechet; Tian and Pearl 2000, for shares under intervention).
    """
    if not first > 0:
        return 0.0, 1.0
    return max(0.0, first - second) / first, min(first, 1.0 - second) / first


def sufficiency(first: Floats, second: Floats, weights: Floats) -> float:
    """PS: the event in the first world, of the runs that lack it in the second."""
    return estimates.mean(np.where(second == 0, first, np.nan), weights)


def effects(asked: Estimand, worlds: Answers) -> dict[str, Floats]:
    """Main effect of each factor (on less off, over all others) and interaction of each pair, of a 2^k design."""
    factors = tuple(asked.options["factors"])
    cells = {off: worlds[combined(asked, off)] for off in combinations_of(factors)}
    found = {}
    for chosen in [*((f,) for f in factors), *[c for c in combinations_of(factors) if len(c) == 2]]:
        signed = [(-1.0) ** len(set(chosen) & set(off)) * table for off, table in cells.items()]
        found[" x ".join(chosen)] = np.asarray(np.sum(signed, axis=0) * 2.0 ** (len(chosen) - len(factors)))
    return found
