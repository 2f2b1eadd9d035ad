"""A pool on other machines: a Dask cluster that is there already, or one that SLURM starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tocsin.errors import RunError, UsageError

T = TypeVar("T")
R = TypeVar("R")
SLURM = "slurm"
CONNECT_SECONDS = 30.0
JOIN_SECONDS = 60.0
"""How long a cluster that is said to be there may have no worker; SLURM may take as long as its queue."""
LOOK_SECONDS = 1.0
"""Shortest time between two looks at which workers there are."""


@dataclass
class DaskPool:
    """Workers of a Dask scheduler. where: its address, or "slurm"; workers: how many SLURM starts, or are used at most.

    Dask itself does again what a lost worker held; a task that has killed several workers comes back as `deadly`.
    """

    where: str
    workers: int | None
    say: Callable[[str], None]
    _client: Any = field(default=None, repr=False)
    _cluster: Any = field(default=None, repr=False)
    _seen: dict[str, int] = field(default_factory=dict, repr=False)
    _looked: float = field(default=0.0, repr=False)

    @property
    def deadly(self) -> tuple[type[BaseException], ...]:
        """What Dask raises for a task over which too many workers died."""
        return (_distributed().KilledWorker,)

    @property
    def width(self) -> int:
        """Threads of all workers that are there now; tells of workers that have gone."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            now = dict(self._client.nthreads())
            gone = self._seen.keys() - now.keys()
            if gone:
                self.say(f"{len(gone)} worker(s) of the cluster have gone; what they held is done again")
            self._seen, self._looked = now, time.monotonic()
        there = max(sum(self._seen.values()), 1)
        return there if self.workers is None else min(there, self.workers)

    def make(self) -> Executor:
        """Connect, wait for the first worker, and give the cluster as an executor."""
        distributed = _distributed()
        address = self._started() if self.where == SLURM else self.where
        try:
            self._client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as fault:
            raise UsageError(
                f"no Dask scheduler at {self.where}: {' '.join(str(fault).split())[:120]}",
                expected="an address such as tcp://HOST:8786, or slurm",
                do="start one (dask scheduler) and its workers (dask worker ADDRESS), or check the address",
            ) from fault
        self._wait()
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def _started(self) -> Any:
        """A cluster of SLURM's jobs; what a job is stands in Dask's own configuration."""
        if self.workers is None:
            raise UsageError(
                "--cluster slurm without --workers", expected="a number", do="say how many SLURM is to start"
            )
        try:
            from dask_jobqueue.slurm import SLURMCluster
        except ImportError as fault:
            raise _missing() from fault
        try:
            self._cluster = SLURMCluster()
        except (ValueError, TypeError, OSError) as fault:
            raise UsageError(
                f"Dask cannot describe a SLURM job: {' '.join(str(fault).split())[:120]}",
                expected="jobqueue.slurm.cores and jobqueue.slurm.memory in Dask's configuration",
                do="write them into ~/.config/dask/jobqueue.yaml (docs/how-to/run-on-a-cluster.md)",
            ) from fault
        self._cluster.scale(self.workers)
        return self._cluster

    def _wait(self) -> None:
        if self._client.nthreads():
            return
        self.say(f"waiting for the first worker of {self.where} ...")
        try:
            self._client.wait_for_workers(1, timeout=None if self.where == SLURM else JOIN_SECONDS)
        except TimeoutError as fault:
            self._let_go()
            raise RunError(
                f"no worker has joined {self.where} within {JOIN_SECONDS:.0f} seconds",
                expected="at least one", do=f"start workers: dask worker {self.where}",
            ) from fault  # fmt: skip

    def submit(self, executor: Executor, work: Callable[[T], R], task: T) -> Future[R]:
        """Hand a task to the scheduler."""
        return executor.submit(work, task)

    def close(self, executor: Executor) -> None:
        """Leave the cluster; one that was started here ends."""
        executor.shutdown(wait=True)
        self._let_go()

    def stop(self, executor: Executor) -> None:
        """Cancel everything and leave."""
        executor.shutdown(wait=False)
        self._let_go()

    def _let_go(self) -> None:
        for open_one in (self._client, self._cluster):
            if open_one is not None:
                open_one.close()
        self._client = self._cluster = None
        self._seen, self._looked = {}, 0.0


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as fault:
        raise _missing() from fault
    return distributed


def _missing() -> UsageError:
    return UsageError(
        "a cluster needs Dask, which is not installed", expected="the extra `cluster`",
        do="pip install 'tocsin[cluster]', here and on every worker",
    )  # fmt: skip
