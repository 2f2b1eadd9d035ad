"""Four families of networks after Siegel 2009 (doi 10.1111/j.1540-5907.2008.00361.x), as ties for the person kernel.

The families are his; how they are drawn is a reading, since only the paper's abstract could be had: ties go both ways
unless said otherwise, nobody is tied to herself, and no pair is tied twice.

- small world: a ring in which everybody is tied to `reach` neighbours on either side; a share of these ties is led to
  anybody to whom there is no tie instead, so that there are N reach ties (Watts and Strogatz 1998, doi 10.1038/30918)
- village: cliques of ten, and a chance for each pair of persons of different villages, independently
- opinion leader: person i, those with most first, is tied to d_i others drawn from all to whom she is not tied yet, or
  to all of them where they are fewer; P(d) proportional to d^-exponent
- hierarchy: a tree in which everybody has ten below, and a chance for each pair of persons of one level, independently

Pairs with a chance are not asked one by one: the pairs skipped up to the next tie are geometric (Batagelj and Brandes
2005, doi 10.1103/PhysRevE.71.036113), so a network costs as much work as it has ties.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UsageError
from tocsin.exact import Floats, exp, log, total
from tocsin.kernels.draw import name_hash, uniforms
from tocsin.kernels.ties import Ties, ties_of

Rows = NDArray[np.int64]
REWIRED = 0.1
VILLAGE = 10
BELOW = 10


def small_world(size: int, reach: float, seed: int, rewired: float = REWIRED) -> Ties:
    """A ring with shortcuts; reach: neighbours on either side, at most a quarter of all people."""
    if not 1 <= reach <= size / 4:
        raise UsageError(
            f"a ring of {size} people with {reach:g} neighbours on either side",
            expected=f"1 to {size // 4}", do="fewer neighbours, or more people",
        )  # fmt: skip
    person = np.repeat(np.arange(size), int(reach))
    beside = (person + np.tile(np.arange(1, int(reach) + 1), size)) % size
    stays = _draw(person.size, "led away", seed) >= rewired
    ties = _pairs(size, person[stays], beside[stays])
    return _tied(size, *_further(size, person[~stays], ties, "where", seed))


def village(size: int, far: float, seed: int) -> Ties:
    """Cliques of VILLAGE with bridges; far: chance of a tie between two persons of different villages."""
    person = np.repeat(np.arange(size), VILLAGE)
    near = person // VILLAGE * VILLAGE + np.tile(np.arange(VILLAGE), size)
    inside = near < size
    one, other = _by_chance(size, far, "far ties", seed)
    return _tied(size, np.concatenate([person[inside], one]), np.concatenate([near[inside], other]))


def opinion_leader(size: int, exponent: float, seed: int, both_ways: bool = True) -> Ties:
    """Few with very many ties; with `both_ways` off a person is only heard by those whom she drew."""
    degrees = np.arange(1, size)
    weight = np.cumsum(exp(-exponent * log(degrees)))
    degree = 1 + np.searchsorted(weight, _draw(size, "degree", seed) * weight[-1])
    hubs, ties = _hubs(size, degree, seed)
    degree[hubs] = 0
    rank = np.argsort(-degree, kind="stable")
    return _tied(size, *_further(size, np.repeat(rank, degree[rank]), ties, "who hears", seed), both_ways)


def hierarchy(size: int, level: float, seed: int) -> Ties:
    """A tree of BELOW under each, filled from above; level: chance of a tie between two persons of one level."""
    below = np.arange(1, size)
    one, other = [below], [(below - 1) // BELOW]
    first, width = 1, BELOW
    while first < size:
        people = min(width, size - first)
        this, that = _by_chance(people, level, f"ties of the level from {first}", seed)
        one.append(first + this)
        other.append(first + that)
        first, width = first + width, width * BELOW
    return _tied(size, np.concatenate(one), np.concatenate(other))


Builder = Callable[[int, float, int], Ties]
FAMILIES: Mapping[str, tuple[Builder, str, Sequence[float]]] = {
    "small world": (small_world, "neighbours on either side", (2, 5, 10, 40)),
    "village": (village, "chance of a tie between villages", (0.0005, 0.003, 0.015, 0.06)),
    "opinion leader": (opinion_leader, "exponent of the ties a person has", (2.4, 1.8, 1.5, 1.3)),
    "hierarchy": (hierarchy, "chance of a tie within a level", (0.001, 0.01, 0.03, 0.1)),
}
"""Family -> builder, what its number means, and that number from few ties to many; the second stands for the family."""
STANDARD = 1


def complete(size: int) -> Ties:
    """Everybody hears everybody, herself included, as in a threshold model."""
    everybody = np.arange(size)
    return ties_of(size, np.repeat(everybody, size), np.tile(everybody, size))


def mean_ties(ties: Ties) -> float:
    """How many others a person hears on average."""
    return float(total(ties.heard)) / ties.heard.size


def _draw(count: int, name: str, seed: int) -> Floats:
    numbers = np.arange(count, dtype=np.int64)
    return uniforms(seed, name_hash(name), 0, numbers, numbers * 0)


def _pairs(size: int, one: Rows, other: Rows) -> tuple[Rows, Rows, Rows]:
    """Ties as (one, other, a number for each pair)."""
    return one, other, np.minimum(one, other) * size + np.maximum(one, other)


def _hubs(size: int, degree: Rows, seed: int) -> tuple[Rows, tuple[Rows, Rows, Rows]]:
    """Who has more ties than an eighth of all people, most first, and those ties.

    Each puts everybody in an order of her own and takes the first ones that she is not tied to; to draw again and again
    until somebody is free, as others do, would take her long.
    """
    hubs = np.argsort(-degree, kind="stable")[: int((degree > size / 8).sum())]
    tied, numbers = np.zeros((hubs.size, size), bool), np.arange(size, dtype=np.int64)
    for k, hub in enumerate(hubs):
        order = uniforms(seed, name_hash("order of a hub"), int(hub), numbers, numbers * 0)
        order[hub], order[hubs[:k][tied[:k, hub]]] = 2.0, 2.0
        chosen = np.argsort(order, kind="stable")[: degree[hub]]
        tied[k, chosen[order[chosen] < 1.0]] = True
    drawn, other = np.nonzero(tied)
    return hubs, _pairs(size, hubs[drawn], other)


def _further(size: int, person: Rows, ties: tuple[Rows, Rows, Rows], name: str, seed: int) -> tuple[Rows, Rows]:
    """These ties, and for each entry of `person` one more to somebody to whom she is not tied; int64[ties] each.

    All draw at once and draw again, with fresh keys, where they met themselves or a pair that is tied; of two draws of
    one pair in a round the first counts. Who is tied to everybody stops.
    """
    one, other, known = ties
    rounds = 0
    while person.size:
        numbers = np.arange(person.size, dtype=np.int64)
        drawn = uniforms(seed, name_hash(name), rounds, numbers, numbers * 0)
        whom = np.floor(drawn * size).astype(np.int64)
        _, _, pair = _pairs(size, person, whom)
        fresh = np.zeros(person.size, bool)
        fresh[np.unique(pair, return_index=True)[1]] = True
        fresh &= (whom != person) & ~np.isin(pair, known)
        one, other = np.concatenate([one, person[fresh]]), np.concatenate([other, whom[fresh]])
        known = np.concatenate([known, pair[fresh]])
        count = np.bincount(one, minlength=size) + np.bincount(other, minlength=size)
        person = person[~fresh]
        person, rounds = person[count[person] < size - 1], rounds + 1
    return one, other


def _by_chance(people: int, chance: float, name: str, seed: int) -> tuple[Rows, Rows]:
    """Pairs (i, j), i < j, each there with this chance independently of all others; int64[ties] each.

    P(skip >= k) = (1 - chance)^k. Draws are keyed, so that more of them go on where fewer stop. A chance that a double
    cannot tell from zero beside one (1e-16) is none.
    """
    pairs = people * (people - 1) // 2
    if pairs == 0 or 1.0 - chance >= 1.0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    expected = min(chance, 1.0) * pairs
    count, at = int(expected + 8.0 * math.sqrt(expected)) + 8, np.full(1, -1, np.int64)
    while at[-1] < pairs:
        at = np.cumsum(_skips(count, chance, pairs, name, seed) + 1) - 1
        count *= 2
    at = at[at < pairs]
    first_pair = np.arange(people) * np.arange(-1, people - 1) // 2
    other = np.searchsorted(first_pair, at, side="right") - 1
    return at - first_pair[other], other


def _skips(count: int, chance: float, most: int, name: str, seed: int) -> Rows:
    """How many pairs without a tie come before each next one, at most `most`."""
    if chance >= 1.0:
        return np.zeros(count, np.int64)
    lasting = log(1.0 - chance)
    return np.floor(np.minimum(log(_draw(count, name, seed)) / lasting, most)).astype(np.int64)


def _tied(size: int, speaker: Rows, listener: Rows, both_ways: bool = True) -> Ties:
    other = speaker != listener
    speaker, listener = speaker[other], listener[other]
    if both_ways:
        speaker, listener = np.concatenate([speaker, listener]), np.concatenate([listener, speaker])
    return ties_of(size, speaker, listener)
