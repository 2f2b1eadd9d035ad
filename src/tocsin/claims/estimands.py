"""What each kind of estimand computes from paired worlds: tables of runs whose weighted means are combined.

Worlds of a draw and a seed share people and chance, so a row and a column mean the same run in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """Tables [D, S] of one structure, whose weighted means make the number.

    take: which of the means it is, "only" (there is one), "least" or "greatest"; difference: whether the table is to be
    judged against a margin; contrasts: how many differences of two worlds it adds up; settings: of each table, the
    combination of factors to which it belongs, each with a number of its own; weights: in place of those of the record;
    own: of a relative difference, the same by each draw's own size, for the share of the parameters.
    """

    names: tuple[str, ...]
    tables: tuple[Floats, ...]
    take: str = "only"
    difference: bool = False
    contrasts: int = 1
    settings: tuple[str, ...] = ()
    weights: Floats | None = None
    own: Floats | None = None

    def binding(self, weights: Floats) -> int:
        """Index of the table that makes the number under these weights; one that is never defined does not."""
        means = [estimates.mean(t, weights) for t in self.tables]
        if np.isnan(means).all():
            return 0
        return int(np.nanargmax(means) if self.take == "greatest" else np.nanargmin(means))

    def by_setting(self) -> dict[str, Asked]:
        """The tables of each setting by its name; all of them as "" where there are no settings."""
        if not self.settings:
            return {"": self}
        found = {}
        for setting in dict.fromkeys(self.settings):
            mine = [i for i, name in enumerate(self.settings) if name == setting]
            names, tables = tuple(self.names[i] for i in mine), tuple(self.tables[i] for i in mine)
            found[setting] = replace(self, names=names, tables=tables, settings=())
        return found


@dataclass(frozen=True)
class Given:
    """An estimand, its worlds as tables, and the weights of their runs.

    second: the same worlds by the question of the second contrast, for a difference of effects.
    """

    asked: Estimand
    worlds: Answers
    weights: Floats
    second: Answers = field(default_factory=dict)


def event(given: Given) -> Asked:
    """Whether it happens in the one world."""
    return Asked(("",), (given.worlds[given.asked.worlds[0]],))


def effect(given: Given) -> Asked:
    """Second world less first, run by run; `relative` divides by the weighted mean of the first."""
    asked = given.asked
    difference = _turned(asked, contrast(given, given.worlds, asked.worlds))
    own = _turned(asked, by_own_size(given.worlds, asked.worlds)) if asked.options.get("relative") else None
    return Asked(("",), (difference,), difference=True, own=own)


def effect_difference(given: Given) -> Asked:
    """Fourth world less third, less the same of the second and the first: how much larger the second effect is.

    All four are of one draw and seed, so that what the two effects share by chance cancels.
    """
    asked, worlds, own = given.asked, given.asked.worlds, None
    first, second = contrast(given, given.worlds, worlds[:2]), contrast(given, given.second, worlds[2:])
    if asked.options.get("relative"):
        own = _turned(asked, by_own_size(given.second, worlds[2:]) - by_own_size(given.worlds, worlds[:2]))
    return Asked(("",), (_turned(asked, second - first),), difference=True, contrasts=2, own=own)


def contrast(given: Given, answers: Answers, worlds: Sequence[str]) -> Floats:
    """Second of two worlds less the first; `relative` divides by the weighted mean of the first."""
    first, second = (answers[w] for w in worlds)
    if not given.asked.options.get("relative"):
        return second - first
    scale = estimates.mean(first, given.weights)
    return (second - first) / scale if scale else np.full_like(first, np.nan)


def by_own_size(answers: Answers, worlds: Sequence[str]) -> Floats:
    """Second of two worlds less the first, by the mean of both in the draw; 0 where it has none in either.

    So it lies between -2S and 2S for S seeds, whatever the size: a tenth more counts the same in large and in small.
    """
    first, second = (answers[w] for w in worlds)
    middle = 0.5 * (first + second)
    known = ~np.isnan(middle)
    size = np.where(known, middle, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    relative = np.divide(second - first, size[:, None], out=np.zeros_like(first), where=size[:, None] > 0)
    return np.where(known, relative, np.nan)


def _turned(asked: Estimand, difference: Floats) -> Floats:
    return -difference if asked.options.get("direction") == "down" else difference


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
    """Necessity of one factor in each combination of the given others, which is a setting with a number of its own.

    The number of a setting is the smaller of two where another factor must not be necessary. Labels name what is
    switched off: the factor that "no-troops" takes away is the troops.
    """
    asked, worlds = given.asked, given.worlds
    options, rows = asked.options, list[tuple[str, Floats, str]]()
    for off in combinations_of(tuple(options.get("given", ()))):
        on = worlds[combined(asked, off)]
        setting = f"with {', '.join(off)}" if off else "with all on"
        name = f"what {options['of']} takes away is necessary, {setting}"
        rows.append((name, lost(on, worlds[combined(asked, (*off, options["of"]))]), setting))
        if "against" in options:
            name = f"what {options['against']} takes away is not necessary, {setting}"
            rows.append((name, 1.0 - lost(on, worlds[combined(asked, (*off, options["against"]))]), setting))
    names, tables, settings = zip(*rows, strict=True)
    return Asked(names, tables, "least", settings=settings if options.get("given") else ())


def combined(asked: Estimand, off: tuple[str, ...]) -> str:
    """The world in which these factors are off."""
    return "+".join((asked.worlds[0], *[f for f in asked.options["factors"] if f in off]))


def bayes_factor(given: Given) -> Asked:
    """Posterior probability of the second world against the first at even odds, m2 / (m1 + m2).

    The answers are ln likelihoods of the named figures; m is the mean likelihood over all runs of a world, m2 / m1 the
    Bayes factor (Kass and Raftery 1995, doi 10.1080/01621459.1995.10476572). No run is conditioned on anything.
    """
    table, weights = estimates.posterior(*(given.worlds[w] for w in given.asked.worlds))
    return Asked(("",), (table,), weights=weights)


def sweep(given: Given) -> Asked:
    """The event at each value of the parameter; the greatest share counts."""
    asked = given.asked
    names = [f"{asked.options['parameter']} at {value}" for value in asked.options["values"]]
    return Asked(tuple(names), tuple(given.worlds[w] for w in world_names(asked)), "greatest")


ESTIMANDS: Mapping[str, Callable[[Given], Asked]] = MappingProxyType({
    "event": event, "forward": event, "fit": event, "effect": effect, "equivalence": effect, "necessity": necessity,
    "both": both, "factorial": factorial, "sweep": sweep, "effect-difference": effect_difference,
    "bayes-factor": bayes_factor,
})  # fmt: skip
"""`fit` asks each run for the share of the figures that it meets, in place of an event."""


def bounds(first: Floats, second: Floats, weights: Floats) -> tuple[float, float]:
    """Least and greatest PN, however the chance of the two worlds is coupled; the tables are [D, S], events 0 or 1.

    Weights of single runs tell which chance the first world had, and say of the second world only what the coupling
    carries over. So each draw's weight is spread evenly over its seeds: that gives the second world's share q, and the
    measure Q under which a run of the first world with the event has the density r (its weight over the even one).
    PN is the mean of r where the second world lacks the event, a set of measure 1 - q; of all such sets the least and
    the greatest mean are those of the smallest and of the largest r (Hardy and Littlewood). With even weights these are
    max(0, p - q) / p and min(p, 1 - q) / p (Tian and Pearl 2000, doi 10.1023/A:1018912507879). Sets may cut across
    draws, which can only widen them; few seeds narrow them, for r is at most their number.
    """
    known = ~np.isnan(first) & ~np.isnan(second)
    use = np.where(known, weights, 0.0)
    spread = np.where(known, use.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1), 0.0)
    event = np.where(known & (first == 1), use, 0.0)
    if not event.sum() > 0:
        return 0.0, 1.0
    lacking = float((spread * (np.nan_to_num(second) == 0)).sum())
    held = spread > 0
    mass, event = spread[held], event[held]
    up = np.argsort(event / mass, kind="stable")
    least, most = (_filled(mass[order], event[order], lacking) for order in (up, up[::-1]))
    return least / float(event.sum()), most / float(event.sum())


def _filled(mass: Floats, event: Floats, wanted: float) -> float:
    """Sum of `event` over the first runs whose masses add up to `wanted`, of the last one in part."""
    before = np.cumsum(mass) - mass
    return float((event * np.clip((wanted - before) / mass, 0.0, 1.0)).sum())


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
