"""The people of a society as the tick loop meets them: choose, meet their fate, push ties, be counted.

The places of all worlds of a batch lie one after another; the kernels see places only. Blocks are split over threads;
each part writes its own blocks and its own counts, which are added as integers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.engine.compose import by_place, fate_cuts, to_integers
from tocsin.exact import Floats
from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.draw import name_hash
from tocsin.kernels.fate import OUTCOMES, befall, fingerprint, push
from tocsin.kernels.law import CERTAIN, tables
from tocsin.world.build import Society

Ints = NDArray[np.int64]
_SPLIT = 4


class Populace(Protocol):
    """What the tick loop asks of people, whether they are counted one by one or spread over densities.

    Arrays hold the P places of one world after those of another, W x P of them.
    """

    @property
    def counts(self) -> NDArray[Any]:
        """Simulated people by place and action, [W P, 9]."""

    def choose(self, numbers: Mapping[str, Floats], tick: int) -> None:
        """Everybody chooses by the coefficients that `compose` gives."""

    def befall(self, rates: Floats, tick: int) -> tuple[NDArray[Any], Floats]:
        """Fates by rates (1/day), float[W, P, S, 8, 6].

        Simulated people by place and outcome, [W P, 6], and how many were to be expected given who was there.
        """

    def push(self, tick: int) -> None:
        """Changed activity and harm go along ties."""

    def leave(self, staying: NDArray[np.bool_]) -> None:
        """Worlds leave: bool[W], who stays."""

    def fingerprint(self) -> NDArray[np.uint64]:
        """64-bit digest of everybody who is not simply quiet, uint64[W]."""


class Crowd:
    """Steps the people of one society in W worlds.

    threads: 1 runs in the caller's thread; the result never depends on it.
    """

    def __init__(
        self, society: Society, memory: Sequence[float], keys: Ints, threads: int = 1, skip: bool = True
    ) -> None:
        """`memory`: ticks in which anger at harm halves, `keys` int64[W, 2]: halves of the seed, by world."""
        self.society, self.tables, self.skip, self.keys = society, tables(*memory), skip, keys
        self.setting, self._worlds = society.setting, np.arange(len(keys))
        self.streams = np.array([name_hash(f"choose.{n}") for n in ("block", "member", "tactic")], np.int64)
        self.fate_stream = name_hash("fate")
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        parts = threads * _SPLIT if threads > 1 else 1
        blocks = np.linspace(0, int(society.layout.end[-1]), parts + 1).astype(np.int64)
        self._blocks = list(enumerate(pairwise(blocks.tolist())))
        self._buffers = [scratch(len(society.counts)) for _ in self._blocks]

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    @property
    def counts(self) -> Ints:
        """Simulated people by place and action, int64[W P, 9]."""
        return self.society.counts

    def choose(self, numbers: Mapping[str, Floats], tick: int) -> None:
        """Everybody chooses."""
        w, setting = self.society, self.setting
        coefficients = to_integers(numbers, len(self._worlds), len(setting.places), setting.can_act, setting.days)

        def part(number: int, span: tuple[int, int]) -> Ints:
            counts, b = np.zeros_like(w.counts), self._buffers[number]
            ceilings(coefficients, b)
            choose(
                *span, w.people, w.layout, coefficients, self.tables, b, self.keys, tick, self.streams, self.skip,
                counts,
            )  # fmt: skip
            return counts

        for counts in self._map(part):
            w.counts += counts

    def befall(self, rates: Floats, tick: int) -> tuple[Ints, Floats]:
        """Fates are drawn; int64[W P, 6] people by outcome, and their expectation given who was there."""
        w, shape = self.society, (len(self.society.counts), OUTCOMES)
        cuts = by_place(fate_cuts(rates, self.setting.days), len(self._worlds), len(self.setting.places))

        def part(_: int, span: tuple[int, int]) -> tuple[Ints, Ints, Ints]:
            counts, flows, expected = np.zeros_like(w.counts), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
            befall(
                *span, w.people, w.layout, cuts, self.keys, tick, self.fate_stream, counts, flows, expected
            )  # fmt: skip
            return counts, flows, expected

        counts, flows, expected = (sum(arrays) for arrays in zip(*self._map(part), strict=True))
        w.counts += counts
        return np.asarray(flows), np.asarray(expected / CERTAIN)

    def push(self, tick: int) -> None:
        """Changed activity and harm go along ties; places are independent of each other."""
        w = self.society

        def part(_: int, span: tuple[int, int]) -> None:
            first, last = np.searchsorted(w.layout.block, span).tolist()
            push(first, last, w.people, w.layout, self.tables.decay, tick)

        self._map(part)

    def leave(self, staying: NDArray[np.bool_]) -> None:
        """Worlds leave: bool[W], who stays. Nobody moves; their places are passed over from now on."""
        places = np.repeat(staying, len(self.setting.places))
        self.society = self.society.some(places)
        self._worlds = self._worlds[staying]

    def fingerprint(self) -> NDArray[np.uint64]:
        """Order-free 64-bit digest of everybody who is not simply quiet, by world, uint64[W]."""
        w = self.society

        def part(_: int, span: tuple[int, int]) -> NDArray[np.uint64]:
            digests = np.zeros(len(self.keys), np.uint64)
            fingerprint(*span, w.people, w.layout, digests)
            return digests

        whole = np.sum(self._map(part), axis=0, dtype=np.uint64)
        return np.asarray(whole)[self._worlds]

    def _map(self, part: Callable[[int, tuple[int, int]], Any]) -> list[Any]:
        if self._pool is None:
            return [part(number, span) for number, span in self._blocks]
        return list(self._pool.map(lambda one: part(*one), self._blocks))
