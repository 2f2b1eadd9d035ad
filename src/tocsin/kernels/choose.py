"""The person law over blocks of 64 rows, with exact skipping.

One draw defines the minimum of a block's 64 uniforms, a second its position, the others are scaled above it:
M = 1 - (1 - U)^(1/64), by six square roots, which IEEE rounds alike everywhere; u_j = M + (1 - M) v_j. A block whose
minimum lies above an upper bound of nu P(act), and in which nobody is engaged or exposed, cannot change and is passed
over. With skipping off every person is evaluated from the same draws: same bytes (engine.md 2).

In a block that is looked at, a vector pass compares each u_j with the bound of the block, then the few below it with
the bound for their own hardship and aversion (largest coefficients over segments, no support);
those who pass, and the engaged and exposed, meet the full law. No kernel allocates: counting references
would cost more than the law.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline, kernel, part
from tocsin.kernels.draw import philox, u32, u64
from tocsin.kernels.law import CERTAIN, NU_BITS, Coefficients, chance_of, pick, shared, utility
from tocsin.kernels.people import BLOCK, PATTERNS, bits, lowest, slot_of

CHUNK = 64
QUIET, FORMER = 0, 7


class Scratch(NamedTuple):
    """Buffers of one caller.

    least, position int64[CHUNK]; u uint32[64]; flag uint8[64] with `flags` uint64[8] on the same bytes; steep
    int64[P, 3, K] and most int64[P]: the bounds of `ceilings`.
    """

    least: NDArray[np.int64]
    position: NDArray[np.int64]
    u: NDArray[np.uint32]
    flag: NDArray[np.uint8]
    flags: NDArray[np.uint64]
    steep: NDArray[np.int64]
    most: NDArray[np.int64]


def scratch(places: int) -> Scratch:
    """Fresh buffers."""
    flag = np.zeros(BLOCK, np.uint8)
    return Scratch(
        np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64), np.empty(BLOCK, np.uint32), flag, flag.view(np.uint64),
        np.zeros((places, 3, 3), np.int64), np.zeros(places, np.int64),
    )  # fmt: skip


def ceilings(c: Coefficients, b: Scratch) -> None:
    """Upper bounds over segments for quiet people without support, into `b`.

    steep[p] = largest alpha, largest gamma, smallest rho per tactic; most[p] = largest nu in 2^-30.
    """
    nu = c.nu[:, :, 0]
    able, far, places = nu[:, :, None] > 0, np.int64(1 << 40), len(nu)
    b.most[:places] = nu.max(axis=1, initial=0)
    b.steep[:places, 0] = np.where(able, c.alpha[:, :, 0], 0).max(axis=1, initial=0)
    b.steep[:places, 1] = np.where(able, c.gamma[:, :, 0], -far).max(axis=1, initial=-far)
    b.steep[:places, 2] = np.where(able, c.rho[:, :, 0], far).min(axis=1, initial=far)


@part
def _of(values, p, segment, origin, k):
    """One coefficient of one tactic."""
    return values[p, shared(segment, values.shape[1]), shared(origin, values.shape[2]), shared(k, values.shape[3])]


@part
def _by(values, p, segment, origin):
    """One coefficient that all tactics share."""
    return values[p, shared(segment, values.shape[1]), shared(origin, values.shape[2])]


@inline
def _minima(first, count, seed, tick, stream, key, least, position):
    """Minimum (2^-32) and its position for `count` blocks of one place."""
    for i in range(count):
        a, b, c, _ = philox(u64(first + i), u64(tick), u64(stream), u64(key), u64(seed[0]), u64(seed[1]))
        x = 1.0 - np.float64((a << u64(21)) | (b >> u64(11))) * 2.0**-53
        x = np.sqrt(np.sqrt(np.sqrt(np.sqrt(np.sqrt(np.sqrt(x))))))
        least[i] = np.int64((1.0 - x) * 4294967296.0)
        position[i] = np.int64(c & u64(63))


@inline
def _members(block, least, position, seed, tick, stream, key, u):
    """All 64 uniforms (2^-32) of one block: row j takes word j // 16 of call j % 16."""
    above, low = u64(CERTAIN - least), u64(least)
    k0, k1 = u64(seed[0]), u64(seed[1])
    for i in range(16):
        a, b, c, d = philox(u64(block * 16 + i), u64(tick), u64(stream), u64(key), k0, k1)
        u[i] = u32(low + ((above * (a >> u64(1))) >> u64(31)))
        u[i + 16] = u32(low + ((above * (b >> u64(1))) >> u64(31)))
        u[i + 32] = u32(low + ((above * (c >> u64(1))) >> u64(31)))
        u[i + 48] = u32(low + ((above * (d >> u64(1))) >> u64(31)))
    u[position] = u32(least)


