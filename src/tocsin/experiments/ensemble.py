"""An ensemble: one scenario, many runs, two levels of chance (draws of the parameters, seeds within a draw)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from tocsin.experiments import targets
from tocsin.experiments.design import Design, Slot
from tocsin.experiments.gate import GateRow, gate_rows
from tocsin.experiments.labour import Hands, Labour, Watch, hired
from tocsin.experiments.perform import perform
from tocsin.experiments.shelf import Done, Shelf
from tocsin.experiments.statistics import share, spread
from tocsin.results.failures import Failed
from tocsin.results.record import OUTCOMES, Run
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Share = tuple[float, float, float]
World = tuple[str, Scenario, Callable[[], Iterator[Run]]]


@dataclass(frozen=True)
class Ensemble:
    """Finished runs of one scenario, read when they are asked for; of each only its headline numbers are held.

    keys: one per slot, in the order of the design; failed: runs that could not be finished, whose slots are left out.
    """

    scenario: Scenario
    title: str
    slots: tuple[Slot, ...]
    keys: tuple[str, ...]
    shelf: Shelf = field(repr=False)
    failed: tuple[Failed, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Run]:
        return self.runs()

    def runs(self) -> Iterator[Run]:
        """The runs one after another; only a few are in memory at a time."""
        return self.shelf.runs(self.keys)

    @cached_property
    def headlines(self) -> Mapping[str, Floats]:
        """Name -> headline number of every run, in slot order; `kind` is the place of the end state in OUTCOMES."""
        return tabulate((_headlines(head) for head in self.shelf.each_head(self.keys)), len(self))

    @cached_property
    def parameters(self) -> Mapping[str, Floats]:
        """Name -> parameter of every run, in slot order."""
        return tabulate((head["parameters"] for head in self.shelf.each_head(self.keys)), len(self))

    def column(self, name: str) -> Floats:
        """A headline number of every run as [D, S], a row per draw; NaN where a run is missing or has no such number.

        `fallen` and `day` come from the outcome, other names from its summary, parameters as `parameter:risk.slope`.
        """
        wanted = self.parameters if name.startswith("parameter:") else self.headlines
        values = wanted.get(name.removeprefix("parameter:"))
        return self._by_draw(np.full(len(self), np.nan) if values is None else values)

    def _by_draw(self, values: Floats) -> Floats:
        return targets.by_draw(values, np.array([slot.draw for slot in self.slots]))

    def share(self, kind: str) -> Share:
        """Share of runs that end this way, with its 95 % interval."""
        return share(self._by_draw((self.headlines["kind"] == OUTCOMES.index(kind)).astype(np.float64)))

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


def tabulate(rows: Iterable[Mapping[str, float]], count: int) -> dict[str, Floats]:
    """Name -> float[count] from rows of named numbers; NaN where a row has no such number."""
    table: dict[str, Floats] = {}
    for i, row in enumerate(rows):
        for name, value in row.items():
            if name not in table:
                table[name] = np.full(count, np.nan)
            table[name][i] = value
    return table


def _headlines(head: Mapping[str, Any]) -> dict[str, float]:
    ended = head["outcome"]
    kind = float(OUTCOMES.index(ended["kind"]))
    return {**ended["summary"], "fallen": float(ended["fallen"]), "day": float(ended["day"]), "kind": kind}


def ensemble(
    scenario: Scenario,
    runs: int = 40,
    *,
    seed: int = 1,
    store: str | Path | None = None,
    seeds_per_draw: int = 1,
    **hands: Unpack[Hands],
) -> Ensemble:
    """Run a scenario many times, each with parameters drawn from their priors.

    store: a folder in which finished runs are kept and found again (None: only in memory). Which draw and seed each run
    has: see `Design`. hands: workers, executor, cluster, retry, progress (see `Hands`); the result does not depend on
    them.
    """
    labour, watch = hired(hands)
    return ensemble_with(scenario, Design(runs, seed, seeds_per_draw), store, labour, watch)


def ensemble_with(
    scenario: Scenario,
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
) -> Ensemble:
    """`ensemble` with everything that can be chosen: the design, who works and who watches."""
    title = scenario.variant or "as written"
    (made,) = ensembles((scenario,), (title,), perform([scenario], design, store, labour, watch, titles=(title,)))
    return made


def ensembles(worlds: tuple[Scenario, ...], titles: tuple[str, ...], done: Done) -> tuple[Ensemble, ...]:
    """One ensemble per world of what was done."""
    return tuple(
        Ensemble(scenario, title, done.slots, keys, done.shelf, done.failed)
        for scenario, title, keys in zip(worlds, titles, done.keys, strict=True)
    )
