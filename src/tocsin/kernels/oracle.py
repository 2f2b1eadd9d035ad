"""The kernels once more, one person at a time, in plain integers: slow, and the truth in tests.

Nothing is skipped, no bit masks are kept, ties are pulled instead of pushed. Written from the rules of engine.md 2,
not from the kernels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from tocsin.kernels.law import CERTAIN, EMPTY, FULL, HALF_TABLE, NU_BITS, STEP_BITS, TABLE, Coefficients, Tables
from tocsin.kernels.people import BLOCK, PATTERNS, Layout, People

DEAD, FORMER = 6, 7
_ROUNDS = 10


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10, the generator's definition in Python integers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def traits(
    size: int, place: int, quantile: list[float], share: list[float], stream: int, seed: Any
) -> list[tuple[int, int, int]]:
    """Hardship, aversion and status of the people of one place when nothing has happened yet."""
    found = []
    for number in range(size):
        a, b, c, _ = philox((number, 0, stream, place), _key(seed))
        at = (number + a * 2.0**-32) / size * (len(quantile) - 1)
        i = min(int(at), len(quantile) - 2)
        hardship = quantile[i] + (quantile[i + 1] - quantile[i]) * (at - i)
        segment = next(k for k, upper in enumerate(share) if c < upper)
        found.append((min(int(hardship * 65536), 65535), b >> 16, segment * 16))
    return found


@dataclass
class Person:
    """One person as a record of plain integers; `row` counts within the place."""

    place: int
    row: int
    hardship: int
    aversion: int
    experience: int
    segment: int
    action: int


@dataclass
class Crowd:
    """All people of a layout, with the ties spelled out."""

    layout: Layout
    people: list[Person]
    household: dict[tuple[int, int], list[Person]] = field(default_factory=dict)
    circle: dict[tuple[int, int], list[Person]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: People, layout: Layout) -> Crowd:
        """Read the columns out."""
        crowd = cls(layout, [])
        for p in range(len(layout.size)):
            for row in range(int(layout.size[p])):
                at = int(layout.block[p]) * BLOCK + row
                status = int(people.status[at])
                person = Person(
                    p,
                    row,
                    int(people.hardship[at]),
                    int(people.aversion[at]),
                    int(people.experience[at]),
                    status >> 4,
                    status & 15,
                )
                crowd.people.append(person)
                crowd.household.setdefault((p, crowd.home(person)), []).append(person)
                crowd.circle.setdefault((p, crowd.ring(person)), []).append(person)
        return crowd

    def home(self, person: Person) -> int:
        """A number for the household: the place's row of its first member."""
        block, j = divmod(person.row, BLOCK)
        mask = int(self.layout.household[int(self.layout.homes[person.place]), block % PATTERNS, j])
        return block * BLOCK + (mask & -mask).bit_length() - 1

    def ring(self, person: Person) -> int:
        """The number of the circle, by the keyed permutation."""
        p = person.place
        wide, narrow = int(self.layout.wide[p]), int(self.layout.narrow[p])
        key = [int(k) for k in self.layout.round_key[p]]
        left, right = divmod(person.row, narrow)
        left = (left + _scatter(right, key[0], wide)) % wide
        right = (right + _scatter(left, key[1], narrow)) % narrow
        left = (left + _scatter(right, key[2], wide)) % wide
        right = (right + _scatter(left, key[3], narrow)) % narrow
        return (left * narrow + right) // int(self.layout.circle_size[0])


def _scatter(x: int, key: int, size: int) -> int:
    z = ((x ^ key) * 0x9E3779B1) & 0xFFFFFFFF
    z ^= z >> 15
    z = (z * 0x85EBCA77) & 0xFFFFFFFF
    z ^= z >> 13
    return (z * size) >> 32


def _key(seeds: Any) -> tuple[int, int]:
    """The key of the first and only world."""
    return int(seeds[0, 0]), int(seeds[0, 1])