@inline
def _own(block, j, least, position, seed, tick, stream, key):
    """The uniform of one row, as `_members` gives it."""
    a, b, c, d = philox(u64(block * 16 + (j & 15)), u64(tick), u64(stream), u64(key), u64(seed[0]), u64(seed[1]))
    word = a if j < 16 else (b if j < 32 else (c if j < 48 else d))
    return least if j == position else least + (((CERTAIN - least) * np.int64(word >> u64(1))) >> 31)


@part
def _top(b, p, chance, noiseless, hardship, aversion):
    """The u (2^-32) from which on a quiet, unsupported person with these traits, or milder ones, cannot act."""
    best = np.int64(-(1 << 62))
    for k in range(3):
        r = np.int64(aversion) if b.steep[p, 2, k] >= 0 else np.int64(65535)
        v = utility(b.steep[p, 0, k], 0, b.steep[p, 1, k], b.steep[p, 2, k], np.int64(hardship), 0, r)
        best = max(best, v)
    return (b.most[p] * chance_of(best, chance, noiseless)) >> NU_BITS


@part
def _candidates(hardship, aversion, row, p, top, b, chance, noiseless):
    """Bit mask of the rows whose uniform does not exceed their own bound; `top` bounds the whole block."""
    ceiling = u32(min(top, CERTAIN - 1))
    for j in range(BLOCK):
        b.flag[j] = b.u[j] <= ceiling
    mask = u64(0)
    for word in range(8):
        if b.flags[word] != u64(0):
            for j in range(word * 8, word * 8 + 8):
                if b.flag[j]:
                    own = _top(b, p, chance, noiseless, hardship[row + j], aversion[row + j])
                    if np.int64(b.u[j]) < own:
                        mask |= u64(1) << u64(j)
    return mask


