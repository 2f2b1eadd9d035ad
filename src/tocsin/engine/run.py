"""The tick loop: one screen that shows the order of a tick (engine.md 3)."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

import tocsin.engine.script as script
from tocsin.declare import Column, Mechanism
from tocsin.engine.compose import compose, fate_rates
from tocsin.engine.crowd import Crowd, Populace
from tocsin.engine.digest import model_digest, run_key
from tocsin.engine.plan import Plan
from tocsin.engine.record import Records, sum_up
from tocsin.errors import PlanError
from tocsin.exact import Floats, snap, total
from tocsin.kernels.compile import warm
from tocsin.kernels.draw import name_hash, uniforms
from tocsin.results.record import Ints, Run
from tocsin.scenario.scenario import Scenario
from tocsin.state import ACTIONS, FORMER, Clock, Effect, Setting, View
from tocsin.world.build import World, parameters_of, people_key
from tocsin.world.build import build as build_world
from tocsin.world.parameters import own

START_TICK = 1 << 31
"""The tick under which lasting draws are made."""


def build(scenario: Scenario, draw: int, seed: int) -> World:
    """The world of one draw and seed; `fork` it to share its people between variants."""
    return build_world(scenario, parameters_of(scenario, draw), seed)


def simulate(
    scenario: Scenario, draw: int, seed: int, *, threads: int = 1, skip: bool = True, world: World | None = None
) -> Run:
    """Run one scenario once. `world`, if it fits, is stepped in place instead of building one.

    The result depends on scenario, draw and seed alone: not on threads, skipping, or who calls.
    """
    begun = time.perf_counter()
    parameters = parameters_of(scenario, draw)
    if world is None or world.people_key != people_key(scenario, parameters["grievance.spread"], seed):
        world = build_world(scenario, parameters, seed)
    crowd = Crowd(world, memory_ticks(scenario, parameters), seed, threads, skip)
    try:
        loop = Loop(scenario, parameters, seed, world.setting, crowd)
        loop.go()
    finally:
        crowd.close()
    return loop.finished(draw, time.perf_counter() - begun)


def memory_ticks(scenario: Scenario, parameters: Mapping[str, float]) -> float:
    """Ticks in which anger at harm halves."""
    return parameters["ties.memory"] * 24.0 / scenario.tick_hours


def run(scenario: Scenario, seed: int = 1, *, draw: int | None = None, threads: int = 1) -> Run:
    """Run one scenario once, with parameters drawn from their priors.

    draw: which vector of the priors (the seed's own number unless given). The kernels are compiled first if they are
    not yet.
    """
    warm(lambda _: None)
    return simulate(scenario, seed if draw is None else draw, seed, threads=threads)


class Loop:
    """One run in progress: the plan, the columns, the people and the records."""

    def __init__(
        self, scenario: Scenario, parameters: Mapping[str, float], seed: int, setting: Setting, crowd: Populace
    ) -> None:
        self.scenario, self.parameters, self.seed = scenario, parameters, seed
        self.setting, self.plan, self.crowd = setting, Plan(scenario), crowd
        self.due = script.schedule(scenario, self.plan.all)
        self.records = Records(scenario.ticks, len(self.setting.places))
        self.effects: dict[str, Effect] = {}
        self.flows = np.zeros((len(self.setting.places), 6))
        self.keys = np.array([name_hash(p) for p in self.setting.places], np.int64)
        self.views = {m.name: own(m.name, m.uses, parameters) for m in self.plan.all}
        self.columns = {name: self.blank(column) for name, column in self.plan.columns.items()}
        for m in self.plan.all:
            self.store(m, m.start(self.view(m, Clock(START_TICK, 0.0, 0.0))))

    def go(self) -> None:
        """All ticks, or as many as it takes to reach an end."""
        for tick in range(self.scenario.ticks):
            self.step(tick)
            if self.columns["end"][0] != 0:
                self.records.freeze_from(tick + 1)
                return

    def step(self, tick: int) -> None:
        """One tick, in the order of the plan."""
        setting = self.setting
        clock = Clock(tick, tick * setting.days, ((tick + 0.5) * setting.days * 24.0 + self.scenario.start.hour) % 24.0)
        script.apply(self.due.get(tick, []), self.columns, self.plan.columns)
        self.phase("information", clock)
        self.phase("coefficients", clock)
        numbers = compose(self.effects, *setting.segment_share.shape)
        self.crowd.choose(numbers, tick)
        self.tally()
        self.phase("encounter", clock)
        rates = fate_rates(self.effects.values(), *setting.segment_share.shape)
        self.flows += self.crowd.befall(rates, tick)
        self.crowd.push(tick)
        self.tally()
        for name in ("control", "loyalty", "elites", "government", "intervention", "outcome"):
            self.phase(name, clock)
        self.records.keep(tick, self.people(), self.columns, self.crowd.fingerprint())

    def phase(self, name: str, clock: Clock) -> None:
        """All mechanisms of one phase see the same columns, then their new values are written."""
        results = [(m, m.rule(self.view(m, clock))) for m in self.plan.phase(name)]
        for m, effect in results:
            self.effects[m.name] = effect
            self.store(m, effect.columns)

    def view(self, m: Mechanism, clock: Clock) -> View:
        """What this mechanism may see now."""
        on = {s: self.scenario.switches.get(f"{m.name}.{s}", True) for s in m.switches}
        seen = {name: self.columns[name] for name in m.reads}
        draw = partial(self.draw, m.name, clock.tick)
        return View(self.setting, clock, self.views[m.name], seen, draw, on)

    def draw(self, mechanism: str, tick: int, name: str, n: int) -> Floats:
        """Uniforms keyed by place, by unit within its place, or by the polity."""
        setting = self.setting
        if n == 1:
            number, place = np.zeros(1, np.int64), np.zeros(1, np.int64)
        elif n == len(self.keys):
            number, place = np.zeros(n, np.int64), self.keys
        else:
            number, place = setting.unit_number, self.keys[setting.unit_place]
        return uniforms(self.seed, name_hash(f"{mechanism}.{name}"), tick, number, place)

    def store(self, m: Mechanism, values: Mapping[str, Any]) -> None:
        """Write a mechanism's own columns, rounded to the grid."""
        owned = {c.name for c in m.columns}
        for name, value in values.items():
            if name not in owned:
                raise PlanError(f"{m.name} writes {name!r}, which it does not own", do="declare the column in it")
            self.columns[name] = np.broadcast_to(snap(value), self.columns[name].shape).copy()

    def blank(self, column: Column) -> Floats:
        """A column at its starting value."""
        p = len(self.setting.places)
        shape = {
            "place": (p,),
            "unit": (len(self.setting.unit_place),),
            "polity": (1,),
            "tactic": (3,),
            "place_place": (p, p),
        }
        return np.full(shape[column.dims], column.start)

    def tally(self) -> None:
        """People in the street and committed, and the dead, in people of the country."""
        active = self.crowd.counts[:, 1:4] * self.setting.person_weight
        self.columns["turnout"] = total(active, axis=1)
        self.columns["present"] = total(active * self.columns["presence"][None, :], axis=1)
        self.columns["former"] = np.asarray(self.crowd.counts[:, FORMER] * self.setting.person_weight, dtype=np.float64)
        self.columns["killed"] = np.asarray(self.flows[:, 2] * self.setting.person_weight, dtype=np.float64)

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

    def finished(self, draw: int, seconds: float) -> Run:
        """The run as it is stored."""
        ever = float(self.crowd.counts[:, 1:8].sum()) * self.setting.person_weight
        return Run(
            key=run_key(self.scenario, draw, self.seed),
            scenario_hash=self.scenario.hash,
            scenario_name=self.scenario.name,
            variant=self.scenario.variant,
            model_digest=model_digest(),
            seed=self.seed,
            draw=draw,
            parameters=dict(self.parameters),
            places=self.setting.places,
            start=self.scenario.start.isoformat(sep=" ", timespec="minutes"),
            tick_hours=self.scenario.tick_hours,
            series=self.records.series,
            national=self.records.national,
            state_digests=self.records.digests,
            outcome=sum_up(self.records, self.columns, self.setting, ever),
            versions={"python": platform.python_version(), "numpy": np.__version__},
            seconds=seconds,
        )
