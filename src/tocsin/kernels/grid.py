"""Movers on a torus who see a fixed window of sites and wake one by one.

Two kinds: watchers, who take one active mover in sight out of circulation for a term, and others, who are quiet or
active. In each period all wake once in a fresh random order, move to a random free site in sight and act (or act and
move). Mover i, not a watcher, is active iff h_i lift - r_i chance[C, A] > bar, with C watchers and A active movers in
sight; what chance is, the caller decides by a table.

How many watchers and active movers each site sees is kept, not counted: the two fields change by one over a window
when a watcher moves or an active mover moves or changes. All draws are Philox words keyed by (mover, period, stream,
call), 32 bits to a choice, so a choice among n is uniform to n 2^-32. Same bytes on every processor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline, kernel
from tocsin.kernels.draw import philox, u64

QUIET, ACTIVE, TAKEN, WATCHER, GONE = 0, 1, 2, 3, 4
"""States of a mover."""
LEAVE, SHARE, BLOCK = 0, 1, 2
"""Who is taken leaves the grid, stays on a site that counts as free, or stays and blocks the site."""
NOBODY = -1
ENDLESS = -1
TRIES = 16
"""Calls of four draws before the free sites in sight are listed instead; both ways every free site is as likely."""


class Sight(NamedTuple):
    """A window of sites around a mover, symmetric, at most as wide as the grid.

    half int64[2 reach + 1]: row dy covers -half .. half; dy, dx int64[n]: its sites without the middle.
    """

    half: NDArray[np.int64]
    dy: NDArray[np.int64]
    dx: NDArray[np.int64]


class Rule(NamedTuple):
    """What movers do.

    chance float64[C, A], its last row and column standing for all beyond; switches int64[8]: see the names below;
    bar float64[1].
    """

    chance: NDArray[np.float64]
    switches: NDArray[np.int64]
    bar: NDArray[np.float64]


OWN_TWICE, ACT_FIRST, TAKEN_STAY, SHORTEST, LONGEST, LANDING, MOVING, SLEEPERS = range(8)
"""Switches: who is active counts itself twice; act, then move; LEAVE, SHARE or BLOCK; shortest and longest term (or
ENDLESS); watchers land on the site of whom they take; others move too; terms run by waking, not at the period's end."""


class Grid(NamedTuple):
    """The state, S = side x side sites and N movers, watchers first: 10 bytes a site and 23 a mover.

    head int32[S] first mover here; crowd uint8[S] movers who occupy it; lit uint8[S] active ones; watchers, actives
    int16[S] in sight, the site itself included; at, after int32[N] site and next mover there; hardship, aversion
    float32[N]; term int16[N]; state uint8[N]; order int32[N].
    """

    side: int
    head: NDArray[np.int32]
    crowd: NDArray[np.uint8]
    lit: NDArray[np.uint8]
    watchers: NDArray[np.int16]
    actives: NDArray[np.int16]
    at: NDArray[np.int32]
    after: NDArray[np.int32]
    hardship: NDArray[np.float32]
    aversion: NDArray[np.float32]
    term: NDArray[np.int16]
    state: NDArray[np.uint8]
    order: NDArray[np.int32]


class Course(NamedTuple):
    """A stretch of T periods.

    lift float64[T] factor of hardship; posted int64[T] watchers left; out int64[T, 3]: active, taken, watchers at the
    end of each; quiet float64[T, 2]: hardship and aversion summed over the quiet; shown uint8[F, S]: site by site the
    state plus one, 0 where nobody is, after periods 0 .. F - 1 of the stretch.
    """

    lift: NDArray[np.float64]
    posted: NDArray[np.int64]
    out: NDArray[np.int64]
    quiet: NDArray[np.float64]
    shown: NDArray[np.uint8]


@inline
def _choice(word, n):
    """One of 0 .. n - 1 from a 32-bit word."""
    return np.int64((word * u64(n)) >> u64(32))


@inline
def _wrap(x, side):
    """x in 0 .. side - 1, from at most one side beyond."""
    return x + side if x < 0 else (x - side if x >= side else x)


@inline
def _spread(field, side, site, change, half):
    """Add `change` to every site of the window around `site`."""
    y, reach = site // side, half.size // 2
    x = site - y * side
    for i in range(half.size):
        row = _wrap(y + i - reach, side) * side
        low, high = x - half[i], x + half[i] + 1
        if low < 0:
            for c in range(row + low + side, row + side):
                field[c] += change
            low = 0
        elif high > side:
            for c in range(row, row + high - side):
                field[c] += change
            high = side
        for c in range(row + low, row + high):
            field[c] += change


