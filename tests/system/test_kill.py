"""The parent is killed without warning: finished runs stay, workers go, the second start does the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.invented_runs import MACHINE, scenario

from tocsin.errors import StoreError
from tocsin.experiments.contrast import contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.results.store import Store

REPO = Path(__file__).resolve().parents[2]
RUNS = 30
FOUR_RUNS = 7_000_000
"""Bytes in which two workers hold four of these runs each: a kill costs a worker no more."""
# No `if __name__ == "__main__"`: a script without it must not be run a second time by its workers.
SCRIPT = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(REPO)!r})
from tests.invented_runs import machine, scenario
from tocsin.errors import TocsinError
from tocsin.experiments.contrast import contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
print("begin", flush=True)
try:
    labour = Labour(2, machine=machine(seconds=float(sys.argv[2])), memory={FOUR_RUNS})
    contrast_with(scenario(), scenario(mission=False), Design({RUNS}), sys.argv[1], labour)
except TocsinError as fault:
    sys.exit(f"{{fault}}")
"""


def start(store: Path, seconds: float) -> subprocess.Popen[str]:
    """The script as a process of its own, in a session of its own, open to Ctrl-C whatever started the tests."""
    file = store.with_suffix(".py")
    file.write_text(SCRIPT)
    return subprocess.Popen(
        [sys.executable, str(file), str(store), str(seconds)], text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def kept(store: Path) -> int:
    try:
        return len(Store(store).keys())
    except StoreError:
        return 0


def session(leader: int) -> set[int]:
    """Living processes of this session (Linux)."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(rest[2]) == leader and state != "Z":
            found.add(int(folder.name))
    return found


def test_parent_killed(tmp_path: Path) -> None:
    """If it failed, kill -9 would lose finished runs, leave workers behind for ever, or block the second start."""
    store = tmp_path / "runs"
    process = start(store, 0.05)
    wait_for(lambda: kept(store) >= 6)
    before = kept(store)
    process.kill()
    process.communicate()
    assert before <= kept(store) < 2 * RUNS
    wait_for(lambda: not session(process.pid), 10.0)
    again = start(store, 0.0)
    out, errors = again.communicate(timeout=60)
    assert (again.returncode, errors) == (0, "")
    assert out == "begin\n"
    assert kept(store) == 2 * RUNS


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path) -> None:
    """If it failed, a machine that dies at the wrong moment would corrupt the store, repeat runs, or change them."""
    store, before = tmp_path / "runs", 0
    for goal in (3, 17, 30, 42):
        process = start(store, 0.03)
        wait_for(lambda goal=goal: kept(store) >= goal)
        process.kill()
        process.communicate()
        found = kept(store)
        assert max(before, goal) <= found < 2 * RUNS
        before = found
        wait_for(lambda leader=process.pid: not session(leader), 10.0)
    _, errors = start(store, 0.0).communicate(timeout=60)
    assert errors == ""
    again = Store(store)
    assert (again.notes, len(again.keys())) == ([], 2 * RUNS)
    whole = contrast_with(scenario(), scenario(mission=False), Design(RUNS), None, Labour(1, machine=MACHINE))
    for side in (whole.base, whole.variant):
        assert [run.digest for run in again.runs(side.keys)] == [run.digest for run in side.runs()]


def test_ctrl_c(tmp_path: Path) -> None:
    """If it failed, Ctrl-C would print tracebacks of workers, wait for long runs to end, or lose the finished ones."""
    store = tmp_path / "runs"
    process = start(store, 0.05)
    wait_for(lambda: kept(store) >= 6)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes at once
    _, errors = process.communicate(timeout=20)
    assert "runs are kept" in errors
    assert "Traceback" not in errors
    assert 6 <= kept(store) < 2 * RUNS
    wait_for(lambda: not session(process.pid), 10.0)
