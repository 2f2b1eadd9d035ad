"""The rules of judging (science.md 1): from the numbers of all registered structures to one verdict.

supported   the number is above the boundary in every registered structure (effects: beyond the margin, with certainty)
refuted     it is below in every one
otherwise   undetermined; and so it is too where the weights leave too few runs, where the number of runs decides, or
            where the record taught nothing (the learning gate)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Figure, Mover, Part, Rule, Verdict
from tocsin.claims.estimands import Asked
from tocsin.claims.movers import frontier, moved_by
from tocsin.claims.numbers import Evidence, Number, number
from tocsin.claims.weights import FEWEST

LEAST_LEARNING = 0.25
MOST_OVERLAP = 0.7
MOST_RUNS = 1_000_000


def decide(part: Part, numbers: Sequence[Number]) -> tuple[str, str]:
    """Kind of verdict and why, from the numbers of all registered structures."""
    if any(math.isnan(n.value) for n in numbers):
        return "undetermined", "in some structure no run meets the condition, so that the number is not defined"
    if part.estimand.kind in ("effect", "equivalence"):
        return _decide_effect(part, numbers)
    return _decide_share(part.rule, numbers)


def _decide_share(rule: Rule, numbers: Sequence[Number]) -> tuple[str, str]:
    least, most = (f(numbers, key=lambda n: n.value) for f in (min, max))
    span = f"{least.value:.2f} to {most.value:.2f} over the registered set"
    if least.value > rule.above:
        if min(n.low for n in numbers) <= rule.above:
            return "undetermined", f"{span}, above {rule.above:g}, but the Monte Carlo error reaches below it"
        return "supported", f"{span}, above {rule.above:g} in every structure"
    if most.value < rule.below:
        if max(n.high for n in numbers) >= rule.below:
            return "undetermined", f"{span}, below {rule.below:g}, but the Monte Carlo error reaches above it"
        return "refuted", f"{span}, below {rule.below:g} in every structure"
    return "undetermined", f"{span}: on both sides of the boundary, or on it"


def _decide_effect(part: Part, numbers: Sequence[Number]) -> tuple[str, str]:
    rule = part.rule
    up, down, within = (np.array([n.certain[i] for n in numbers]) for i in range(3))
    span = f"effect {min(n.value for n in numbers):+.3g} to {max(n.value for n in numbers):+.3g}"
    if part.estimand.kind == "equivalence":
        yes, no, words = within, up + down, f"within {rule.margin:g} either way"
    elif part.estimand.options.get("direction") == "any":
        yes, no, words = up + down, within, f"beyond {rule.margin:g} either way"
    else:
        yes, no, words = up, 1.0 - up, f"beyond {rule.margin:g}"
    if yes.min() >= rule.certainty:
        return "supported", f"{span}; {words} with probability {yes.min():.2f} or more in every structure"
    if no.min() >= rule.certainty:
        return "refuted", f"{span}; {words} with probability {yes.max():.2f} or less in every structure"
    return "undetermined", f"{span}; {words} with probability {yes.min():.2f} to {yes.max():.2f}"


def boundary(part: Part, value: float) -> float:
    """The boundary of the rule that is nearest to a number."""
    rule = part.rule
    sides = (rule.margin, -rule.margin) if part.estimand.kind in ("effect", "equivalence") else (rule.above, rule.below)
    return min(sides, key=lambda side: abs(side - value))


def learning(prior: Sequence[Number], after: Sequence[Number]) -> tuple[float, float]:
    """1 - sd after / sd before, and the common mass of the two, both of the draws' values over all structures."""
    sizes = [estimates.by_draw(b.table, b.weights) for b in prior]
    values = np.concatenate([v for v, _ in sizes])
    before = np.concatenate([w for _, w in sizes])
    # The draws' values are those of the prior, so that before and after differ in weight alone.
    given = np.concatenate([np.where(np.isnan(a.table), 0.0, a.weights).sum(axis=1) for a in after])
    (_, wide), (_, narrow) = estimates.moments(values, before), estimates.moments(values, given)
    gain = 1.0 - narrow / wide if wide and wide > 0 else 0.0
    return (0.0 if math.isnan(gain) else gain), estimates.overlap(values, before, given)


def verdict(
    claim: Claim, part: Part, evidence: Sequence[Evidence], *, conditioned: bool, fewest: float = FEWEST
) -> Verdict:
    """The judgement of one part from the evidence of all registered structures, the first as the scenario stands.

    fewest: effective sample size below which conditioning is refused.
    """
    after = [number(e.asked, e.weights, part.rule.margin) for e in evidence]
    before = [
        number(_same_table(e, a), estimates.even(a.table), part.rule.margin)
        for e, a in zip(evidence, after, strict=True)
    ]
    few = min(e.effective for e in evidence)
    kind, why = decide(part, after)
    if conditioned:
        if few < fewest:
            kind, why = _refusal(few, fewest)
        else:
            kind, why = _gated(part, (kind, why), before, after)
    refused = conditioned and few < fewest
    deciding = before if refused else after
    figures = _figures(part, evidence, before, after, refused=refused, conditioned=conditioned)
    near = min(deciding, key=lambda n: abs(n.value - boundary(part, n.value)))
    return Verdict(
        claim.name, part.name, kind, why, figures, _spread(deciding),
        _movers(part, evidence, deciding), sum(e.runs for e in evidence), few if conditioned else 0.0,
        more_runs=_more(part, near, sum(e.runs for e in evidence), few if refused else math.inf),
    )  # fmt: skip


