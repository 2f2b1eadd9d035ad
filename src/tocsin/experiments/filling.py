"""Carry out many worlds over the same slots: what is missing is computed, each run is kept as it finishes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import Interrupted, RunError
from tocsin.experiments.design import Slot
from tocsin.experiments.labour import Labour, Silent, Watch
from tocsin.experiments.perform import BUILT_FROM, Keeper
from tocsin.experiments.rounds import carry_out
from tocsin.experiments.shelf import Memory, Shelf
from tocsin.experiments.tasks import Machine, Packing, Results, Task, engine, given_up
from tocsin.results.failures import Failed
from tocsin.results.journal import Packed
from tocsin.results.record import Outcome
from tocsin.results.store import Store, Writer
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
    """Make the missing runs of all worlds in all slots; the same world twice is computed once.

    Worlds that share their people are made together, a few at a time. A run that fails is listed and the rest goes on.
    Raises RunError when too many fail, Interrupted on Ctrl-C; what has finished is kept in all cases.
    """
    labour, watch = labour or Labour(), watch or Silent()
    machine = labour.machine or engine()
    keys = tuple(tuple(machine.key(w, s.draw, s.seed) for s in slots) for w in worlds)
    if store is None:
        memory = Memory()
        _Work(worlds, slots, keys, memory, memory, labour, machine, watch).go()
        return _filled(keys, memory)
    with Writer(store) as writer:
        for line in writer.notes:
            watch.say(line)
        _Work(worlds, slots, keys, writer.store, writer, labour, machine, watch, str(store)).go()
    return _filled(keys, Store(store))


def _filled(keys: tuple[tuple[str, ...], ...], shelf: Shelf) -> Filled:
    lost = shelf.failed
    wanted = dict.fromkeys(key for row in keys for key in row)
    failed = tuple(lost[key] for key in wanted if key in lost)
    if failed and not any(key in shelf for key in wanted):
        raise RunError(f"no run could be finished\n{failed[0].message}", do="mend the fault, then start again")
    return Filled(keys, shelf, failed)


def groups_of(worlds: Sequence[Scenario]) -> list[list[int]]:
    """Places of worlds that are built from the same people and parameters, at most `TOGETHER` in one group."""
    found: dict[str, list[int]] = {}
    for i, world in enumerate(worlds):
        form = world.canonical()
        found.setdefault(json.dumps([form[part] for part in BUILT_FROM], sort_keys=True), []).append(i)
    return [same[at : at + TOGETHER] for same in found.values() for at in range(0, len(same), TOGETHER)]


@dataclass
class _Work:
    """One call's work. todo: per task the keys that it makes, by the number of the task."""

    worlds: Sequence[Scenario]
    slots: tuple[Slot, ...]
    keys: tuple[tuple[str, ...], ...]
    shelf: Shelf
    keeper: Keeper
    labour: Labour
    machine: Machine
    watch: Watch
    store: str = ""
    done: int = 0
    total: int = 0
    lost: dict[str, str] = field(default_factory=dict)
    todo: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def go(self) -> None:
        """Make what is missing."""
        wanted = {key for row in self.keys for key in row}
        self.total = len(wanted)
        if not self.labour.retry:
            self.lost = {key: one.message for key, one in self.shelf.failed.items() if key in wanted}
        self._refuse_if_too_many()
        self.todo = list(self._missing())
        self.done = self.total - sum(len(worlds) for _, worlds in self.todo)
        self.watch.begin(self.total, self.done)
        if not self.todo:
            return
        self.machine.warm(self.watch.say)
        pool = self.labour.pool(len(self.todo), self.machine, self.watch.say)
        work = Packing(self.machine.work)
        try:
            with closing(carry_out(self._tasks(), work, pool, say=self.watch.say, give_up=given_up)) as results:
                for task, result in results:
                    self._take(task, result)
        except KeyboardInterrupt:
            raise self._stopped() from None

    def _missing(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """(slot, worlds) of each task; a key that is there, failed or asked for already is left out."""
        asked = set(self.lost)
        for group in groups_of(self.worlds):
            for slot in range(len(self.slots)):
                worlds = []
                for world in group:
                    key = self.keys[world][slot]
                    if key not in asked and key not in self.shelf:
                        worlds.append(world)
                        asked.add(key)
                if worlds:
                    yield slot, tuple(worlds)

    def _tasks(self) -> Iterator[Task]:
        for number, (slot, worlds) in enumerate(self.todo):
            scenarios = tuple(self.worlds[w] for w in worlds)
            yield Task(number, scenarios, self.slots[slot], self.labour.threads, share=True)

    def _take(self, task: Task, results: Results) -> None:
        """Keep what a task gave; end everything if too many have failed."""
        slot, worlds = self.todo[task.number]
        for world, result in zip(worlds, results, strict=True):
            key = self.keys[world][slot]
            ended: Outcome | None = None
            if isinstance(result, Packed):
                self._check(result, key)
                self.keeper.append_packed(result)
                ended = result.outcome
            else:
                self._note(key, task.slot, self.worlds[world].variant, result.message)
            self.done += 1
            self.watch.step([ended])
        self._refuse_if_too_many()

    def _note(self, key: str, slot: Slot, world: str, message: str) -> None:
        self.keeper.append_failed(Failed(key, slot.draw, slot.seed, world or "as written", message))
        if not self.lost:
            self.watch.say(f"{message}\nThis run is listed as failed; the others go on.")
        self.lost[key] = message

    def _refuse_if_too_many(self) -> None:
        if len(self.lost) > self.labour.may_fail(self.total):
            raise RunError(
                f"{len(self.lost)} of {self.total} runs failed; the first: {next(iter(self.lost.values()))}",
                expected=f"at most {self.labour.may_fail(self.total)}",
                do="mend the fault, then start again with --retry: finished runs are kept",
            )

    def _check(self, run: Packed, key: str) -> None:
        if run.key != key:
            raise RunError(
                f"run {run.key[:12]} is not the one that was asked for", expected=f"run {key[:12]}",
                do="the files of the model changed while runs were made, or a worker has another tocsin: start again",
            )  # fmt: skip

    def _stopped(self) -> Interrupted:
        if not self.store:
            return Interrupted(
                f"stopped after {self.done} of {self.total} runs; none is kept", do="give a store to keep them"
            )
        return Interrupted(
            f"stopped; {self.done} of {self.total} runs are kept", where=self.store,
            do="the same command computes only the rest",
        )  # fmt: skip
