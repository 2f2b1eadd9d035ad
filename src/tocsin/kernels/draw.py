"""Counter-based draws: Philox4x32-10 (Salmon and others 2011, doi 10.1145/2063384.2063405).

A draw is a pure function of (seed; what, who, when): no generator state exists. Key: the two halves of the seed.
Counter: (number within the place, tick, stream, place), each 32 bits, where stream and place are hashes of declared
names. Checked against the vectors published with Random123 (tests/unit/test_draw.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline, kernel

u32, u64 = np.uint32, np.uint64
KEPT_HASHES = 4096
"""Names whose hashes a process keeps."""
_SHIFT, _MASK = u64(32), u64(0xFFFFFFFF)
_M0, _M1 = u64(0xD2511F53), u64(0xCD9E8D57)
_W0, _W1 = u64(0x9E3779B9), u64(0xBB67AE85)


@lru_cache(KEPT_HASHES)
def name_hash(name: str) -> int:
    """32-bit hash of a declared name; independent of the order in which names are declared."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")


@inline
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Four 32-bit words (in uint64) from a counter and a key (uint64 holding 32-bit values).

    The ten rounds are written out and every factor is cast to 32 bits, or LLVM does not vectorise them.
    """
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    k0 = (k0 + _W0) & _MASK
    k1 = (k1 + _W1) & _MASK
    p0 = _M0 * u64(u32(c0))
    p1 = _M1 * u64(u32(c2))
    c0 = (p1 >> _SHIFT) ^ c1 ^ k0
    c2 = (p0 >> _SHIFT) ^ c3 ^ k1
    c1 = p1 & _MASK
    c3 = p0 & _MASK
    return c0, c1, c2, c3


@kernel
def _fill(number: Any, place: Any, tick: Any, stream: Any, keys: Any, out: Any) -> None:
    for w in range(out.shape[0]):
        k0, k1 = u64(keys[w, 0]), u64(keys[w, 1])
        for i in range(out.shape[1]):
            a, b, _, _ = philox(u64(number[i]), u64(tick), u64(stream), u64(place[i]), k0, k1)
            out[w, i] = (np.float64((a << u64(20)) | (b >> u64(12))) + 0.5) * 2.0**-52


@kernel
def _fill_streams(stream: Any, k0: Any, k1: Any, out: Any) -> None:
    for i in range(out.size):
        a, b, _, _ = philox(u64(0), u64(0), u64(stream[i]), u64(0), u64(k0), u64(k1))
        out[i] = (np.float64((a << u64(20)) | (b >> u64(12))) + 0.5) * 2.0**-52


def split(seed: int) -> tuple[int, int]:
    """The two 32-bit halves of a seed, the key of every draw."""
    return seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF


def uniforms(
    seed: int, stream: int, tick: int, number: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.float64]:
    """One uniform in (0, 1) for each pair of number and place hash (int64[n])."""
    (row,) = rows_of_uniforms(keys_of([seed]), stream, tick, number, place)
    return np.asarray(row)


def keys_of(seeds: Sequence[int]) -> NDArray[np.int64]:
    """The keys of these seeds, int64[W, 2]."""
    return np.array([split(seed) for seed in seeds], np.int64)


def rows_of_uniforms(
    keys: NDArray[np.int64], stream: int, tick: int, number: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.float64]:
    """`uniforms` for many seeds at once: keys int64[W, 2] -> float[W, n]."""
    out = np.empty((len(keys), number.size))
    _fill(number, place, tick, stream, keys, out)
    return out


def uniforms_by_stream(seed: int, stream: NDArray[np.int64]) -> NDArray[np.float64]:
    """One uniform in (0, 1) for each stream (int64[n]): number 0 of place 0 at tick 0."""
    out = np.empty(stream.size)
    k0, k1 = split(seed)
    _fill_streams(stream, k0, k1, out)
    return out