@inline
def _find(lit, side, site, n, half):
    """The site of active mover number n in the window, and its number among those on that site."""
    y, reach = site // side, half.size // 2
    x = site - y * side
    for i in range(half.size):
        row = _wrap(y + i - reach, side) * side
        for dx in range(-half[i], half[i] + 1):
            c = row + _wrap(x + dx, side)
            if lit[c] > n:
                return c, n
            n -= lit[c]
    return site, NOBODY


@inline
def _beside(side, y, x, dy, dx):
    """The site at an offset."""
    return _wrap(y + dy, side) * side + _wrap(x + dx, side)


@kernel
def _free_site(crowd, side, site, sight, who, period, stream, seed):
    """A random site in sight that nobody occupies; NOBODY if there is none."""
    y, n = site // side, sight.dy.size
    x = site - y * side
    k0, k1 = u64(seed[0]), u64(seed[1])
    for call in range(TRIES):
        words = philox(u64(who), u64(period), u64(stream), u64(call), k0, k1)
        for word in words:
            i = _choice(word, n)
            c = _beside(side, y, x, sight.dy[i], sight.dx[i])
            if crowd[c] == 0:
                return c
    free = 0
    for i in range(n):
        free += crowd[_beside(side, y, x, sight.dy[i], sight.dx[i])] == 0
    word, _, _, _ = philox(u64(who), u64(period), u64(stream), u64(TRIES), k0, k1)
    left = _choice(word, free)
    for i in range(n):
        c = _beside(side, y, x, sight.dy[i], sight.dx[i])
        if crowd[c] == 0:
            if left == 0:
                return c
            left -= 1
    return NOBODY


@inline
def _leave(g, i):
    """Take mover i off its site."""
    site = g.at[i]
    if g.head[site] == i:
        g.head[site] = g.after[i]
    else:
        j = g.head[site]
        while g.after[j] != i:
            j = g.after[j]
        g.after[j] = g.after[i]
    g.crowd[site] -= 1


@inline
def _enter(g, i, site):
    """Put mover i on a site."""
    g.after[i], g.head[site], g.at[i] = g.head[site], i, site
    g.crowd[site] += 1


@inline
def _light(g, site, change, half):
    """One active mover more, or less, on a site."""
    g.lit[site] += np.uint8(change & 255)
    _spread(g.actives, g.side, site, np.int16(change), half)


@inline
def _post(g, i, site, half):
    """Move a watcher."""
    if site != g.at[i]:
        _spread(g.watchers, g.side, g.at[i], np.int16(-1), half)
        _leave(g, i)
        _enter(g, i, site)
        _spread(g.watchers, g.side, site, np.int16(1), half)


@kernel
def _take(g, i, sight, switches, period, streams, seed):
    """Watcher i takes a random active mover in sight, if there is one."""
    site = g.at[i]
    seen = g.actives[site]
    if seen == 0:
        return
    a, b, _, _ = philox(u64(i), u64(period), u64(streams[2]), u64(0), u64(seed[0]), u64(seed[1]))
    where, left = _find(g.lit, g.side, site, _choice(a, seen), sight.half)
    j = g.head[where]
    while g.state[j] != ACTIVE or left > 0:
        left -= g.state[j] == ACTIVE
        j = g.after[j]
    _light(g, where, -1, sight.half)
    longest = switches[LONGEST]
    term = switches[SHORTEST] + _choice(b, longest - switches[SHORTEST] + 1) if longest != ENDLESS else ENDLESS
    g.term[j] = term
    if term == 0 and not switches[SLEEPERS]:
        g.state[j] = QUIET
    else:
        g.state[j] = TAKEN
        if switches[TAKEN_STAY] != BLOCK:
            _leave(g, j)
    if switches[LANDING]:
        _post(g, i, where, sight.half)


@kernel
def _watch(g, i, sight, switches, period, streams, seed):
    """A watcher's turn."""
    if switches[ACT_FIRST]:
        _take(g, i, sight, switches, period, streams, seed)
    site = _free_site(g.crowd, g.side, g.at[i], sight, i, period, streams[1], seed)
    if site != NOBODY:
        _post(g, i, site, sight.half)
    if not switches[ACT_FIRST]:
        _take(g, i, sight, switches, period, streams, seed)


