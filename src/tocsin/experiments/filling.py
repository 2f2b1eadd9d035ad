"""Carry out many worlds over the same slots; worlds of the same people travel together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.experiments.design import Slot
from tocsin.experiments.labour import Labour, Watch
from tocsin.experiments.making import Job, Missing, Wanted, make, refuse_if_none
from tocsin.experiments.perform import BUILT_FROM
from tocsin.experiments.shelf import Shelf
from tocsin.results.failures import Failed
from tocsin.scenario.scenario import Scenario

TOGETHER = 8
"""Worlds of the same people in one task, at most: more would leave workers idle at the end."""


@dataclass(frozen=True)
class Filled:
    """What there is: the key of each world's run in each slot, where to read them, and what failed."""

    keys: tuple[tuple[str, ...], ...]
    shelf: Shelf
    failed: tuple[Failed, ...] = ()


def fill(
    worlds: Sequence[Scenario],
    slots: tuple[Slot, ...],
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
) -> Filled:
    """Make the missing runs of all worlds in all slots (`making.make`); the same world twice is computed once.

    Worlds that share their people are made together, a few at a time.
    """
    labour = labour or Labour()
    wanted = Wanted.of(worlds, slots, labour)
    shelf = make(wanted, _jobs, labour, watch, store, singly=True)
    keys, lost = dict.fromkeys(key for row in wanted.keys for key in row), shelf.failed
    failed = tuple(lost[key] for key in keys if key in lost)
    refuse_if_none(any(key in shelf for key in keys), failed)
    return Filled(wanted.keys, shelf, failed)


def _jobs(wanted: Wanted, missing: Missing) -> Iterator[Job]:
    """Group by group and slot by slot; a key that was asked for already is left out."""
    asked: set[str] = set()
    for group in groups_of(wanted.worlds):
        for slot in range(len(wanted.slots)):
            worlds = []
            for world in group:
                key = wanted.keys[world][slot]
                if key not in asked and missing(key):
                    worlds.append(world)
                    asked.add(key)
            if worlds:
                yield Job(slot, tuple(worlds), share=True)


def groups_of(worlds: Sequence[Scenario]) -> list[list[int]]:
    """Places of worlds that are built from the same people and parameters, at most `TOGETHER` in one group."""
    found: dict[str, list[int]] = {}
    for i, world in enumerate(worlds):
        form = world.canonical()
        found.setdefault(json.dumps([form[part] for part in BUILT_FROM], sort_keys=True), []).append(i)
    return [same[at : at + TOGETHER] for same in found.values() for at in range(0, len(same), TOGETHER)]
