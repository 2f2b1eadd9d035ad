"""The columns of people and how they lie in memory: about 7.7 bytes a person.

The places of many worlds lie one after another. Rows are sorted by place and, within a place, by hardship; each place
starts at a block of 64 rows. A household never leaves its block. A circle is a run of `circle_size` values of a keyed
permutation of the place (an unbalanced Feistel network), so it costs no memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.compile import inline, kernel

BLOCK = 64
PATTERNS = 16
_C1, _C2, _C32 = np.uint64(0x9E3779B1), np.uint64(0x85EBCA77), np.uint64(0xFFFFFFFF)


class People(NamedTuple):
    """The columns.

    hardship, aversion, experience uint16[rows]; status uint8[rows] = 16 segment + action;
    engaged, exposed, active, pushed, harmed uint64[blocks]: one bit a row for: needs a look every tick; its circle
    has somebody active; is active; was active when ties were last pushed; was harmed in this tick. top_hardship,
    least_aversion uint16[blocks]; circle uint8[circles]: active members.
    """

    hardship: NDArray[np.uint16]
    aversion: NDArray[np.uint16]
    experience: NDArray[np.uint16]
    status: NDArray[np.uint8]
    engaged: NDArray[np.uint64]
    exposed: NDArray[np.uint64]
    active: NDArray[np.uint64]
    pushed: NDArray[np.uint64]
    harmed: NDArray[np.uint64]
    top_hardship: NDArray[np.uint16]
    least_aversion: NDArray[np.uint16]
    circle: NDArray[np.uint8]


class Layout(NamedTuple):
    """Where the places of W worlds lie, P of them in all; places may be left out without moving any people.

    block, end int64[P] first block and the one after the last; size int64[P] people; key int64[P] place hash; wide,
    narrow int64[P]: sides of the permutation's domain; round_key int64[P, 4]; circle int64[P] first circles;
    circle_size int64[1]; household uint64[H, PATTERNS, 64]: the rows of the block that share a household; homes
    int64[P]: which of the H sets; world int64[P]: the row of its seed and its decay, 0 to W - 1.
    """

    block: NDArray[np.int64]
    end: NDArray[np.int64]
    size: NDArray[np.int64]
    key: NDArray[np.int64]
    wide: NDArray[np.int64]
    narrow: NDArray[np.int64]
    round_key: NDArray[np.int64]
    circle: NDArray[np.int64]
    circle_size: NDArray[np.int64]
    household: NDArray[np.uint64]
    homes: NDArray[np.int64]
    world: NDArray[np.int64]


def circles_of(slots: Any, size: int) -> Any:
    """Circles of a place whose permutation has so many slots; of each place for an array of them."""
    return -(-slots // size) + 1


@inline
def bits(x: Any) -> Any:
    """Number of set bits of a uint64."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inline
def lowest(x: Any) -> Any:
    """Position of the lowest set bit of a uint64 that is not zero."""
    return bits((x & (~x + np.uint64(1))) - np.uint64(1))


@inline
def _scatter(x: Any, key: Any, size: Any) -> Any:
    z = ((np.uint64(x) ^ np.uint64(key)) * _C1) & _C32
    z = z ^ (z >> np.uint64(15))
    z = (z * _C2) & _C32
    z = z ^ (z >> np.uint64(13))
    return np.int64((z * np.uint64(size)) >> np.uint64(32))


@inline
def slot_of(row: Any, wide: Any, narrow: Any, key: Any) -> Any:
    """The keyed permutation of 0 .. wide * narrow - 1; a circle is slot // circle_size."""
    left, right = row // narrow, row % narrow
    left = (left + _scatter(right, key[0], wide)) % wide
    right = (right + _scatter(left, key[1], narrow)) % narrow
    left = (left + _scatter(right, key[2], wide)) % wide
    right = (right + _scatter(left, key[3], narrow)) % narrow
    return left * narrow + right


@inline
def row_of(slot: Any, wide: Any, narrow: Any, key: Any) -> Any:
    """The inverse of `slot_of`."""
    left, right = slot // narrow, slot % narrow
    right = (right + narrow - _scatter(left, key[3], narrow)) % narrow
    left = (left + wide - _scatter(right, key[2], wide)) % wide
    right = (right + narrow - _scatter(left, key[1], narrow)) % narrow
    left = (left + wide - _scatter(right, key[0], wide)) % wide
    return left * narrow + right


@kernel
def slots(rows: Any, wide: Any, narrow: Any, key: Any, out: Any) -> None:
    """`slot_of` for int64[n] rows; for tests and for reading circles out."""
    for i in range(rows.size):
        out[i] = slot_of(rows[i], wide, narrow, key)


@kernel
def rows_of(slot: Any, wide: Any, narrow: Any, key: Any, out: Any) -> None:
    """`row_of` for int64[n] slots."""
    for i in range(slot.size):
        out[i] = row_of(slot[i], wide, narrow, key)
