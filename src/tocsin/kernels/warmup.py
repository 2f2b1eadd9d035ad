"""A toy population through every kernel, so that each is compiled or loaded from the cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.draw import name_hash, uniforms, uniforms_by_stream
from tocsin.kernels.fate import OUTCOMES, befall, fingerprint, push
from tocsin.kernels.law import Coefficients, tables
from tocsin.kernels.people import BLOCK, PATTERNS, Layout, People, rows_of, slots
from tocsin.kernels.shares import answering, exponential, leaning, logarithm
from tocsin.kernels.synthesis import QUANTILES, extremes, fill, tally


def empty_people(blocks: int, circles: int) -> People:
    """Columns for `blocks` blocks, all zero."""
    rows = blocks * BLOCK
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


def touch_all() -> None:
    """Call each kernel once on two blocks."""
    one = np.array([0], np.int64)
    household = np.full((1, PATTERNS, BLOCK), 15, np.uint64)
    layout = Layout(
        np.array([0, 2], np.int64),
        np.array([100], np.int64),
        one + name_hash("toy"),
        one + 13,
        one + 8,
        np.arange(4, dtype=np.int64)[None, :],
        np.array([0, 13], np.int64),
        one + 8,
        household,
        one,
    )
    people, t = empty_people(2, 13), tables(10.0)
    seed, streams = np.array([1, 2], np.int64), np.array([1, 2, 3], np.int64)
    counts = np.zeros((1, 9), np.int64)
    fill(0, people, layout, np.linspace(0.0, 1.0, QUANTILES + 1), np.array([1 << 32], np.int64), seed, 4, False)
    extremes(people)
    tally(people, layout, counts)
    c, b = flat_coefficients(1, 1), scratch(1)
    ceilings(c, t, b)
    choose(0, 2, people, layout, c, t, b, seed, 1, streams, True, counts)
    befall(
        0,
        2,
        people,
        layout,
        np.zeros((1, 1, 8, OUTCOMES), np.int64),
        seed,
        1,
        5,
        counts,
        np.zeros((1, OUTCOMES), np.int64),
    )
    push(0, 1, people, layout, t.decay, 1)
    fingerprint(0, 2, people, layout)
    out = np.empty(1, np.int64)
    slots(one, 13, 8, layout.round_key[0], out)
    rows_of(one, 13, 8, layout.round_key[0], out)
    uniforms(1, 1, 0, one, one)
    uniforms_by_stream(1, one)
    half = np.full(2, 0.5)
    answering(1.0, half, half, 0.0, exponential(1.0), np.empty(2))
    leaning(1.0, half, half, 0.0, logarithm(2.0), np.empty(2))
