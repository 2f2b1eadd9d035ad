"""Epstein 2002, Model I, a second time: a plain walk over agents on a torus held in sets of bits.

Rules (doi 10.1073/pnas.092080199): H, R ~ U(0, 1); G = H (1 - L); P = 1 - exp(-k (C/A)), k = 2.3, A counts oneself;
active iff G - R P > 0.1; each period everybody free acts once in random order: moves to a random free site in sight,
then (a cop) arrests one random active in sight or (an agent) decides. Term: 1 .. J_max periods, counted down at the end
of each, that of the arrest included. The three readings of C/A are as it is, rounded down, rounded (halves to even).

Agreement, stated before any of these seeds was run: both programs get the same people (H and R by person, taken from
ours) and draw the rest each for itself; for each of four numbers (mean actives, mean jailed, share of loud periods,
outbursts) the mean difference over seeds lies within 4 of its standard errors, which 30 seeds exceed by chance once in
2,500 times and 12 seeds once in 500. Seeds are fixed on both sides, so a test fails only if a program changes.

Power 0.9 for a gap of 5.5 standard errors of the differences themselves. In the quick form (20 x 20 sites, sight 3, 60
periods, 30 seeds; tense: L 0.75 and J_max 10) that is 3 to 11 % of mean actives and 3 to 7 % of the jailed. In the slow
one (Run 2 itself, 300 periods, 12 seeds) it is 12 % of actives and 7 % of the jailed with C/A rounded down (11
outbursts a run), 84 % and 51 % rounded (5 outbursts a run), and 9 % of the jailed with C/A as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import kstest

from tests.ladder.torus import Torus, Words, one_of
from tocsin.classics.epstein_outbursts import RUN_2, outbursts
from tocsin.classics.epstein_world import FLOOR, PRINTED, ROUNDED, Past, Reading, Society, build

pytestmark = pytest.mark.statistical
CALM = replace(RUN_2, side=20, vision=3.0)
TENSE = replace(CALM, legitimacy=0.75, longest=10)
LOUD, PERIODS, SEEDS = 12, 60, range(5001, 5031)
RATIOS: dict[str, Callable[[float], float]] = {"literal": float, "floor": math.floor, "even": round}
READINGS = (PRINTED, FLOOR, ROUNDED)
QUICK = (PRINTED, FLOOR, replace(ROUNDED, vision=None))


class Plain:
    """Run 2 and its like, one agent at a time. Numbers below `cops` are cops."""

    def __init__(self, society: Society, ratio: str, traits: tuple[list[float], list[float]], seed: int) -> None:
        """Everybody on a site of her own, quiet; traits: hardship and risk aversion of each citizen."""
        self.torus, self.words = Torus(society.side, society.vision), Words(seed)
        sites = society.side**2
        self.society, self.rounding = society, RATIOS[ratio]
        self.cops = round(society.cops * sites)
        self.hardship, self.aversion = traits
        people = self.cops + len(self.hardship)
        self.site = self.words.rng.permutation(sites)[:people].tolist()
        self.term = [0] * people
        self.taken = sum(1 << s for s in self.site)
        self.police = sum(1 << s for s in self.site[: self.cops])
        self.active = 0
        self.holder = dict(zip(self.site, range(people), strict=True))

    def move(self, who: int) -> None:
        """Rule M."""
        old, new = self.site[who], self.torus.free(self.site[who], self.taken, self.words)
        if new is None:
            return
        change = 1 << old | 1 << new
        self.taken ^= change
        self.police ^= change if who < self.cops else 0
        self.active ^= change if self.active >> old & 1 else 0
        del self.holder[old]
        self.site[who], self.holder[new] = new, who

    def decide(self, who: int) -> None:
        """Rule A."""
        at = self.site[who]
        citizen = who - self.cops
        grievance = self.hardship[citizen] * (1 - self.society.legitimacy)
        self.active &= ~(1 << at)
        if grievance <= self.society.threshold:
            return
        seen = self.torus.seen[at]
        cops, actives = (self.police & seen).bit_count(), 1 + (self.active & seen).bit_count()
        risk = 1 - math.exp(-self.society.steepness * self.rounding(cops / actives))
        if grievance - self.aversion[citizen] * risk > self.society.threshold:
            self.active |= 1 << at

    def arrest(self, who: int) -> None:
        """Rule C."""
        bits = self.active & self.torus.seen[self.site[who]]
        if not bits:
            return
        site = one_of(bits, self.words)
        assert self.society.longest is not None
        self.term[self.holder.pop(site)] = 1 + self.words.below(self.society.longest)
        self.active ^= 1 << site
        self.taken ^= 1 << site

    def period(self) -> tuple[int, int]:
        """Everybody once, then the jailed; active and jailed at the end."""
        for who in self.words.rng.permutation(len(self.site)).tolist():
            if self.term[who]:
                continue
            self.move(who)
            (self.arrest if who < self.cops else self.decide)(who)
        for who in [w for w, left in enumerate(self.term) if left]:
            self.term[who] -= 1
            if self.term[who] == 0:
                self.release(who)
        return self.active.bit_count(), sum(left > 0 for left in self.term)

    def release(self, who: int) -> None:
        """Back to the site of the arrest or to a free site in sight of it."""
        site: int | None = self.site[who]
        if self.taken >> site & 1:
            site = self.torus.free(site, self.taken, self.words)
        if site is None:
            self.term[who] = 1
            return
        self.taken |= 1 << site
        self.site[who], self.holder[site] = site, who


def numbers(active: np.ndarray, jailed: np.ndarray, loud: int) -> tuple[float, ...]:
    """Mean actives and jailed, share of loud periods, outbursts a hundred periods (more than `loud` to fewer)."""
    rises = sum(1 for a, b in pairwise(active.tolist()) if a <= loud < b)
    return float(active.mean()), float(jailed.mean()), float((active > loud).mean()), 100 * rises / active.size


def runs(society: Society, reading: Reading, seeds: range, periods: int) -> tuple[list[Past], list[np.ndarray]]:
    """Ours, and the plain reading with the same people; int64[periods, 2] a run: active, jailed."""
    ours, plain = [], []
    view = society if reading.vision is None else replace(society, vision=reading.vision)
    for seed in seeds:
        world = build(society, reading, seed)
        citizens = slice(round(society.cops * society.side**2), None)
        traits = (world.grid.hardship[citizens].tolist(), world.grid.aversion[citizens].tolist())
        model = Plain(view, reading.ratio, traits, seed)
        plain.append(np.array([model.period() for _ in range(periods)]))
        ours.append(world.advance(periods))
    return ours, plain


def gaps(ours: list[Past], plain: list[np.ndarray], loud: int) -> np.ndarray:
    """Mean difference over seeds in standard errors, float[4]; nothing where both never differ."""
    apart = np.array(
        [
            np.subtract(numbers(past.active, past.jailed, loud), numbers(mine[:, 0], mine[:, 1], loud))
            for past, mine in zip(ours, plain, strict=True)
        ]
    )
    error = apart.std(axis=0, ddof=1) / math.sqrt(len(apart))
    return np.divide(apart.mean(axis=0), error, out=np.zeros(4), where=error > 0)


@pytest.mark.parametrize("society", [CALM, TENSE], ids=["calm", "tense"])
@pytest.mark.parametrize("reading", QUICK, ids=lambda r: r.ratio)
def test_two_programs_of_model_one(reading, society):
    """If it failed, one of two programs would not be Epstein's society: crowds, jails or outbursts would differ."""
    apart = gaps(*runs(society, reading, SEEDS, PERIODS), LOUD)
    assert np.abs(apart).max() < 4, apart


