"""From stored runs to evidence: every world is read once for all that is asked of it, one run in memory at a time."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Estimand, Figure, Part
from tocsin.claims.estimands import ESTIMANDS, Answers, Asked, Given, bounds, contrast, effects, sufficiency
from tocsin.claims.measures import SLACK, Question, answer, ended
from tocsin.claims.movers import with_signal
from tocsin.claims.numbers import Evidence, number
from tocsin.claims.registered import stood
from tocsin.claims.weights import effective, ln_likelihood, normalised, scored
from tocsin.claims.worlds import contrasts_of, day_of, world_names
from tocsin.experiments import targets
from tocsin.experiments.design import Slot
from tocsin.experiments.ensemble import Ensemble
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ask:
    """One number per run: the answer to a question, the share of named figures that it meets, or its ln likelihood.

    targets: names of figures; until: day up to which figures count for the likelihood (NaN: not asked). With both it is
    the likelihood of the named figures alone, and how the record ended is no part of it.
    """

    question: Question | None = None
    targets: tuple[str, ...] = ()
    until: float = math.nan

    def of(self, run: Run, scenario: Scenario) -> float:
        """The number for one run."""
        if self.question is not None:
            return answer(run, self.question)
        per_agent = float(scenario.people_per_agent)
        if self.targets:
            chosen = [t for t in scenario.targets if t.name in self.targets]
            if not math.isnan(self.until):
                return ln_likelihood(run, chosen, per_agent)
            inside = [targets.distance(targets.measure(run, t), t) <= 0 for t in chosen]
            return float(np.mean(inside)) if inside else math.nan
        return ln_likelihood(run, scored(scenario, self.until), per_agent, min(stood(scenario), self.until))


@dataclass(frozen=True)
class Reading:
    """What one world's runs say. tables: [D, S] for each ask; parameters: name -> [D], those that vary only.

    ended: [D, S], days after the start on which the ruler was gone.
    """

    tables: Mapping[Ask, Floats]
    parameters: Mapping[str, Floats]
    runs: int
    ended: Floats


def read(ensemble: Ensemble, asks: Collection[Ask], slots: Sequence[Slot]) -> Reading:
    """One pass over the runs of a world; NaN in the slots of which it has no run. slots: all of the design."""
    values, ends = {ask: np.full(len(slots), np.nan) for ask in asks}, np.full(len(slots), np.nan)
    vectors: list[Mapping[str, float]] = [{} for _ in slots]
    number = {slot: i for i, slot in enumerate(slots)}
    here = [number[slot] for slot in ensemble.slots]
    for i, run in zip(here, ensemble.runs(), strict=True):
        vectors[i], ends[i] = run.parameters, ended(run)
        for ask, column in values.items():
            column[i] = ask.of(run, ensemble.scenario)
    draws = np.array([slot.draw for slot in slots])
    names = sorted({name for vector in vectors for name in vector})
    columns = {n: np.array([v.get(n, np.nan) for v in vectors]) for n in names}
    varying = {n: targets.by_draw(c, draws) for n, c in columns.items() if np.nanmin(c) < np.nanmax(c)}
    parameters = {n: np.where(np.isnan(c[:, 0]), c[:, -1], c[:, 0]) for n, c in varying.items()}
    tables = {a: targets.by_draw(v, draws) for a, v in values.items()}
    return Reading(tables, with_signal(parameters), len(here), targets.by_draw(ends, draws))


def condition(claim: Claim, part: Part) -> str:
    """What the runs of a part are weighted by: "record", "t0" (figures up to t0) or "none"."""
    kind, said = part.estimand.kind, part.estimand.options.get("condition")
    if said is not None:
        return str(said)
    if claim.type == "model-property" or kind == "bayes-factor":
        return "none"
    return "t0" if kind in ("forward", "fit") else "record"


def until(scenario: Scenario, asked: Estimand, condition: str) -> float:
    """The day up to which figures count, NaN if none do."""
    if condition == "none":
        return math.nan
    return day_of(scenario, asked.options["t0"]) if condition == "t0" else math.inf


def asks_of(asked: Estimand, questions: Sequence[Question]) -> tuple[Ask, ...]:
    """What is asked of each run in the worlds of an estimand."""
    if asked.kind in ("fit", "bayes-factor"):
        names = tuple(asked.options["targets"])
        return (Ask(targets=names, until=math.inf if asked.kind == "bayes-factor" else math.nan),)
    return tuple(Ask(question=question) for question in questions)


def evidence_of(
    structure: str, asked: Estimand, worlds: Mapping[str, Reading], asks: Sequence[Ask], ln: Floats | None
) -> Evidence:
    """The evidence of one structure. ln: ln likelihoods of the factual world, None for the prior."""
    answers: list[Answers] = [_standing(asked, worlds, ask) for ask in asks]
    first = next(iter(answers[0].values()))
    weights = estimates.even(first) if ln is None else normalised(ln)
    used = [{name: tables[name] for name in world_names(asked, full=False)} for tables in answers]
    made = ESTIMANDS[asked.kind](Given(asked, used[0], weights, used[-1]))
    runs, parameters = sum(r.runs for r in worlds.values()), next(iter(worlds.values())).parameters
    if made.weights is not None:
        odds = (_odds(made, made.weights),)
        return Evidence(structure, made, made.weights, parameters, odds, odds, runs)
    beside, prior = (tuple(_shown(asked, answers, w)) for w in (weights, estimates.even(first)))
    before = (
        ESTIMANDS[asked.kind](Given(asked, used[0], estimates.even(first), used[-1])) if made.own is not None else None
    )
    return Evidence(structure, made, weights, parameters, beside, prior, runs, prior=before)


def _standing(asked: Estimand, worlds: Mapping[str, Reading], ask: Ask) -> Answers:
    """The answers of all worlds, NaN where the ruler was gone before the horizon began in the world compared with.

    Only that world says so: a ruler who stands in it and is gone early in the changed one did not stay there.
    """
    tables = {name: reading.tables[ask] for name, reading in worlds.items()}
    if ask.question is None:
        return tables
    early = {name: reading.ended < ask.question.since - SLACK for name, reading in worlds.items()}
    return {name: np.where(early[_compared_with(asked, name)], np.nan, table) for name, table in tables.items()}


def _compared_with(asked: Estimand, name: str) -> str:
    """The first world of the contrast in which a world stands; the values of a sweep stand alone."""
    if asked.kind == "sweep":
        return name
    contrasts = contrasts_of(asked)
    return next((pair for pair in contrasts if name in pair), contrasts[0])[0]


def _odds(made: Asked, weights: Floats) -> Figure:
    """The Bayes factor of the second world against the first."""
    found = number(made, weights, 0.0)
    value, low, high = (p / max(1.0 - p, 1e-300) for p in (found.value, found.low, found.high))
    return Figure("Bayes factor of the second world", value, low, high, 0.5 * (high - low), "ratio")


def _shown(asked: Estimand, answers: Sequence[Answers], weights: Floats) -> list[Figure]:
    """Shares or means of each world; of a difference of effects those of each contrast, with its effect."""
    if asked.kind != "effect-difference":
        return _beside(asked, answers[0], weights)
    found = []
    for i, (pair, tables) in enumerate(zip(contrasts_of(asked), answers, strict=True)):
        of = f", {asked.options['states'][i]}" if "states" in asked.options else ""
        found += [figure(f"world: {name or 'as written'}{of}", tables[name], weights) for name in pair]
        difference = Asked(("",), (contrast(Given(asked, tables, weights), tables, pair),), difference=True)
        found.append(_judged(f"effect of {pair[1] or 'the world as written'}{of}", difference, weights))
    return found


def _beside(asked: Estimand, tables: Answers, weights: Floats) -> list[Figure]:
    """Shares or means of each world, and what the kind has to show beside its number."""
    figures = (
        [figure(f"world: {name or 'as written'}", t, weights) for name, t in tables.items()] if len(tables) > 1 else []
    )
    if asked.kind == "necessity":
        first, second = (tables[w] for w in asked.worlds[:2])
        least, most = bounds(first, second, weights)
        ps = sufficiency(first, second, weights)
        figures.append(Figure("necessity, however the worlds are coupled", (least + most) / 2, least, most))
        figures.append(Figure("sufficiency", ps, ps, ps))
    if asked.kind == "factorial" and set(world_names(asked)) <= tables.keys():
        found = {name: Asked(("",), (table,), difference=True) for name, table in effects(asked, tables).items()}
        figures += [_judged(f"effect: {name}", one, weights) for name, one in found.items()]
    return figures


def _judged(name: str, asked: Asked, weights: Floats) -> Figure:
    """A number with the interval that it would be judged by."""
    n = number(asked, weights, 0.0)
    return Figure(name, n.value, n.low, n.high, n.half)


def figure(name: str, table: Floats, weights: Floats) -> Figure:
    """A weighted mean with its Monte Carlo interval."""
    value = estimates.mean(table, weights)
    known = np.where(np.isnan(table), 0.0, weights)
    low, high = estimates.interval(table, weights, value, effective(known))
    return Figure(name, value, low, high, 0.5 * (high - low))
