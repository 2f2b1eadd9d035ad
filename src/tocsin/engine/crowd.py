"""The people of a society as the tick loop meets them: choose, meet their fate, push ties, be counted.

Blocks are split over threads; each part writes its own blocks and its own counts, which are added as integers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from tocsin.engine.compose import fate_cuts, to_integers
from tocsin.exact import Floats
from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.draw import name_hash, split
from tocsin.kernels.fate import OUTCOMES, befall, fingerprint, push
from tocsin.kernels.law import tables
from tocsin.world.build import Society

Ints = np.ndarray[Any, np.dtype[np.int64]]
_SPLIT = 4


class Populace(Protocol):
    """What the tick loop asks of people, whether they are counted one by one or spread over densities."""

    @property
    def counts(self) -> np.ndarray[Any, Any]:
        """Simulated people by place and action, [P, 9]."""

    def choose(self, numbers: Mapping[str, Floats], tick: int) -> None:
        """Everybody chooses by the coefficients that `compose` gives."""

    def befall(self, rates: Floats, tick: int) -> np.ndarray[Any, Any]:
        """Fates by rates (1/day), float[P, S, 8, 6]; simulated people by place and outcome, [P, 6]."""

    def push(self, tick: int) -> None:
        """Changed activity and harm go along ties."""

    def fingerprint(self) -> int:
        """64-bit digest of everybody who is not simply quiet."""


class Crowd:
    """Steps the people of one society. threads: 1 runs in the caller's thread; the result never depends on it."""

    def __init__(self, society: Society, memory: float, seed: int, threads: int = 1, skip: bool = True) -> None:
        """`memory`: ticks in which anger at harm halves."""
        self.society, self.tables, self.skip = society, tables(memory), skip
        self.setting = society.setting
        self.key = np.array(split(seed), np.int64)
        self.streams = np.array([name_hash(f"choose.{n}") for n in ("block", "member", "tactic")], np.int64)
        self.fate_stream = name_hash("fate")
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._places = len(society.setting.places)
        parts = threads * _SPLIT if threads > 1 else 1
        blocks = np.linspace(0, int(society.layout.block[-1]), parts + 1).astype(np.int64)
        self._block_parts = list(zip(blocks[:-1].tolist(), blocks[1:].tolist(), strict=True))
        at = np.searchsorted(society.layout.block, blocks)
        self._buffers = [scratch(self._places) for _ in self._block_parts]
        self._place_parts = [(int(a), int(b)) for a, b in pairwise(at) if b > a]

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    @property
    def counts(self) -> Ints:
        """Simulated people by place and action, int64[P, 9]."""
        return self.society.counts

    def choose(self, numbers: Mapping[str, Floats], tick: int) -> None:
        """Everybody chooses."""
        w = self.society
        coefficients = to_integers(numbers, w.setting.can_act, w.setting.days)

        def part(span: tuple[int, int]) -> Ints:
            counts, b = np.zeros_like(w.counts), self._buffers[self._block_parts.index(span)]
            ceilings(coefficients, self.tables, b)
            choose(
                *span, w.people, w.layout, coefficients, self.tables, b, self.key, tick, self.streams, self.skip, counts
            )  # fmt: skip
            return counts

        for counts in self._map(part, self._block_parts):
            w.counts += counts

    def befall(self, rates: Floats, tick: int) -> Ints:
        """Fates are drawn; int64[P, 6] people by outcome."""
        w = self.society
        cuts = fate_cuts(rates, w.setting.days)

        def part(span: tuple[int, int]) -> tuple[Ints, Ints]:
            counts, flows = np.zeros_like(w.counts), np.zeros((self._places, OUTCOMES), np.int64)
            befall(*span, w.people, w.layout, cuts, self.key, tick, self.fate_stream, counts, flows)
            return counts, flows

        results = self._map(part, self._block_parts)
        for counts, _ in results:
            w.counts += counts
        return np.asarray(np.sum([flows for _, flows in results], axis=0), dtype=np.int64)

    def push(self, tick: int) -> None:
        """Changed activity and harm go along ties; places are independent of each other."""
        w = self.society
        self._map(lambda span: push(*span, w.people, w.layout, self.tables.decay, tick), self._place_parts)

    def fingerprint(self) -> int:
        """Order-free 64-bit digest of everybody who is not simply quiet."""
        w = self.society
        parts = self._map(lambda span: int(fingerprint(*span, w.people, w.layout)), self._block_parts)
        return int(sum(parts)) & 0xFFFFFFFFFFFFFFFF

    def _map(self, task: Callable[[tuple[int, int]], Any], spans: list[tuple[int, int]]) -> list[Any]:
        if self._pool is None:
            return [task(span) for span in spans]
        return list(self._pool.map(task, spans))
