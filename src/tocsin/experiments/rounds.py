"""Carry out many tasks on a pool: bounded in flight, several at a time, what a dead worker held done again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Generic, Protocol, TypeVar

from tocsin.errors import RunError, TocsinError
from tocsin.scenario.own_code import line_at_fault

T = TypeVar("T")
R = TypeVar("R")
ALONE = 2
"""Times that a task may kill the worker while nothing else is in flight before it is given up."""
SMOOTHING = 0.3
"""Weight of the newest batch in the estimate of how long a task takes."""


@dataclass(frozen=True)
class Together:
    """How many tasks travel together.

    seconds: of work that is handed out at a time, which is what a kill can cost a worker; guess: of one task, until it
    is known; most: tasks at most; few: where tasks are short, no fewer than these while there are some; count: of all
    tasks, so that the last ones are shared out among the workers.
    """

    seconds: float = 0.2
    guess: float = 0.2
    most: int = 32
    few: int = 1
    count: int | None = None

    def size(self, each: float, handed: int, width: int) -> int:
        """How many to hand out next; each: seconds of one task; handed: tasks that were handed out; width: workers."""
        size = max(1, min(self.most, int(self.seconds / max(each, 1e-6))))
        if self.count is None:
            return size
        left = self.count - handed
        turns = -(-left // (size * width))  # of all workers; what is left is spread over them evenly
        return min(size, max(self.few, -(-left // (max(turns, 1) * width))))


class Pool(Protocol):
    """Where tasks are carried out."""

    @property
    def width(self) -> int:
        """How many at a time."""

    @property
    def deadly(self) -> tuple[type[BaseException], ...]:
        """What a future raises when its worker died and the pool lives on."""

    def make(self) -> Executor:
        """A fresh executor."""

    def submit(self, executor: Executor, work: Callable[[T], R], task: T) -> Future[R]:
        """Hand a task to it."""

    def close(self, executor: Executor) -> None:
        """End it when everything handed to it is done."""

    def stop(self, executor: Executor) -> None:
        """End it at once, with whatever runs in it."""


@dataclass(frozen=True)
class Batch(Generic[T]):
    """Tasks that travel together. deaths: how often they have killed a worker while nothing else was in flight."""

    tasks: tuple[T, ...]
    deaths: int = 0


@dataclass(frozen=True)
class Each(Generic[T, R]):
    """`work` for one task as work for several, one after another; faults are put into words."""

    work: Callable[[T], R]

    def __call__(self, tasks: Sequence[T]) -> list[R]:
        """Carry them out."""
        return [explained(self.work, task, str(task)) for task in tasks]


@dataclass(frozen=True)
class Bundle(Generic[T, R]):
    """`work` for a batch: (results in order, seconds that they took)."""

    work: Callable[[Sequence[T]], Sequence[R]]

    def __call__(self, batch: Batch[T]) -> tuple[Sequence[R], float]:
        """Carry out the batch."""
        begun = time.perf_counter()
        return self.work(batch.tasks), time.perf_counter() - begun


Flight = Future[tuple[Sequence[R], float]]


@dataclass
class _Round(Generic[T, R]):
    """The tasks of one call: waiting, in flight, and suspected of killing a worker (those go one at a time).

    alone: what is in flight is one suspect. A batch that is refused may have been taken by a worker and have killed it,
    so that one left in flight beside it is not to blame.
    """

    bundle: Bundle[T, R]
    waiting: Iterator[T]
    together: Together
    deadly: tuple[type[BaseException], ...]
    say: Callable[[str], None]
    give_up: Callable[[T, str], R] | None
    held: Batch[T] | None = None
    suspects: deque[Batch[T]] = field(default_factory=deque)
    flying: dict[Flight[R], Batch[T]] = field(default_factory=dict)
    alone: bool = False
    handed: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.seconds = self.together.guess

    def left(self, width: int) -> bool:
        """Whether anything remains to be done."""
        self.held = self.held or self.next(width)
        return bool(self.held or self.suspects or self.flying)

    def next(self, width: int) -> Batch[T] | None:
        """The tasks that travel next."""
        tasks = tuple(islice(self.waiting, self.together.size(self.seconds, self.handed, width)))
        self.handed += len(tasks)
        return Batch(tasks) if tasks else None

    def learn(self, tasks: int, seconds: float) -> None:
        """How long so many tasks took."""
        self.seconds += SMOOTHING * (seconds / tasks - self.seconds)

    def hand_out(self, submit: Callable[[Bundle[T, R], Batch[T]], Flight[R]], width: int) -> None:
        """Submit two batches for each worker; with suspects left, one task at a time and nothing beside it."""
        if self.suspects:
            if not self.flying:
                self.alone = True
                self.flying[submit(self.bundle, self.suspects[0])] = self.suspects[0]
                self.suspects.popleft()
            return
        self.alone = False
        while self.held is not None and len(self.flying) < 2 * width:
            self.flying[submit(self.bundle, self.held)] = self.held
            self.held = self.next(width)

    def collect(self) -> Iterator[tuple[T, R]]:
        """Wait for at least one batch; yields what has finished, raises what a task raised."""
        for future in wait(self.flying, return_when=FIRST_COMPLETED).done:
            try:
                results, seconds = future.result()
            except self.deadly as fault:
                yield from self._suspect([self.flying.pop(future)], fault)
                continue
            batch = self.flying.pop(future)
            self.learn(len(results), seconds)
            yield from zip(batch.tasks, results, strict=True)

    def salvage(self, fault: BaseException) -> Iterator[tuple[T, R]]:
        """After the death of a pool: keep what had finished, suspect the rest."""
        lost = []
        for future, batch in self.flying.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                yield from zip(batch.tasks, future.result()[0], strict=True)
            else:
                lost.append(batch)
        self.flying.clear()
        yield from self._suspect(lost, fault)

    def _suspect(self, lost: list[Batch[T]], fault: BaseException) -> Iterator[tuple[T, R]]:
        """Do these again one by one; give up what kills workers alone."""
        again = [Batch((t,), b.deaths + self.alone) for b in lost for t in b.tasks]
        for batch in [b for b in again if b.deaths >= ALONE]:
            again.remove(batch)
            (task,) = batch.tasks
            yield task, self._given_up(task, fault)
        if again:
            self.say(f"a worker died; the {len(again)} task(s) that it or its pool held are done again")
        self.suspects.extend(again)

    def _given_up(self, task: T, fault: BaseException) -> R:
        found = f"a worker process died {ALONE + 1} times over {task}"
        refusal = RunError(
            found, expected="a run that ends",
            do="most often memory ran out: fewer --workers, or a larger --people-per-agent",
        )  # fmt: skip
        if self.give_up is None:
            raise refusal from fault
        return self.give_up(task, refusal.message())


def carry_out(
    tasks: Iterable[T],
    work: Callable[[Sequence[T]], Sequence[R]],
    pool: Pool | None = None,
    *,
    together: Together | None = None,
    say: Callable[[str], None] = lambda _: None,
    give_up: Callable[[T, str], R] | None = None,
) -> Generator[tuple[T, R], None, None]:
    """Yield (task, result) as tasks finish; without a pool one after another in this process.

    tasks: taken as they are needed; work: a function that a worker can import, the results of some tasks in their
    order, any fault of which ends everything; together: how many travel at a time; say: told of workers that died;
    give_up: the result of a task that no worker survives (by default a RunError).
    """
    deadly = () if pool is None else pool.deadly
    todo: _Round[T, R] = _Round(Bundle(work), iter(tasks), together or Together(), deadly, say, give_up)
    if pool is None:
        while (batch := todo.next(1)) is not None:
            results, seconds = todo.bundle(batch)
            todo.learn(len(results), seconds)
            yield from zip(batch.tasks, results, strict=True)
        return
    executor = pool.make()
    try:
        while todo.left(pool.width):
            try:
                todo.hand_out(partial(pool.submit, executor), pool.width)
                yield from todo.collect()
            except BrokenExecutor as fault:
                yield from todo.salvage(fault)
                pool.stop(executor)
                executor = pool.make()
    except BaseException as fault:
        for future in todo.flying:
            future.cancel()
        pool.stop(executor)
        if isinstance(fault, CancelledError):
            raise _withdrawn() from fault
        raise
    pool.close(executor)


def _withdrawn() -> RunError:
    return RunError(
        "the executor gave up tasks that it had taken", expected="a result for each",
        do="check that the cluster or executor still lives, then start again: finished runs are kept",
    )  # fmt: skip


def explained(work: Callable[[T], R], task: T, name: str) -> R:
    """The result of `work` on a task of this name; any fault that is not a TocsinError is put into words."""
    try:
        return work(task)
    except TocsinError:
        raise
    except Exception as fault:
        mine = line_at_fault(fault)
        do = "this is a fault of tocsin: run again with --workers 1 --debug and report what it prints"
        raise RunError(
            f"{name} failed: {type(fault).__name__}: {fault}", where=mine,
            do="this is a line of your own mechanism: mend it" if mine else do,
        ) from fault  # fmt: skip
