"""Carry out many tasks in worker processes: bounded in flight, a dead worker's tasks done again, no orphans.

Anything that makes a `concurrent.futures.Executor` can be handed in instead of the process pool.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Generic, Protocol, TypeVar

from tocsin.errors import RunError, TocsinError

T = TypeVar("T")
R = TypeVar("R")
PRELOAD = ("tocsin.engine.run",)
"""Imported once by the fork server, so that workers start with the engine in memory."""
ALONE = 2
"""Times that a task may kill the worker while nothing else is in flight before it is given up."""


class Pool(Protocol):
    """Where tasks are carried out. width: how many at a time."""

    width: int

    def make(self) -> Executor:
        """A fresh executor."""

    def submit(self, executor: Executor, work: Callable[[T], R], task: T) -> Future[R]:
        """Hand a task to it."""

    def close(self, executor: Executor) -> None:
        """End it when everything handed to it is done."""

    def stop(self, executor: Executor) -> None:
        """End it at once, with whatever runs in it."""


@dataclass
class ProcessPool:
    """Worker processes that end when this process ends, however it ends.

    All workers wait on one pipe whose other end only this process holds: when it closes, by `stop` or by death,
    they exit.
    """

    width: int
    preload: tuple[str, ...] = PRELOAD
    _pipe: tuple[Connection, Connection] | None = field(default=None, repr=False)

    def make(self) -> Executor:
        """A pool of `width` workers, not started before the first task."""
        method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
        context = get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload(list(self.preload))
        self._pipe = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(self.width, mp_context=context, initializer=_begin, initargs=(self._pipe[0],))
        try:
            self.submit(pool, abs, 0).result()
        except BrokenExecutor as fault:
            raise RunError(
                "worker processes cannot start",
                expected=f"{self.width} worker(s) started by {method}",
                do="run with --workers 1, or with fewer workers if memory is short",
            ) from fault
        return pool

    def submit(self, executor: Executor, work: Callable[[T], R], task: T) -> Future[R]:
        """Hand a task to the pool, which may start a worker for it.

        If a worker dies meanwhile, the pool closes pipes that are just being handed to a new one: a broken pool too.
        """
        try:
            with _shielded():
                return executor.submit(work, task)
        except OSError as fault:
            raise BrokenExecutor("a worker process could not be started") from fault

    def close(self, executor: Executor) -> None:
        """Let idle workers go home; nothing may be in flight."""
        executor.shutdown(wait=True)
        self._let_go()

    def stop(self, executor: Executor) -> None:
        """End the workers now; what they are doing is lost.

        A worker that dies while a message is half sent leaves a thread of the pool waiting for the other half, and the
        interpreter waiting for the thread; so this process lets go of its own copies of the far ends, for which the
        library offers no public way. The pool's own threads may be closing the same ends: then they are closed.
        """
        tasks, results = getattr(executor, "_call_queue", None), getattr(executor, "_result_queue", None)
        broken = bool(getattr(executor, "_broken", False))
        executor.shutdown(wait=False, cancel_futures=True)
        self._let_go()
        if not broken:
            for far in (getattr(tasks, "_reader", None), getattr(results, "_writer", None)):
                if far is not None:
                    with suppress(OSError):
                        far.close()

    def _let_go(self) -> None:
        """Close the pipe that the workers wait on."""
        if self._pipe is not None:
            for end in self._pipe:
                end.close()
            self._pipe = None


def _begin(leash: Connection) -> None:
    """In a worker: leave Ctrl-C to the parent, and exit when its end of the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        leash.poll(None)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _shielded() -> Iterator[None]:
    """While a worker may start: hold back Ctrl-C, and hide the user's script, which they must not run a second time."""
    main, blank = sys.modules["__main__"], types.ModuleType("__main__")
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    sys.modules["__main__"] = blank
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def cores() -> int:
    """Processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


@dataclass
class _Round(Generic[T, R]):
    """The tasks of one call: waiting, in flight, and suspected of killing a worker (those go one at a time).

    alone: what is in flight is one suspect. A task that is refused may have been taken by a worker and have killed it,
    so that one left in flight beside it is not to blame.
    """

    work: Callable[[T], R]
    waiting: deque[T]
    suspects: deque[T] = field(default_factory=deque)
    flying: dict[Future[R], T] = field(default_factory=dict)
    deaths: dict[int, int] = field(default_factory=dict)
    alone: bool = False

    def hand_out(self, submit: Callable[[Callable[[T], R], T], Future[R]], most: int) -> None:
        """Submit what may be submitted; with suspects left, one task at a time."""
        self.alone = bool(self.suspects)
        queue, most = (self.suspects, 1) if self.alone else (self.waiting, most)
        while queue and len(self.flying) < most:
            self.flying[submit(self.work, queue[0])] = queue[0]
            queue.popleft()

    def collect(self) -> Iterator[tuple[T, R]]:
        """Wait for at least one task; yields what has finished, raises what a task raised."""
        for future in wait(self.flying, return_when=FIRST_COMPLETED).done:
            result = future.result()
            yield self.flying.pop(future), result

    def salvage(self) -> Iterator[tuple[T, R]]:
        """After a worker's death: keep what had finished, suspect the rest, give up what kills workers alone."""
        lost = []
        for future, task in self.flying.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                yield task, future.result()
            else:
                lost.append(task)
        self.flying.clear()
        for task in lost:
            if self.alone:
                self.deaths[id(task)] = self.deaths.get(id(task), 0) + 1
            if self.deaths.get(id(task), 0) >= ALONE:
                raise RunError(
                    f"a worker process died {ALONE + 1} times over {task}",
                    expected="a run that ends",
                    do="most often memory ran out: fewer --workers, or a larger --people-per-agent",
                )
        self.suspects.extend(lost)


def carry_out(
    tasks: Iterable[T], work: Callable[[T], R], pool: Pool | None = None
) -> Generator[tuple[T, R], None, None]:
    """Yield (task, result) as tasks finish; without a pool one after another in this process.

    `work` must be a function that a worker can import. An exception raised by `work` ends everything.
    """
    if pool is None:
        for task in tasks:
            yield task, _explained(work, task)
        return
    todo: _Round[T, R] = _Round(_Guarded(work), deque(tasks))
    executor = pool.make()
    try:
        while todo.waiting or todo.suspects or todo.flying:
            try:
                todo.hand_out(partial(pool.submit, executor), 2 * pool.width)
                yield from todo.collect()
            except BrokenExecutor:
                yield from todo.salvage()
                pool.stop(executor)
                executor = pool.make()
    except BaseException:
        pool.stop(executor)
        raise
    pool.close(executor)


@dataclass(frozen=True)
class _Guarded(Generic[T, R]):
    """`work`, with any fault that is not a TocsinError put into words."""

    work: Callable[[T], R]

    def __call__(self, task: T) -> R:
        return _explained(self.work, task)


def _explained(work: Callable[[T], R], task: T) -> R:
    try:
        return work(task)
    except TocsinError:
        raise
    except Exception as fault:
        raise RunError(
            f"{task} failed: {type(fault).__name__}: {fault}",
            do="this is a fault of tocsin: run again with --workers 1 --debug and report what it prints",
        ) from fault
