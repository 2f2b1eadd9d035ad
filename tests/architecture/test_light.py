"""What starting tocsin costs, and what it touches."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = ("numba", "llvmlite", "matplotlib", "pyarrow", "scipy")
SECONDS = 0.5
TRIES = 5
MEASURE = """
import json, sys, time
start = time.perf_counter()
{code}
seconds = time.perf_counter() - start
heavy = sorted({{m.split(".")[0] for m in sys.modules}} & set({heavy!r}))
print("\\n" + json.dumps([seconds, heavy]))
"""
HELP = """
import contextlib, io
from tocsin.cli.main import main
sys.argv = ["tocsin", *{words!r}]
with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
    main()
assert len(out.getvalue()) > 100, out.getvalue()
"""
WATCH = """
import importlib, json, os, sys
written = []

def watch(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)) and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR):
        written.append(str(args[0]))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir"):
        written.append(event + " " + str(args[0]))

sys.addaudithook(watch)
for name in {modules!r}:
    importlib.import_module(name)
print("\\n" + json.dumps([w for w in written if w != os.devnull]))
"""


def answer(code: str) -> Any:
    """What a fresh Python prints, as JSON on its last line."""
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def fastest(code: str) -> tuple[float, list[str]]:
    """The best of a few starts, so that a busy machine does not decide; and the heavy packages that came along."""
    tries = []
    for _ in range(TRIES):
        tries.append(answer(MEASURE.format(code=code, heavy=HEAVY)))
        if tries[-1][0] < SECONDS:
            break
    return min(t[0] for t in tries), tries[0][1]


def test_import_is_fast_and_light() -> None:
    """Otherwise every script and every worker would wait for a compiler and a plotting library that it may not need."""
    seconds, heavy = fastest("import tocsin")
    assert not heavy
    assert seconds < SECONDS


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["check", "--help"], ["scenarios"]])
def test_help_needs_no_kernel(words: list[str]) -> None:
    """Otherwise a newcomer's first look would take seconds, or fail where the compiler does not start."""
    _, heavy = answer(MEASURE.format(code=HELP.format(words=words), heavy=HEAVY))
    assert not heavy


@pytest.mark.parametrize("verb", ["check", "resolve", "plan"])
def test_reading_a_scenario_needs_no_kernel(verb: str) -> None:
    """Otherwise a fault in a scenario would be found only where everything is installed and compiled."""
    _, heavy = answer(MEASURE.format(code=HELP.format(words=[verb, "kazakhstan-2022"]), heavy=HEAVY))
    assert not heavy


def test_stored_runs_need_no_kernel() -> None:
    """Otherwise results could be read only on a machine that can make them."""
    code = "import tocsin.results.store"
    _, heavy = answer(MEASURE.format(code=code, heavy=HEAVY))
    assert not set(heavy) - {"pyarrow"}


def test_help_is_fast() -> None:
    """Otherwise asking what tocsin can do would feel like running it."""
    seconds, _ = fastest(HELP.format(words=["--help"]))
    assert seconds < SECONDS * 2  # the command line's own library and its help page take the larger half


def test_importing_writes_nothing(sources: Any, tmp_path: Path) -> None:
    """Otherwise reading the documentation in Python would leave files behind, or fail on a read-only disk."""
    compiling = ("compile", "elementary", "kernels", "world", "engine", "classics")
    modules = [s.module for s in sources if s.room not in compiling and "__main__" not in s.module]
    written = answer(f"import os; os.chdir({str(tmp_path)!r})\n" + WATCH.format(modules=modules))
    assert not [w for w in written if "matplotlib" not in w], "matplotlib alone may make its font list"
