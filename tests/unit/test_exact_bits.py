"""Arithmetic with the same bits everywhere: compiled, it has the bits of its plain form, on any processor."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import plain_exact
from tocsin import elementary, exact
from tocsin.compile import sources
from tocsin.engine import digest
from tocsin.exact import GRID, mix, total, whole

EACH = {"exp": (), "log": (), "logistic": (), "logit": (), "snap": (), "chance": (0.3,)}
"""The functions of single numbers, with what else they take."""
CHUNK, CHUNKS = 500_000, 20
ENDS = (0.0, 5e-324, 2.2250738585072009e-308, 2.0**-1022, 1e-12, math.sqrt(0.5), 0.5, 1.0, 2.0, 700.0, 2048.3, 4096.0)
TIES = (0.5 / GRID, 1.5 / GRID, 2.5 / GRID, 2049.0 + 0.5 / GRID, 4096.0 + 0.5 / 1024, 4097.0 + 1.5 / 1024)
LARGE = (2.0**42, 2.0**52, 1.7e308, math.inf, math.nan)
SPECIAL = np.array([s * f(v) for v in ENDS + TIES + LARGE for s in (1, -1) for f in (
    float, lambda v: np.nextafter(v, np.inf), lambda v: np.nextafter(v, -np.inf), lambda v: 1.0 - v, lambda v: v / 0.3
)])  # fmt: skip


def numbers(seed: int) -> np.ndarray:
    """Half of them any bits, so all magnitudes; the others where the functions bend, and on ties of the grid."""
    rng = np.random.default_rng(seed)
    any_bits = rng.integers(0, 2**64, CHUNK // 2, dtype=np.uint64).view(np.float64)
    few = CHUNK // 8
    ties = (rng.integers(-(2**20), 2**20, few) + 0.5) / np.where(rng.random(few) < 0.5, GRID, 1024.0)
    return np.concatenate(
        [any_bits, rng.uniform(-710, 710, few), rng.normal(size=few) * 5000, rng.uniform(0, 1, few), ties]
    )


def apart(a: object, b: object) -> int:
    """How many numbers differ in a bit; not-a-number is one number."""
    x, y = np.asarray(a), np.asarray(b)
    assert x.shape == y.shape
    assert x.dtype == y.dtype == np.float64
    return int(np.sum((x.view(np.int64) != y.view(np.int64)) & ~(np.isnan(x) & np.isnan(y))))


@pytest.mark.parametrize("name", EACH)
def test_compiled_bits_are_the_bits_of_the_plain_form(name: str) -> None:
    """Else a run would give other bytes than the formulas that are written down, and old runs could not be repeated."""
    found, plain, more = getattr(exact, name), getattr(plain_exact, name), EACH[name]
    with np.errstate(all="ignore"):
        assert apart(found(SPECIAL, *more), plain(SPECIAL, *more)) == 0
        for seed in range(CHUNKS):
            x = numbers(seed)
            assert apart(found(x, *more), plain(x, *more)) == 0


@pytest.mark.parametrize("name", EACH)
def test_where_a_number_stands_changes_no_bit(name: str) -> None:
    """Else the number of worlds in a batch would change their histories: vector loop against what is left over."""
    found, more = getattr(exact, name), EACH[name]
    x = np.concatenate([SPECIAL, numbers(1)[:: CHUNK // 100]])
    x.flags.writeable = False
    bits = x.tobytes()
    one_by_one = np.array([found(v, *more) for v in x])
    assert apart(found(x, *more), one_by_one) == 0
    for start in range(9):
        for n in range(40):
            assert apart(found(x[start : start + n], *more), one_by_one[start : start + n]) == 0
    for step in (-1, 2, 3, -7):
        assert apart(found(x[::step], *more), one_by_one[::step]) == 0
    table = np.asfortranarray(x[:200].reshape(10, 20))
    assert apart(found(table, *more), one_by_one[:200].reshape(10, 20)) == 0
    assert x.tobytes() == bits, "what was handed in stays as it was"


@pytest.mark.parametrize("name", EACH)
def test_any_shape_and_kind_of_number_is_taken(name: str) -> None:
    """Else a rule would work for places and fail for a polity, for no places, or for counts."""
    found, more = getattr(exact, name), EACH[name]
    for shape in ((), (0,), (3, 0), (2, 3, 4)):
        assert found(np.full(shape, 0.3), *more).shape == shape
    assert isinstance(found(0.3, *more), float)
    for counts in (1, [0, 1, 2], np.array([True, False]), np.arange(5, dtype=np.uint8)):
        assert apart(found(counts, *more), found(np.array(counts, np.float64), *more)) == 0


def test_compiled_sums_are_the_plain_sums() -> None:
    """Else the last bits of a crowd would depend on how its places lie in memory."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(40, 17, 9)) * 10.0 ** rng.integers(-8, 8, (40, 17, 9))
    x[0], x[1, 3], x[2, 4], x[3, :, 2] = -0.0, np.inf, np.nan, -np.inf
    for table in (x, x[::-2, 1:, ::3], np.asfortranarray(x), x[:, :1], x[:, :0], x[0, 0], x > 0, x[:0]):
        with np.errstate(invalid="ignore"):
            for axis in range(-1, table.ndim):
                assert apart(total(table, axis), plain_exact.total(table, axis)) == 0
            assert apart(whole(table), plain_exact.total(table)[..., None]) == 0


