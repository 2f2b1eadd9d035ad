"""Verdict cards: each number of a verdict on one axis with the boundary of its rule, and what else a card says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tocsin.claims.claim import Claim, Estimand, Figure, Mover, Part, Rule, Verdict
from tocsin.claims.kinds import EVENTS
from tocsin.claims.movers import SIGNAL
from tocsin.claims.schema import MARGINAL
from tocsin.declare import Param
from tocsin.report import svg
from tocsin.report.tables import Bar, plain

PRIOR = ("prior", "given the record (too few runs)")
SOLVED = "derived."
STRUCTURE, WORLD, MARGIN = "structure: ", "world: ", "P("
"""How the judge names the second number of a conditioned verdict, and how the names of others begin."""
RATIOS = (0.001, 999.0)
"""Bayes factors beyond which a reader is told no more."""
MOST_MOVERS = 3
APART = 16.0
"""Hundredths of the axis between two labels that do not touch."""
MOST_NAMED = 3
MARKS: Mapping[str, str] = MappingProxyType({
    "supported": "yes", "refuted": "no", "undetermined": "open", "not applicable": "none", "listed": "none"
})  # fmt: skip
"""Kind of verdict -> class of its chip and mark."""


@dataclass(frozen=True)
class Line:
    """One number on the axis of a card. style: main, prior, structure or other; told: with its interval, in words."""

    label: str
    style: str
    told: str
    interval: str
    bar: Bar | None


@dataclass(frozen=True)
class Strip:
    """The lines of a card on one axis. marks: boundaries of the rule, (place in %, label); ends: of the axis.

    labels: what is written under the axis, one for both boundaries where they are too near for two.
    """

    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str], ...]
    ends: tuple[str, str]
    label: str
    labels: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Moved:
    """An assumption that moves the verdict, as a bar to the left or right of nothing, in % of the widest."""

    name: str
    doc: str
    effect: str
    left: float
    width: float
    flips: str
    note: str


@dataclass(frozen=True)
class Card:
    """What the page shows of one verdict."""

    part: Part
    verdict: Verdict
    mark: str
    strip: Strip | None
    beside: tuple[Line, ...]
    movers: tuple[Moved, ...]
    spread: tuple[tuple[str, float], ...]
    effort: str
    extra: Mapping[str, Any] = field(default_factory=dict)


def unit_of(part: Part) -> str:
    """What the deciding number is: a share, points of probability, a relative change, or a signed number.

    Only the worlds beside it are counts.
    """
    asked = part.estimand
    if asked.kind not in MARGINAL:
        return "share"
    if asked.options.get("relative"):
        return "relative"
    return "number" if counted(part) else "points"


def told(value: float, unit: str) -> str:
    """A number of a verdict as a reader wants it."""
    if math.isnan(value):
        return "not defined"
    if unit == "share":
        return svg.percent(value)
    if unit == "ratio" and not RATIOS[0] <= value <= RATIOS[1]:
        return f"<{RATIOS[0]:g}" if value < RATIOS[0] else f">{RATIOS[1]:g}"
    if unit in ("count", "ratio"):
        return plain(value)
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    size = abs(value)
    if unit == "points":
        return f"{sign}{_tenths(100.0 * size)} points"
    return f"{sign}{_tenths(100.0 * size)}{svg.NARROW}%" if unit == "relative" else f"{sign}{plain(size)}"


def _tenths(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def interval(figure: Figure, unit: str) -> str:
    """The interval of a number, in words; "" where it has none."""
    if figure.low == figure.high or math.isnan(figure.low) or math.isnan(figure.high):
        return ""
    low, high = told(figure.low, unit), told(figure.high, unit)
    return f"{low.removesuffix(' points') if unit == 'points' else low} to {high}"


def card(part: Part, verdict: Verdict, known: Mapping[str, Param], extra: Mapping[str, Any] | None = None) -> Card:
    """The card of one part. known: declared parameters; extra: what else the page found for it."""
    shown = [f for f in verdict.figures if style(verdict.figures, f) != "other"]
    rest = [f for f in verdict.figures if f not in shown]
    return Card(
        part, verdict, MARKS[verdict.kind], strip(part, verdict.figures, shown) if shown else None,
        tuple(_beside(f, part) for f in rest), movers(part, verdict.movers, known), spread(verdict.spread),
        effort(verdict), extra or {},
    )  # fmt: skip


def style(figures: Sequence[Figure], figure: Figure) -> str:
    """How a number is drawn: it decides, is the other of prior and posterior, a structure, or not on the axis."""
    if figure is figures[0]:
        return "main"
    if figure.name in PRIOR:
        return "prior"
    return "structure" if figure.name.startswith(STRUCTURE) else "other"


def refused(verdict: Verdict) -> bool:
    """Whether too few runs resemble the record, so that the number that is shown is the prior's."""
    return any(f.name == PRIOR[1] for f in verdict.figures)


