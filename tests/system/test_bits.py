"""The same bytes, whoever computes them; and the golden digest: `python tests/system/test_bits.py --renew`."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tocsin.compile import CACHE_FOLDER
from tocsin.engine.crowd import Crowd
from tocsin.engine.record import Records
from tocsin.engine.run import Loop, simulate, simulate_all
from tocsin.results.record import Run
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario
from tocsin.world.build import World

REPO = Path(__file__).resolve().parents[2]
GOLDEN = REPO / "tests" / "golden" / "digest.txt"
QUIET_DRAW, LARGE_DRAW = 28, 11
"""A draw in which thousands take part, and one in which hundreds of thousands do, with dead and lost places."""
CASES = ((QUIET_DRAW, 7), (LARGE_DRAW, 7))
REQUEST_TICK = 15


def small(people_per_agent: int = 1000, days: int = 8) -> Scenario:
    """Kazakhstan in January 2022 with few people and days."""
    return load("kazakhstan-2022").vary({"people_per_agent": people_per_agent, "days": days})


@cache
def plain(draw: int, seed: int) -> Run:
    """The run that all others are compared with."""
    return simulate(small(), draw, seed)


def same(a: Run, b: Run) -> bool:
    """Equal people at every tick and equal records."""
    return np.array_equal(a.state_digests, b.state_digests) and a.digest == b.digest


def fingerprints() -> dict[str, list[str]]:
    """Digests of the compared runs, and where they were computed."""
    runs = [simulate(small(), *case) for case in CASES]
    states = [" ".join(f"{x:016x}" for x in run.state_digests) for run in runs]
    model = [run.model_digest for run in runs]
    return {"records": [run.digest for run in runs], "states": states, "cache": [str(CACHE_FOLDER)], "model": model}


def golden() -> str:
    """The digest of one tiny run, and the last state of its people."""
    run = simulate(small(people_per_agent=2000, days=5), 3, 11)
    return f"{run.digest}\n{run.state_digests[-1]:016x}\n"


def elsewhere(**environment: str) -> dict[str, list[str]]:
    """`fingerprints` in a new process with changes to its environment."""
    paths = os.pathsep.join([str(REPO / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), "--print"], env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    assert found["model"][0] == plain(*CASES[0]).model_digest, "the source was edited while the tests ran"
    return found


def dispatched() -> str:
    """Everything beyond the baseline that this NumPy can choose at run time, as its own switch takes it."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))


@pytest.mark.parametrize("case", CASES)
def test_runs_are_alive(case):
    """Else the comparisons below would compare silence with silence."""
    run = plain(*case)
    assert run.outcome.summary["peak_turnout"] >= 5000
    assert run.series["detained"][-1].sum() > 0
    assert len(set(run.state_digests.tolist())) > 10


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(case, threads):
    """Else the machine would decide who goes into the street."""
    assert same(plain(*case), simulate(small(), *case, threads=threads))


@pytest.mark.parametrize("case", CASES)
def test_skipping_changes_no_bit(case):
    """Else a faster program would simulate another country."""
    assert same(plain(*case), simulate(small(), *case, skip=False))


@pytest.mark.parametrize("case", CASES)
def test_order_of_places_changes_no_bit(case):
    """Else which place a file lists first would change history."""
    scenario = small()
    shuffled = replace(scenario, places=scenario.places[1::2] + scenario.places[::-2])
    for other in (replace(scenario, places=scenario.places[::-1]), shuffled):
        assert other.hash == scenario.hash
        assert same(plain(*case), simulate(other, *case))


@pytest.mark.parametrize("case", CASES)
def test_a_second_run_and_a_copied_people_change_no_bit(case):
    """Else what was run before, or whose people a pair shares, would leave traces in the next run."""
    assert same(plain(*case), simulate(small(), *case))
    for run in simulate_all([World(small(), *case)] * 2):
        assert same(plain(*case), run)


