"""What is registered before any run: structures over which a verdict must hold, and how the record ended.

Error correlations of the patron's decision and the outcome other than 0 (science.md 2) cannot be set in the model: the
patron errs by draws of its own. They are no part of the set, and the pages on judging say so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from tocsin.claims import laws, weights
from tocsin.declare import Param, Prior
from tocsin.scenario import declared
from tocsin.scenario.parts import Setpoint
from tocsin.scenario.scenario import Scenario

WIDER = 1.5
"""Factor on the spread of every prior in the structure "wide priors", where its kind and range allow it."""


@dataclass(frozen=True)
class Structure:
    """One registered way of seeing the case. changes: what `Scenario.vary` takes; none for the scenario as written."""

    name: str
    why: str
    changes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Ending:
    """Until when the ruler and the regime are known to have stood, and who says so."""

    until: datetime
    source: str


ENDINGS: Mapping[str, Ending] = MappingProxyType({
    "kazakhstan-2022": Ending(
        datetime(2022, 2, 1),  # noqa: DTZ001 (local time)
        "the emergency ended on 19 January with ruler and regime in place (kz088: Astana Times 2022-08-01, high)",
    ),
    "kazakhstan-2022-alliance": Ending(
        datetime(2022, 2, 1), "as kazakhstan-2022",  # noqa: DTZ001
    ),
    "belarus-2020": Ending(
        datetime(2020, 11, 22),  # noqa: DTZ001
        "the ruler stood through the autumn; records run to 22 November (design of the targets, science.md 4)",
    ),
})  # fmt: skip
"""How records end, by scenario; a fall before is all but excluded by conditioning."""


@dataclass(frozen=True)
class Sent:
    """Troops of an outside power that came for a ruler in another case, people, as sources have them."""

    case: str
    low: int
    high: int


SENT_ELSEWHERE = (
    Sent("Hungary 1956", 31_500, 200_000), Sent("Lebanon 1958", 5_000, 14_000), Sent("Tanganyika 1964", 500, 600),
    Sent("Gabon 1964", 150, 600), Sent("Dominican Republic 1965", 22_000, 42_000),
    Sent("Tajikistan 1992", 6_000, 10_000), Sent("Guinea-Bissau 1998", 1_700, 3_000),
    Sent("Lesotho 1998", 800, 3_500), Sent("Tonga 2006", 110, 150), Sent("Bahrain 2011", 1_200, 1_700),
    Sent("Syria 2015", 4_000, 6_000), Sent("Solomon Islands 2021", 116, 200),
)  # fmt: skip
"""All cases but the founding one in which troops came for a ruler, from the project's file of uprisings since 1956; it
was selected for interventions and known cases, and Hungary's figures are from memory. What a patron sent is what others
could have believed it would send: the yardstick of a believed force that flips a verdict (science.md 1)."""


def stood(scenario: Scenario) -> float:
    """Days after the start until which the ruler is known to have stood, 0 if nothing is registered."""
    ending = ENDINGS.get(scenario.name)
    return 0.0 if ending is None else max((ending.until - scenario.start).total_seconds() / 86400.0, 0.0)


def structures(scenario: Scenario) -> tuple[Structure, ...]:
    """The registered set of a scenario, the scenario as written first."""
    found = [Structure("as written", "the scenario with its own priors")]
    seats = sorted((p.seat for p in scenario.places), reverse=True)
    if len(seats) > 1 and seats[1] > 0 and seats[1] < scenario.parameters["outcome.seat_needed"].prior.a:
        second = next(p.name for p in scenario.places if p.seat == seats[1])
        why = f"{second} alone suffices for a fall in the street; as written the capital must be lost"
        found.append(Structure("the second seat suffices", why, {"outcome.seat_needed": seats[1]}))
    if scenario.mechanisms.get("elites"):
        found.append(Structure("no removal by insiders", "the path through elites (M12) is closed", {"elites": False}))
    found.append(Structure("wide priors", f"priors up to {WIDER:g} times as wide", wide(scenario)))
    return tuple(found)


def fingerprint(scenario: Scenario) -> str:
    """SHA-256 of what a verdict rests on beside the claim: record, laws of report, registered structures."""
    said = (
        scenario.targets, ENDINGS.get(scenario.name), weights.FEWEST, weights.CENSORED, weights.STOOD_ERROR,
        laws.FLOOR, laws.BROAD, laws.DISCREPANCY, laws.CROWD_NOISE, laws.SOURCE_BIAS, laws.NEGATIVE_BINOMIAL,
        [(s.name, sorted((k, repr(v)) for k, v in s.changes.items())) for s in structures(scenario)],
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()


def wide(scenario: Scenario) -> dict[str, object]:
    """The priors of a scenario with a larger spread, within the declared ranges; those that cannot grow stay.

    Priors that a state has of its own stay too: a claim that sets them in one world would narrow them there.
    """
    known = declared.parameters(scenario.extensions)
    drawn = {n: s for n, s in scenario.parameters.items() if n in known and s.prior.kind != "fixed"}
    simplexes: dict[str, list[str]] = {}
    for name in (n for n, s in drawn.items() if s.prior.kind == "simplex"):
        simplexes.setdefault(name.partition(".")[0], []).append(name)
    found = {n: wider(s.prior, known[n]) for n, s in drawn.items() if s.prior.kind != "simplex"}
    for names in simplexes.values():
        counts = fewer(tuple(drawn[n].prior.a for n in names))
        found |= {n: Prior("simplex", count) for n, count in zip(names, counts, strict=True)}
    return {n: Setpoint(p, f"{drawn[n].source}; wider") for n, p in found.items() if p != drawn[n].prior}


def wider(prior: Prior, param: Param) -> Prior:
    """A prior of the same kind whose spread is WIDER times as large, or as large as it can be.

    normal, halfnormal   standard deviation
    lognormal            standard deviation of ln, about the same median
    uniform              both halves, each up to the end of the declared range
    beta                 standard deviation about the same mean (`fewer`)
    """
    if prior.kind == "beta":
        return Prior("beta", *fewer((prior.a, prior.b)))
    if prior.kind == "uniform":
        middle, half = 0.5 * (prior.a + prior.b), 0.5 * WIDER * (prior.b - prior.a)
        return Prior("uniform", max(middle - half, param.low), min(middle + half, param.high))
    return Prior(prior.kind, prior.a, prior.b * WIDER)


def fewer(counts: tuple[float, ...]) -> tuple[float, ...]:
    """Counts of a beta, or of a Dirichlet, with the same means and standard deviations WIDER times as large.

    With n the sum of counts the variance is m (1 - m)/(n + 1), so that the sum becomes (n + 1)/WIDER^2 - 1. No count
    falls below 1, under which the density piles up at the ends; where one would, the standard deviations are as large
    as this allows, and where one is 1 or less already, nothing changes.
    """
    whole = sum(counts)
    factor = max(((whole + 1.0) / WIDER**2 - 1.0) / whole, 1.0 / min(counts))
    return tuple(count * factor for count in counts) if factor < 1.0 else counts