def prior_of(verdict: Verdict) -> Figure | None:
    """The number before the record was used, where the verdict has one."""
    if refused(verdict):
        return verdict.figures[0]
    return next((f for f in verdict.figures if f.name == PRIOR[0]), None)


def strip(part: Part, figures: Sequence[Figure], shown: Sequence[Figure]) -> Strip:
    """The numbers that share the axis of the deciding one."""
    unit = unit_of(part)
    low, high = span(part, shown)
    axis = svg.Scale(low, high, 0.0, 100.0)
    lines = tuple(_line(f, style(figures, f), part, axis) for f in shown)
    marks = tuple((round(axis(at), 1), told(at, unit)) for at in boundaries(part))
    first = lines[0]
    label = f"{part.title}: {first.told}" + (f", interval {first.interval}" if first.interval else "")
    said = f"{label}; boundary {_or(m for _, m in marks)}"
    return Strip(lines, marks, (told(low, unit), told(high, unit)), said, labels(part, marks))


def labels(part: Part, marks: tuple[tuple[float, str], ...]) -> tuple[tuple[float, str], ...]:
    """Labels of the boundaries that do not run into each other."""
    if len(marks) < 2 or marks[1][0] - marks[0][0] >= APART:
        return marks
    low, high = boundaries(part)
    text = marks[1][1].replace("+", "\u00b1") if low == -high else f"{marks[0][1]} to {marks[1][1]}"
    return (((marks[0][0] + marks[1][0]) / 2, text),)


def _or(words: Any) -> str:
    return " and ".join(words) or "none"


def span(part: Part, shown: Sequence[Figure]) -> tuple[float, float]:
    """The ends of the axis: 0 to 1 for shares; as far either way as needed, in a round number, for differences."""
    if unit_of(part) == "share":
        return 0.0, 1.0
    ends = [abs(v) for f in shown for v in (f.low, f.high, f.value) if math.isfinite(v)]
    widest = max([*ends, 2.0 * part.rule.margin]) or 1.0
    step = svg.round_step(widest / 4.0)
    far = math.ceil(widest / step - 1e-9) * step
    return -far, far


def boundaries(part: Part) -> tuple[float, ...]:
    """Where the rule changes its mind."""
    if part.estimand.kind == "none":
        return ()
    if part.estimand.kind in MARGINAL:
        return (-part.rule.margin, part.rule.margin) if part.rule.margin else (0.0,)
    return tuple(sorted({part.rule.below, part.rule.above}))


def _line(figure: Figure, style: str, part: Part, axis: svg.Scale) -> Line:
    unit, label = unit_of(part), figure.name.removeprefix(f"{part.title}: ").removeprefix(STRUCTURE)
    placed = None if math.isnan(figure.value) else Bar.of(axis, _finite(figure.low, figure.value), figure.value,
                                                          _finite(figure.high, figure.value))  # fmt: skip
    if style == "main" and label == part.title:
        label = "the sources" if part.estimand.kind == "documentary" else "the runs"
    return Line(label, style, told(figure.value, unit), interval(figure, unit), placed)


def _finite(value: float, other: float) -> float:
    return value if math.isfinite(value) else other


