"""The keys that a scenario file may have, with unit, range and default of each number outside the mechanisms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Number:
    """A number of the scenario itself. default: None if the file must say it; whole: must be an integer."""

    unit: str
    low: float
    high: float
    doc: str
    default: float | None = None
    source: str = ""
    whole: bool = False


SETTINGS: Mapping[str, Number] = MappingProxyType({
    "length": Number("days", 1 / 24, 3660, "length of a run"),
    "tick": Number("hours", 0.25, 24, "length of a tick; a whole number of ticks makes a day", 6.0, "model.md 2"),
    "people_per_agent": Number(
        "", 1, 100_000, "how many people one simulated person stands for", 10, "engine.md 1", whole=True
    ),
    "unit_size": Number("people", 1, 100_000, "staff of one unit", 200, "assumed: units have 50 to 500 staff"),
    "circle_size": Number("people", 2, 64, "people of one circle, oneself included", 9, "assumed", whole=True),
})  # fmt: skip

PLACE: Mapping[str, Number] = MappingProxyType({
    "population": Number("people", 1, 2e9, "people who live there", whole=True),
    "lat": Number("degrees", -90, 90, "latitude of the main town"),
    "lon": Number("degrees", -180, 180, "longitude of the main town"),
    "seat": Number("share", 0, 1, "weight in the seat of power; all places add up to 1"),
    "garrison": Number("people", 0, 1e8, "staff of the internal forces stationed there"),
    "household": Number("people", 1, 20, "mean size of a household"),
})  # fmt: skip

SECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "": ("scenario", "sources", "every_place", "place", "segment", "parameters", "event", "target", "variants", "off"),
    "scenario": ("title", "start", "extends", *SETTINGS, "name", "variant", "source"),
    "every_place": (*PLACE, "shares", "source"),
    "place": ("name", *PLACE, "boundary", "shares", "sites", "source"),
    "site": ("name", "kind", "source"),
    "segment": ("name", "can_act", "may_strike", "share", "source"),
    "setpoint": ("value", "prior", "source"),
    "event": ("at", "kind", "place", "places", "except", "value", "part", "note", "source"),
    "target": ("name", "metric", "place", "at", "low", "high", "model", "role", "source"),
    "variant": ("title", "why", "drop", "drop_kinds", "parameters", "off", "source"),
    "off": ("mechanisms", "switches"),
    "figure": ("value", "source"),
})  # fmt: skip
"""Section -> the keys that it may have."""

SITE_KINDS = (
    "administration",
    "residence",
    "security",
    "police",
    "prosecutor",
    "airport",
    "broadcaster",
    "prison",
    "arms depot",
)
