"""One society in the course of a run: its columns, its people, and the steps of a tick in order (engine.md 3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

import tocsin.engine.script as script
from tocsin.declare import Column, Mechanism
from tocsin.engine.compose import compose, fate_rates
from tocsin.engine.crowd import Populace
from tocsin.engine.plan import ORDER, Plan
from tocsin.errors import PlanError
from tocsin.exact import Floats, snap, total
from tocsin.kernels.draw import name_hash, uniforms
from tocsin.results.record import Ints
from tocsin.scenario.scenario import Scenario
from tocsin.state import ACTIONS, DETAINED, FORMER, Clock, Effect, Setting, View
from tocsin.world.parameters import own

START_TICK = 1 << 31
"""The tick under which lasting draws are made."""
AFTER_FATE = ORDER[ORDER.index("ties") + 1 : ORDER.index("bulletin")]
"""Phases once everybody has met their fate."""


class Course:
    """The plan, the columns and the people of one society."""

    def __init__(
        self, scenario: Scenario, parameters: Mapping[str, float], seed: int, setting: Setting, crowd: Populace
    ) -> None:
        self.scenario, self.seed, self.setting, self.crowd = scenario, seed, setting, crowd
        self.plan = Plan(scenario)
        self.due = script.schedule(scenario, self.plan.all, setting)
        self.effects: dict[str, Effect] = {}
        self.flows = np.zeros((len(setting.places), 6))
        self.keys = np.array([name_hash(p) for p in setting.places], np.int64)
        self.state_keys = np.array([0, *(name_hash(f"state {n}") for n in setting.states.names[1:])], np.int64)
        self.views = {m.name: own(m.name, m.uses, parameters) for m in self.plan.all}
        self.on = {m.name: {s: scenario.switches.get(f"{m.name}.{s}", True) for s in m.switches} for m in self.plan.all}
        self.columns = {name: self.blank(column) for name, column in self.plan.columns.items()}
        for m in self.plan.all:
            self.store(m, m.start(self.view(m, Clock(START_TICK, 0.0, 0.0))))

    def step(self, tick: int) -> None:
        """One tick, in the order of the plan, up to the bulletin."""
        setting = self.setting
        begun = self.scenario.start.hour + self.scenario.start.minute / 60.0
        clock = Clock(tick, tick * setting.days, ((tick + 0.5) * setting.days * 24.0 + begun) % 24.0)
        script.apply(self.due.get(tick, []), self.columns)
        self.phase("information", clock)
        self.phase("coefficients", clock)
        shape = setting.segment_share.shape
        self.crowd.choose(compose(self.effects, *shape), tick)
        self.tally()
        self.phase("encounter", clock)
        self.flows += self.crowd.befall(fate_rates(self.effects.values(), *shape), tick)
        self.crowd.push(tick)
        self.tally()
        for name in AFTER_FATE:
            self.phase(name, clock)

    def phase(self, name: str, clock: Clock) -> None:
        """All mechanisms of one phase see the same columns, then their new values are written."""
        results = [(m, m.rule(self.view(m, clock))) for m in self.plan.phase(name)]
        for m, effect in results:
            self.effects[m.name] = effect
            self.store(m, effect.columns)

    def view(self, m: Mechanism, clock: Clock) -> View:
        """What this mechanism may see now."""
        seen = {name: self.columns[name] for name in m.reads}
        draw = partial(self.draw, m, clock.tick)
        return View(self.setting, clock, self.views[m.name], seen, draw, self.on[m.name])

    def draw(self, mechanism: Mechanism, tick: int, name: str, n: int) -> Floats:
        """Uniforms keyed by place, by unit within its place, by state, or by the polity."""
        setting, number = self.setting, np.zeros(n, np.int64)
        by = mechanism.draws[name]
        if by == "unit":
            number, key = setting.unit_number, self.keys[setting.unit_place]
        elif by == "place":
            key = self.keys
        else:
            key = self.state_keys if by == "state" else self.state_keys[[setting.states.own]]
        return uniforms(self.seed, name_hash(f"{mechanism.name}.{name}"), tick, number, key)

    def store(self, m: Mechanism, values: Mapping[str, Any]) -> None:
        """Write a mechanism's own columns, rounded to the grid."""
        owned = {c.name for c in m.columns}
        for name, value in values.items():
            if name not in owned:
                raise PlanError(f"{m.name} writes {name!r}, which it does not own", do="declare the column in it")
            snapped, shape = snap(value), self.columns[name].shape
            self.columns[name] = snapped if snapped.shape == shape else np.broadcast_to(snapped, shape).copy()

    def blank(self, column: Column) -> Floats:
        """A column at its starting value."""
        p, n = len(self.setting.places), len(self.setting.states.names)
        shape = {
            "place": (p,),
            "unit": (len(self.setting.unit_place),),
            "polity": (1,),
            "tactic": (3,),
            "state": (n,),
            "faction": (len(self.setting.factions.names),),
            "place_place": (p, p),
            "place_state": (p, n),
        }
        return np.full(shape[column.dims], column.start)

    def tally(self) -> None:
        """People in the street and committed, in detention, and the dead, in people of the country."""
        counts, k = self.crowd.counts, self.setting.person_weight
        active = counts[:, 1:4] * k
        self.columns["turnout"] = total(active, axis=1)
        self.columns["present"] = total(active * self.columns["presence"][None, :], axis=1)
        self.columns["former"] = np.asarray(counts[:, FORMER] * k, dtype=np.float64)
        self.columns["in_custody"] = np.asarray(counts[:, DETAINED] * k, dtype=np.float64)
        self.columns["killed"] = np.asarray(self.flows[:, 2] * k, dtype=np.float64)

    def people(self) -> dict[str, Ints]:
        """Counts for the records, in people of the country."""
        k = self.setting.person_weight
        flows = np.rint(self.flows * k).astype(np.int64)
        now = {name: np.rint(self.crowd.counts[:, i] * k).astype(np.int64) for i, name in enumerate(ACTIONS)}
        return {
            **{name: now[name] for name in ("marching", "striking", "occupying", "former")},
            "in_custody": now["detained"],
            "detained": flows[:, 0] + flows[:, 5],
            "wounded": flows[:, 1],
            "killed": flows[:, 2],
        }

    def news(self) -> dict[str, float]:
        """What the bulletin says of this state."""
        people = float(total(self.setting.population))
        conceded = float(total(self.columns["conceded"] * self.setting.population)) / people
        return {
            "abroad_turnout": float(total(self.columns["turnout"])) / people,
            "abroad_killed": float(total(self.columns["killed"])),
            "abroad_end": float(self.columns["end"][0]),
            "abroad_conceded": conceded,
            "abroad_troops": float(total(self.columns["troops"])),
        }
