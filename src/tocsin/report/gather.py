"""One pass over the runs of one world, keeping only what the figures and tables need."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import StoreError
from tocsin.results.record import Run
from tocsin.scenario.parts import Event
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
TOTALS = ("turnout", "detained", "killed")
ABROAD = ("turnout", "killed", "deployed", "end")
_DAWN = 1e-6  # days: a day of order this early is the start, but for the sum of ticks
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Ending:
    """How one run ended; order: the day of restored order, negative if it never came."""

    draw: int
    seed: int
    kind: str
    day: float
    fallen: bool
    order: float

    @property
    def lost_order(self) -> bool:
        """Whether order was ever lost; a day of order of 0 means that it held from the first tick to the last."""
        return self.order < 0 or self.order > _DAWN


@dataclass(frozen=True)
class World:
    """What is kept of one world's runs: R runs, T ticks, P places, D days, N states.

    days float[T]; turnout int32[R, T, P]; totals name -> int64[R, T]; held, contested: share of runs, float[D, P], at
    the end of each day; parameters: name -> float[R]; states: home first; abroad: name -> int64[R, T, N], empty where
    the runs know no other state.
    """

    title: str
    scenario: Scenario
    days: Floats
    turnout: NDArray[np.int32]
    totals: Mapping[str, NDArray[np.int64]]
    held: Floats
    contested: Floats
    endings: tuple[Ending, ...]
    parameters: Mapping[str, Floats]
    model_digests: tuple[str, ...]
    versions: Mapping[str, str]
    states: tuple[str, ...] = ()
    abroad: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of runs."""
        return len(self.endings)

    @property
    def draws(self) -> int:
        """Number of different parameter draws."""
        return len({e.draw for e in self.endings})

    @property
    def fallen(self) -> int:
        """Number of runs in which the regime fell or the ruler left."""
        return sum(e.fallen for e in self.endings)


def gather(title: str, scenario: Scenario, runs: Callable[[], Iterator[Run]]) -> World:
    """Read every run once; memory grows by one turnout table a run and nothing else of its size."""
    turnout, totals, control, endings, drawn = [], [], [], [], []
    digests: dict[str, None] = {}
    versions: dict[str, str] = {}
    abroad: list[list[NDArray[np.int64]]] = []
    states = scenario.state_names
    for run in runs():
        order = _order(run, scenario)
        turnout.append(_fill(run.series["turnout"][:, order], scenario.ticks).astype(np.int32))
        totals.append([_fill(run.total(name), scenario.ticks) for name in TOTALS])
        control.append(_day_ends(run, scenario)[:, order].astype(np.int8))
        endings.append(_ending(run))
        drawn.append(run.parameters)
        abroad.append(_abroad(run, scenario))
        digests[run.model_digest] = None
        versions.update(run.versions)
    if not endings:
        raise StoreError(
            f"no finished run of {title!r}",
            expected="at least one run of each world",
            do="start `tocsin run` again: finished runs are kept",
        )
    table = np.stack(control)
    return World(
        title=title,
        scenario=scenario,
        days=np.arange(1, scenario.ticks + 1, dtype=np.float64) * (scenario.tick_hours / 24.0),
        turnout=np.stack(turnout),
        totals={name: np.stack([t[i] for t in totals]) for i, name in enumerate(TOTALS)},
        held=(table == 2).mean(axis=0),
        contested=(table == 1).mean(axis=0),
        endings=tuple(endings),
        parameters=_columns(drawn),
        model_digests=tuple(digests),
        versions=versions,
        states=states,
        abroad={name: np.stack([a[i] for a in abroad]) for i, name in enumerate(ABROAD)} if all(abroad) else {},
    )


def _abroad(run: Run, scenario: Scenario) -> list[NDArray[np.int64]]:
    """The series of the states, [T, N] each, in the order of the scenario; none where there is no other state."""
    where = {name: i for i, name in enumerate(run.states)}
    if len(scenario.state_names) < 2 or not all(n in where for n in scenario.state_names):
        return []
    order = [where[n] for n in scenario.state_names]
    return [_fill(run.abroad[name][:, order], scenario.ticks) for name in ABROAD]


def _order(run: Run, scenario: Scenario) -> list[int]:
    """Where each place of the scenario stands in the run: the order of places is free (engine.md 2)."""
    where = {name: i for i, name in enumerate(run.places)}
    missing = [p.name for p in scenario.places if p.name not in where]
    if missing:
        raise StoreError(
            f"run {run.key[:12]} has no place {missing[0]!r}",
            expected="runs of this scenario",
            do="give the report a store that holds the runs of one scenario",
        )
    return [where[p.name] for p in scenario.places]


def _fill(x: NDArray[np.int64], ticks: int) -> NDArray[np.int64]:
    """The series over the whole horizon; a run that ended early keeps its last value."""
    if len(x) >= ticks:
        return x[:ticks]
    return np.concatenate([x, np.repeat(x[-1:], ticks - len(x), axis=0)])


def _day_ends(run: Run, scenario: Scenario) -> NDArray[np.int64]:
    """Control [D, P] at the end of each day."""
    control = _fill(run.series["control"], scenario.ticks)
    per_day = max(1, round(24.0 / scenario.tick_hours))
    return control[per_day - 1 :: per_day] if len(control) >= per_day else control[-1:]


def _ending(run: Run) -> Ending:
    out = run.outcome
    return Ending(run.draw, run.seed, out.kind, out.day, out.fallen, float(out.summary.get("order_day", -1.0)))


def _columns(drawn: list[Mapping[str, float]]) -> dict[str, Floats]:
    return {name: np.array([d[name] for d in drawn if name in d]) for name in drawn[0]}


def bands(x: NDArray[np.int64] | NDArray[np.int32]) -> Floats:
    """Quantiles over runs, float[5, T], of a table [R, T]."""
    return np.asarray(np.quantile(x, QUANTILES, axis=0), dtype=np.float64)


def wilson(hits: float, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22, 209)."""
    if n == 0:
        return 0.0, 1.0
    p, z2 = hits / n, _Z95 * _Z95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def by_day(days: Iterable[float], n: int, horizon: float) -> list[tuple[float, float]]:
    """The share of `n` runs with an event by each day: corners of the step line from 0 to the horizon."""
    corners, reached = [(0.0, 0.0)], 0
    for day in sorted(days):
        corners.append((day, reached / n))
        reached += 1
        corners.append((day, reached / n))
    return [*corners, (horizon, reached / n)]


def pairs(base: World, other: World) -> list[tuple[Ending, Ending]]:
    """The endings of the same draw and seed in both worlds, in the order of the first."""
    twins = {(e.draw, e.seed): e for e in other.endings}
    return [(e, twins[e.draw, e.seed]) for e in base.endings if (e.draw, e.seed) in twins]


def dropped(worlds: Sequence[World]) -> list[Event]:
    """Events of the base that the variant leaves out, in the order of the script."""
    if len(worlds) < 2:
        return []
    kept = set(worlds[1].scenario.events)
    return sorted((e for e in worlds[0].scenario.events if e not in kept), key=lambda e: e.hours)
