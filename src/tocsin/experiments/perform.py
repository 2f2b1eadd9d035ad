"""Carry out a design: all worlds in all slots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour, Watch
from tocsin.experiments.ledger import Entry, note
from tocsin.experiments.making import Wanted, make, refuse_if_none
from tocsin.experiments.shelf import Done
from tocsin.results.store import Writer
from tocsin.scenario.scenario import Scenario


def perform(
    worlds: Sequence[Scenario],
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
    titles: Sequence[str] = (),
) -> Done:
    """Make the missing runs of all worlds (`making.make`). titles: how the worlds are called in the store's ledger."""
    labour = labour or Labour()
    wanted = Wanted.of(worlds, design.slots(), labour)

    def prepare(writer: Writer) -> None:
        for world in worlds:
            writer.keep_scenario(world.hash, wanted.machine.text(world))
        note(writer.path, Entry.of(worlds, titles, design, wanted.slots, wanted.keys))

    shelf = make(wanted, labour, watch, store, prepare=prepare)
    done = Done.of(wanted.slots, wanted.keys, shelf)
    refuse_if_none(bool(done.slots), done.failed)
    return done


def paired(a: Scenario, b: Scenario) -> bool:
    """Whether runs of the two can be compared one by one: the same places, people, thinning and tick (engine.md 2).

    Factions may differ: their members are the same people in both.
    """
    mine, yours = (
        [
            (p.name, p.population, p.segments, s.thinning(i), s.tick_hours, s.start)
            for i in s.societies
            for p in s.places_of(i)
        ]
        for s in (a, b)
    )
    return sorted(mine) == sorted(yours)
