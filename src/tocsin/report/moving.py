"""What a verdict hangs on: the assumptions that move its number, where there are enough runs to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.claims.breakdown import FEWEST_DRAWS
from tocsin.claims.claim import Mover, Part, Verdict
from tocsin.claims.movers import SIGNAL
from tocsin.declare import Param
from tocsin.report.effort import Made
from tocsin.report.numbers import STRUCTURE, refused, told
from tocsin.report.numbers import unit_of as unit_of_part
from tocsin.report.tables import plain
from tocsin.scenario import declared

SOLVED = "derived."
MOST_MOVERS = 3


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


def movers(part: Part, verdict: Verdict, known: Mapping[str, Param], made: Made) -> tuple[Moved, ...]:
    """The assumptions that move a verdict most, widest first; none where too few draws can tell."""
    ranked = strongest(verdict, made)
    widest = max((abs(m.effect) for m in ranked), default=0.0) or 1.0
    unit, shown = unit_of_part(part), []
    for m in ranked:
        width = round(50.0 * abs(m.effect) / widest, 1)
        effect = told(m.effect, "points" if unit == "share" else unit)
        left = round(50.0 - width, 1) if m.effect < 0 else 50.0
        shown.append(Moved(m.name, doc_of(m.name, known), effect, left, width, _turn(m), m.note))
    return tuple(shown)


def _turn(mover: Mover) -> str:
    """Where the fitted line crosses the boundary, with its unit."""
    if mover.flips_at is None:
        return ""
    return f"verdict would turn at about {plain(mover.flips_at)} {unit_of(mover.name)}".rstrip()


def unit_of(name: str) -> str:
    """The unit of an assumption; "" where it is a plain number."""
    if name == SIGNAL:
        return "people"
    found = declared.parameters().get(name)
    return found.unit if found is not None and found.unit != "1" else ""


def unsaid(verdict: Verdict, made: Made) -> str:
    """Why nothing is said of what moves a verdict; "" where something can be."""
    if refused(verdict.figures):
        return "Too few runs resemble the record to say what the answer hangs on."
    if made.draws < FEWEST_DRAWS:
        return f"{made.draws} draws of the assumptions are too few to say ({FEWEST_DRAWS} are needed)."
    return ""


def strongest(verdict: Verdict, made: Made) -> list[Mover]:
    """The few that move a verdict most, in the order of the judge; what moves nothing, or may be chance, is none."""
    if unsaid(verdict, made):
        return []
    return [m for m in verdict.movers if abs(m.effect) > _chance(verdict, m)][:MOST_MOVERS]


def _chance(verdict: Verdict, mover: Mover) -> float:
    """The least that a structure has to move the number: the Monte Carlo errors of both; 0 for a clear slope."""
    other = next((f for f in verdict.figures if f.name == mover.name), None)
    if not mover.name.startswith(STRUCTURE) or other is None:
        return 0.0
    return float((verdict.figures[0].monte_carlo ** 2 + other.monte_carlo**2) ** 0.5)


def doc_of(name: str, known: Mapping[str, Param]) -> str:
    """What an assumption is, in a sentence; "" for a structure, whose name says it."""
    if name == SIGNAL:
        return "How many foreign troops are believed to come: chance of a commitment times its size."
    if name.startswith(SOLVED):
        return "Not drawn: solved for from the total gain, its shares and other assumptions of the draw."
    return known[name].doc if name in known else ""
