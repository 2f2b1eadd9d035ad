"""The tick loop over all societies of a batch of worlds, and the runs as they are stored."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence

import numpy as np

from tocsin.engine.course import Course
from tocsin.engine.crowd import Crowd, Populace
from tocsin.engine.digest import model_digest, run_key
from tocsin.engine.plan import BULLETIN
from tocsin.engine.record import Ending, Records, endings, sum_up
from tocsin.errors import RunError
from tocsin.exact import snap
from tocsin.kernels.draw import keys_of
from tocsin.kernels.warmup import warm
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario
from tocsin.state import HOME, Setting
from tocsin.world.build import Parameters, World, build, parameters_of


def simulate(scenario: Scenario, draw: int, seed: int, *, threads: int = 1, skip: bool = True) -> Run:
    """Run one scenario once: a batch of one.

    The result depends on scenario, draw and seed alone: not on threads, skipping, the batch, or who calls.
    """
    (made,) = simulate_all([World(scenario, draw, seed)], threads=threads, skip=skip)
    if isinstance(made, RunError):
        raise made
    return made


def simulate_all(
    worlds: Sequence[World], *, threads: int = 1, skip: bool = True, ticked: Callable[[int], None] = lambda _: None
) -> list[Run | RunError]:
    """Run worlds that share a layout (`Scenario.layout`) together, tick by tick.

    A world that fails takes no other along: its place holds why. No run depends on the others. ticked: told the number
    of ticks made, after each.
    """
    begun = time.perf_counter()
    loop = Loop.of(worlds, threads=threads, skip=skip)
    try:
        loop.go(ticked)
    finally:
        loop.close()
    return loop.finished((time.perf_counter() - begun) / len(worlds))


def run(scenario: Scenario, seed: int = 1, *, draw: int | None = None, threads: int = 1) -> Run:
    """Run one scenario once, with parameters drawn from their priors.

    draw: which vector of the priors (the seed's own number unless given). The kernels are compiled first if they are
    not yet.
    """
    warm(lambda _: None)
    return simulate(scenario, seed if draw is None else draw, seed, threads=threads)


class Loop:
    """A batch in progress: its societies step by step, home first, each seeing the others as of the tick before.

    bulletin: name -> float[W, N], what is known of every state; prints uint64[societies, W]: the last digest of people.
    """

    def __init__(
        self, worlds: Sequence[World], parameters: Sequence[Parameters], people: Sequence[tuple[Setting, Populace]]
    ) -> None:
        """`people`: the setting of all worlds together and the populace of each society, home first."""
        self.worlds, self.parameters = worlds, parameters
        scenarios, keys = [w.scenario for w in worlds], keys_of([w.seed for w in worlds])
        self.courses = [
            Course(scenarios, [p[setting.states.own] for p in parameters], keys, setting, populace)
            for setting, populace in people
        ]
        self.home, self.setting = self.courses[HOME], people[HOME][0]
        states = len(self.setting.states.names)
        self.records = Records(scenarios[0].ticks, self.setting.population, states)
        self.bulletin = {column.name: np.zeros((len(worlds), states)) for column in BULLETIN}
        self.prints = np.zeros((len(people), len(worlds)), np.uint64)
        self.endings: dict[int, Ending] = {}

    @classmethod
    def of(cls, worlds: Sequence[World], *, threads: int = 1, skip: bool = True) -> Loop:
        """A batch before its first tick."""
        parameters = [parameters_of(w.scenario, w.draw) for w in worlds]
        keys = keys_of([w.seed for w in worlds])
        people: list[tuple[Setting, Populace]] = []
        for society in build(worlds, parameters, threads):
            own = society.setting.states.own
            memory = [
                p[own]["ties.memory"] * 24.0 / w.scenario.tick_hours for w, p in zip(worlds, parameters, strict=True)
            ]
            people.append((society.setting, Crowd(society, memory, keys, threads, skip)))
        return cls(worlds, parameters, people)

    def close(self) -> None:
        """End the threads of all crowds."""
        for course in self.courses:
            if isinstance(course.crowd, Crowd):
                course.crowd.close()

    def go(self, ticked: Callable[[int], None] = lambda _: None) -> None:
        """All ticks, or until no story goes on; from the end of home's on only those abroad make theirs."""
        for tick in range(len(self.records.digests)):
            if not any(len(course.rows) for course in self.courses):
                break
            self.step(tick)
            ticked(tick + 1)

    def step(self, tick: int) -> None:
        """One tick of all societies whose story goes on."""
        going = [course for course in self.courses if len(course.rows)]
        for course in going:
            course.step(tick)
        self.publish(going)
        self.record(tick)
        self.let_go(tick)

    def publish(self, going: Sequence[Course]) -> None:
        """The bulletin: what every society sees of all states in the next tick."""
        for course in going:
            for name, value in course.news().items():
                self.bulletin[name][course.rows, course.setting.states.own] = value[:, 0]
        if len(self.home.rows):
            self.bulletin["deployed"][self.home.rows] = self.home.columns["contingents"]
        for course in going:
            for name, values in self.bulletin.items():
                course.columns[name] = snap(values[course.rows])

    def record(self, tick: int) -> None:
        """One slot of every series, and the digest of everybody in all societies who is not simply quiet."""
        for number, course in enumerate(self.courses):
            if not len(course.rows):
                continue
            people, rows = course.people(), course.rows
            if course is self.home:
                self.records.keep(tick, rows, people, course.columns)
            self.records.keep_state(tick, rows, course.setting.states.own, people, course.columns)
            self.prints[number, rows] = course.crowd.fingerprint()
        self.records.digests[tick] = self.prints.sum(axis=0, dtype=np.uint64)

    def let_go(self, tick: int) -> None:
        """Home's story is over in some worlds, and worlds that cannot go on leave altogether."""
        lost = {world for course in self.courses for world in course.lost}
        over = self.home.columns["end"][:, 0] != 0
        if over.any():
            self.note_endings()
            for world in self.home.rows[over].tolist():
                self.records.end(world, tick + 1)
                if len(self.courses) == 1:
                    self.records.digests[tick + 1 :, world] = self.records.digests[tick, world]
        for course in self.courses:
            staying = ~np.isin(course.rows, list(lost))
            if course is self.home:
                staying &= ~over
            if not staying.all():
                course.leave(staying)

    def note_endings(self) -> None:
        """How home stands now in the worlds where its story goes on, or has just ended."""
        ever = self.home.counts()[..., 1:8].sum(axis=(1, 2)) * self.setting.person_weight
        now = endings(self.home.columns, np.asarray(ever, np.float64))
        self.endings.update(zip(self.home.rows.tolist(), now, strict=True))

    def finished(self, seconds: float) -> list[Run | RunError]:
        """The run of each world as it is stored, or why there is none. seconds: that each took."""
        self.note_endings()
        lost = {world: name for course in self.courses for world, name in course.lost.items()}
        return [
            _refusal(w, lost[i]) if i in lost else self._run(i, w, seconds) for i, w in enumerate(self.worlds)
        ]  # fmt: skip

    def _run(self, row: int, world: World, seconds: float) -> Run:
        scenario, kept = world.scenario, self.records.of(row)
        return Run(
            key=run_key(scenario, world.draw, world.seed),
            scenario_hash=scenario.hash,
            scenario_name=scenario.name,
            variant=scenario.variant,
            model_digest=model_digest(),
            seed=world.seed,
            draw=world.draw,
            parameters=dict(self.parameters[row][HOME]),
            places=self.setting.places,
            start=scenario.start.isoformat(sep=" ", timespec="minutes"),
            tick_hours=scenario.tick_hours,
            outcome=sum_up(kept, self.endings[row], self.setting),
            versions={"python": platform.python_version(), "numpy": np.__version__},
            seconds=seconds,
            states=scenario.state_names,
            **kept,
        )


def _refusal(world: World, coefficient: str) -> RunError:
    return RunError(
        f"draw {world.draw}, seed {world.seed}: the coefficient {coefficient} left its range",
        where=world.scenario.variant or world.scenario.name, expected="utilities of tens, not thousands",
        do="look for an extreme parameter: noise, gain or backlash",
    )  # fmt: skip
