"""Worlds of known truth: a run gives the record, as it would have been reported; what came of its paired run is known.

The record is judged with runs of other draws, by the rules of the ledger. Runs of further seeds of the truth's own
parameters, which no judge sees, tell the true probability. `error_rates` counts what comes of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Part
from tocsin.claims.error_rates import Trial
from tocsin.claims.estimands import Asked
from tocsin.claims.judge import verdict
from tocsin.claims.laws import CROWD_NOISE, DISCREPANCY, NEGATIVE_BINOMIAL, SOURCE_BIAS, source_class, thinned
from tocsin.claims.numbers import Evidence
from tocsin.claims.schema import MARGINAL
from tocsin.claims.weights import FEWEST, ln_likelihood, normalised, scored
from tocsin.experiments.statistics import Z95, counter_uniform
from tocsin.experiments.targets import measure
from tocsin.results.record import Run
from tocsin.scenario.observation import COUNTED_ONCE, DEATHS_MEDIAN, DEATHS_SD, INJURED_SD, REGIONS
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Noise = Iterator[float]
FEWEST_FRESH = 5
"""Fresh runs below which a true probability counts as unknown."""


@dataclass(frozen=True)
class Pool:
    """What the judge has of one structure.

    runs: of the factual world, draw by draw with the same number of seeds; answers: part -> [D, S], what the paired
    runs of the counterfactual say, for an effect the difference of each pair.
    """

    structure: str
    runs: Sequence[Run]
    answers: Mapping[str, Floats]


@dataclass(frozen=True)
class Truth:
    """A run that stood to its end, and what is known beyond it.

    happened: part -> the answer of its own counterfactual; chances: part -> share of the fresh runs of the same
    parameters that say yes, or their mean effect (NaN: too few); fresh: how many there are; errors: part -> standard
    error of that mean, of differences of shares.
    """

    run: Run
    happened: Mapping[str, float]
    chances: Mapping[str, float]
    fresh: int
    errors: Mapping[str, float] = field(default_factory=dict)


def uniforms(stream: int) -> Noise:
    """Numbers strictly between 0 and 1, the same for the same stream on every machine."""
    n = 0
    while True:
        yield (float(counter_uniform(stream, np.array([n], np.uint64))[0]) + 0.5) / 2**32
        n += 1


def observed(run: Run, scenario: Scenario, discrepancy: float = DISCREPANCY) -> tuple[Target, ...]:
    """The figures of the scenario as they would have been reported of this run, by the law that weights runs.

    That is: the full count for which a thinned one stands, the model's own error in it, then the observation models.
    discrepancy: sd on ln of that error; 0 makes the model the world. Ranges keep their width on ln. The negative
    binomial is drawn as a lognormal of the same mean and variance; no figure is about something else (`FLOOR`).
    """
    known, noise = scored(scenario), uniforms(run.seed)
    said = _Said(float(scenario.people_per_agent), discrepancy, noise)
    bias = {name: SOURCE_BIAS * _normal(noise) for name in sorted({source_class(t) for t in known})}
    late, once = next(noise), COUNTED_ONCE[0] + (COUNTED_ONCE[1] - COUNTED_ONCE[0]) * next(noise)
    others = [t for t in known if t.model != "detained"]
    seen = [said.reported(t, measure(run, t), bias[source_class(t)]) for t in others]
    held = sorted((t for t in known if t.model == "detained"), key=lambda t: (t.place, t.day))
    return (*seen, *said.detained(run, held, late, once))


def _normal(noise: Noise) -> float:
    return NormalDist().inv_cdf(next(noise))


@dataclass(frozen=True)
class _Said:
    """How counts of one run are reported."""

    per_agent: float
    discrepancy: float
    noise: Noise

    def reported(self, target: Target, true: float, bias: float) -> Target:
        """One figure that stands for itself."""
        if target.model == "crowd":
            return _as_reported(target, self._count(true, CROWD_NOISE) * math.exp(bias))
        if target.model == "deaths":
            return _as_reported(target, round(self._count(true, DEATHS_SD) / DEATHS_MEDIAN))
        if target.model == "injured":
            return _as_reported(target, self._count(true, INJURED_SD, whole=target.metric == "injured_forces"))
        if target.model == "regions":
            said = max(true + math.floor((2 * REGIONS + 1) * next(self.noise)) - REGIONS, 0.0)
            return replace(target, low=said, high=said, interval=(max(said - REGIONS, 0.0), said + REGIONS))
        return replace(target, low=true, high=true, interval=(true, true))

    def _count(self, value: float, sd: float, *, whole: bool = False) -> float:
        """A count with the noise of thinning, of the model and of reporting; whole: the run counts them all."""
        centre, thin = thinned(value, 1.0 if whole else self.per_agent)
        return math.exp(centre + math.sqrt(sd**2 + self.discrepancy**2 + thin) * _normal(self.noise))

    def detained(self, run: Run, held: Sequence[Target], late: float, once: float) -> list[Target]:
        """Running totals, increment by increment."""
        found, place, before, total = list[Target](), None, 0.0, 0.0
        few = 0.5 if self.per_agent > 1 else 0.0
        for target in held:
            if target.place != place:
                place, before, total = target.place, 0.0, 0.0
            series = run.series["detained"][:, run.places.index(place)] if place else run.total("detained")
            now = float(np.interp(math.ceil(target.day - 1e-9) - late, [0.0, *run.days], [0.0, *series]))
            agents = max(now - before, 0.0) / self.per_agent + few
            mean = agents * self.per_agent / once
            thin = 1.0 / agents if few else 0.0
            wide = math.log(1.0 + 1.0 / max(mean, 1.0) + 1.0 / NEGATIVE_BINOMIAL + self.discrepancy**2 + thin)
            total += mean * math.exp(math.sqrt(wide) * _normal(self.noise) - wide / 2)
            before = now
            found.append(replace(target, low=round(total), high=round(total)))
        return found


def _as_reported(target: Target, value: float) -> Target:
    half = math.sqrt(max(target.high, 1.0) / max(target.low, 1.0))
    return replace(target, low=value / half, high=value * half)


def judge_one(
    claim: Claim, part: Part, ln: Sequence[Floats], answers: Sequence[Floats], fewest: float = FEWEST
) -> tuple[str, float, float]:
    """Verdict, number and effective sample, from ln likelihoods and answers [D, S] of each structure."""
    evidence = [
        Evidence(str(i), Asked(("",), (table,), difference=part.estimand.kind in MARGINAL), normalised(weight))
        for i, (weight, table) in enumerate(zip(ln, answers, strict=True))
    ]
    found = verdict(claim, part, evidence, conditioned=True, fewest=fewest)
    return found.kind, estimates.mean(answers[0], evidence[0].weights), found.effective


def truths_of(runs: Sequence[Run], answers: Mapping[str, Floats], seeds: int, records: int = 2) -> list[Truth]:
    """Truths from the first `records` runs of each draw, if they stood; the draw's other runs that did are fresh.

    runs: of the factual world, draw by draw with so many seeds; answers: part -> [n] of their paired runs.
    """
    found = []
    for first in range(0, len(runs), seeds):
        stood = [i for i in range(first, first + seeds) if not runs[i].outcome.fallen]
        for i in (i for i in stood if i < first + records):
            others = [j for j in stood if j != i]
            happened = {name: float(a[i]) for name, a in answers.items()}
            chances = {name: _share(a[others]) for name, a in answers.items()}
            errors = {name: _error(a[others]) for name, a in answers.items()}
            found.append(Truth(runs[i], happened, chances, len(others), errors))
    return found


def _share(answers: Floats) -> float:
    return float(answers.mean()) if len(answers) >= FEWEST_FRESH else math.nan


def _error(differences: Floats) -> float:
    """Standard error of the mean effect of so many fresh pairs; NaN for too few and for other numbers than -1, 0, 1."""
    if len(differences) < FEWEST_FRESH:
        return math.nan
    table = differences[:, None]
    error = estimates.paired(table, estimates.even(table), float(len(differences)))
    return math.nan if error is None else error


def trial_of_effect(draw: int, part: Part, judged: tuple[str, float, float], effect: float, error: float) -> Trial:
    """A judged effect, of which the true one is known with a standard error (0: exactly).

    The event is the claim itself, held or not of the true effect, for one pair of runs has no effect of its own.
    """
    if math.isnan(effect):
        return Trial(draw, judged[0], False, *judged[1:])
    margin, asked = part.rule.margin, part.estimand
    either = asked.kind == "equivalence" or asked.options.get("direction") == "any"
    held = ((abs(effect) if either else effect) > margin) != (asked.kind == "equivalence")
    clear = not any(abs(effect - side) < Z95 * error for side in ((margin, -margin) if either else (margin,)))
    return Trial(draw, judged[0], held, *judged[1:], chance=float(held), clear=clear)


def trials(
    claim: Claim,
    truths: Sequence[Truth],
    pools: Sequence[Pool],
    scenario: Scenario,
    *,
    discrepancy: float = DISCREPANCY,
    fewest: float = FEWEST,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, list[Trial]]:
    """Every part of a claim, judged from the record of every truth: part -> trials.

    pools: the registered set as the judge has it, none of it of a truth's draw; scenario: its targets are the figures.
    """
    found: dict[str, list[Trial]] = {part.name: [] for part in claim.parts}
    for truth in truths:
        record = observed(truth.run, scenario, discrepancy)
        ln = [_ln(pool, record, scenario) for pool in pools]
        for part in claim.parts:
            name, answers = part.name, [pool.answers[part.name] for pool in pools]
            judged = judge_one(claim, part, ln, answers, fewest)
            found[name].append(_trial(truth, part, judged))
        say(f"draw {truth.run.draw}: {', '.join(f'{n} {found[n][-1].kind}' for n in found)}")
    return found


def _trial(truth: Truth, part: Part, judged: tuple[str, float, float]) -> Trial:
    name, draw = part.name, truth.run.draw
    if part.estimand.kind in MARGINAL:
        return trial_of_effect(draw, part, judged, truth.chances[name], truth.errors[name])
    happened = truth.happened[name] == 1.0
    return Trial(draw, judged[0], happened, *judged[1:], truth.chances[name], truth.fresh, part.rule)


def _ln(pool: Pool, record: tuple[Target, ...], scenario: Scenario) -> Floats:
    """ln likelihoods of a pool, [D, S]; the ruler is known to have stood to the end of the runs."""
    per_agent, shape = float(scenario.people_per_agent), next(iter(pool.answers.values())).shape
    ln = [ln_likelihood(run, record, per_agent, stood=scenario.days) for run in pool.runs]
    return np.array(ln).reshape(shape)
