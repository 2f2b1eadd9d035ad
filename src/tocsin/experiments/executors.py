"""Pools on this machine: worker processes that leave no orphans, and an executor that somebody hands in."""

from __future__ import annotations

import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import TypeVar

from tocsin.errors import RunError, UsageError

T = TypeVar("T")
R = TypeVar("R")
PRELOAD = ("tocsin.engine.run",)
"""Imported once by the fork server, so that workers start with the engine in memory."""


@dataclass
class ProcessPool:
    """Worker processes that end when this process ends, however it ends.

    All workers wait on one pipe whose other end only this process holds: when it closes, by `stop` or by death,
    they exit.
    """

    width: int
    preload: tuple[str, ...] = PRELOAD
    deadly: tuple[type[BaseException], ...] = ()
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


def machine_memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@dataclass
class HandedIn:
    """An executor of somebody else's: used, never closed. width: tasks that it works on at a time."""

    executor: Executor
    width: int
    deadly: tuple[type[BaseException], ...] = ()
    _used: bool = field(default=False, repr=False)

    def make(self) -> Executor:
        """The executor; there is no second one when it breaks."""
        if self._used:
            raise RunError(
                "the executor that was handed in is broken: one of its workers died",
                expected="an executor that goes on working",
                do="hand in a fresh one, with fewer workers if memory ran out; finished runs are kept",
            )
        self._used = True
        return self.executor

    def submit(self, executor: Executor, work: Callable[[T], R], task: T) -> Future[R]:
        """Hand a task to it."""
        try:
            return executor.submit(work, task)
        except BrokenExecutor:
            raise
        except RuntimeError as fault:
            raise UsageError(
                f"the executor takes no tasks: {fault}", expected="one that is not shut down", do="hand in a fresh one"
            ) from fault

    def close(self, executor: Executor) -> None:
        """It stays open."""

    def stop(self, executor: Executor) -> None:
        """It stays open; what has not begun is cancelled by whoever handed it out."""


def width_of(executor: Executor) -> int:
    """How many tasks an executor works on at a time, where it tells; else one per core."""
    told = getattr(executor, "_max_workers", None)
    return told if isinstance(told, int) and told > 0 else cores()
