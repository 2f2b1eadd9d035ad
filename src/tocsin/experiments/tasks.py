"""What a worker does: some runs of one draw and seed each, stepped together where they can be; packed, or failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.errors import RunError
from tocsin.experiments.design import Slot
from tocsin.experiments.rounds import explained
from tocsin.results.journal import Packed, pack
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario


@dataclass(frozen=True)
class Task:
    """One run to be made. number: among all that are missing; threads: of the run."""

    number: int
    scenario: Scenario
    slot: Slot
    threads: int

    def __str__(self) -> str:
        return f"draw {self.slot.draw}, seed {self.slot.seed}"


@dataclass(frozen=True)
class Lost:
    """In place of a run that could not be finished: why."""

    message: str


Result = Packed | Lost


def simulate_tasks(tasks: Sequence[Task]) -> list[Run | RunError]:
    """The runs of tasks whose scenarios share a layout, stepped together."""
    from tocsin.engine.run import simulate_all
    from tocsin.world.build import World

    worlds = [World(task.scenario, task.slot.draw, task.slot.seed) for task in tasks]
    return simulate_all(worlds, threads=tasks[0].threads)


@dataclass(frozen=True)
class Machine:
    """What makes runs, so that something else can be put in its place.

    key: names a run; work: the runs of some tasks, or why there is none, in their order, must be importable by a
    worker; warm: compiles; text: scenario as TOML.
    """

    key: Callable[[Scenario, int, int], str]
    work: Callable[[Sequence[Task]], Sequence[Run | RunError]]
    warm: Callable[[Callable[[str], None]], object]
    text: Callable[[Scenario], str]
    preload: tuple[str, ...] = ()


def engine() -> Machine:
    """The real one; it loads no kernel before there is something to compute."""
    from tocsin.engine.digest import run_key
    from tocsin.scenario.write import to_toml

    return Machine(run_key, simulate_tasks, _warm, to_toml, ("tocsin.engine.run",))


def _warm(say: Callable[[str], None]) -> None:
    from tocsin.kernels.warmup import warm

    warm(say)


@dataclass(frozen=True)
class Packing:
    """A machine's `work` as a worker calls it: runs come back packed, and a run that fails takes no other with it."""

    work: Callable[[Sequence[Task]], Sequence[Run | RunError]]

    def __call__(self, tasks: Sequence[Task]) -> list[Result]:
        """Carry out tasks, those that share a layout together."""
        alike: dict[str, list[Task]] = {}
        for task in tasks:
            alike.setdefault(task.scenario.layout, []).append(task)
        made = ((some, self._made(some)) for some in alike.values())
        found = {t.number: result for some, results in made for t, result in zip(some, results, strict=True)}
        return [found[task.number] for task in tasks]

    def _made(self, tasks: Sequence[Task]) -> list[Result]:
        """The results of tasks that share a layout; if they fail together, each alone (no run depends on others)."""
        try:
            return [_packed(run) for run in explained(self.work, tasks, _names(tasks))]
        except RunError as fault:
            if len(tasks) == 1:
                return [Lost(fault.message())]
        return [result for task in tasks for result in self._made([task])]


def _packed(run: Run | RunError) -> Result:
    return Lost(run.message()) if isinstance(run, RunError) else pack(run)


def _names(tasks: Sequence[Task]) -> str:
    return str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]} and {len(tasks) - 1} more"


def given_up(_: Task, message: str) -> Result:
    """What stands for a task that no worker survives: its run failed."""
    return Lost(message)
