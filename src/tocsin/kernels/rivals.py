"""Movers of two kinds on a torus who remove each other, copy themselves and wear out; watchers take the active away.

At most one mover or watcher a site. In each period all wake once in a fresh random order, move to a random free site in
sight and act: a mover is active iff h lift - r chance[C, A] > bar, with C watchers and A active movers in sight, itself
counted, and an active one removes a random free mover of the other kind in sight; a watcher takes a random active mover
in sight off the grid for a term of 1 .. LONGEST periods. Then terms run down by one, and whoever is out returns to a
random free site in sight of where it was taken, or else anywhere; free movers copy themselves with a chance to a random
free site beside them (same kind and h, fresh r and span); all others age by one, and go when they reach their span.

All draws are Philox words keyed by (mover, period, stream), 32 bits to a choice. Same bytes on every processor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline, kernel
from tocsin.kernels.draw import philox, u64
from tocsin.kernels.grid import ACTIVE, GONE, NOBODY, QUIET, TAKEN, WATCHER, Sight, _beside, _choice, _shuffle

UNIT = 2.0**-32
FIRST, SECOND, LIVELY, ASIDE, REMOVED, POSTED = range(6)
"""Columns of what is recorded: movers of both kinds, those taken included; active; taken; removed; watchers."""
RECORDED = 6


class Field(NamedTuple):
    """The state, S = side x side sites and N slots: those of watchers first, of movers after `reserved`.

    who int32[S] slot on a site or NOBODY; at int32[N] site, of who is taken the last one; kind uint8[N] 0 or 1; state
    uint8[N]; term, age, span int16[N]; hardship, aversion float32[N]; order int32[N].
    N = W + S + W LONGEST with W = reserved: a copy is made only where a site was left free, so nobody waits to return
    then, and of those taken each was taken in the last LONGEST periods by one of at most W watchers.
    """

    side: int
    reserved: int
    who: NDArray[np.int32]
    at: NDArray[np.int32]
    kind: NDArray[np.uint8]
    state: NDArray[np.uint8]
    term: NDArray[np.int16]
    age: NDArray[np.int16]
    span: NDArray[np.int16]
    hardship: NDArray[np.float32]
    aversion: NDArray[np.float32]
    order: NDArray[np.int32]


class Rule(NamedTuple):
    """What all do.

    sight, beside: where one sees and moves, and where copies go; chance float64[C, A], its last row and column standing
    for all beyond; numbers float64[2]: bar, chance to copy oneself; switches int64[3]: see the names below.
    """

    sight: Sight
    beside: Sight
    chance: NDArray[np.float64]
    numbers: NDArray[np.float64]
    switches: NDArray[np.int64]


LONGEST, OLDEST, LATE = range(3)
"""Switches: longest term; longest span; who turns active removes somebody at its next turn, if it is still free."""


class Course(NamedTuple):
    """A stretch of at most T periods.

    lift float64[T] factor of hardship; posted int64[T] watchers wanted; out int64[T, RECORDED]; shown uint8[F, S]: site
    by site 0 where nobody is, 1, 2 quiet, active of the first kind, 3, 4 of the second, 5 a watcher.
    """

    lift: NDArray[np.float64]
    posted: NDArray[np.int64]
    out: NDArray[np.int64]
    shown: NDArray[np.uint8]


@inline
def _room(f, site, sight, word):
    """A random free site in sight of a site; NOBODY if there is none."""
    y, free = site // f.side, 0
    x = site - y * f.side
    for k in range(sight.dy.size):
        free += f.who[_beside(f.side, y, x, sight.dy[k], sight.dx[k])] == NOBODY
    left, found = _choice(word, free), NOBODY
    if free > 0:
        for k in range(sight.dy.size):
            c = _beside(f.side, y, x, sight.dy[k], sight.dx[k])
            if f.who[c] == NOBODY:
                if left == 0:
                    found = c
                left -= 1
    return found


@kernel
def _anywhere(f, word):
    """A random free site of the whole grid; NOBODY if there is none."""
    free = 0
    for c in range(f.who.size):
        free += f.who[c] == NOBODY
    left = _choice(word, free)
    for c in range(f.who.size):
        if f.who[c] == NOBODY:
            if left == 0:
                return c
            left -= 1
    return NOBODY


@inline
def _wanted(f, j, kind):
    """Whether j is whom one looks for: an active mover (kind -1), or a free mover of a kind."""
    if j == NOBODY or f.state[j] == WATCHER:
        return False
    return f.state[j] == ACTIVE if kind < 0 else f.kind[j] == kind


@inline
def _target(f, site, sight, kind, word):
    """A random one of those wanted in sight; NOBODY if there is none."""
    y, seen = site // f.side, 0
    x = site - y * f.side
    for k in range(sight.dy.size):
        seen += _wanted(f, f.who[_beside(f.side, y, x, sight.dy[k], sight.dx[k])], kind)
    left, found = _choice(word, seen), NOBODY
    if seen > 0:
        for k in range(sight.dy.size):
            j = np.int64(f.who[_beside(f.side, y, x, sight.dy[k], sight.dx[k])])
            if _wanted(f, j, kind):
                if left == 0:
                    found = j
                left -= 1
    return found


@inline
def _is_active(f, i, rule, lift):
    """The rule of movers, where mover i stands."""
    site, around, watchers = np.int64(f.at[i]), 1, 0
    y = site // f.side
    x = site - y * f.side
    for k in range(rule.sight.dy.size):
        j = f.who[_beside(f.side, y, x, rule.sight.dy[k], rule.sight.dx[k])]
        if j != NOBODY:
            around += f.state[j] == ACTIVE
            watchers += f.state[j] == WATCHER
    around, watchers = min(around, rule.chance.shape[1] - 1), min(watchers, rule.chance.shape[0] - 1)
    return f.hardship[i] * lift - f.aversion[i] * rule.chance[watchers, around] > rule.numbers[0]


@kernel
def _wake(f, i, rule, lift, period, stream, seed):
    """The turn of one who is on the grid: move, then act; 1 if somebody was removed."""
    a, b, c, _ = philox(u64(i), u64(period), u64(stream), u64(0), u64(seed[0]), u64(seed[1]))
    site = _room(f, np.int64(f.at[i]), rule.sight, a)
    if site != NOBODY:
        f.who[f.at[i]] = NOBODY
        f.who[site], f.at[i] = i, site
    if f.state[i] == WATCHER:
        j = _target(f, np.int64(f.at[i]), rule.sight, -1, b)
        if j != NOBODY:
            f.state[j], f.who[f.at[j]] = TAKEN, NOBODY
            f.term[j] = 1 + _choice(c, rule.switches[LONGEST])
        return 0
    was = f.state[i] == ACTIVE
    now = _is_active(f, i, rule, lift)
    f.state[i] = ACTIVE if now else QUIET
    if not (was if rule.switches[LATE] else now):
        return 0
    j = _target(f, np.int64(f.at[i]), rule.sight, 1 - np.int64(f.kind[i]), b)
    if j == NOBODY:
        return 0
    f.state[j], f.who[f.at[j]] = GONE, NOBODY
    return 1


@kernel
def _release(f, sight, period, stream, seed):
    """Terms run down by one; whoever is out returns if there is a free site, and waits otherwise."""
    for i in range(f.reserved, f.at.size):
        if f.state[i] == TAKEN:
            f.term[i] = max(f.term[i] - 1, 0)
            if f.term[i] == 0:
                a, b, _, _ = philox(u64(i), u64(period), u64(stream), u64(0), u64(seed[0]), u64(seed[1]))
                site = _room(f, np.int64(f.at[i]), sight, a)
                site = _anywhere(f, b) if site == NOBODY else site
                if site != NOBODY:
                    f.who[site], f.at[i], f.state[i] = i, site, QUIET


@kernel
def _multiply(f, rule, awake, period, stream, seed):
    """The first `awake` of the order copy themselves if they are movers; see `Field` for why a slot is always left."""
    slot = f.reserved
    for q in range(awake):
        i = f.order[q]
        if f.state[i] not in (QUIET, ACTIVE):
            continue
        a, b, c, d = philox(u64(i), u64(period), u64(stream), u64(0), u64(seed[0]), u64(seed[1]))
        if np.float64(a) * UNIT >= rule.numbers[1]:
            continue
        site = _room(f, np.int64(f.at[i]), rule.beside, b)
        if site == NOBODY:
            continue
        while f.state[slot] != GONE:
            slot += 1
        f.who[site], f.at[slot], f.state[slot], f.kind[slot] = slot, site, QUIET, f.kind[i]
        f.hardship[slot], f.aversion[slot] = f.hardship[i], np.float32((np.float64(c) + 0.5) * UNIT)
        f.age[slot], f.span[slot] = -1, 1 + _choice(d, rule.switches[OLDEST])


@kernel
def _wear(f):
    """All age by one, fresh copies from -1 to 0; who reaches the span goes."""
    for i in range(f.reserved, f.at.size):
        if f.state[i] != GONE:
            f.age[i] += 1
            if f.age[i] >= f.span[i]:
                if f.state[i] != TAKEN:
                    f.who[f.at[i]] = NOBODY
                f.state[i] = GONE


@kernel
def _post(f, wanted, period, stream, seed):
    """Put watchers on random free sites, or take some away, until as many are there or no site is free."""
    have = 0
    for i in range(f.reserved):
        have += f.state[i] == WATCHER
    for i in range(f.reserved):
        a, _, _, _ = philox(u64(i), u64(period), u64(stream), u64(0), u64(seed[0]), u64(seed[1]))
        if have < wanted and f.state[i] == GONE:
            site = _anywhere(f, a)
            if site == NOBODY:
                return
            f.who[site], f.at[i], f.state[i] = i, site, WATCHER
            have += 1
        elif have > wanted and f.state[i] == WATCHER:
            f.who[f.at[i]], f.state[i] = NOBODY, GONE
            have -= 1


@kernel
def _line_up(f):
    """List everybody on the grid in slot order; how many they are."""
    n = 0
    for i in range(f.at.size):
        if f.state[i] in (QUIET, ACTIVE, WATCHER):
            f.order[n] = i
            n += 1
    return n


@kernel
def _record(f, c, t, removed):
    """Totals of a period, and the sites if they are shown; True if both kinds are there."""
    c.out[t, :] = 0
    c.out[t, REMOVED] = removed
    for i in range(f.at.size):
        s = f.state[i]
        c.out[t, POSTED] += s == WATCHER
        if s in (QUIET, ACTIVE, TAKEN):
            c.out[t, FIRST + f.kind[i]] += 1
            c.out[t, LIVELY] += s == ACTIVE
            c.out[t, ASIDE] += s == TAKEN
    if t < c.shown.shape[0]:
        for site in range(f.who.size):
            i = f.who[site]
            if i == NOBODY:
                c.shown[t, site] = 0
            elif f.state[i] == WATCHER:
                c.shown[t, site] = 5
            else:
                c.shown[t, site] = 1 + 2 * f.kind[i] + (f.state[i] == ACTIVE)
    return c.out[t, FIRST] > 0 and c.out[t, SECOND] > 0


@kernel
def advance(f, rule, c, first, to_the_end, streams, seed):
    """Let at most T periods pass, numbered from `first`; returns how many passed.

    Unless `to_the_end`, it stops after the period in which one kind is gone. streams int64[6]: order, wake, return,
    copy, order of copies, post; seed int64[2].
    """
    for t in range(c.lift.size):
        period, removed = first + t, 0
        _post(f, c.posted[t], period, streams[5], seed)
        n = _line_up(f)
        _shuffle(f.order[:n], period, streams[0], seed)
        for q in range(n):
            i = np.int64(f.order[q])
            if f.state[i] in (QUIET, ACTIVE, WATCHER):
                removed += _wake(f, i, rule, c.lift[t], period, streams[1], seed)
        _release(f, rule.sight, period, streams[2], seed)
        n = _line_up(f)
        _shuffle(f.order[:n], period, streams[4], seed)
        _multiply(f, rule, n, period, streams[3], seed)
        _wear(f)
        if not _record(f, c, t, removed) and not to_the_end:
            return t + 1
    return c.lift.size


@kernel
def settle(f, watchers, movers):
    """Put watchers in the first slots and movers in those after `reserved` on the sites that `at` names."""
    for i in range(f.at.size):
        f.state[i] = GONE
    for i in range(watchers):
        f.state[i], f.who[f.at[i]] = WATCHER, i
    for i in range(f.reserved, f.reserved + movers):
        f.state[i], f.who[f.at[i]] = QUIET, i
