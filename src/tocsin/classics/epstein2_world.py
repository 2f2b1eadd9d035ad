"""Epstein's Model II on the grid: what the published runs set, how the text can be read, and one run of it.

Equations, source and traps: classics/epstein2.py. The kernel (kernels/rivals.py) knows tables and switches only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tocsin.classics.epstein_world import Ints, chances, window
from tocsin.errors import UsageError
from tocsin.kernels import grid
from tocsin.kernels import rivals as kernel
from tocsin.kernels.draw import name_hash, split, uniforms

STREAMS = tuple(f"epstein2.{s}" for s in ("order", "wake", "return", "clone", "clone order", "post"))


@dataclass(frozen=True)
class Society:
    """What one run fixes.

    legitimacy: of either group in the eyes of the other; cops: per site from the start; turn, later: from this period
    on so many cops per site; clone: chance per period; side: sites along an edge of the torus; people per site; vision;
    longest, oldest: the longest jail term and life in periods; threshold, steepness: T and k.
    """

    legitimacy: float = 0.8
    cops: float = 0.0
    turn: int = 0
    later: float | None = None
    clone: float = 0.05
    side: int = 40
    people: float = 0.7
    vision: float = 1.7
    longest: int = 15
    oldest: int = 200
    threshold: float = 0.1
    steepness: float = 2.3

    def posted(self, periods: int) -> Ints:
        """Cops wanted in each period, int64[periods]."""
        begin, after = (round(share * self.side**2) for share in (self.cops, self._later))
        return np.where(np.arange(periods) < self.turn, begin, after).astype(np.int64)

    @property
    def _later(self) -> float:
        return self.cops if self.later is None else self.later

    @property
    def most(self) -> int:
        """The largest number of cops at any time."""
        return round(max(self.cops, self._later) * self.side**2)


@dataclass(frozen=True)
class Reading:
    """What the text leaves open.

    ratio: C/A taken as it is ("literal"), rounded down ("floor") or to the nearest whole ("even"); staggered: people
    begin at a random age, otherwise at 0; late: who turns active kills at its next turn, if it is still free then,
    otherwise at once; straight: offspring go to one of four neighbouring sites, otherwise of eight.
    """

    name: str = "as printed"
    ratio: str = "literal"
    staggered: bool = False
    late: bool = False
    straight: bool = False


PRINTED = Reading()


@dataclass(frozen=True)
class Past:
    """What happened in T periods: out int64[T, 6] (columns as in kernels/rivals.py), frames uint8[F, side, side]."""

    out: Ints
    frames: NDArray[np.uint8]

    @property
    def groups(self) -> Ints:
        """People of both groups, the jailed included, int64[T, 2]."""
        return self.out[:, kernel.FIRST : kernel.SECOND + 1]

    @property
    def killed(self) -> Ints:
        """People killed in each period, int64[T]."""
        return self.out[:, kernel.REMOVED]

    @property
    def end(self) -> int:
        """After how many periods a group was gone; 0 if neither was."""
        gone = np.flatnonzero((self.groups == 0).any(axis=1))
        return int(gone[0]) + 1 if gone.size else 0

    @property
    def victor(self) -> int:
        """The group that is left, 0 or 1; -1 while both are there or if neither is."""
        left = self.groups[-1] > 0
        return int(left[1]) if left.sum() == 1 else -1


@dataclass
class World:
    """A society under way; the kernel changes `field`, and nothing else changes."""

    society: Society
    rule: kernel.Rule
    field: kernel.Field
    seed: int
    now: int = 0

    def advance(self, periods: int, *, frames: int = 0, to_the_end: bool = False) -> Past:
        """Let periods pass, until a group is gone unless to_the_end."""
        side, posted = self.society.side, self.society.posted(self.now + periods)[self.now :]
        course = kernel.Course(
            np.full(periods, 1.0 - self.society.legitimacy), posted,
            np.zeros((periods, kernel.RECORDED), np.int64), np.zeros((frames, side**2), np.uint8),
        )  # fmt: skip
        streams = np.array([name_hash(s) for s in STREAMS], np.int64)
        passed = kernel.advance(self.field, self.rule, course, self.now, to_the_end, streams, _key(self.seed))
        self.now += passed
        return Past(course.out[:passed], course.shown[:passed].reshape(-1, side, side))


def build(society: Society, reading: Reading, seed: int) -> World:
    """The society before its first period."""
    sight = window("disc", society.vision)
    if sight.half.size > society.side:
        raise UsageError(f"vision {society.vision:g} reaches around the torus", do="a smaller vision")
    beside = window("cross", 1.0) if reading.straight else window("disc", 1.7)
    rule = kernel.Rule(
        sight, beside, chances(reading.ratio, society.steepness, sight.dy.size + 1),
        np.array([society.threshold, society.clone]),
        np.array([society.longest, society.oldest, reading.late], np.int64),
    )  # fmt: skip
    return World(society, rule, _peopled(society, reading, seed), seed)


def _key(seed: int) -> Ints:
    return np.array(split(seed), np.int64)


def _peopled(society: Society, reading: Reading, seed: int) -> kernel.Field:
    """Cops first, then people, each on a random free site."""
    sites, cops, most = society.side**2, round(society.cops * society.side**2), society.most
    people = round(society.people * sites)
    if cops + people > sites:
        raise UsageError(f"{cops} cops and {people} people", expected=f"at most {sites} in all", do="fewer cops")
    chosen = np.empty(cops + people, np.int32)
    grid.scatter(np.arange(sites, dtype=np.int32), 0, name_hash("epstein2.scatter"), _key(seed), chosen)
    field = _empty(society.side, most, most + sites + most * society.longest)
    own, numbers = slice(most, most + people), np.arange(people, dtype=np.int64)
    field.at[:cops], field.at[own] = chosen[:cops], chosen[cops:]
    trait = partial(_trait, seed, numbers)
    field.hardship[own], field.aversion[own] = trait("hardship"), trait("aversion")
    field.kind[own] = trait("group") < 0.5
    field.span[own] = 1 + np.floor(trait("span") * society.oldest)
    if reading.staggered:
        field.age[own] = np.floor(trait("age") * field.span[own])
    kernel.settle(field, cops, people)
    return field


def _trait(seed: int, numbers: Ints, name: str) -> NDArray[np.float64]:
    return uniforms(seed, name_hash(f"epstein2.{name}"), 0, numbers, numbers * 0)


def _empty(side: int, reserved: int, slots: int) -> kernel.Field:
    """A grid on which nobody has settled yet."""
    return kernel.Field(
        side, reserved, np.full(side**2, grid.NOBODY, np.int32), np.zeros(slots, np.int32),
        np.zeros(slots, np.uint8), np.zeros(slots, np.uint8),
        np.zeros(slots, np.int16), np.zeros(slots, np.int16), np.zeros(slots, np.int16),
        np.zeros(slots, np.float32), np.zeros(slots, np.float32), np.zeros(slots, np.int32),
    )  # fmt: skip
