"""The rules of judging (science.md 1): from the numbers of all registered structures to one verdict.

supported   the number is above the boundary in every registered structure (effects: beyond the margin, with certainty)
refuted     it is below in every one
otherwise   undetermined; and so it is too where the weights leave too few runs, where the number of runs decides, or
            where the record taught nothing (the learning gate)

Each combination of the given factors of a factorial has a number of its own in each structure, and all of them count:
the number that is shown as deciding is then the one nearest to a boundary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Figure, Mover, Part, Rule, Verdict
from tocsin.claims.estimands import Asked
from tocsin.claims.movers import moved_by, turning
from tocsin.claims.numbers import Evidence, Number, number
from tocsin.claims.schema import MARGINAL
from tocsin.claims.weights import FEWEST

LEAST_LEARNING = 0.25
FEWEST_TO_GUESS = 5.0
"""Effective draws below which nothing is said of how many more runs would do: few draws with weight tell no rate."""
MOST_OVERLAP = 0.7
MOST_RUNS = 1_000_000


def decide(part: Part, numbers: Sequence[Number]) -> tuple[str, str]:
    """Kind of verdict and why, from the numbers of all registered structures."""
    if any(math.isnan(n.value) for n in numbers):
        return "undetermined", "in some structure no run meets the condition, so that the number is not defined"
    if part.estimand.kind in MARGINAL:
        return _decide_effect(part, numbers)
    everywhere = "in every structure and combination" if part.estimand.options.get("given") else "in every structure"
    return _decide_share(part.rule, numbers, everywhere)


def _decide_share(rule: Rule, numbers: Sequence[Number], everywhere: str) -> tuple[str, str]:
    least, most = (f(numbers, key=lambda n: n.value) for f in (min, max))
    span = f"{least.value:.2f} to {most.value:.2f} over the registered set"
    if least.value > rule.above:
        if min(n.low for n in numbers) <= rule.above:
            return "undetermined", f"{span}, above {rule.above:g}, but the Monte Carlo error reaches below it"
        return "supported", f"{span}, above {rule.above:g} {everywhere}"
    if most.value < rule.below:
        if max(n.high for n in numbers) >= rule.below:
            return "undetermined", f"{span}, below {rule.below:g}, but the Monte Carlo error reaches above it"
        return "refuted", f"{span}, below {rule.below:g} {everywhere}"
    if rule.below < rule.above and rule.below <= least.value and most.value <= rule.above:
        return "undetermined", f"{span}, between {rule.below:g} and {rule.above:g}, the two boundaries"
    return "undetermined", f"{span}: on both sides of the boundary, or on it"


def _decide_effect(part: Part, numbers: Sequence[Number]) -> tuple[str, str]:
    """By the bound on the share of the parameters that is against the verdict (`certainty`)."""
    rule, known = part.rule, [n.certain for n in numbers if n.certain is not None]
    span = f"effect {min(n.value for n in numbers):+.3g} to {max(n.value for n in numbers):+.3g}"
    if len(known) < len(numbers):
        return "undetermined", f"{span}; one seed a draw, or one draw, cannot tell the effect of parameters from chance"
    least, most = min(c.within[1] for c in known), max(c.within[2] for c in known)
    if part.estimand.kind == "equivalence":
        words = f"within {rule.margin:g} either way"
    elif part.estimand.options.get("direction") == "any":
        (least, most), words = (1.0 - most, 1.0 - least), f"beyond {rule.margin:g} either way"
    else:
        least, most = min(c.above[1] for c in known), max(c.above[2] for c in known)
        words = f"beyond {rule.margin:g}"
    if least >= rule.certainty:
        return "supported", f"{span}; {words} for {least:.2f} of the parameters or more in every structure"
    if most <= 1.0 - rule.certainty:
        return "refuted", f"{span}; {words} for {most:.2f} of the parameters or less in every structure"
    return "undetermined", f"{span}; {words} for {least:.2f} to {most:.2f} of the parameters"


def boundary(part: Part, value: float) -> float:
    """The boundary of the rule that is nearest to a number; an effect in one direction has one margin only."""
    rule, asked = part.rule, part.estimand
    if asked.kind not in MARGINAL:
        sides: tuple[float, ...] = (rule.above, rule.below)
    elif asked.kind == "equivalence" or asked.options.get("direction") == "any":
        sides = (rule.margin, -rule.margin)
    else:
        sides = (rule.margin,)
    return min(sides, key=lambda side: abs(side - value))


def learning(prior: Sequence[Number], after: Sequence[Number]) -> tuple[float, float]:
    """1 - sd after / sd before of what the parameters make, and the common mass of the draws' values before and after.

    The variance is that of parameters, without chance, and of structures; so the number of seeds a draw has does not
    decide how much was learnt.
    """
    wide, narrow = (_sd_of_parameters(of) for of in (prior, after))
    gain = 1.0 - narrow / wide if wide > 0 else 0.0
    # The draws' values are those of the prior, so that before and after differ in weight alone.
    sizes = [estimates.by_draw(b.table, b.weights) for b in prior]
    values, before = (np.concatenate([size[i] for size in sizes]) for i in (0, 1))
    given = np.concatenate([np.where(np.isnan(a.table), 0.0, a.weights).sum(axis=1) for a in after])
    return (0.0 if math.isnan(gain) else gain), estimates.overlap(values, before, given)


def _sd_of_parameters(numbers: Sequence[Number]) -> float:
    inner = float(np.mean([estimates.origins(n.table, n.weights)[0] for n in numbers]))
    return math.sqrt(inner + float(np.var([n.value for n in numbers])))


def verdict(
    claim: Claim,
    part: Part,
    evidence: Sequence[Evidence],
    *,
    conditioned: bool,
    fewest: float = FEWEST,
    barred: str = "",
) -> Verdict:
    """The judgement of one part from the evidence of all registered structures, the first as the scenario stands.

    fewest: effective number of draws below which conditioning is refused; barred: why the model has no say about this
    record ("": it has).
    """
    few, runs = min(e.effective for e in evidence), sum(e.runs for e in evidence)
    refused = conditioned and few < fewest
    cases, before, after = _cases(part, evidence, refused=refused)
    deciding = before if refused else after
    kind, why = decide(part, after)
    if refused:
        kind, why = _refusal(few, fewest)
    elif barred:
        kind, why = "undetermined", f"barred: {barred}; {why}"
    elif conditioned:
        kind, why = _gated(part, (kind, why), cases, before, after)
    shown = turning(
        after[0].table, after[0].weights, cases[0].parameters, boundary(part, deciding[0].value), refused=refused
    )
    figures = _figures(part, cases, before, after, refused=refused, conditioned=conditioned)
    return Verdict(
        claim.name, part.name, kind, why, figures,
        _spread([n for e, n in zip(cases, deciding, strict=True) if e.setting == cases[0].setting]),
        _movers(part, cases, deciding), runs, few if conditioned else 0.0,
        more_runs=_more(part, deciding, runs, few if refused else math.inf),
        breakdown=shown if cases[0].asked.weights is None else None,
    )  # fmt: skip


def _cases(
    part: Part, evidence: Sequence[Evidence], *, refused: bool
) -> tuple[list[Evidence], list[Number], list[Number]]:
    """Every structure and setting with its number before and after the record.

    First is the one of the scenario as written whose number, that which is shown, is nearest to a boundary.
    """
    cases = [one for e in evidence for one in e.by_setting()]
    after = [number(e.asked, e.weights, part.rule.margin) for e in cases]
    before = [
        number(_same_table(e, a), estimates.even(a.table), part.rule.margin) for e, a in zip(cases, after, strict=True)
    ]
    written = [i for i, e in enumerate(cases) if e.structure == cases[0].structure]
    near = min(written, key=lambda i: _distance(part, (before if refused else after)[i]))
    order = [near, *(i for i in range(len(cases)) if i != near)]
    return [cases[i] for i in order], [before[i] for i in order], [after[i] for i in order]


def _distance(part: Part, n: Number) -> float:
    """How far a number is from flipping; one that is not defined is nearest, for it keeps the verdict open."""
    return -1.0 if math.isnan(n.value) else abs(n.value - boundary(part, n.value))


def _same_table(e: Evidence, after: Number) -> Asked:
    """The prior is shown for the table that decides, so that the two can be compared.

    A relative difference is by a mean of the weighted runs, so that the prior has a table of its own.
    """
    if e.prior is not None:
        return e.prior
    return Asked(("",), (after.table,), difference=e.asked.difference, contrasts=e.asked.contrasts)


def _refusal(few: float, fewest: float) -> tuple[str, str]:
    return "undetermined", (
        f"conditioning on the record is refused: the weights leave {few:.1f} effective draws and {fewest:g} are "
        "needed; the prior's numbers are shown"
    )


def _gated(
    part: Part, found: tuple[str, str], cases: Sequence[Evidence], before: Sequence[Number], after: Sequence[Number]
) -> tuple[str, str]:
    """The learning gate, which every setting has to pass: each has a number of its own to learn about."""
    for setting in dict.fromkeys(e.setting for e in cases):
        mine = [i for i, e in enumerate(cases) if e.setting == setting]
        first, then = ([of[i] for i in mine] for of in (before, after))
        gain, common = learning(first, then)
        words = f" {setting}" if setting else ""
        if gain < LEAST_LEARNING:
            taught = f"the record narrows the number{words} by {max(gain, 0.0):.0%} only"
            return "undetermined", f"prior-driven: {taught}; {found[1]}"
        if decide(part, then)[0] == decide(part, first)[0] and common > MOST_OVERLAP:
            agree = f"before and after the record agree{words}, with {common:.0%} in common"
            return "undetermined", f"prior-driven: {agree}; {found[1]}"
    return found


def _figures(
    part: Part, cases: Sequence[Evidence], before: Sequence[Number], after: Sequence[Number], *,
    refused: bool, conditioned: bool,
) -> tuple[Figure, ...]:  # fmt: skip
    """The number that decides, prior and posterior, that of every other structure and setting, and the rest."""
    settings = len({e.setting for e in cases}) > 1
    first, second = ("prior", "given the record (too few runs)") if refused else ("given the record", "prior")
    main, other = (before, after) if refused else (after, before)
    words = [*([first] if conditioned else []), *([f"{cases[0].setting}, nearest to flipping"] if settings else [])]
    figures = [_figure(f"{part.title}: {', '.join(words)}" if words else part.title, main[0])]
    if conditioned:
        figures.append(_figure(second, other[0]))
    for e, n in zip(cases[1:], main[1:], strict=True):
        figures.append(_figure(f"structure: {e.name}", n))
    if (sure := main[0].certain) is not None:
        shares = {"above": sure.above, "below minus": sure.below, "within": sure.within}
        figures += [Figure(f"share of the parameters {where} the margin", *share) for where, share in shares.items()]
    for e in (e for e in cases if e.structure == cases[0].structure and len(e.asked.tables) > 1):
        figures += [
            _figure(name, number(Asked(("",), (table,)), estimates.even(table) if refused else e.weights, 0.0))
            for name, table in zip(e.asked.names, e.asked.tables, strict=True)
        ]
    return (*figures, *(cases[0].beside_prior if refused else cases[0].beside))


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
    """Parameters and structures that move the number most, the believed force among them if it does."""
    first, value = evidence[0], numbers[0].value
    values, weights = estimates.by_draw(numbers[0].table, numbers[0].weights)
    edge = boundary(part, value)
    moved = moved_by(values, weights, first.parameters, edge)
    structures = [
        Mover(f"structure: {e.name}", n.value - value, None, f"against the scenario {first.name}")
        for e, n in zip(evidence[1:], numbers[1:], strict=True)
    ]
    return tuple(sorted([*moved, *structures], key=lambda m: -abs(m.effect))[:8])


def _more(part: Part, numbers: Sequence[Number], runs: int, few: float) -> int:
    """Further runs that bring the Monte Carlo error under the distance to the boundary, or the weights to `FEWEST`.

    None help where some number surely cannot support and some number surely cannot refute; 0 also where the weights
    leave too few draws to guess.
    """
    if few < FEWEST_TO_GUESS:
        return 0
    if few < FEWEST:
        return min(math.ceil(runs * (FEWEST / max(few, 1e-3) - 1.0)), MOST_RUNS)
    never = (any(n.high < part.rule.above for n in numbers), any(n.low > part.rule.below for n in numbers))
    if part.estimand.kind not in MARGINAL and all(never):
        return 0
    known = [(n.half, _distance(part, n)) for n in numbers if not math.isnan(n.value)]
    wide = max((half / max(distance, 1e-3) for half, distance in known if half > distance), default=1.0)
    return min(math.ceil(runs * (wide**2 - 1.0)), MOST_RUNS) if wide > 1.0 else 0
