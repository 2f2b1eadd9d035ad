"""Lang and De Sterck 2014: one equation for a revolution, with two thresholds and four regimes.

dr/dt = c1 v(r) (1 - r) - c2 p(r) r
v = 1 where r > a (the crowd is seen), else 0; p = 1 where r < b (the police cope), else 0; c* = c1 / (c1 + c2)

r: share of people who protest; c1, c2: rates of joining and of removal (1/day); a, b in (0, 1). In each of the at most
three pieces the equation is linear, so every trajectory is a chain of exponentials towards 0, c* or 1, or stands still:

a < b, c* < a      ends 0 and 1, parted at b
a < b, a < c* < b  ends 0, c* and 1, parted at a and b
a < b, c* > b      ends 0 and 1, parted at a
a > b              ends 0 and 1, and every point of [b, a] stays where it is

Source: Lang J. C., De Sterck H. 2014, Mathematical Social Sciences 69, 12-21, doi 10.1016/j.mathsocsci.2014.01.004
(arXiv 1210.1841): equation, the four names, and that they hold for a broad class of rapid transitions. The table above
is derived from the equation with steps.

Departures: a and b are the shares themselves, whatever the paper's alpha and beta make of them. Which name goes with
which row is our reading, since only the beginning of the paper was read for this version.
Known traps: an ODE solver that steps over a jump of the field loses its order, so integration stops at a and at b and
starts again behind them; at a jump both sides must point the same way, or the point parts two basins.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from tocsin.classics.declare import Classic, Effort, Finding, Line, Picture
from tocsin.classics.judged import OWN, PLAN

Floats = NDArray[np.float64]
STARTS = (np.arange(20) + 0.5) / 20
LONG = 200.0
END_TOLERANCE, COURSE_TOLERANCE, CROSSING_TOLERANCE = 1e-6, 1e-6, 1e-4
EXACT = 1e-12
SMOOTH_WIDTH = 0.005


@dataclass(frozen=True)
class Law:
    """c1 and c2 in 1/day; a: share from which the crowd is seen; b: share up to which the police cope."""

    join: float
    remove: float
    seen: float
    held: float

    @property
    def balance(self) -> float:
        """c*, where joining and removal cancel."""
        return self.join / (self.join + self.remove)

    def piece(self, r: float, heading: float = 0.0) -> tuple[float, float]:
        """Target and rate (1/day) of the linear piece at r, just behind r in the direction `heading` (-1, 0 or 1)."""
        r += heading * EXACT
        seen, held = r > self.seen, r < self.held
        if seen and held:
            return self.balance, self.join + self.remove
        return (1.0, self.join) if seen else (0.0, self.remove if held else 0.0)


REGIMES = (
    ("stable police state", Law(0.2, 0.8, 0.3, 0.6)),
    ("failed state", Law(0.5, 0.5, 0.3, 0.6)),
    ("unstable police state", Law(0.8, 0.2, 0.3, 0.6)),
    ("meta-stable police state", Law(0.5, 0.5, 0.6, 0.3)),
)


def expected_end(law: Law, start: float) -> float:
    """Where the table of the four regimes says that a trajectory ends."""
    if law.seen > law.held:
        return 0.0 if start < law.held else (start if start <= law.seen else 1.0)
    if law.balance < law.seen:
        return 0.0 if start < law.held else 1.0
    if law.balance > law.held:
        return 0.0 if start < law.seen else 1.0
    return 0.0 if start < law.seen else (law.balance if start < law.held else 1.0)


def borders(law: Law) -> tuple[float, ...]:
    """The points that part the basins, by the table of the four regimes."""
    if law.seen < law.held and law.balance < law.seen:
        return (law.held,)
    if law.seen < law.held and law.balance > law.held:
        return (law.seen,)
    return tuple(sorted((law.seen, law.held)))


def closed_form(law: Law, start: float, times: Floats) -> Floats:
    """r at times (days, float[n], from 0): a chain of exponentials, each until the next threshold on its way."""
    out = np.empty_like(times)
    since, r, heading = 0.0, start, 0.0
    while True:
        target, rate = law.piece(r, heading)
        heading = float(np.sign(target - r)) if rate else 0.0
        ahead = [m for m in (law.seen, law.held) if (m - r) * heading > EXACT and (target - m) * heading > 0]
        edge = min(ahead, key=lambda m: abs(m - r)) if ahead else None
        until = math.inf if edge is None else since + math.log((target - r) / (target - edge)) / rate
        within = (times >= since) & (times <= until)
        out[within] = target + (r - target) * np.exp(-rate * (times[within] - since)) if rate else r
        if edge is None:
            return out
        since, r = until, edge


def crossing_time(law: Law, start: float) -> float:
    """Days from a start in (a, b) until r = b, if c* > b: ln[(c* - r0) / (c* - b)] / (c1 + c2)."""
    return math.log((law.balance - start) / (law.balance - law.held)) / (law.join + law.remove)


def _edge(level: float) -> Any:
    def reached(_: float, r: Floats) -> float:
        return float(r[0]) - level

    reached.terminal = True  # type: ignore[attr-defined]
    return reached


def integrate(law: Law, start: float, times: Floats) -> tuple[Floats, list[tuple[float, float]]]:
    """r at times (days, float[n]) by SciPy's solver, and the thresholds crossed with the day of crossing."""
    out = np.full_like(times, start)
    since, r, heading, edges = 0.0, start, 0.0, [law.seen, law.held]
    crossed: list[tuple[float, float]] = []
    while True:
        seen, held = r + heading * EXACT > law.seen, r + heading * EXACT < law.held

        def field(_: float, y: Floats, seen: bool = seen, held: bool = held) -> Floats:
            return law.join * seen * (1 - y) - law.remove * held * y

        part = times[times >= since]
        found = solve_ivp(
            field, (since, times[-1]), [r], "DOP853", part, events=[_edge(e) for e in edges], rtol=1e-11, atol=1e-13
        )
        out[times.size - part.size :][: found.y.shape[1]] = found.y[0]
        hit = [i for i, when in enumerate(found.t_events) if when.size]
        if not hit:
            return out, crossed
        heading = 1.0 if edges[hit[0]] > r else -1.0
        since, r = float(found.t_events[hit[0]][0]), edges.pop(hit[0])
        crossed.append((r, since))


