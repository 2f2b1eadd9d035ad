"""Epstein's Model I on the grid: what the published runs set, how the printed rule can be read, and one run of it.

A `Society` is what a run of the paper fixes; a `Reading` is everything that the paper leaves open or that a later
program does in another way. Nothing of either is hidden in the kernel (kernels/grid.py), which knows tables and
switches. Equations, source and traps: classics/epstein.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UsageError
from tocsin.exact import Floats, exp
from tocsin.kernels import grid as kernel
from tocsin.kernels.draw import name_hash, split, uniforms

Ints = NDArray[np.int64]
LEAVE, SHARE, BLOCK = kernel.LEAVE, kernel.SHARE, kernel.BLOCK
CHUNK = 1 << 14
SLACK = 34
"""Further counts that the table of chances knows: on shared sites more people than sites may be in sight."""


@dataclass(frozen=True)
class Society:
    """What one run fixes.

    side: sites along an edge of the torus; people, cops: per site; vision: of both; legitimacy; longest: the longest
    jail term in periods, None without end; threshold, steepness: T and k; moving: citizens move (cops always do).
    """

    legitimacy: float
    longest: int | None
    cops: float
    vision: float = 7.0
    side: int = 40
    people: float = 0.7
    threshold: float = 0.1
    steepness: float = 2.3
    moving: bool = True


@dataclass(frozen=True)
class Reading:
    """How the rule is read.

    ratio: C/A taken as it is ("literal"), rounded down ("floor"), to the nearest whole with halves to even ("even") or
    up ("up"). shape: sites in sight, "disc" (centres within the vision), "diamond", "square" or "cross"; vision: stands
    for that of the society if given. own_twice: an active person asks "who is active" and counts itself twice;
    act_first: acts, then moves; jailed: LEAVE the grid and return near the arrest, SHARE their site or BLOCK it;
    shortest: the shortest term; below: the longest term is one less than J_max; landing: a cop moves onto the site of
    the suspect; sleepers: a term runs down when its holder is woken, otherwise for all at the end of a period;
    scattered: each site draws whether it holds a citizen, a cop or nobody, otherwise the numbers are exact.
    """

    name: str
    ratio: str = "literal"
    shape: str = "disc"
    vision: float | None = None
    own_twice: bool = False
    act_first: bool = False
    jailed: int = LEAVE
    shortest: int = 1
    below: bool = False
    landing: bool = False
    sleepers: bool = False
    scattered: bool = False


PRINTED = Reading("as printed")
FLOOR = Reading("floor, 148 sites", ratio="floor")
ROUNDED = Reading("rounded, 184 sites", ratio="even", vision=7.7)
NETLOGO = Reading(
    "NetLogo Rebellion", ratio="floor", own_twice=True, jailed=SHARE, shortest=0, below=True, landing=True
)
MESA = Reading(
    "Mesa example",
    ratio="even",
    shape="diamond",
    act_first=True,
    jailed=BLOCK,
    shortest=0,
    sleepers=True,
    scattered=True,
)
MESA_MOORE = replace(MESA, name="Mesa example in Moore", shape="square")


def half_widths(shape: str, vision: float) -> Ints:
    """How far to both sides the window reaches in each of its rows."""
    reach = int(vision)
    rows = np.abs(np.arange(-reach, reach + 1))
    if shape == "disc":
        return np.floor(np.sqrt(vision * vision - rows * rows)).astype(np.int64)
    if shape == "diamond":
        return (reach - rows).astype(np.int64)
    if shape == "square":
        return np.full(rows.size, reach, np.int64)
    if shape == "cross":
        return np.where(rows == 0, reach, 0).astype(np.int64)
    raise UsageError(f"unknown shape of sight: {shape}", expected="disc, diamond, square or cross")


def window(shape: str, vision: float) -> kernel.Sight:
    """The sites in sight."""
    half = half_widths(shape, vision)
    reach = half.size // 2
    sites = [(y - reach, x) for y, w in enumerate(half) for x in range(-int(w), int(w) + 1) if (y, x) != (reach, 0)]
    dy, dx = np.array(sites, np.int64).T.copy()
    return kernel.Sight(half, dy, dx)


def chances(ratio: str, steepness: float, most: int) -> Floats:
    """P = 1 - exp(-k ratio(C/A)) as float64[C, A] for C, A up to `most`; A = 0 never occurs and stands as 1."""
    cops, actives = np.arange(most + 1.0)[:, None], np.maximum(np.arange(most + 1.0), 1.0)[None, :]
    quotient = cops / actives
    if ratio == "floor":
        quotient = np.floor(quotient)
    elif ratio == "even":
        quotient = np.rint(quotient)
    elif ratio == "up":
        quotient = np.floor(quotient + 0.5)
    elif ratio != "literal":
        raise UsageError(f"unknown reading of C/A: {ratio}", expected="literal, floor, even or up")
    return 1.0 - exp(-steepness * quotient)


@dataclass(frozen=True)
class Past:
    """What happened: active, jailed, cops int64[T]; tension float64[T]; frames uint8[F, side, side]."""

    active: Ints
    jailed: Ints
    cops: Ints
    tension: Floats
    frames: NDArray[np.uint8]


@dataclass
class World:
    """A society under way: `advance` lets periods pass. The kernel changes `grid`; nothing else changes."""

    society: Society
    sight: kernel.Sight
    rule: kernel.Rule
    grid: kernel.Grid
    seed: int
    now: int = 0

    def advance(
        self, periods: int, *, legitimacy: Floats | None = None, cops: Ints | None = None, frames: int = 0
    ) -> Past:
        """Let periods pass; legitimacy float64[periods] and cops int64[periods] follow a script if given."""
        level = np.full(periods, self.society.legitimacy) if legitimacy is None else legitimacy
        posted = np.full(periods, self.grid.at.size) if cops is None else cops
        shown = np.zeros((frames, self.grid.head.size), np.uint8)
        course = kernel.Course(
            1.0 - level, posted.astype(np.int64), np.zeros((periods, 3), np.int64), np.zeros((periods, 2)), shown
        )
        streams = np.array([name_hash(f"epstein.{s}") for s in ("order", "move", "arrest", "return")], np.int64)
        kernel.advance(
            self.grid, self.sight, self.rule, course, self.now, streams, np.array(split(self.seed), np.int64)
        )
        self.now += periods
        side = self.grid.side
        active, jailed, cops = course.out.T.copy()
        return Past(active, jailed, cops, self._tension(course), shown.reshape(frames, side, side))

    def _tension(self, course: kernel.Course) -> Floats:
        """Mean grievance of the quiet, times the share of citizens who are quiet, over their mean risk aversion."""
        citizens = self.grid.at.size - course.out[:, 2]
        quiet = citizens - course.out[:, 0] - course.out[:, 1]
        hardship, aversion = course.quiet.T
        grievance = hardship * course.lift
        return np.where(aversion > 0, grievance / np.maximum(aversion, 1e-12) * quiet / citizens, 0.0)


def build(society: Society, reading: Reading, seed: int) -> World:
    """The society before its first period."""
    sight = window(reading.shape, reading.vision or society.vision)
    if sight.half.size > society.side:
        raise UsageError(
            f"vision {reading.vision or society.vision:g} reaches around a torus of {society.side} sites",
            do="a smaller vision or a larger grid",
        )
    sites, cops = _sites(society, reading, seed)
    hardship, aversion = draws(seed, "hardship", sites.size), draws(seed, "aversion", sites.size)
    grid = _empty(society.side, sites, hardship, aversion)
    kernel.settle(grid, sight, cops)
    table = chances(reading.ratio, society.steepness, sight.dy.size + SLACK)
    rule = kernel.Rule(table, _switches(society, reading), np.array([society.threshold]))
    return World(society, sight, rule, grid, seed)


def draws(seed: int, name: str, count: int) -> NDArray[np.float32]:
    """Uniform draws float32[count], some thousand at a time: a large grid needs no room beside its own."""
    out = np.empty(count, np.float32)
    for first in range(0, count, CHUNK):
        numbers = np.arange(first, min(first + CHUNK, count), dtype=np.int64)
        out[first : first + CHUNK] = uniforms(seed, name_hash(f"epstein.{name}"), 0, numbers, numbers * 0)
    return out


def _switches(society: Society, reading: Reading) -> Ints:
    """The kernel's switches, in its order."""
    longest = kernel.ENDLESS if society.longest is None else society.longest - reading.below
    mine = (reading.own_twice, reading.act_first, reading.jailed, reading.shortest, longest, reading.landing)
    return np.array([*mine, society.moving, reading.sleepers], np.int64)


