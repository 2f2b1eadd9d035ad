"""Carry out a design: find what is already there, compute the rest in workers, keep every run as it finishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tocsin.errors import Interrupted, RunError
from tocsin.experiments.design import Design, Slot
from tocsin.experiments.labour import Labour, Silent, Watch
from tocsin.experiments.ledger import Entry, note
from tocsin.experiments.rounds import carry_out
from tocsin.experiments.shelf import Done, Memory, Shelf
from tocsin.experiments.tasks import Lost, Machine, Packing, Results, Task, engine, given_up
from tocsin.results.failures import Failed
from tocsin.results.journal import Packed
from tocsin.results.record import Outcome
from tocsin.results.store import Store, Writer
from tocsin.scenario.scenario import Scenario


class Keeper(Protocol):
    """Where finished runs go."""

    def append_packed(self, run: Packed) -> None:
        """Keep a run."""

    def append_failed(self, failed: Failed) -> None:
        """Keep the name of a run that could not be finished, and why."""


def perform(
    worlds: Sequence[Scenario],
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
    titles: Sequence[str] = (),
) -> Done:
    """Make the missing runs of all worlds. titles: how the worlds are called in the ledger of the store.

    A run that fails is listed and the rest goes on. Raises RunError when too many fail, Interrupted on Ctrl-C,
    StoreError when the disk is full; what has finished is kept in all cases.
    """
    labour, watch = labour or Labour(), watch or Silent()
    machine = labour.machine or engine()
    slots = design.slots()
    keys = tuple(tuple(machine.key(w, s.draw, s.seed) for s in slots) for w in worlds)
    if store is None:
        memory = Memory()
        _Filling(worlds, slots, keys, memory, memory, labour, machine, watch).go()
        return _all(Done.of(slots, keys, memory))
    with Writer(store) as writer:
        for line in writer.notes:
            watch.say(line)
        for world in worlds:
            writer.keep_scenario(world.hash, machine.text(world))
        note(writer.path, Entry.of(worlds, titles, design, slots, keys))
        _Filling(worlds, slots, keys, writer.store, writer, labour, machine, watch, Path(store)).go()
    return _all(Done.of(slots, keys, Store(store)))


def _all(done: Done) -> Done:
    """What was made, unless all of it failed."""
    if done.slots or not done.failed:
        return done
    raise RunError(f"no run could be finished\n{done.failed[0].message}", do="mend the fault, then start again")


@dataclass
class _Filling:
    """One call's work: which slots are missing, and what has become of them."""

    worlds: Sequence[Scenario]
    slots: tuple[Slot, ...]
    keys: tuple[tuple[str, ...], ...]
    shelf: Shelf
    keeper: Keeper
    labour: Labour
    machine: Machine
    watch: Watch
    store: Path | None = None
    done: int = 0
    failed: dict[int, str] = field(default_factory=dict)

    def go(self) -> None:
        """Make what is missing."""
        lost = self.shelf.failed
        self.failed = {i: lost[k].message for column in self.keys for i, k in enumerate(column) if k in lost}
        if self.labour.retry:
            self.failed.clear()
        self._refuse_if_too_many()
        todo = [i for i in range(len(self.slots)) if any(self._missing(i))]
        self.done = len(self.slots) - len(todo)
        self.watch.begin(len(self.slots), self.done)
        if not todo:
            return
        self.machine.warm(self.watch.say)
        pool = self.labour.pool(len(todo), self.machine, self.watch.say)
        work = Packing(self.machine.work)
        made = carry_out(self._tasks(todo), work, pool, say=self.watch.say, give_up=given_up)
        try:
            with closing(made) as results:
                for task, result in results:
                    self._take(task, result)
        except KeyboardInterrupt:
            raise _stopped(self.done, len(self.slots), self.store) from None

    def _missing(self, slot: int) -> list[bool]:
        """For each world, whether this slot's run has to be made."""
        lost = {} if self.labour.retry else self.shelf.failed
        return [column[slot] not in self.shelf and column[slot] not in lost for column in self.keys]

    def _tasks(self, todo: Sequence[int]) -> Iterator[Task]:
        """One per slot, when it is asked for; tasks of the same worlds share them, so that they travel once a batch."""
        share = same_people(self.worlds)
        parts: dict[tuple[bool, ...], tuple[Scenario, ...]] = {}
        for i in todo:
            missing = tuple(self._missing(i))
            worlds = parts.setdefault(missing, tuple(w for w, m in zip(self.worlds, missing, strict=True) if m))
            yield Task(i, worlds, self.slots[i], self.labour.threads, share)

    def _take(self, task: Task, results: Results) -> None:
        """Keep what a task gave; end everything if too many have failed."""
        endings: list[Outcome | None] = [None] * len(self.worlds)
        at = [i for i, m in enumerate(self._missing(task.number)) if m]
        for world, result in zip(at, results, strict=True):
            key = self.keys[world][task.number]
            if isinstance(result, Packed):
                self.keeper.append_packed(_expected(result, key))
                endings[world] = result.outcome
            else:
                self._note(task, world, result)
        self.done += 1
        self.watch.step(endings)
        self._refuse_if_too_many()

    def _note(self, task: Task, world: int, lost: Lost) -> None:
        name = self.worlds[world].variant or "as written"
        key, slot = self.keys[world][task.number], task.slot
        self.keeper.append_failed(Failed(key, slot.draw, slot.seed, name, lost.message))
        if not self.failed:
            self.watch.say(f"{lost.message}\nThis run is listed as failed; the others go on.")
        self.failed[task.number] = lost.message

    def _refuse_if_too_many(self) -> None:
        total, failed = len(self.slots), len(self.failed)
        if failed > self.labour.may_fail(total):
            raise RunError(
                f"{failed} of {total} runs failed; the first: {next(iter(self.failed.values()))}",
                expected=f"at most {self.labour.may_fail(total)}",
                do="mend the fault, then start again with --retry: finished runs are kept",
            )


def _expected(run: Packed, key: str) -> Packed:
    """The run itself, if it has the key under which it will be looked for."""
    if run.key != key:
        raise RunError(
            f"run {run.key[:12]} is not the one that was asked for",
            expected=f"run {key[:12]}",
            do="the files of the model changed while runs were made, or a worker has another tocsin: start again",
        )
    return run


def _stopped(done: int, total: int, store: Path | None) -> Interrupted:
    if store is None:
        return Interrupted(
            f"stopped after {done} of {total} runs; none is kept", do="give a store to keep finished runs"
        )
    return Interrupted(
        f"stopped; {done} of {total} runs are kept", where=str(store), do="the same command computes only the rest"
    )


BUILT_FROM = (
    "places", "states", "segments", "factions", "people_per_agent", "circle_size", "unit_size", "tick_hours", "days",
    "parameters",
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
