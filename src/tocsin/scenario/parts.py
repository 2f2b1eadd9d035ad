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
    """One line of the script. hours: after the start; value: in the unit of its kind; part: what variants drop."""

    hours: float
    kind: str
    places: tuple[str, ...]
    value: float
    part: str
    note: str
    source: str


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
    "places_affected": "places", "sites_lost": "sites", "control": "code",
})  # fmt: skip
"""What a target can be about, and its unit; `control` is 0 government, 1 contested, 2 protesters."""
ROLES: tuple[str, ...] = ("train", "held-out", "shown")
"""What a target is for: to fit, to score what was not fitted, or only to be shown."""


@dataclass(frozen=True)
class Variant:
    """A named change of a scenario. changes: what `vary` takes (a part to drop, parameters, switches, mechanisms)."""

    title: str
    why: str
    changes: Mapping[str, object]
