"""Two changes at once: four worlds paired by seed, and how much the changes need each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import StoreError, UsageError
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import Ensemble, Share, World, ensembles
from tocsin.experiments.labour import Hands, Labour, Watch, hired
from tocsin.experiments.ledger import SQUARES, latest, reopened
from tocsin.experiments.perform import paired, perform
from tocsin.experiments.shelf import Done
from tocsin.experiments.statistics import bootstrap, mean_of
from tocsin.results.failures import Failed
from tocsin.results.store import Store
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Change = str | Mapping[str, object]
"""The name of a variant of the scenario, or changes as `Scenario.vary` takes them."""


@dataclass(frozen=True)
class Interaction:
    """Four ensembles with the same slots: as it is, with the first change, with the second, with both.

    paired: whether people and chance are shared by all four. An effect is a change of the mean of a number, over pairs,
    with its 95 % interval: draws are resampled, then seeds within each.
    """

    base: Ensemble
    first: Ensemble
    second: Ensemble
    both: Ensemble
    paired: bool

    def __len__(self) -> int:
        return len(self.base)

    @property
    def ensembles(self) -> tuple[Ensemble, ...]:
        """All four, in the order of the fields."""
        return self.base, self.first, self.second, self.both

    @property
    def worlds(self) -> tuple[World, ...]:
        """(title, scenario, function that iterates the runs) of each."""
        return tuple(world for one in self.ensembles for world in one.worlds)

    @property
    def failed(self) -> tuple[Failed, ...]:
        """Runs that could not be finished; their slots are left out in all four worlds."""
        return self.base.failed

    def effect_of_first(self, name: str = "fallen") -> Share:
        """The main effect of the first change: its effect without and with the second, averaged."""
        base, first, second, both = self._columns(name)
        return _effect(((first - base) + (both - second)) / 2.0)

    def effect_of_second(self, name: str = "fallen") -> Share:
        """The main effect of the second change: its effect without and with the first, averaged."""
        base, first, second, both = self._columns(name)
        return _effect(((second - base) + (both - first)) / 2.0)

    def effect(self, name: str = "fallen") -> Share:
        """The interaction: (both - second) - (first - base), by how much one change alters the effect of the other."""
        base, first, second, both = self._columns(name)
        return _effect(both - second - first + base)

    def _columns(self, name: str) -> tuple[Floats, Floats, Floats, Floats]:
        return self.base.column(name), self.first.column(name), self.second.column(name), self.both.column(name)


def _effect(difference: Floats) -> Share:
    """Mean with its two-level interval; NaN for the interval where all pairs agree, which tell nothing of it."""
    known = difference[~np.isnan(difference)]
    if not known.size or np.all(known == known[0]):
        return (float(known[0]) if known.size else np.nan), np.nan, np.nan
    return (float(known.mean()), *bootstrap(difference, mean_of, stream=4))


def interaction(
    base: Scenario,
    first: Change,
    second: Change,
    runs: int = 40,
    *,
    seed: int = 1,
    store: str | Path | None = None,
    seeds_per_draw: int = 1,
    **hands: Unpack[Hands],
) -> Interaction:
    """Run four worlds with the same draws and seeds: `base`, with each of two changes, and with both (first, second).

    hands: workers, executor, cluster, retry, progress (see `Hands`); the result does not depend on them.
    """
    labour, watch = hired(hands)
    return interaction_with(square(base, first, second), Design(runs, seed, seeds_per_draw), store, labour, watch)


def interaction_with(
    worlds: tuple[Scenario, ...],
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
) -> Interaction:
    """`interaction` of four worlds that are there, with everything that can be chosen."""
    names = tuple(world.variant or "as written" for world in worlds)
    return _interaction(worlds, names, perform(worlds, design, store, labour, watch, titles=names))


def _interaction(worlds: tuple[Scenario, ...], names: tuple[str, ...], done: Done) -> Interaction:
    base, first, second, both = ensembles(worlds, names, done)
    return Interaction(base, first, second, both, all(paired(worlds[0], w) for w in worlds[1:]))


def square(base: Scenario, first: Change, second: Change) -> tuple[Scenario, ...]:
    """The four worlds: as it is, with the first change, with the second, with both."""
    one, other = changed(base, first), changed(base, second)
    both = changed(one, second)
    names = (base.variant or "as written", one.variant, other.variant, f"{one.variant} and {other.variant}")
    worlds = (base, one, other, both.vary({}, variant=names[3]))
    hashes = [w.hash for w in worlds]
    for i, world in enumerate(worlds):
        if world.hash in hashes[:i]:
            same = names[hashes.index(world.hash)]
            raise UsageError(
                f"{names[i]!r} is the same world as {same!r}", where=base.origin or base.name,
                expected="four worlds that differ", do="choose two changes that do not touch the same thing",
            )  # fmt: skip
    return worlds


def changed(scenario: Scenario, change: Change) -> Scenario:
    """A scenario with one change."""
    return scenario.world(change) if isinstance(change, str) else scenario.vary(change)


def open_interaction(path: str | Path, back: int = 0) -> Interaction:
    """The newest interaction of a run store, or the one `back` before it; nothing is computed."""
    store = Store(path)
    entry = latest(store.path, back, SQUARES)
    done = Done.of(entry.slots, tuple(world.keys for world in entry.worlds), store)
    if not done.slots:
        raise StoreError(
            "no finished run", where=str(path), expected=f"runs of {entry.worlds[0].name}",
            do="make the interaction again",
        )  # fmt: skip
    return _interaction(tuple(reopened(store, w) for w in entry.worlds), tuple(w.title for w in entry.worlds), done)
