"""Fate of engaged people, and the push of ties.

One uniform a person and tick decides among the outcomes open to the action, cut at thresholds in 2^-32. Ties are
pushed from the few whose activity changed and from those who were harmed; nobody pulls (engine.md 2).
"""

from __future__ import annotations

import numpy as np

from tocsin.compile import inline, kernel, part
from tocsin.elementary import exp_of
from tocsin.kernels.draw import philox, u64
from tocsin.kernels.law import CERTAIN, shared
from tocsin.kernels.people import BLOCK, PATTERNS, lowest, row_of, slot_of

OUTCOMES = 6  # detain, wound, kill, release, recover, sweep


@kernel
def cuts_of(rates, days, cut):
    """Competing rates (1/day) as cumulative thresholds in 2^-32: float64[n, 6] -> int64[n, 6].

    Something befalls with the chance of the sum of the rates, and what it is goes by their shares.
    """
    for i in range(rates.shape[0]):
        whole = rates[i, 0]
        for k in range(1, OUTCOMES):
            whole += rates[i, k]
        chance, running = 1.0 - exp_of(-whole * days), 0.0
        for k in range(OUTCOMES):
            running = rates[i, 0] if k == 0 else running + rates[i, k]
            share = running / max(whole, 1e-300) if whole > 0.0 else 0.0
            cut[i, k] = np.int64(np.rint(share * chance * CERTAIN))


@kernel
def befall(first, last, people, layout, cut, seeds, tick, stream, counts, flows, expected):
    """Draw the fate of the engaged people of blocks first .. last - 1.

    cut int64[P, S, 8, 6]: cumulative thresholds in 2^-32 by place, segment (one axis for all may have length one),
    action and outcome. counts int64[P, 9] by action and flows int64[P, 6] by outcome are added to, and so is expected
    int64[P, 6]: the probabilities that were drawn against, in 2^-32. Harmed people are marked in `people.harmed` for
    `push`.
    """
    for p in range(layout.size.size):
        begin, end, seed = layout.block[p], layout.end[p], seeds[layout.world[p]]
        for at in range(max(first, begin), min(last, end)):
            look = people.engaged[at]
            while look != u64(0):
                j = lowest(look)
                look &= look - u64(1)
                row = at * BLOCK + j
                status = np.int64(people.status[row])
                action, segment = status & 15, shared(status >> 4, cut.shape[1])
                if action == 0 or action == 6 or cut[p, segment, action, OUTCOMES - 1] == 0:
                    continue
                below = np.int64(0)
                for k in range(OUTCOMES):
                    expected[p, k] += cut[p, segment, action, k] - below
                    below = cut[p, segment, action, k]
                inside = (at - begin) * BLOCK + j
                word, _, _, _ = philox(
                    u64(inside), u64(tick), u64(stream), u64(layout.key[p]), u64(seed[0]), u64(seed[1])
                )
                outcome = _outcome(np.int64(word), cut[p, segment, action])
                if outcome < OUTCOMES:
                    _apply(p, at, j, row, status, outcome, people, counts, flows)


@inline
def _outcome(word, cut):
    for k in range(OUTCOMES):
        if word < cut[k]:
            return k
    return OUTCOMES


@part
def _apply(p, at, j, row, status, outcome, people, counts, flows):
    action = status & 15
    new = 4 if (outcome == 0 or outcome == 5) else (5 if outcome == 1 else (6 if outcome == 2 else 7))
    people.status[row] = (status & 240) | new
    counts[p, action] -= 1
    counts[p, new] += 1
    flows[p, outcome] += 1
    bit = u64(1) << u64(j)
    people.active[at] &= ~bit
    if new != 7:
        people.harmed[at] |= bit
    if new == 6:
        people.engaged[at] &= ~bit