def uniform_of(crowd: Crowd, person: Person, tick: int, streams: Any, seed: Any) -> int:
    """The person's uniform in 2^-32: the block's minimum, or a value above it."""
    block, j = divmod(person.row, BLOCK)
    key = int(crowd.layout.key[person.place])
    pair = _key(seed)
    a, b, c, _ = philox((block, tick, int(streams[0]), key), pair)
    x = 1.0 - ((a << 21) | (b >> 11)) * 2.0**-53
    for _ in range(6):
        x = math.sqrt(x)
    least = int((1.0 - x) * 2.0**32)
    if j == c % 64:
        return least
    word = philox((block * 16 + j % 16, tick, int(streams[1]), key), pair)[j // 16]
    return least + (((CERTAIN - least) * (word >> 1)) >> 31)


def support(crowd: Crowd, person: Person, share: Any) -> tuple[int, int]:
    """Active shares of household and circle, oneself left out, as 16-bit fractions."""
    family = [o for o in crowd.household[person.place, crowd.home(person)] if o is not person and o.action != DEAD]
    circle = [o for o in crowd.circle[person.place, crowd.ring(person)] if o is not person]
    h = int(share[sum(1 <= o.action <= 3 for o in family), len(family)]) if family else 0
    w = int(share[sum(1 <= o.action <= 3 for o in circle), int(crowd.layout.circle_size[0]) - 1])
    return h, w


def chance_of(v: int, t: Tables, noiseless: bool) -> int:
    """P(act) in 2^-32."""
    if noiseless:
        return CERTAIN if v > 0 else 0
    return int(t.chance[min(max((v >> STEP_BITS) + HALF_TABLE, 0), TABLE - 1)])


def decide(crowd: Crowd, person: Person, c: Coefficients, t: Tables, tick: int, streams: Any, seed: Any) -> int:
    """The person's action after choosing; nobody has moved yet."""
    origin = int(t.start[person.action])
    x = (person.experience >> 12) * int(t.decay[0, (tick - (person.experience & 4095)) & 4095])
    if person.experience and x == 0:
        person.experience = 0
    if origin < 0:
        return person.action
    at = (person.place, person.segment, origin)
    nu, u = int(c.nu[at]), uniform_of(crowd, person, tick, streams, seed)
    if u >= nu << (32 - NU_BITS):
        return person.action
    h, w = support(crowd, person, t.share)
    lift = (int(c.sigma_h[at]) * h + int(c.sigma_w[at]) * w) >> 16
    v = []
    for k in range(3):
        part = int(c.alpha[at][k]) * person.hardship + int(c.beta[at][k]) * x - int(c.rho[at][k]) * person.aversion
        v.append((part >> 16) + int(c.gamma[at][k]) + lift)
    noiseless = bool(c.noiseless[0])
    if u >= (nu * chance_of(max(v), t, noiseless)) >> NU_BITS:
        return FORMER if 1 <= person.action <= 3 else person.action
    if noiseless:
        return 1 + v.index(max(v))
    key = int(crowd.layout.key[person.place])
    word = philox((person.row, tick, int(streams[2]), key), _key(seed))[0]
    best = max(v)
    weights = [FULL if one == best else int(t.weight[min((best - one) >> STEP_BITS, HALF_TABLE)]) for one in v]
    at_word = (sum(weights) >> 2) * word >> 32
    return 1 if at_word < weights[0] >> 2 else (2 if at_word < (weights[0] + weights[1]) >> 2 else 3)


def choose(crowd: Crowd, c: Coefficients, t: Tables, tick: int, streams: Any, seed: Any) -> None:
    """All people decide on what they saw, then all act."""
    decisions = [decide(crowd, person, c, t, tick, streams, seed) for person in crowd.people]
    for person, action in zip(crowd.people, decisions, strict=True):
        person.action = action


def befall(crowd: Crowd, cut: Any, t: Tables, tick: int, stream: int, seed: Any) -> list[Person]:
    """Fates are drawn, then harm goes along ties; returns the harmed."""
    harmed = []
    for person in crowd.people:
        if person.action in (0, DEAD, EMPTY):
            continue
        key = int(crowd.layout.key[person.place])
        word = philox((person.row, tick, stream, key), _key(seed))[0]
        for outcome in range(6):
            if word < int(cut[person.place, person.segment, person.action, outcome]):
                person.action = (4, 5, DEAD, FORMER, FORMER, 4)[outcome]
                if person.action != FORMER:
                    harmed.append(person)
                break
    for person in harmed:
        family = crowd.household[person.place, crowd.home(person)]
        friends = crowd.circle[person.place, crowd.ring(person)]
        for other in [*family, *(o for o in friends if o is not person)]:
            if other.action != DEAD:
                level = (
                    (other.experience >> 12) * int(t.decay[0, (tick - (other.experience & 4095)) & 4095]) + 2048
                ) >> 12
                other.experience = (min(level + 1, 15) << 12) | (tick & 4095)
    return harmed
