"""The resolved scenario: complete, frozen and hashed. Nothing after it has a default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

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


@dataclass(frozen=True)
class Scenario:
    """What the machine runs. Build one with `load`, change it with `vary`.

    days, tick_hours: length of a run and of a tick; people_per_agent: how many people one simulated person stands for;
    unit_size: staff of one unit; circle_size: people of one circle; parameters, mechanisms, switches: by full name, all
    of them; sources: key ("places.Almaty city.population") -> who says so; notes: what a variant left out.
    """

    name: str
    title: str
    variant: str
    start: datetime
    days: float
    tick_hours: float
    people_per_agent: int
    unit_size: float
    circle_size: int
    places: tuple[Place, ...]
    segments: tuple[Segment, ...]
    events: tuple[Event, ...]
    parameters: Mapping[str, Setpoint]
    mechanisms: Mapping[str, bool]
    switches: Mapping[str, bool]
    targets: tuple[Target, ...]
    sources: Mapping[str, str]
    origin: str = ""
    variants: Mapping[str, Variant] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def population(self) -> int:
        """All people of all places."""
        return sum(p.population for p in self.places)

    @property
    def ticks(self) -> int:
        """Number of ticks of a run."""
        return round(self.days * 24 / self.tick_hours)

    def time(self, tick: int) -> datetime:
        """When a tick begins, in local time."""
        return self.start + timedelta(hours=tick * self.tick_hours)

    def canonical(self) -> dict[str, Any]:
        """Everything that decides a result, as plain values; sources, titles, targets and file names do not."""
        return {
            "start": self.start.isoformat(),
            "days": float(self.days),
            "tick_hours": float(self.tick_hours),
            "people_per_agent": int(self.people_per_agent),
            "unit_size": float(self.unit_size),
            "circle_size": int(self.circle_size),
            "places": sorted(_place_facts(p) for p in self.places),
            "segments": [[s.name, s.can_act, s.may_strike] for s in self.segments],
            "events": [[float(e.hours), e.kind, sorted(e.places), float(e.value)] for e in self.events],
            "parameters": {
                k: [v.prior.kind, float(v.prior.a), float(v.prior.b)] for k, v in sorted(self.parameters.items())
            },
            "mechanisms": dict(sorted(self.mechanisms.items())),
            "switches": dict(sorted(self.switches.items())),
        }

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _place_facts(p: Place) -> list[Any]:
    """What decides a result in one place; the names of sites do not, their number does."""
    numbers = [float(x) for x in (p.lat, p.lon, p.seat, p.garrison, p.household)]
    return [p.name, int(p.population), *numbers, [float(x) for x in p.segments], len(p.sites)]
