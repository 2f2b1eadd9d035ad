"""What the figure over two forces says in words: where the number turns, and on how few draws it may rest."""

from __future__ import annotations

import numpy as np

from tocsin.claims.breakdown import FEWEST_DRAWS, Breakdown, Values
from tocsin.claims.claim import Part
from tocsin.claims.registered import SENT_ELSEWHERE
from tocsin.claims.weights import effective
from tocsin.report import svg
from tocsin.report.density import FEWEST, SURE
from tocsin.report.numbers import told, unit_of

LARGEST = 70_000.0
"""People: the largest believed force that the priors allow (science.md 3)."""


def in_words(part: Part, of: Breakdown) -> str:
    """What the figure shows, for somebody who cannot see it."""
    over = sum(v > of.boundary for v in of.value)
    text = (
        f"{len(of.value)} draws by domestic force and believed outside force; the number is above "
        f"{told(of.boundary, unit_of(part))} in {over}. Weighted median of the force believed in: "
        f"{svg.count(median(of.force, of.prior))} people by the prior"
    )
    return f"{text}, {svg.count(median(of.force, of.posterior))} given the record." if of.conditioned else f"{text}."


def median(values: Values, weights: Values) -> float:
    """The value below which half of the weight lies."""
    order = np.argsort(values)
    total = np.cumsum(np.array(weights)[order])
    return float(np.array(values)[order][min(int(np.searchsorted(total, 0.5 * total[-1])), len(values) - 1)])


def said(part: Part, of: Breakdown | None) -> str:
    """The least force believed in at which the number is on its boundary, in two sentences; "" without draws."""
    if of is None:
        return ""
    edge = told(of.boundary, unit_of(part))
    if of.plane is None:
        return f"With fewer than {FEWEST_DRAWS} draws that count, no line is fitted on which the number is {edge}."
    if not of.frontier:
        return f"Within the prior no believed force brings the number to {edge}, however strong the domestic force."
    if not of.plane.clear:
        return (
            "In these draws the force that is believed in does not move the number clearly (its slope is "
            f"{times(of):.1f} standard errors), so no line is drawn."
        )
    staff, least = min(of.frontier, key=lambda p: p[1])
    people, deployed = svg.count(_rounded(least)), svg.percent(staff)
    if least <= min(of.force) * 1.001:
        text = (
            f"With {deployed} of the domestic force deployable the number is {edge} already at the least force drawn, "
            f"{people} people"
        )
    else:
        text = (
            f"The least believed force at which the number is {edge} is about {people} people, with {deployed} of the "
            "domestic force deployable"
        )
    if of.covered < 0.995:
        text += f" (over {svg.percent(1.0 - of.covered)} of the strengths of the domestic force no force drawn does it)"
    return f"{text}. {sent()}"


def sent() -> str:
    """The largest force that came for a ruler elsewhere, and a middling one, in a sentence."""
    most = max(SENT_ELSEWHERE, key=lambda s: s.high)
    middle = np.median([s.high for s in SENT_ELSEWHERE])
    return (
        f"The most that came for a ruler elsewhere is {svg.count(most.low)} to {svg.count(most.high)} ({most.case}), "
        f"and half of {len(SENT_ELSEWHERE)} such forces were under {svg.count(_rounded(float(middle)))}."
    )


def _rounded(value: float) -> float:
    """To two digits: a fit through few draws gives no more."""
    return float(f"{value:.2g}")


def times(of: Breakdown) -> float:
    """The slope along the force believed in, in standard errors; 0 where nothing is fitted."""
    return abs(of.plane.of_force) / max(of.plane.errors[0], 1e-12) if of.plane is not None else 0.0


def few(of: Breakdown) -> str:
    """On how many draws contours and colours rest, where these are few; "" where they are enough."""
    found = [_few(of.prior, "by the prior")]
    if of.conditioned:
        found.append(_few(of.posterior, "given the record"))
    if of.refused:
        found.append("Too few runs resemble the record: sizes of dots, ground and line are the prior's.")
    return " ".join(filter(None, found))


def _few(weights: Values, whose: str) -> str:
    size = effective(weights)
    if size >= SURE:
        return ""
    worth = f"{size:.1f}".removesuffix(".0")
    if size < FEWEST:
        return f"{whose.capitalize()} the draws are worth {worth}: too few for contours ({FEWEST:g} are needed)."
    return f"The contours {whose} rest on {worth} effective draws only, and are broken lines."
