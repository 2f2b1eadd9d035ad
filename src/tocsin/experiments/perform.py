"""Carry out a design: one task per slot, with all worlds in it that are missing there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour, Watch
from tocsin.experiments.ledger import Entry, note
from tocsin.experiments.making import Job, Missing, Wanted, make, refuse_if_none
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

    shelf = make(wanted, _jobs, labour, watch, store, prepare=prepare)
    done = Done.of(wanted.slots, wanted.keys, shelf)
    refuse_if_none(bool(done.slots), done.failed)
    return done


def _jobs(wanted: Wanted, missing: Missing) -> Iterator[Job]:
    """One per slot in which a run is missing."""
    share = same_people(wanted.worlds)
    for slot in range(len(wanted.slots)):
        worlds = tuple(i for i, column in enumerate(wanted.keys) if missing(column[slot]))
        if worlds:
            yield Job(slot, worlds, share)


BUILT_FROM = (
    "places", "states", "segments", "factions", "people_per_agent", "circle_size", "unit_size", "tick_hours",
    "parameters", "reference",
)  # fmt: skip
"""Parts of the canonical scenario that a build may depend on."""


def same_people(worlds: Sequence[Scenario]) -> bool:
    """Whether all worlds are built from the same people and parameters, so that one build serves all."""
    forms = [w.canonical() for w in worlds]
    return all(form[part] == forms[0][part] for form in forms for part in BUILT_FROM)


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