@part
def _harm(p, inside, tick, people, layout, decay):
    """One more harmed tie for a living person of the place."""
    row = layout.block[p] * BLOCK + inside
    action = people.status[row] & 15
    if action == 6 or action == 8:
        return
    stored = np.int64(people.experience[row])
    level = ((stored >> 12) * decay[layout.world[p], (tick - (stored & 4095)) & 4095] + 2048) >> 12
    people.experience[row] = (min(level + 1, 15) << 12) | (tick & 4095)
    people.engaged[row // BLOCK] |= u64(1) << u64(row % BLOCK)


@part
def _circle(p, inside, layout):
    return slot_of(inside, layout.wide[p], layout.narrow[p], layout.round_key[p]) // layout.circle_size[0]


@part
def _spread(p, inside, tick, people, layout, decay):
    """Carry harm done to one person to the household, the circle and, if alive, the person."""
    block, j = inside // BLOCK, inside % BLOCK
    home = layout.household[layout.homes[p], block % PATTERNS, j]
    while home != u64(0):
        _harm(p, block * BLOCK + lowest(home), tick, people, layout, decay)
        home &= home - u64(1)
    size, circle = layout.circle_size[0], _circle(p, inside, layout)
    for slot in range(circle * size, min(circle * size + size, layout.wide[p] * layout.narrow[p])):
        other = row_of(slot, layout.wide[p], layout.narrow[p], layout.round_key[p])
        if other < layout.size[p] and other != inside:
            _harm(p, other, tick, people, layout, decay)


@part
def _expose(p, circle, on, people, layout):
    """Set or clear the exposed bit of all members of a circle."""
    size = layout.circle_size[0]
    for slot in range(circle * size, min(circle * size + size, layout.wide[p] * layout.narrow[p])):
        other = row_of(slot, layout.wide[p], layout.narrow[p], layout.round_key[p])
        if other < layout.size[p]:
            at, bit = layout.block[p] + other // BLOCK, u64(1) << u64(other % BLOCK)
            if on:
                people.exposed[at] |= bit
            else:
                people.exposed[at] &= ~bit


@inline
def _fingerprint(key, inside, action, experience):
    """A 64-bit mix of who a person is and what they do and have lived through (the finaliser of SplitMix64)."""
    z = (
        u64(key) * u64(0x9E3779B97F4A7C15)
        + u64(inside) * u64(0xD1B54A32D192ED03)
        + (u64(experience) << u64(8))
        + u64(action)
    )
    z = (z ^ (z >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> u64(27))) * u64(0x94D049BB133111EB)
    return z ^ (z >> u64(31))


@part
def _push_block(p, at, tick, people, layout, decay):
    begin = layout.block[p]
    changed = people.active[at] ^ people.pushed[at]
    while changed != u64(0):
        j = lowest(changed)
        bit = u64(1) << u64(j)
        changed &= changed - u64(1)
        circle = _circle(p, (at - begin) * BLOCK + j, layout)
        where = layout.circle[p] + circle
        on = people.active[at] & bit != u64(0)
        people.circle[where] += 1 if on else -1
        if people.circle[where] == (1 if on else 0):  # one call: a second inlined copy takes long to compile
            _expose(p, circle, on, people, layout)
    people.pushed[at] = people.active[at]
    harmed = people.harmed[at]
    while harmed != u64(0):
        _spread(p, (at - begin) * BLOCK + lowest(harmed), tick, people, layout, decay)
        harmed &= harmed - u64(1)
    people.harmed[at] = u64(0)


@kernel
def push(first, last, people, layout, decay, tick):
    """Push changed activity into circles, and harm into ties, for places first .. last - 1.

    Counts only ever change by one and experience by one level, so the order of people does not matter.
    """
    for p in range(first, last):
        for at in range(layout.block[p], layout.end[p]):
            if people.active[at] != people.pushed[at] or people.harmed[at] != u64(0):
                _push_block(p, at, tick, people, layout, decay)


@kernel
def fingerprint(first, last, people, layout, digests):
    """Order-free digest of the engaged people of blocks first .. last - 1, by world: wrapped sums of their mixes.

    digests uint64[W] is added to.
    """
    for p in range(layout.size.size):
        begin, total = layout.block[p], u64(0)
        for at in range(max(first, begin), min(last, layout.end[p])):
            look = people.engaged[at]
            while look != u64(0):
                j = lowest(look)
                look &= look - u64(1)
                row = at * BLOCK + j
                action = people.status[row] & 15  # whose segment it is says who may act later, not what has happened
                total += _fingerprint(layout.key[p], (at - begin) * BLOCK + j, action, people.experience[row])
        digests[layout.world[p]] += total
