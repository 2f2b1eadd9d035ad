"""From stored runs to evidence: every world is read once for all that is asked of it, one run in memory at a time."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Estimand, Figure, Part
from tocsin.claims.estimands import ESTIMANDS, Answers, Given, bounds, effects, sufficiency
from tocsin.claims.measures import Question, measure
from tocsin.claims.movers import with_signal
from tocsin.claims.numbers import Evidence
from tocsin.claims.registered import stood
from tocsin.claims.weights import effective, ln_likelihood, normalised, scored
from tocsin.claims.worlds import day_of, world_names
from tocsin.experiments import targets
from tocsin.experiments.design import Slot
from tocsin.experiments.ensemble import Ensemble
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ask:
    """One number per run: the answer to a question, the share of named figures that it meets, or its ln likelihood.

    targets: names of figures; until: day up to which figures count for the likelihood (NaN: not asked).
    """

    question: Question | None = None
    targets: tuple[str, ...] = ()
    until: float = math.nan

    def of(self, run: Run, scenario: Scenario) -> float:
        """The number for one run."""
        if self.question is not None:
            return measure(run, self.question)
        if self.targets:
            chosen = [t for t in scenario.targets if t.name in self.targets]
            inside = [targets.distance(targets.measure(run, t), t) <= 0 for t in chosen]
            return float(np.mean(inside)) if inside else math.nan
        known, per_agent = scored(scenario, self.until), float(scenario.people_per_agent)
        return ln_likelihood(run, known, per_agent, min(stood(scenario), self.until))


@dataclass(frozen=True)
class Reading:
    """What one world's runs say. tables: [D, S] for each ask; parameters: name -> [D], those that vary only."""

    tables: Mapping[Ask, Floats]
    parameters: Mapping[str, Floats]
    runs: int


def read(ensemble: Ensemble, asks: Collection[Ask], slots: Sequence[Slot]) -> Reading:
    """One pass over the runs of a world; NaN in the slots of which it has no run. slots: all of the design."""
    values = {ask: np.full(len(slots), np.nan) for ask in asks}
    vectors: list[Mapping[str, float]] = [{} for _ in slots]
    number = {slot: i for i, slot in enumerate(slots)}
    here = [number[slot] for slot in ensemble.slots]
    for i, run in zip(here, ensemble.runs(), strict=True):
        vectors[i] = run.parameters
        for ask, column in values.items():
            column[i] = ask.of(run, ensemble.scenario)
    draws = np.array([slot.draw for slot in slots])
    names = sorted({name for vector in vectors for name in vector})
    columns = {n: np.array([v.get(n, np.nan) for v in vectors]) for n in names}
    varying = {n: targets.by_draw(c, draws) for n, c in columns.items() if np.nanmin(c) < np.nanmax(c)}
    parameters = {n: np.where(np.isnan(c[:, 0]), c[:, -1], c[:, 0]) for n, c in varying.items()}
    return Reading({a: targets.by_draw(v, draws) for a, v in values.items()}, with_signal(parameters), len(here))


def condition(claim: Claim, part: Part) -> str:
    """What the runs of a part are weighted by: "record", "t0" (figures up to t0) or "none"."""
    kind, said = part.estimand.kind, part.estimand.options.get("condition")
    if said is not None:
        return str(said)
    if claim.type == "model-property":
        return "none"
    return "t0" if kind in ("forward", "fit") else "record"


def until(scenario: Scenario, asked: Estimand, condition: str) -> float:
    """The day up to which figures count, NaN if none do."""
    if condition == "none":
        return math.nan
    return day_of(scenario, asked.options["t0"]) if condition == "t0" else math.inf


def asks_of(asked: Estimand, question: Question) -> Ask:
    """What is asked of each run in the worlds of an estimand."""
    if asked.kind == "fit":
        return Ask(targets=tuple(asked.options["targets"]))
    return Ask(question=question)


def evidence_of(
    structure: str, asked: Estimand, worlds: Mapping[str, Reading], ask: Ask, ln: Floats | None
) -> Evidence:
    """The evidence of one structure. ln: ln likelihoods of the factual world, None for the prior."""
    tables: Answers = {name: reading.tables[ask] for name, reading in worlds.items()}
    first = next(iter(tables.values()))
    weights = estimates.even(first) if ln is None else normalised(ln)
    used = {name: tables[name] for name in world_names(asked, full=False)}
    made = ESTIMANDS[asked.kind](Given(asked, used, weights))
    beside, prior = (tuple(_beside(asked, tables, w)) for w in (weights, estimates.even(first)))
    reading = next(iter(worlds.values()))
    return Evidence(structure, made, weights, reading.parameters, beside, prior, sum(r.runs for r in worlds.values()))


def _beside(asked: Estimand, tables: Answers, weights: Floats) -> list[Figure]:
    """Shares or means of each world, and what the kind has to show beside its number."""
    figures = (
        [figure(f"world: {name or 'as written'}", t, weights) for name, t in tables.items()] if len(tables) > 1 else []
    )
    if asked.kind == "necessity":
        first, second = (tables[w] for w in asked.worlds[:2])
        least, most = bounds(estimates.mean(first, weights), estimates.mean(second, weights))
        ps = sufficiency(first, second, weights)
        figures.append(Figure("necessity, however the worlds are coupled", (least + most) / 2, least, most))
        figures.append(Figure("sufficiency", ps, ps, ps))
    if asked.kind == "factorial" and set(world_names(asked)) <= tables.keys():
        figures += [figure(f"effect: {name}", table, weights) for name, table in effects(asked, tables).items()]
    return figures


def figure(name: str, table: Floats, weights: Floats) -> Figure:
    """A weighted mean with its Monte Carlo interval."""
    value = estimates.mean(table, weights)
    known = np.where(np.isnan(table), 0.0, weights)
    low, high = estimates.interval(table, weights, value, effective(known))
    return Figure(name, value, low, high, 0.5 * (high - low))
