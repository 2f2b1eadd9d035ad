"""Who makes the runs, and who watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol, TypedDict

from tocsin.errors import UsageError
from tocsin.experiments.clusters import DaskPool
from tocsin.experiments.executors import HandedIn, ProcessPool, cores, machine_memory, width_of
from tocsin.experiments.rounds import Pool, Together
from tocsin.experiments.tasks import Machine
from tocsin.results.record import Outcome
from tocsin.scenario.scenario import Scenario

MOST_FAILING = 0.05
SECONDS, FEW, MOST = 3.0, 16, 256
"""Runs that are stepped together: about so much work at a time, and no fewer or more than these."""
GUESS, GUESS_PER_AGENT = 1e-4, 2e-9
"""Seconds that a tick takes in a run, and for each simulated person, until that is known."""
WORLD_BYTES, AGENT_BYTES, SLOT_BYTES = 500_000, 9, 200
"""What a run holds in memory: at least, for a simulated person, and for a tick of a place."""


@dataclass(frozen=True)
class Labour:
    """Who does the work.

    workers: processes (None: one per core; 1: this process); threads: of each run; executor: somebody else's, used
    instead; cluster: address of a Dask scheduler, or "slurm"; most_failing: share of the slots that may fail (one slot
    may always, if there are more); retry: make again what failed before; memory: bytes that the runs of all workers may
    hold at a time (None: a quarter of this machine's).
    """

    workers: int | None = None
    threads: int = 1
    machine: Machine | None = None
    executor: Executor | None = None
    cluster: str | None = None
    most_failing: float = MOST_FAILING
    retry: bool = False
    memory: int | None = None

    def __post_init__(self) -> None:
        if self.executor is not None and self.cluster is not None:
            raise UsageError("an executor and a cluster at once", expected="one of them", do="leave one out")
        if not 0.0 <= self.most_failing <= 1.0:
            raise UsageError(f"{self.most_failing:g} of the runs may fail", expected="0 to 1", do="give a share")

    @property
    def width(self) -> int:
        """How many workers there are, as far as this machine can tell."""
        return self.workers or (cores() if self.executor is None else width_of(self.executor))

    def pool(self, tasks: int, machine: Machine, say: Callable[[str], None]) -> Pool | None:
        """Where so many tasks are carried out; None: in this process, one after another."""
        if self.executor is not None:
            return HandedIn(self.executor, self.width)
        if self.cluster is not None:
            return DaskPool(self.cluster, self.workers, say)
        width = min(self.width, tasks)
        return ProcessPool(width, machine.preload) if width > 1 else None

    def together(self, scenario: Scenario, runs: int) -> Together:
        """How many runs of this scenario, of so many, are stepped together."""
        memory = self.memory or machine_memory() // 4
        slots = scenario.ticks * sum(len(scenario.places_of(society)) for society in scenario.societies)
        each = WORLD_BYTES + AGENT_BYTES * scenario.agents + SLOT_BYTES * slots
        most = max(1, min(MOST, int(memory / (self.width * each))))
        guess = scenario.ticks * (GUESS + GUESS_PER_AGENT * scenario.agents)
        return Together(SECONDS, guess, most, min(FEW, most), runs)

    def may_fail(self, slots: int) -> int:
        """How many slots of so many may fail."""
        return max(0, min(max(1, int(self.most_failing * slots)), slots - 1))


class Watch(Protocol):
    """What is told while runs are made."""

    def say(self, text: str) -> None:
        """One line for the reader, such as that kernels are being compiled."""

    def begin(self, total: int, kept: int) -> None:
        """There are `total` slots, and `kept` of them are there already."""

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more slot is done; how it ended in each world (None where it was there already, or failed)."""


class Silent:
    """A watch that says nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def begin(self, total: int, kept: int) -> None:
        """Nothing."""

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """Nothing."""


class Hands(TypedDict, total=False):
    """What `ensemble`, `contrast` and `interaction` take besides a design: who does the work and who watches.

    workers: processes, one per core unless given; executor: any concurrent.futures.Executor, used instead; cluster: the
    address of a Dask scheduler, or "slurm"; retry: make again what failed before; memory: bytes that the runs of all
    workers may hold at a time, a quarter of the machine's unless given; progress: told while runs are made.
    """

    workers: int | None
    executor: Executor | None
    cluster: str | None
    retry: bool
    memory: int | None
    progress: Watch | None


def hired(hands: Hands) -> tuple[Labour, Watch | None]:
    """The labour and the watch of a call; a name that is not one of `Hands` is refused."""
    unknown = sorted(hands.keys() - Hands.__annotations__.keys())
    if unknown:
        raise TypeError(f"unexpected argument {unknown[0]!r}; expected one of {', '.join(Hands.__annotations__)}")
    labour = Labour(
        hands.get("workers"), executor=hands.get("executor"), cluster=hands.get("cluster"),
        retry=hands.get("retry", False), memory=hands.get("memory"),
    )  # fmt: skip
    return labour, hands.get("progress")
