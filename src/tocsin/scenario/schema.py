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

STATE: Mapping[str, Number] = MappingProxyType({
    "contingent": Number("people", 0, 1e7, "troops that it can send", 0, "it sends nobody"),
    "lift": Number("people per day", 0, 1e6, "troops that it can land a day", 500, "assumed: some ten flights a day"),
    "ready": Number("hours", 0, 8760, "time from its consent to its first landing", 24, "assumed: one day"),
    "similarity": Number("share", 0, 1, "how comparable to home people find it", 0.5, "assumed"),
    "alignment": Number("share", 0, 1, "how closely home's ruler follows it", 0.5, "assumed"),
})  # fmt: skip
"""Numbers of another state; `people_per_agent` is that of home unless the file says another."""

EXPOSURE = Number("share", 0, 1, "exposure to the trigger, 1 where it is felt in full")
FACTION_SIZE = Number("people", 1, 1e8, "people of an organised group")
QUORUM = Number("", 0, 1000, "members that must agree", 0, "no quorum", whole=True)

SECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "": (
        "scenario", "sources", "every_place", "place", "segment", "parameters", "event", "target", "variants", "off",
        "policy", "alliance", "state", "faction", "mechanism", "reference",
    ),
    "scenario": ("title", "start", "extends", *SETTINGS, "home", "name", "variant", "source"),
    "every_place": (*PLACE, "shares", "source"),
    "place": ("name", "state", *PLACE, "boundary", "shares", "sites", "source"),
    "site": ("name", "kind", "source"),
    "segment": ("name", "can_act", "may_strike", "share", "source"),
    "setpoint": ("value", "prior", "source"),
    "policy": ("government", "alliance"),
    "alliance": ("rule", "quorum", "source"),
    "state": ("name", "role", "side", "consent", *STATE, "people_per_agent", "parameters", "source"),
    "faction": ("name", "place", "size", "from", "armed", "aim", "part", "optional", "source"),
    "event": ("at", "kind", "state", "place", "places", "except", "value", "part", "optional", "note", "source"),
    "target": ("name", "metric", "place", "at", "low", "high", "model", "role", "source"),
    "variant": ("title", "why", "drop", "drop_kinds", "add", "policy", "alliance", "parameters", "off", "source"),
    "mechanism": ("file", "digest", "declares"),
    "off": ("mechanisms", "switches"),
    "figure": ("value", "source"),
})  # fmt: skip
"""Section -> the keys that it may have."""

SIDES: Mapping[str, float] = MappingProxyType({"regime": 1.0, "opponents": -1.0, "neither": 0.0})
"""With whom the troops of a state stand, as a file writes it."""
USUAL_SIDE: Mapping[str, str] = MappingProxyType({
    "patron": "regime", "member": "regime", "rival": "opponents", "neighbour": "neither",
})  # fmt: skip
"""Role -> the side that a state takes where the file says nothing."""

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