def _same_table(e: Evidence, after: Number) -> Asked:
    """The prior is shown for the table that decides, so that the two can be compared."""
    return Asked(("",), (after.table,), difference=e.asked.difference)


def _refusal(few: float, fewest: float) -> tuple[str, str]:
    return "undetermined", (
        f"conditioning on the record is refused: the weights leave {few:.1f} effective runs and {fewest:g} are needed; "
        "the prior's numbers are shown"
    )


def _gated(part: Part, found: tuple[str, str], before: Sequence[Number], after: Sequence[Number]) -> tuple[str, str]:
    """The learning gate."""
    gain, common = learning(before, after)
    if gain < LEAST_LEARNING:
        return "undetermined", f"prior-driven: the record narrows the number by {max(gain, 0.0):.0%} only; {found[1]}"
    if found[0] == decide(part, before)[0] and common > MOST_OVERLAP:
        return (
            "undetermined",
            f"prior-driven: before and after the record agree, with {common:.0%} in common; {found[1]}",
        )
    return found


def _figures(
    part: Part, evidence: Sequence[Evidence], before: Sequence[Number], after: Sequence[Number], *,
    refused: bool, conditioned: bool,
) -> tuple[Figure, ...]:  # fmt: skip
    """The number that decides, its least and greatest over the registered set, prior and posterior, and the rest."""
    first, second = ("prior", "given the record (too few runs)") if refused else ("given the record", "prior")
    main, other = (before, after) if refused else (after, before)
    figures = [_figure(f"{part.title}: {first}" if conditioned else part.title, main[0])]
    if conditioned:
        figures.append(_figure(second, other[0]))
    for e, n in zip(evidence[1:], main[1:], strict=True):
        figures.append(_figure(f"structure: {e.structure}", n))
    if not math.isnan(main[0].certain[0]):
        names = ("P(above the margin)", "P(below minus the margin)", "P(within the margin)")
        figures += [Figure(name, p, p, p) for name, p in zip(names, main[0].certain, strict=True)]
    asked = evidence[0].asked
    if len(asked.tables) > 1:
        weights = [main[0].weights if refused else evidence[0].weights] * len(asked.tables)
        figures += [
            _figure(name, number(Asked(("",), (table,)), estimates.even(table) if refused else w, 0.0))
            for name, table, w in zip(asked.names, asked.tables, weights, strict=True)
        ]
    return (*figures, *(evidence[0].beside_prior if refused else evidence[0].beside))


def _figure(name: str, n: Number) -> Figure:
    return Figure(name, n.value, n.low, n.high, n.half)


def _spread(numbers: Sequence[Number]) -> dict[str, float]:
    """Variance by origin; what is between structures is of their numbers, the rest is a mean over structures."""
    inner = np.array([estimates.origins(n.table, n.weights) for n in numbers])
    with np.errstate(all="ignore"):
        parameters, chance = np.nan_to_num(np.nanmean(inner, axis=0)) if np.isfinite(inner).any() else (0.0, 0.0)
    between = float(np.nan_to_num(np.var([n.value for n in numbers])))
    return {"parameters": float(parameters), "structures": between, "chance": float(chance)}


def _movers(part: Part, evidence: Sequence[Evidence], numbers: Sequence[Number]) -> tuple[Mover, ...]:
    """Parameters and structures that move the number most, the believed force among them if it is in the runs."""
    first, value = evidence[0], numbers[0].value
    values, weights = estimates.by_draw(numbers[0].table, numbers[0].weights)
    edge = boundary(part, value)
    moved = moved_by(values, weights, first.parameters, edge)
    structures = [
        Mover(f"structure: {e.structure}", n.value - value, None, "against the scenario as written")
        for e, n in zip(evidence[1:], numbers[1:], strict=True)
    ]
    ranked = sorted([*moved, *structures], key=lambda m: -abs(m.effect))[:8]
    return (*ranked, *frontier(values, weights, first.parameters, edge))


def _more(part: Part, near: Number, runs: int, few: float) -> int:
    """Further runs that bring the Monte Carlo error under the distance to the boundary, or the weights to `FEWEST`."""
    if few < FEWEST:
        return min(math.ceil(runs * (FEWEST / max(few, 1e-3) - 1.0)), MOST_RUNS)
    distance = abs(near.value - boundary(part, near.value))
    if math.isnan(distance) or near.half <= distance:
        return 0
    return min(math.ceil(runs * ((near.half / max(distance, 1e-3)) ** 2 - 1.0)), MOST_RUNS)
