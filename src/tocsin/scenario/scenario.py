"""The resolved scenario: complete, frozen and hashed. Nothing after it has a default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tocsin.scenario import vary as variation
from tocsin.scenario.parts import Event, Place, Segment, Setpoint, Target, Variant


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

    def vary(self, changes: Mapping[str, object], *, variant: str | None = None) -> Scenario:
        """This scenario with some things changed; see `tocsin.scenario.vary.vary` for what can be."""
        return variation.vary(self, changes, variant=variant)

    def world(self, name: str) -> Scenario:
        """The variant of this name that the scenario's file describes."""
        return variation.variant_of(self, name)

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
