"""A toy population through every kernel of a run, so that each is compiled or loaded from the cache."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tocsin.compile import CACHE_FOLDER
from tocsin.exact import chance, exp, log, logistic, logit, snap, total
from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.draw import name_hash, uniforms, uniforms_by_stream
from tocsin.kernels.fate import OUTCOMES, befall, fingerprint, push
from tocsin.kernels.law import Coefficients, tables
from tocsin.kernels.people import BLOCK, PATTERNS, Layout, People, circles_of
from tocsin.kernels.shares import answering, leaning
from tocsin.kernels.synthesis import QUANTILES, draft, fill


def is_cold() -> bool:
    """True if no kernel's machine code is in the cache; the elementary functions may be there before them."""
    return not any(CACHE_FOLDER.glob("kernels_*/*.nbc"))


def warm(report: Callable[[str], None]) -> float:
    """Compile every kernel of a run into the cache unless that is done, announcing it; returns the seconds it took.

    Call it in one process before workers start: workers must not compile all at once into a cold cache.
    """
    begun = time.perf_counter()
    if is_cold():
        report("compiling the kernels for this machine (once, about ten seconds) ...")
    touch_all()
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


def touch_all() -> None:
    """Call each kernel of a run once on two blocks, and each elementary function on one number."""
    for function in (exp, log, logistic, logit, snap):
        function(0.5)
    total(chance(np.ones(1), 1.0))
    layout, t = toy_layout(), tables(10.0)
    people, one = empty_people(layout), np.array([0], np.int64)
    seeds, streams = np.array([[1, 2]], np.int64), np.array([1, 2, 3], np.int64)
    counts, fates = np.zeros((1, 9), np.int64), np.zeros((1, OUTCOMES), np.int64)
    quantile, share = np.linspace(0.0, 1.0, QUANTILES + 1), np.array([[1 << 32]], np.int64)
    fill(0, 1, people, layout, quantile, share, seeds, 4, draft())
    c, b = flat_coefficients(1, 1), scratch(1)
    ceilings(c, b)
    choose(0, 2, people, layout, c, t, b, seeds, 1, streams, True, counts)
    cut = np.zeros((1, 1, 8, OUTCOMES), np.int64)
    befall(0, 2, people, layout, cut, seeds, 1, 5, counts, fates, fates)
    push(0, 1, people, layout, t.decay, 1)
    fingerprint(0, 2, people, layout, np.zeros(1, np.uint64))
    uniforms(1, 1, 0, one, one)
    uniforms_by_stream(1, one)
    half = np.full(2, 0.5)
    answering(1.0, half, half, 0.0, 2.0, np.empty(2))
    leaning(1.0, half, half, 0.0, 2.0, np.empty(2))