def smooth_ends(law: Law, width: float) -> int:
    """How many ends the equation has when both steps are logistic of this width: falling zeros of the field."""
    r = np.linspace(0, 1, 20001)
    seen, held = _steep((r - law.seen) / width), _steep((law.held - r) / width)
    field = law.join * seen * (1 - r) - law.remove * held * r
    down = np.sum((field[:-1] > 0) & (field[1:] <= 0))
    return int(down)


def _steep(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


def border_by_trial(law: Law, near: float) -> float:
    """The share nearest to `near` at which SciPy's trajectories part, by bisection to 1e-7."""
    low, high = near - 0.02, near + 0.02
    times = np.array([0.0, LONG])
    below = _stays(law, low, times)
    while high - low > 1e-7:
        middle = (low + high) / 2
        if _stays(law, middle, times) == below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _stays(law: Law, start: float, times: Floats) -> str:
    end = float(integrate(law, start, times)[0][-1])
    ends = {0.0: "0", law.balance: "c*", 1.0: "1"}
    return next((name for value, name in ends.items() if abs(end - value) < 1e-3 and abs(start - end) > 1e-6), "stands")


def _of_regime(law: Law) -> dict[str, Any]:
    ends, courses = [], []
    times = np.linspace(0, LONG, 401)
    for start in STARTS:
        r = integrate(law, float(start), times)[0]
        ends.append(abs(float(r[-1]) - expected_end(law, float(start))))
        courses.append(float(np.abs(r - closed_form(law, float(start), times)).max()))
    found = [border_by_trial(law, b) for b in borders(law)]
    return {"ends": ends, "courses": courses, "borders": found}


def _regime_finding(name: str, law: Law, piece: dict[str, Any]) -> Finding:
    reached = sum(e < END_TOLERANCE for e in piece["ends"])
    gap = max(abs(f - b) for f, b in zip(piece["borders"], borders(law), strict=True))
    parted = ", ".join(f"{b:g}" for b in borders(law))
    return Finding(
        f"ends of the {name}", f"each start reaches the end of its basin; basins part at r = {parted}",
        f"{reached} of {len(piece['ends'])} starts; parted at {', '.join(f'{b:.6f}' for b in piece['borders'])}",
        "20 of 20, basins to 1e-6", reached == len(piece["ends"]) and gap < 1e-6,
        f"c1 {law.join:g}, c2 {law.remove:g} per day, a {law.seen:g}, b {law.held:g}; its name is our reading",
        origin="derived", basis=PLAN,
    )  # fmt: skip


def check(effort: Effort) -> Iterator[Finding]:
    """The four regimes, closed forms, crossing times, and the regimes with smooth steps."""
    worst = 0.0
    for name, law in REGIMES:
        piece = effort.keep(f"regime {name} {law}", partial(_of_regime, law))
        worst = max(worst, *piece["courses"])
        yield _regime_finding(name, law, piece)
    yield Finding(
        "trajectories", "chains of exponentials in closed form", f"largest difference {worst:.1e}", "1e-6",
        worst < COURSE_TOLERANCE, "SciPy's DOP853 from 20 starts in each regime against the closed form, 401 days each",
        origin="derived", basis=PLAN,
    )  # fmt: skip
    yield _crossing_finding()
    yield from _smooth_findings()


def _crossing_finding() -> Finding:
    law = dict(REGIMES)["unstable police state"]
    starts = np.linspace(law.seen, law.held, 12)[1:-1]
    times = np.array([0.0, 20.0])
    found = [dict(integrate(law, float(s), times)[1])[law.held] for s in starts]
    gap = max(abs(f - crossing_time(law, float(s))) for f, s in zip(found, starts, strict=True))
    return Finding(
        "time until the police are overrun", "ln[(c* - r0) / (c* - b)] / (c1 + c2)",
        f"largest difference {gap:.1e} days", "1e-4 days", gap < CROSSING_TOLERANCE, "10 starts between a and b",
        origin="derived", basis=PLAN,
    )  # fmt: skip


def _smooth_findings() -> Iterator[Finding]:
    """The abstract: the regimes hold for a broad class of rapid transitions."""
    counts = [smooth_ends(law, SMOOTH_WIDTH) for _, law in REGIMES]
    says, width = "holds for a broad class of rapid transitions", f"logistic steps of width {SMOOTH_WIDTH:g}"
    for (name, _), count, ends in zip(REGIMES[:3], counts, (2, 3, 2), strict=False):
        yield Finding(
            f"{name} with smooth transitions", says, f"{count} ends", f"{ends} ends, as with sudden ones",
            count == ends, width, origin="paper", basis=f"{OWN}; statement of the abstract",
        )  # fmt: skip
    yield Finding(
        f"{REGIMES[3][0]} with smooth transitions", says, f"{counts[3]} ends; the points from b to a do not rest", "",
        None, f"{width}: calm and revolution stay ends, but between b and a, where sudden transitions leave everything "
        "at rest, the crowd drifts to one of them, ever slower towards the middle; what the paper says of these points "
        "was not read for this version", origin="paper",
    )  # fmt: skip


def pictures(effort: Effort) -> Sequence[Picture]:
    """One picture for each regime: SciPy's trajectories as lines, the closed form as points."""
    del effort
    return tuple(_regime_picture(name, law) for name, law in REGIMES)


def _regime_picture(name: str, law: Law) -> Picture:
    times, few = np.linspace(0, 12, 241), np.linspace(0, 12, 13)
    starts = (0.1, 0.275, 0.325, 0.45, 0.575, 0.625, 0.9)
    lines = [Line(f"from {start:g}", times, integrate(law, start, times)[0]) for start in starts]
    exact = np.concatenate([closed_form(law, start, few) for start in starts])
    lines.append(Line("closed form", np.tile(few, len(starts)), exact, points=True))
    note = f"a = {law.seen:g}, b = {law.held:g}, c* = {law.balance:g}"
    return Picture(f"The {name}", "days", "share of people who protest", tuple(lines), note=note)


CLASSIC = Classic(
    name="regimes",
    rung=4,
    title="A revolution in one equation: four regimes",
    source="Lang and De Sterck 2014, Mathematical Social Sciences 69, 12-21, doi 10.1016/j.mathsocsci.2014.01.004",
    says="Whether a protest dies, lasts or sweeps the country depends on which comes first: being seen, or overrunning "
    "the police.",
    kernel="SciPy's ODE solver, restarted at each threshold",
    check=check,
    pictures=pictures,
    here="With sudden transitions all four cases end as derived from the equation; with smooth ones the resting points "
    "of the fourth are gone. The paper has an open version (arXiv 1210.1841) that was not read for this one.",
)
