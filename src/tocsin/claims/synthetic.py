"""Worlds of known truth: one run gives the record, as it would have been reported; its paired run is the truth.

The record is judged with all runs of other draws, by the rules of the ledger. What comes out is how often a definite
verdict is wrong, and how often there is one at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Part
from tocsin.claims.estimands import Asked
from tocsin.claims.judge import verdict
from tocsin.claims.numbers import Evidence
from tocsin.claims.weights import (
    CROWD_NOISE,
    FEWEST,
    NEGATIVE_BINOMIAL,
    SOURCE_BIAS,
    ln_likelihood,
    normalised,
    scored,
    source_class,
)
from tocsin.experiments.statistics import counter_uniform
from tocsin.experiments.targets import measure
from tocsin.results.record import Run
from tocsin.scenario.observation import COUNTED_ONCE, DEATHS_MEDIAN, DEATHS_SD, INJURED_SD, REGIONS
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Noise = Iterator[float]


@dataclass(frozen=True)
class Trial:
    """One judged synthetic record. truth: the event in the run's own counterfactual; p: the number that was judged."""

    draw: int
    seed: int
    kind: str
    truth: bool
    p: float
    effective: float

    @property
    def wrong(self) -> bool:
        """A definite verdict that the paired run contradicts."""
        return self.kind == ("refuted" if self.truth else "supported")


@dataclass(frozen=True)
class Rates:
    """Trials, definite verdicts and wrong ones; wrong_of_definite is NaN if there is none."""

    trials: int
    definite: int
    wrong: int

    @property
    def wrong_of_definite(self) -> float:
        """Share of definite verdicts that are wrong."""
        return self.wrong / self.definite if self.definite else math.nan


def uniforms(stream: int) -> Noise:
    """Numbers strictly between 0 and 1, the same for the same stream on every machine."""
    n = 0
    while True:
        yield (float(counter_uniform(stream, np.array([n], np.uint64))[0]) + 0.5) / 2**32
        n += 1


def observed(run: Run, scenario: Scenario, stream: int) -> tuple[Target, ...]:
    """The figures of the scenario as they would have been reported of this run, by the observation models.

    Ranges keep their width on ln. The negative binomial is drawn as a lognormal of the same mean and variance.
    """
    known, noise = scored(scenario), uniforms(stream)
    bias = {name: SOURCE_BIAS * _normal(noise) for name in sorted({source_class(t) for t in known})}
    late, once = next(noise), COUNTED_ONCE[0] + (COUNTED_ONCE[1] - COUNTED_ONCE[0]) * next(noise)
    others = [t for t in known if t.model != "detained"]
    seen = [_reported(t, measure(run, t), bias[source_class(t)], noise) for t in others]
    held = sorted((t for t in known if t.model == "detained"), key=lambda t: (t.place, t.day))
    return (*seen, *_detained(run, held, late, once, noise))


def _normal(noise: Noise) -> float:
    return NormalDist().inv_cdf(next(noise))


def _reported(target: Target, true: float, bias: float, noise: Noise) -> Target:
    z, u = _normal(noise), next(noise)
    if target.model == "crowd":
        return _as_reported(target, true * math.exp(bias + CROWD_NOISE * z))
    if target.model == "deaths":
        return _as_reported(target, round(true / DEATHS_MEDIAN * math.exp(DEATHS_SD * z)))
    if target.model == "injured":
        return _as_reported(target, true * math.exp(INJURED_SD * z))
    if target.model == "regions":
        said = max(true + math.floor((2 * REGIONS + 1) * u) - REGIONS, 0.0)
        return replace(target, low=said, high=said, interval=(max(said - REGIONS, 0.0), said + REGIONS))
    return replace(target, low=true, high=true, interval=(true, true))


def _as_reported(target: Target, value: float) -> Target:
    half = math.sqrt(max(target.high, 1.0) / max(target.low, 1.0))
    return replace(target, low=value / half, high=value * half)


def _detained(run: Run, held: Sequence[Target], late: float, once: float, noise: Noise) -> list[Target]:
    found, place, before, total = list[Target](), None, 0.0, 0.0
    for target in held:
        if target.place != place:
            place, before, total = target.place, 0.0, 0.0
        series = run.series["detained"][:, run.places.index(place)] if place else run.total("detained")
        now = float(np.interp(math.ceil(target.day - 1e-9) - late, [0.0, *run.days], [0.0, *series]))
        mean = max(now - before, 0.0) / once
        wide = math.log(1.0 + 1.0 / max(mean, 1.0) + 1.0 / NEGATIVE_BINOMIAL)
        total += mean * math.exp(math.sqrt(wide) * _normal(noise) - wide / 2)
        before = now
        found.append(replace(target, low=round(total), high=round(total)))
    return found


def judge_one(
    claim: Claim, part: Part, ln: Floats, answers: Floats, fewest: float = FEWEST
) -> tuple[str, float, float]:
    """Verdict, number and effective sample from ln likelihoods and answers [D, S] of the runs that may be used."""
    evidence = Evidence("as written", Asked(("",), (answers,)), normalised(ln))
    found = verdict(claim, part, [evidence], conditioned=True, fewest=fewest)
    return found.kind, estimates.mean(answers, evidence.weights), evidence.effective


def trials(
    claim: Claim,
    part: Part,
    scenario: Scenario,
    pairs: Sequence[tuple[Run, float]],
    *,
    most: int = 100,
    fewest: float = FEWEST,
    say: Callable[[str], None] = lambda _: None,
) -> list[Trial]:
    """Judge the records of up to `most` runs that stood to their end, each with the runs of all other draws.

    pairs: (run of the factual world, answer of the same draw and seed in the counterfactual), draw by draw with the
    same number of seeds.
    """
    draws = np.array([run.draw for run, _ in pairs])
    seeds = int((draws == draws[0]).sum())
    answers = np.array([answer for _, answer in pairs])
    found = []
    for i in [i for i, (run, a) in enumerate(pairs) if not run.outcome.fallen and not math.isnan(a)][:most]:
        run = pairs[i][0]
        record = observed(run, scenario, run.seed)
        ln = np.array([_ln(other, record, scenario) if other.draw != run.draw else math.nan for other, _ in pairs])
        others = draws != run.draw
        table, values = (v[others].reshape(-1, seeds) for v in (ln, answers))
        kind, p, number = judge_one(claim, part, table, values, fewest)
        found.append(Trial(run.draw, run.seed, kind, bool(answers[i]), p, number))
        say(f"draw {run.draw}: {kind}, p = {p:.2f}, {number:.1f} effective runs")
    return found


def _ln(run: Run, record: tuple[Target, ...], scenario: Scenario) -> float:
    return ln_likelihood(run, record, float(scenario.people_per_agent), stood=scenario.days)


def rates(found: Sequence[Trial]) -> Rates:
    """How often a verdict is definite, and wrong."""
    definite = [t for t in found if t.kind in ("supported", "refuted")]
    return Rates(len(found), len(definite), sum(t.wrong for t in definite))
