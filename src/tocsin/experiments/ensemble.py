"""An ensemble: one scenario, many runs, two levels of chance (draws of the parameters, seeds within a draw)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments import targets
from tocsin.experiments.design import Design, Shelf, Slot
from tocsin.experiments.gate import GateRow, gate_rows
from tocsin.experiments.perform import Labour, Watch, perform
from tocsin.experiments.statistics import share, spread
from tocsin.results.record import OUTCOMES, Run
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Share = tuple[float, float, float]
World = tuple[str, Scenario, Callable[[], Iterator[Run]]]


@dataclass(frozen=True)
class Ensemble:
    """Finished runs of one scenario, read when they are asked for. keys: one per slot, in the order of the design."""

    scenario: Scenario
    title: str
    slots: tuple[Slot, ...]
    keys: tuple[str, ...]
    shelf: Shelf = field(repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Run]:
        return self.runs()

    def runs(self) -> Iterator[Run]:
        """The runs one after another; only a few are in memory at a time."""
        return self.shelf.runs(self.keys)

    @cached_property
    def heads(self) -> list[dict[str, Any]]:
        """Everything but the recorded series of all runs."""
        return self.shelf.heads(self.keys)

    def column(self, name: str) -> Floats:
        """A headline number of every run as [D, S], a row per draw; NaN where a run is missing or has no such number.

        `fallen` and `day` come from the outcome, other names from its summary, parameters as `parameter:risk.slope`.
        """
        values = np.array([_number(head, name) for head in self.heads])
        return targets.by_draw(values, np.array([slot.draw for slot in self.slots]))

    def share(self, kind: str) -> Share:
        """Share of runs that end this way, with its 95 % interval."""
        ended = np.array([float(head["outcome"]["kind"] == kind) for head in self.heads])
        return share(targets.by_draw(ended, np.array([slot.draw for slot in self.slots])))

    @property
    def fallen(self) -> Share:
        """Share of runs in which the regime fell or the ruler left, with its 95 % interval."""
        return share(self.column("fallen"))

    def spread(self, name: str) -> Share:
        """Median, 5 % and 95 % points of a headline number over the runs."""
        return spread(self.column(name))

    @property
    def worlds(self) -> tuple[World, ...]:
        """(title, scenario, function that iterates the runs), for the report."""
        return ((self.title, self.scenario, self.runs),)

    @property
    def shares(self) -> Mapping[str, Mapping[str, Share]]:
        """World title -> end state -> share of runs with its 95 % interval."""
        return {self.title: {kind: self.share(kind) for kind in OUTCOMES}}

    @cached_property
    def gate(self) -> list[GateRow]:
        """The joint gate on the prior ensemble."""
        return gate_rows([self])

    @cached_property
    def fit(self) -> targets.TargetFit:
        """All targets of the scenario against the runs."""
        return targets.fit(self.scenario, self.runs())

    @property
    def targets(self) -> list[targets.TargetRow]:
        """One row per target that lies within the runs."""
        return list(self.fit.rows)


def _number(head: Mapping[str, Any], name: str) -> float:
    if name.startswith("parameter:"):
        return float(head["parameters"].get(name[10:], np.nan))
    ended = head["outcome"]
    return float(ended[name] if name in ("fallen", "day") else ended["summary"].get(name, np.nan))


def ensemble(
    scenario: Scenario,
    runs: int = 40,
    *,
    seed: int = 1,
    workers: int | None = None,
    store: str | Path | None = None,
    seeds_per_draw: int = 1,
    progress: Watch | None = None,
) -> Ensemble:
    """Run a scenario many times, each with parameters drawn from their priors.

    workers: processes, one per core unless given; store: a folder in which finished runs are kept and found again
    (None: only in memory). Which draw and seed each run has: see `Design`.
    """
    return ensemble_with(scenario, Design(runs, seed, seeds_per_draw), store, Labour(workers), progress)


def ensemble_with(
    scenario: Scenario,
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
) -> Ensemble:
    """`ensemble` with everything that can be chosen: the design, who works and who watches."""
    title = scenario.variant or "as written"
    done = perform([scenario], design, store, labour, watch, titles=(title,))
    return Ensemble(scenario, title, done.slots, done.keys[0], done.shelf)
