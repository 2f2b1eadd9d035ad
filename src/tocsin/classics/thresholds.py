"""Thresholds: Granovetter 1978 (doi 10.1086/226707) and Kuran's preference falsification 1991 (doi 10.2307/2010422).

Person i takes part once the share taking part reaches her threshold t_i; nobody turns back. From nobody, the crowd
comes to rest at the smallest r with F(r) = r, where F(r) is the share of people with t <= r. Granovetter: thresholds
0, 1, ..., 99 of 100 bring out all; with one person of 2 instead of 1, a single one. Normal thresholds with mean 25 %
and spread s: r = Phi((r - 0.25)/s), whose lowest solution disappears where it touches the diagonal, at
(r - 0.25)/s = -sqrt(-2 ln(s sqrt(2 pi))). Kuran: the same rule, where r is public opposition and the threshold the
opposition at which being silent costs a person more than speaking.

Through the person kernel: aversion R = t, rho = 1, gamma = r plus the smallest step, no noise, no ties.
Kuran's sequences are from memory of the paper, which was not read for this version. B is A with one person of 30
instead of 20, so that A and B differ in one person, and in B as in A the same person then changes from 20 to 10; that
is the point of his example. The sequence 0, 20, 30, 40, ..., 100 without a repeated number has the same two ends.

Departures: thresholds are 16-bit fractions (1.5e-5). Traps: people are whole, the published curve is continuous;
rounding the number of rioters moves the jump between 11.9 and 12.9, so the continuous map is the test. Among few
people, drawn thresholds make the jump a matter of chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from tocsin.classics.crowd import cascade, evenly, normals
from tocsin.classics.declare import Classic, Effort, Finding, Line, Picture
from tocsin.classics.judged import PLAN
from tocsin.exact import Floats

MEAN = 0.25
MILLION, EVEN = 1_000_000, 100_000
SOURCE = (
    "Granovetter M. 1978, Threshold models of collective behavior, American Journal of Sociology 83(6) 1420-1443, "
    "doi 10.1086/226707"
)
KURAN = "Kuran T. 1991, Now out of never, World Politics 44(1) 7-48, doi 10.2307/2010422"
SEQUENCES: Sequence[tuple[str, Sequence[int], int]] = (
    ("Granovetter, thresholds 0, 1, ..., 99", range(100), 100),
    ("Granovetter, one person of 2 instead of 1", (0, 2, *range(2, 100)), 1),
    ("Kuran A", (0, 20, 20, 30, 40, 50, 60, 70, 80, 100), 1),
    ("Kuran A', one person of 10 instead of 20", (0, 10, 20, 30, 40, 50, 60, 70, 80, 100), 9),
    ("Kuran B, one person of 30 instead of 20 in A", (0, 20, 30, 30, 40, 50, 60, 70, 80, 100), 1),
    ("Kuran B', the same person of 10 as in A'", (0, 10, 30, 30, 40, 50, 60, 70, 80, 100), 2),
)
"""Name, thresholds in per cent, and how many of the people take part in the end."""
RESTS = (
    (12.22, 5.98, 0.02), (12.23, 100.0, 0.01), (25.0, 99.86, 0.01), (50.0, 90.5, 0.05), (100.0, 65.9, 0.05),
    (1000.0, 51.04, 0.01),
)  # fmt: skip
"""Spread in per cent, where the crowd comes to rest in per cent, tolerance."""


def rest(spread: float, mean: float = MEAN) -> float:
    """The smallest r with Phi((r - mean)/spread) = r: the first crossing of the diagonal from above.

    Found on a grid of 100,000 and refined; two crossings nearer than that would be passed over.
    """
    grid = np.linspace(0.0, 1.0, 100_001)
    gap = ndtr((grid - mean) / spread) - grid
    i = int(np.argmax(gap <= 0.0))
    return float(brentq(lambda r: ndtr((r - mean) / spread) - r, grid[i - 1], grid[i], xtol=1e-13))


def critical(mean: float = MEAN) -> float:
    """The spread at which the lowest rest disappears: the curve touches the diagonal there."""

    def touching(spread: float) -> float:
        at = -math.sqrt(-2.0 * math.log(spread * math.sqrt(2.0 * math.pi)))
        return float(ndtr(at)) - (mean + spread * at)

    return float(brentq(touching, 0.25 * mean, 0.9 * mean, xtol=1e-14))


def jump_in_whole_people(rounding: str, shift: float) -> float:
    """Spread (per cent) at which a hundred jump when n' = rounding(100 Phi((n + shift - 25)/spread)), to 0.01."""
    whole = {"floor": np.floor, "round": np.rint, "ceil": np.ceil}[rounding]
    for spread in np.arange(10.0, 14.0, 0.01):
        n = -1.0
        while (after := float(whole(100 * ndtr((max(n, 0.0) + shift - 25) / spread)))) != n:
            n = after
        if n > 50:
            return float(spread)
    return math.inf


