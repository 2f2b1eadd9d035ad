"""The tick loop over all societies of a run, and the run as it is stored."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tocsin.engine.course import Course
from tocsin.engine.crowd import Crowd, Populace
from tocsin.engine.digest import model_digest, run_key
from tocsin.engine.plan import BULLETIN
from tocsin.engine.record import Records, sum_up
from tocsin.exact import snap
from tocsin.kernels.warmup import warm
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario
from tocsin.state import HOME, Setting
from tocsin.world.build import Parameters, World, parameters_of, people_key, solved_from
from tocsin.world.build import build as build_world


def build(scenario: Scenario, draw: int, seed: int, *, threads: int = 1) -> World:
    """The world of one draw and seed; `fork` it to share its people and its parameters between variants."""
    world = build_world(scenario, parameters_of(scenario, draw), seed, threads)
    return replace(world, solved_from=solved_from(scenario, draw))


def simulate(
    scenario: Scenario, draw: int, seed: int, *, threads: int = 1, skip: bool = True, world: World | None = None
) -> Run:
    """Run one scenario once. `world`, if it fits, is stepped in place instead of building one.

    The result depends on scenario, draw and seed alone: not on threads, skipping, or who calls.
    """
    begun = time.perf_counter()
    known = world is not None and world.solved_from == solved_from(scenario, draw)
    parameters = world.parameters if world is not None and known else parameters_of(scenario, draw)
    if world is None or world.people_key != people_key(scenario, parameters, seed):
        world = build_world(scenario, parameters, seed, threads)
    crowds = crowds_of(world.meant_for(scenario), scenario, parameters, seed, threads=threads, skip=skip)
    try:
        loop = Loop(scenario, parameters, seed, [(c.setting, c) for c in crowds])
        loop.go()
    finally:
        for crowd in crowds:
            crowd.close()
    return loop.finished(draw, time.perf_counter() - begun)


def crowds_of(
    world: World, scenario: Scenario, parameters: Parameters, seed: int, *, threads: int = 1, skip: bool = True
) -> list[Crowd]:
    """The people of each society, ready to be stepped."""
    return [
        Crowd(society, memory_ticks(scenario, parameters[state]), seed, threads, skip)
        for state, society in zip(scenario.societies, world.societies, strict=True)
    ]


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
    """One run in progress: its societies step by step, home first, each seeing the others as of the tick before."""

    def __init__(
        self, scenario: Scenario, parameters: Parameters, seed: int, people: Sequence[tuple[Setting, Populace]]
    ) -> None:
        self.scenario, self.parameters, self.seed = scenario, parameters, seed
        self.courses = [Course(scenario, parameters[s.states.own], seed, s, crowd) for s, crowd in people]
        self.home = self.courses[HOME]
        self.records = Records(scenario.ticks, self.home.setting.population, len(scenario.state_names))

    def go(self) -> None:
        """All ticks; from the end of home's story on only those abroad make theirs, if there are any."""
        for tick in range(self.scenario.ticks):
            self.step(tick)
            if self.home.columns["end"][0] != 0 and len(self.courses) == 1:
                self.records.freeze_from(tick + 1)
                return

    def step(self, tick: int) -> None:
        """One tick of all societies whose story goes on."""
        over = self.home.columns["end"][0] != 0
        for course in self.courses[1:] if over else self.courses:
            course.step(tick)
        self.publish()
        people = [course.people() for course in self.courses]
        self.records.keep(tick, people[HOME], self.home.columns, self.fingerprint())
        for course, counts in zip(self.courses, people, strict=True):
            self.records.keep_state(tick, course.setting.states.own, counts, course.columns)

    def publish(self) -> None:
        """The bulletin: what every society sees of all states in the next tick."""
        bulletin = {column.name: np.zeros(len(self.scenario.state_names)) for column in BULLETIN}
        for course in self.courses:
            for name, value in course.news().items():
                bulletin[name][course.setting.states.own] = value
        bulletin["deployed"] = self.home.columns["contingents"]
        for course in self.courses:
            for name, values in bulletin.items():
                course.columns[name] = snap(values)

    def fingerprint(self) -> int:
        """64-bit digest of everybody, in all societies, who is not simply quiet."""
        return sum(course.crowd.fingerprint() for course in self.courses) & 0xFFFFFFFFFFFFFFFF

    def finished(self, draw: int, seconds: float) -> Run:
        """The run as it is stored."""
        home = self.home
        ever = float(home.crowd.counts[:, 1:8].sum()) * home.setting.person_weight
        return Run(
            key=run_key(self.scenario, draw, self.seed),
            scenario_hash=self.scenario.hash,
            scenario_name=self.scenario.name,
            variant=self.scenario.variant,
            model_digest=model_digest(),
            seed=self.seed,
            draw=draw,
            parameters=dict(self.parameters[HOME]),
            places=home.setting.places,
            start=self.scenario.start.isoformat(sep=" ", timespec="minutes"),
            tick_hours=self.scenario.tick_hours,
            series=self.records.series,
            national=self.records.national,
            state_digests=self.records.digests,
            outcome=sum_up(self.records, home.columns, home.setting, ever),
            versions={"python": platform.python_version(), "numpy": np.__version__},
            seconds=seconds,
            states=self.scenario.state_names,
            abroad=self.records.abroad,
        )
