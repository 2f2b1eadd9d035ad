"""Draw the traits of people: one counter-based call a person, keyed by place and index.

Hardship is stratified: row r of n has quantile (r + v)/n, so rows are sorted by hardship and a block holds people
alike; aversion and segment are independent of it and of each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline, kernel
from tocsin.kernels.draw import philox, u32, u64
from tocsin.kernels.law import CERTAIN, EMPTY
from tocsin.kernels.people import BLOCK

QUANTILES = 1 << 14
_LAST = np.int32(QUANTILES - 1)
_MOST = np.int32(65535)
_NEXT = u32(16)
"""What one segment more is in a status."""


class Draft(NamedTuple):
    """Buffers of one caller, for a block of people: between them, traits are made by loops that become vector code.

    word uint32[3, 64]: what was drawn; status uint32[64]: sums; at float64[64]: positions in the table of quantiles.
    """

    word: NDArray[np.uint32]
    status: NDArray[np.uint32]
    at: NDArray[np.float64]


def draft() -> Draft:
    """Fresh buffers."""
    return Draft(np.empty((3, BLOCK), np.uint32), np.empty(BLOCK, np.uint32), np.empty(BLOCK))


@kernel
def fill(begin, end, people, layout, quantile, share, seeds, stream, b):
    """Fill the columns of places begin .. end - 1, which are all zero.

    seeds int64[W, 2]; quantile float64[QUANTILES + 1]: hardship in [0, 1] at equally spaced shares of people; share
    int64[end - begin, S]: cumulative segment shares in 2^-32; b: buffers of this caller.
    """
    for p in range(begin, end):
        seed, size = seeds[layout.world[p]], layout.size[p]
        for at in range(layout.block[p], layout.end[p]):
            inside, row = (at - layout.block[p]) * BLOCK, at * BLOCK
            count = min(BLOCK, size - inside)
            _words(inside, layout.key[p], seed, stream, b.word)
            _positions(inside, size, b.word[0], b.at)
            people.top_hardship[at] = _hardship(count, row, b.at, quantile, people.hardship)
            people.least_aversion[at] = _aversion(count, row, b.word[1], people.aversion)
            _segment(count, row, b.word[2], share[p - begin], b.status, people.status)
            for j in range(count, BLOCK):
                people.status[row + j] = EMPTY


@inline
def _words(inside, key, seed, stream, word):
    """Three 32-bit words for each row of the block that begins with number `inside` of the place."""
    k0, k1 = u64(seed[0]), u64(seed[1])
    for j in range(BLOCK):
        a, b, c, _ = philox(u64(inside + j), u64(0), u64(stream), u64(key), k0, k1)
        word[0, j], word[1, j], word[2, j] = u32(a), u32(b), u32(c)


@inline
def _positions(inside, size, word, at):
    """Where the rows of the block that begins with number `inside` lie in the table of quantiles."""
    first, over = np.float64(inside), np.float64(size)
    for j in range(BLOCK):
        at[j] = (first + np.float64(j) + np.float64(word[j]) * 2.0**-32) / over * QUANTILES


@inline
def _hardship(count, row, at, quantile, hardship):
    """Hardship of `count` rows by interpolation between quantiles; the largest."""
    top = np.int32(0)
    for j in range(count):
        i = min(np.int32(at[j]), _LAST)
        low, high = quantile[u64(i)], quantile[u64(i) + u64(1)]
        trait = min(np.int32((low + (high - low) * (at[j] - np.float64(i))) * 65536.0), _MOST)
        hardship[row + j] = trait
        top = max(top, trait)
    return top


@inline
def _aversion(count, row, word, aversion):
    """Aversion of `count` rows; the least."""
    least = u32(65535)
    for j in range(count):
        aversion[row + j] = word[j] >> u32(16)
        least = min(least, word[j] >> u32(16))
    return least


@inline
def _segment(count, row, word, share, sums, status):
    """Segments of `count` quiet people: as many as there are cumulative shares that the word reaches."""
    for j in range(BLOCK):
        sums[j] = u32(0)
    for k in range(share.size - 1):
        if share[k] < CERTAIN:
            cut = u32(share[k])
            for j in range(BLOCK):
                sums[j] += _NEXT if word[j] >= cut else u32(0)
    for j in range(count):
        status[row + j] = sums[j]


@kernel
def extremes(people):
    """Recompute each block's largest hardship and least aversion after traits were set from outside."""
    for at in range(people.engaged.size):
        top, least = 0, 65535
        for j in range(at * BLOCK, at * BLOCK + BLOCK):
            if people.status[j] & 15 != EMPTY:
                top, least = max(top, np.int64(people.hardship[j])), min(least, np.int64(people.aversion[j]))
        people.top_hardship[at], people.least_aversion[at] = top, least