def check_sequences(_: Effort) -> Iterator[Finding]:
    """Each sequence of thresholds, exactly."""
    for name, thresholds, expected in SEQUENCES:
        ours = cascade(np.array(thresholds) / 100).acting
        people = len(thresholds)
        note = "sequence from memory of the paper" if name.startswith("Kuran") else ""
        yield Finding(
            name, f"{expected} of {people}", f"{ours} of {people}", "exact", ours == expected, note,
            origin="paper", basis=PLAN,
        )  # fmt: skip


def _near(name: str, published: float, ours: float, tolerance: float, note: str = "") -> Finding:
    places = max(0, -math.floor(math.log10(tolerance))) + 1
    gap = abs(ours - published)
    if gap > tolerance:
        note = f"off by {gap:.{places}f}; {note}"
    shown = f"{published:g} %", f"{ours:.{places}f} %", f"{tolerance:g} points"
    return Finding(name, *shown, gap <= tolerance, note, origin="derived", basis=PLAN)


def check_normal(effort: Effort) -> Iterator[Finding]:
    """The continuous map, the text of the paper, and a million people through the kernel."""
    jump = 100 * critical()
    yield Finding(
        "spread at which the crowd jumps, in the paper's words", "approximately 12.2", f"{jump:.4f}", "rounds to 12.2",
        round(jump, 1) == 12.2, origin="paper", basis="the paper's digits",
    )  # fmt: skip
    yield _near("spread at which the crowd jumps", 12.2221, jump, 0.001, "solved from the paper's map")
    for spread, published, tolerance in RESTS:
        note = "solved from the paper's map"
        yield _near(f"rest at spread {spread:g}", published, 100 * rest(spread / 100), tolerance, note)
    below = 100 * rest(critical() - 1e-9)
    met = 5.5 <= below < 6.5
    row = "rest just below the jump", "about six of 100", f"{below:.2f} of 100", "rounds to six"
    yield Finding(*row, met, origin="paper", basis="the paper's digits")
    readings = {f"{r} {s:+g}": jump_in_whole_people(r, s) for r in ("floor", "round", "ceil") for s in (0, 0.5)}
    shown, at = ", ".join(f"{name}: {where:.2f}" for name, where in readings.items()), readings.values()
    note = "why replications that round report other jumps; rounding of the count and shift by half a person"
    yield Finding(
        "jump if people are counted whole", "approximately 12.2", f"{min(at):.2f} to {max(at):.2f}: {shown}", "",
        None, note, origin="paper", why="variant",
    )  # fmt: skip
    yield from _million(effort)


def _million(effort: Effort) -> Iterator[Finding]:
    seeds = effort.choose(2, 20)
    shares = {s: [_drawn(effort, s, seed) for seed in range(seeds)] for s in (12.0, 12.5)}
    low, high = np.array(shares[12.0]), np.array(shares[12.5])
    worst = float(low[np.argmax(np.abs(low - 4.0))])
    count = f"{seeds} draws of a million people through the person kernel"
    yield _near("a million drawn people, spread 12.0, farthest", 4.0, worst, 0.3, f"{count}, mean {low.mean():.3f} %")
    met = bool(high.min() > 99.9)
    yield Finding(
        "a million drawn people, spread 12.5", "> 99.9 %", f"{high.min():.3f} % at least", "bound", met, count,
        origin="derived", basis=PLAN,
    )  # fmt: skip


