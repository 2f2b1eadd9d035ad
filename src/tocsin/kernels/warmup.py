"""A toy population through every kernel of a run, so that each is compiled or loaded from the cache."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.registry import cpu_target

from tocsin.compile import CACHE_FOLDER
from tocsin.exact import chance, exp, grouped, log, logistic, logit, snap, total
from tocsin.kernels.choose import choose, scratch
from tocsin.kernels.draw import name_hash, uniforms, uniforms_by_stream
from tocsin.kernels.fate import OUTCOMES, befall, cuts_of, fingerprint, push
from tocsin.kernels.law import Coefficients, tables
from tocsin.kernels.people import BLOCK, PATTERNS, Layout, People, circles_of
from tocsin.kernels.shares import answering, leaning
from tocsin.kernels.synthesis import QUANTILES, draft, fill

BESIDE = "from tocsin.kernels.warmup import touch_some; touch_some()"
"""What a second process does while this one compiles the rest."""


def ready() -> Path:
    """The file that says that everything is compiled, for this processor and these libraries."""
    made_for = (numba.__version__, sys.version, *cpu_target.target_context.codegen().magic_tuple())
    return CACHE_FOLDER / f"ready-{hashlib.sha256(repr(made_for).encode()).hexdigest()[:16]}"


def is_cold() -> bool:
    """True if the machine code of a kernel may not be in the cache."""
    return not ready().exists() or not any(CACHE_FOLDER.glob("kernels_*/*.nbc"))


def warm(report: Callable[[str], None]) -> float:
    """Compile every kernel of a run into the cache unless that is done, announcing it; returns the seconds it took.

    Call it in one process before workers start: workers must not compile all at once into a cold cache.
    """
    begun = time.perf_counter()
    if is_cold():
        report("compiling the kernels for this machine (once; measured: 10 s on two cores, 16 s on one) ...")
        line, nowhere = (sys.executable, "-c", BESIDE), subprocess.DEVNULL
        second = subprocess.Popen(line, stdout=nowhere, stderr=nowhere)
        try:
            touch_others()
            second.wait()
        finally:
            second.kill()
        touch_some()  # loads what the other has compiled, or compiles it if that failed
        with suppress(OSError):
            ready().touch()
        report(f"compiled in {time.perf_counter() - begun:.1f} s.")
    return time.perf_counter() - begun


def empty_people(layout: Layout) -> People:
    """Columns for all places of a layout, all zero."""
    blocks, slots = int(layout.end[-1]), int(layout.wide[-1] * layout.narrow[-1])
    rows, circles = blocks * BLOCK, int(layout.circle[-1]) + circles_of(slots, int(layout.circle_size[0]))
    columns: list[Any] = [np.zeros(rows, np.uint16) for _ in range(3)]
    columns.append(np.zeros(rows, np.uint8))
    columns += [np.zeros(blocks, np.uint64) for _ in range(5)]
    columns += [np.zeros(blocks, np.uint16) for _ in range(2)]
    return People._make([*columns, np.zeros(circles, np.uint8)])


def flat_coefficients(places: int, segments: int) -> Coefficients:
    """All coefficients zero."""
    wide: list[Any] = [np.zeros((places, segments, 5, 3), np.int64) for _ in range(4)]
    slim: list[Any] = [np.zeros((places, segments, 5), np.int64) for _ in range(3)]
    return Coefficients._make([*wide, *slim, np.zeros(1, np.int64)])


def toy_layout() -> Layout:
    """One place of a hundred people in two blocks."""
    one = np.array([0], np.int64)
    keys = np.arange(4, dtype=np.int64)[None, :]
    household = np.full((1, PATTERNS, BLOCK), 15, np.uint64)
    return Layout(
        one, one + 2, one + 100, one + name_hash("toy"), one + 13, one + 8, keys, one, one + 8, household, one, one
    )


def touch_some() -> None:
    """Call the law, fate and the digest of people once, on two blocks: about half of the work of compiling."""
    layout, t, seeds = toy_layout(), tables(10.0), np.array([[1, 2]], np.int64)
    people, counts, fates = empty_people(layout), np.zeros((1, 9), np.int64), np.zeros((1, OUTCOMES), np.int64)
    c, b, streams = flat_coefficients(1, 1), scratch(1), np.array([1, 2, 3], np.int64)
    choose(0, 2, people, layout, c, t, b, seeds, 1, streams, True, counts)
    befall(0, 2, people, layout, np.zeros((1, 1, 8, OUTCOMES), np.int64), seeds, 1, 5, counts, fates, fates)
    fingerprint(0, 2, people, layout, np.zeros(1, np.uint64))


def touch_others() -> None:
    """Call each other kernel of a run once, and each elementary function on one number."""
    for function in (exp, log, logistic, logit, snap):
        function(0.5)
    total(chance(np.ones(1), 1.0))
    grouped(np.ones((1, 1)), np.zeros(1, np.int64), 1)
    layout, people, seeds = toy_layout(), empty_people(toy_layout()), np.array([[1, 2]], np.int64)
    quantile, share = np.linspace(0.0, 1.0, QUANTILES + 1), np.array([[1 << 32]], np.int64)
    fill(0, 1, people, layout, quantile, share, seeds, 4, draft())
    push(0, 1, people, layout, tables(10.0).decay, 1)
    cuts_of(np.zeros((1, OUTCOMES)), 1.0, np.zeros((1, OUTCOMES), np.int64))
    one, half = np.array([0], np.int64), np.full(2, 0.5)
    uniforms(1, 1, 0, one, one)
    uniforms_by_stream(1, one)
    answering(1.0, half, half, 0.0, 2.0, np.empty(2))
    leaning(1.0, half, half, 0.0, 2.0, np.empty(2))
