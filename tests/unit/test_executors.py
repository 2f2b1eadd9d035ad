"""Who works does not matter: the same runs from any executor, in any order, whatever dies on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.invented_runs import MACHINE, machine, scenario
from tocsin.errors import RunError, UsageError
from tocsin.experiments.clusters import DaskPool
from tocsin.experiments.contrast import contrast, contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import ensemble
from tocsin.experiments.executors import HandedIn, ProcessPool
from tocsin.experiments.labour import Labour, Silent, hired
from tocsin.experiments.rounds import Each, Together, carry_out
from tocsin.results.store import Store

BASE, BARE = scenario(days=5.0), scenario(mission=False, days=5.0)
RUNS = 40
TWO_RUNS = 1_600_000
"""Bytes in which a worker holds two of these runs, so that no more travel together."""


def fingerprints(labour: Labour, store: Path | None = None) -> list[tuple[str, str]]:
    """Key and digest of all runs of a contrast made by somebody."""
    labour = replace(labour, machine=labour.machine or MACHINE)
    made = contrast_with(BASE, BARE, Design(RUNS, seeds_per_draw=2), store, labour)
    return [(run.key, run.digest) for side in (made.base, made.variant) for run in side.runs()]


@pytest.fixture(scope="module")
def expected() -> list[tuple[str, str]]:
    """What one worker makes, one run after another."""
    return fingerprints(Labour(1))


def spawned(width: int) -> ProcessPoolExecutor:
    """A pool of processes as a user would make it."""
    return ProcessPoolExecutor(width, mp_context=get_context("spawn"))


class Backwards(Executor):
    """An executor that begins with what was handed to it last, from a thread of its own."""

    def __init__(self) -> None:
        self.todo: list[tuple[Future[Any], Any, Any]] = []
        self.open = True
        threading.Thread(target=self._work, daemon=True).start()

    def submit(self, work: Any, task: Any) -> Future[Any]:  # type: ignore[override]
        """Put on the heap."""
        future: Future[Any] = Future()
        self.todo.append((future, work, task))
        return future

    def _work(self) -> None:
        while self.open:
            time.sleep(0.002)
            while self.todo:
                future, work, task = self.todo.pop()
                future.set_result(work(task))


@pytest.mark.parametrize("workers", [2, 3])
def test_pools_make_the_same_runs(workers: int, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    """If it failed, a finding would depend on the number of processor cores."""
    assert fingerprints(Labour(workers), tmp_path) == expected


@pytest.mark.parametrize("make", [partial(ThreadPoolExecutor, 3), partial(spawned, 2), Backwards])
def test_any_executor_makes_the_same_runs(make: Any, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    """If it failed, nobody could hand in an executor of their own, or it would give other results, or be closed."""
    executor = make()
    assert fingerprints(Labour(executor=executor), tmp_path) == expected
    assert executor.submit(abs, -1).result(timeout=30) == 1
    if isinstance(executor, Backwards):
        executor.open = False
    else:
        executor.shutdown()


def test_executor_from_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, `ensemble(..., executor=...)` would not work as it is documented, or swallow a slip of the pen."""
    monkeypatch.setattr("tocsin.experiments.making.engine", lambda: MACHINE)
    with ThreadPoolExecutor(2) as threads:
        alone = ensemble(BASE, 6, executor=threads)
        pair = contrast(BASE, BARE, 6, executor=threads, progress=Silent())
    assert (
        [r.digest for r in alone] == [r.digest for r in pair.base] == [r.digest for r in ensemble(BASE, 6, workers=1)]
    )
    with pytest.raises(TypeError, match="unexpected argument 'worker'"):
        ensemble(BASE, 6, worker=2)  # type: ignore[call-arg]
    with ThreadPoolExecutor(2) as threads, pytest.raises(UsageError, match="at once"):
        hired({"executor": threads, "cluster": "tcp://127.0.0.1:1"})