def _sites(society: Society, reading: Reading, seed: int) -> tuple[NDArray[np.int32], int]:
    """The sites of all people, cops first, and how many of them are cops."""
    sites = np.arange(society.side**2, dtype=np.int32)
    if reading.scattered:
        u = draws(seed, "scatter", sites.size)
        cop = (u >= society.people) & (u < society.people + society.cops)
        return np.concatenate([sites[cop], sites[u < society.people]]), int(cop.sum())
    cops = round(society.cops * sites.size)
    chosen = np.empty(cops + round(society.people * sites.size), np.int32)
    kernel.scatter(sites, 0, name_hash("epstein.scatter"), np.array(split(seed), np.int64), chosen)
    return chosen, cops


def _empty(
    side: int, at: NDArray[np.int32], hardship: NDArray[np.float32], aversion: NDArray[np.float32]
) -> kernel.Grid:
    """A grid on which nobody has settled yet."""
    sites, people = side**2, at.size
    return kernel.Grid(
        side,
        np.full(sites, kernel.NOBODY, np.int32), np.zeros(sites, np.uint8), np.zeros(sites, np.uint8),
        np.zeros(sites, np.int16), np.zeros(sites, np.int16),
        at, np.full(people, kernel.NOBODY, np.int32), hardship, aversion,
        np.zeros(people, np.int16), np.zeros(people, np.uint8), np.zeros(people, np.int32),
    )  # fmt: skip