def test_mix_takes_many_worlds_at_once() -> None:
    """Else influence between places would depend on how many worlds are stepped together."""
    rng = np.random.default_rng(6)
    weights, x = rng.normal(size=(4, 5, 7)), rng.normal(size=(4, 7))
    expected = [[float(plain_exact.total(row * x[w])) for row in weights[w]] for w in range(4)]
    assert apart(mix(weights, x), expected) == 0
    assert apart(mix(weights[0], x[0]), expected[0]) == 0
    assert apart(mix(weights[1], x), [[float(plain_exact.total(r * x[w])) for r in weights[1]] for w in range(4)]) == 0


CODE = """
import json, numba, numpy as np
from numba import float64
from tocsin import elementary
from tests.unit.test_exact_bits import EACH

def code(function, options, *types):
    fresh = numba.njit(**options)(function)  # what comes from the cache shows no machine code
    fresh.compile(types)
    return "\\n".join(fresh.inspect_asm().values())

def product(x, y, z):
    return x * y + z

loops = {name: getattr(elementary, name) for name in EACH}
found = {n: code(f.py_func, f.targetoptions, float64[::1], *map(numba.typeof, EACH[n])) for n, f in loops.items()}
found["total"] = code(elementary._total, {}, float64[:], float64[:])
found["fused"] = code(product, {"fastmath": {"contract"}}, float64, float64, float64)
print(json.dumps(found))
"""
FUSED = re.compile(r"\bv?fn?m(add|sub|la|ls)|\bfma\b")
PROCESSORS = ["", "generic", *(["haswell", "skylake-avx512"] if platform.machine() == "x86_64" else [])]


@pytest.mark.parametrize("processor", PROCESSORS)
def test_no_multiplication_is_fused_with_an_addition(processor: str, repo: Path, tmp_path: Path) -> None:
    """Else processors that can fuse, so round once instead of twice, would make other histories than the rest.

    The function `fused` is compiled so on purpose: where processors can, it must be found.
    """
    limited = {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": ""} if processor else {}
    paths = os.pathsep.join([str(repo / "src"), str(repo)])
    environment = {**os.environ, **limited, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    fused = {name for name, code in found.items() if FUSED.search(code)}
    assert fused - {"fused"} == set()
    assert len(found) == len(EACH) + 2
    assert min(map(len, found.values())) > 100
    if processor in ("haswell", "skylake-avx512"):
        assert fused == {"fused"}


def test_an_edit_of_a_compiled_file_counts() -> None:
    """Else old machine code, or runs made by it, would pass for those of the new source."""
    package = Path(exact.__file__).parent
    using = {path for path in package.rglob("*.py") if "from tocsin.compile import" in path.read_text()}
    assert Path(elementary.__file__) in using
    assert using <= set(sources())
    assert {path.relative_to(package).parts[0] for path in sources()} <= set(digest._COMPUTING)