def test_executor_that_breaks(tmp_path: Path) -> None:
    """If it failed, the death of somebody else's worker would hang, or cost what was finished."""
    deadly = machine(deadly="always", seconds=0.3)
    with spawned(1) as executor, pytest.raises(RunError, match="handed in is broken"):
        fingerprints(Labour(executor=executor, machine=deadly, memory=TWO_RUNS), tmp_path)
    assert len(Store(tmp_path).keys()) >= 2


def test_executor_that_takes_nothing() -> None:
    """If it failed, a closed or cancelled executor would end in a traceback of another library."""
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    with pytest.raises(UsageError, match="takes no tasks"):
        list(carry_out([-1], Each(abs), HandedIn(closed, 1)))

    class Withdrawing(ThreadPoolExecutor):
        def submit(self, *_: Any) -> Future[Any]:  # type: ignore[override]
            future: Future[Any] = Future()
            future.set_exception(CancelledError())
            return future

    with pytest.raises(RunError, match="gave up tasks"):
        list(carry_out([-1], Each(abs), HandedIn(Withdrawing(), 1)))


class Closing(ProcessPool):
    """A pool in which, twice, a pipe is closed under a worker that is being started."""

    def __init__(self) -> None:
        super().__init__(2, preload=())
        self.faults = [OSError("handle is closed"), BrokenPipeError(32, "Broken pipe")]

    def make(self) -> Executor:
        """Threads in place of processes; the second batch handed to each of the first two pools meets the fault."""
        pool, handed = ThreadPoolExecutor(2), []

        def submit(work: Any, task: Any, submit: Any = pool.submit) -> Any:
            handed.append(task)
            if len(handed) == 2 and self.faults:
                raise self.faults.pop()
            return submit(work, task)

        pool.submit = submit  # type: ignore[method-assign]
        return pool


def test_pool_that_breaks_while_a_worker_starts() -> None:
    """If it failed, a worker that dies while another one starts would end the ensemble, or a task would be lost."""
    pool = Closing()
    tasks = range(-200, 0)
    assert sorted(carry_out(tasks, Each(abs), pool)) == [(i, -i) for i in tasks]
    assert pool.faults == []


def test_pool_whose_pipes_are_closed_already() -> None:
    """If it failed, an ensemble could end with a fault because the pool's own thread closed a pipe a moment before."""

    class Gone:
        def close(self) -> None:
            raise OSError(9, "Bad file descriptor")

    executor = ThreadPoolExecutor(1)
    executor._call_queue = SimpleNamespace(_reader=Gone())  # type: ignore[attr-defined]
    executor._result_queue = SimpleNamespace(_writer=Gone())  # type: ignore[attr-defined]
    ProcessPool(1).stop(executor)


def test_tasks_are_taken_as_they_are_needed() -> None:
    """If it failed, memory would grow with the number of runs, or short runs would travel one by one."""
    taken = []

    def tasks() -> Iterator[int]:
        for i in range(5000):
            taken.append(i)
            yield i

    with ThreadPoolExecutor(2) as threads:
        seen = 0
        for _ in carry_out(tasks(), Each(abs), HandedIn(threads, 2)):
            seen += 1
            assert len(taken) - seen <= (2 * 2 + 2) * Together.most
    assert seen == 5000


def test_long_tasks_travel_alone() -> None:
    """If it failed, a kill could cost a worker several long runs instead of the one in flight."""
    sizes = []

    class Watching(ThreadPoolExecutor):
        def submit(self, work: Any, batch: Any) -> Future[Any]:  # type: ignore[override]
            sizes.append(len(batch.tasks))
            return super().submit(work, batch)

    with Watching(2) as threads:
        list(carry_out([0.15] * 8, Each(time.sleep), HandedIn(threads, 2)))
        assert sizes == [1] * 8
        sizes.clear()
        list(carry_out([0.0] * 500, Each(time.sleep), HandedIn(threads, 2)))
    assert max(sizes) == Together.most


def test_dask_is_loaded_only_when_asked_for() -> None:
    """If it failed, everybody would wait for a cluster's library that few need."""
    code = "import sys, tocsin.experiments.contrast; print({'dask', 'distributed'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:1", "slurm"])
