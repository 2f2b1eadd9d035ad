"""The parts of a resolved scenario, frozen facts in plain units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tocsin.declare import Prior


@dataclass(frozen=True)
class Site:
    """A named key site of a place: administration, broadcaster, airport, prison, arms depot, security building."""

    name: str
    kind: str


@dataclass(frozen=True)
class Place:
    """One place with its people and what stands there.

    population: people; lat, lon: degrees; boundary: code in the boundary file ("" if none); seat: weight in the seat of
    power (all places add up to 1); garrison: staff stationed (people); household: mean size (people);
    segments: share of each segment, in the order of the scenario's segments.
    """

    name: str
    population: int
    lat: float
    lon: float
    boundary: str
    seat: float
    garrison: float
    household: float
    segments: tuple[float, ...]
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Segment:
    """A group with coefficients of its own. can_act: may take part; may_strike: has work that can be struck."""

    name: str
    can_act: bool
    may_strike: bool


@dataclass(frozen=True)
class Event:
    """One line of the script. hours: after the start; value: in the unit of its kind; part: what variants drop.

    state: the state that acts or to which it happens; "" is home, or the patron for what only outside powers do.
    """

    hours: float
    kind: str
    places: tuple[str, ...]
    value: float
    part: str
    note: str
    source: str
    state: str = ""


@dataclass(frozen=True)
class State:
    """Another state: the patron, a member of the alliance, a rival power, or a neighbour that is only watched.

    side: +1 its troops stand with the regime, -1 with its opponents, 0 with neither; consent: who must agree before its
    troops leave ("leader", "parliament"); contingent: troops that it can send (people); lift: how many land a day
    (people/day); ready: from its consent to the first landing (hours); similarity: how comparable to home people find
    it, alignment: how closely home's ruler follows it (both 0 to 1). With places it is a society of its own, under the
    same law; parameters: what differs there; people_per_agent: its thinning.
    """

    name: str
    role: str
    side: float
    consent: str
    contingent: float
    lift: float
    ready: float
    similarity: float
    alignment: float
    places: tuple[Place, ...]
    parameters: Mapping[str, Setpoint]
    people_per_agent: int


@dataclass(frozen=True)
class Faction:
    """An organised group in one place, made of `size` of its people, that acts from `hours` after the start.

    armed: has firearms; aim: one of AIMS; part: what variants drop or add.
    """

    name: str
    place: str
    size: float
    hours: float
    armed: bool
    aim: str
    part: str = ""


@dataclass(frozen=True)
class Alliance:
    """How members decide. rule: one of RULES_OF_CONSENT; quorum: members that must agree under the rule "quorum"."""

    rule: str = "each"
    quorum: int = 0


@dataclass(frozen=True)
class Setpoint:
    """A parameter as the scenario takes it: its prior (kind `fixed` for one value) and who says so."""

    prior: Prior
    source: str


@dataclass(frozen=True)
class Target:
    """A reported figure. metric: one of METRICS; place: "" for the whole country; low, high: as reported.

    day: days after the start at which the figure holds (its end); interval: 95 % observation interval of the true
    figure; role: one of ROLES; model: how the interval arose (observation.MODELS).
    """

    name: str
    metric: str
    place: str
    day: float
    low: float
    high: float
    interval: tuple[float, float]
    role: str
    model: str
    source: str


METRICS: Mapping[str, str] = MappingProxyType({
    "turnout": "people", "detained": "people", "killed": "people", "wounded": "people", "injured_forces": "people",
    "detained_expected": "people", "killed_expected": "people", "wounded_expected": "people",
    "places_affected": "places", "sites_lost": "sites", "control": "code",
})  # fmt: skip
"""What a target can be about, and its unit; `control` is 0 government, 1 contested, 2 protesters. Totals as they were
to be expected given who was in the street (`killed_expected`) have no noise of thinning of their own."""
POLICIES: tuple[str, ...] = ("government", "alliance")
"""Mechanisms that follow the script, decide for themselves, or do so from a moment on ([policy])."""
ROLES: tuple[str, ...] = ("train", "held-out", "shown")
"""What a target is for: to fit, to score what was not fitted, or only to be shown."""


@dataclass(frozen=True)
class Variant:
    """A named change of a scenario. changes: what `vary` takes (a part to drop, parameters, switches, mechanisms)."""

    title: str
    why: str
    changes: Mapping[str, object]