def _drawn(effort: Effort, spread: float, seed: int) -> float:
    """Share acting in the end, in per cent, of people with drawn thresholds, put in order: the kernel skips faster."""

    def make() -> dict[str, float]:
        drawn = np.sort(normals(MILLION, "thresholds", seed))
        return {"share": 100 * cascade(MEAN + spread / 100 * drawn).share}

    return float(effort.keep(f"drawn thresholds, people {MILLION}, spread {spread:g}, seed {seed}", make)["share"])


def pictures(effort: Effort) -> Sequence[Picture]:
    """The threshold map with its rests, and where the crowd comes to rest against the spread."""
    return _map(), _rests(effort)


def _map() -> Picture:
    r = np.linspace(0.0, 1.0, 401)
    spreads = (10.0, 12.22, 16.0, 40.0)
    lines = [Line("the same share again", 100 * r, 100 * r)]
    lines += [Line(f"spread {s:.4g}", 100 * r, 100 * ndtr((r - MEAN) / (s / 100))) for s in spreads]
    ends = 100 * np.array([rest(s / 100) for s in spreads])
    lines.append(Line("where the crowd comes to rest", ends, ends, points=True))
    note = "Thresholds with mean 25 %. The crowd climbs from nobody until the curve first meets the diagonal."
    return Picture("Who would join, given who has", "taking part (%)", "then taking part (%)", tuple(lines), "", note)


def _rests(effort: Effort) -> Picture:
    jump = 100 * critical()
    spreads = np.sort(np.concatenate([np.linspace(5, 50, 136), [jump - 1e-6, jump + 1e-6]]))
    asked = np.array([8.0, 10.0, 11.0, 12.0, 12.2, 12.3, 12.5, 14.0, 18.0, 25.0, 35.0, 50.0])
    few = np.linspace(6, 30, effort.choose(13, 49))
    middle, low, high = _hundred(effort, few)
    even = np.array([_even(effort, float(s)) for s in asked])
    lines = (
        Line("continuous map", spreads, np.array([100 * rest(s / 100) for s in spreads])),
        Line("a hundred thousand people, evenly spaced", asked, even, points=True),
        Line("a hundred drawn people: median, four in five", few, middle, low=low, high=high),
    )
    note = "Thresholds with mean 25 %. Among a hundred drawn people the jump is a matter of chance."
    return Picture("The jump", "spread of thresholds (%)", "taking part in the end (%)", lines, "", note)


def _even(effort: Effort, spread: float) -> float:
    """As `_drawn`, for thresholds at evenly spaced quantiles."""

    def make() -> dict[str, float]:
        return {"share": 100 * cascade(MEAN + spread / 100 * evenly(EVEN)).share}

    return float(effort.keep(f"even thresholds, people {EVEN}, spread {spread:g}", make)["share"])


def _hundred(effort: Effort, spreads: Floats) -> tuple[Floats, Floats, Floats]:
    """Median, tenth and ninetieth percentile (per cent) over draws of a hundred people, float[len(spreads)]."""
    draws = effort.choose(100, 400)

    def make() -> dict[str, list[list[float]]]:
        drawn = [MEAN + normals(100, "few thresholds", seed) * spreads[:, None] / 100 for seed in range(draws)]
        shares = np.array([[100 * cascade(t).share for t in of_one] for of_one in drawn])
        return {"shares": np.quantile(shares, (0.5, 0.1, 0.9), axis=0).tolist()}

    kept = effort.keep(f"a hundred thresholds, draws {draws}, spreads {spreads.size}", make)["shares"]
    middle, low, high = np.array(kept)
    return middle, low, high


CLASSICS = (
    Classic(
        name="sequences",
        rung=1,
        title="One person more or less: sequences of thresholds",
        source=f"{SOURCE}; {KURAN}",
        says="Two nearly equal societies, one person apart, may have a revolution and nothing: surprise is structural.",
        kernel="person law, noiseless, without ties",
        check=check_sequences,
        here="All six sequences come out as in the papers.",
    ),
    Classic(
        name="granovetter",
        rung=2,
        title="Normal thresholds: the jump",
        source=SOURCE,
        says="As people differ more, a crowd of some six in a hundred turns at once into nearly everybody.",
        kernel="person law, noiseless, without ties; the continuous map by root finding",
        check=check_normal,
        pictures=pictures,
        seconds=20.0,
        here="The crowd jumps at a spread of 12.2221 %, the paper's 12.2, from 6.2 to nearly all of a hundred.",
    ),
)
