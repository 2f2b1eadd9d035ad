"""What a run costs beyond its simulation, and whether memory grows with the number of runs.

    python benchmarks/many_runs.py [--runs 1000 10000] [--real 500] [--workers 2]

Runs of a stub take no time, so all that is measured is handing out, packing, storing and reading back. Runs of the
founding case at its thinnest add what the processes of one machine take from each other. The clock starts when the
first batch does; what it takes until then (compiling, starting workers) is printed as `start`. Each ensemble is a
process of its own, whose largest memory is printed; on a machine that does other work only `processor` can be trusted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tocsin.engine.run import simulate
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import ensemble_with
from tocsin.experiments.labour import Labour, Silent
from tocsin.experiments.rounds import Each
from tocsin.experiments.tasks import Machine, Task, engine
from tocsin.results.record import Outcome, Run
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario

FLAT = 1.05
"""Largest ratio of memory between the largest and the smallest number of runs that still counts as flat."""
MILLISECONDS = 5.0
"""What a run may cost beyond its simulation."""


class Clock(Silent):
    """Notes when the first run is finished."""

    first = 0.0

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """Start the clock."""
        self.first = self.first or time.perf_counter()


def country() -> Scenario:
    """The founding case, as thin as makes sense, for five days."""
    return load("kazakhstan-2022").vary({"people_per_agent": 5000, "days": 5})


@cache
def example() -> Run:
    """One real run, made once in each process."""
    return simulate(country(), 1, 1)


def key(world: Scenario, draw: int, seed: int) -> str:
    """The name of a stub run."""
    return hashlib.sha256(f"{world.hash} {draw} {seed}".encode()).hexdigest()


def stub(task: Task) -> Run:
    """A run that takes no time: the same records under another name."""
    draw, seed = task.slot.draw, task.slot.seed
    return replace(example(), key=key(task.scenario, draw, seed), draw=draw, seed=seed, seconds=0.0)


def machine(real: bool) -> Machine:
    """What makes the runs; its work under the name by which a worker finds it."""
    import many_runs

    if real:
        return engine()
    return Machine(key, Each(many_runs.stub), lambda _: example(), lambda _: "stub\n", ("tocsin.engine.run",))


def measure(runs: int, workers: int, real: bool) -> dict[str, float]:
    """One ensemble in this process: seconds, milliseconds a run, megabytes."""
    clock, begun, before = Clock(), time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        labour = Labour(workers, machine=machine(real))
        made = ensemble_with(country(), Design(runs), Path(folder) / "runs", labour, clock)
        end, processor = time.perf_counter(), time.process_time() - before
        made.column("killed")
        read = time.perf_counter() - end
        each = sum(head["seconds"] for head in made.shelf.each_head(made.keys)) / runs
    together = labour.together(country(), runs)
    started = clock.first - together.size(together.guess, 0, workers) * each
    return {
        "start": started - begun,
        "beyond": 1e3 * ((end - started) / runs - each / workers),
        "processor": 1e3 * processor / runs,
        "read": 1e3 * read / runs,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
        "simulated": 1e3 * each,
    }


def apart(name: str, runs: int, workers: int) -> dict[str, float]:
    """`measure` in a process of its own, printed."""
    words = [sys.executable, __file__, "--one", str(runs), str(workers), name]
    m: dict[str, float] = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    print(
        f"{name} {runs:6d} runs of {m['simulated']:5.1f} ms: {m['beyond']:5.2f} ms a run beyond it (processor of the "
        f"parent {m['processor']:.2f}), reading {m['read']:.2f} ms; {m['memory']:.0f} MB; start {m['start']:.1f} s",
        flush=True,
    )
    return m


def main() -> int:
    """Measure and print; 1 if a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--real", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.one:
        print(json.dumps(measure(int(a.one[0]), int(a.one[1]), a.one[2] == "real")))
        return 0
    print(f"{a.workers} workers; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    stubs = [apart("stub", n, a.workers) for n in a.runs]
    found = [*stubs, apart("real", a.real, a.workers)] if a.real else stubs
    growth = max(m["memory"] for m in stubs) / min(m["memory"] for m in stubs)
    most = max(m["beyond"] for m in found)
    print(f"at most {most:.2f} ms a run (bound {MILLISECONDS:g}); memory x {growth:.3f} (bound {FLAT:g})")
    return int(most > MILLISECONDS or growth > FLAT)


if __name__ == "__main__":
    sys.exit(main())