@part
def _support(row, j, mine, active, people, layout, p, share):
    """Active shares of the household and of the circle as 16-bit fractions, oneself left out."""
    me = u64(1) << u64(j)
    block = row // BLOCK
    home = layout.household[layout.homes[p], block % PATTERNS, j] & ~me
    together, living = bits(active & home), np.int64(0)
    if together > 0:
        rest = home
        while rest != u64(0):
            other = people.status[(layout.block[p] + block) * BLOCK + lowest(rest)] & 15
            living += (other != 6) and (other != 8)
            rest &= rest - u64(1)
    h = share[together, living] if together > 0 else np.int64(0)
    slot = slot_of(row, layout.wide[p], layout.narrow[p], layout.round_key[p])
    size = layout.circle_size[0]
    others = np.int64(people.circle[layout.circle[p] + slot // size]) - mine
    return h, share[max(others, 0), size - 1]


@part
def _of_tactic(c, p, segment, origin, k, hard, x, averse):
    """Utility of one tactic without support."""
    a, b = _of(c.alpha, p, segment, origin, k), _of(c.beta, p, segment, origin, k)
    return utility(a, b, _of(c.gamma, p, segment, origin, k), _of(c.rho, p, segment, origin, k), hard, x, averse)


@part
def _settle(p, block, j, u, active, people, layout, c, t, seed, tick, streams):
    """The new action of one person by the full law; experience that has faded is cleared."""
    row = layout.block[p] * BLOCK + block * BLOCK + j
    old = np.int64(people.status[row])
    action, segment = old & 15, old >> 4
    origin = t.start[action]
    stored = np.int64(people.experience[row])
    x = (stored >> 12) * t.decay[layout.world[p], (tick - (stored & 4095)) & 4095]
    if stored != 0 and x == 0:
        people.experience[row] = 0
    if origin < 0:
        return action
    nu = _by(c.nu, p, segment, origin)
    if u >= (nu << (32 - NU_BITS)):
        return action
    mine = np.int64((active >> u64(j)) & u64(1))
    h, w = _support(block * BLOCK + j, j, mine, active, people, layout, p, t.share)
    lift = (_by(c.sigma_h, p, segment, origin) * h + _by(c.sigma_w, p, segment, origin) * w) >> 16
    hard, averse = np.int64(people.hardship[row]), np.int64(people.aversion[row])
    # np.int64, because Numba compiles a function anew for each literal number.
    v0 = _of_tactic(c, p, segment, origin, np.int64(0), hard, x, averse) + lift
    v1 = _of_tactic(c, p, segment, origin, np.int64(1), hard, x, averse) + lift
    v2 = _of_tactic(c, p, segment, origin, np.int64(2), hard, x, averse) + lift
    quiet = c.noiseless[0] != 0
    if u >= (nu * chance_of(max(v0, max(v1, v2)), t.chance, quiet)) >> NU_BITS:
        return FORMER if mine else action
    key = layout.key[p]
    word, _, _, _ = philox(u64(block * BLOCK + j), u64(tick), u64(streams[2]), u64(key), u64(seed[0]), u64(seed[1]))
    return pick(v0, v1, v2, np.int64(word), t.weight, quiet)


@part
def _visit(p, block, look, full, u, least, position, people, layout, c, t, seed, tick, streams, counts):
    """Apply the law to the rows of one block named in the mask `look`."""
    at = layout.block[p] + block
    start = at * BLOCK
    active, engaged = people.active[at], people.engaged[at]
    while look != u64(0):
        j = lowest(look)
        look &= look - u64(1)
        mine = np.int64(u[j]) if full else _own(block, j, least, position, seed, tick, streams[1], layout.key[p])
        status = np.int64(people.status[start + j])
        old = status & 15
        new = _settle(p, block, j, mine, active, people, layout, c, t, seed, tick, streams)
        bit = u64(1) << u64(j)
        if new != old:
            people.status[start + j] = (status & 240) | new
            counts[p, old] -= 1
            counts[p, new] += 1
            people.active[at] = people.active[at] | bit if 1 <= new <= 3 else people.active[at] & ~bit
            engaged |= bit
        elif new == QUIET and people.experience[start + j] == 0:
            engaged &= ~bit
    people.engaged[at] = engaged


@part
def _watch(p, at, people, layout):
    """Rows of a block that need a look whatever the bound: engaged, exposed, or in an active household."""
    watch = people.engaged[at] | people.exposed[at]
    rest = people.active[at]
    while rest != u64(0):
        watch |= layout.household[layout.homes[p], (at - layout.block[p]) % PATTERNS, lowest(rest)]
        rest &= rest - u64(1)
    return watch


@kernel
def choose(first, last, people, layout, c, t, b, seeds, tick, streams, skip, counts):
    """Let the people of blocks first .. last - 1 choose, all on what they saw at the last tick.

    b: buffers of this caller after `ceilings`; seeds int64[W, 2]; streams int64[3]: block, member, tactic; counts
    int64[P, 9], people by action, is added to. Blocks are independent: any split over threads gives the same bytes.
    """
    noiseless = c.noiseless[0] != 0
    for p in range(layout.size.size):
        begin, end, key = layout.block[p], min(last, layout.end[p]), layout.key[p]
        seed = seeds[layout.world[p]]
        for chunk in range(max(first, begin), end, CHUNK):
            count = min(CHUNK, end - chunk)
            _minima(chunk - begin, count, seed, tick, streams[0], key, b.least, b.position)
            for i in range(count):
                at = chunk + i
                watch = people.engaged[at] | people.exposed[at] | people.active[at]
                top = _top(b, p, t.chance, noiseless, people.top_hardship[at], people.least_aversion[at])
                full = (not skip) or b.least[i] < top
                if not full and watch == u64(0):
                    continue
                if watch != u64(0):
                    watch = _watch(p, at, people, layout)
                if full:
                    _members(at - begin, b.least[i], b.position[i], seed, tick, streams[1], key, b.u)
                    if skip:
                        watch |= _candidates(
                            people.hardship, people.aversion, at * BLOCK, p, top, b, t.chance, noiseless
                        )
                    else:
                        watch = ~u64(0)
                _visit(
                    p, at - begin, watch, full, b.u, b.least[i], b.position[i], people, layout, c, t, seed, tick,
                    streams, counts,
                )  # fmt: skip