def test_dask_that_is_not_installed(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a missing library would be a traceback instead of one line that says what to install."""
    for name in ("distributed", "dask_jobqueue", "dask_jobqueue.slurm"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match="not installed") as caught:
        fingerprints(Labour(2, cluster=where))
    assert "tocsin[cluster]" in caught.value.do


def test_slurm_without_its_words() -> None:
    """If it failed, a SLURM cluster that nobody has described would end in a traceback of another library."""
    with pytest.raises(UsageError, match="without --workers"):
        fingerprints(Labour(cluster="slurm"))
    with pytest.raises(UsageError, match="cannot describe a SLURM job") as caught:
        fingerprints(Labour(2, cluster="slurm"))
    assert "jobqueue.yaml" in caught.value.do


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a wrong address would hang or end in a traceback."""
    monkeypatch.setattr("tocsin.experiments.clusters.CONNECT_SECONDS", 0.5)
    for where in ("tcp://127.0.0.1:9", "nowhere://127.0.0.1:9"):
        with pytest.raises(UsageError, match="no Dask scheduler at"):
            fingerprints(Labour(cluster=where))


@pytest.mark.slow
def test_cluster_makes_the_same_runs(
    expected: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it failed, a cluster would give other results than a laptop, or a dead worker's runs would be lost unseen."""
    from distributed import LocalCluster

    monkeypatch.setattr("tocsin.experiments.clusters.LOOK_SECONDS", 0.0)
    said: list[str] = []

    class Told(Silent):
        def say(self, text: str) -> None:
            said.append(text)

    deadly = machine(deadly=str(tmp_path / "flag"), seconds=0.02)
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with LocalCluster(**options) as cluster:  # type: ignore[arg-type]
        assert fingerprints(Labour(cluster=cluster.scheduler_address), tmp_path / "one") == expected
        labour = Labour(cluster=cluster.scheduler_address, machine=deadly)
        made = contrast_with(BASE, BARE, Design(RUNS, seeds_per_draw=2), tmp_path / "two", labour, Told())
    assert (tmp_path / "flag").exists()
    assert len(made) == RUNS
    assert "worker(s) of the cluster have gone" in said[-1]
    found = [(run.key, run.digest) for side in (made.base, made.variant) for run in side.runs()]
    assert found == expected


def test_cluster_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a cluster without workers would be waited for without a word and without end."""
    from distributed import LocalCluster

    monkeypatch.setattr("tocsin.experiments.clusters.JOIN_SECONDS", 0.2)
    said: list[str] = []
    with LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as cluster:  # type: ignore[no-untyped-call]
        pool = DaskPool(cluster.scheduler_address, None, said.append)
        with pytest.raises(RunError, match="no worker has joined"):
            pool.make()
    assert "waiting for the first worker" in said[0]


@pytest.mark.slow
def test_slurm_cluster_is_started_and_ended(
    expected: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it failed, jobs would be started in another number than asked, or go on when the work is done."""
    from distributed import LocalCluster

    started: list[LocalCluster] = []

    def local() -> LocalCluster:
        """Workers of this machine in place of SLURM's jobs."""
        started.append(LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"))
        return started[-1]

    monkeypatch.setattr("dask_jobqueue.slurm.SLURMCluster", local)
    assert fingerprints(Labour(1, cluster="slurm"), tmp_path) == expected
    (cluster,) = started
    assert cluster.status.name == "closed"


def test_worker_count_of_this_machine() -> None:
    """If it failed, an executor that does not tell its width would get one task at a time, or thousands."""
    assert Labour(executor=ThreadPoolExecutor(5)).pool(100, MACHINE, print).width == 5  # type: ignore[union-attr]
    odd = Backwards()
    odd.open = False
    assert Labour(executor=odd).pool(100, MACHINE, print).width <= (os.cpu_count() or 1)  # type: ignore[union-attr]
    assert Labour(executor=odd, workers=7).pool(100, MACHINE, print).width == 7  # type: ignore[union-attr]
