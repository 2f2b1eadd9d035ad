"""The resolved scenario: complete, frozen and hashed. Nothing after it has a default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from tocsin.scenario import own_code
from tocsin.scenario import vary as variation
from tocsin.scenario.own import Extensions
from tocsin.scenario.parts import Alliance, Event, Faction, Place, Segment, Setpoint, State, Target, Variant


@dataclass(frozen=True)
class Scenario:
    """What the machine runs. Build one with `load`, change it with `vary`.

    days, tick_hours: length of a run and of a tick; people_per_agent: how many people one simulated person stands for;
    unit_size: staff of one unit; circle_size: people of one circle; parameters, mechanisms, switches: by full name, all
    of them; sources: key ("places.Almaty city.population") -> who says so; notes: what a variant left out.
    places are those of the home state, called `home`; states: all others, by name; policy: mechanism -> hours after the
    start from which it decides for itself instead of following the script (absent: never). optional_events,
    optional_factions: what only variants add. reference: place of home -> exposure to the trigger at which gains are
    defined, 0 to 1; it stays when the script changes (see `felt`). extensions: mechanisms of one's own beside the
    shipped ones.
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
    home: str = "home"
    states: tuple[State, ...] = ()
    alliance: Alliance = field(default_factory=Alliance)
    factions: tuple[Faction, ...] = ()
    policy: Mapping[str, float] = field(default_factory=dict)
    optional_events: tuple[Event, ...] = ()
    optional_factions: tuple[Faction, ...] = ()
    reference: Mapping[str, float] = field(default_factory=dict)
    extensions: Extensions = ()

    @property
    def societies(self) -> tuple[int, ...]:
        """The states that are populations: 0 is home, n is states[n - 1]."""
        return (0, *(i for i, s in enumerate(self.states, 1) if s.places))

    def places_of(self, state: int) -> tuple[Place, ...]:
        """The places of one state, in order of name."""
        places = self.places if state == 0 else self.states[state - 1].places
        return tuple(sorted(places, key=lambda p: p.name))

    def thinning(self, state: int) -> int:
        """People per agent in one state."""
        return self.people_per_agent if state == 0 else self.states[state - 1].people_per_agent

    @property
    def state_names(self) -> tuple[str, ...]:
        """Home, then the others."""
        return (self.home, *(s.name for s in self.states))

    @property
    def population(self) -> int:
        """All people of the home state."""
        return sum(p.population for p in self.places)

    @property
    def people(self) -> int:
        """All people of all societies."""
        return sum(p.population for society in self.societies for p in self.places_of(society))

    @property
    def felt(self) -> dict[str, float]:
        """Exposure at which gains are defined, of each place of home in order of name; 1 everywhere if none has any."""
        known = {p.name: float(self.reference.get(p.name, 0.0)) for p in self.places_of(0)}
        return known if any(known.values()) else dict.fromkeys(known, 1.0)

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
        """The variant of this name that the scenario's file describes; "" is the scenario itself."""
        return variation.variant_of(self, name)

    def with_mechanisms(self, *given: str | Path) -> Scenario:
        """This scenario with mechanisms of one's own, from files (.py) or modules: code that runs with your rights."""
        return own_code.attached(self, given)

    def canonical(self) -> dict[str, Any]:
        """Everything that decides a result, as plain values; sources, titles, targets and file names do not."""
        own = {"own mechanisms": [[e.digest, *e.names] for e in self.extensions]} if self.extensions else {}
        return {
            **own,
            "start": self.start.isoformat(),
            "days": float(self.days),
            "tick_hours": float(self.tick_hours),
            "people_per_agent": int(self.people_per_agent),
            "unit_size": float(self.unit_size),
            "circle_size": int(self.circle_size),
            "places": sorted(_place_facts(p) for p in self.places),
            "segments": [[s.name, s.can_act, s.may_strike] for s in self.segments],
            "events": [[float(e.hours), e.kind, sorted(e.places), float(e.value), e.state] for e in self.events],
            "parameters": _priors(self.parameters),
            "mechanisms": dict(sorted(self.mechanisms.items())),
            "switches": dict(sorted(self.switches.items())),
            "states": [_state_facts(s) for s in self.states],
            "alliance": [self.alliance.rule, int(self.alliance.quorum)],
            "factions": [[f.name, f.place, float(f.size), float(f.hours), f.armed, f.aim] for f in self.factions],
            "policy": {k: float(v) for k, v in sorted(self.policy.items())},
            "reference": self.felt,
        }

    @property
    def agents(self) -> float:
        """Simulated people of all societies, about."""
        return sum(p.population / self.thinning(i) for i in self.societies for p in self.places_of(i))

    @cached_property
    def layout(self) -> str:
        """What worlds have in common that are stepped together: places, people, units, states, factions and ticks.

        They may differ in parameters, switches, events, policies, and in all other numbers.
        """
        kept = ("start", "days", "tick_hours", "segments", "circle_size", "mechanisms", "own mechanisms")
        form = {name: value for name, value in self.canonical().items() if name in kept}
        form["states"] = [[s.name, s.role] for s in self.states]
        form["factions"] = [[f.name, f.place, float(f.hours)] for f in self.factions]
        form["societies"] = [[self.thinning(i), self._laid_out(i)] for i in self.societies]
        return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()

    def _laid_out(self, society: int) -> list[list[Any]]:
        """Of each place what decides how people and units lie."""
        return [
            [p.name, p.population, p.lat, p.lon, p.household, max(1, round(p.garrison / self.unit_size))]
            for p in self.places_of(society)
        ]

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _priors(parameters: Mapping[str, Setpoint]) -> dict[str, list[Any]]:
    return {k: [v.prior.kind, float(v.prior.a), float(v.prior.b)] for k, v in sorted(parameters.items())}


def _state_facts(s: State) -> list[Any]:
    numbers = [float(x) for x in (s.side, s.contingent, s.lift, s.ready, s.similarity, s.alignment)]
    places = sorted(_place_facts(p) for p in s.places)
    return [s.name, s.role, s.consent, *numbers, places, _priors(s.parameters), int(s.people_per_agent)]


def _place_facts(p: Place) -> list[Any]:
    """What decides a result in one place; the names of sites do not, their number does."""
    numbers = [float(x) for x in (p.lat, p.lon, p.seat, p.garrison, p.household)]
    return [p.name, int(p.population), *numbers, [float(x) for x in p.segments], len(p.sites)]