def _beside(figure: Figure, part: Part) -> Line:
    """A number beside the axis: shares of worlds are shares even where the deciding number is a difference."""
    unit = figure.unit or unit_of(part)
    if figure.name.startswith((WORLD, MARGIN)) or "necess" in figure.name or "sufficien" in figure.name:
        unit = "count" if figure.name.startswith(WORLD) and counted(part) else "share"
    elif figure.name.startswith("effect: "):
        unit = "points"
    return Line(figure.name, "other", told(figure.value, unit), interval(figure, unit), None)


def counted(part: Part) -> bool:
    """Whether each run answers with a number and not with yes or no."""
    options = part.estimand.options
    return options.get("event", "fall") not in EVENTS and not {"above", "thresholds"} & options.keys()


def movers(part: Part, found: Sequence[Mover], known: Mapping[str, Param]) -> tuple[Moved, ...]:
    """The assumptions that move a verdict most, widest first."""
    ranked = strongest(found)
    widest = max((abs(m.effect) for m in ranked), default=0.0) or 1.0
    unit = unit_of(part)
    shown = []
    for m in ranked:
        width = round(50.0 * abs(m.effect) / widest, 1)
        doc = doc_of(m.name, known)
        flips = "" if m.flips_at is None else f"verdict would turn at {plain(m.flips_at)}"
        effect = told(m.effect, "points" if unit == "share" else unit)
        left = round(50.0 - width, 1) if m.effect < 0 else 50.0
        shown.append(Moved(m.name, doc, effect, left, width, flips, m.note))
    return tuple(shown)


def doc_of(name: str, known: Mapping[str, Param]) -> str:
    """What an assumption is, in a sentence; "" for a structure, whose name says it."""
    if name == SIGNAL:
        return "How many foreign troops are believed to come: chance of a commitment times its size."
    if name.startswith(SOLVED):
        return "Not drawn: solved for from the total gain, its shares and other assumptions of the draw."
    return known[name].doc if name in known else ""


def strongest(found: Sequence[Mover]) -> list[Mover]:
    """The few that move a verdict most, in the order of the judge; what moves nothing is none."""
    return [m for m in found if abs(m.effect) > 0.0][:MOST_MOVERS]


def spread(found: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Share of the variance of the deciding number by origin, in %; nothing where there is none."""
    total = sum(found.values())
    return tuple((name, round(100.0 * v / total, 1)) for name, v in found.items()) if total > 0 else ()


def effort(verdict: Verdict) -> str:
    """On how much it rests: runs, effective runs, and how many more would help."""
    if not verdict.runs:
        return "judged from sources, without a run" if verdict.sources else ""
    text = f"{verdict.runs:,} runs"
    if verdict.effective:
        text += f", worth {verdict.effective:,.1f} after weighting by the record"
    if verdict.more_runs:
        return f"{text}; {verdict.more_runs:,} more would help"
    return f"{text}; more runs would not settle it" if verdict.kind == "undetermined" else text


def in_short(parts: Sequence[tuple[Part, Verdict]]) -> tuple[tuple[str, str, str], ...]:
    """Each kind of verdict among the parts once: (kind, mark, which parts, or how many of them)."""
    kinds: dict[str, list[str]] = {}
    for part, verdict in parts:
        kinds.setdefault(verdict.kind, []).append(part.name)
    return tuple((kind, MARKS[kind], _which(names, len(parts))) for kind, names in kinds.items())


def _which(names: Sequence[str], of: int) -> str:
    if of == 1:
        return ""
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} of {of} parts"


def by_claim(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> list[tuple[Claim, list[tuple[Part, Verdict]]]]:
    """Every claim with its parts and their verdicts, in the order of the register.

    A claim that is only listed has one verdict on the whole, which gets a part without a name.
    """
    found = {(v.claim, v.part): v for v in verdicts}
    whole = Part("", "", Estimand("none"), Rule())
    return [
        (claim, [(p, found[claim.name, p.name]) for p in (*claim.parts, whole) if (claim.name, p.name) in found])
        for claim in claims
    ]