def test_people_are_drawn_as_printed():
    """If it failed, hardship or risk aversion would not be uniform, and the comparison with given people hides it."""
    grids = [build(RUN_2, PRINTED, seed).grid for seed in range(1, 11)]
    for trait in ("hardship", "aversion"):
        values = np.concatenate([getattr(g, trait)[64:] for g in grids])
        assert values.size == 11_200
        assert kstest(values, "uniform").pvalue > 0.001
    both = np.concatenate([np.array([g.hardship[64:], g.aversion[64:]]) for g in grids], axis=1)
    assert abs(np.corrcoef(both)[0, 1]) < 4 / math.sqrt(11_200)


@pytest.mark.parametrize(
    ("society", "wrong"),
    [
        (TENSE, {"ratio": "even"}),
        (TENSE, {"ratio": "literal"}),
        (TENSE, {"shape": "square"}),
        (CALM, {"act_first": True}),
        (CALM, {"own_twice": True}),
    ],
    ids=str,
)
def test_the_comparison_can_fail(society, wrong):
    """If it failed, the agreement above would say nothing: another ratio, sight or order must be found out."""
    ours = [build(society, replace(FLOOR, **wrong), seed).advance(PERIODS) for seed in SEEDS]
    assert np.abs(gaps(ours, runs(society, FLOOR, SEEDS, PERIODS)[1], LOUD)).max() > 4


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.ratio)
def test_two_programs_of_run_two(reading):
    """If it failed, Run 2 itself would not be the same in both: 300 periods of 12 societies of 1,120."""
    ours, plain = runs(RUN_2, reading, range(201, 213), 300)
    apart = gaps(ours, plain, 50)
    assert np.abs(apart).max() < 4, apart
    counts = [sum(len(outbursts(a)) for a in side) for side in ([p.active for p in ours], [p[:, 0] for p in plain])]
    assert (max(counts) == 0) if reading is PRINTED else (min(counts) > 12), counts
