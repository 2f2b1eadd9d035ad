"""Ties along any directed network, as a tie provider for the people of one place, and a memory of what they carry.

The network is stored in compressed rows: who hears row r is listed in listener[start[r]] .. listener[start[r + 1] - 1].
Activity is pushed: only people whose activity changed touch those who hear them. What a person has heard becomes her
hardship, so the law takes it by its own term, alpha H. With the memory

    m' = keep m + (1 - keep) active/heard

an external drive with inertia is one number a person (engine.md 5, hatches a and b). All in integers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import kernel
from tocsin.kernels.draw import u64
from tocsin.kernels.people import BLOCK, lowest

MEMORY_BITS = 30
TO_TRAIT = MEMORY_BITS - 16
SLACK = 64
"""Steps of 2^-30 by which rounding may keep a memory below the share that it tends to, for `keep` up to 0.99."""


class Ties(NamedTuple):
    """A network of N people; row r of the place is person r.

    start int64[N + 1], listener int32[E]: who hears whom; heard int64[N]: how many a person hears; active int64[N]: how
    many of those are active; memory int64[N]: the remembered active share in 2^-30.
    """

    start: NDArray[np.int64]
    listener: NDArray[np.int32]
    heard: NDArray[np.int64]
    active: NDArray[np.int64]
    memory: NDArray[np.int64]


def ties_of(size: int, speaker: NDArray[np.int64], listener: NDArray[np.int64]) -> Ties:
    """The network in which listener[e] hears speaker[e]; a pair that is given twice counts once."""
    pair = np.unique(speaker * size + listener)
    speaker, listener = pair // size, pair % size
    start = np.searchsorted(speaker, np.arange(size + 1)).astype(np.int64)
    heard = np.bincount(listener, minlength=size).astype(np.int64)
    return Ties(start, listener.astype(np.int32), heard, np.zeros(size, np.int64), np.zeros(size, np.int64))


@kernel
def carry(people: Any, ties: Any) -> Any:
    """Carry changed activity to those who hear it; the number of people whose activity changed.

    Counts change by one, so the order of people does not matter.
    """
    changes = 0
    for at in range(people.active.size):
        changed = people.active[at] ^ people.pushed[at]
        while changed != u64(0):
            j = lowest(changed)
            bit = u64(1) << u64(j)
            changed &= changed - u64(1)
            step = 1 if people.active[at] & bit != u64(0) else -1
            row = at * BLOCK + j
            for e in range(ties.start[row], ties.start[row + 1]):
                ties.active[ties.listener[e]] += step
            changes += 1
        people.pushed[at] = people.active[at]
    return changes


@kernel
def remember(people: Any, ties: Any, keep: Any, most: Any) -> Any:
    """One tick of memory, written to hardship, at most `most`; the number of people whose memory moved.

    keep: what is kept of the memory in a tick, in 2^-30. Who hears nobody remembers nobody.
    """
    one, half = np.int64(1) << MEMORY_BITS, np.int64(1) << (MEMORY_BITS - 1)
    moved = 0
    for at in range(people.active.size):
        top = 0
        for row in range(at * BLOCK, min(at * BLOCK + BLOCK, ties.heard.size)):
            share = (ties.active[row] << MEMORY_BITS) // max(ties.heard[row], 1)
            memory = (keep * ties.memory[row] + (one - keep) * share + half) >> MEMORY_BITS
            moved += memory != ties.memory[row]
            ties.memory[row] = memory
            trait = min((memory + SLACK) >> TO_TRAIT, most)
            people.hardship[row] = trait
            top = max(top, trait)
        people.top_hardship[at] = top
    return moved
