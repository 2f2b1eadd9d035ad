"""Carry out many worlds over the same slots, each run by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.experiments.design import Slot
from tocsin.experiments.labour import Labour, Watch
from tocsin.experiments.making import Wanted, make, refuse_if_none
from tocsin.experiments.shelf import Shelf
from tocsin.results.failures import Failed
from tocsin.results.store import Writer
from tocsin.scenario.scenario import Scenario


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
    *,
    texts: bool = False,
) -> Filled:
    """Make the missing runs of all worlds in all slots (`making.make`); the same world twice is computed once.

    texts: each world's scenario is kept in the store as well.
    """
    labour = labour or Labour()
    wanted = Wanted.of(worlds, slots, labour)

    def prepare(writer: Writer) -> None:
        for world in worlds if texts else ():
            writer.keep_scenario(world.hash, wanted.machine.text(world))

    shelf = make(wanted, labour, watch, store, singly=True, prepare=prepare)
    keys, lost = dict.fromkeys(key for row in wanted.keys for key in row), shelf.failed
    failed = tuple(lost[key] for key in keys if key in lost)
    refuse_if_none(any(key in shelf for key in keys), failed)
    return Filled(wanted.keys, shelf, failed)
