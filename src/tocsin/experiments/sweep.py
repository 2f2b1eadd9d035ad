"""A sweep: one scenario at many points of what is assumed, every point with the same draws and seeds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UsageError
from tocsin.experiments.design import Design, Slot
from tocsin.experiments.ensemble import Ensemble, Share
from tocsin.experiments.filling import fill
from tocsin.experiments.labour import Hands, hired
from tocsin.experiments.ledger import write_down
from tocsin.experiments.points import Axis, axes_of, changes_at, places_of, world_at
from tocsin.experiments.shelf import Shelf
from tocsin.experiments.statistics import bootstrap, mean_of, share
from tocsin.results.failures import Failed
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
EVENTS = ("fallen", "defection")
"""Headline numbers that are 0 or 1."""
FOLDER = "sweeps"
GRID_POINTS = 5
"""Values of a range in a grid, unless said otherwise."""


@dataclass(frozen=True)
class Measure:
    """What is asked of each run: a headline number, or whether it lies beyond a threshold (sign 1: above, -1: below).

    `fallen` and `defection` are events already.
    """

    name: str
    sign: int = 0
    threshold: float = 0.0

    @classmethod
    def of(cls, text: str) -> Measure:
        """From "fallen", "killed" or "killed>100"."""
        for mark, sign in ((">", 1), ("<", -1)):
            name, found, number = (part.strip() for part in text.partition(mark))
            if not found:
                continue
            try:
                return cls(name, sign, float(number))
            except ValueError:
                raise UsageError(
                    f"{text!r}", expected="a headline number and a threshold", do=f"for example {name}{mark}100"
                ) from None
        return cls(text.strip())

    @property
    def event(self) -> bool:
        """Whether it is yes or no, so that its mean is a share of runs."""
        return bool(self.sign) or self.name in EVENTS

    def __call__(self, values: Floats) -> Floats:
        """Values of the headline number -> what is asked; NaN stays NaN."""
        if not self.sign:
            return values
        return np.where(np.isnan(values), np.nan, (self.sign * (values - self.threshold) > 0).astype(np.float64))

    def refuse_unknown(self, names: Iterable[str]) -> None:
        """Refuse a name that is no headline number of a run."""
        known = sorted({*names, "fallen", "day", "kind"})
        if self.name not in known:
            raise UsageError(
                f"no headline number {self.name!r}", expected=f"one of {', '.join(known)}",
                do="choose one of these, or an event such as killed>100",
            )  # fmt: skip

    def __str__(self) -> str:
        return self.name + (f"{'<>'[self.sign > 0]}{self.threshold:g}" if self.sign else "")


@dataclass(frozen=True)
class Sweep:
    """Finished runs at N points with S slots each, the same draws and seeds at every point.

    axes: k of them; design: how the points were chosen; places float[N, k]: shares along the axes, 0 to 1; changes:
    what each point sets; keys [N][S]; failed: runs that could not be finished (NaN in all tables).
    """

    scenario: Scenario
    axes: tuple[Axis, ...]
    design: str
    places: Floats
    changes: tuple[Mapping[str, object], ...]
    slots: tuple[Slot, ...]
    keys: tuple[tuple[str, ...], ...]
    shelf: Shelf = field(repr=False)
    failed: tuple[Failed, ...] = ()

    def __len__(self) -> int:
        return len(self.changes)

    @cached_property
    def headlines(self) -> Mapping[str, Floats]:
        """Name -> headline number [N, S]; NaN where a run is missing."""
        flat = [key for row in self.keys for key in row]
        here = np.array([key in self.shelf for key in flat], bool)
        kept = tuple(key for key, there in zip(flat, here, strict=True) if there)
        slots = tuple(slot for slot, there in zip(self.slots * len(self), here, strict=True) if there)
        table = {}
        for name, values in Ensemble(self.scenario, "sweep", slots, kept, self.shelf).headlines.items():
            every = np.full(len(flat), np.nan)
            every[here] = values
            table[name] = every.reshape(len(self), len(self.slots))
        return table

    def column(self, what: str = "fallen") -> Floats:
        """What is asked of every run, [N, S]: a headline number, or 1 where "NAME>NUMBER" or "NAME<NUMBER" holds."""
        measure = Measure.of(what)
        measure.refuse_unknown(self.headlines)
        return measure(self.headlines[measure.name])

    def estimates(self, what: str = "fallen") -> list[Share]:
        """Per point the share of runs (an event) or the mean (a number), each with its 95 % interval over the slots."""
        values = self.column(what)
        if Measure.of(what).event:
            return [share(row[:, None]) for row in values]
        return [(float(np.nanmean(row)), *bootstrap(row[:, None], mean_of)) for row in values]

    def runs(self, point: int) -> Iterator[Run]:
        """The finished runs of one point, one after another."""
        return self.shelf.runs(key for key in self.keys[point] if key in self.shelf)

    def world(self, point: int) -> Scenario:
        """The scenario at one point."""
        return world_at(self.scenario, self.changes[point])


def sweep(
    scenario: Scenario,
    over: Mapping[str, object],
    *,
    design: str = "grid",
    points: int | None = None,
    seeds: int = 10,
    seed: int = 1,
    store: str | Path | None = None,
    **hands: Unpack[Hands],
) -> Sweep:
    """Run a scenario at many points.

    over: name -> [levels], (low, high), (low, high, "log") or "prior"; names as `Scenario.vary` takes them, or
    "variant". design: "grid" (points: values of each range, 5), "latin" or "sobol" (points: all of them, 64). seeds:
    runs at each point, each with its own draw of everything that is not swept; all points have the same. store: a
    folder in which finished runs are kept and found again. hands: workers, executor, cluster, retry, progress.
    """
    axes = axes_of(scenario, over)
    places = places_of(design, axes, points or (GRID_POINTS if design == "grid" else 64), seed)
    return sweep_at(scenario, axes, places, Design(seeds, seed), design, store, **hands)


def sweep_at(
    scenario: Scenario,
    axes: tuple[Axis, ...],
    places: Floats,
    slots: Design,
    design: str,
    store: str | Path | None = None,
    **hands: Unpack[Hands],
) -> Sweep:
    """`sweep` at places that are chosen already. slots: the draws and seeds of every point."""
    labour, watch = hired(hands)
    changes = changes_at(axes, places)
    worlds = [world_at(scenario, c) for c in changes]
    done = fill(worlds, slots.slots(), store, labour, watch)
    made = Sweep(scenario, axes, design, places, changes, slots.slots(), done.keys, done.shelf, done.failed)
    if store is not None:
        _note(made, Path(store), [w.hash for w in worlds])
    return made


def _note(made: Sweep, store: Path, hashes: list[str]) -> None:
    """Write which runs belong to which point, as JSON beside the runs, in place of an earlier sweep of these points."""
    content = {
        "scenario": made.scenario.name, "scenario_hash": made.scenario.hash, "design": made.design,
        "axes": [str(axis) for axis in made.axes], "points": made.changes, "hashes": hashes,
        "slots": [[slot.draw, slot.seed] for slot in made.slots], "keys": made.keys,
    }  # fmt: skip
    name = hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:12]
    write_down(store, f"{FOLDER}/{name}.json", content)