@kernel
def _decide(g, i, sight, rule, lift, period, streams, seed):
    """The turn of one who is free and no watcher: its own light is out while it looks and moves."""
    old, was = np.int64(g.at[i]), g.state[i] == ACTIVE
    if was:
        _light(g, old, -1, sight.half)
    here = old
    switches = rule.switches
    if switches[MOVING] and not switches[ACT_FIRST]:
        here = _free_site(g.crowd, g.side, old, sight, i, period, streams[1], seed)
        here = old if here == NOBODY else here
    around = np.int64(g.actives[here]) + 1 + (was and switches[OWN_TWICE] != 0)
    around, watchers = min(around, rule.chance.shape[1] - 1), min(np.int64(g.watchers[here]), rule.chance.shape[0] - 1)
    net = g.hardship[i] * lift - g.aversion[i] * rule.chance[watchers, around]
    now = net > rule.bar[0]
    if switches[MOVING] and switches[ACT_FIRST]:
        here = _free_site(g.crowd, g.side, old, sight, i, period, streams[1], seed)
        here = old if here == NOBODY else here
    if here != old:
        _leave(g, i)
        _enter(g, i, here)
    g.state[i] = ACTIVE if now else QUIET
    if now:
        _light(g, here, 1, sight.half)


@kernel
def _shuffle(order, period, stream, seed):
    """A fresh random order, four exchanges to a call."""
    for call in range(order.size // 4 + 1):
        words = philox(u64(call), u64(period), u64(stream), u64(0), u64(seed[0]), u64(seed[1]))
        i = order.size - 1 - 4 * call
        for word in words:
            if i > 0:
                j = _choice(word, i + 1)
                order[i], order[j] = order[j], order[i]
            i -= 1


@kernel
def _release(g, sight, switches, period, streams, seed):
    """At the period's end every term runs down by one; who is out returns to the site, or near it."""
    for i in range(g.state.size):
        if g.state[i] != TAKEN or g.term[i] <= 0:
            continue
        g.term[i] -= 1
        if g.term[i] > 0:
            continue
        site = np.int64(g.at[i])
        if switches[TAKEN_STAY] == LEAVE and g.crowd[site] > 0:
            site = _free_site(g.crowd, g.side, site, sight, i, period, streams[3], seed)
        if site == NOBODY:
            g.term[i] = 1
        else:
            _enter(g, i, site)
            g.state[i] = QUIET


@kernel
def _record(g, c, t):
    """Totals of a period, and the sites if they are shown."""
    active, taken, watchers, hardship, aversion = 0, 0, 0, 0.0, 0.0
    for i in range(g.state.size):
        s = g.state[i]
        active += s == ACTIVE
        taken += s == TAKEN
        watchers += s == WATCHER
        if s == QUIET:
            hardship += g.hardship[i]
            aversion += g.aversion[i]
    c.out[t, 0], c.out[t, 1], c.out[t, 2] = active, taken, watchers
    c.quiet[t, 0], c.quiet[t, 1] = hardship, aversion
    if t < c.shown.shape[0]:
        for i in range(g.head.size):
            c.shown[t, i] = 0 if g.head[i] == NOBODY else g.state[g.head[i]] + 1


@kernel
def advance(g, sight, rule, c, first, streams, seed):
    """Let T periods pass, numbered from `first`. streams int64[4]: order, move, take, return; seed int64[2]."""
    switches, left = rule.switches, 0
    for i in range(g.state.size):
        left += g.state[i] == WATCHER
    for t in range(c.lift.size):
        while left > c.posted[t]:
            left -= 1
            _spread(g.watchers, g.side, g.at[left], np.int16(-1), sight.half)
            _leave(g, left)
            g.state[left] = GONE
        _shuffle(g.order, first + t, streams[0], seed)
        for q in range(g.order.size):
            i = g.order[q]
            s = g.state[i]
            if s == WATCHER:
                _watch(g, i, sight, switches, first + t, streams, seed)
            elif s == TAKEN and switches[SLEEPERS] and g.term[i] == 0:
                _decide(g, i, sight, rule, c.lift[t], first + t, streams, seed)
            elif s == TAKEN and switches[SLEEPERS] and g.term[i] > 0:
                g.term[i] -= 1
            elif s in (QUIET, ACTIVE):
                _decide(g, i, sight, rule, c.lift[t], first + t, streams, seed)
        if not switches[SLEEPERS]:
            _release(g, sight, switches, first + t, streams, seed)
        _record(g, c, t)


@kernel
def settle(g, sight, watchers):
    """Put all N movers on the sites that `at` names, the first `watchers` of them as watchers, the others quiet."""
    for i in range(g.at.size):
        g.order[i] = i
        _enter(g, i, np.int64(g.at[i]))
        if i < watchers:
            g.state[i] = WATCHER
            _spread(g.watchers, g.side, g.at[i], np.int16(1), sight.half)


@kernel
def scatter(site, period, stream, seed, out):
    """The first out.size of a random order of `site` int32[n], drawn without replacement."""
    for i in range(out.size):
        a, b, _, _ = philox(u64(i), u64(period), u64(stream), u64(0), u64(seed[0]), u64(seed[1]))
        j = i + np.int64(((a << u64(32)) | b) % u64(site.size - i))
        out[i] = site[j]
        site[j] = site[i]