@pytest.mark.parametrize("case", CASES)
def test_recording_changes_no_bit(case, monkeypatch):
    """Else to look at the country would change it."""
    expected, fingerprint, loop = plain(*case), Crowd.fingerprint, Loop.of([World(small(), *case)])
    monkeypatch.setattr(Records, "keep", lambda *_: None)
    monkeypatch.setattr(Crowd, "fingerprint", lambda _: 0)
    loop.go()
    assert fingerprint(loop.home.crowd) == expected.state_digests[-1:]


def test_a_new_process_changes_no_bit():
    """Else nobody could repeat a run tomorrow."""
    found = elsewhere(PYTHONHASHSEED="77")
    assert found["records"] == [plain(*case).digest for case in CASES]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processor", "numpy_too"),
    [
        ("generic", True),
        pytest.param(
            "haswell", False, marks=pytest.mark.skipif(platform.machine() != "x86_64", reason="a processor of x86-64")
        ),
    ],
)
def test_other_processors_change_no_bit(processor, numpy_too, tmp_path):
    """Else a result would hold on the machine that made it only.

    The kernels are compiled anew: without any extension of the processor, and NumPy's own choice of instructions
    taken away as well; and for a processor that has AVX2 but not AVX-512.
    """
    limited = {"NPY_DISABLE_CPU_FEATURES": dispatched()} if numpy_too else {}
    # Without the empty list Numba would add the features of this machine to any processor but the generic one.
    found = elsewhere(NUMBA_CPU_NAME=processor, NUMBA_CPU_FEATURES="", XDG_CACHE_HOME=str(tmp_path), **limited)
    if sys.platform == "linux":  # elsewhere the cache folder is not named by XDG_CACHE_HOME
        assert found["cache"][0].startswith(str(tmp_path))
    assert found["records"] == [plain(*case).digest for case in CASES]
    states = [[f"{x:016x}" for x in plain(*case).state_digests] for case in CASES]
    assert [s.split() for s in found["states"]] == states


def first_difference(a: Run, b: Run) -> int:
    """The first tick at which people differ, or the number of ticks."""
    apart = np.flatnonzero(a.state_digests != b.state_digests)
    return int(apart[0]) if apart.size else len(a.state_digests)


def pairs(base: Scenario, other: Scenario) -> list[tuple[Run, Run]]:
    """Runs of two worlds over twelve draws."""
    runs = simulate_all([World(scenario, draw, draw) for draw in range(1, 13) for scenario in (base, other)])
    return list(zip(runs[::2], runs[1::2], strict=True))


@pytest.mark.parametrize("variant", ["no-request", "never-lands"])
def test_a_pair_is_one_world_until_its_cause(variant):
    """Else a contrast would compare two accidents instead of two decisions."""
    base, other = small(days=14), small(days=14).world(variant)
    kinds = {"request"} if variant == "no-request" else {"arrival"}
    cause = min(int(e.hours // base.tick_hours) for e in base.events if e.kind in kinds)
    assert cause >= REQUEST_TICK
    apart = []
    for a, b in pairs(base, other):
        apart.append(first_difference(a, b))
        assert apart[-1] >= cause
        for name, series in (*a.series.items(), *a.national.items()):
            assert np.array_equal(series[:cause], {**b.series, **b.national}[name][:cause]), name
    assert min(apart) < base.ticks, "the cause never reached anybody: nothing was tested"


def test_a_mission_without_any_channel_is_no_mission():
    """Else troops would act by a way that no switch names, and the decomposition of the effect would not add up."""
    base = small(days=14)
    off = {name: False for name in base.switches if name.startswith("intervention.")}
    assert len(off) == 6
    base, other = base.vary(off), base.vary(off).world("no-request")
    for a, b in pairs(base, other):
        assert first_difference(a, b) == base.ticks
        assert a.outcome.kind == b.outcome.kind


def test_golden_digest():
    """Else results have changed without anybody deciding it.

    If they should: say why in CHANGELOG.md, and `python tests/system/test_bits.py --renew`.
    """
    assert golden() == GOLDEN.read_text()


if __name__ == "__main__":
    if "--renew" in sys.argv:
        GOLDEN.write_text(golden())
        print(f"wrote {GOLDEN}")
    else:
        print(json.dumps(fingerprints()))
