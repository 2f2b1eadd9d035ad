"""Verdict cards: each number of a verdict on one axis with the boundary of its rule, and what else a card says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tocsin.claims.claim import Claim, Estimand, Figure, Part, Rule, Verdict
from tocsin.declare import Param
from tocsin.report import svg
from tocsin.report.effort import UNTOLD, Made, effort
from tocsin.report.moving import Moved, movers, unsaid
from tocsin.report.numbers import (
    MARGIN,
    PRIOR,
    STRUCTURE,
    WORLD,
    boundaries,
    counted,
    interval,
    refused,
    told,
    undefined,
    unit_of,
)
from tocsin.report.tables import Bar

APART = 16.0
"""Hundredths of the axis between two labels that do not touch."""
MOST_NAMED = 3
MARKS: Mapping[str, str] = MappingProxyType({
    "supported": "yes", "refuted": "no", "undetermined": "open", "not applicable": "none", "listed": "none"
})  # fmt: skip
"""Kind of verdict -> class of its chip and mark."""


@dataclass(frozen=True)
class Line:
    """One number on the axis of a card. style: as `style` says; told: with its interval, in words."""

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
class Card:
    """What the page shows of one verdict. unsaid: why nothing is said of what it hangs on; undefined: of its number."""

    part: Part
    verdict: Verdict
    mark: str
    strip: Strip | None
    beside: tuple[Line, ...]
    movers: tuple[Moved, ...]
    spread: tuple[tuple[str, float], ...]
    effort: str
    unsaid: str = ""
    undefined: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def card(
    part: Part, verdict: Verdict, known: Mapping[str, Param], extra: Mapping[str, Any] | None = None,
    made: Made = UNTOLD,
) -> Card:  # fmt: skip
    """The card of one part. known: declared parameters; extra: what else the page found for it; made: what was run."""
    shown = [f for f in verdict.figures if style(verdict.figures, f) != "other"]
    rest = [f for f in verdict.figures if f not in shown]
    return Card(
        part, verdict, MARKS[verdict.kind], strip(part, verdict.figures, shown) if shown else None,
        tuple(_beside(f, part) for f in rest), movers(part, verdict, known, made), spread(verdict.spread),
        effort(verdict, made), unsaid(verdict, made), undefined(part, verdict), extra or {},
    )  # fmt: skip


def style(figures: Sequence[Figure], figure: Figure) -> str:
    """How a number is drawn: it decides, is the prior's, a structure's, given too few runs, or not on the axis."""
    if figure is figures[0]:
        return "prior" if refused(figures) else "main"
    if figure.name in PRIOR:
        return "prior" if figure.name == PRIOR[0] else "few"
    return "structure" if figure.name.startswith(STRUCTURE) else "other"


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
    if figure.name.startswith((WORLD, *MARGIN)) or "necess" in figure.name or "sufficien" in figure.name:
        unit = "count" if figure.name.startswith(WORLD) and counted(part) else "share"
    elif figure.name.startswith("effect: "):
        unit = "points"
    return Line(figure.name, "other", told(figure.value, unit), interval(figure, unit), None)


def spread(found: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Share of the variance of the deciding number by origin, in %; nothing where there is none."""
    total = sum(found.values())
    return tuple((name, round(100.0 * v / total, 1)) for name, v in found.items()) if total > 0 else ()


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
