"""A contrast: two worlds, paired run by run. The same draw, the same seed, the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Unpack

from tocsin.errors import StoreError, UsageError
from tocsin.experiments import targets
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import Ensemble, Share, World, ensembles
from tocsin.experiments.gate import GateRow, gate_rows, has_mission
from tocsin.experiments.labour import Hands, Labour, Watch, hired
from tocsin.experiments.ledger import latest, reopened
from tocsin.experiments.pairing import PairingGain, pairing_gain
from tocsin.experiments.perform import paired, perform
from tocsin.experiments.shelf import Done
from tocsin.experiments.statistics import paired_difference, paired_shares
from tocsin.results.failures import Failed
from tocsin.results.store import Store
from tocsin.scenario.scenario import Scenario


@dataclass(frozen=True)
class Contrast:
    """Two ensembles with the same slots. paired: whether people and chance are shared (engine.md 2)."""

    base: Ensemble
    variant: Ensemble
    paired: bool

    def __len__(self) -> int:
        return len(self.base)

    @property
    def scenario(self) -> Scenario:
        """The scenario of the base."""
        return self.base.scenario

    @property
    def worlds(self) -> tuple[World, ...]:
        """(title, scenario, function that iterates the runs) of the base and of the variant."""
        return self.base.worlds + self.variant.worlds

    @property
    def shares(self) -> Mapping[str, Mapping[str, Share]]:
        """World title -> end state -> share of runs with its 95 % interval."""
        return {**self.base.shares, **self.variant.shares}

    @property
    def effect(self) -> Share:
        """Survival in the base less survival in the variant, mean over pairs, with its 95 % interval."""
        return paired_shares(self.variant.column("fallen"), self.base.column("fallen"))

    def difference(self, name: str) -> Share:
        """Mean of base less variant of a headline number over pairs, with its two-level 95 % interval."""
        return paired_difference(self.base.column(name), self.variant.column(name))

    @property
    def gain(self) -> PairingGain:
        """How many runs the pairing saves in the effect on survival."""
        return pairing_gain(self.base.column("fallen"), self.variant.column("fallen"))

    @property
    def failed(self) -> tuple[Failed, ...]:
        """Runs that could not be finished; their pairs are left out."""
        return self.base.failed

    @property
    def differ(self) -> int:
        """Pairs in which one world falls and the other does not."""
        return int((self.base.column("fallen") != self.variant.column("fallen")).sum())

    @cached_property
    def gate(self) -> list[GateRow]:
        """The joint gate on the prior ensemble."""
        return gate_rows([self.base, self.variant])

    @property
    def fit(self) -> targets.TargetFit:
        """All targets of the scenario against the runs of the base."""
        return self.base.fit

    @property
    def targets(self) -> list[targets.TargetRow]:
        """One row per target that lies within the runs of the base."""
        return self.base.targets


def contrast(
    base: Scenario,
    variant: Scenario,
    runs: int = 40,
    *,
    seed: int = 1,
    store: str | Path | None = None,
    seeds_per_draw: int = 1,
    **hands: Unpack[Hands],
) -> Contrast:
    """Run two worlds with the same draws, the same seeds and, where they can be, the same people.

    hands: workers, executor, cluster, retry, progress (see `Hands`); the result does not depend on them.
    """
    labour, watch = hired(hands)
    return contrast_with(base, variant, Design(runs, seed, seeds_per_draw), store, labour, watch)


def contrast_with(
    base: Scenario,
    variant: Scenario,
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
) -> Contrast:
    """`contrast` with everything that can be chosen: the design, who works and who watches."""
    if base.hash == variant.hash:
        raise UsageError(
            f"the two worlds are the same: {variant.variant or 'the variant'} changes nothing that decides a result",
            where=base.origin or base.name, expected="two worlds that differ", do="choose another variant or change",
        )  # fmt: skip
    names = titles(base, variant)
    done = perform([base, variant], design, store, labour, watch, titles=names)
    return _contrast((base, variant), names, done)


def _contrast(worlds: tuple[Scenario, ...], names: tuple[str, ...], done: Done) -> Contrast:
    first, second = ensembles(worlds, names, done)
    return Contrast(first, second, paired(*worlds))


def titles(base: Scenario, variant: Scenario) -> tuple[str, str]:
    """What the two worlds are called: by the mission where that is the difference, else by the variants' titles."""
    if has_mission(base) and not has_mission(variant):
        return "with the mission", "without the mission"
    named = base.variants.get(variant.variant)
    first, second = base.variant or "as written", named.title if named else variant.variant or "changed"
    return first, second if second != first else f"{second} (changed)"


def open_store(path: str | Path, back: int = 0) -> Ensemble | Contrast:
    """The newest ensemble or contrast of a run store, or the one `back` before it; nothing is computed.

    Runs that are missing, as after Ctrl-C, are left out, in both worlds at once.
    """
    store = Store(path)
    entry = latest(store.path, back)
    done = Done.of(entry.slots, tuple(world.keys for world in entry.worlds), store)
    if not done.slots:
        raise StoreError(
            "no finished run",
            where=str(path),
            expected=f"runs of {entry.worlds[0].name}",
            do="start `tocsin run` again",
        )
    worlds = tuple(reopened(store, world) for world in entry.worlds)
    names = tuple(world.title for world in entry.worlds)
    if len(worlds) == 1:
        return ensembles(worlds, names, done)[0]
    return _contrast(worlds, names, done)
