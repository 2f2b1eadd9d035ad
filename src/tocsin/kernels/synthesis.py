"""Draw the traits of people: one counter-based call a person, keyed by place and index.

Hardship is stratified: row r of n has quantile (r + v)/n, so rows are sorted by hardship and a block holds people
alike; aversion and segment are independent of it and of each other. With `independent` hardship is drawn freely as
well.
"""

from __future__ import annotations

import numpy as np

from tocsin.compile import inline, kernel
from tocsin.kernels.draw import philox, u64
from tocsin.kernels.law import EMPTY
from tocsin.kernels.people import BLOCK

QUANTILES = 1 << 14


@kernel
def fill(begin, end, people, layout, quantile, share, seeds, stream, independent):
    """Fill the columns of places begin .. end - 1.

    seeds int64[W, 2]; quantile float64[QUANTILES + 1]: hardship in [0, 1] at equally spaced shares of people; share
    int64[end - begin, S]: cumulative segment shares in 2^-32.
    """
    for p in range(begin, end):
        _place(p, people, layout, quantile, share[p - begin], seeds[layout.world[p]], stream, independent)


@inline
def _place(p, people, layout, quantile, share, seed, stream, independent):
    size, first, key = layout.size[p], layout.block[p], layout.key[p]
    for at in range(first, layout.end[p]):
        top, least = 0, 65535
        for j in range(BLOCK):
            inside, row = (at - first) * BLOCK + j, at * BLOCK + j
            if inside >= size:
                people.status[row] = EMPTY
                continue
            a, b, c, _ = philox(u64(inside), u64(0), u64(stream), u64(key), u64(seed[0]), u64(seed[1]))
            v = np.float64(a) * 2.0**-32
            q = (v if independent else (np.float64(inside) + v) / np.float64(size)) * QUANTILES
            i = min(int(q), QUANTILES - 1)
            h = quantile[i] + (quantile[i + 1] - quantile[i]) * (q - i)
            hardship, aversion = min(int(h * 65536.0), 65535), np.int64(b >> u64(16))
            people.hardship[row], people.aversion[row] = hardship, aversion
            segment = 0
            while segment < share.size - 1 and np.int64(c) >= share[segment]:
                segment += 1
            people.status[row] = segment << 4
            top, least = max(top, hardship), min(least, aversion)
        people.top_hardship[at], people.least_aversion[at] = top, least


@kernel
def extremes(people):
    """Recompute each block's largest hardship and least aversion after traits were set from outside."""
    for at in range(people.engaged.size):
        top, least = 0, 65535
        for j in range(at * BLOCK, at * BLOCK + BLOCK):
            if people.status[j] & 15 != EMPTY:
                top, least = max(top, np.int64(people.hardship[j])), min(least, np.int64(people.aversion[j]))
        people.top_hardship[at], people.least_aversion[at] = top, least


@kernel
def tally(people, layout, counts):
    """Count people by place and action afresh into int64[P, 9]; the truth the running counts are tested against."""
    for p in range(layout.size.size):
        for row in range(layout.block[p] * BLOCK, layout.end[p] * BLOCK):
            counts[p, people.status[row] & 15] += 1
