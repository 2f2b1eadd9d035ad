"""What a worker does: one draw and seed in one or more worlds, and what comes back, packed or failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tocsin.errors import RunError
from tocsin.experiments.design import Slot
from tocsin.experiments.rounds import explained
from tocsin.results.journal import Packed, pack
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario


@dataclass(frozen=True)
class Task:
    """The same draw and seed in one or more worlds.

    number: which slot of the design; threads: of each run; share: on the same people.
    """

    number: int
    scenarios: tuple[Scenario, ...]
    slot: Slot
    threads: int
    share: bool

    def __str__(self) -> str:
        return f"draw {self.slot.draw}, seed {self.slot.seed}"


@dataclass(frozen=True)
class Lost:
    """In place of a run that could not be finished: why."""

    message: str


Results = tuple[Packed | Lost, ...]
"""One per world of a task, in the same order."""


def simulate_task(task: Task) -> list[Run]:
    """Run all worlds of a task; people are built once where they are the same."""
    from tocsin.engine.run import build, simulate

    draw, seed = task.slot.draw, task.slot.seed
    people = build(task.scenarios[0], draw, seed) if task.share else None
    runs = []
    for left, scenario in zip(range(len(task.scenarios) - 1, -1, -1), task.scenarios, strict=True):
        world = people.fork() if people is not None and left else people  # a run changes its people; the last one may
        runs.append(simulate(scenario, draw, seed, threads=task.threads, world=world))
    return runs


@dataclass(frozen=True)
class Machine:
    """What makes runs, so that something else can be put in its place.

    key: names a run; work: carries out a task, must be importable by a worker; warm: compiles; text: scenario as TOML.
    """

    key: Callable[[Scenario, int, int], str]
    work: Callable[[Task], list[Run]]
    warm: Callable[[Callable[[str], None]], object]
    text: Callable[[Scenario], str]
    preload: tuple[str, ...] = ()


def engine() -> Machine:
    """The real one; it loads no kernel before there is something to compute."""
    from tocsin.engine.digest import run_key
    from tocsin.scenario.write import to_toml

    return Machine(run_key, simulate_task, _warm, to_toml, ("tocsin.engine.run",))


def _warm(say: Callable[[str], None]) -> None:
    from tocsin.kernels.warmup import warm

    warm(say)


@dataclass(frozen=True)
class Packing:
    """A machine's `work` as a worker calls it: runs come back packed, and a run that fails takes no other with it."""

    work: Callable[[Task], list[Run]]

    def __call__(self, task: Task) -> Results:
        """Carry out a task; if it fails, each of its worlds alone (the result of a run does not depend on others)."""
        try:
            return tuple(pack(run) for run in explained(self.work, task))
        except RunError as fault:
            if len(task.scenarios) == 1:
                return (Lost(fault.message()),)
        alone = (replace(task, scenarios=(s,), share=False) for s in task.scenarios)
        return tuple(result for one in alone for result in self(one))


def given_up(task: Task, message: str) -> Results:
    """What stands for a task that no worker survives: all its runs failed."""
    return tuple(Lost(message) for _ in task.scenarios)
